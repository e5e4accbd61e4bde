/* fields_client.c - the messages of message_client.h, field by field. */
#include "fields_rows.h"

static const char *disposition_name(int value)
{
    static const char *const names[CANCEL_DISPOSITION_END] = {
        [CANCEL_NOW] = "cancelled",     [CANCEL_PENDING] = "cancelling",
        [CANCEL_TOO_LATE] = "too_late", [CANCEL_NOT_FOUND] = "not_found",
        [CANCEL_DENIED] = "denied",
    };
    return names[value];
}

static const char *fate_word(int value)
{
    return gpmq_fate_name((enum gpmq_fate)value);
}

static const struct words words_fate = {fate_word, 1, GPMQ_FATE_END, false};
static const struct words words_disposition = {disposition_name, 1, CANCEL_DISPOSITION_END, false};

/* clang-format off */
#define THIS struct msg_hello
static const struct field hello_rows[] = {REQUIRED(v, U32, .max = 1000), TEXT(name, GPMQ_NAME_MAX)};
const struct fields fields_hello = FIELDS("hello", THIS, hello_rows);
#undef THIS

#define THIS struct msg_submit
static const struct field submit_rows[] = {
    LIST(ops, op_count, MESSAGE_OPS_MAX, fields_request),
};
const struct fields fields_submit = FIELDS("submit", THIS, submit_rows);
#undef THIS

#define THIS struct batch_item
static const struct field batch_item_rows[] = {
    REQUIRED(key, TEXT, .max = GPMQ_NAME_MAX), TEXT(gpo, GPMQ_NAME_MAX),
    TEXT(backup, GPMQ_NAME_MAX), TEXT(name, GPMQ_LABEL_MAX), TEXT(label, GPMQ_LABEL_MAX), U32(weight, 1000000000),
};
static const struct fields fields_batch_item = FIELDS("item", THIS, batch_item_rows);
#undef THIS

#define THIS struct msg_submit_batch
static const struct field submit_batch_rows[] = {
    REQUIRED(batch, ID), TEXT(label, GPMQ_LABEL_MAX), POINTER(template, fields_request),
    LIST(items, item_count, MESSAGE_OPS_MAX, fields_batch_item), BOOL(last),
};
const struct fields fields_submit_batch = FIELDS("submit_batch", THIS, submit_batch_rows);
#undef THIS

#define THIS struct msg_cancel
static const struct field cancel_rows[] = {
    LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id), I64(grace_ms),
};
const struct fields fields_cancel = FIELDS("cancel", THIS, cancel_rows);
#undef THIS

#define THIS struct msg_dead
static const struct field dead_rows[] = {
    LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id), BOOL(drop),
};
const struct fields fields_dead = FIELDS("dead", THIS, dead_rows);
#undef THIS

#define THIS struct msg_query
static const struct field query_rows[] = {LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id)};
const struct fields fields_query = FIELDS("query", THIS, query_rows);
#undef THIS

#define THIS struct msg_list
static const struct field list_rows[] = {
    ID(after), ID(batch), BOOL(open_only), U32(limit, MESSAGE_OPS_MAX), BOOL(dead_only),
};
const struct fields fields_list = FIELDS("list", THIS, list_rows);
#undef THIS

#define THIS struct watch_entry
static const struct field watch_entry_rows[] = {REQUIRED(op, ID), U64(last_seq)};
static const struct fields fields_watch_entry = FIELDS("watch", THIS, watch_entry_rows);
#undef THIS

#define THIS struct msg_watch
static const struct field watch_rows[] = {
    LIST(watches, watch_count, MESSAGE_OPS_MAX, fields_watch_entry),
};
const struct fields fields_watch = FIELDS("watch", THIS, watch_rows);
#undef THIS

#define THIS struct msg_unwatch
static const struct field unwatch_rows[] = {LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id)};
const struct fields fields_unwatch = FIELDS("unwatch", THIS, unwatch_rows);
#undef THIS

#define THIS struct msg_replay
static const struct field replay_rows[] = {REQUIRED(op, ID), U64(from)};
const struct fields fields_replay = FIELDS("replay", THIS, replay_rows);
#undef THIS

#define THIS struct msg_ack
static const struct field ack_rows[] = {LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id)};
const struct fields fields_ack = FIELDS("ack", THIS, ack_rows);
#undef THIS

#define THIS struct msg_fetch
static const struct field fetch_rows[] = {REQUIRED(op, ID), U64(offset)};
const struct fields fields_fetch = FIELDS("fetch", THIS, fetch_rows);
#undef THIS

