/* domain_ad_change.c - a change: begin, stage, take over attributes, commit or abort. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "domain_ad.h"
#include "fail.h"
#include "file_sd.h"
#include "fold.h"
#include "gpt_ini.h"
#include "sysvol_acl.h"

struct ad_change {
    struct domain_change base;
    struct ad_domain *domain;
    struct ad_place place;
    char op[GPMQ_ID_TEXT_SIZE];
    uint64_t fence;
    char stage[AD_PLACE_MAX]; /* name of the staged folder */
    bool staged;              /* it is there, with its permissions */
    bool intended;            /* it is part of a commit, and not ours to remove */
    struct sysvol_lock *lock;
    struct ldif *before; /* NULL: the GPO is being made */
    struct ldif *after;
    struct gpc_floor floor;
    char *file_path; /* the file written last, which is open */
    struct sysvol_file *file;
    uint64_t file_size;
    size_t folder_count; /* folders that were made in the staged one, spelled as they were */
    char **folders;
};

/* ---- its end --------------------------------------------------------------------------------- */

static void end_change(struct ad_change **change_p)
{
    struct ad_change *change = STEAL(*change_p);
    if (!change)
        return;
    const struct sysvol_ops *ops = change->domain->sysvol->ops;
    if (ops->close_file(&change->file, NULL) != 0)
        change->staged = true; /* it is removed all the same */
    if (change->staged && !change->intended &&
        ops->remove(change->domain->sysvol, change->stage, NULL) != 0)
        change->staged = false; /* the next change of this GPO removes it */
    ad_unlock(change->domain, &change->place, &change->lock);
    for (size_t i = 0; i < change->folder_count; i++)
        free(change->folders[i]);
    free(change->folders);
    free(change->file_path);
    ldif_free(&change->before);
    ldif_free(&change->after);
    free(change);
}

void ad_change_abort(struct domain_change **change_p)
{
    struct ad_change *change = (struct ad_change *)STEAL(*change_p);
    end_change(&change);
}

/* ---- begin ----------------------------------------------------------------------------------- */

/* Staged folders of attempts that are gone. */
struct leftovers {
    const struct ad_change *change;
    size_t count;
    char names[16][AD_PLACE_MAX];
};

static int see_leftover(void *arg, const char *path, const struct sysvol_stat *stat,
                        struct gpmq_error *err)
{
    struct leftovers *found = arg;
    char start[GPMQ_GUID_TEXT_SIZE + 8];
    (void)err;
    int length = snprintf(start, sizeof start, ".gpmq-%s-", found->change->place.guid);
    if (stat->directory && strncasecmp(path, start, (size_t)length) == 0 && found->count < 16 &&
        strlen(path) < AD_PLACE_MAX)
        snprintf(found->names[found->count++], AD_PLACE_MAX, "%s", path);
    return 0;
}

static int remove_leftovers(struct ad_change *change, struct gpmq_error *err)
{
    struct sysvol *sysvol = change->domain->sysvol;
    struct leftovers found = {.change = change};
    int rc = sysvol->ops->names(sysvol, "", see_leftover, &found, err);
    for (size_t i = 0; i < found.count && !rc; i++)
        rc = sysvol->ops->remove(sysvol, found.names[i], err);
    return rc;
}

/* Writes our fence into the note: compare and swap. GPMQ_ESTALE: a higher one is there. */
static int pass_fence(struct ad_change *change, struct ad_note *note, struct gpmq_error *err)
{
    if (change->fence < note->fence)
        return fail(err, GPMQ_ESTALE,
                    "GPO %s of %s: fence %" PRIu64 " is stale, %" PRIu64 " was here already",
                    change->place.guid, change->domain->settings->domain, change->fence,
                    note->fence);
    note->fence = change->fence;
    return ad_note_put(change->domain, change->before, note, err);
}

static int copy_ldif(const struct ldif *from, struct ldif **out, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *copy = ldif_new();
    int rc = copy ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a change");
    for (size_t i = 0; i < from->count && !rc; i++)
        rc = ldif_add_copy(copy, &from->records[i], err);
    if (!rc)
        *out = STEAL(copy);
    return rc;
}

