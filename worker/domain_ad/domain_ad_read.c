/* domain_ad_read.c - reads one GPO: both halves of one state. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "cleanup.h"
#include "clock.h"
#include "domain_ad.h"
#include "fail.h"
#include "fold.h"
#include "gpt_ini.h"

void ad_free_seen(struct ad_seen_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(files[i].path);
    free(files);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct listing {
    const char *folder;
    struct gpo *gpo;
    struct ad_seen_file *files;
    size_t count;
    size_t room;
};

static int keep_stat(struct listing *listing, const char *path, const struct sysvol_stat *stat,
                     struct gpmq_error *err)
{
    if (listing->count == listing->room) {
        size_t room = listing->room ? 2 * listing->room : 32;
        struct ad_seen_file *grown = reallocarray(listing->files, room, sizeof *grown);
        if (!grown)
            return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
        listing->files = grown;
        listing->room = room;
    }
    struct ad_seen_file *file = &listing->files[listing->count];
    *file = (struct ad_seen_file){strdup(path), *stat};
    if (!file->path)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
    listing->count++;
    return 0;
}

static int list_file(void *arg, const char *path, const struct sysvol_stat *stat,
                     struct gpmq_error *err)
{
    struct listing *listing = arg;
    if (!stat->directory && fold_compare(path, GPT_INI_NAME) == 0)
        return 0;
    int rc = gpo_path_check(path, err);
    if (rc) {
        fail_in(err, "SYSVOL, %s", listing->folder);
        return GPMQ_EMALFORMED;
    }
    rc = gpo_add_file(listing->gpo, path, stat->directory, stat->size_bytes, err);
    return rc ? rc : keep_stat(listing, path, stat, err);
}

static int refuse_twins(const struct gpo *gpo, const char *folder, struct gpmq_error *err)
{
    for (size_t i = 1; i < gpo->file_count; i++)
        if (fold_compare_paths(gpo->files[i - 1].path, gpo->files[i].path) == 0)
            return fail(err, GPMQ_EDAMAGED,
                        "SYSVOL, %s: '%s' and '%s' differ only in letter case: remove one", folder,
                        gpo->files[i - 1].path, gpo->files[i].path);
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct ad_seen_file *left = a, *right = b;
    return fold_compare_paths(left->path, right->path);
}

int ad_list_files(struct ad_domain *domain, const char *folder, struct gpo *gpo,
                  struct ad_seen_file **files, size_t *count, struct gpmq_error *err)
{
    struct listing listing = {.folder = folder, .gpo = gpo};
    int rc = domain->sysvol->ops->list(domain->sysvol, folder, list_file, &listing, err);
    if (!rc) {
        gpo_sort_files(gpo);
        rc = refuse_twins(gpo, folder, err);
    }
    if (rc || !files) {
        ad_free_seen(listing.files, listing.count);
        return rc;
    }
    if (listing.count)
        qsort(listing.files, listing.count, sizeof *listing.files, by_path);
    *files = listing.files;
    *count = listing.count;
    return 0;
}

int ad_gpt_version(struct ad_domain *domain, const char *folder, uint32_t *out,
                   struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    char path[AD_PLACE_MAX];
    snprintf(path, sizeof path, "%s/" GPT_INI_NAME, folder);
    *out = 0;
    int rc = sysvol_read_small(domain->sysvol, path, &text, err);
    if (rc == GPMQ_ENOTFOUND)
        return 0;
    if (!rc)
        gpt_ini_version((const char *)text.at, out);
    return rc;
}

/* ---- one state ------------------------------------------------------------------------------- */

struct state {
    struct gpo *gpo;
    struct ad_seen_file *files;
    size_t count;
};

static void free_state(struct state *state)
{
    gpo_free(&state->gpo);
    ad_free_seen(state->files, state->count);
}

/* What lies in SYSVOL. A GPO of which there is no folder has no files. */
static int read_gpt(struct ad_domain *domain, const struct ad_place *place, struct state *state,
                    struct gpmq_error *err)
{
    uint32_t version;
    int rc = ad_gpt_version(domain, place->guid, &version, err);
    if (rc)
        return rc;
    state->gpo->user.sysvol = (uint16_t)(version >> 16);
    state->gpo->machine.sysvol = (uint16_t)version;
    rc = ad_list_files(domain, place->guid, state->gpo, &state->files, &state->count, err);
    return rc == GPMQ_ENOTFOUND ? 0 : rc;
}

