/*
 * sim.h - one seed, one schedule, one verdict.
 *
 * The broker's core, the memory store and the workers' lease books are the objects that the real
 * programs link. Everything else is made here from the seed: time, the network (which loses,
 * doubles, delays and reorders, and is cut in one or both directions), crashes, restarts and pauses
 * of every role, failing commits, executors, and clients who cancel, forget and follow.
 *
 * First everything may go wrong. Then the faults stop, and all that was accepted has to end within
 * SIM_SETTLE_MS of virtual time.
 */
#ifndef GPMQ_SIM_H
#define GPMQ_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "gpmq/op.h"

#define SIM_SETTLE_MS 120000
#define SIM_TEXT_SIZE 512

/* Bugs that the simulator can put in, to show that it would find them. */
enum sim_plant {
    SIM_PLANT_NONE = 0,
    SIM_PLANT_ACK_BEFORE_COMMIT,    /* the answer leaves, and then the round is lost */
    SIM_PLANT_NO_FSYNC,             /* commits say that they are done, and are lost in a crash */
    SIM_PLANT_COMMIT_RETRIED,       /* one that failed is tried again, and its round is gone */
    SIM_PLANT_STALE_FENCE,          /* a report of an attempt that was given up is taken */
    SIM_PLANT_NO_DEDUPE,            /* a report that came twice is taken twice */
    SIM_PLANT_LEASE_ON_WALL_CLOCK,  /* the monotonic clock jumps with the other one */
    SIM_PLANT_ID_AT_RUN_TIME,       /* a second attempt does not find what the first one made */
    SIM_PLANT_CANCEL_FORGOTTEN,     /* the wish to cancel does not survive a restart */
    SIM_PLANT_PROGRESS_AFTER_END,   /* progress that was held back is told after the final frame */
    SIM_PLANT_FENCE_REUSED,         /* after a restart fences begin where they did before */
    SIM_PLANT_FRAME_NOT_STORED,     /* progress is published and not stored */
    SIM_PLANT_KEY_IGNORED,          /* live leases from before a restart hold no keys */
    SIM_PLANT_SECOND_END,           /* an operation that has ended is given out again */
    SIM_PLANT_DEPENDENCY_FORGOTTEN, /* after a restart nobody waits for others */
    SIM_PLANT_PAUSE_FORGOTTEN,      /* after a restart nothing is paused */
    SIM_PLANT_ATTEMPTS_FORGOTTEN,   /* after a restart attempts are counted anew */
    SIM_PLANT_FATE_FORGOTTEN,       /* it is not stored that a dead operation was run again */
    SIM_PLANT_UNFAIR,               /* all clients are one: first come, first served */
    SIM_PLANT_END
};
/* "stale_fence"; NULL: no such plant. */
const char *sim_plant_name(enum sim_plant plant);

struct sim_options {
    uint64_t seed;
    uint32_t steps_max; /* 0: no limit */
    bool trace;         /* print what happens */
    enum sim_plant plant;
};

struct sim_verdict {
    bool failed;
    char text[SIM_TEXT_SIZE]; /* what is wrong */
    uint64_t steps;
    uint64_t trace_hash; /* the same for the same seed and build */
    int64_t end_ms;      /* virtual */
    uint32_t operation_count;
    uint32_t broker_crashes;
    uint32_t ends[GPMQ_STATE_END]; /* how many operations ended in each state */
};

void sim_run(const struct sim_options *options, struct sim_verdict *out);

#endif
