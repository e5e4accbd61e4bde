/* domain_folder_read.c - list GPOs, read one, read its files. */
#include "domain_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"

static int by_name(const void *a, const void *b)
{
    const struct domain_gpo *left = a, *right = b;
    int order = fold_compare(left->display_name, right->display_name);
    return order ? order : memcmp(&left->id, &right->id, sizeof left->id);
}

/* A record that cannot be read is listed under its GUID: reading it says what is wrong with it. */
static int list_one(struct folder_domain *domain, const struct gpmq_guid *id,
                    struct domain_gpo *item, struct gpmq_error *err)
{
    struct folder_place place = folder_locate(domain, id);
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    int rc = folder_load(domain, &place, &ldif, NULL, err);
    if (rc == GPMQ_ENOMEM)
        return rc;
    const struct ldif_record *record = rc ? NULL : gpc_find(ldif);
    const char *name = record ? ldif_text(record, "displayName") : NULL;
    uint64_t version = 0, options = 0;
    if (record && (ldif_number(record, "versionNumber", &version, NULL) != 0 ||
                   ldif_number(record, "flags", &options, NULL) != 0))
        name = NULL;
    *item = (struct domain_gpo){
        .id = *id,
        .display_name = strdup(name ? name : place.guid),
        .options = (uint32_t)options & 3,
        .user_version = (uint16_t)(version >> 16),
        .machine_version = (uint16_t)version,
        .created_unix_ms = record ? ldif_time(record, "whenCreated") : 0,
        .modified_unix_ms = record ? ldif_time(record, "whenChanged") : 0,
    };
    return item->display_name ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a list of GPOs");
}

/* "{GUID}.ldif" in any case. */
static bool names_ldif(const char *name, struct gpmq_guid *id)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    size_t length = sizeof text - 1;
    if (strlen(name) != length + 5 || strcasecmp(name + length, ".ldif") != 0)
        return false;
    memcpy(text, name, length);
    text[length] = 0;
    return text[0] == '{' && gpmq_guid_parse(id, text) == 0;
}

static int list_entries(struct folder_domain *domain, DIR *entries, struct domain_gpos *gpos,
                        struct gpmq_error *err)
{
    const struct dirent *entry;
    while ((entry = readdir(entries))) {
        struct gpmq_guid id;
        if (!names_ldif(entry->d_name, &id))
            continue;
        struct domain_gpo *items = reallocarray(gpos->items, gpos->count + 1, sizeof *items);
        if (!items)
            return fail(err, GPMQ_ENOMEM, "no memory for a list of GPOs");
        gpos->items = items;
        int rc = list_one(domain, &id, &items[gpos->count], err);
        if (rc)
            return rc;
        gpos->count++;
    }
    return 0;
}

int folder_list(struct domain *base, struct domain_gpos *out, struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    int fd = openat(domain->policies_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        int rc = folder_fail(err, "list", domain, "");
        close_fd(&fd);
        return rc;
    }
    int rc = list_entries(domain, entries, &gpos, err);
    closedir(entries);
    if (rc)
        return rc;
    if (gpos.count)
        qsort(gpos.items, gpos.count, sizeof *gpos.items, by_name);
    *out = gpos;
    gpos = (struct domain_gpos){0};
    return 0;
}

struct listing {
    const char *root;
    struct gpo *gpo;
};

static int list_file(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    struct listing *listing = arg;
    bool folder = S_ISDIR(entry->stat->st_mode);
    if (entry->leaving || fold_compare(entry->path, "GPT.INI") == 0)
        return 0;
    if (!folder && !S_ISREG(entry->stat->st_mode))
        return fail(err, GPMQ_EDAMAGED,
                    "%s/%s is neither file nor folder (a symbolic link?): refused", listing->root,
                    entry->path);
    int rc = gpo_path_check(entry->path, err);
    if (rc) {
        fail_in(err, "%s", listing->root);
        return GPMQ_EMALFORMED;
    }
    return gpo_add_file(listing->gpo, entry->path, folder,
                        folder ? 0 : (uint64_t)entry->stat->st_size, err);
}

/* Windows sees one file where we would see two. */
static int refuse_twins(const struct listing *listing, struct gpmq_error *err)
{
    const struct gpo *gpo = listing->gpo;
    for (size_t i = 1; i < gpo->file_count; i++)
        if (fold_compare_paths(gpo->files[i - 1].path, gpo->files[i].path) == 0)
            return fail(err, GPMQ_EDAMAGED,
                        "%s: '%s' and '%s' differ only in letter case: remove one", listing->root,
                        gpo->files[i - 1].path, gpo->files[i].path);
    return 0;
}

int folder_list_files(int gpt, const char *root, struct gpo *gpo, struct gpmq_error *err)
{
    struct listing listing = {root, gpo};
    int rc = beneath_walk(gpt, root, list_file, &listing, err);
    if (rc)
        return rc;
    gpo_sort_files(gpo);
    return refuse_twins(&listing, err);
}

static int read_gpt(const struct folder_domain *domain, const struct folder_place *place,
                    struct gpo *gpo, struct gpmq_error *err)
{
    uint32_t version;
    CLEANUP(close_fd)
    int gpt = beneath_open(domain->policies_fd, place->gpt, O_RDONLY | O_DIRECTORY, 0);
    if (gpt < 0 && errno == ENOENT)
        return fail(err, GPMQ_EDAMAGED, "GPO %s of %s has a directory object, but no folder",
                    place->guid, domain->path);
    if (gpt < 0)
        return folder_fail(err, "open", domain, place->gpt);
    int rc = folder_gpt_version(domain, domain->policies_fd, place->gpt, &version, err);
    if (rc)
        return rc;
    gpo->user.sysvol = (uint16_t)(version >> 16);
    gpo->machine.sysvol = (uint16_t)version;
    char root[GPO_PATH_MAX];
    snprintf(root, sizeof root, "%s/Policies/%s", domain->path, place->gpt);
    return folder_list_files(gpt, root, gpo, err);
}

