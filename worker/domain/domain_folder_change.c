/* domain_folder_change.c - a change: begin, stage files, take over attributes, commit or abort. */
#include "domain_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "domain_folder_change.h"
#include "fail.h"
#include "fold.h"

void folder_end_change(struct folder_change **change_p)
{
    struct folder_change *change = STEAL(*change_p);
    if (!change)
        return;
    close_fd(&change->file_fd);
    close_fd(&change->stage_fd);
    if (change->write_lock >= 0 && !change->intended)
        if (folder_remove_staged(change->domain, &change->place, change->state_fd, NULL))
            change->intended = true; /* the next change removes what is left */
    close_fd(&change->write_lock);
    close_fd(&change->state_fd);
    ldif_free(&change->ldif);
    free(change->file_path);
    free(change);
}

void folder_change_abort(struct domain_change **change_p)
{
    struct folder_change *change = (struct folder_change *)STEAL(*change_p);
    folder_end_change(&change);
}

/* ---- begin ----------------------------------------------------------------------------------- */

/* The highest fence on disk: in the state folder, and in the record should that folder be lost. */
static int read_fence(const struct folder_change *change, uint64_t *out, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    uint64_t recorded = 0;
    int rc = 0;
    if (change->ldif)
        rc = ldif_number(gpc_find(change->ldif), FOLDER_ATTR_FENCE, &recorded, err);
    if (rc)
        return rc;
    if (beneath_read(change->state_fd, "fence", 64, &text) != 0 && errno != ENOENT)
        return fail_errno(err, "cannot read the fence of GPO %s", change->place.guid);
    uint64_t seen = text.at ? strtoull((const char *)text.at, NULL, 10) : 0;
    *out = seen > recorded ? seen : recorded;
    return 0;
}

static int pass_fence(struct folder_change *change, struct gpmq_error *err)
{
    uint64_t seen = 0;
    int rc = read_fence(change, &seen, err);
    if (rc)
        return rc;
    if (change->fence < seen)
        return fail(err, GPMQ_ESTALE,
                    "GPO %s of %s: fence %" PRIu64 " is stale, %" PRIu64 " was here already",
                    change->place.guid, change->domain->path, change->fence, seen);
    if (change->fence == seen)
        return 0;
    char text[32];
    int length = snprintf(text, sizeof text, "%" PRIu64 "\n", change->fence);
    if (beneath_replace(change->state_fd, "fence", text, (size_t)length) != 0)
        return fail_errno(err, "cannot record the fence of GPO %s", change->place.guid);
    return 0;
}

/* Whether this operation's change is in the GPO's history. */
static bool was_committed(const struct folder_change *change)
{
    const struct ldif_record *record = gpc_find(change->ldif);
    return ldif_has(record, FOLDER_ATTR_CREATOR, change->op) ||
           ldif_has(record, FOLDER_ATTR_OPERATION, change->op);
}

/* Takes the lock, and ends what an earlier attempt left. */
static int lock_and_recover(struct folder_change *change, int64_t wait_ms, struct gpmq_error *err)
{
    const struct folder_domain *domain = change->domain;
    CLEANUP(close_fd) int swap_lock = -1;
    change->state_fd = folder_open_state(domain, &change->place);
    if (change->state_fd < 0)
        return fail_errno(err, "cannot prepare a change of GPO %s in %s/.gpmq", change->place.guid,
                          domain->path);
    int rc = folder_lock_write(domain, &change->place, change->state_fd, wait_ms,
                               &change->write_lock, err);
    if (!rc)
        rc = folder_lock_swap(domain, &change->place, change->state_fd, &swap_lock, err);
    return rc ? rc : folder_recover(domain, &change->place, change->state_fd, err);
}

static int open_stage(struct folder_change *change, struct gpmq_error *err)
{
    if (beneath_mkdir(change->state_fd, "gpt") == 0)
        change->stage_fd = beneath_open(change->state_fd, "gpt", O_RDONLY | O_DIRECTORY, 0);
    return change->stage_fd >= 0 ? 0
                                 : fail_errno(err, "cannot stage a change of GPO %s in %s",
                                              change->place.guid, change->domain->path);
}

/* Whether a record that was read with this code can tell nothing. */
static bool is_beyond_repair(int code)
{
    return code == GPMQ_EDAMAGED || code == GPMQ_ETOOBIG;
}

static int make_record(struct folder_change *change, const struct domain_change_request *request,
                       struct gpmq_error *err)
{
    int rc = pass_fence(change, err);
    if (rc)
        return rc;
    change->create = true;
    return gpc_make(&change->domain->info, &change->place.id, request->display_name, &change->ldif,
                    err);
}

/* Loads the GPO, or makes its record; *done when the operation has been here before. */
static int load_or_make(struct folder_change *change, const struct domain_change_request *request,
                        bool *done, struct gpmq_error *err)
{
    const struct folder_domain *domain = change->domain;
    struct folder_place *place = &change->place;
    *place = folder_locate(domain, &place->id);
    if (place->exists) {
        int rc = folder_load(domain, place, &change->ldif, NULL, err);
        change->remade = is_beyond_repair(rc) && request->create && request->or_change;
        if (change->remade)
            return make_record(change, request, err);
        if (rc)
            return rc;
        *done = was_committed(change);
        if (!*done && request->create && !request->or_change)
            return fail(err, GPMQ_EEXIST, "GPO %s is in %s already, made by another operation",
                        place->guid, domain->path);
        return *done ? 0 : pass_fence(change, err);
    }
    if (!request->create || place->trouble)
        return folder_absent(err, domain, place);
    return make_record(change, request, err);
}

