/*
 * backup_writer.h - a backup while it is built, beside its place.
 *
 * Its folder ".gpmq-tmp-<operation>.<fence>" is taken away from an attempt by renaming it: then the
 * attempt cannot publish any more, whatever it still writes.
 */
#ifndef GPMQ_BACKUP_WRITER_H
#define GPMQ_BACKUP_WRITER_H

#include "repository_folder.h"

#define BACKUP_STAGE_NAME_SIZE 96

struct backup_writer {
    struct repository *repository;
    struct backup_begin_request request;
    char name[BACKUP_STAGE_NAME_SIZE]; /* of the folder it is built in */
    int folder;                        /* that folder */
    int sysvol;                        /* DomainSysvol/GPO in it */
    size_t made;                       /* files and folders so far */
    int file;                          /* the file that was written last, or -1 */
    uint64_t file_size;
    char *file_path;
    bool published;
};

/* Syncs and closes the file that was written last. */
int backup_writer_settle(struct backup_writer *writer, struct gpmq_error *err) GPMQ_CHECKED;

#endif
