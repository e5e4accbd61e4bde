/*
 * cleanup.h - one destructor for every way out of a function.
 *
 * A destructor takes the address of a handle, takes NULL and half-built objects, and leaves NULL:
 *
 *     CLEANUP(store_close) struct store *store = NULL;
 *     ...
 *     *out = STEAL(store);      the caller's now; the destructor finds NULL
 */
#ifndef GPMQ_CLEANUP_H
#define GPMQ_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(destructor) __attribute__((cleanup(destructor)))

/* The value of `handle`, which is NULL afterwards. */
#define STEAL(handle)                                                                              \
    ({                                                                                             \
        __typeof__(handle) stolen_ = (handle);                                                     \
        (handle) = NULL;                                                                           \
        stolen_;                                                                                   \
    })

/* For CLEANUP() of malloc()ed memory of any type. */
static inline void free_pointer(void *pointer_p)
{
    void **p = pointer_p;
    free(*p);
    *p = NULL;
}

/* For CLEANUP() of a descriptor; -1 is none. */
static inline void close_fd(int *fd_p)
{
    if (*fd_p >= 0)
        close(*fd_p);
    *fd_p = -1;
}

/* The descriptor in *fd_p, which is -1 afterwards. */
static inline int steal_fd(int *fd_p)
{
    int fd = *fd_p;
    *fd_p = -1;
    return fd;
}

/* For CLEANUP() of a FILE. */
static inline void close_file(FILE **file_p)
{
    if (*file_p)
        fclose(*file_p);
    *file_p = NULL;
}

#endif
