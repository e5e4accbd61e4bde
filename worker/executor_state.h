/* executor_state.h - what the pool knows of its executors. For executor*.c only. */
#ifndef GPMQ_EXECUTOR_STATE_H
#define GPMQ_EXECUTOR_STATE_H

#include "codec.h"
#include "executor.h"
#include "executor_channel.h"
#include "executor_process.h"
#include "log.h"

/* How far the stopping of its operation has gone. */
enum executor_stage { STAGE_RUN, STAGE_ASKED, STAGE_TERMED, STAGE_KILLED };

/* What an executor is started for. Role 0: all handlers; the others: one program each. */
struct executor_role {
    const char *kind; /* NULL: every kind that no other role has */
    uint32_t serves;  /* operations until it is replaced */
    char **argv;
    uint32_t argv_count;
    bool started; /* the first executor said what its sandbox lacks */
};

struct executor {
    struct executor_process process; /* pid 0: there is none */
    struct executor_role *role;      /* of the process; NULL: of a configuration before */
    bool busy;
    bool paused; /* not listened to: what it said is not taken yet */
    uint32_t served;
    struct gpmq_id op;
    uint64_t fence;
    uint32_t attempt;
    char trace[GPMQ_NAME_MAX + 1]; /* "": none */
    enum executor_stage stage;
    int64_t stage_ends_ms; /* then it goes on to the next */

    uint8_t *content; /* of the result, so far */
    size_t content_size;
    size_t content_room;
};

struct executor_pool {
    struct executor_pool_config config;
    struct executor_listener listener;
    int epoll;
    struct executor_role roles[1 + EXECUTOR_PROGRAMS_MAX];
    uint32_t role_count;
    char *tickets; /* folder of ours for Kerberos tickets; NULL: none is needed */
    struct arena arena;
    msgpack_sbuffer buffer;
    uint32_t count;
    struct executor *executors;
    char packet[EXECUTOR_PACKET_MAX];
};

/* executor_argv.c: the command lines of all roles. */
int executor_argv_make(struct executor_pool *pool, struct gpmq_error *err) GPMQ_CHECKED;
void executor_argv_free(struct executor_pool *pool);
void executor_argv_drop(struct executor_role *roles, uint32_t count);
/* After the first executor: the others need not log the same again. */
int executor_argv_add(struct executor_role *role, const char *option, const char *value,
                      struct gpmq_error *err) GPMQ_CHECKED;

/* What a line of the log about its operation begins with; good as long as it runs that. */
static inline struct log_about executor_about(const struct executor *executor)
{
    return (struct log_about){&executor->op, executor->attempt, executor->trace};
}

/* executor_tickets.c: a folder of ours with mode 0700, named in pool->tickets. GPMQ_EACCESS and
 * others: it cannot be made. */
int executor_tickets_make(struct executor_pool *pool, struct gpmq_error *err) GPMQ_CHECKED;
/* Removes the tickets of an executor that is gone. */
void executor_tickets_forget(const struct executor_pool *pool, pid_t pid);
/* Removes the folder with all of them. */
void executor_tickets_remove(struct executor_pool *pool);

/* executor_place.c: the options for what the worker's places need. tickets: the folder for Kerberos
 * tickets; NULL: no domain is on the network. GPMQ_EINVAL names what is wrong in a URL. */
int executor_place_argv(struct executor_role *role, const struct executor_pool_config *config,
                        const char *tickets, struct gpmq_error *err) GPMQ_CHECKED;
bool executor_place_needs_tickets(const struct executor_pool_config *config);

/* executor_talk.c: takes what an executor says, at most so many packets; false: it closed its
 * socket or broke the rules, or memory is out. */
bool executor_talk_take(struct executor_pool *pool, struct executor *executor, int most);
int executor_talk_start(struct executor_pool *pool, struct executor *executor,
                        const struct gpmq_request *request, uint32_t attempt, int input_fd,
                        struct gpmq_error *err) GPMQ_CHECKED;
void executor_talk_stop(struct executor_pool *pool, struct executor *executor);
/* It has told its end, or is gone. */
void executor_talk_forget(struct executor *executor);

#endif
