/* cli_resume.c - finish what was interrupted. */
#include "cli_resume.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_output.h"
#include "cli_wait.h"
#include "fail.h"

#define PAGE 1000 /* operations asked for at once */

struct interrupted {
    struct view *view;
    size_t count;
    struct gpmq_id *ids;
};

static void interrupted_close(struct interrupted *interrupted)
{
    view_free(&interrupted->view);
    free(interrupted->ids);
}

/* What somebody has put off is not waited for. */
static bool is_due(const struct gpmq_op_info *op)
{
    return strcmp(op->kind, "batch") != 0 && op->reason != GPMQ_REASON_NOT_BEFORE &&
           op->reason != GPMQ_REASON_PAUSED;
}

static int add(struct interrupted *interrupted, const struct gpmq_op_info *op,
               struct standalone_places *places, struct gpmq_error *err)
{
    struct gpmq_id *grown =
        reallocarray(interrupted->ids, interrupted->count + 1, sizeof *interrupted->ids);
    if (!grown)
        return fail(err, GPMQ_ENOMEM, "no memory for what was interrupted");
    interrupted->ids = grown;
    int rc = standalone_places_add(places, op->domain, op->repository, err);
    if (!rc)
        rc = standalone_places_add(places, op->target_domain, NULL, err);
    if (rc == GPMQ_ETOOBIG) /* the next command finishes it */
        return 0;
    if (!rc)
        rc = view_expect(interrupted->view, &op->op, op->label && *op->label ? op->label : op->kind,
                         err);
    if (!rc)
        interrupted->ids[interrupted->count++] = op->op;
    return rc;
}

static int find(struct interrupted *interrupted, struct gpmq_client *client,
                struct standalone_places *places, struct gpmq_error *err)
{
    struct gpmq_list_options list = {.open_only = true, .limit = PAGE};
    bool more = true;
    int rc = 0;
    while (!rc && more) {
        CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = NULL;
        rc = gpmq_list(client, &list, &ops, err);
        for (size_t i = 0; !rc && i < ops->count; i++)
            if (is_due(&ops->items[i]))
                rc = add(interrupted, &ops->items[i], places, err);
        more = !rc && ops->more && ops->count > 0;
        if (more)
            list.after = ops->items[ops->count - 1].op;
    }
    return rc;
}

static int finish(struct interrupted *interrupted, struct gpmq_client *client,
                  const struct cli_options *options, struct gpmq_error *err)
{
    const struct cli_waiting waiting = {.client = client,
                                        .options = options,
                                        .view = interrupted->view,
                                        .ids = interrupted->ids,
                                        .count = interrupted->count,
                                        .what = GPMQ_WAIT_ALL};
    int rc = 0;
    for (size_t i = 0; !rc && i < interrupted->count; i++)
        rc = gpmq_watch(client, &interrupted->ids[i], view_status, interrupted->view, err);
    if (rc)
        return rc;
    cli_wait(&waiting); /* how they ended is told; it is not how this command ends */
    for (size_t i = 0; i < interrupted->count; i++)
        if (!gpmq_outcome(client, &interrupted->ids[i]))
            return fail(err, GPMQ_ESTOPPED,
                        "what was interrupted has not ended yet; the next "
                        "command goes on with it");
    for (size_t i = 0; i < interrupted->count; i++)
        gpmq_unwatch(client, &interrupted->ids[i]);
    out_note(options, "what was interrupted is finished");
    return 0;
}

int cli_resume(struct gpmq_client *client, const struct cli_options *options,
               struct standalone_places *places, struct gpmq_error *err)
{
    struct standalone *standalone = options->folders->standalone;
    CLEANUP(interrupted_close) struct interrupted interrupted = {.count = 0};
    int rc = view_new(&interrupted.view, options, "resume", err);
    if (!rc && standalone_is_owner(standalone) && !options->no_resume)
        rc = find(&interrupted, client, places, err);
    if (!rc && (places->domain_count || places->repository_count))
        rc = standalone_serve(standalone, places, err);
    if (rc || interrupted.count == 0)
        return rc;
    out_note(options, "%zu operation%s interrupted; finishing first", interrupted.count,
             interrupted.count == 1 ? " was" : "s were");
    return finish(&interrupted, client, options, err);
}
