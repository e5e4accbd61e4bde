/* The end of a backup: described, synced, renamed into its place, listed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "backup_info_xml.h"
#include "backup_plan.h"
#include "backup_principals.h"
#include "backup_writer.h"
#include "backup_xml.h"
#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "repository_manifest.h"
#include "text.h"
#include "xml.h"
#include "xml_scan.h"

#define OWN_FILES 5 /* Backup.xml, bkupInfo.xml, gpreport.xml, DomainSysvol, GPO */

/* ---- files ---------------------------------------------------------------------------------- */

static int check_file(struct backup_writer *writer, const struct gpo_file *file,
                      struct gpmq_error *err)
{
    if (file->directory)
        return backup_mkdir(writer, file->path, err);
    CLEANUP(close_fd) int fd = -1;
    int rc = gpo_path_check(file->path, err);
    if (!rc)
        rc = repository_open_file(writer->sysvol, writer->name, file->path, &fd, err);
    return rc == GPMQ_ENOTFOUND
               ? fail(err, GPMQ_EINVAL, "'%s' is in the GPO but was not written", file->path)
               : rc;
}

/* Every file of the GPO was written; its folders are made where they are empty. */
static int check_files(struct backup_writer *writer, const struct gpo *gpo, struct gpmq_error *err)
{
    int rc = backup_writer_settle(writer, err);
    for (size_t i = 0; !rc && i < gpo->file_count; i++)
        rc = check_file(writer, &gpo->files[i], err);
    return rc;
}

/* ---- descriptions --------------------------------------------------------------------------- */

typedef int take_names(struct backup_names *names, const void *bytes, size_t size,
                       struct gpmq_error *err);

/* Settings that name accounts; they do so only while their extension is registered. */
static const struct {
    const char *cse;
    const char *path;
    take_names *take;
} named_in[] = {
    {BACKUP_CSE_SECURITY, "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
     backup_names_from_security},
    {BACKUP_CSE_FOLDERS, "User/Documents & Settings/fdeploy1.ini", backup_names_from_folders},
};

static int names_of_settings(const struct backup_writer *writer, const struct gpo *gpo,
                             struct backup_names *names, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof named_in / sizeof *named_in; i++) {
        const struct gpo_file *file = gpo_find_file(gpo, named_in[i].path);
        if (!file || file->directory || !backup_plan_registered(gpo, named_in[i].cse))
            continue;
        CLEANUP(bytes_free) struct bytes content = {0};
        rc = repository_read_whole(writer->sysvol, writer->name, file->path, TEXT_BYTES_MAX,
                                   &content, err);
        if (!rc)
            rc = named_in[i].take(names, content.at, content.size, err);
    }
    return rc;
}

static int find_principals(const struct backup_writer *writer, struct domain *domain,
                           struct backup *backup, struct gpmq_error *err)
{
    const struct gpo *gpo = backup->gpo;
    CLEANUP(backup_names_free) struct backup_names *names = backup_names_begin();
    if (!names)
        return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
    int rc = 0;
    if (gpo->security_descriptor)
        rc = backup_names_from_dacl(names, gpo->security_descriptor, gpo->security_descriptor_size,
                                    err);
    if (!rc)
        rc = names_of_settings(writer, gpo, names, err);
    return rc ? rc : backup_names_resolve(names, domain, backup, err);
}

static int write_file(const struct backup_writer *writer, const char *name, const char *text,
                      size_t size, struct gpmq_error *err)
{
    CLEANUP(close_fd)
    int fd = beneath_open(writer->folder, name, O_WRONLY | O_CREAT | O_EXCL, REPOSITORY_FILE_MODE);
    if (fd < 0 || beneath_write(fd, text, size))
        return beneath_fail(err, "write", writer->name, name);
    return 0;
}

int backup_write_report(struct backup_writer *writer, const void *bytes, size_t size,
                        struct gpmq_error *err)
{
    return write_file(writer, REPOSITORY_REPORT, bytes, size, err);
}

