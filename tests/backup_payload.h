/*
 * backup_payload.h - the files of two backups as they lie on disk, compared byte for byte and
 * without gpmq's reader.
 */
#ifndef GPMQ_BACKUP_PAYLOAD_H
#define GPMQ_BACKUP_PAYLOAD_H

#include "backup_diff.h"

struct backup_on_disk {
    const struct backup *backup; /* what it lists */
    const char *repository;      /* the folder it lies in */
};

/* Tells of every listed file of a that b lacks or has with other bytes ("payload.file"), of every
 * listed file or folder of a that b lacks ("payload.listed"), and when b has more files
 * ("payload.count"). Paths are compared without case, as Windows does. What a's owner put beside
 * the listed files is no part of it. Returns how many files a has. */
size_t backup_payload_diff(const struct backup_diff *diff, const struct backup_on_disk *a,
                           const struct backup_on_disk *b);

#endif
