/* preview.c - the live GPO and the staged one, compared file by file. */
#include "preview.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "preview_attributes.h"
#include "warn.h"

#define DIGEST_SIZE 32

/* A staged file and what it holds. */
struct seen_file {
    char *path;
    uint8_t digest[DIGEST_SIZE];
};

struct preview {
    size_t count;
    struct seen_file *files; /* sorted by path before they are looked for */
    crypto_generichash_state hash;
    bool open; /* the last file is not at its end */
    bool failed;
    size_t changes[3]; /* how many were added, changed, removed */
};

enum change { ADDED, CHANGED, REMOVED };
static const char *const change_words[] = {"added", "changed", "removed"};

int preview_new(struct preview **out, struct gpmq_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a preview");
}

void preview_free(struct preview **preview_p)
{
    struct preview *preview = STEAL(*preview_p);
    if (!preview)
        return;
    for (size_t i = 0; i < preview->count; i++)
        free(preview->files[i].path);
    free(preview->files);
    free(preview);
}

/* ---- what is staged -------------------------------------------------------------------------- */

static void end_file(struct preview *preview)
{
    if (preview->open)
        crypto_generichash_final(&preview->hash, preview->files[preview->count - 1].digest,
                                 DIGEST_SIZE);
    preview->open = false;
}

static void begin_file(struct preview *preview, const char *path)
{
    struct seen_file *files = reallocarray(preview->files, preview->count + 1, sizeof *files);
    char *copy = strdup(path);
    preview->files = files ? files : preview->files;
    preview->failed |= !files || !copy;
    if (!files || !copy) {
        free(copy);
        return;
    }
    files[preview->count++] = (struct seen_file){.path = copy};
    crypto_generichash_init(&preview->hash, NULL, 0, DIGEST_SIZE);
    preview->open = true;
}

void preview_watch(void *arg, const char *path, const void *bytes, size_t size)
{
    struct preview *preview = arg;
    if (!size) {
        end_file(preview);
        begin_file(preview, path);
    } else if (preview->open) {
        crypto_generichash_update(&preview->hash, bytes, size);
    }
}

static int by_path(const void *a, const void *b)
{
    const struct seen_file *left = a, *right = b;
    return fold_compare_paths(left->path, right->path);
}

/* ---- what is live ---------------------------------------------------------------------------- */

static int hash_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    crypto_generichash_update(arg, bytes, size);
    return 0;
}

/* Whether a live file holds what the staged one of the same size does. */
static int same_content(const struct preview *preview, struct domain *domain,
                        const struct gpmq_guid *id, const struct gpo_file *live, bool *same,
                        struct gpmq_error *err)
{
    const struct seen_file key = {.path = live->path};
    const struct seen_file *staged =
        preview->count ? bsearch(&key, preview->files, preview->count, sizeof key, by_path) : NULL;
    crypto_generichash_state hash;
    uint8_t digest[DIGEST_SIZE];
    crypto_generichash_init(&hash, NULL, 0, DIGEST_SIZE);
    int rc = domain->ops->read_file(domain, id, live->path, hash_piece, &hash, err);
    if (rc)
        return rc;
    crypto_generichash_final(&hash, digest, DIGEST_SIZE);
    *same = staged && memcmp(digest, staged->digest, DIGEST_SIZE) == 0;
    return 0;
}

/* GPMQ_OK with *live NULL: there is none, or none that can be read, which is told. */
static int read_live(struct run *run, struct domain *domain, const struct gpmq_guid *id,
                     struct gpo **live, struct gpmq_error *err)
{
    int rc = domain->ops->read(domain, id, live, err);
    if (rc == GPMQ_EDAMAGED || rc == GPMQ_EMALFORMED)
        warn_gpo(run, id, "", "the GPO that is there cannot be read, all is shown as new: %s",
                 err->text);
    return rc == GPMQ_EDAMAGED || rc == GPMQ_EMALFORMED || rc == GPMQ_ENOTFOUND ? 0 : rc;
}

/* ---- files ----------------------------------------------------------------------------------- */

static json_t *size_json(const struct gpo_file *file)
{
    return file && !file->directory ? json_integer((json_int_t)file->size_bytes) : json_null();
}

static int put_file(struct preview *preview, json_t *list, enum change change,
                    const struct gpo_file *from, const struct gpo_file *to, struct gpmq_error *err)
{
    const struct gpo_file *named = to ? to : from;
    char path[GPO_PATH_MAX + 2];
    snprintf(path, sizeof path, "%s%s", named->path, named->directory ? "/" : "");
    preview->changes[change]++;
    if (json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o}", "path", path, "change",
                                              change_words[change], "size_from", size_json(from),
                                              "size_to", size_json(to))) != 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    return 0;
}

/* Whether the entry behind this one lies in it. */
static bool has_content(const struct gpo *gpo, size_t at)
{
    size_t length = strlen(gpo->files[at].path);
    const char *next = at + 1 < gpo->file_count ? gpo->files[at + 1].path : "";
    return strncmp(next, gpo->files[at].path, length) == 0 && next[length] == '/';
}