/* GPMQ_ENOTFOUND when it is not there. */
static int locate(const struct folder_domain *domain, const struct gpmq_guid *id,
                  struct folder_place *place, struct gpmq_error *err)
{
    *place = folder_locate(domain, id);
    return place->exists ? 0 : folder_absent(err, domain, place);
}

/* What read() told of this GPO must still hold. */
static int judge_stamp(const struct folder_domain *domain, const struct folder_place *place,
                       const struct folder_stamp *seen, struct gpmq_error *err)
{
    struct stat stat;
    if (!gpmq_guid_equal(&seen->id, &place->id))
        return 0;
    if (fstatat(domain->policies_fd, place->ldif, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
        stat.st_ino == seen->inode && stat.st_ctim.tv_sec == seen->changed.tv_sec &&
        stat.st_ctim.tv_nsec == seen->changed.tv_nsec)
        return 0;
    return fail(err, GPMQ_EBUSY, "GPO %s of %s was changed while it was being read: read it again",
                place->guid, domain->path);
}

/* One who may not lock looks again instead: the record is the same, and no commit is on its way. */
static int judge_unlocked(const struct folder_domain *domain, const struct folder_place *place,
                          const struct folder_stamp *stamp, struct gpmq_error *err)
{
    char intent[sizeof ".gpmq//intent" + GPMQ_GUID_TEXT_SIZE];
    snprintf(intent, sizeof intent, ".gpmq/%s/intent", place->guid);
    if (beneath_exists(domain->root_fd, intent))
        return fail(err, GPMQ_EBUSY,
                    "GPO %s of %s is in the middle of a commit, and this account may not end it",
                    place->guid, domain->path);
    return judge_stamp(domain, place, stamp, err);
}

int folder_read(struct domain *base, const struct gpmq_guid *id, struct gpo **out,
                struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    CLEANUP(close_fd) int lock = -1;
    struct folder_place place;
    struct folder_stamp stamp;
    if (!gpo)
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    gpo->id = *id;
    int rc = locate(domain, id, &place, err);
    if (!rc)
        rc = folder_lock_read(domain, &place, &lock, err);
    if (!rc)
        rc = folder_load(domain, &place, &ldif, &stamp, err);
    if (!rc)
        rc = folder_read_gpc(domain, ldif, gpo, err);
    if (!rc)
        rc = read_gpt(domain, &place, gpo, err);
    if (!rc && lock < 0)
        rc = judge_unlocked(domain, &place, &stamp, err);
    if (rc)
        return rc;
    domain->seen = stamp;
    *out = STEAL(gpo);
    return 0;
}

/* Opens a file of the state that read() saw. Once open, a commit takes nothing from it. */
static int open_file(const struct folder_domain *domain, const struct folder_place *place,
                     const char *path, int *out, struct gpmq_error *err)
{
    char wanted[GPO_PATH_MAX + GPMQ_GUID_TEXT_SIZE + 1], found[GPO_PATH_MAX + 1];
    CLEANUP(close_fd) int lock = -1;
    int rc = folder_lock_read(domain, place, &lock, err);
    if (!rc)
        rc = judge_stamp(domain, place, &domain->seen, err);
    if (rc)
        return rc;
    int length = snprintf(wanted, sizeof wanted, "%s/%s", place->gpt, path);
    if (beneath_find(domain->policies_fd, wanted, found) != (size_t)length)
        memcpy(found, wanted, strnlen(wanted, GPO_PATH_MAX) + 1);
    found[GPO_PATH_MAX] = 0;
    int fd = beneath_open(domain->policies_fd, found, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0)
        return folder_fail(err, "read", domain, found);
    struct stat stat;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        close_fd(&fd);
        return fail(err, GPMQ_EINVAL, "cannot read %s/Policies/%s: it is no file", domain->path,
                    found);
    }
    *out = fd;
    return 0;
}

int folder_feed(const struct folder_domain *domain, int fd, const char *path, domain_sink *sink,
                void *sink_arg, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *piece = malloc(FOLDER_PIECE_BYTES);
    if (!piece)
        return fail(err, GPMQ_ENOMEM, "no memory to read a file");
    ssize_t got = 0;
    int rc = 0;
    while (!rc && (got = read(fd, piece, FOLDER_PIECE_BYTES)) > 0)
        rc = sink(sink_arg, piece, (size_t)got, err);
    if (!rc && got < 0)
        rc = fail_errno(err, "cannot read %s/Policies/%s", domain->path, path);
    return rc;
}

int folder_read_file(struct domain *base, const struct gpmq_guid *id, const char *path,
                     domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    char whole[GPO_PATH_MAX + GPMQ_GUID_TEXT_SIZE + 1];
    CLEANUP(close_fd) int fd = -1;
    struct folder_place place;
    int rc = gpo_path_check(path, err);
    if (!rc)
        rc = locate(domain, id, &place, err);
    if (!rc)
        rc = open_file(domain, &place, path, &fd, err);
    if (rc)
        return rc;
    snprintf(whole, sizeof whole, "%s/%s", place.gpt, path);
    return folder_feed(domain, fd, whole, sink, sink_arg, err);
}
