/* core_desk.c - the plainest driver that a core can have. */
#include "core_desk.h"

#include <stdlib.h>

#include "cleanup.h"

struct desk *desk_new(const struct core_config *config)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->config = config ? *config : core_config_default;
    desk->now_ms = 1000;
    desk->unix_ms = 1700000000000;
    desk->core = core_new(&desk->config, 1, 1);
    desk->actions = core_actions_new();
    return desk;
}

void desk_free(struct desk **desk_p)
{
    struct desk *desk = STEAL(*desk_p);
    if (!desk)
        return;
    core_free(&desk->core);
    core_actions_free(&desk->actions);
    arena_free(&desk->arena);
    free(desk);
}

static struct op_row *find_row(struct desk *desk, const struct gpmq_id *id)
{
    for (uint32_t i = 0; i < desk->row_count; i++)
        if (gpmq_id_equal(&desk->rows[i].id, id))
            return &desk->rows[i];
    return NULL;
}

static struct op_row keep_row(struct desk *desk, const struct op_row *row)
{
    struct op_row kept = *row;
    kept.client = arena_text(&desk->arena, row->client);
    kept.worker = arena_text(&desk->arena, row->worker);
    return kept;
}

static void carry_submit(struct desk *desk, const struct core_action *action)
{
    assert_null(find_row(desk, &action->op));
    assert_true(desk->row_count < DESK_ROWS_MAX);
    void *copy = arena_take(&desk->arena, action->bytes.size);
    memcpy(copy, action->bytes.bytes, action->bytes.size);
    desk->requests[desk->row_count] = (struct store_bytes){copy, action->bytes.size};
    desk->rows[desk->row_count++] = keep_row(desk, action->row);
}

static void carry_change(struct desk *desk, const struct core_action *action)
{
    struct op_row *row = find_row(desk, &action->change.row->id);
    assert_non_null(row);
    assert_int_equal(row->state, action->change.from);
    assert_int_equal(row->fence, action->change.from_fence);
    if (gpmq_state_is_final(row->state)) /* only its fate may change */
        assert_int_equal(action->change.row->state, row->state);
    *row = keep_row(desk, action->change.row);
}

static void carry_publish(struct desk *desk, const struct core_action *action)
{
    struct gpmq_status *frame = &desk->frames[desk->frame_count++];
    struct gpmq_error err;
    void *copy = arena_take(&desk->arena, action->bytes.size);

    assert_true(desk->frame_count <= DESK_FRAMES_MAX);
    memcpy(copy, action->bytes.bytes, action->bytes.size);
    assert_int_equal(status_decode(frame, &desk->arena, copy, action->bytes.size, &err), 0);
    assert_int_equal(frame->seq, action->number);
}

static void carry_mark(struct desk *desk, const struct core_action *action)
{
    uint32_t i = 0;
    while (i < desk->mark_count && strcmp(desk->marks[i].name, action->name) != 0)
        i++;
    assert_true(i < DESK_MARKS_MAX && strlen(action->name) <= STORE_MARK_MAX);
    if (i == desk->mark_count)
        desk->mark_count++;
    strcpy(desk->marks[i].name, action->name);
    desk->marks[i].value = (int64_t)action->number;
}

/* Carries out one round as the broker does: what is stored, then what is told. */
static void carry_out(struct desk *desk)
{
    struct gpmq_error err;
    desk->assign_count = desk->reply_count = 0;
    for (size_t i = 0; i < core_actions_count(desk->actions); i++) {
        const struct core_action *action = core_actions_at(desk->actions, i);
        if (action->type == CORE_STORE_SUBMIT)
            carry_submit(desk, action);
        else if (action->type == CORE_STORE_CHANGE)
            carry_change(desk, action);
        else if (action->type == CORE_STORE_MARK)
            carry_mark(desk, action);
        else if (action->type == CORE_PUBLISH)
            carry_publish(desk, action);
        else if (action->type == CORE_ASSIGN)
            desk->assigns[desk->assign_count++] = *action;
        else if (action->type == CORE_REPLY)
            desk->replies[desk->reply_count++] = action->message;
    }
    if (core_check(desk->core, &err) != 0)
        fail_msg("%s", err.text);
}

static void tick(struct desk *desk)
{
    core_tick(desk->core, desk->now_ms, desk->unix_ms, desk->actions);
    carry_out(desk);
}

void desk_pass(struct desk *desk, int64_t ms)
{
    core_actions_reset(desk->actions);
    desk->now_ms += ms;
    desk->unix_ms += ms;
    tick(desk);
}

void desk_restart(struct desk *desk)
{
    struct gpmq_error err;
    core_free(&desk->core);
    core_actions_reset(desk->actions);
    desk->now_ms = 5;
    desk->core = core_new(&desk->config, 2, 100000);
    for (uint32_t i = 0; i < desk->mark_count; i++)
        if (desk->marks[i].value)
            core_load_mark(desk->core, desk->marks[i].name, desk->marks[i].value);
    for (uint32_t i = 0; i < desk->row_count; i++)
        if (!gpmq_state_is_final(desk->rows[i].state))
            assert_int_equal(core_load(desk->core, &desk->rows[i], desk->requests[i], desk->now_ms,
                                       desk->unix_ms, &err),
                             0);
    tick(desk);
}

