/*
 * program_child.h - starts a program of the worker's owner, and hears of its end.
 *
 * It finds a text on descriptor 0, a pipe to us on 3, the worker's log on 1 and 2, and nothing
 * else. It is killed when this process ends. It stays in our process group, which is ours and its
 * alone: who signals the group reaches all that the program has started.
 */
#ifndef GPMQ_PROGRAM_CHILD_H
#define GPMQ_PROGRAM_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "gpmq/error.h"

#define PROGRAM_TALK_FD 3

struct program_child {
    pid_t pid;  /* 0: there is none */
    int pid_fd; /* readable when it has ended */
    int talk;   /* what it writes to descriptor 3; does not block */
};

/* words ends in NULL; words[0] is a path. GPMQ_ENOTFOUND, GPMQ_EACCESS: there is no such program,
 * or it must not be started. Let *out go with program_child_end(). */
int program_child_start(struct program_child *out, char *const *words, const char *input,
                        size_t input_size, struct gpmq_error *err) GPMQ_CHECKED;

/* Kills it if it runs still, and reaps it. Returns its status as waitpid() has it. */
int program_child_end(struct program_child *child);

#endif
