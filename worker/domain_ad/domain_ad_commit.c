/* domain_ad_commit.c - lock, put in place, roll forward. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "cleanup.h"
#include "clock.h"
#include "domain_ad.h"
#include "fail.h"

#define INTENT_MAX   (64u << 20) /* bytes of an intent */
#define ATTR_STAGE   "gpmqStage" /* in its first record: the staged folder */
#define INTENT_DN    "CN=gpmq intent"
#define INTENT_DRAFT ".draft"

static int out_of_memory(struct gpmq_error *err)
{
    return fail(err, GPMQ_ENOMEM, "no memory for a commit");
}

void ad_pause(void)
{
    struct timespec pause = {.tv_nsec = AD_POLL_MS * 1000000};
    nanosleep(&pause, NULL);
}

int ad_lock(struct ad_domain *domain, const struct ad_place *place, int64_t wait_ms,
            struct sysvol_lock **out, struct gpmq_error *err)
{
    int64_t until_ms = clock_now_ms() + wait_ms;
    for (;;) {
        int rc = domain->sysvol->ops->lock(domain->sysvol, place->lock, out, err);
        if (rc != GPMQ_EBUSY)
            return rc;
        if (clock_now_ms() >= until_ms)
            return fail(err, GPMQ_EBUSY, "GPO %s of %s is being changed by another", place->guid,
                        domain->settings->domain);
        ad_pause();
    }
}

/* Another who waits has it open already, and then it stays. */
void ad_unlock(struct ad_domain *domain, const struct ad_place *place, struct sysvol_lock **lock_p)
{
    if (!*lock_p)
        return;
    domain->sysvol->ops->unlock(lock_p);
    if (domain->sysvol->ops->remove(domain->sysvol, place->lock, NULL) != 0)
        return;
}

/* ---- the intent ------------------------------------------------------------------------------ */

/* Written beside its place and renamed: it is whole, or not there. */
static int write_intent(struct ad_domain *domain, const struct ad_place *place, const char *stage,
                        const struct ldif *after, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *intent = ldif_new();
    CLEANUP(free_pointer) char *text = NULL;
    struct ldif_record *head;
    char draft[AD_PLACE_MAX + sizeof INTENT_DRAFT];
    size_t size = 0;
    int rc = intent ? ldif_add(intent, INTENT_DN, &head, err) : out_of_memory(err);
    if (!rc)
        rc = ldif_put_text(head, ATTR_STAGE, stage, err);
    for (size_t i = 0; i < after->count && !rc; i++)
        rc = ldif_add_copy(intent, &after->records[i], err);
    if (!rc)
        rc = ldif_format(intent, &text, &size, err);
    if (!rc && size > INTENT_MAX)
        rc = fail(err, GPMQ_ETOOBIG, "GPO %s: directory objects of more than %u bytes", place->guid,
                  INTENT_MAX);
    snprintf(draft, sizeof draft, "%s" INTENT_DRAFT, place->intent);
    if (!rc)
        rc = sysvol_put(domain->sysvol, draft, text, size, err);
    return rc ? rc : domain->sysvol->ops->rename(domain->sysvol, draft, place->intent, err);
}

static int take_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct bytes *out = arg;
    if (size > INTENT_MAX - out->size)
        return fail(err, GPMQ_ETOOBIG, "an intent of more than %u bytes", INTENT_MAX);
    bytes_put(out, bytes, size);
    return 0;
}

/* What it says: the staged folder's name, and the objects. */
static int read_intent(struct ad_domain *domain, const struct ad_place *place,
                       char stage[AD_PLACE_MAX], struct ldif **out, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(ldif_free) struct ldif *intent = NULL;
    CLEANUP(ldif_free) struct ldif *after = ldif_new();
    bytes_put(&text, "", 0);
    int rc = after ? domain->sysvol->ops->read(domain->sysvol, place->intent, NULL, take_piece,
                                               &text, err)
                   : out_of_memory(err);
    if (!rc)
        rc = text.failed ? out_of_memory(err) : ldif_parse(text.at, text.size, 0, &intent, err);
    if (rc)
        return rc;
    const char *name = intent->count ? ldif_text(&intent->records[0], ATTR_STAGE) : NULL;
    for (size_t i = 1; i < intent->count && !rc; i++)
        rc = ldif_add_copy(after, &intent->records[i], err);
    if (rc)
        return rc;
    if (!name || strchr(name, '/') || strncmp(name, ".gpmq-", 6) != 0 || !gpc_find(after))
        return fail(err, GPMQ_EDAMAGED, "SYSVOL, %s is no intent of gpmq: remove it by hand",
                    place->intent);
    snprintf(stage, AD_PLACE_MAX, "%s", name);
    *out = STEAL(after);
    return 0;
}

/* ---- its steps, each of which may have been done --------------------------------------------- */

static int is_there(struct ad_domain *domain, const char *name, bool *out, struct gpmq_error *err)
{
    struct sysvol_stat stat;
    int rc = domain->sysvol->ops->stat(domain->sysvol, name, &stat, err);
    *out = rc == 0;
    return rc == GPMQ_ENOTFOUND ? 0 : rc;
}

/* A server neither renames nor removes a folder in which somebody has a file open: readers are
 * waited for. A file that is removed while it is open stays until it is closed, and its folder is
 * not empty as long. */
static bool was_open(int rc)
{
    return rc == GPMQ_EBUSY || rc == GPMQ_EACCESS;
}