static bool look_up(void *arg, const struct gpmq_id *id, struct op_row *row,
                    struct store_bytes *request)
{
    struct desk *desk = arg;
    const struct op_row *found = find_row(desk, id);
    if (!found)
        return false;
    *row = *found;
    *request = desk->requests[found - desk->rows];
    return true;
}

void desk_client(struct desk *desk, const char *client, const struct message *message)
{
    desk_admin(desk, client, false, message);
}

void desk_admin(struct desk *desk, const char *client, bool admin, const struct message *message)
{
    core_actions_reset(desk->actions);
    core_client_message(desk->core, DESK_CLIENT, client, admin, message, look_up, desk,
                        desk->now_ms, desk->unix_ms, desk->actions);
    tick(desk);
}

void desk_worker(struct desk *desk, uint64_t peer, const char *key, const struct message *message)
{
    core_actions_reset(desk->actions);
    core_worker_message(desk->core, peer, key, message, desk->now_ms, desk->unix_ms, desk->actions);
    tick(desk);
    const struct message *welcome = desk_reply(desk, MSG_WORKER_WELCOME);
    if (welcome)
        desk->session = welcome->worker_welcome.session;
}

struct gpmq_id desk_id(uint8_t number)
{
    return gpmq_id_make(1700000000000 + number, (uint8_t[10]){number});
}

struct gpmq_request desk_request(uint8_t number)
{
    return (struct gpmq_request){.id = desk_id(number), .kind = "noop", .priority = 3};
}

struct submit_answer desk_submit(struct desk *desk, const struct gpmq_request *request)
{
    struct gpmq_request ops[1] = {*request};
    struct message message = {.type = MSG_SUBMIT, .req = 7, .submit = {1, ops}};
    desk_client(desk, "alice", &message);
    const struct message *reply = desk_reply(desk, MSG_SUBMITTED);
    assert_non_null(reply);
    assert_int_equal(reply->req, 7);
    assert_int_equal(reply->submitted.answer_count, 1);
    return reply->submitted.answers[0];
}

static uint8_t starts; /* of the worker's process */

void desk_hello(struct desk *desk, uint32_t executors)
{
    starts++;
    desk_hello_again(desk, executors);
}

void desk_hello_again(struct desk *desk, uint32_t executors)
{
    const char *kinds[] = {"noop", "gpo.backup", "gpo.import", "gpo.restore", "gpo.copy"};
    const char *domains[] = {"test", "other"};
    struct message message = {.type = MSG_WORKER_HELLO,
                              .worker_hello = {.v = 1,
                                               .name = "w",
                                               .incarnation = desk_id(starts),
                                               .executors = executors,
                                               .kinds = {5, kinds},
                                               .domains = {2, domains},
                                               .repositories = {1, domains}}};
    desk_worker(desk, DESK_WORKER, "worker-key", &message);
    assert_non_null(desk_reply(desk, MSG_WORKER_WELCOME));
}

struct report_ack desk_report(struct desk *desk, const struct report *report)
{
    struct report reports[1] = {*report};
    struct message message = {.type = MSG_REPORT, .report = {desk->session, 1, reports}};
    desk_worker(desk, DESK_WORKER, "worker-key", &message);
    const struct message *reply = desk_reply(desk, MSG_REPORT_ACK);
    assert_non_null(reply);
    assert_int_equal(reply->report_ack.ack_count, 1);
    return reply->report_ack.acks[0];
}

struct report_ack desk_tell(struct desk *desk, uint8_t number, enum report_kind kind)
{
    struct gpmq_id id = desk_id(number);
    const struct op_row *row = desk_row(desk, &id);
    assert_non_null(row);
    struct report report = {.op = id,
                            .fence = row->fence,
                            .n = row->report_n + 1,
                            .after = row->report_n,
                            .kind = kind};
    return desk_report(desk, &report);
}

struct cancel_entry desk_cancel(struct desk *desk, const struct gpmq_id *id)
{
    struct gpmq_id ids[1] = {*id};
    struct message message = {.type = MSG_CANCEL, .cancel = {.id_count = 1, .ids = ids}};
    desk_client(desk, "alice", &message);
    const struct message *reply = desk_reply(desk, MSG_CANCEL_ANSWER);
    assert_non_null(reply);
    assert_int_equal(reply->cancel_answer.answer_count, 1);
    return reply->cancel_answer.answers[0];
}

const struct op_row *desk_row(const struct desk *desk, const struct gpmq_id *id)
{
    for (uint32_t i = 0; i < desk->row_count; i++)
        if (gpmq_id_equal(&desk->rows[i].id, id))
            return &desk->rows[i];
    return NULL;
}

enum gpmq_state desk_state(const struct desk *desk, uint8_t number)
{
    struct gpmq_id id = desk_id(number);
    const struct op_row *row = desk_row(desk, &id);
    return row ? row->state : 0;
}

const struct gpmq_status *desk_frame(const struct desk *desk, const struct gpmq_id *id)
{
    for (uint32_t i = desk->frame_count; i > 0; i--)
        if (gpmq_id_equal(&desk->frames[i - 1].op, id) &&
            desk->frames[i - 1].kind != GPMQ_FRAME_KEEPALIVE)
            return &desk->frames[i - 1];
    return NULL;
}

const struct message *desk_reply(const struct desk *desk, enum message_type type)
{
    for (uint32_t i = 0; i < desk->reply_count; i++)
        if (desk->replies[i]->type == type)
            return desk->replies[i];
    return NULL;
}
