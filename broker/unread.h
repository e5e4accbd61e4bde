/*
 * unread.h - what was sent on a connection and may still lie in our memory, because the other side
 * does not read.
 *
 * libzmq counts the messages of a connection's queue, not their bytes, and does not tell how many
 * are left. But the kernel tells when all that was written to a descriptor has been taken
 * (SIOCOUTQ). So what is sent is counted until that is so.
 */
#ifndef GPMQ_UNREAD_H
#define GPMQ_UNREAD_H

#include <stddef.h>
#include <stdint.h>

/* What was handed to libzmq so long ago has been written, or nobody reads. */
#define UNREAD_SETTLE_MS 10

struct unread {
    int fd; /* -1: not known; then nothing is ever taken for read */
    int64_t sent_ms;
    size_t bytes;
};

void unread_add(struct unread *unread, size_t size, int64_t now_ms);
/* Asks the kernel, if that can say something new, and returns unread->bytes. */
size_t unread_look(struct unread *unread, int64_t now_ms);

#endif
