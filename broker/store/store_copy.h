/*
 * store_copy.h - a store looked at and copied from outside, also while a broker runs on it.
 *
 * Neither takes the store over: no lock, no new epoch, nothing is changed. Both see the store as it
 * was at one moment between two rounds of its broker.
 */
#ifndef GPMQ_STORE_COPY_H
#define GPMQ_STORE_COPY_H

#include <stdint.h>

#include "gpmq/error.h"

/* What a check has seen. */
struct store_summary {
    uint64_t operations;
    uint64_t open; /* of them, what has not ended */
    uint64_t frames;
    uint64_t blobs;
    uint64_t blob_bytes;
    uint64_t damages;
};

/* Called for each damage. */
typedef void store_damage_sink(void *arg, const char *text);

/* Reads every record of the store and holds it to its checksum, every history to its numbers and
 * every blob to its digest, and lets SQLite look at its own pages. GPMQ_EDAMAGED: sink was told
 * (NULL: nobody); *out is filled all the same. GPMQ_ENOTFOUND: there is no such store.
 * GPMQ_EVERSION: written by another version of gpmq. GPMQ_EUNSUPPORTED: not a store on a disk. */
int store_check(const char *url, store_damage_sink *sink, void *arg, struct store_summary *out,
                struct gpmq_error *err) GPMQ_CHECKED;

/* Copies the store to a file that is not there yet: it is made beside its place, checked like
 * store_check(), synced and renamed, so it is there whole or not at all. GPMQ_EEXIST: the file is
 * there. GPMQ_EBUSY: somebody else makes it. GPMQ_EDAMAGED: the store is, and there is no copy.
 * GPMQ_ENOSPACE, and as store_check(). */
int store_backup(const char *url, const char *path, struct store_summary *out,
                 struct gpmq_error *err) GPMQ_CHECKED;

#endif