static int write_info(const struct backup_writer *writer, const struct backup_info *info,
                      struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = backup_info_write(&text, &size, info, err);
    return rc ? rc : write_file(writer, "bkupInfo.xml", text, size, err);
}

/* A description over our own limits would make a backup that nobody can read. */
static int check_readable(const char *text, size_t size, struct gpmq_error *err)
{
    if (size > XML_BYTES_MAX)
        return fail(err, GPMQ_ETOOBIG, "Backup.xml of this GPO would have %zu bytes, more than %u",
                    size, XML_BYTES_MAX);
    int rc = xml_scan(text, size, err);
    if (rc)
        fail_in(err, "Backup.xml of this GPO");
    return rc;
}

static int write_backup(const struct backup_writer *writer, const struct backup *backup,
                        struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = backup_xml_write(&text, &size, backup, err);
    if (!rc)
        rc = check_readable(text, size, err);
    return rc ? rc : write_file(writer, "Backup.xml", text, size, err);
}

/* For CLEANUP(): lets go of what is ours, not of the GPO, which is the caller's. */
static void clear_description(struct backup *backup)
{
    struct backup *copy = malloc(sizeof *copy);
    if (!copy)
        return;
    *copy = *backup;
    copy->gpo = NULL;
    copy->info = (struct backup_info){0};
    backup_free(&copy);
}

static int describe(const struct backup_writer *writer, const struct backup_info *info,
                    const struct gpo *gpo, struct domain *domain, struct gpmq_error *err)
{
    CLEANUP(clear_description) struct backup backup = {.gpo = (struct gpo *)(uintptr_t)gpo};
    struct backup_extensions extensions = {0};
    int rc = backup_plan(&extensions, gpo, err);
    backup.extension_count = extensions.count;
    backup.extensions = extensions.items;
    if (!rc)
        rc = find_principals(writer, domain, &backup, err);
    if (!rc)
        rc = write_backup(writer, &backup, err);
    if (rc)
        return rc;
    struct backup_info named = *info;
    named.software = backup_plan_registered(gpo, BACKUP_CSE_SOFTWARE);
    return write_info(writer, &named, err);
}

/* ---- into its place ------------------------------------------------------------------------- */

/* File systems without RENAME_NOREPLACE: a backup's folder is never empty, so that a rename onto
 * another one fails as well. */
static int rename_new(int dir, const char *from, const char *to)
{
    int rc = renameat2(dir, from, dir, to, RENAME_NOREPLACE);
    if (rc && (errno == EINVAL || errno == ENOSYS))
        rc = renameat(dir, from, dir, to);
    if (rc && errno == ENOTEMPTY)
        errno = EEXIST;
    return rc;
}

static int move_into_place(struct backup_writer *writer, struct gpmq_error *err)
{
    const struct repository *repository = writer->repository;
    char name[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(&writer->request.id, name);
    if (!rename_new(repository->dir, writer->name, name)) {
        writer->published = true;
        return fsync(repository->dir) ? fail_errno(err, "cannot sync %s", repository->path) : 0;
    }
    if (errno == EEXIST)
        return 0; /* another attempt of this operation was first: the same backup */
    if (errno == ENOENT)
        return fail(err, GPMQ_ESTALE, "a later attempt of this backup has begun");
    return fail_errno(err, "cannot rename %s/%s to %s", repository->path, writer->name, name);
}

int backup_publish(struct backup_writer **writer_p, const struct backup_info *info,
                   const struct gpo *gpo, struct domain *domain, struct gpmq_error *err)
{
    CLEANUP(backup_abort) struct backup_writer *writer = STEAL(*writer_p);
    if (!gpmq_guid_equal(&info->id, &writer->request.id))
        return fail(err, GPMQ_EINVAL, "the backup's id is not the one that was begun");
    int rc = check_files(writer, gpo, err);
    if (!rc)
        rc = describe(writer, info, gpo, domain, err);
    if (!rc)
        rc = beneath_sync(writer->folder, writer->name, GPO_FILES_MAX + OWN_FILES, err);
    if (!rc)
        rc = move_into_place(writer, err);
    return rc ? rc : repository_manifest_refresh(writer->repository, err);
}
