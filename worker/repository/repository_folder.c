#include "repository_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "backup_info_xml.h"
#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "xml.h"

static void close_dir(DIR **dir_p)
{
    if (*dir_p)
        closedir(*dir_p);
    *dir_p = NULL;
}

static DIR *list_dir(int dir)
{
    CLEANUP(close_fd) int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries)
        steal_fd(&fd);
    return entries;
}

/* ---- the backups ---------------------------------------------------------------------------- */

void repository_entries_free(struct repository_entries *entries)
{
    free(entries->items);
    *entries = (struct repository_entries){0};
}

int repository_guid_compare(const struct gpmq_guid *a, const struct gpmq_guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static int by_id(const void *a, const void *b)
{
    const struct repository_entry *left = a, *right = b;
    int order = repository_guid_compare(&left->id, &right->id);
    return order ? order : strcmp(left->name, right->name);
}

static int by_id_alone(const void *key, const void *item)
{
    const struct repository_entry *entry = item;
    return repository_guid_compare(key, &entry->id);
}

struct repository_entry *repository_entries_find(const struct repository_entries *entries,
                                                 const struct gpmq_guid *id)
{
    if (!entries->count)
        return NULL;
    return bsearch(id, entries->items, entries->count, sizeof *entries->items, by_id_alone);
}

static bool is_backup(const struct dirent *entry, struct gpmq_guid *id)
{
    return entry->d_name[0] == '{' && strlen(entry->d_name) == GPMQ_GUID_TEXT_SIZE - 1 &&
           (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) &&
           !gpmq_guid_parse(id, entry->d_name);
}

static int add_entry(struct repository_entries *entries, size_t *room, const char *name,
                     const struct gpmq_guid *id, struct gpmq_error *err)
{
    if (entries->count >= REPOSITORY_BACKUPS_MAX)
        return fail(err, GPMQ_ETOOBIG, "more than %d backups in one repository",
                    REPOSITORY_BACKUPS_MAX);
    if (entries->count == *room) {
        size_t more = *room ? 2 * *room : 64;
        struct repository_entry *items = realloc(entries->items, more * sizeof *items);
        if (!items)
            return fail(err, GPMQ_ENOMEM, "no memory for a list of backups");
        entries->items = items;
        *room = more;
    }
    struct repository_entry *entry = &entries->items[entries->count++];
    entry->id = *id;
    memcpy(entry->name, name, sizeof entry->name);
    return 0;
}

/* Two spellings of one id are one backup: the first in byte order. */
static void sort_entries(struct repository_entries *entries)
{
    if (!entries->count)
        return;
    qsort(entries->items, entries->count, sizeof *entries->items, by_id);
    size_t kept = 1;
    for (size_t i = 1; i < entries->count; i++)
        if (!gpmq_guid_equal(&entries->items[kept - 1].id, &entries->items[i].id))
            entries->items[kept++] = entries->items[i];
    entries->count = kept;
}

int repository_entries_read(struct repository *repository, struct repository_entries *out,
                            struct gpmq_error *err)
{
    CLEANUP(close_dir) DIR *dir = list_dir(repository->dir);
    if (!dir)
        return fail_errno(err, "cannot list repository %s", repository->path);
    CLEANUP(repository_entries_free) struct repository_entries entries = {0};
    size_t room = 0;
    struct gpmq_guid id;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(dir)); errno = 0) {
        int rc = is_backup(entry, &id) ? add_entry(&entries, &room, entry->d_name, &id, err) : 0;
        if (rc)
            return rc;
    }
    if (errno)
        return fail_errno(err, "cannot list repository %s", repository->path);
    sort_entries(&entries);
    *out = entries;
    entries = (struct repository_entries){0};
    return 0;
}

static int open_folder(struct repository *repository, const char *name)
{
    return beneath_open(repository->dir, name, O_RDONLY | O_DIRECTORY, 0);
}

