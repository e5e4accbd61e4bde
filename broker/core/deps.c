/* deps.c - who waits for whom to succeed. */
#include "deps.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "fail.h"
#include "operation.h"

/* One operation waits for another. */
struct dep {
    struct operation *op;
    struct operation *on; /* NULL: it has succeeded */
    LIST_ENTRY(dep) in_dependents;
};

/* ---- judging ------------------------------------------------------------------------------- */

static int judge_one(const struct core *core, const struct submitter *from,
                     const struct gpmq_request *request, const struct gpmq_id *id,
                     struct gpmq_error *err)
{
    struct op_row row;
    struct store_bytes bytes;
    char text[GPMQ_ID_TEXT_SIZE];
    const struct operation *on = operation_find(core, id);

    gpmq_id_text(id, text);
    if (gpmq_id_equal(id, &request->id))
        return fail(err, GPMQ_EINVAL, "the request waits for itself");
    if (batch_find(core, id))
        return fail(err, GPMQ_EINVAL, "%s is a batch; name the operations to wait for", text);
    if (on)
        row = on->record.row;
    else if (!from->lookup || !from->lookup(from->lookup_arg, id, &row, &bytes))
        return fail(err, GPMQ_ENOTFOUND, "operation %s, which must succeed first, is not known",
                    text);
    if (row.is_batch)
        return fail(err, GPMQ_EINVAL, "%s is a batch; name the operations to wait for", text);
    if (gpmq_state_is_final(row.state) && row.state != GPMQ_SUCCEEDED)
        return fail(err, GPMQ_ESTATE, "operation %s, which must succeed first, has ended %s", text,
                    gpmq_state_name(row.state));
    return 0;
}

int deps_judge(const struct core *core, const struct submitter *from,
               const struct gpmq_request *request, struct gpmq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < request->after_count && !rc; i++)
        rc = judge_one(core, from, request, &request->after[i], err);
    return rc;
}

/* ---- links --------------------------------------------------------------------------------- */

static void link_one(struct core *core, struct operation *op, const struct gpmq_id *id)
{
    struct operation *on = operation_find(core, id);
    if (!on || gpmq_state_is_final(on->record.row.state))
        return;
    struct dep *dep = &op->deps[op->dep_count++];
    *dep = (struct dep){.op = op, .on = on};
    LIST_INSERT_HEAD(&on->dependents, dep, in_dependents);
    op->dep_open++;
}

static void forget_names(struct operation *op)
{
    if (op->after_count)
        LIST_REMOVE(op, in_unlinked);
    free(op->after);
    op->after = NULL;
    op->after_count = 0;
}

void deps_link(struct core *core, struct operation *op)
{
    for (uint32_t i = 0; i < op->after_count; i++)
        link_one(core, op, &op->after[i]);
    forget_names(op);
}

void deps_take(struct core *core, struct operation *op, const struct gpmq_request *request)
{
    LIST_INIT(&op->dependents);
    if (!request->after_count)
        return;
    op->deps = memory_take(request->after_count * sizeof *op->deps);
    op->after = memory_take(request->after_count * sizeof *op->after);
    memcpy(op->after, request->after, request->after_count * sizeof *op->after);
    op->after_count = request->after_count;
    LIST_INSERT_HEAD(&core->unlinked, op, in_unlinked);
}

static void settle_later(struct core *core, struct operation *op)
{
    if (op->settling)
        return;
    op->settling = true;
    TAILQ_INSERT_TAIL(&core->settling, op, in_settling);
}

void deps_link_loaded(struct core *core)
{
    for (struct operation *op; (op = LIST_FIRST(&core->unlinked));) {
        if (op->record.row.reason != GPMQ_REASON_DEPENDENCY) { /* it waits no more */
            forget_names(op);
            continue;
        }
        deps_link(core, op);
        if (!op->dep_open)
            settle_later(core, op);
    }
}

const struct operation *deps_first_open(const struct operation *op)
{
    for (uint32_t i = 0; i < op->dep_count; i++)
        if (op->deps[i].on)
            return op->deps[i].on;
    return NULL;
}

void deps_tell(struct core *core, struct operation *op, bool succeeded)
{
    for (struct dep *dep; (dep = LIST_FIRST(&op->dependents));) {
        struct operation *waiting = dep->op;
        LIST_REMOVE(dep, in_dependents);
        dep->on = NULL;
        waiting->dep_open--;
        if (!succeeded && !waiting->dep_failed) {
            waiting->dep_failed = true;
            waiting->dep_failed_id = op->record.row.id;
            waiting->dep_failed_state = op->record.row.state;
        }
        if (!waiting->dep_open || waiting->dep_failed)
            settle_later(core, waiting);
    }
}

void deps_drop(struct core *core, struct operation *op)
{
    for (uint32_t i = 0; i < op->dep_count; i++)
        if (op->deps[i].on)
            LIST_REMOVE(&op->deps[i], in_dependents);
    if (op->settling)
        TAILQ_REMOVE(&core->settling, op, in_settling);
    forget_names(op);
    op->settling = false;
    op->dep_count = op->dep_open = 0;
    free(op->deps);
    op->deps = NULL;
}

/* ---- settling ------------------------------------------------------------------------------ */

static void fail_dependent(struct core *core, struct operation *op)
{
    char text[GPMQ_ID_TEXT_SIZE], why[128];
    snprintf(why, sizeof why, "operation %s, which had to succeed first, has ended %s",
             gpmq_id_text(&op->dep_failed_id, text), gpmq_state_name(op->dep_failed_state));
    struct gpmq_status_msg msg = {.message = why,
                                  .operation_code = GPMQ_ESTATE,
                                  .error_code = gpmq_code_hresult(GPMQ_ESTATE)};
    operation_end(core, op, EV_FAIL,
                  &(struct outcome){.code = GPMQ_ESTATE,
                                    .hr_status = gpmq_code_hresult(GPMQ_ESTATE),
                                    .msg_count = 1,
                                    .msgs = &msg});
}

void deps_settle(struct core *core)
{
    for (struct operation *op; (op = TAILQ_FIRST(&core->settling));) {
        TAILQ_REMOVE(&core->settling, op, in_settling);
        op->settling = false;
        assert(op->record.row.state == GPMQ_WAITING);
        if (op->dep_failed)
            fail_dependent(core, op);
        else
            operation_queue(core, op);
    }
}