static int judge_request(const struct domain_change_request *request, struct gpmq_error *err)
{
    if (!request->create)
        return 0;
    if (!request->display_name || !*request->display_name)
        return fail(err, GPMQ_EINVAL, "a new GPO needs a display name");
    size_t length = strnlen(request->display_name, GPO_NAME_MAX + 1);
    if (length > GPO_NAME_MAX || !fold_is_utf8(request->display_name, length))
        return fail(err, GPMQ_EINVAL, "a display name is UTF-8 of at most %d bytes", GPO_NAME_MAX);
    return 0;
}

static struct gpmq_guid target_of(const struct domain_change_request *request)
{
    static const struct gpmq_guid none;
    if (request->create && gpmq_guid_equal(&request->gpo, &none))
        return gpmq_guid_derive(&request->op, "gpo");
    return request->gpo;
}

static struct folder_change *new_change(struct folder_domain *domain,
                                        const struct domain_change_request *request)
{
    struct folder_change *change = calloc(1, sizeof *change);
    if (!change)
        return NULL;
    struct gpmq_guid id = target_of(request);
    change->base.ops = &domain_folder;
    change->domain = domain;
    change->fence = request->fence;
    change->state_fd = change->write_lock = change->stage_fd = change->file_fd = -1;
    change->place = folder_locate(domain, &id);
    gpmq_id_text(&request->op, change->op);
    return change;
}

int folder_change_begin(struct domain *base, const struct domain_change_request *request,
                        int64_t wait_ms, struct domain_change **out,
                        struct domain_change_answer *answer, struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    bool done = false;
    int rc = judge_request(request, err);
    if (rc)
        return rc;
    CLEANUP(folder_end_change) struct folder_change *change = new_change(domain, request);
    if (!change)
        return fail(err, GPMQ_ENOMEM, "no memory for a change");
    if (!change->place.exists && (!request->create || change->place.trouble))
        return folder_absent(err, domain, &change->place);
    rc = lock_and_recover(change, wait_ms, err);
    if (!rc)
        rc = load_or_make(change, request, &done, err);
    if (!rc && !done)
        rc = open_stage(change, err);
    if (rc)
        return rc;
    answer->done = done;
    answer->remade = change->remade;
    *out = done ? NULL : &STEAL(change)->base;
    return 0;
}

/* ---- stage ----------------------------------------------------------------------------------- */

/* Makes the folders that `path` lacks, spelled as they are where they exist; writes the path as it
 * is then. With `whole` the last name is a folder as well. */
static int make_folders(const struct folder_change *change, const char *path, bool whole,
                        char actual[GPO_PATH_MAX + 1], struct gpmq_error *err)
{
    size_t found = beneath_find(change->stage_fd, path, actual);
    size_t length = strlen(actual);
    while (path[found]) {
        size_t part = strcspn(path + found, "/");
        if (length + part + 2 > GPO_PATH_MAX)
            return fail(err, GPMQ_ETOOBIG, "'%s' is too long", path);
        if (length)
            actual[length++] = '/';
        memcpy(actual + length, path + found, part);
        length += part;
        actual[length] = 0;
        found += part;
        if (!path[found] && !whole)
            return 0;
        found += path[found] == '/';
        if (mkdirat(change->stage_fd, actual, 0777) != 0)
            return fail_errno(err, "cannot make the folder %s of GPO %s", actual,
                              change->place.guid);
    }
    return 0;
}

static int judge_path(const char *path, struct gpmq_error *err)
{
    int rc = gpo_path_check(path, err);
    if (!rc && fold_compare(path, "GPT.INI") == 0)
        rc = fail(err, GPMQ_EINVAL, "GPT.INI is written by the commit");
    return rc;
}

int folder_change_mkdir(struct domain_change *base, const char *path, struct gpmq_error *err)
{
    struct folder_change *change = (struct folder_change *)base;
    char actual[GPO_PATH_MAX + 1];
    struct stat stat;
    int rc = judge_path(path, err);
    if (!rc)
        rc = make_folders(change, path, true, actual, err);
    if (rc)
        return rc;
    if (fstatat(change->stage_fd, actual, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISDIR(stat.st_mode))
        return fail(err, GPMQ_EEXIST, "cannot make the folder %s: there is a file of that name",
                    path);
    return 0;
}

/* Opens the file that is written next; the one written last stays open. */
static int open_for_append(struct folder_change *change, const char *path, struct gpmq_error *err)
{
    char actual[GPO_PATH_MAX + 1];
    if (change->file_path && strcmp(change->file_path, path) == 0)
        return 0;
    int rc = judge_path(path, err);
    if (!rc)
        rc = make_folders(change, path, false, actual, err);
    if (rc)
        return rc;
    CLEANUP(close_fd)
    int fd = beneath_open(change->stage_fd, actual, O_WRONLY | O_CREAT | O_APPEND, 0666);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0)
        return beneath_fail(err, "write", "the new state of the GPO", actual);
    char *copy = strdup(path);
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    free(change->file_path);
    close_fd(&change->file_fd);
    change->file_path = copy;
    change->file_fd = steal_fd(&fd);
    change->file_size = (uint64_t)stat.st_size;
    return 0;
}

int folder_change_write(struct domain_change *base, const char *path, const void *bytes,
                        size_t size, struct gpmq_error *err)
{
    struct folder_change *change = (struct folder_change *)base;
    int rc = open_for_append(change, path, err);
    if (rc)
        return rc;
    if (size > GPO_FILE_MAX - change->file_size)
        return fail(err, GPMQ_ETOOBIG, "%s has more than %u bytes", path, GPO_FILE_MAX);
    if (beneath_write(change->file_fd, bytes, size) != 0)
        return fail_errno(err, "cannot write %s of GPO %s", path, change->place.guid);
    change->file_size += size;
    return 0;
}
