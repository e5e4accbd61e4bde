/* deps.c - who waits for whom to succeed. */
#include "deps.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "fail.h"
#include "operation.h"

/* One operation waits for another, or for a batch. */
struct dep {
    struct operation *op;
    const struct op_row *on; /* of which it waits; NULL: it has succeeded */
    LIST_ENTRY(dep) in_dependents;
};

/* ---- judging ------------------------------------------------------------------------------- */

/* The row of what is named, whether it has ended or not; NULL: it is not known. */
static const struct op_row *find_row(const struct core *core, const struct submitter *from,
                                     const struct gpmq_id *id, struct op_row *stored)
{
    struct store_bytes bytes;
    const struct operation *op = operation_find(core, id);
    const struct batch *batch = op ? NULL : batch_find(core, id);
    if (op || batch)
        return op ? &op->record.row : &batch->record.row;
    return from->lookup && from->lookup(from->lookup_arg, id, stored, &bytes) ? stored : NULL;
}

/* What is named came before and gets nothing more, so that nobody waits in a circle. */
static int judge_one(const struct core *core, const struct submitter *from,
                     const struct gpmq_request *request, const struct gpmq_id *id,
                     struct gpmq_error *err)
{
    struct op_row stored;
    char text[GPMQ_ID_TEXT_SIZE];
    const struct op_row *on = find_row(core, from, id, &stored);

    gpmq_id_text(id, text);
    if (gpmq_id_equal(id, &request->id) || gpmq_id_equal(id, &request->batch))
        return fail(err, GPMQ_EINVAL, "the request waits for itself, or for its own batch");
    if (!on)
        return fail(err, GPMQ_ENOTFOUND, "operation %s, which must succeed first, is not known",
                    text);
    if (on->is_batch && !on->closed)
        return fail(err, GPMQ_ESTATE,
                    "batch %s, which must succeed first, is open: more may come into it", text);
    if (gpmq_state_is_final(on->state) && on->state != GPMQ_SUCCEEDED)
        return fail(err, GPMQ_ESTATE, "%s %s, which must succeed first, has ended %s",
                    on->is_batch ? "batch" : "operation", text, gpmq_state_name(on->state));
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

static void link_to(struct operation *op, const struct op_row *on, struct dep_list *dependents)
{
    if (!on->state || gpmq_state_is_final(on->state))
        return;
    struct dep *dep = &op->deps[op->dep_count++];
    *dep = (struct dep){.op = op, .on = on};
    LIST_INSERT_HEAD(dependents, dep, in_dependents);
    op->dep_open++;
}

static void link_one(struct core *core, struct operation *op, const struct gpmq_id *id)
{
    struct operation *on = operation_find(core, id);
    struct batch *batch = on ? NULL : batch_find(core, id);
    if (on)
        link_to(op, &on->record.row, &on->dependents);
    if (batch)
        link_to(op, &batch->record.row, &batch->dependents);
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

const struct op_row *deps_first_open(const struct operation *op)
{
    for (uint32_t i = 0; i < op->dep_count; i++)
        if (op->deps[i].on)
            return op->deps[i].on;
    return NULL;
}

void deps_tell(struct core *core, const struct op_row *row, struct dep_list *dependents,
               bool succeeded)
{
    for (struct dep *dep; (dep = LIST_FIRST(dependents));) {
        struct operation *waiting = dep->op;
        LIST_REMOVE(dep, in_dependents);
        dep->on = NULL;
        waiting->dep_open--;
        if (!succeeded && !waiting->dep_failed) {
            waiting->dep_failed = true;
            waiting->dep_failed_id = row->id;
            waiting->dep_failed_is_batch = row->is_batch;
            waiting->dep_failed_state = row->state;
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
    snprintf(why, sizeof why, "%s %s, which had to succeed first, has ended %s",
             op->dep_failed_is_batch ? "batch" : "operation",
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
