/* What is in a repository, and what people mean by a word. */
#include <string.h>

#include "beneath.h"
#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "repository_folder.h"

static int by_name(const void *a, const void *b)
{
    const struct backup_info *left = a, *right = b;
    int order = fold_compare(left->display_name, right->display_name);
    if (order)
        return order;
    if (left->time_unix_ms != right->time_unix_ms)
        return left->time_unix_ms < right->time_unix_ms ? -1 : 1;
    return repository_guid_compare(&left->id, &right->id);
}

int repository_list(struct repository *repository, struct backup_infos *out,
                    backup_finding *finding, void *arg, struct gpmq_error *err)
{
    CLEANUP(repository_entries_free) struct repository_entries entries = {0};
    int rc = repository_entries_read(repository, &entries, err);
    if (rc)
        return rc;
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    infos.items = calloc(entries.count + 1, sizeof *infos.items);
    if (!infos.items)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of %zu backups", entries.count);
    for (size_t i = 0; i < entries.count; i++) {
        struct gpmq_error why;
        rc = repository_open_info(repository, &entries.items[i], &infos.items[infos.count], &why);
        infos.count += rc == 0;
        if (rc && finding && beneath_exists(repository->dir, entries.items[i].name))
            finding(arg, entries.items[i].name, rc, why.text);
    }
    if (infos.count)
        qsort(infos.items, infos.count, sizeof *infos.items, by_name);
    *out = infos;
    infos = (struct backup_infos){0};
    return 0;
}

static int find_by_id(struct repository *repository, const struct gpmq_guid *id,
                      struct gpmq_guid *out, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = -1;
    int rc = repository_open_backup(repository, id, &fd, err);
    if (!rc)
        *out = *id;
    return rc;
}

static bool gpo_is_new(const struct backup_infos *infos, const char *word, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!fold_compare(infos->items[i].display_name, word) &&
            gpmq_guid_equal(&infos->items[i].gpo_id, &infos->items[at].gpo_id))
            return false;
    return true;
}

/* Says how many GPOs have that name, and the newest of all their backups. */
static size_t count_gpos(const struct backup_infos *infos, const char *word,
                         const struct backup_info **newest, struct bytes *candidates)
{
    size_t count = 0;
    for (size_t i = 0; i < infos->count; i++) {
        const struct backup_info *info = &infos->items[i];
        char id[GPMQ_GUID_TEXT_SIZE];
        if (fold_compare(info->display_name, word) != 0)
            continue;
        if (!*newest || info->time_unix_ms >= (*newest)->time_unix_ms)
            *newest = info;
        if (!gpo_is_new(infos, word, i))
            continue;
        bytes_format(candidates, "%s%s", count ? ", " : "", gpmq_guid_text(&info->gpo_id, id));
        count++;
    }
    return count;
}

int repository_find(struct repository *repository, const char *word, struct gpmq_guid *out,
                    struct gpmq_error *err)
{
    struct gpmq_guid id;
    if (!gpmq_guid_parse(&id, word))
        return find_by_id(repository, &id, out, err);
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    int rc = repository_list(repository, &infos, NULL, NULL, err);
    if (rc)
        return rc;
    CLEANUP(bytes_free) struct bytes candidates = {0};
    const struct backup_info *newest = NULL;
    size_t count = count_gpos(&infos, word, &newest, &candidates);
    if (!count)
        return fail(err, GPMQ_ENOTFOUND, "no backup of a GPO named '%s' in repository %s", word,
                    repository->path);
    if (count > 1)
        return fail(err, GPMQ_EAMBIGUOUS,
                    "backups of %zu GPOs are named '%s' (%s): give the backup's id", count, word,
                    candidates.at ? (const char *)candidates.at : "");
    *out = newest->id;
    return 0;
}
