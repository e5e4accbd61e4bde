/* Reading one backup. */
#include <fcntl.h>
#include <string.h>

#include "backup_xml.h"
#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "repository_folder.h"
#include "xml.h"

#define PIECE_SIZE (256u << 10)

/* Sizes of the files that are there; verify tells of those that are not. */
static void measure_files(int folder, struct gpo *gpo)
{
    CLEANUP(close_fd)
    int sysvol = beneath_open(folder, REPOSITORY_SYSVOL, O_RDONLY | O_DIRECTORY, 0);
    for (size_t i = 0; sysvol >= 0 && i < gpo->file_count; i++) {
        CLEANUP(close_fd) int fd = -1;
        struct stat stat;
        if (!gpo->files[i].directory &&
            !repository_open_file(sysvol, "", gpo->files[i].path, &fd, NULL) && !fstat(fd, &stat))
            gpo->files[i].size_bytes = (uint64_t)stat.st_size;
    }
}

/* What bkupInfo.xml knows and Backup.xml does not. */
static int complete_gpo(struct backup *backup, struct gpmq_error *err)
{
    struct gpo *gpo = backup->gpo;
    const char *controller = backup->info.domain_controller;
    gpo->domain_guid = backup->info.domain_guid;
    gpo->domain_controller = strdup(controller ? controller : "");
    return gpo->domain_controller ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a backup");
}

static int read_description(struct backup **out, int folder, const char *root,
                            struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    int rc = repository_read_whole(folder, root, "Backup.xml", XML_BYTES_MAX, &content, err);
    if (rc)
        return rc;
    char name[GPMQ_GUID_TEXT_SIZE + 16];
    snprintf(name, sizeof name, "%s/Backup.xml", root);
    return backup_xml_parse(out, content.at, content.size, name, err);
}

int repository_read(struct repository *repository, const struct gpmq_guid *id, struct backup **out,
                    struct gpmq_error *err)
{
    CLEANUP(close_fd) int folder = -1;
    int rc = repository_hold(repository, id, err);
    if (!rc)
        rc = repository_open_backup(repository, id, &folder, err);
    if (rc)
        return rc;
    struct repository_entry entry = {.id = *id};
    gpmq_guid_text(id, entry.name);
    CLEANUP(backup_free) struct backup *backup = NULL;
    rc = read_description(&backup, folder, entry.name, err);
    if (!rc)
        rc = repository_read_info(folder, &entry, &backup->info, err);
    if (!rc)
        rc = complete_gpo(backup, err);
    if (rc)
        return rc;
    measure_files(folder, backup->gpo);
    *out = STEAL(backup);
    return 0;
}

static int feed(int fd, const char *path, domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *piece = malloc(PIECE_SIZE);
    if (!piece)
        return fail(err, GPMQ_ENOMEM, "no memory to read %s", path);
    for (ssize_t got; (got = read(fd, piece, PIECE_SIZE));) {
        if (got < 0)
            return fail_errno(err, "cannot read %s", path);
        int rc = sink(sink_arg, piece, (size_t)got, err);
        if (rc)
            return rc;
    }
    return 0;
}

int repository_read_file(struct repository *repository, const struct gpmq_guid *id,
                         const char *path, domain_sink *sink, void *sink_arg,
                         struct gpmq_error *err)
{
    int rc = gpo_path_check(path, err);
    CLEANUP(close_fd) int folder = -1;
    if (!rc)
        rc = repository_hold(repository, id, err);
    if (!rc)
        rc = repository_open_backup(repository, id, &folder, err);
    if (rc)
        return rc;
    char whole[sizeof REPOSITORY_SYSVOL + GPO_PATH_MAX + 1], name[GPMQ_GUID_TEXT_SIZE];
    snprintf(whole, sizeof whole, "%s/%s", REPOSITORY_SYSVOL, path);
    CLEANUP(close_fd) int fd = -1;
    rc = repository_open_file(folder, gpmq_guid_text(id, name), whole, &fd, err);
    return rc ? rc : feed(fd, whole, sink, sink_arg, err);
}

int repository_read_report(struct repository *repository, const struct gpmq_guid *id, void **out,
                           size_t *size, struct gpmq_error *err)
{
    CLEANUP(close_fd) int folder = -1;
    CLEANUP(bytes_free) struct bytes content = {0};
    char name[GPMQ_GUID_TEXT_SIZE];
    int rc = repository_open_backup(repository, id, &folder, err);
    if (!rc)
        rc = repository_read_whole(folder, gpmq_guid_text(id, name), REPOSITORY_REPORT,
                                   XML_BYTES_MAX, &content, err);
    return rc ? rc : bytes_take(&content, out, size, err);
}
