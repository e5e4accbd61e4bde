/*
 * repository_fixture.h - what the tests of backups share: a folder of their own, a domain that
 * knows a few accounts, a GPO, and the real backups of $GPMQ_SAMPLES.
 */
#ifndef GPMQ_REPOSITORY_FIXTURE_H
#define GPMQ_REPOSITORY_FIXTURE_H

#include "repository.h"

#define FIXTURE_PATH_MAX 4096

/* Makes a folder below $TMPDIR or /tmp; ends the test program where that fails. */
void fixture_folder(char path[FIXTURE_PATH_MAX]);
/* Removes it with all that is in it. */
void fixture_remove(const char *path);

/* Writes a file, making the folders above it below root. */
void fixture_write(const char *root, const char *path, const void *bytes, size_t size);
/* Reads a file; free() it. NULL: it is not there. */
char *fixture_read(const char *root, const char *path, size_t *size);
bool fixture_exists(const char *root, const char *path);

/* A domain that can do one thing: it knows the accounts 500, 512 and 519 of S-1-5-21-1-2-3. */
struct domain *fixture_domain(void);

/* A GPO with user and machine settings, security and an empty folder. gpo_free() it. */
struct gpo *fixture_gpo(void);
/* Its backup's description. backup_info_free() it. */
struct backup_info fixture_info(const struct gpmq_guid *id, const char *comment);
/* The content of that GPO's files. */
const char *fixture_content(const char *path, size_t *size);
/* Writes all files of the GPO. */
int fixture_fill(struct backup_writer *writer, const struct gpo *gpo, struct gpmq_error *err);
/* Begins, fills and publishes a backup of it; 0 also where it was there before. */
int fixture_backup(struct repository *repository, unsigned number, uint64_t fence,
                   struct gpmq_error *err);
/* The operation and the backup with that number. */
struct gpmq_id fixture_op(unsigned number);
struct gpmq_guid fixture_id(unsigned number);

/* A real backup: its folder's parent is a repository. */
struct sample {
    char *repository;
    struct gpmq_guid id;
};
struct samples {
    size_t count;
    struct sample *items;
};
/* The backups below $GPMQ_SAMPLES/gpmc-backups (default: <source>/../shared/samples); none where
 * there is no such folder. */
struct samples fixture_samples(void);
void fixture_samples_free(struct samples *samples);

#endif
