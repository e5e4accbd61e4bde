/* broker_tools.c - settings and store looked at, and the store copied. */
#include "broker_tools.h"

#include <inttypes.h>
#include <stdio.h>

#include "store_copy.h"

static int complain(const struct gpmq_error *err, int exit_code)
{
    fprintf(stderr, "gpmq-broker: %s\n", err->text);
    return exit_code;
}

static void tell_damage(void *arg, const char *text)
{
    (void)arg;
    fprintf(stderr, "gpmq-broker: damaged: %s\n", text);
}

static void tell(const char *what, const struct store_summary *summary)
{
    printf("%s: %" PRIu64 " operations, %" PRIu64 " of them open, %" PRIu64 " frames, %" PRIu64
           " contents of %" PRIu64 " bytes\n",
           what, summary->operations, summary->open, summary->frames, summary->blobs,
           summary->blob_bytes);
}

int broker_tools_check(const struct broker_settings *settings)
{
    struct gpmq_error err = {0};
    struct store_summary summary;
    if (broker_check(settings, &err) != 0)
        return complain(&err, 2);
    printf("the settings are good\n");
    int rc = store_check(settings->store, tell_damage, NULL, &summary, &err);
    if (rc == GPMQ_ENOTFOUND || rc == GPMQ_EUNSUPPORTED)
        return 0; /* a broker will make it */
    if (rc == GPMQ_EDAMAGED && summary.damages) {
        fprintf(stderr,
                "gpmq-broker: the store has %" PRIu64 " damages; docs/operations.md, "
                "section 6, says what to do\n",
                summary.damages);
        return gpmq_code_exit(rc);
    }
    if (rc)
        return complain(&err, gpmq_code_exit(rc));
    tell("the store is whole", &summary);
    return 0;
}

int broker_tools_backup(const struct broker_settings *settings, const char *path)
{
    struct gpmq_error err = {0};
    struct store_summary summary;
    int rc = store_backup(settings->store, path, &summary, &err);
    if (rc)
        return complain(&err, gpmq_code_exit(rc));
    tell(path, &summary);
    return 0;
}
