/*
 * repository.h - where backups live: a folder of GPMC backups; an object store later.
 *
 * Complete or absent. A backup is built beside its place, synced and renamed; one that can be
 *           listed is whole. manifest.xml is derived data: brought to what the folders say, under a
 *           lock, by every writer.
 * At most once. A backup's id comes from the operation that makes it; publishing it a second time
 *           finds it there (struct backup_begin_answer.done) and changes nothing.
 * Many writers. Processes on one machine may write into one repository at once.
 * In use.   Who reads a backup holds it: a shared lock (flock) on the backup's folder, taken by the
 *           first repository_read() or repository_read_file() of it and kept until the repository
 *           is closed or repository_release(). repository_remove() needs the lock for itself and
 *           does not wait for it. The lock is between processes, writes nothing, and ends with the
 *           process that has it. Where a file system knows no lock on folders, reading goes on
 *           without it, and nothing is removed.
 * Trust.    Everything in a repository is judged before it is used: XML without DTD and entities
 *           and within limits, paths relative and beneath the backup, symbolic links refused, names
 *           looked up without case. What Windows itself got wrong is tolerated: a security
 *           descriptor of 8 bytes, gpreport.xml with a wrong encoding, a manifest that lists
 *           backups that are not there or is missing.
 * Owning.   What is handed out through **out is the caller's.
 * Threads.  One thread at a time may use a repository.
 */
#ifndef GPMQ_REPOSITORY_H
#define GPMQ_REPOSITORY_H

#include "domain.h"
#include "gpo.h"

#define BACKUP_TEXT_MAX 8192 /* bytes of a comment, a name or another text of a backup's files */

struct repository;
struct backup_writer;

/* The eight values of bkupInfo.xml and manifest.xml. */
struct backup_info {
    struct gpmq_guid id; /* of the backup; the folder's name */
    struct gpmq_guid gpo_id;
    struct gpmq_guid domain_guid;
    char *domain; /* DNS name */
    char *domain_controller;
    int64_t time_unix_ms; /* UTC, whole seconds on disk */
    char *comment;
    char *display_name;
    bool software; /* mfst:SIPresent: it holds software installation */
};
void backup_info_free(struct backup_info *info);

struct backup_infos {
    size_t count;
    struct backup_info *items; /* sorted by display name without case, then time, then id */
};
void backup_infos_free(struct backup_infos *infos);

/* One FSObjectFile or FSObjectDir of Backup.xml (facts/gpmc.md 2.4). */
struct backup_object {
    bool directory;
    char *path;        /* bkp:Path, "%GPO_MACH_FSPATH%\registry.pol" */
    char *source_path; /* bkp:SourceExpandedPath or NULL */
    char *location;    /* bkp:Location with back slashes; NULL: pattern, nothing was copied */
    char *reevaluate;  /* bkp:ReEvaluateFunction or NULL */
    size_t child_count;
    struct backup_object *children; /* matches of a pattern */
};

struct backup_extension {
    char *id;   /* bkp:ID as written */
    char *name; /* bkp:DescName */
    size_t object_count;
    struct backup_object *objects;
    size_t ds_object_count;
    struct gpo_ds_object *ds_objects;
};

struct backup_principal {
    bool from_dacl; /* bkp:Source="FromDACL" */
    struct domain_principal principal;
};

/* A whole backup but for the content of its files. */
struct backup {
    struct backup_info info;
    struct gpo *gpo; /* GroupPolicyCoreSettings; files as listed in Backup.xml, with sizes */
    bool security_descriptor_damaged; /* it is there but no security descriptor */
    char *security_descriptor_text;   /* as it was written, when it is damaged; or NULL */
    size_t principal_count;
    struct backup_principal *principals;
    size_t file_path_count; /* FilePaths: UNC paths that settings name */
    char **file_paths;
    size_t extension_count;
    struct backup_extension *extensions;
};
void backup_free(struct backup **backup_p);

/* What verify found wrong; the texts name file and reason. */
typedef void backup_finding(void *arg, const char *object_path, int code, const char *text);

struct backup_begin_request {
    struct gpmq_guid id; /* of the backup, derived from the operation's id */
    struct gpmq_id op;
    uint64_t fence;
};

struct backup_begin_answer {
    bool done; /* it was published before: nothing left to do */
};

/* Opens a repository. create: makes the folder, not those above it.
 * GPMQ_ENOTFOUND: no such folder. GPMQ_EINVAL: not a folder. Plain path or "folder:PATH". */
