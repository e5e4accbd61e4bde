/* Is a backup whole? */
#include <fcntl.h>
#include <string.h>

#include "backup_info_xml.h"
#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "repository_folder.h"
#include "repository_manifest.h"
#include "text.h"
#include "verify_data.h"
#include "xml.h"

/* A verification while it runs. */
struct verify {
    struct repository *repository;
    char root[GPMQ_GUID_TEXT_SIZE]; /* the backup's name */
    int folder;
    bool read_data;
    bool (*stopped)(void *arg);
    backup_finding *finding;
    void *arg;
    size_t count;
};

static void find(struct verify *verify, const char *path, int code, const char *text)
{
    char object[GPMQ_GUID_TEXT_SIZE + sizeof REPOSITORY_SYSVOL + GPO_PATH_MAX + 2];
    snprintf(object, sizeof object, "%s%s%s", verify->root, *path ? "/" : "", path);
    verify->count++;
    if (verify->finding)
        verify->finding(verify->arg, object, code, text);
}

/* A failure that says nothing of the backup goes on to the caller. */
static bool is_ours(int rc)
{
    return rc == GPMQ_ENOMEM;
}

/* ---- descriptions --------------------------------------------------------------------------- */

static void compare_text(struct verify *verify, const char *file, const char *what, const char *a,
                         const char *b)
{
    char text[256];
    if (!fold_compare(a ? a : "", b ? b : ""))
        return;
    snprintf(text, sizeof text, "its %s is '%.80s', in bkupInfo.xml '%.80s'", what, b ? b : "",
             a ? a : "");
    find(verify, file, GPMQ_EDAMAGED, text);
}

static void compare_guid(struct verify *verify, const char *file, const char *what,
                         const struct gpmq_guid *a, const struct gpmq_guid *b)
{
    char left[GPMQ_GUID_TEXT_SIZE], right[GPMQ_GUID_TEXT_SIZE];
    compare_text(verify, file, what, gpmq_guid_text(a, left), gpmq_guid_text(b, right));
}

static void compare_manifest(struct verify *verify, const struct backup_info *info)
{
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    struct gpmq_error why;
    int rc = repository_manifest_read(verify->repository, &infos, &why);
    if (rc)
        find(verify, "../manifest.xml", rc, why.text);
    for (size_t i = 0; i < infos.count; i++) {
        if (!gpmq_guid_equal(&infos.items[i].id, &info->id))
            continue;
        compare_guid(verify, "../manifest.xml", "GPO", &info->gpo_id, &infos.items[i].gpo_id);
        compare_text(verify, "../manifest.xml", "domain", info->domain, infos.items[i].domain);
        compare_text(verify, "../manifest.xml", "display name", info->display_name,
                     infos.items[i].display_name);
    }
}

/* The id inside bkupInfo.xml: reading replaces it by the folder's name. */
static void check_own_id(struct verify *verify, const struct gpmq_guid *id)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    CLEANUP(backup_info_free) struct backup_info info = {0};
    if (!repository_read_whole(verify->folder, verify->root, "bkupInfo.xml", XML_BYTES_MAX,
                               &content, NULL) &&
        !backup_info_parse(&info, content.at, content.size, "bkupInfo.xml", NULL) &&
        !gpmq_guid_equal(&info.id, id))
        find(verify, "bkupInfo.xml", GPMQ_EDAMAGED, "the ID in it is not the folder's name");
}

static void check_descriptions(struct verify *verify, const struct backup *backup)
{
    const struct backup_info *info = &backup->info;
    check_own_id(verify, &info->id);
    compare_guid(verify, "Backup.xml", "GPO", &info->gpo_id, &backup->gpo->id);
    compare_text(verify, "Backup.xml", "domain", info->domain, backup->gpo->domain);
    compare_text(verify, "Backup.xml", "display name", info->display_name,
                 backup->gpo->display_name);
    compare_manifest(verify, info);
    if (backup->security_descriptor_damaged)
        find(verify, "Backup.xml", GPMQ_EDAMAGED,
             "its security descriptor is damaged: permissions cannot be restored from it");
}

static int check_report(struct verify *verify)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    struct gpmq_error why;
    int rc = repository_read_whole(verify->folder, verify->root, REPOSITORY_REPORT, XML_BYTES_MAX,
                                   &content, &why);
    if (rc == GPMQ_ENOTFOUND)
        return 0;
    CLEANUP(xml_free) struct xml_document *document = NULL;
    if (!rc)
        rc = xml_read(&document, content.at, content.size, REPOSITORY_REPORT, &why);
    if (!rc && verify->read_data)
        rc = verify_report(content.at, content.size, &why);
    if (rc && !is_ours(rc))
        find(verify, REPOSITORY_REPORT, rc, why.text);
    return is_ours(rc) ? rc : 0;
}

/* ---- files ---------------------------------------------------------------------------------- */

static int check_format(struct verify *verify, const char *path, verify_format *format,
                        struct gpmq_error *why)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    int rc =
        repository_read_whole(verify->folder, verify->root, path, TEXT_BYTES_MAX, &content, why);
    return rc ? rc : format(content.at ? (const void *)content.at : "", content.size, why);
}

/* Reads a file to its end, keeping nothing of it. */
static int read_through(int fd, struct gpmq_error *why)
{
    char piece[65536];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0)
        ;
    return got < 0 ? fail_errno(why, "cannot read it") : 0;
}

