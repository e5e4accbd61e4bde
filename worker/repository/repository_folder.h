/*
 * repository_folder.h - inside a repository: the folder, the backups in it, the files of a backup.
 */
#ifndef GPMQ_REPOSITORY_FOLDER_H
#define GPMQ_REPOSITORY_FOLDER_H

#include "bytes.h"
#include "repository.h"

#define REPOSITORY_BACKUPS_MAX 1000000 /* backups of one repository */

#define REPOSITORY_SYSVOL "DomainSysvol/GPO" /* of a backup: the GPT */
#define REPOSITORY_REPORT "gpreport.xml"

/* Backups hold security policy, sometimes passwords: for their owner's eyes. */
#define REPOSITORY_FILE_MODE   0600
#define REPOSITORY_FOLDER_MODE 0700

/* A backup that this process keeps from being removed. */
struct repository_hold {
    struct gpmq_guid id;
    int fd; /* of its folder, locked */
};

struct repository {
    int dir;
    char *path; /* as the user gave it, for error texts */
    size_t hold_count;
    struct repository_hold *holds;
};

/* A backup's folder, by the name it has on disk. */
struct repository_entry {
    struct gpmq_guid id;
    char name[GPMQ_GUID_TEXT_SIZE];
};

struct repository_entries {
    size_t count;
    struct repository_entry *items; /* sorted by id */
};
void repository_entries_free(struct repository_entries *entries);

/* The folders that are named like backups. */
int repository_entries_read(struct repository *repository, struct repository_entries *out,
                            struct gpmq_error *err) GPMQ_CHECKED;
/* The one with that id, or NULL. */
struct repository_entry *repository_entries_find(const struct repository_entries *entries,
                                                 const struct gpmq_guid *id);
int repository_guid_compare(const struct gpmq_guid *a, const struct gpmq_guid *b);

/* Opens the folder of a backup. GPMQ_ENOTFOUND. */
int repository_open_backup(struct repository *repository, const struct gpmq_guid *id, int *out_fd,
                           struct gpmq_error *err) GPMQ_CHECKED;
/* Whether repository_hold() keeps it. */
bool repository_is_held(struct repository *repository, const struct gpmq_guid *id);
/* Whether the folder that is open is still the one that has that backup's name. */
bool repository_is_in_place(struct repository *repository, const struct gpmq_guid *id, int fd);
/* Opens a file of a backup, whose path is found without case. The text names "backup/path".
 * GPMQ_ENOTFOUND. GPMQ_EDAMAGED: it is no regular file. */
int repository_open_file(int backup, const char *root, const char *path, int *out_fd,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* Reads a whole one of at most `limit` bytes. GPMQ_ETOOBIG. */
int repository_read_whole(int backup, const char *root, const char *path, size_t limit,
                          struct bytes *out, struct gpmq_error *err) GPMQ_CHECKED;
/* Reads bkupInfo.xml. The folder's name has the say about the id. */
int repository_read_info(int backup, const struct repository_entry *entry, struct backup_info *out,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* The same, opening the folder by the name it has. */
int repository_open_info(struct repository *repository, const struct repository_entry *entry,
                         struct backup_info *out, struct gpmq_error *err) GPMQ_CHECKED;

#endif