int repository_open(struct repository **out, const char *url, bool create,
                    struct gpmq_error *err) GPMQ_CHECKED;
void repository_close(struct repository **repository_p);

/* Every backup that can be read. One that cannot is told to `finding` (may be NULL), not listed. */
int repository_list(struct repository *repository, struct backup_infos *out,
                    backup_finding *finding, void *arg, struct gpmq_error *err) GPMQ_CHECKED;
/* The backup a person means: its GUID in any case, braces optional, or a GPO's display name, which
 * means its newest backup. GPMQ_EAMBIGUOUS: the name belongs to several GPOs. GPMQ_ENOTFOUND. */
int repository_find(struct repository *repository, const char *word, struct gpmq_guid *out,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* GPMQ_ENOTFOUND. GPMQ_EDAMAGED and GPMQ_EMALFORMED name file, element and reason. */
int repository_read(struct repository *repository, const struct gpmq_guid *id, struct backup **out,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* Feeds a file, by its path inside the GPT, to sink in pieces of at most 256 KiB. */
int repository_read_file(struct repository *repository, const struct gpmq_guid *id,
                         const char *path, domain_sink *sink, void *sink_arg,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* The gpreport.xml of a backup, as it lies on disk; free() *out. GPMQ_ENOTFOUND: it has none.
 * GPMQ_ETOOBIG: over XML_BYTES_MAX. */
int repository_read_report(struct repository *repository, const struct gpmq_guid *id, void **out,
                           size_t *size, struct gpmq_error *err) GPMQ_CHECKED;
/* Checks one backup: listed files there and no others, readable, XML well formed, and Backup.xml,
 * bkupInfo.xml and the manifest's entry agreeing; with read_data every file is read and those whose
 * format gpmq knows (verify_data.h) are parsed. A listed folder that is absent is no finding: it is
 * empty, and git, for one, loses such. Returns 0 also when there are findings; *count is
 * how many. GPMQ_ESTOPPED when `stopped` (may be NULL) says so between files. */
int repository_verify(struct repository *repository, const struct gpmq_guid *id, bool read_data,
                      bool (*stopped)(void *arg), backup_finding *finding, void *arg, size_t *count,
                      struct gpmq_error *err) GPMQ_CHECKED;

/* Keeps a backup from being removed, as reading it does. GPMQ_ENOTFOUND: it is not there, or just
 * being removed. */
int repository_hold(struct repository *repository, const struct gpmq_guid *id,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* Lets a held one go; one that is not held stays so. */
void repository_release(struct repository *repository, const struct gpmq_guid *id);
/* Removes a backup: takes its folder out of sight by one rename, brings that to disk, and only then
 * deletes it, so that a crash leaves it complete or absent. manifest.xml is not touched: see
 * repository_tidy(). GPMQ_EBUSY: somebody reads it, nothing was done. GPMQ_ENOTFOUND. */
int repository_remove(struct repository *repository, const struct gpmq_guid *id,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Deletes what interrupted removals left behind, and brings manifest.xml up to date. */
int repository_tidy(struct repository *repository, struct gpmq_error *err) GPMQ_CHECKED;

/* Begins a backup. Leftovers of earlier attempts of the same operation are removed. GPMQ_ESTALE: a
 * staged attempt of this operation with a higher fence is there. */
int backup_begin(struct repository *repository, const struct backup_begin_request *request,
                 struct backup_writer **out, struct backup_begin_answer *answer,
                 struct gpmq_error *err) GPMQ_CHECKED;
int backup_mkdir(struct backup_writer *writer, const char *path,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* Appends to a file, by its path inside the GPT; size 0 makes an empty one. */
int backup_write(struct backup_writer *writer, const char *path, const void *bytes, size_t size,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* Writes gpreport.xml, once: what a person may look at when there is no gpmq. */
int backup_write_report(struct backup_writer *writer, const void *bytes, size_t size,
                        struct gpmq_error *err) GPMQ_CHECKED;
/* Every file of *gpo was written; its folders are made. Writes bkupInfo.xml and Backup.xml, syncs
 * everything, renames it into place, brings manifest.xml up to date, and ends the writer. domain
 * resolves the principals of the DACL and of the settings (GptTmpl.inf, fdeploy1.ini); *info->id is
 * the writer's. */
int backup_publish(struct backup_writer **writer_p, const struct backup_info *info,
                   const struct gpo *gpo, struct domain *domain,
                   struct gpmq_error *err) GPMQ_CHECKED;
void backup_abort(struct backup_writer **writer_p);

#endif
