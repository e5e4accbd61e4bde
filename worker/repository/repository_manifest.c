#include "repository_manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "backup_info_xml.h"
#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "repository_folder.h"
#include "xml.h"

#define MANIFEST  "manifest.xml"
#define LOCK_FILE ".gpmq-lock"

/* The lock ends with the descriptor. */
static int take_lock(struct repository *repository, int *out_fd, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = beneath_open(repository->dir, LOCK_FILE, O_RDWR | O_CREAT, 0666);
    if (fd < 0)
        return beneath_fail(err, "lock", repository->path, LOCK_FILE);
    while (flock(fd, LOCK_EX))
        if (errno != EINTR)
            return fail_errno(err, "cannot lock %s/%s", repository->path, LOCK_FILE);
    *out_fd = steal_fd(&fd);
    return 0;
}

int repository_manifest_read(struct repository *repository, struct backup_infos *out,
                             struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    int rc = repository_read_whole(repository->dir, repository->path, MANIFEST, XML_BYTES_MAX,
                                   &content, err);
    if (rc == GPMQ_ENOTFOUND)
        return 0;
    return rc ? rc : backup_manifest_parse(out, content.at, content.size, MANIFEST, err);
}

/* The manifest that should be, and whether it differs from the one that is. */
struct rebuilt {
    struct backup_infos infos;
    bool changed;
};

/* Takes over the entries whose folders are there, in the manifest's order. */
static void keep_entries(struct rebuilt *rebuilt, struct backup_infos *old,
                         const struct repository_entries *entries, bool *listed)
{
    for (size_t i = 0; i < old->count; i++) {
        const struct repository_entry *entry = repository_entries_find(entries, &old->items[i].id);
        if (!entry || listed[entry - entries->items]) {
            rebuilt->changed = true;
            continue;
        }
        listed[entry - entries->items] = true;
        rebuilt->infos.items[rebuilt->infos.count++] = old->items[i];
        old->items[i] = (struct backup_info){0};
    }
}

static void add_entries(struct repository *repository, struct rebuilt *rebuilt,
                        const struct repository_entries *entries, const bool *listed)
{
    for (size_t i = 0; i < entries->count; i++) {
        struct backup_info *to = &rebuilt->infos.items[rebuilt->infos.count];
        if (listed[i] || repository_open_info(repository, &entries->items[i], to, NULL))
            continue;
        rebuilt->infos.count++;
        rebuilt->changed = true;
    }
}

static int write_manifest(struct repository *repository, const struct backup_infos *infos,
                          struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = backup_manifest_write(&text, &size, infos, err);
    if (rc)
        return rc;
    char name[GPO_PATH_MAX + 1];
    if (beneath_find(repository->dir, MANIFEST, name) != strlen(MANIFEST))
        memcpy(name, MANIFEST, sizeof MANIFEST);
    if (beneath_replace(repository->dir, name, text, size))
        return beneath_fail(err, "write", repository->path, name);
    return 0;
}

static int rebuild(struct repository *repository, struct backup_infos *old, struct gpmq_error *err)
{
    CLEANUP(repository_entries_free) struct repository_entries entries = {0};
    int rc = repository_entries_read(repository, &entries, err);
    if (rc)
        return rc;
    CLEANUP(free_pointer) bool *listed = calloc(entries.count + 1, sizeof *listed);
    struct rebuilt rebuilt = {.infos.items =
                                  calloc(entries.count + 1, sizeof *rebuilt.infos.items)};
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    if (!listed || !rebuilt.infos.items) {
        free(rebuilt.infos.items);
        return fail(err, GPMQ_ENOMEM, "no memory for %s of %s", MANIFEST, repository->path);
    }
    keep_entries(&rebuilt, old, &entries, listed);
    add_entries(repository, &rebuilt, &entries, listed);
    infos = rebuilt.infos;
    return rebuilt.changed ? write_manifest(repository, &infos, err) : 0;
}

int repository_manifest_refresh(struct repository *repository, struct gpmq_error *err)
{
    CLEANUP(close_fd) int lock = -1;
    int rc = take_lock(repository, &lock, err);
    if (rc)
        return rc;
    CLEANUP(backup_infos_free) struct backup_infos old = {0};
    rc = repository_manifest_read(repository, &old, err);
    if (rc == GPMQ_ENOMEM || rc == GPMQ_EACCESS || rc == GPMQ_EIO)
        return rc;
    return rebuild(repository, &old, err);
}
