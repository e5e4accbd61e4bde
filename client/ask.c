/* ask.c - cancel, query and list. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "client_impl.h"
#include "fail.h"

_Static_assert((int)CANCEL_DISPOSITION_END == (int)GPMQ_DISPOSITION_END, "one list of answers");
_Static_assert((int)CANCEL_DENIED == (int)GPMQ_CANCEL_DENIED, "one list of answers");

static uint32_t piece(size_t left)
{
    return left < MESSAGE_OPS_MAX ? (uint32_t)left : MESSAGE_OPS_MAX;
}

/* ---- cancel -------------------------------------------------------------------------------- */

const char *gpmq_disposition_name(enum gpmq_disposition disposition)
{
    static const char *const names[GPMQ_DISPOSITION_END] = {
        [GPMQ_CANCEL_NOW] = "cancelled",     [GPMQ_CANCEL_PENDING] = "cancelling",
        [GPMQ_CANCEL_TOO_LATE] = "too_late", [GPMQ_CANCEL_NOT_FOUND] = "not_found",
        [GPMQ_CANCEL_DENIED] = "denied",
    };
    return disposition > 0 && disposition < GPMQ_DISPOSITION_END ? names[disposition] : "unknown";
}

static const struct cancel_entry *find_entry(const struct msg_cancel_answer *answer,
                                             const struct gpmq_id *id, uint32_t hint)
{
    if (hint < answer->answer_count && gpmq_id_equal(&answer->answers[hint].op, id))
        return &answer->answers[hint];
    for (uint32_t i = 0; i < answer->answer_count; i++)
        if (gpmq_id_equal(&answer->answers[i].op, id))
            return &answer->answers[i];
    return NULL;
}

static int take_entries(const struct msg_cancel_answer *answer, const struct gpmq_id *ids,
                        uint32_t count, struct gpmq_cancel_answer *out, struct gpmq_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct cancel_entry *entry = find_entry(answer, &ids[i], i);
        if (!entry)
            return fail(err, GPMQ_EMALFORMED, "the broker left out the answer for an operation");
        if (out)
            out[i] = (struct gpmq_cancel_answer){.op = ids[i],
                                                 .disposition =
                                                     (enum gpmq_disposition)entry->disposition,
                                                 .state = entry->state,
                                                 .deadline_ms = entry->deadline_ms};
    }
    return 0;
}

static int cancel_piece(struct gpmq_client *client, const struct gpmq_id *ids, uint32_t count,
                        int64_t grace_ms, struct gpmq_cancel_answer *out, struct gpmq_error *err)
{
    CLEANUP(free_pointer) struct gpmq_id *copy = calloc(count, sizeof *copy);
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "cannot ask for a cancel");
    memcpy(copy, ids, count * sizeof *copy);
    struct message answer, message = {.type = MSG_CANCEL, .cancel = {count, copy, grace_ms}};
    int rc = call(client, &message, MSG_CANCEL_ANSWER, 0, &answer, err);
    return rc ? rc : take_entries(&answer.cancel_answer, ids, count, out, err);
}

int gpmq_cancel(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
                int64_t grace_ms, struct gpmq_cancel_answer *answers, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t at = 0; at < count && !rc; at += piece(count - at))
        rc = cancel_piece(client, ids + at, piece(count - at), grace_ms,
                          answers ? answers + at : NULL, err);
    return rc;
}

/* ---- query and list ------------------------------------------------------------------------ */

/* A page, and the arenas of the answers it points into. */
struct pages {
    struct gpmq_ops public; /* first: what the caller sees */
    struct arena *arenas;
    size_t arena_count;
};

void gpmq_ops_free(struct gpmq_ops **ops_p)
{
    struct pages *pages = (struct pages *)STEAL(*ops_p);
    if (!pages)
        return;
    for (size_t i = 0; i < pages->arena_count; i++)
        arena_free(&pages->arenas[i]);
    free(pages->arenas);
    free(pages->public.items);
    free(pages);
}

static const char *text(const char *given)
{
    return given ? given : "";
}

