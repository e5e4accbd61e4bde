/* fields_op.c - what every part speaks of, field by field: requests, results, status frames. */
#include "fields_rows.h"

static const char *frame_kind_name(int value)
{
    static const char *const names[GPMQ_FRAME_KIND_END] = {
        [GPMQ_FRAME_PROGRESS] = "progress",   [GPMQ_FRAME_MESSAGE] = "message",
        [GPMQ_FRAME_STATE] = "state",         [GPMQ_FRAME_FINAL] = "final",
        [GPMQ_FRAME_KEEPALIVE] = "keepalive",
    };
    return names[value];
}

static const char *state_word(int value)
{
    return gpmq_state_name((enum gpmq_state)value);
}

static const char *reason_word(int value)
{
    return gpmq_reason_name((enum gpmq_reason)value);
}

static const struct words words_frame_kind = {frame_kind_name, 1, GPMQ_FRAME_KIND_END, false};
const struct words words_state = {state_word, 1, GPMQ_STATE_END, false};
const struct words words_reason = {reason_word, 1, GPMQ_REASON_END, false};
const struct words words_code = {gpmq_code_name, 0, GPMQ_CODE_END, true};

/* clang-format off */
/* A row without a key: the value stands bare, without a map around it. */
#define THIS struct gpmq_id
static const struct field id_rows[] = {{.key = NULL, .type = FIELD_ID, .at = 0, .required = true}};
const struct fields fields_id = FIELDS("id", THIS, id_rows);
#undef THIS

#define THIS struct gpmq_key
static const struct field key_rows[] = {
    REQUIRED(name, TEXT, .max = GPMQ_NAME_MAX), U32(limit, 1000000),
};
static const struct fields fields_key = FIELDS("key", THIS, key_rows);
#undef THIS

#define THIS struct gpmq_request
static const struct field request_rows[] = {
    ID(id), TEXT(kind, GPMQ_KIND_MAX), TEXT(domain, GPMQ_NAME_MAX), TEXT(repository, GPMQ_NAME_MAX),
    TEXT(gpo, GPMQ_NAME_MAX), TEXT(backup, GPMQ_NAME_MAX), TEXT(name, GPMQ_LABEL_MAX),
    TEXT(comment, 4 * GPMQ_COMMENT_MAX), TEXT(target_domain, GPMQ_NAME_MAX),
    TEXT(args, GPMQ_ARGS_MAX), BOOL(create), BOOL(dry_run), BOOL(read_data), I32(priority),
    I64(not_before_unix_ms), I64(deadline_unix_ms), I64(run_ms), I64(grace_ms), I32(attempts),
    I64(backoff_ms),
    F(keys, ARRAY, .other = offsetof(THIS, key_count), .max = GPMQ_KEYS_MAX, .of = &fields_key),
    ID(batch), U32(weight, 1000000000), TEXT(label, GPMQ_LABEL_MAX), TEXT(trace, GPMQ_NAME_MAX),
    I64(stall_ms),
    F(after, ARRAY, .other = offsetof(THIS, after_count), .max = GPMQ_AFTER_MAX, .of = &fields_id),
    I32(jitter_percent), ID(retry_of), F(input_size, U64, .max = GPMQ_BLOB_MAX),
    DIGEST(input_digest),
};
const struct fields fields_request = FIELDS("request", THIS, request_rows);
#undef THIS

#define THIS struct gpmq_status_msg
static const struct field status_msg_rows[] = {
    TEXT(object_path, MESSAGE_TEXT_MAX), I32(error_code), TEXT(extension_name, GPMQ_NAME_MAX),
    TEXT(settings_name, GPMQ_NAME_MAX), WORD(operation_code, words_code),
    TEXT(message, MESSAGE_TEXT_MAX),
};
const struct fields fields_status_msg = FIELDS("status_msg", THIS, status_msg_rows);
#undef THIS

#define THIS struct gpmq_result
static const struct field result_rows[] = {
    REQUIRED(type, TEXT, .max = GPMQ_KIND_MAX), ALWAYS(overall_status, I32),
    F(properties, PROPERTIES, .other = offsetof(THIS, property_count), .max = GPMQ_PROPERTIES_MAX),
    {.key = "size", .type = FIELD_U64, .at = offsetof(THIS, data_size), .max = GPMQ_BLOB_MAX},
    DIGEST(digest),
    F(data, CONTENT, .other = offsetof(THIS, data_size), .max = GPMQ_RESULT_INLINE_MAX),
};
const struct fields fields_result = FIELDS("result", THIS, result_rows);
#undef THIS

#define THIS struct gpmq_status
static const struct field status_rows[] = {
    REQUIRED(op, ID), ID(batch), REQUIRED(seq, U64), ALWAYS(fence, U64),
    {.key = "time", .type = FIELD_I64, .at = offsetof(THIS, time_unix_ms), .always = true},
    REQUIRED(kind, WORD, .words = &words_frame_kind),
    REQUIRED(state, WORD, .words = &words_state),
    ALWAYS(progress_numerator, I32), ALWAYS(progress_denominator, I32), ALWAYS(hr_status, I32),
    ALWAYS(result, POINTER, .of = &fields_result),
    ALWAYS(status_msgs, LIST, .other = offsetof(THIS, status_msg_count),
           .max = GPMQ_STATUS_MSGS_MAX, .of = &fields_status_msg),
    WORD(reason, words_reason), U32(attempt, 0),
};
const struct fields fields_status = FIELDS("status", THIS, status_rows);
#undef THIS
/* clang-format on */
