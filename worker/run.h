/*
 * run.h - what a handler sees of the world while it runs one operation: the request, the domains
 * and repositories that the worker's owner configured, a place for progress, messages and the
 * result, and the question whether to stop.
 *
 * Progress. The contract of IGPMAsyncProgress: the denominator follows the number of extensions of
 *           the GPO, the numerator never falls and stays below it; equal they are only at the end,
 *           which the broker tells.
 * Text.     What comes from files may be anything: it is made valid UTF-8 and cut to its limit
 *           here. Messages beyond RUN_MESSAGES_MAX are counted, not told.
 * Failing.  None of these calls fail but where they say so: a run whose worker is gone ends.
 */
#ifndef GPMQ_RUN_H
#define GPMQ_RUN_H

#include "message.h"

#define RUN_MESSAGES_MAX 1000 /* messages of one run */
#define RUN_TEXT_MAX     2048 /* bytes of one text in a message or result, with NUL */

struct domain;
struct repository;
struct run;

/* Where a run's words go: a socket in an executor, memory in a test. */
struct run_channel {
    void (*report)(struct run_channel *channel, const struct report *report);
    /* A piece of the result's content, in order; all pieces precede the report of the end. */
    void (*content)(struct run_channel *channel, uint64_t offset, const void *bytes, uint32_t size);
    /* Whether the operation is to stop, waiting up to wait_ms for that. */
    bool (*stopped)(struct run_channel *channel, int64_t wait_ms);
    /* A descriptor that becomes readable when stopped() may have more to say; NULL: there is none.
     */
    int (*fd)(struct run_channel *channel);
    /* A file that holds the request's input; -1: there is none. NULL: there never is. */
    int (*input)(struct run_channel *channel);
};

/* *start is borrowed while the run is there. NULL: no memory. */
struct run *run_new(struct run_channel *channel, const struct msg_exec_start *start);
void run_free(struct run **run_p);

/* The request, as handlers see it: what they create they name after its `id`, which is that of the
 * dead operation where this one runs it again (gpmq_request_origin()). */
const struct gpmq_request *run_request(const struct run *run);
uint64_t run_fence(const struct run *run);
/* All that the worker said of the operation: the places it may touch among it. */
const struct msg_exec_start *run_start(const struct run *run);
/* What the request brought with it beside its args (input_size), checked against its digest; free()
 * *out. GPMQ_EINVAL: it brought nothing. GPMQ_EDAMAGED, GPMQ_EIO, GPMQ_ENOMEM. */
int run_input(struct run *run, void **out, size_t *size, struct gpmq_error *err) GPMQ_CHECKED;
/* The file that holds it; -1: there is none. */
int run_input_fd(const struct run *run);
/* Opens the domain or repository that the worker's owner gave this name; let it go with
 * domain_close() or repository_close(). GPMQ_ENOTFOUND: this worker has none of that name, or it is
 * not there: as with GPMC, the folder of backups must exist. */
int run_domain(struct run *run, const char *name, struct domain **out,
               struct gpmq_error *err) GPMQ_CHECKED;
/* The name of the worker's domain, if it has one only; or NULL. run_domain() takes NULL for it. */
const char *run_only_domain(const struct run *run);
int run_repository(struct run *run, const char *name, struct repository **out,
                   struct gpmq_error *err) GPMQ_CHECKED;

/* The folder of administrative templates for domains that have no central store; NULL: none. It is
 * the worker's, and borrowed. */
void run_set_templates(struct run *run, const char *folder);
const char *run_templates(const struct run *run);

/* numerator parts of denominator are done. A numerator that falls or reaches the denominator is
 * held where the contract allows. */
void run_progress(struct run *run, int32_t numerator, int32_t denominator);
/* Says something; texts are copied. */
void run_message(struct run *run, const struct gpmq_status_msg *message);
/* Whether to stop: ask between steps, and return GPMQ_ESTOPPED with no step half done. */
bool run_stopped(struct run *run);
/* As run_stopped(), after at most wait_ms. */
bool run_pause(struct run *run, int64_t wait_ms);
/* For handlers that wait for something of their own: ask run_stopped() when it is readable, and at
 * least once a second, since a signal may say it, too. -1: there is none. */
int run_fd(struct run *run);

/* What belongs to the handler that runs: struct handler's `own`. */
void run_lend(struct run *run, const void *own);
const void *run_own(const struct run *run);

/* The result of a good end: its type ("backup"), then its properties and content. */
void run_result(struct run *run, const char *type);
/* At most GPMQ_PROPERTIES_MAX of them; run_property_room() says how many more. */
uint32_t run_property_room(const struct run *run);
void run_property(struct run *run, const char *name, const char *value);
void run_property_number(struct run *run, const char *name, int64_t value);
void run_property_time(struct run *run, const char *name, int64_t unix_ms);
/* Appends to the content. GPMQ_ETOOBIG: over GPMQ_BLOB_MAX. GPMQ_ENOMEM. */
int run_content(struct run *run, const void *bytes, size_t size,
                struct gpmq_error *err) GPMQ_CHECKED;
/* IGPMResult::OverallStatus, where it is not S_OK although the operation ended well. */
void run_overall(struct run *run, int32_t hr);

/* Names what the failure that is about to be returned is about, for IGPMStatusMessage. */
void run_blame(struct run *run, const char *object_path, const char *extension_name);

/* Tells the end: code is what the handler returned, *err its text when that is not 0; repeatable:
 * the same operation may be run again. */
void run_finish(struct run *run, int code, const struct gpmq_error *err, bool repeatable);

#endif
