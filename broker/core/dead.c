/* dead.c - what was given up is run again, or taken off the list. */
#include "dead.h"

#include <string.h>

#include "batch.h"
#include "cleanup.h"
#include "fail.h"
#include "operation.h"
#include "record.h"

/* A dead operation: of this round, or from the store. */
struct dead {
    struct operation *op; /* it ended in this round; NULL: before */
    struct op_row row;
    struct store_bytes request;
};

struct gpmq_id core_retry_id(const struct gpmq_id *dead)
{
    return gpmq_id_derive(dead, "retry");
}

/* ---- judging ------------------------------------------------------------------------------- */

/* The row as it is now. The store gives the request: it has had that since an earlier round. */
static int find(const struct core *core, const struct submitter *from, const struct gpmq_id *id,
                struct dead *out, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    bool stored = from->lookup && from->lookup(from->lookup_arg, id, &out->row, &out->request);
    out->op = operation_find(core, id);
    if (out->op)
        out->row = out->op->record.row;
    if (batch_find(core, id) || (stored && out->row.is_batch))
        return fail(err, GPMQ_EINVAL, "%s is a batch; name its operations that are dead",
                    gpmq_id_text(id, text));
    if (!stored)
        return fail(err, GPMQ_ENOTFOUND,
                    "there is no dead operation %s: it never was, or is kept no longer",
                    gpmq_id_text(id, text));
    return 0;
}

static int judge(const struct core *core, const struct submitter *from, bool admin,
                 const struct gpmq_id *id, struct dead *out, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    int rc = find(core, from, id, out, err);
    if (rc)
        return rc;
    if (!admin && (!out->row.client || strcmp(out->row.client, from->client) != 0))
        return fail(err, GPMQ_EDENIED, "operation %s belongs to another client",
                    gpmq_id_text(id, text));
    if (out->row.state != GPMQ_DEAD)
        return fail(err, GPMQ_ESTATE, "operation %s is %s, not dead", gpmq_id_text(id, text),
                    gpmq_state_name(out->row.state));
    return 0;
}

/* ---- doing --------------------------------------------------------------------------------- */

/* Its row says what became of it; nothing else of it changes. */
static void set_fate(struct core *core, struct dead *dead, enum gpmq_fate fate)
{
    struct record stored = {
        .row = dead->row, .stored_state = dead->row.state, .stored_fence = dead->row.fence};
    struct record *record = dead->op ? &dead->op->record : &stored;
    record->row.fate = fate;
    record_save(core, record);
}

/* The request of the new operation. When to begin and until when, and what had to come first, was
 * said for the old one, whose batch has its end. */
static int write_request(const struct dead *dead, struct arena *arena, struct gpmq_request *out,
                         struct gpmq_error *err)
{
    int rc = request_decode(out, arena, dead->request.bytes, dead->request.size, err);
    if (rc)
        return rc;
    if (gpmq_id_is_none(&out->retry_of))
        out->retry_of = dead->row.id;
    out->id = core_retry_id(&dead->row.id);
    out->batch = (struct gpmq_id){{0}};
    out->not_before_unix_ms = out->deadline_unix_ms = 0;
    out->after_count = 0;
    return 0;
}

static int retry(struct core *core, const struct submitter *from, struct dead *dead,
                 struct submit_answer *answer, struct gpmq_error *err)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct gpmq_request request;
    struct submitter owner = *from;

    int rc = write_request(dead, &arena, &request, err);
    if (rc)
        return rc;
    owner.client = dead->row.client;
    submit_again(core, &owner, &request, answer);
    if (!answer->code && !answer->known)
        set_fate(core, dead, GPMQ_FATE_RETRIED);
    return 0;
}

/* What was run again is off the list already, and stays so. */
static void drop(struct core *core, struct dead *dead, struct submit_answer *answer)
{
    struct gpmq_id again = core_retry_id(&dead->row.id);
    answer->state = GPMQ_DEAD;
    answer->known = dead->row.fate != GPMQ_FATE_NONE || operation_find(core, &again);
    if (!answer->known)
        set_fate(core, dead, GPMQ_FATE_DROPPED);
}

void dead_message(struct core *core, const struct submitter *from, bool admin,
                  const struct message *message)
{
    const struct msg_dead *asked = &message->dead;
    struct submit_answer *answers = submit_reply(core, from, message->req, NULL, asked->id_count);

    for (uint32_t i = 0; i < asked->id_count; i++) {
        struct dead dead = {0};
        struct gpmq_error err;
        answers[i].op = asked->ids[i];
        int rc = judge(core, from, admin, &asked->ids[i], &dead, &err);
        if (!rc && asked->drop)
            drop(core, &dead, &answers[i]);
        else if (!rc)
            rc = retry(core, from, &dead, &answers[i], &err);
        if (rc)
            submit_refuse(core, &answers[i], &err);
    }
}
