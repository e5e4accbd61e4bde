/*
 * executor_process.h - one child process: started, talked to over a socketpair, killed, reaped.
 *
 * It is started by exec of its own program (never by fork alone), leads a process group of its own,
 * inherits nothing but stderr and its end of the socketpair, and dies with us.
 */
#ifndef GPMQ_EXECUTOR_PROCESS_H
#define GPMQ_EXECUTOR_PROCESS_H

#include <sys/types.h>

#include "gpmq/error.h"

struct executor_process {
    pid_t pid;
    int pid_fd; /* readable when it has ended */
    int socket; /* non-blocking SOCK_SEQPACKET */
};

/* Starts argv[0] with argv. GPMQ_EIO and others name the program. */
int executor_process_start(struct executor_process *out, char *const *argv,
                           struct gpmq_error *err) GPMQ_CHECKED;

/* Sends a signal to it, or (group) to it and all that it started. */
void executor_process_signal(const struct executor_process *process, int number, bool group);

#define EXECUTOR_END_SIZE 128

/* Takes the exit of a process that has ended, kills what is left of its group, closes both
 * descriptors. `how` says it in words: "killed by signal 11 (Segmentation fault)". */
void executor_process_reap(struct executor_process *process, char how[EXECUTOR_END_SIZE]);

#endif
