/* Whatever a settings file holds: a visitor that keeps everything changes no byte, and one that
 * replaces and drops gives what is walked without surprise. The first byte says which file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "migration_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const paths[] = {
    "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
    "User/Documents & Settings/fdeploy1.ini",
    "User/Documents & Settings/fdeploy.ini",
    "Machine/Scripts/scripts.ini",
};

static int keep(void *arg, const struct migration_name *name, struct migration_answer *answer,
                struct gpmq_error *err)
{
    (void)arg, (void)name, (void)answer, (void)err;
    return 0;
}

/* By the last letter, so that it is the same each time. */
static int change(void *arg, const struct migration_name *name, struct migration_answer *answer,
                  struct gpmq_error *err)
{
    size_t length = strlen(name->text);
    char last = length ? name->text[length - 1] : 0;
    (void)arg, (void)err;
    if (last % 3 == 1 && name->what == MIGRATION_ACCOUNT)
        answer->fate = MIGRATION_DROP;
    if (last % 3 != 2)
        return 0;
    answer->fate = MIGRATION_REPLACE;
    answer->text = strdup(name->what == MIGRATION_PATH ? "\\\\a\\\xC3\xBC" : "S-1-5-21-1-2-3-4");
    return 0;
}

static int walk(const char *path, migration_visit *visit, const struct bytes *in, struct bytes *out)
{
    struct sid domain;
    bool changed;
    if (sid_parse(&domain, "S-1-5-21-5-6-7", NULL))
        abort();
    struct migration_walk with = {.visit = visit, .domain = &domain, .object_path = path};
    int rc = migration_file(&with, in->at, in->size, out, &changed, NULL);
    if (!rc && !changed &&
        (out->size != in->size || (in->size && memcmp(out->at, in->at, in->size))))
        abort();
    if (!rc && changed && visit == keep)
        abort();
    return rc;
}

static void walk_dacl(const struct bytes *in)
{
    struct migration_walk with = {.visit = change, .object_path = "DACL"};
    CLEANUP(free_pointer) uint8_t *out = NULL;
    CLEANUP(free_pointer) uint8_t *again = NULL;
    size_t size, again_size;
    if (migration_dacl(&with, in->at, in->size, &out, &size, NULL) || !out)
        return;
    with.visit = keep;
    if (migration_dacl(&with, out, size, &again, &again_size, NULL) || again)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    size_t which = *bytes % (sizeof paths / sizeof *paths + 1);
    struct bytes in = {.at = (uint8_t *)bytes + 1, .size = size - 1};
    if (which == sizeof paths / sizeof *paths) {
        walk_dacl(&in);
        return 0;
    }
    CLEANUP(bytes_free) struct bytes kept = {0};
    CLEANUP(bytes_free) struct bytes changed = {0};
    CLEANUP(bytes_free) struct bytes again = {0};
    (void)walk(paths[which], keep, &in, &kept);
    if (walk(paths[which], change, &in, &changed) == 0 &&
        walk(paths[which], keep, &changed, &again) != 0)
        abort();
    return 0;
}