static int take_existing(struct ad_change *change, const struct domain_change_request *request,
                         bool *done, struct gpmq_error *err)
{
    struct ad_note note;
    ad_note_read(&note, ldif_text(gpc_find(change->before), AD_ATTR_NOTE));
    *done = ad_note_has(&note, change->op);
    if (*done)
        return 0;
    if (request->create && !request->or_change)
        return fail(err, GPMQ_EEXIST, "GPO %s is in %s already, made by another operation",
                    change->place.guid, change->domain->settings->domain);
    int rc = pass_fence(change, &note, err);
    return rc ? rc : copy_ldif(change->before, &change->after, err);
}

/* Loads the GPO, or makes its records; *done: the operation has been here before. */
static int load_or_make(struct ad_change *change, const struct domain_change_request *request,
                        bool *done, struct gpmq_error *err)
{
    struct ad_domain *domain = change->domain;
    int rc = ad_load(domain, &change->place, &change->before, NULL, err);
    if (!rc)
        return take_existing(change, request, done, err);
    if (rc != GPMQ_ENOTFOUND || !request->create)
        return rc;
    return gpc_make(&domain->info, &change->place.id, request->display_name, &change->after, err);
}

static int judge_request(const struct domain_change_request *request, struct gpmq_error *err)
{
    if (!request->create)
        return 0;
    size_t length = request->display_name ? strnlen(request->display_name, GPO_NAME_MAX + 1) : 0;
    if (!length)
        return fail(err, GPMQ_EINVAL, "a new GPO needs a display name");
    if (length > GPO_NAME_MAX || !fold_is_utf8(request->display_name, length))
        return fail(err, GPMQ_EINVAL, "a display name is UTF-8 of at most %d bytes", GPO_NAME_MAX);
    return 0;
}

static struct ad_change *new_change(struct ad_domain *domain,
                                    const struct domain_change_request *request)
{
    static const struct gpmq_guid none;
    struct ad_change *change = calloc(1, sizeof *change);
    if (!change)
        return NULL;
    bool derived = request->create && gpmq_guid_equal(&request->gpo, &none);
    struct gpmq_guid id = derived ? gpmq_guid_derive(&request->op, "gpo") : request->gpo;
    change->base.ops = &domain_ad;
    change->domain = domain;
    change->place = ad_locate(&id);
    change->fence = request->fence;
    gpmq_id_text(&request->op, change->op);
    snprintf(change->stage, sizeof change->stage, ".gpmq-%s-%s.new", change->place.guid,
             change->op);
    return change;
}

/* A GPO that is not there, and is not to be made, needs no lock file. */
static int judge_existence(struct ad_change *change, const struct domain_change_request *request,
                           struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *there = NULL;
    return request->create ? 0 : ad_load(change->domain, &change->place, &there, NULL, err);
}

int ad_change_begin(struct domain *base, const struct domain_change_request *request,
                    int64_t wait_ms, struct domain_change **out,
                    struct domain_change_answer *answer, struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    bool done = false;
    int rc = judge_request(request, err);
    if (rc)
        return rc;
    CLEANUP(end_change) struct ad_change *change = new_change(domain, request);
    if (!change)
        return fail(err, GPMQ_ENOMEM, "no memory for a change");
    rc = judge_existence(change, request, err);
    if (!rc)
        rc = ad_lock(domain, &change->place, wait_ms, &change->lock, err);
    if (!rc)
        rc = ad_recover(domain, &change->place, err);
    if (!rc)
        rc = remove_leftovers(change, err);
    if (!rc)
        rc = load_or_make(change, request, &done, err);
    if (rc)
        return rc;
    answer->done = done;
    *out = done ? NULL : &STEAL(change)->base;
    return 0;
}

/* ---- stage ----------------------------------------------------------------------------------- */