static int usn_now(struct ad_domain *domain, const struct ad_place *place, uint64_t *out,
                   struct gpmq_error *err)
{
    static const char *const attributes[] = {"uSNChanged", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    char dn[AD_DN_MAX];
    ad_gpc_dn(domain, place, dn);
    struct ad_search search = {.base = dn, .scope = AD_BASE, .attributes = attributes};
    if (!found)
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    int rc = ad_ldap_search(domain->ldap, &search, found, err);
    *out = 0;
    return rc || !found->count ? rc : ldif_number(&found->records[0], "uSNChanged", out, err);
}

/* Reads once. *again: somebody commits or has committed meanwhile, so this may be a mixture. */
static int read_once(struct ad_domain *domain, const struct ad_place *place, struct state *state,
                     bool *again, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    struct ad_note note;
    uint64_t before = 0, after = 0;
    *again = false;
    int rc = ad_load(domain, place, &ldif, &before, err);
    if (rc)
        return rc;
    ad_note_read(&note, ldif_text(gpc_find(ldif), AD_ATTR_NOTE));
    *again = note.committing;
    if (*again)
        return 0;
    rc = gpc_read(&domain->info, ldif, state->gpo, err);
    if (!rc)
        rc = ad_name_filter(domain, state->gpo, err);
    if (!rc)
        rc = read_gpt(domain, place, state, err);
    int looked = usn_now(domain, place, &after, rc ? NULL : err);
    *again = !looked && before != after;
    return rc ? rc : looked;
}

/* Nobody who lives holds the lock of a commit that was interrupted: then it is ours to end. */
static void end_interrupted(struct ad_domain *domain, const struct ad_place *place)
{
    struct sysvol_lock *lock = NULL;
    if (ad_lock(domain, place, 0, &lock, NULL) != 0)
        return;
    if (ad_recover(domain, place, NULL) != 0)
        ad_pause(); /* the next look tells */
    ad_unlock(domain, place, &lock);
}

int ad_read(struct domain *base, const struct gpmq_guid *id, struct gpo **out,
            struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    struct ad_place place = ad_locate(id);
    int64_t until_ms = clock_now_ms() + AD_RECOVER_MS;
    for (;;) {
        CLEANUP(free_state) struct state state = {.gpo = calloc(1, sizeof *state.gpo)};
        bool again;
        if (!state.gpo)
            return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
        state.gpo->id = *id;
        int rc = read_once(domain, &place, &state, &again, err);
        again = again || rc == GPMQ_EBUSY; /* met a folder while it was being renamed */
        if (!rc && !again) {
            ad_free_seen(domain->seen_files, domain->seen_count);
            domain->seen = *id;
            domain->seen_files = STEAL(state.files);
            domain->seen_count = state.count;
            state.count = 0;
            *out = STEAL(state.gpo);
            return 0;
        }
        if (rc && !again)
            return rc;
        if (clock_now_ms() > until_ms)
            return fail(err, GPMQ_EBUSY, "GPO %s of %s is being changed: read it again", place.guid,
                        domain->settings->domain);
        end_interrupted(domain, &place);
        ad_pause();
    }
}

/* ---- one file -------------------------------------------------------------------------------- */

static const struct ad_seen_file *find_seen(const struct ad_domain *domain,
                                            const struct gpmq_guid *id, const char *path)
{
    struct ad_seen_file wanted = {.path = (char *)path};
    if (!gpmq_guid_equal(&domain->seen, id) || !domain->seen_count)
        return NULL;
    return bsearch(&wanted, domain->seen_files, domain->seen_count, sizeof wanted, by_path);
}

int ad_read_file(struct domain *base, const struct gpmq_guid *id, const char *path,
                 domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    struct ad_place place = ad_locate(id);
    char whole[GPO_PATH_MAX + AD_PLACE_MAX];
    int rc = gpo_path_check(path, err);
    if (rc)
        return rc;
    const struct ad_seen_file *seen = find_seen(domain, id, path);
    snprintf(whole, sizeof whole, "%s/%s", place.guid, seen ? seen->path : path);
    rc = domain->sysvol->ops->read(domain->sysvol, whole, seen ? &seen->stat : NULL, sink, sink_arg,
                                   err);
    if (rc == GPMQ_ENOTFOUND && seen)
        return fail(err, GPMQ_EBUSY,
                    "GPO %s of %s was changed while it was being read: read it again", place.guid,
                    domain->settings->domain);
    return rc;
}