static int check_file(struct verify *verify, const char *path)
{
    char whole[sizeof REPOSITORY_SYSVOL + GPO_PATH_MAX + 1];
    snprintf(whole, sizeof whole, "%s/%s", REPOSITORY_SYSVOL, path);
    CLEANUP(close_fd) int fd = -1;
    verify_format *format = verify_format_of(path);
    struct gpmq_error why;
    int rc = repository_open_file(verify->folder, verify->root, whole, &fd, &why);
    if (!rc && verify->read_data)
        rc = format ? check_format(verify, whole, format, &why) : read_through(fd, &why);
    if (is_ours(rc))
        return rc;
    if (rc)
        find(verify, whole, rc, why.text);
    return 0;
}

/* What lies below DomainSysvol/GPO. */
struct found {
    struct verify *verify;
    struct gpo *gpo;
};

static int take_entry(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    const struct found *found = arg;
    char whole[sizeof REPOSITORY_SYSVOL + GPO_PATH_MAX + 1];
    if (entry->leaving)
        return 0;
    if (S_ISDIR(entry->stat->st_mode) || S_ISREG(entry->stat->st_mode))
        return gpo_add_file(found->gpo, entry->path, S_ISDIR(entry->stat->st_mode), 0, err);
    snprintf(whole, sizeof whole, "%s/%s", REPOSITORY_SYSVOL, entry->path);
    find(found->verify, whole, GPMQ_EDAMAGED, "neither a file nor a folder: not followed");
    return 0;
}

static int list_disk(struct verify *verify, struct gpo *on_disk, struct gpmq_error *err)
{
    CLEANUP(close_fd)
    int sysvol = beneath_open(verify->folder, REPOSITORY_SYSVOL, O_RDONLY | O_DIRECTORY, 0);
    if (sysvol < 0)
        return 0; /* a GPO without files has no such folder where git stored it */
    struct found found = {.verify = verify, .gpo = on_disk};
    struct gpmq_error why;
    int rc = beneath_walk(sysvol, verify->root, take_entry, &found, &why);
    if (is_ours(rc))
        return fail(err, rc, "%s", why.text);
    if (rc)
        find(verify, REPOSITORY_SYSVOL, rc, why.text);
    gpo_sort_files(on_disk);
    return 0;
}

static void find_unlisted(struct verify *verify, const struct gpo_file *file)
{
    char whole[sizeof REPOSITORY_SYSVOL + GPO_PATH_MAX + 1];
    snprintf(whole, sizeof whole, "%s/%s", REPOSITORY_SYSVOL, file->path);
    if (!file->directory)
        find(verify, whole, GPMQ_EDAMAGED, "it is not listed in Backup.xml");
}

/* Goes along both lists, which are sorted the same. */
static void compare_lists(struct verify *verify, const struct gpo *listed,
                          const struct gpo *on_disk)
{
    size_t i = 0;
    for (size_t k = 0; k < on_disk->file_count; k++) {
        const struct gpo_file *file = &on_disk->files[k];
        while (i < listed->file_count && fold_compare_paths(listed->files[i].path, file->path) < 0)
            i++;
        if (i == listed->file_count || fold_compare_paths(listed->files[i].path, file->path) != 0)
            find_unlisted(verify, file);
    }
}

static int check_files(struct verify *verify, const struct gpo *listed, struct gpmq_error *err)
{
    CLEANUP(gpo_free) struct gpo *on_disk = calloc(1, sizeof *on_disk);
    if (!on_disk)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
    int rc = list_disk(verify, on_disk, err);
    if (rc)
        return rc;
    compare_lists(verify, listed, on_disk);
    for (size_t i = 0; !rc && i < listed->file_count; i++) {
        if (verify->stopped && verify->stopped(verify->arg))
            return fail(err, GPMQ_ESTOPPED, "verifying %s was stopped", verify->root);
        if (!listed->files[i].directory)
            rc = check_file(verify, listed->files[i].path);
    }
    return rc ? fail(err, rc, "cannot verify %s: no memory", verify->root) : 0;
}

/* What no operation would take is not read either. */
static void check_sizes(struct verify *verify, const struct gpo *gpo)
{
    struct gpmq_error why;
    int rc = gpo_sizes_check(gpo, &why);
    if (!rc)
        return;
    find(verify, REPOSITORY_SYSVOL, rc, why.text);
    verify->read_data = false;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int verify_backup(struct verify *verify, const struct gpmq_guid *id, struct gpmq_error *err)
{
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct gpmq_error why;
    int rc = repository_read(verify->repository, id, &backup, &why);
    if (is_ours(rc))
        return fail(err, rc, "%s", why.text);
    if (rc) {
        find(verify, "", rc, why.text);
        return 0;
    }
    check_descriptions(verify, backup);
    check_sizes(verify, backup->gpo);
    rc = check_report(verify);
    return rc ? fail(err, rc, "cannot verify %s: no memory", verify->root)
              : check_files(verify, backup->gpo, err);
}

int repository_verify(struct repository *repository, const struct gpmq_guid *id, bool read_data,
                      bool (*stopped)(void *arg), backup_finding *finding, void *arg, size_t *count,
                      struct gpmq_error *err)
{
    CLEANUP(close_fd) int folder = -1;
    bool was_held = repository_is_held(repository, id);
    int rc = repository_hold(repository, id, err);
    if (!rc)
        rc = repository_open_backup(repository, id, &folder, err);
    if (rc)
        return rc;
    struct verify verify = {
        .repository = repository,
        .folder = folder,
        .read_data = read_data,
        .stopped = stopped,
        .finding = finding,
        .arg = arg,
    };
    gpmq_guid_text(id, verify.root);
    rc = verify_backup(&verify, id, err);
    if (!was_held)
        repository_release(repository, id);
    if (!rc && count)
        *count = verify.count;
    return rc;
}