int repository_open_backup(struct repository *repository, const struct gpmq_guid *id, int *out_fd,
                           struct gpmq_error *err)
{
    char name[GPMQ_GUID_TEXT_SIZE], found[GPO_PATH_MAX + 1];
    gpmq_guid_text(id, name);
    int fd = open_folder(repository, name);
    if (fd < 0 && errno == ENOENT && beneath_find(repository->dir, name, found) == strlen(name))
        fd = open_folder(repository, found);
    if (fd < 0 && (errno == ENOENT || errno == 0)) /* 0: beneath_find() has looked */
        return fail(err, GPMQ_ENOTFOUND, "no backup %s in repository %s", name, repository->path);
    if (fd < 0)
        return beneath_fail(err, "open", repository->path, name);
    *out_fd = fd;
    return 0;
}

/* ---- the files of a backup ------------------------------------------------------------------ */

static int open_plain(int dir, const char *path)
{
    return beneath_open(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

/* Where several folders differ by case alone, a file may be in any of them: each is tried. */
static int search(int dir, const char *path)
{
    size_t length = strcspn(path, "/");
    CLEANUP(close_dir) DIR *entries = list_dir(dir);
    if (!entries || length > NAME_MAX)
        return -1;
    char name[NAME_MAX + 1];
    memcpy(name, path, length);
    name[length] = 0;
    for (const struct dirent *entry; (entry = readdir(entries));) {
        if (fold_compare(entry->d_name, name) != 0)
            continue;
        if (!path[length])
            return open_plain(dir, entry->d_name);
        CLEANUP(close_fd) int below = beneath_open(dir, entry->d_name, O_RDONLY | O_DIRECTORY, 0);
        int found = below < 0 ? -1 : search(below, path + length + 1);
        if (found >= 0 || (below >= 0 && errno != ENOENT))
            return found;
    }
    errno = ENOENT;
    return -1;
}

int repository_open_file(int backup, const char *root, const char *path, int *out_fd,
                         struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = open_plain(backup, path);
    if (fd < 0 && errno == ENOENT)
        fd = search(backup, path);
    struct stat stat = {0};
    bool is_socket = fd < 0 && errno == ENXIO; /* or a device that is not there */
    if (!is_socket && (fd < 0 || fstat(fd, &stat)))
        return beneath_fail(err, "read", root, path);
    if (!S_ISREG(stat.st_mode))
        return fail(err, GPMQ_EDAMAGED, "%s/%s is no regular file", root, path);
    *out_fd = steal_fd(&fd);
    return 0;
}

int repository_read_whole(int backup, const char *root, const char *path, size_t limit,
                          struct bytes *out, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = -1;
    int rc = repository_open_file(backup, root, path, &fd, err);
    if (rc)
        return rc;
    char piece[65536];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0) {
        bytes_put(out, piece, (size_t)got);
        if (out->failed)
            return fail(err, GPMQ_ENOMEM, "no memory to read %s/%s", root, path);
        if (out->size > limit)
            return fail(err, GPMQ_ETOOBIG, "%s/%s has more than %zu bytes", root, path, limit);
    }
    return got < 0 ? fail_errno(err, "cannot read %s/%s", root, path) : 0;
}

int repository_read_info(int backup, const struct repository_entry *entry, struct backup_info *out,
                         struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    int rc =
        repository_read_whole(backup, entry->name, "bkupInfo.xml", XML_BYTES_MAX, &content, err);
    if (rc)
        return rc;
    char name[GPMQ_GUID_TEXT_SIZE + 16];
    snprintf(name, sizeof name, "%s/bkupInfo.xml", entry->name);
    rc = backup_info_parse(out, content.at, content.size, name, err);
    if (!rc)
        out->id = entry->id;
    return rc;
}

int repository_open_info(struct repository *repository, const struct repository_entry *entry,
                         struct backup_info *out, struct gpmq_error *err)
{
    CLEANUP(close_fd) int folder = open_folder(repository, entry->name);
    if (folder < 0)
        return beneath_fail(err, "open", repository->path, entry->name);
    return repository_read_info(folder, entry, out, err);
}