/* The permissions of the folder are set while it is empty: what is made in it inherits them. */
static int set_permissions(struct ad_change *change, struct gpmq_error *err)
{
    struct ad_domain *domain = change->domain;
    const struct ldif_value *value = ldif_get(gpc_find(change->after), "nTSecurityDescriptor");
    CLEANUP(free_pointer) uint8_t *file = NULL;
    struct sd sd;
    size_t size;
    if (!value)
        return fail(err, GPMQ_EACCESS, "GPO %s of %s: its security descriptor cannot be read",
                    change->place.guid, domain->settings->domain);
    int rc = sd_open(&sd, value->bytes, value->size, err);
    if (!rc)
        rc = file_sd_from_ds(&sd, &file, &size, err);
    return rc ? rc
              : sysvol_acl_set(domain->settings, ad_ldap_server(domain->ldap), change->stage, file,
                               size, err);
}

static int open_stage(struct ad_change *change, struct gpmq_error *err)
{
    struct sysvol *sysvol = change->domain->sysvol;
    if (change->staged)
        return 0;
    int rc = sysvol->ops->mkdir(sysvol, change->stage, err);
    if (rc)
        return rc;
    change->staged = true;
    return set_permissions(change, err);
}

static int judge_path(const char *path, struct gpmq_error *err)
{
    int rc = gpo_path_check(path, err);
    if (!rc && fold_compare(path, GPT_INI_NAME) == 0)
        rc = fail(err, GPMQ_EINVAL, "GPT.INI is written by the commit");
    return rc;
}

static bool has_folder(const struct ad_change *change, const char *path)
{
    for (size_t i = change->folder_count; i-- > 0;)
        if (fold_compare(change->folders[i], path) == 0)
            return true;
    return false;
}

static int make_folder(struct ad_change *change, const char *path, struct gpmq_error *err)
{
    struct sysvol *sysvol = change->domain->sysvol;
    char whole[GPO_PATH_MAX + AD_PLACE_MAX];
    if (has_folder(change, path))
        return 0;
    snprintf(whole, sizeof whole, "%s/%s", change->stage, path);
    int rc = sysvol->ops->mkdir(sysvol, whole, err);
    if (rc == GPMQ_EEXIST)
        return fail(err, rc, "cannot make the folder %s: there is a file of that name", path);
    if (rc)
        return rc;
    char **folders = reallocarray(change->folders, change->folder_count + 1, sizeof *folders);
    if (folders)
        change->folders = folders;
    if (!folders || !(folders[change->folder_count] = strdup(path)))
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    change->folder_count++;
    return 0;
}

/* Every folder above path, and with `whole` path itself. */
static int make_folders(struct ad_change *change, const char *path, bool whole,
                        struct gpmq_error *err)
{
    char part[GPO_PATH_MAX + 1];
    int rc = open_stage(change, err);
    for (const char *slash = strchr(path, '/'); slash && !rc; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        rc = make_folder(change, part, err);
    }
    return !rc && whole ? make_folder(change, path, err) : rc;
}

int ad_change_mkdir(struct domain_change *base, const char *path, struct gpmq_error *err)
{
    struct ad_change *change = (struct ad_change *)base;
    int rc = judge_path(path, err);
    return rc ? rc : make_folders(change, path, true, err);
}

static int open_file(struct ad_change *change, const char *path, struct gpmq_error *err)
{
    struct sysvol *sysvol = change->domain->sysvol;
    char whole[GPO_PATH_MAX + AD_PLACE_MAX];
    struct sysvol_stat stat;
    if (change->file && strcmp(change->file_path, path) == 0)
        return 0;
    int rc = judge_path(path, err);
    if (!rc)
        rc = make_folders(change, path, false, err);
    if (!rc)
        rc = sysvol->ops->close_file(&change->file, err);
    if (rc)
        return rc;
    snprintf(whole, sizeof whole, "%s/%s", change->stage, path);
    free(STEAL(change->file_path));
    change->file_path = strdup(path);
    if (!change->file_path)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    bool there = sysvol->ops->stat(sysvol, whole, &stat, NULL) == 0;
    change->file_size = there ? stat.size_bytes : 0;
    return sysvol->ops->create(sysvol, whole, &change->file, err);
}

