/* record.c - rows and frames become actions. */
#include "record.h"

#include <assert.h>
#include <string.h>

#define MSGS_BYTES_MAX (STATUS_MAX / 2) /* of text in one frame; more goes into several */

static void write_row(struct core *core, struct record *record, struct core_action *action)
{
    struct op_row *copy = action->row;
    *copy = record->row;
    copy->client = actions_text(core->actions, record->row.client);
    copy->worker = actions_text(core->actions, record->row.worker);
    record->stored_state = copy->state;
    record->stored_fence = copy->fence;
}

static struct core_action *add_row(struct core *core, struct record *record,
                                   enum core_action_type type)
{
    struct core_action *action = actions_add(core->actions, type, &record->action);
    action->op = record->row.id;
    action->row = actions_take(core->actions, sizeof *action->row);
    record->round = actions_round(core->actions);
    return action;
}

void record_submit(struct core *core, struct record *record, struct store_bytes request)
{
    struct core_action *action = add_row(core, record, CORE_STORE_SUBMIT);
    action->bytes = request;
    write_row(core, record, action);
}

void record_save(struct core *core, struct record *record)
{
    if (record->round == actions_round(core->actions)) {
        write_row(core, record, actions_again(core->actions, record->action));
        return;
    }
    struct core_action *action = add_row(core, record, CORE_STORE_CHANGE);
    action->change = (struct store_change){
        .from = record->stored_state, .from_fence = record->stored_fence, .row = action->row};
    write_row(core, record, action);
}

static struct gpmq_id topic_batch(const struct op_row *row)
{
    return row->is_batch ? row->id : row->batch;
}

static struct gpmq_status status_of(const struct core *core, const struct record *record,
                                    const struct tale *tale)
{
    const struct op_row *row = &record->row;
    return (struct gpmq_status){
        .op = row->id,
        .batch = topic_batch(row),
        .seq = row->seq,
        .fence = row->fence,
        .time_unix_ms = core->unix_ms,
        .kind = tale->kind,
        .state = row->state,
        .progress_numerator = row->progress_numerator,
        .progress_denominator = row->progress_denominator,
        .hr_status = row->hr_status,
        .result = tale->result,
        .status_msg_count = tale->msg_count,
        .status_msgs = tale->msg_count ? tale->msgs : NULL,
        .reason = row->reason,
        .attempt = row->attempt,
    };
}

/* The encoded frame; a result whose properties make it too large keeps only what names it: the
 * whole of it is stored beside the row. */
static struct store_bytes encode(struct core *core, struct gpmq_status *status)
{
    struct gpmq_result bare;
    msgpack_sbuffer *buffer = actions_buffer(core->actions);
    int rc = status_encode(buffer, status);

    if (rc == 0 && buffer->size > STATUS_MAX && status->result) {
        bare = *status->result;
        bare.property_count = 0;
        bare.data = NULL;
        status->result = &bare;
        buffer = actions_buffer(core->actions);
        rc = status_encode(buffer, status);
    }
    assert(rc == 0 && buffer->size <= STATUS_MAX);
    return actions_bytes(core->actions, buffer->data, buffer->size);
}

static void publish(struct core *core, const struct record *record, struct store_bytes frame,
                    bool final)
{
    struct core_action *action = actions_add(core->actions, CORE_PUBLISH, NULL);
    action->op = record->row.id;
    action->batch = topic_batch(&record->row);
    action->number = record->row.seq;
    action->final = final;
    action->bytes = frame;
}

static void tell_one(struct core *core, struct record *record, const struct tale *tale)
{
    record->row.seq++;
    record->progress_held = false;
    struct gpmq_status status = status_of(core, record, tale);
    struct store_bytes frame = encode(core, &status);

    struct core_action *action = actions_add(core->actions, CORE_STORE_FRAME, NULL);
    action->op = record->row.id;
    action->number = record->row.seq;
    action->bytes = frame;
    publish(core, record, frame, tale->kind == GPMQ_FRAME_FINAL);
}

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) : 0;
}

