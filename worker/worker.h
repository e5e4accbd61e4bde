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
struct worker;

/* Everything is borrowed while the worker is there. */
struct worker_settings {
    const char *broker;      /* required */
    const char *name;        /* unique among workers */
    const char *key_file;    /* our secret key; NULL: none, for loopback and ipc alone */
    const char *server_file; /* the broker's public key; goes with key_file */
    uint32_t credit;         /* leases held at once; 0: twice the executors */
    int64_t drain_s;         /* longest wait for what runs, when told to end */
    /* SIGHUP came: it may call worker_reload(). NULL: SIGHUP is nothing to it. */
    void (*hangup)(void *arg, struct worker *worker);
    void *hangup_arg;
    struct notify *notify; /* is told signs of life and the end; NULL: nobody */
    struct executor_pool_config executors;
};

/* context: the process's ZeroMQ context; NULL: the worker makes one.
 * GPMQ_EINVAL, and what session_open() and executor_pool_new() say. */
int worker_open(struct worker **out, const struct worker_settings *settings, void *context,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Kills what still runs; takes NULL; leaves NULL. */
void worker_close(struct worker **worker_p);

/* Whether every folder that the worker is to serve is there, and what AD domains name
 * (ad_files_check()). An executor is shut into those that
 * are there when it starts. GPMQ_ENOTFOUND, GPMQ_EACCESS name the first that is not. */
int worker_check_places(const struct worker_settings *settings,
                        struct gpmq_error *err) GPMQ_CHECKED;

/* Takes over what may change while it serves: domains, repositories, programs, plug-ins, limits and
 * log level of its executors, drain_s. What runs goes on with what it began with; what has not
 * begun is handed back. From then on settings are borrowed, those before only for what cannot
 * change. A failure changes nothing: what executor_kinds_read() says. */
int worker_reload(struct worker *worker, const struct worker_settings *settings,
                  struct gpmq_error *err) GPMQ_CHECKED;

/* Serves until it is told to end. stop_fd, a signalfd or the like: SIGHUP calls settings->hangup;
 * at the first other signal the worker drains, at the second it leaves at once. parent_fd (-1:
 * none): a pipe; when its other end closes the worker leaves at once. */
int worker_run(struct worker *worker, int stop_fd, int parent_fd,
               struct gpmq_error *err) GPMQ_CHECKED;

#endif