#define THIS struct msg_put
static const struct field put_rows[] = {
    REQUIRED(digest, DIGEST), F(size, U64, .max = GPMQ_BLOB_MAX), U64(offset),
    BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
const struct fields fields_put = FIELDS("put", THIS, put_rows);
#undef THIS

#define THIS struct msg_pong
static const struct field pong_rows[] = {U64(epoch)};
const struct fields fields_pong = FIELDS("pong", THIS, pong_rows);
const struct fields fields_ping = {.name = "ping", .size = sizeof(THIS)};
#undef THIS

#define THIS struct msg_welcome
static const struct field welcome_rows[] = {
    REQUIRED(v, U32, .max = 1000), U64(epoch), TEXT(status_url, 512), U32(message_max, 0),
    U32(ops_max, 0), I64(retention_ms), I64(time_unix_ms), I64(keepalive_ms),
};
const struct fields fields_welcome = FIELDS("welcome", THIS, welcome_rows);
#undef THIS

#define THIS struct submit_answer
static const struct field submit_answer_rows[] = {
    REQUIRED(op, ID), WORD(code, words_code), BOOL(known), WORD(state, words_state),
    TEXT(text, GPMQ_ERROR_TEXT_SIZE), I64(retry_after_ms),
};
static const struct fields fields_submit_answer = FIELDS("answer", THIS, submit_answer_rows);
#undef THIS

#define THIS struct msg_submitted
static const struct field submitted_rows[] = {
    ID(batch), LIST(answers, answer_count, MESSAGE_OPS_MAX + 1, fields_submit_answer),
};
const struct fields fields_submitted = FIELDS("submitted", THIS, submitted_rows);
#undef THIS

#define THIS struct cancel_entry
static const struct field cancel_entry_rows[] = {
    REQUIRED(op, ID), REQUIRED(disposition, WORD, .words = &words_disposition),
    WORD(state, words_state), I64(deadline_ms),
};
static const struct fields fields_cancel_entry = FIELDS("answer", THIS, cancel_entry_rows);
#undef THIS

#define THIS struct msg_cancel_answer
static const struct field cancel_answer_rows[] = {
    LIST(answers, answer_count, MESSAGE_OPS_MAX, fields_cancel_entry),
};
const struct fields fields_cancel_answer = FIELDS("cancel_answer", THIS, cancel_answer_rows);
#undef THIS

#define THIS struct op_summary
static const struct field op_summary_rows[] = {
    REQUIRED(op, ID), ID(batch), TEXT(kind, GPMQ_KIND_MAX), TEXT(domain, GPMQ_NAME_MAX),
    TEXT(repository, GPMQ_NAME_MAX), TEXT(gpo, GPMQ_NAME_MAX), TEXT(label, GPMQ_LABEL_MAX),
    TEXT(comment, 4 * GPMQ_COMMENT_MAX), TEXT(client, GPMQ_NAME_MAX), TEXT(worker, GPMQ_NAME_MAX),
    REQUIRED(state, WORD, .words = &words_state), WORD(reason, words_reason),
    BOOL(cancel_requested), U64(seq), U64(fence), U32(attempt, 0), U32(crashes, 0),
    I64(submitted_unix_ms), I64(started_unix_ms), I64(finished_unix_ms), I32(progress_numerator),
    I32(progress_denominator), I32(hr_status), U32(total, 0), U32(succeeded, 0), U32(failed, 0),
    U32(cancelled, 0), BOOL(closed), POINTER(result, fields_result),
    U32(losses, 0), TEXT(target_domain, GPMQ_NAME_MAX),
    WORD(fate, words_fate), ID(retry_of), ID(retried_as),
    ID(waits_for), TEXT(why, GPMQ_ERROR_TEXT_SIZE),
};
static const struct fields fields_op_summary = FIELDS("op", THIS, op_summary_rows);
#undef THIS

#define THIS struct msg_ops
static const struct field ops_rows[] = {
    LIST(ops, op_count, MESSAGE_OPS_MAX, fields_op_summary), BOOL(more),
};
const struct fields fields_ops = FIELDS("ops", THIS, ops_rows);
#undef THIS

#define THIS struct frame_bytes
static const struct field frame_bytes_rows[] = {
    {.key = NULL, .type = FIELD_BYTES, .at = offsetof(THIS, bytes),
     .other = offsetof(THIS, bytes_size), .max = STATUS_MAX, .required = true},
};
static const struct fields fields_frame_bytes = FIELDS("frame", THIS, frame_bytes_rows);
#undef THIS

#define THIS struct msg_watching
static const struct field watching_rows[] = {
    REQUIRED(op, ID), TEXT(topic, 128), U64(seq),
    LIST(frames, frame_count, MESSAGE_FRAMES_MAX, fields_frame_bytes), BOOL(more),
};
const struct fields fields_watching = FIELDS("watching", THIS, watching_rows);
#undef THIS

#define THIS struct msg_frames
static const struct field frames_rows[] = {
    REQUIRED(op, ID), U64(from),
    LIST(frames, frame_count, MESSAGE_FRAMES_MAX, fields_frame_bytes), BOOL(more),
};
const struct fields fields_frames = FIELDS("frames", THIS, frames_rows);
#undef THIS

#define THIS struct msg_final
static const struct field final_rows[] = {
    REQUIRED(op, ID), REQUIRED(frame, STRUCT, .of = &fields_frame_bytes),
};
const struct fields fields_final = FIELDS("final", THIS, final_rows);
#undef THIS

#define THIS struct msg_chunk
static const struct field chunk_rows[] = {
    REQUIRED(op, ID), U64(offset), U64(size), BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
const struct fields fields_chunk = FIELDS("chunk", THIS, chunk_rows);
#undef THIS

#define THIS struct msg_put_ok
static const struct field put_ok_rows[] = {REQUIRED(digest, DIGEST), U64(offset)};
const struct fields fields_put_ok = FIELDS("put_ok", THIS, put_ok_rows);
#undef THIS

#define THIS struct msg_error
static const struct field error_rows[] = {
    REQUIRED(code, WORD, .words = &words_code), TEXT(text, GPMQ_ERROR_TEXT_SIZE),
    I64(retry_after_ms),
};
const struct fields fields_error = FIELDS("error", THIS, error_rows);
#undef THIS
/* clang-format on */
