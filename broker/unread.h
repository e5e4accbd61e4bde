/*
 * unread.h - what was sent on a connection and may still lie in our memory, because the other side
 * does not read.
 *
 * libzmq counts the messages of a connection's queue, not their bytes, and does not tell how many
 * are left. But the kernel tells when all that was written to a descriptor has been taken
 * (SIOCOUTQ). So what is sent is counted in two heaps, and when the kernel's queue is empty, the
 * one that was handed to libzmq in an earlier round has gone. Who reads all the time is never far
 * behind.
 */
#ifndef GPMQ_UNREAD_H
#define GPMQ_UNREAD_H

#include <stddef.h>
#include <stdint.h>

struct unread {
    int fd;         /* -1: not known; then nothing is ever taken for read */
    size_t bytes;   /* of both heaps */
    size_t older;   /* of the one that was sent before `since` */
    uint64_t since; /* rounds of the loop */
    uint64_t sent;  /* when the newest was */
};

void unread_add(struct unread *unread, size_t size, uint64_t round);
/* Asks the kernel, if that can say something new, and returns unread->bytes. */
size_t unread_look(struct unread *unread, uint64_t round);

#endif
