/*
 * standalone_folder.h - the state folder of standalone mode: its lock, its pipe, its addresses.
 *
 *     lock             held (flock) by the owner, its broker and its worker; names the broker
 *     users            a named pipe that every command keeps open for writing: when the last one
 *                      is gone, however it went, the broker reads the end and ends
 *     queue.db         the broker's store
 *     control, worker, status   sockets
 *     broker.log, worker.log    what the two said
 */
#ifndef GPMQ_STANDALONE_FOLDER_H
#define GPMQ_STANDALONE_FOLDER_H

#include <limits.h>
#include <stdbool.h>

#include "gpmq/error.h"

#define STANDALONE_URL_SIZE 128

struct standalone_folder {
    char path[PATH_MAX];
    int lock;        /* -1: another command owns the folder */
    int users_read;  /* for the broker, and to see whether we were the last */
    int users_write; /* keeps the broker alive */
};

/* Where the state folder is: $XDG_STATE_HOME/gpmq, or ~/.local/state/gpmq.
 * GPMQ_EINVAL: neither variable says, or sockets in it would have names that are too long. */
int standalone_folder_path(char out[PATH_MAX], struct gpmq_error *err) GPMQ_CHECKED;
/* Whether anything was ever done there. */
bool standalone_folder_is_used(const char *path);

/* Makes what is missing (mode 0700) and opens the pipe; takes no lock. GPMQ_EACCESS: the folder is
 * not ours alone. Let go with standalone_folder_close(), also after a failure. */
int standalone_folder_open(struct standalone_folder *folder, struct gpmq_error *err) GPMQ_CHECKED;
void standalone_folder_close(struct standalone_folder *folder);

/* Becomes the owner, if there is none; returns whether we are it now. */
bool standalone_folder_own(struct standalone_folder *folder);
/* Writes into the lock who serves. */
void standalone_folder_name(const struct standalone_folder *folder, int pid);
/* Who serves; 0: not known. */
int standalone_folder_owner(const struct standalone_folder *folder);

/* Stops using it; if nobody else does, waits until its broker has ended, at most wait_ms. */
void standalone_folder_leave(struct standalone_folder *folder, int wait_ms);

/* "ipc:///home/anna/.local/state/gpmq/control" */
void standalone_folder_url(const char *path, const char *socket, char out[STANDALONE_URL_SIZE]);

#endif
