/*
 * sandbox.h - what an executor may still do: its own folders, no network, no other processes.
 *
 * Landlock shuts the file system but for the named folders and what a program needs to run
 * (libraries, time zones, character sets; read only); seccomp refuses, with EPERM, what no handler
 * needs: sockets, other processes' memory, mounts, new name spaces, kernel modules, keys. Both are
 * probed at run time: an old kernel has less, and the answer says so.
 *
 * An executor that starts a program of the worker's owner (`programs` in the settings) has rules of
 * its own: it and the program may start other programs, signal, and reach the network, and are shut
 * into folders only where the owner named some. The rest stays refused, also for the program.
 */
#ifndef GPMQ_SANDBOX_H
#define GPMQ_SANDBOX_H

#include <stddef.h>

#include "gpmq/error.h"

enum sandbox_mode {
    SANDBOX_AUTO,     /* what the kernel can do */
    SANDBOX_REQUIRED, /* all of it, or the executor does not start */
    SANDBOX_OFF,
    SANDBOX_MODE_END
};
/* "auto", "required", "off". */
const char *sandbox_mode_name(enum sandbox_mode mode);
/* GPMQ_EINVAL: no such word. */
int sandbox_mode_from_name(enum sandbox_mode *out, const char *name) GPMQ_CHECKED;

struct sandbox_rules {
    const char *const *folders; /* that may be read and written */
    size_t folder_count;
    const char *const
        *readable; /* files and folders that may be read; those not there are left out */
    size_t readable_count;
    bool network; /* sockets to other machines are allowed: a domain needs them */
    /* The program that may be started, and others from there; NULL: none. Then no folder means
     * every folder, and in those that are named programs may be started, too. */
    const char *program;
};

/* Shuts this process and its children in, for good. GPMQ_EUNSUPPORTED: the kernel lacks a part,
 * which *err names; the other parts are applied. Anything else: nothing can be said. */
int sandbox_enter(const struct sandbox_rules *rules, struct gpmq_error *err) GPMQ_CHECKED;

#endif