static struct gpmq_op_info info_of(const struct op_summary *op)
{
    return (struct gpmq_op_info){
        .op = op->op,
        .batch = op->batch,
        .kind = text(op->kind),
        .domain = text(op->domain),
        .target_domain = text(op->target_domain),
        .repository = text(op->repository),
        .gpo = text(op->gpo),
        .label = text(op->label),
        .comment = text(op->comment),
        .client = text(op->client),
        .worker = text(op->worker),
        .state = op->state,
        .reason = op->reason,
        .cancel_requested = op->cancel_requested,
        .closed = op->closed,
        .seq = op->seq,
        .fence = op->fence,
        .attempt = op->attempt,
        .crashes = op->crashes,
        .losses = op->losses,
        .submitted_unix_ms = op->submitted_unix_ms,
        .started_unix_ms = op->started_unix_ms,
        .finished_unix_ms = op->finished_unix_ms,
        .progress_numerator = op->progress_numerator,
        .progress_denominator = op->progress_denominator,
        .hr_status = op->hr_status,
        .total = op->total,
        .succeeded = op->succeeded,
        .failed = op->failed,
        .cancelled = op->cancelled,
        .result = op->result,
        .fate = op->fate,
        .retry_of = op->retry_of,
        .retried_as = op->retried_as,
        .waits_for = op->waits_for,
        .why = text(op->why),
    };
}

/* Takes over the answer's memory, which the pages then own. */
static int add_page(struct pages *pages, struct arena *arena, const struct msg_ops *ops,
                    struct gpmq_error *err)
{
    size_t count = pages->public.count + ops->op_count;
    struct arena *arenas = realloc(pages->arenas, (pages->arena_count + 1) * sizeof *arenas);
    if (!arenas)
        return fail(err, GPMQ_ENOMEM, "cannot keep the answer of a query");
    pages->arenas = arenas;
    struct gpmq_op_info *items = realloc(pages->public.items, (count + 1) * sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "cannot keep the answer of a query");
    pages->public.items = items;
    for (uint32_t i = 0; i < ops->op_count; i++)
        items[pages->public.count + i] = info_of(&ops->ops[i]);
    arenas[pages->arena_count++] = *arena;
    *arena = (struct arena){0};
    pages->public.count = count;
    pages->public.more = ops->more;
    return 0;
}

static int ask_page(struct gpmq_client *client, struct message *request, struct pages *pages,
                    struct gpmq_error *err)
{
    struct message answer;
    int rc = call(client, request, MSG_OPS, 0, &answer, err);
    return rc ? rc : add_page(pages, &client->answer_arena, &answer.ops, err);
}

static struct gpmq_ops *pages_new(void)
{
    struct pages *pages = calloc(1, sizeof *pages);
    return pages ? &pages->public : NULL;
}

/* Where to go on: behind what was asked, or, when not all answers fitted, behind the last of them.
 */
static size_t next_piece(const struct gpmq_ops *ops, const struct gpmq_id *ids, size_t at,
                         size_t count)
{
    size_t end = at + piece(count - at);
    if (!ops->more || ops->count == 0)
        return end;
    while (at < end && !gpmq_id_equal(&ids[at], &ops->items[ops->count - 1].op))
        at++;
    return at < end ? at + 1 : end;
}

int gpmq_query(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
               struct gpmq_ops **out, struct gpmq_error *err)
{
    CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = pages_new();
    CLEANUP(free_pointer) struct gpmq_id *copy = calloc(count + 1, sizeof *copy);
    if (!ops || !copy)
        return fail(err, GPMQ_ENOMEM, "cannot ask about operations");
    memcpy(copy, ids, count * sizeof *copy);
    size_t at = 0;
    while (at < count) {
        struct message request = {.type = MSG_QUERY, .query = {piece(count - at), copy + at}};
        int rc = ask_page(client, &request, (struct pages *)ops, err);
        if (rc)
            return rc;
        at = next_piece(ops, copy, at, count);
    }
    ops->more = false;
    *out = STEAL(ops);
    return 0;
}

int gpmq_list(struct gpmq_client *client, const struct gpmq_list_options *options,
              struct gpmq_ops **out, struct gpmq_error *err)
{
    static const struct gpmq_list_options newest;
    if (!options)
        options = &newest;
    if (options->limit > MESSAGE_OPS_MAX)
        return fail(err, GPMQ_EINVAL, "a page has at most %d operations", MESSAGE_OPS_MAX);
    CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = pages_new();
    if (!ops)
        return fail(err, GPMQ_ENOMEM, "cannot list operations");
    struct message request = {.type = MSG_LIST,
                              .list = {options->after, options->batch, options->open_only,
                                       options->limit, options->dead_only}};
    int rc = ask_page(client, &request, (struct pages *)ops, err);
    if (!rc)
        *out = STEAL(ops);
    return rc;
}
