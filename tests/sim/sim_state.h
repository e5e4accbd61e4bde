/* sim_state.h - everything that a simulated world consists of. */
#ifndef GPMQ_SIM_STATE_H
#define GPMQ_SIM_STATE_H

#include "codec.h"
#include "core.h"
#include "lease_book.h"
#include "sim.h"
#include "store_memory.h"

#define SIM_WORKERS   3
#define SIM_CLIENTS   4
#define SIM_EXECUTORS 2
#define SIM_OPS_MAX   96
#define SIM_ITEMS_MAX 6 /* of a batch, at most one fewer */
#define SIM_KEY       "dc:one"

/* Of the clients, in some worlds. */
#define SIM_PLAIN_CLIENTS 2
#define SIM_GREEDY        2
#define SIM_POLITE        3
#define SIM_GREEDY_OPS    20
#define SIM_POLITE_OPS    4

#define SIM_GPOS       2
#define SIM_FRAMES_MAX 512 /* of one operation */
#define SIM_UNIX_MS    INT64_C(1800000000000)

enum sim_role { SIM_BROKER, SIM_WORKER, SIM_CLIENT };

struct sim_node {
    enum sim_role role;
    uint32_t index;
};

struct sim_packet {
    int64_t at_ms;
    uint64_t order;
    struct sim_node from, to;
    uint64_t peer;   /* the connection of the client or worker */
    uint64_t number; /* of a status frame: its seq */
    bool is_status;  /* published: not a message but a frame */
    struct gpmq_id op;
    size_t size;
    char bytes[];
};

/* How often things go wrong in this world, in one of 1000. */
struct sim_rates {
    uint32_t lost;
    uint32_t doubled;
    uint32_t late;
    int64_t late_ms; /* at most */
    uint32_t status_lost;
    uint32_t round_crash; /* in the middle of one of the broker's rounds */
    int64_t fault_ms;     /* between two greater faults, on average */
};

/* A request, and what has been seen of it. Batches are listed like operations. */
struct sim_op {
    struct gpmq_request request;
    uint32_t client;
    bool is_batch;
    bool in_batch;
    bool is_turn;    /* one of the greedy or the polite client */
    bool is_retry;   /* it runs a dead one again, if that comes to pass */
    uint32_t parent; /* of a retry: the dead one */
    uint32_t origin; /* whose effects are its own: itself, or the first of a chain of retries */
    uint32_t retry;  /* who runs it again when it is dead; 0: nobody */
    bool drop;       /* when it is dead its client drops it */
    bool dead_answered;
    int64_t dead_sent_ms;
    int64_t submit_ms;
    int64_t cancel_ms; /* 0: nobody cancels it */
    bool answered;     /* its client knows that it is accepted, or refused */
    bool accepted;
    bool cancel_answered;
    int64_t sent_ms; /* newest submit, cancel or replay */
    int64_t cancel_sent_ms;
    int64_t replay_sent_ms;

    /* what its client has of it */
    uint64_t seen_seq;
    bool seen_final;
    enum gpmq_state seen_state;
    uint64_t seen_hash;

    /* what executors did: the domain's own books */
    uint32_t effects;
    uint64_t effect_fence;
    uint64_t begun_fence;
};

/* What the store should say of an operation, from the actions alone. */
struct sim_shadow {
    bool known;
    enum gpmq_state state;
    uint64_t fence;
    uint64_t seq;
    bool cancel_requested;
    bool has_final;
    enum gpmq_fate fate;
    uint32_t failures; /* attempts that failed, as its frames tell */
    bool rests;        /* it is queued, and not offered for a while */
    int32_t numerator;
    uint64_t frame_fence;
    uint64_t message_fence; /* of the newest message of an executor, and its number */
    uint32_t message_number;
    uint64_t hash;        /* of all frames */
    int64_t cancel_by_ms; /* told to somebody: it ends by then; 0: nothing was told */
};

struct sim_executor {
    bool busy;
    struct gpmq_id op;
    uint64_t fence;
    uint32_t steps_left;
    uint32_t steps;
    uint32_t messages;
    int64_t next_ms;
    int64_t kill_ms; /* 0: nobody asked it to stop */
    bool taken;      /* the broker has heard that it began */
    bool deaf;       /* does not hear that it is to stop */
    bool stopping;
    uint8_t end; /* how it will end */
};

struct sim_worker {
    struct lease_book *book; /* NULL: it is dead */
    struct book_actions *actions;
    struct lease_book_config config;
    char name[8];
    uint64_t peer;
    int64_t up_ms;    /* when it comes back */
    int64_t awake_ms; /* it is paused until then */
    int64_t open_ms;  /* when its new connection is there; 0: it is */
    uint32_t starts;
    int64_t cut_out_ms; /* its messages are lost until then */
    int64_t cut_in_ms;  /* messages to it are lost until then */
    struct sim_executor executors[SIM_EXECUTORS];
};

struct sim_client {
    char name[8];
    uint64_t peer;
    int64_t awake_ms;
    int64_t cut_ms;
};

struct sim_broker {
    struct core *core; /* NULL: it is dead */
    struct core_actions *actions;
    struct store *store;
    int64_t up_ms;
    int64_t awake_ms;
    int64_t clock_ms; /* what its monotonic clock adds to the simulated time */
    int64_t wall_ms;  /* what its wall clock adds: it is set, forwards and backwards */
    bool round_open;
    uint64_t first_fence;
    uint64_t last_fence; /* the highest that was ever told */
    uint32_t crashes;
    bool hold;        /* an admin wants the whole queue paused */
    bool hold_told;   /* and the core knows */
    bool hold_stored; /* and the store */
};

struct sim {
    struct sim_options options;
    struct sim_verdict *verdict;
    uint64_t random;
    int64_t now_ms;
    int64_t calm_ms; /* when the faults stop */
    int64_t fault_at_ms;
    struct sim_rates rates;
    uint64_t peer_next;

    struct sim_packet **packets; /* a heap */
    size_t packet_count, packet_room;
    uint64_t packet_order;

    struct sim_broker broker;
    struct sim_worker workers[SIM_WORKERS];
    struct sim_client clients[SIM_CLIENTS];
    struct core_config config;
    uint32_t key_limit; /* of SIM_KEY */
    uint32_t overtaken[SIM_OPS_MAX];
    uint32_t op_count;
    struct sim_op ops[SIM_OPS_MAX];
    struct sim_shadow stored[SIM_OPS_MAX]; /* as of the last commit */
    struct sim_shadow open[SIM_OPS_MAX];   /* as of the open round */
    struct arena arena;                    /* of what is decoded; forgotten after each event */
    msgpack_sbuffer buffer;
};

/* ---- chance -------------------------------------------------------------------------------- */

uint64_t sim_random(struct sim *sim);
/* 0 .. below-1 */
uint32_t sim_below(struct sim *sim, uint32_t below);
bool sim_chance(struct sim *sim, uint32_t of_thousand);
static inline bool sim_is_calm(const struct sim *sim)
{
    return sim->now_ms >= sim->calm_ms;
}

/* ---- what is wrong, and what happened ------------------------------------------------------ */

void sim_violation(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_trace(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_mix(struct sim *sim, const void *bytes, size_t size);
uint64_t sim_hash(uint64_t hash, const void *bytes, size_t size);
int64_t sim_unix_ms(const struct sim *sim);

/* The index of an operation or batch; -1: none of ours. */
int sim_find(const struct sim *sim, const struct gpmq_id *id);

#endif