static size_t msg_bytes(const struct gpmq_status_msg *msg)
{
    return text_bytes(msg->object_path) + text_bytes(msg->extension_name) +
           text_bytes(msg->settings_name) + text_bytes(msg->message);
}

/* How many of the messages fit one frame. */
static uint32_t msgs_that_fit(const struct gpmq_status_msg *msgs, uint32_t count)
{
    uint32_t fit = 0;
    for (size_t bytes = 0; fit < count; fit++) {
        bytes += msg_bytes(&msgs[fit]);
        if (fit && bytes > MSGS_BYTES_MAX)
            break;
    }
    return fit;
}

void record_tell_first(struct core *core, struct record *record, struct tale *tale)
{
    for (uint32_t fit; (fit = msgs_that_fit(tale->msgs, tale->msg_count)) < tale->msg_count;) {
        struct tale part = {.kind = GPMQ_FRAME_MESSAGE, .msg_count = fit, .msgs = tale->msgs};
        tell_one(core, record, &part);
        tale->msgs += fit;
        tale->msg_count -= fit;
    }
}

void record_tell(struct core *core, struct record *record, const struct tale *tale)
{
    struct tale rest = *tale;
    record_tell_first(core, record, &rest);
    tell_one(core, record, &rest);
    record_save(core, record);
}

void record_tell_state(struct core *core, struct record *record, const char *message)
{
    bool says = message && *message;
    struct gpmq_status_msg msg = {.message = message};
    record_tell(core, record,
                &(struct tale){.kind = GPMQ_FRAME_STATE, .msg_count = says ? 1 : 0, .msgs = &msg});
}

int64_t record_tell_progress(struct core *core, struct record *record)
{
    if (core->now_ms < record->progress_at_ms) {
        record->progress_held = true;
        return record->progress_at_ms;
    }
    record->progress_at_ms = core->now_ms + core->config.progress_ms;
    record_tell(core, record, &(struct tale){.kind = GPMQ_FRAME_PROGRESS});
    return DEADLINE_NEVER;
}

void record_tell_alive(struct core *core, const struct record *record)
{
    struct gpmq_status status =
        status_of(core, record, &(struct tale){.kind = GPMQ_FRAME_KEEPALIVE});
    publish(core, record, encode(core, &status), false);
}

void record_progress(struct record *record, int32_t numerator, int32_t denominator)
{
    struct op_row *row = &record->row;
    if (denominator > 0)
        row->progress_denominator = denominator;
    if (numerator >= row->progress_denominator)
        numerator = row->progress_denominator - 1;
    if (numerator > row->progress_numerator)
        row->progress_numerator = numerator;
    /* a denominator that shrank stays above what was told already */
    if (row->progress_denominator <= row->progress_numerator)
        row->progress_denominator = row->progress_numerator + 1;
}

void record_input(struct core *core, const struct record *record,
                  const struct gpmq_request *request)
{
    struct core_action *action = actions_add(core->actions, CORE_STORE_BLOB_LINK, NULL);
    action->op = record->row.id;
    memcpy(action->digest, request->input_digest, sizeof action->digest);
}

void record_result(struct core *core, const struct record *record, const struct gpmq_result *result)
{
    static const uint8_t no_digest[sizeof result->digest];
    msgpack_sbuffer *buffer = actions_buffer(core->actions);
    int rc = result_encode(buffer, result);
    assert(rc == 0);
    (void)rc;

    struct core_action *action = actions_add(core->actions, CORE_STORE_RESULT, NULL);
    action->op = record->row.id;
    action->bytes = actions_bytes(core->actions, buffer->data, buffer->size);
    if (result->data || memcmp(result->digest, no_digest, sizeof no_digest) == 0)
        return;
    action = actions_add(core->actions, CORE_STORE_BLOB_LINK, NULL);
    action->op = record->row.id;
    memcpy(action->digest, result->digest, sizeof action->digest);
}
