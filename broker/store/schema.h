/*
 * schema.h - numbered steps from each version of the tables to the next.
 *
 * A step that has been released is never changed: a new version is a new step. The file says what
 * it is in SQLite's application_id ("gpmq") and which version in its user_version.
 */
#ifndef GPMQ_SCHEMA_H
#define GPMQ_SCHEMA_H

#include <sqlite3.h>

#include "gpmq/error.h"

enum { SCHEMA_APPLICATION_ID = 0x67706d71, SCHEMA_VERSION = 3 };

/* Brings the tables of `path` to SCHEMA_VERSION, each step in a transaction of its own; an empty
 * file becomes a store. GPMQ_EVERSION: a newer gpmq wrote it. GPMQ_EDAMAGED: it is no store.
 * Anything else SQLite says is GPMQ_ESTORE. */
int schema_update(sqlite3 *db, const char *path, struct gpmq_error *err) GPMQ_CHECKED;
/* Whether the tables are those of SCHEMA_VERSION, and nothing is to be done. GPMQ_EVERSION: they
 * are of another version. GPMQ_EDAMAGED: it is no store. */
int schema_is_current(sqlite3 *db, const char *path, struct gpmq_error *err) GPMQ_CHECKED;

#endif
