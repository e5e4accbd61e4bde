/*
 * executor.h - the pool of child processes that run operations.
 *
 * One operation at a time each, many in their life. One that crashed, was killed, broke the rules
 * of the conversation or has served long enough is replaced. A stop is asked for by message, then,
 * when its grace has passed, by SIGTERM, and EXECUTOR_KILL_AFTER_MS later by SIGKILL to the whole
 * process group: nobody can ignore that.
 *
 * Nothing blocks. executor_pool_fd() becomes readable when executor_pool_take() has something to
 * do. The listener is called from executor_pool_take() only.
 */
#ifndef GPMQ_EXECUTOR_H
#define GPMQ_EXECUTOR_H

#include <limits.h>

#include "log.h"
#include "message.h"
#include "sandbox.h"

#define EXECUTOR_COUNT_MAX     256
#define EXECUTOR_KILL_AFTER_MS 2000 /* between SIGTERM and SIGKILL */
#define EXECUTOR_SERVES_MAX    500  /* operations until it is replaced */

#define EXECUTOR_PROGRAMS_MAX 16 /* of one worker */
#define EXECUTOR_PLUGINS_MAX  16 /* of one worker */
#define EXECUTOR_WORDS_MAX    64 /* of a program's command */
#define EXECUTOR_FOLDERS_MAX  64 /* of a program */

struct executor_pool;

/* A program of the worker's owner that runs the operations of one kind. It runs alone in an
 * executor of its own, with the rules of sandbox.h for programs, and all that it leaves behind in
 * its process group is killed at its end. */
struct executor_program {
    const char *kind;
    uint32_t word_count;
    const char *const *words; /* the command; words[0] is an absolute path */
    uint32_t folder_count;    /* 0: it is not shut into folders */
    const char *const *folders;
    int64_t memory_max_bytes; /* address space of each of its processes; 0: no limit */
    bool repeatable;          /* a failure that may pass is tried again */
    enum sandbox_mode sandbox;
};

/* Borrowed, and stays as it is, while the pool is there. */
struct executor_pool_config {
    const char *program; /* path of gpmq-executor */
    uint32_t count;
    int64_t memory_max_bytes; /* address space of each; 0: no limit */
    int64_t cpu_max_s;        /* of one operation; 0: no limit */
    int64_t files_max;        /* open files; 0: no limit */
    enum log_level log_level; /* of the executors' own lines */
    enum sandbox_mode sandbox;
    uint32_t domain_count;
    const struct place *domains;
    uint32_t repository_count;
    const struct place *repositories;
    const char *templates; /* folder for domains without a central store; NULL: none */
    uint32_t plugin_count;
    const char *const *plugins; /* shared objects: gpmq/handler.h */
    uint32_t program_count;
    const struct executor_program *programs;
};

/* The folder that a place is, "folder:PATH" or PATH, inside its URL; NULL: it is on another
 * machine. */
const char *executor_folder(const char *url);
/* What stands behind "ad:" (ad_settings.h), inside the URL; NULL: it is another sort of place. */
const char *executor_ad(const char *url);

/* Path of gpmq-sysvol-acl, beside the executor's program. GPMQ_ETOOBIG. */
int executor_helper(char helper[PATH_MAX], const char *program,
                    struct gpmq_error *err) GPMQ_CHECKED;

struct executor_listener {
    /* Progress, a message or the end of the operation it names. content (for free()) is the
     * result's where it is over GPMQ_RESULT_INLINE_MAX, else NULL. */
    void (*report)(void *arg, const struct report *report, void *content);
    /* Its executor is gone without having told an end; `how` in words. */
    void (*ended)(void *arg, const struct gpmq_id *op, uint64_t fence, const char *how);
    /* Whether nothing more can be taken of this operation for now; may be NULL. */
    bool (*is_full)(void *arg, const struct gpmq_id *op, uint64_t fence);
    void *arg;
};

/* GPMQ_ENOTFOUND, GPMQ_EACCESS: there is no such program. Executors start when they are needed. */
int executor_pool_new(struct executor_pool **out, const struct executor_pool_config *config,
                      const struct executor_listener *listener,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Takes over another configuration, borrowed like the first; count and program stay as they were.
 * Executors that are idle end now, the others when they have ended what they run. A failure changes
 * nothing. */
int executor_pool_reload(struct executor_pool *pool, const struct executor_pool_config *config,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* Kills and reaps all executors; takes NULL; leaves NULL. Operations that ran are not told of. */
void executor_pool_free(struct executor_pool **pool_p);

int executor_pool_fd(const struct executor_pool *pool);
/* Takes what the executors say, replaces and kills what is due. */
void executor_pool_take(struct executor_pool *pool, int64_t now_ms);
/* When something is due although no executor says anything; INT64_MAX: never. */
int64_t executor_pool_next_ms(const struct executor_pool *pool);

/* Runs an operation on a free executor. GPMQ_EFULL: none is free. Other codes: it could not be
 * started, and is not told of again. */
int executor_run(struct executor_pool *pool, const struct gpmq_request *request, uint64_t fence,
                 uint32_t attempt, struct gpmq_error *err) GPMQ_CHECKED;
/* As executor_run(), with the request's input: a descriptor of a file that holds it, which stays
 * the caller's; -1: it has none. */
int executor_run_input(struct executor_pool *pool, const struct gpmq_request *request,
                       uint64_t fence, uint32_t attempt, int input_fd,
                       struct gpmq_error *err) GPMQ_CHECKED;
/* What nobody runs is stopped, ended and killed already: these then do nothing. */
void executor_stop(struct executor_pool *pool, const struct gpmq_id *op, uint64_t fence,
                   int64_t grace_ms, int64_t now_ms);
void executor_term(struct executor_pool *pool, const struct gpmq_id *op, uint64_t fence,
                   int64_t now_ms);
void executor_kill(struct executor_pool *pool, const struct gpmq_id *op, uint64_t fence);

/* Operations that run now. */
uint32_t executor_pool_busy(const struct executor_pool *pool);

#endif