static int rename_folder(struct ad_domain *domain, const char *from, const char *to,
                         struct gpmq_error *err)
{
    int64_t until_ms = clock_now_ms() + AD_READERS_MS;
    for (;;) {
        int rc = domain->sysvol->ops->rename(domain->sysvol, from, to, err);
        if (!was_open(rc))
            return rc;
        if (clock_now_ms() > until_ms)
            return fail(err, GPMQ_EBUSY,
                        "cannot put '%s' in place as '%s' in SYSVOL: somebody has "
                        "a file in it open",
                        from, to);
        ad_pause();
    }
}

static int remove_folder(struct ad_domain *domain, const char *name, struct gpmq_error *err)
{
    int64_t until_ms = clock_now_ms() + AD_READERS_MS;
    for (;;) {
        int rc = domain->sysvol->ops->remove(domain->sysvol, name, err);
        if (!was_open(rc) && rc != GPMQ_EEXIST)
            return rc;
        if (clock_now_ms() > until_ms)
            return fail(err, GPMQ_EBUSY,
                        "cannot remove '%s' in SYSVOL: somebody has a file in it open", name);
        ad_pause();
    }
}

/* The old GPT goes aside, the new one comes in its place. */
static int swap_folders(struct ad_domain *domain, const struct ad_place *place, const char *stage,
                        struct gpmq_error *err)
{
    bool staged, live;
    int rc = is_there(domain, stage, &staged, err);
    if (rc || !staged)
        return rc;
    rc = is_there(domain, place->guid, &live, err);
    if (!rc && live)
        rc = remove_folder(domain, place->old, err);
    if (!rc && live)
        rc = rename_folder(domain, place->guid, place->old, err);
    return rc ? rc : rename_folder(domain, stage, place->guid, err);
}

/* Whether the directory says already what the intent says: the note changes last. Then nothing is
 * done again, since others may have changed the GPO after us. */
static bool is_applied(const struct ldif *now, const struct ldif *after)
{
    const char *note = ldif_text(gpc_find(now), AD_ATTR_NOTE);
    const char *wanted = ldif_text(gpc_find(after), AD_ATTR_NOTE);
    return note && wanted && strcmp(note, wanted) == 0;
}

static int change_directory(struct ad_domain *domain, const struct ad_place *place,
                            const struct ldif *after, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *now = NULL;
    int rc = ad_load(domain, place, &now, NULL, err);
    if (rc == GPMQ_ENOTFOUND)
        return ad_apply_new(domain, after, err);
    return rc || is_applied(now, after) ? rc : ad_apply(domain, now, after, err);
}

static int clean_up(struct ad_domain *domain, const struct ad_place *place, struct gpmq_error *err)
{
    int rc = remove_folder(domain, place->old, err);
    return rc ? rc : domain->sysvol->ops->remove(domain->sysvol, place->intent, err);
}

/* ---- from outside ---------------------------------------------------------------------------- */

/* The note of a commit that never came to its intent: nothing has happened. */
static int take_back(struct ad_domain *domain, const struct ad_place *place, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *now = NULL;
    struct ad_note note;
    int rc = ad_load(domain, place, &now, NULL, err);
    if (rc)
        return rc == GPMQ_ENOTFOUND ? 0 : rc;
    ad_note_read(&note, ldif_text(gpc_find(now), AD_ATTR_NOTE));
    note.committing = false;
    return ad_note_put(domain, now, &note, err);
}

int ad_recover(struct ad_domain *domain, const struct ad_place *place, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *after = NULL;
    char stage[AD_PLACE_MAX];
    bool committing;
    int rc = is_there(domain, place->intent, &committing, err);
    if (rc || !committing)
        return rc ? rc : take_back(domain, place, err);
    rc = read_intent(domain, place, stage, &after, err);
    if (!rc)
        rc = swap_folders(domain, place, stage, err);
    if (!rc)
        rc = change_directory(domain, place, after, err);
    return rc ? rc : clean_up(domain, place, err);
}

/* The note must still be the one that the change began with: through another controller somebody
 * may have gone on. */
static int judge_note(struct ad_domain *domain, const struct ad_place *place,
                      const struct ldif *before, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *now = NULL;
    int rc = ad_load(domain, place, &now, NULL, err);
    if (!before && rc == GPMQ_ENOTFOUND)
        return 0;
    if (rc)
        return rc;
    const char *note = ldif_text(gpc_find(now), AD_ATTR_NOTE);
    const char *begun = before ? ldif_text(gpc_find(before), AD_ATTR_NOTE) : NULL;
    if (before && note && begun && strcmp(note, begun) == 0)
        return 0;
    return fail(err, before ? GPMQ_ESTALE : GPMQ_EEXIST, "GPO %s of %s was %s by another meanwhile",
                place->guid, domain->settings->domain, before ? "changed" : "made");
}

/* From here on readers wait. */
static int announce(struct ad_domain *domain, struct ldif *before, struct gpmq_error *err)
{
    struct ad_note note;
    ad_note_read(&note, ldif_text(gpc_find(before), AD_ATTR_NOTE));
    note.committing = true;
    return ad_note_put(domain, before, &note, err);
}

/* Up to the intent nothing has happened; from there on it is rolled forward, by us or the next. */
int ad_commit(struct ad_domain *domain, const struct ad_place *place, const char *stage,
              struct ldif *before, const struct ldif *after, bool *intended, struct gpmq_error *err)
{
    int rc = judge_note(domain, place, before, err);
    if (!rc && before)
        rc = announce(domain, before, err);
    if (!rc)
        rc = write_intent(domain, place, stage, after, err);
    if (rc)
        return rc;
    *intended = true;
    rc = swap_folders(domain, place, stage, err);
    if (!rc)
        rc = before ? ad_apply(domain, before, after, err) : ad_apply_new(domain, after, err);
    return rc ? rc : clean_up(domain, place, err);
}
