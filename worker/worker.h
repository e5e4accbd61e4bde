/*
 * worker.h - a worker: owns the session with the broker and the executors, and drives the lease
 * book between them.
 */
#ifndef GPMQ_WORKER_H
#define GPMQ_WORKER_H

#include "executor.h"
#include "lease_book.h"

#define WORKER_DRAIN_DEFAULT_S 300

struct notify;

/* Everything is borrowed while the worker is there. */
struct worker_settings {
    const char *broker;      /* required */
    const char *name;        /* unique among workers */
    const char *key_file;    /* our secret key; NULL: none, for loopback and ipc alone */
    const char *server_file; /* the broker's public key; goes with key_file */
    uint32_t credit;         /* leases held at once; 0: twice the executors */
    int64_t drain_s;         /* longest wait for what runs, when told to end */
    struct notify *notify;   /* is told signs of life and the end; NULL: nobody */
    struct executor_pool_config executors;
};

struct worker;

/* context: the process's ZeroMQ context; NULL: the worker makes one.
 * GPMQ_EINVAL, and what session_open() and executor_pool_new() say. */
int worker_open(struct worker **out, const struct worker_settings *settings, void *context,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Kills what still runs; takes NULL; leaves NULL. */
void worker_close(struct worker **worker_p);

/* Whether every folder that the worker is to serve is there. An executor is shut into those that
 * are there when it starts. GPMQ_ENOTFOUND, GPMQ_EACCESS name the first that is not. */
int worker_check_places(const struct worker_settings *settings,
                        struct gpmq_error *err) GPMQ_CHECKED;

/* Serves until it is told to end. stop_fd, a signalfd or the like: the first time it is readable
 * the worker drains, the second time it leaves at once. parent_fd (-1: none): a pipe; when its
 * other end closes the worker leaves at once. */
int worker_run(struct worker *worker, int stop_fd, int parent_fd,
               struct gpmq_error *err) GPMQ_CHECKED;

#endif
