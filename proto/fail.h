/*
 * fail.h - how a function fails: in one statement.
 *
 *     return fail(err, GPMQ_EINVAL, "'%s' is no GPO id", word);
 *
 * The text says what was being done, to what, and what the system said. Control characters that
 * arrive in arguments are replaced, so that a line stays a line.
 */
#ifndef GPMQ_FAIL_H
#define GPMQ_FAIL_H

#include "gpmq/error.h"

/* Writes code and text to *err, which may be NULL; returns code. */
int fail(struct gpmq_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As fail(), with ": " and the words of errno behind the text, and the code that errno means:
 * ENOENT not_found, EACCES and EPERM access, ENOSPC and EDQUOT no_space, ENOMEM no_memory,
 * EEXIST exists, everything else io. */
int fail_errno(struct gpmq_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As fail() with GPMQ_EIO and the words of zmq_errno(). */
int fail_zmq(struct gpmq_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before what *err says already, and returns its code. */
int fail_in(struct gpmq_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