/* What one of both lists has alone; a folder with content is told by its content. */
static int put_alone(struct preview *preview, json_t *list, enum change change,
                     const struct gpo *gpo, size_t at, struct gpmq_error *err)
{
    const struct gpo_file *file = &gpo->files[at];
    if (file->directory && has_content(gpo, at))
        return 0;
    return put_file(preview, list, change, change == REMOVED ? file : NULL,
                    change == REMOVED ? NULL : file, err);
}

static int put_both(struct preview *preview, json_t *list, struct domain *domain,
                    const struct gpo *live, const struct gpo_file *from, const struct gpo_file *to,
                    struct gpmq_error *err)
{
    bool same = from->directory && to->directory;
    int rc = 0;
    if (!from->directory && !to->directory && from->size_bytes == to->size_bytes)
        rc = same_content(preview, domain, &live->id, from, &same, err);
    if (rc || same)
        return rc;
    return put_file(preview, list, CHANGED, from, to, err);
}

/* Walks both sorted lists. */
static int compare_files(struct preview *preview, json_t *list, struct domain *domain,
                         const struct gpo *live, const struct gpo *staged, struct gpmq_error *err)
{
    size_t i = 0, k = 0, lives = live ? live->file_count : 0;
    int rc = 0;
    while (!rc && (i < lives || k < staged->file_count)) {
        int order = i == lives ? 1
                    : k == staged->file_count
                        ? -1
                        : fold_compare_paths(live->files[i].path, staged->files[k].path);
        if (order < 0)
            rc = put_alone(preview, list, REMOVED, live, i++, err);
        else if (order > 0)
            rc = put_alone(preview, list, ADDED, staged, k++, err);
        else
            rc = put_both(preview, list, domain, live, &live->files[i++], &staged->files[k++], err);
    }
    return rc;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* The directory's number of one side; null for a GPO that is not there. */
static json_t *version_of(const struct gpo *gpo, bool user)
{
    if (!gpo)
        return json_null();
    return json_integer(user ? gpo->user.ds : gpo->machine.ds);
}

static json_t *version_json(const struct gpo *live, const struct gpo *staged)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "user_from", version_of(live, true), "user_to",
                     version_of(staged, true), "computer_from", version_of(live, false),
                     "computer_to", version_of(staged, false));
}

static void tell_properties(const struct preview *preview, struct run *run, bool creates,
                            const struct gpmq_guid *id, const struct gpo *gpo, size_t attributes)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    run_result(run, "preview");
    run_property(run, "id", gpmq_guid_text(id, text));
    run_property(run, "display_name", gpo->display_name);
    run_property(run, "domain_name", gpo->domain);
    run_property(run, "creates", creates ? "true" : "false");
    run_property_number(run, "files_added", (int64_t)preview->changes[ADDED]);
    run_property_number(run, "files_changed", (int64_t)preview->changes[CHANGED]);
    run_property_number(run, "files_removed", (int64_t)preview->changes[REMOVED]);
    run_property_number(run, "attributes_changed", (int64_t)attributes);
}

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static int tell_content(struct run *run, const json_t *files, const json_t *attributes,
                        json_t *version, struct gpmq_error *err)
{
    CLEANUP(drop_json)
    json_t *whole =
        json_pack("{s:O, s:O, s:o}", "files", files, "attributes", attributes, "version", version);
    CLEANUP(free_pointer) char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
    return text ? run_content(run, text, strlen(text), err)
                : fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
}

int preview_tell(struct preview *preview, struct run *run, struct domain *domain,
                 const struct gpo *staged, struct gpmq_error *err)
{
    CLEANUP(gpo_free) struct gpo *live = NULL;
    CLEANUP(drop_json) json_t *files = json_array();
    CLEANUP(drop_json) json_t *attributes = json_array();
    end_file(preview);
    if (preview->failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a preview");
    if (preview->count)
        qsort(preview->files, preview->count, sizeof *preview->files, by_path);
    int rc = read_live(run, domain, &staged->id, &live, err);
    if (!rc)
        rc = compare_files(preview, files, domain, live, staged, err);
    if (!rc)
        rc = preview_attributes(attributes, domain->ops->info(domain), live, staged, err);
    if (rc)
        return rc;
    tell_properties(preview, run, !live, &staged->id, staged, json_array_size(attributes));
    return tell_content(run, files, attributes, version_json(live, staged), err);
}

int preview_tell_backup(struct run *run, const struct gpmq_guid *id, const struct gpo *gpo,
                        struct gpmq_error *err)
{
    struct preview preview = {0};
    CLEANUP(drop_json) json_t *files = json_array();
    CLEANUP(drop_json) json_t *attributes = json_array();
    int rc = compare_files(&preview, files, NULL, NULL, gpo, err);
    if (rc)
        return rc;
    tell_properties(&preview, run, true, id, gpo, 0);
    return tell_content(run, files, attributes, json_null(), err);
}
