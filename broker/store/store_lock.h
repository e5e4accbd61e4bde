/*
 * store_lock.h - one owner at a time: a locked file beside the store that names its process.
 *
 * The lock ends with the process, however it ends; the file stays.
 */
#ifndef GPMQ_STORE_LOCK_H
#define GPMQ_STORE_LOCK_H

#include "gpmq/error.h"

/* Locks "path.lock"; the descriptor in *out holds it until it is closed. GPMQ_EBUSY names the
 * process that has it. */
int store_lock(int *out, const char *path, struct gpmq_error *err) GPMQ_CHECKED;

#endif
