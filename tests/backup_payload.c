/* backup_payload.c - walk over the files of backups. */
#include "backup_payload.h"

#include <dirent.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "repository_fixture.h"

/* A backup's list, and where its files are. */
struct side {
    const struct backup *backup;
    char root[FIXTURE_PATH_MAX];
};

static struct side side_of(const struct backup_on_disk *on_disk)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    struct side side = {.backup = on_disk->backup};
    snprintf(side.root, sizeof side.root, "%s/%s/DomainSysvol/GPO", on_disk->repository,
             gpmq_guid_text(&on_disk->backup->info.id, guid));
    return side;
}

static bool same_bytes(const char *a_root, const char *a_path, const char *b_root,
                       const char *b_path)
{
    size_t a_size = 0, b_size = 0;
    CLEANUP(free_pointer) char *a = fixture_read(a_root, a_path, &a_size);
    CLEANUP(free_pointer) char *b = fixture_read(b_root, b_path, &b_size);
    return a && b && a_size == b_size && memcmp(a, b, a_size) == 0;
}

/* Spells the last name of `path` as the folder has it; false: the folder has no such. */
static bool spell_name(char *path)
{
    char *name = strrchr(path, '/');
    *name = 0;
    DIR *folder = opendir(path);
    *name++ = '/';
    bool found = false;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
        if ((found = strcasecmp(entry->d_name, name) == 0))
            memcpy(name, entry->d_name, strlen(name));
    if (folder)
        closedir(folder);
    return found;
}

/* Where a path lies below root, whatever its case there. Returns found, "" when it is not there. */
static const char *look_up(char found[FIXTURE_PATH_MAX], const char *root, const char *path)
{
    char whole[FIXTURE_PATH_MAX];
    size_t at = strlen(root) + 1;
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    *found = 0;
    for (bool last = false; !last; at++) {
        at += strcspn(whole + at, "/");
        last = !whole[at];
        whole[at] = 0;
        if (!spell_name(whole))
            return found;
        whole[at] = last ? 0 : '/';
    }
    memmove(found, whole + strlen(root) + 1, strlen(whole + strlen(root)));
    return found;
}

/* Whether Backup.xml lists it; what its owner put there afterwards is not part of the backup. */
static bool is_listed(const struct backup *backup, const char *path)
{
    return gpo_find_file(backup->gpo, path) != NULL;
}

/* Every listed file of `from` is in `to`, with the same bytes. Returns how many. */
static size_t compare_files(const struct backup_diff *diff, const struct side *from,
                            const struct side *to)
{
    char found[FIXTURE_PATH_MAX];
    size_t files = 0;
    CLEANUP(free_pointer) char *root = strdup(from->root);
    char *roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (!root || !walk)
        abort();
    for (FTSENT *entry; (entry = fts_read(walk));) {
        const char *path = entry->fts_path + strlen(from->root) + 1;
        if (entry->fts_info != FTS_F || !is_listed(from->backup, path))
            continue;
        files++;
        if (!same_bytes(from->root, path, to->root, look_up(found, to->root, path)))
            diff->tell(diff->arg, "payload.file", path, "is not there, or has other bytes");
    }
    fts_close(walk);
    return files;
}

static void compare_listed(const struct backup_diff *diff, const struct side *from,
                           const struct side *to)
{
    char found[FIXTURE_PATH_MAX];
    const struct gpo *gpo = from->backup->gpo;
    for (size_t i = 0; i < gpo->file_count; i++)
        if (!*look_up(found, to->root, gpo->files[i].path))
            diff->tell(diff->arg, "payload.listed", gpo->files[i].path, "(none)");
}

size_t backup_payload_diff(const struct backup_diff *diff, const struct backup_on_disk *a,
                           const struct backup_on_disk *b)
{
    struct side from = side_of(a), to = side_of(b);
    size_t files = compare_files(diff, &from, &to);
    if (compare_files(diff, &to, &from) != files)
        diff->tell(diff->arg, "payload.count", "of the original", "of the copy");
    compare_listed(diff, &from, &to);
    return files;
}
