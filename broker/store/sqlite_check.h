/*
 * sqlite_check.h - every record of a SQLite store, held to its checksum.
 */
#ifndef GPMQ_SQLITE_CHECK_H
#define GPMQ_SQLITE_CHECK_H

#include "sqlite_impl.h"
#include "store_copy.h"

/* Opens the file of a store for reading alone, and prepares what a check needs. Let *out go with
 * sqlite_check_close(). GPMQ_ENOTFOUND, GPMQ_EVERSION, GPMQ_EDAMAGED: it is no store. */
int sqlite_check_open(struct sqlite **out, const char *path, struct gpmq_error *err) GPMQ_CHECKED;
void sqlite_check_close(struct sqlite **sqlite_p);

/* See store_check(): of one moment of the file. */
int sqlite_check(struct sqlite *sqlite, store_damage_sink *sink, void *arg,
                 struct store_summary *out, struct gpmq_error *err) GPMQ_CHECKED;

#endif