int ad_change_write(struct domain_change *base, const char *path, const void *bytes, size_t size,
                    struct gpmq_error *err)
{
    struct ad_change *change = (struct ad_change *)base;
    int rc = open_file(change, path, err);
    if (rc)
        return rc;
    if (size > GPO_FILE_MAX - change->file_size)
        return fail(err, GPMQ_ETOOBIG, "%s has more than %u bytes", path, GPO_FILE_MAX);
    change->file_size += size;
    return size ? change->domain->sysvol->ops->write(change->file, bytes, size, err) : 0;
}

int ad_change_set(struct domain_change *base, unsigned fields, const struct gpo *values,
                  struct gpmq_error *err)
{
    struct ad_change *change = (struct ad_change *)base;
    if (change->staged && fields & DOMAIN_SECURITY)
        return fail(err, GPMQ_ESTATE,
                    "the security of a GPO is set before its files are: they inherit it");
    return gpc_set(change->after, &change->domain->info, fields, values, &change->floor, err);
}

/* ---- what it would be, and commit ------------------------------------------------------------ */

static int next_version(struct ad_change *change, uint32_t *out, struct gpmq_error *err)
{
    uint32_t sysvol;
    int rc = ad_gpt_version(change->domain, change->place.guid, &sysvol, err);
    return rc ? rc : gpc_next_version(change->after, sysvol, &change->floor, out, err);
}

int ad_change_read(struct domain_change *base, struct gpo **out, struct gpmq_error *err)
{
    struct ad_change *change = (struct ad_change *)base;
    CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
    uint32_t version = 0;
    if (!gpo)
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    gpo->id = change->place.id;
    int rc = change->domain->sysvol->ops->close_file(&change->file, err);
    if (!rc)
        rc = gpc_read(&change->domain->info, change->after, gpo, err);
    if (!rc)
        rc = ad_name_filter(change->domain, gpo, err);
    if (!rc && change->staged)
        rc = ad_list_files(change->domain, change->stage, gpo, NULL, NULL, err);
    if (!rc)
        rc = next_version(change, &version, err);
    if (rc)
        return rc;
    gpo->user.ds = gpo->user.sysvol = (uint16_t)(version >> 16);
    gpo->machine.ds = gpo->machine.sysvol = (uint16_t)version;
    gpo->modified_unix_ms = clock_unix_ms();
    *out = STEAL(gpo);
    return 0;
}

static int put_gpt_ini(struct ad_change *change, uint32_t version, struct gpmq_error *err)
{
    char text[GPT_INI_SIZE], path[AD_PLACE_MAX + sizeof GPT_INI_NAME];
    size_t size = gpt_ini_text(version, text);
    snprintf(path, sizeof path, "%s/" GPT_INI_NAME, change->stage);
    return sysvol_put(change->domain->sysvol, path, text, size, err);
}

/* The record that the commit makes visible: version, note. */
static int finish_records(struct ad_change *change, uint32_t version, struct gpmq_error *err)
{
    struct ldif_record *gpc = gpc_find(change->after);
    struct ad_note note;
    char text[AD_NOTE_MAX + 1];
    ad_note_read(&note, ldif_text(gpc, AD_ATTR_NOTE));
    note.fence = change->fence;
    note.committing = false;
    if (!change->before)
        snprintf(note.creator, sizeof note.creator, "%s", change->op);
    ad_note_add(&note, change->op);
    ad_note_text(&note, text);
    int rc = ldif_set_text(gpc, AD_ATTR_NOTE, text, err);
    return rc ? rc : ldif_set_number(gpc, "versionNumber", (int32_t)version, err);
}

int ad_change_commit(struct domain_change **change_p, uint32_t *version, struct gpmq_error *err)
{
    CLEANUP(end_change) struct ad_change *change = (struct ad_change *)STEAL(*change_p);
    uint32_t next = 0;
    int rc = open_stage(change, err);
    if (!rc)
        rc = change->domain->sysvol->ops->close_file(&change->file, err);
    if (!rc)
        rc = next_version(change, &next, err);
    if (!rc)
        rc = put_gpt_ini(change, next, err);
    if (!rc)
        rc = finish_records(change, next, err);
    if (!rc)
        rc = ad_commit(change->domain, &change->place, change->stage, change->before, change->after,
                       &change->intended, err);
    if (!rc)
        *version = next;
    return rc;
}
