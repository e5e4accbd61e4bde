/*
 * executor_channel.h - an executor's end of the socketpair to its worker.
 *
 * Packets (SOCK_SEQPACKET) of one encoded MSG_EXEC_ message each. When the worker is gone the
 * process ends: what it did not finish, the next attempt does.
 */
#ifndef GPMQ_EXECUTOR_CHANNEL_H
#define GPMQ_EXECUTOR_CHANNEL_H

#include "codec.h"
#include "run.h"

#define EXECUTOR_PACKET_MAX (192u << 10) /* bytes; below what a socket takes by default */

struct executor_channel {
    struct run_channel base; /* first */
    int fd;
    uint64_t fence; /* of the operation that runs */
    bool stop;      /* it is to stop */
    msgpack_sbuffer buffer;
    struct arena arena; /* of what is read while an operation runs */
    int input_fd;       /* of the operation that runs; -1: it has none */
    char packet[EXECUTOR_PACKET_MAX];
};

/* A channel over fd, which stays the caller's. SIGTERM means stop from now on. NULL: no memory. */
struct executor_channel *executor_channel_new(int fd);
void executor_channel_free(struct executor_channel **channel_p);

/* Waits for the next operation; *out points into arena. Clears what was said of the one before.
 * GPMQ_EUNREACHABLE: the worker is gone. GPMQ_EMALFORMED: it said what makes no sense. */
int executor_channel_wait(struct executor_channel *channel, struct arena *arena,
                          struct message *out, struct gpmq_error *err) GPMQ_CHECKED;

#endif
