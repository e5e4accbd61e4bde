/*
 * message_manage.h - what is said of the queue itself: workers, numbers, pauses.
 */
#ifndef GPMQ_MESSAGE_MANAGE_H
#define GPMQ_MESSAGE_MANAGE_H

#include "message_limits.h"

/* ---- client to broker ---------------------------------------------------------------------- */

struct msg_workers {
    uint64_t after; /* session of the last one of the page before; 0: from the first */
};

/* What is held back: all that fits every word that is given. All NULL: the whole queue. */
struct pause {
    const char *kind;
    const char *domain;
    const char *repository;
    int64_t since_unix_ms;
};

struct msg_pause {
    const char *kind;
    const char *domain;
    const char *repository;
    bool resume; /* ends the pause that was made with the same words */
};

struct msg_drain {
    const char *worker; /* its name */
    bool resume;        /* it gets work again */
};

/* ---- broker to client ---------------------------------------------------------------------- */

/* A worker that is here. */
struct worker_info {
    uint64_t session; /* rises with every hello of a new process */
    const char *name;
    const char *key; /* name of its key */
    uint32_t executors;
    uint32_t credit;
    uint32_t leases;   /* operations it has */
    uint32_t running;  /* those of them that it has begun */
    bool draining;     /* it gets nothing new */
    int64_t silent_ms; /* since when it was not heard */
    struct name_list kinds;
    struct name_list domains;
    struct name_list repositories;
};

struct msg_worker_list {
    uint32_t worker_count;
    struct worker_info *workers; /* by session */
    bool more;
};

/* How many operations are in a state that is no end. */
struct state_count {
    enum gpmq_state state;
    uint32_t count;
};

struct msg_stats_answer {
    uint64_t epoch;
    uint64_t open; /* operations that have not ended */
    uint64_t open_max;
    uint64_t client_open_max;
    uint32_t depth_count;
    struct state_count *depths;
    uint64_t workers;
    uint64_t workers_max;
    uint64_t executors;
    uint64_t watches;
    uint64_t watches_max;
    uint64_t clients;     /* connections on the control socket */
    uint64_t stored_open; /* rows of the store */
    uint64_t stored_ended;
    uint64_t blob_bytes;
    uint64_t free_bytes; /* on the store's disk; 0: it is on none */
    uint32_t pause_count;
    struct pause *pauses;
};

struct msg_paused {
    uint32_t pause_count; /* those in force now */
    struct pause *pauses;
};

struct msg_draining {
    const char *worker;
    uint32_t leases; /* that it still has */
};

#endif
