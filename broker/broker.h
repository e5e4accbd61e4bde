/*
 * broker.h - owns every part of a broker and runs its loop.
 *
 *     broker_open(&broker, &settings, &err);   binds, loads what had not ended
 *     broker_run(broker, stop_fd, &err);       until stop_fd can be read, or the store fails
 *     broker_close(&broker);
 *
 * Threads: one at a time; the access check has its own inside.
 */
#ifndef GPMQ_BROKER_H
#define GPMQ_BROKER_H

#include "core.h"
#include "broker_limits.h"

#define BROKER_CONTROL_DEFAULT "tcp://127.0.0.1:5670"
#define BROKER_WORKER_DEFAULT  "tcp://127.0.0.1:5671"
#define BROKER_STATUS_DEFAULT  "tcp://127.0.0.1:5672"
#define BROKER_RESERVE_BYTES   (UINT64_C(64) << 20)
#define BROKER_RETENTION_MS    (INT64_C(30) * 24 * 3600 * 1000)

struct broker;
struct notify;

struct broker_settings {
    const char *control; /* where clients connect; NULL: BROKER_CONTROL_DEFAULT, and so on */
    const char *worker;
    const char *status;
    const char *store;      /* "sqlite:PATH" or "memory:"; required */
    const char *key_file;   /* the broker's own secret key; NULL: no keys, only loopback and ipc */
    const char *keys;       /* folder with the public keys of clients and workers */
    int64_t retention_ms;   /* how long what has ended is kept; 0: BROKER_RETENTION_MS */
    uint64_t reserve_bytes; /* with less than this on the store's disk nothing new is taken; 0:
                             * BROKER_RESERVE_BYTES */
    int64_t keepalive_ms;   /* 0: BROKER_KEEPALIVE_MS */
    struct limits limits;   /* 0: the default of that one */
    struct notify *notify;  /* is told signs of life and the end; NULL: nobody */
    struct core_config core;
};

/* Judges settings without starting anything: addresses that others can reach need a key, and the
 * key files must be readable and right. The codes of broker_open(). */
int broker_check(const struct broker_settings *settings, struct gpmq_error *err) GPMQ_CHECKED;

/* Opens the store, takes over what had not ended, binds. context: the process's one; NULL: makes
 * one that the broker terminates. GPMQ_EDENIED: an address that others can reach, and no key_file.
 * GPMQ_EBUSY: the store has another owner. GPMQ_EIO: an address cannot be bound. */
int broker_open(struct broker **out, const struct broker_settings *settings, void *context,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Runs rounds until stop_fd can be read: 0; it may be called again. GPMQ_ESTORE, GPMQ_ENOSPACE,
 * GPMQ_EDAMAGED: what is on disk is the truth, start again from it. */
int broker_run(struct broker *broker, int stop_fd, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes over what may change while it runs: keys (connections of those that are gone end), limits,
 * retention and reserve. Call it while broker_run() does not run. A failure, as of broker_check(),
 * changes nothing. */
int broker_reload(struct broker *broker, const struct broker_settings *settings,
                  struct gpmq_error *err) GPMQ_CHECKED;
void broker_close(struct broker **broker_p);

/* Where it listens, with the port that a wildcard became. Borrowed until close. */
const char *broker_control_url(const struct broker *broker);
const char *broker_worker_url(const struct broker *broker);

#endif
