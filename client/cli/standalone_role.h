/*
 * standalone_role.h - this program again, as broker or as worker.
 *
 * A role is a child process that runs /proc/self/exe. It is in a process group of its own, so that
 * Ctrl-C is for the command alone, and its log goes to a file of the state folder.
 */
#ifndef GPMQ_STANDALONE_ROLE_H
#define GPMQ_STANDALONE_ROLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "gpmq/error.h"

/* How a role is asked for on the command line, and where it finds what it inherits. */
#define ROLE_BROKER      "--as-broker" /* FOLDER */
#define ROLE_WORKER      "--as-worker" /* FOLDER NAME (domain=PATH | repository=PATH)... */
#define ROLE_PARENT_FD   3             /* when its other end closes, the role ends */
#define ROLE_LOCK_FD     4             /* only kept open */
#define ROLE_WORKER_NAME "standalone"  /* of the owner's worker; another's has its number behind */

struct role {
    pid_t pid;  /* 0: not running */
    int pid_fd; /* -1: not running */
};

/* Starts argv[0..], which begins with "gpmq" and one of ROLE_...; parent: the reading end of a
 * pipe; lock: -1: none; log: a file that is appended to. */
int role_start(struct role *role, char *const *argv, int parent, int lock, const char *log,
               struct gpmq_error *err) GPMQ_CHECKED;
/* Whether it runs; what has ended is reaped. */
bool role_is_running(struct role *role);
/* Waits until it has ended, at most wait_ms; reaps it. Returns whether it has. */
bool role_wait(struct role *role, int wait_ms);

#endif
