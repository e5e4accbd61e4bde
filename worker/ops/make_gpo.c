/* make_gpo.c - begin, stage, set, commit, tell. */
#include "make_gpo.h"

#include "cleanup.h"
#include "fail.h"
#include "preview.h"
#include "results.h"
#include "warn.h"

static int tell_gpo(const struct make_gpo *make, const struct gpmq_guid *id, struct gpmq_error *err)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    int rc = make->domain->ops->read(make->domain, id, &gpo, err);
    if (!rc)
        results_gpo(make->run, gpo);
    return rc;
}

/* What the source says of the GPO cannot be taken over. */
static int fail_source(const struct make_gpo *make, int code, struct gpmq_error *err)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    if (make->source.repository)
        fail_in(err, "%s/Backup.xml", gpmq_guid_text(&make->source.backup, id));
    return code;
}

/* Everything that comes before the commit. preview: NULL, or what a dry run remembers. */
static int prepare(const struct make_gpo *make, struct domain_change *change,
                   struct preview *preview, struct gpmq_error *err)
{
    const struct stage stage = {.run = make->run,
                                .source = &make->source,
                                .rewrite = make->rewrite,
                                .change = change,
                                .watcher = preview ? preview_watch : NULL,
                                .watcher_arg = preview};
    int rc = make->admit ? make->admit(make, err) : 0;
    if (rc)
        return rc;
    rc = change->ops->change_set(change, make->fields, make->values, err);
    return rc ? fail_source(make, rc, err) : stage_files(&stage, err);
}

/* Tells what the change would do. */
static int dry_run(const struct make_gpo *make, struct domain_change *change,
                   struct gpmq_error *err)
{
    CLEANUP(preview_free) struct preview *preview = NULL;
    CLEANUP(gpo_free) struct gpo *staged = NULL;
    int rc = preview_new(&preview, err);
    if (!rc)
        rc = prepare(make, change, preview, err);
    if (!rc)
        rc = change->ops->change_read(change, &staged, err);
    return rc ? rc : preview_tell(preview, make->run, make->domain, staged, err);
}

int make_gpo(const struct make_gpo *make, struct gpmq_error *err)
{
    const struct domain_ops *ops = make->domain->ops;
    const struct gpmq_request *asked = run_request(make->run);
    struct domain_change_request request = make->request;
    struct domain_change_answer answer = {0};
    struct domain_change *change = NULL;
    uint32_t version;
    request.op = asked->id;
    request.fence = run_fence(make->run);
    stage_tell_read(make->run, &make->source);
    int rc = ops->change_begin(make->domain, &request, MAKE_GPO_WAIT_MS, &change, &answer, err);
    if (rc || answer.done)
        return rc ? rc : tell_gpo(make, &request.gpo, err);
    if (answer.remade)
        warn_gpo(
            make->run, &request.gpo, "",
            "the directory object that is there is damaged and is made anew; its owner is that "
            "of a new GPO");
    rc = asked->dry_run ? dry_run(make, change, err) : prepare(make, change, NULL, err);
    if (rc || asked->dry_run) {
        ops->change_abort(&change);
        return rc;
    }
    rc = ops->change_commit(&change, &version, err);
    return rc ? rc : tell_gpo(make, &request.gpo, err);
}
