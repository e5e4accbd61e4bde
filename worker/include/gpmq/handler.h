/*
 * gpmq/handler.h - add an operation of your own to a gpmq-worker.
 *
 * A plug-in is a shared object that exports one symbol, `gpmq_plugin`; it is built with this header
 * alone and linked with nothing of gpmq:
 *
 *     static int run(struct gpmq_run *run, const struct gpmq_request *request, struct gpmq_error
 * *err)
 *     {
 *         gpmq_run_progress(run, 1, 2);
 *         ...
 *     }
 *     static const struct gpmq_handler handlers[] = {{.kind = "site.greet", .run = run}};
 *     GPMQ_PLUGIN("greetings 1.0", handlers);
 *
 *     cc -shared -fPIC -o greet.so greet.c $(pkg-config --cflags gpmq)
 *
 * The worker's owner names the file in the settings (`plugins: [/usr/lib/gpmq/greet.so]`); the
 * worker then serves its kinds. It is loaded into every executor before the sandbox closes; its
 * handlers run inside, as our own do: no other programs, no other files than the worker's domains
 * and repositories, no network unless a domain needs it. What must do more is a program (`programs`
 * in the settings).
 *
 * Process.  An executor is a process of its own that runs one operation at a time, and may be
 * killed at any moment. Doing an operation a second time, with a higher fence, must do what doing
 *           it once does; what it creates is named after request->id (gpmq_run_fence() says which
 *           attempt it is).
 * Failing.  A handler returns 0 or a GPMQ_E... code, with its text in *err: gpmq_run_fail() does
 *           both. Text that is no UTF-8 is made so.
 * Owning.   What a handler is given holds until it returns; what it gives is copied.
 */
#ifndef GPMQ_HANDLER_API_H
#define GPMQ_HANDLER_API_H

#include <gpmq/op.h>
#include <stdarg.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rises with every change of the structs below that breaks plug-ins; new calls are added at the end
 * of gpmq_run_calls without that. */
#define GPMQ_PLUGIN_VERSION   1
#define GPMQ_PLUGIN_KINDS_MAX 16 /* of one plug-in */

struct gpmq_run;

/* What an executor does for a handler; called through the functions below. */
struct gpmq_run_calls {
    uint32_t size; /* bytes of this struct in the executor */
    void (*progress)(struct gpmq_run *run, int32_t numerator, int32_t denominator);
    void (*message)(struct gpmq_run *run, const struct gpmq_status_msg *message);
    bool (*stopped)(struct gpmq_run *run, int64_t wait_ms);
    uint64_t (*fence)(const struct gpmq_run *run);
    const char *(*domain)(const struct gpmq_run *run, const char *name);
    const char *(*repository)(const struct gpmq_run *run, const char *name);
    void (*result)(struct gpmq_run *run, const char *type, int32_t overall_status);
    int (*property)(struct gpmq_run *run, const char *name, const char *value);
    int (*content)(struct gpmq_run *run, const void *bytes, size_t size);
};

/* One attempt at one operation. */
struct gpmq_run {
    const struct gpmq_run_calls *calls;
};

struct gpmq_handler {
    const char *kind; /* "site.greet": one that no other handler of the worker has */
    bool repeatable;  /* a failure that may pass (gpmq_code_retryable) is tried again */
    /* Judges the request alone; NULL: none is wrong. GPMQ_EINVAL says why in *err. */
    int (*check)(const struct gpmq_request *request, struct gpmq_error *err);
    /* Does it. Between steps it asks gpmq_run_stopped(), and if so returns GPMQ_ESTOPPED with no
     * step half done. */
    int (*run)(struct gpmq_run *run, const struct gpmq_request *request, struct gpmq_error *err);
};

struct gpmq_plugin {
    uint32_t version;      /* GPMQ_PLUGIN_VERSION */
    uint32_t handler_size; /* sizeof(struct gpmq_handler) */
    uint32_t handler_count;
    const struct gpmq_handler *handlers;
    const char *name; /* for the log: "greetings 1.0" */
};

/* Defines the one symbol of a plug-in from an array of handlers. */
#define GPMQ_PLUGIN(plugin_name, handler_array)                                                    \
    GPMQ_API extern const struct gpmq_plugin gpmq_plugin;                                          \
    const struct gpmq_plugin gpmq_plugin = {GPMQ_PLUGIN_VERSION, sizeof(struct gpmq_handler),      \
                                            sizeof(handler_array) / sizeof((handler_array)[0]),    \
                                            (handler_array), (plugin_name)}

/* numerator parts of denominator are done: the contract of IGPMAsyncProgress. A numerator that
 * falls or reaches the denominator is held where the contract allows. */
static inline void gpmq_run_progress(struct gpmq_run *run, int32_t numerator, int32_t denominator)
{
    run->calls->progress(run, numerator, denominator);
}

/* Says something; the operation goes on. */
static inline void gpmq_run_message(struct gpmq_run *run, const struct gpmq_status_msg *message)
{
    run->calls->message(run, message);
}

/* Whether to stop, waiting up to wait_ms for that. */
static inline bool gpmq_run_stopped(struct gpmq_run *run, int64_t wait_ms)
{
    return run->calls->stopped(run, wait_ms);
}

/* Of this attempt: higher than those of all attempts before. */
static inline uint64_t gpmq_run_fence(const struct gpmq_run *run)
{
    return run->calls->fence(run);
}

/* The URL that the worker's owner gave to a domain or a repository that the request names; NULL:
 * none of that name. */
static inline const char *gpmq_run_domain(const struct gpmq_run *run, const char *name)
{
    return run->calls->domain(run, name);
}

static inline const char *gpmq_run_repository(const struct gpmq_run *run, const char *name)
{
    return run->calls->repository(run, name);
}

/* The result of a good end: its type, and its overall status (0: S_OK). */
static inline void gpmq_run_result(struct gpmq_run *run, const char *type, int32_t overall_status)
{
    run->calls->result(run, type, overall_status);
}

/* Adds to the result. GPMQ_ETOOBIG: it has GPMQ_PROPERTIES_MAX already. */
static inline GPMQ_CHECKED int gpmq_run_property(struct gpmq_run *run, const char *name,
                                                 const char *value)
{
    return run->calls->property(run, name, value);
}

/* Appends to the result's content. GPMQ_ETOOBIG: over GPMQ_BLOB_MAX. GPMQ_ENOMEM. */
static inline GPMQ_CHECKED int gpmq_run_content(struct gpmq_run *run, const void *bytes,
                                                size_t size)
{
    return run->calls->content(run, bytes, size);
}

/* Writes code and text to *err; returns code. */
__attribute__((format(printf, 3, 4))) static inline int
gpmq_run_fail(struct gpmq_error *err, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    err->code = code;
    vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    return code;
}

#ifdef __cplusplus
}
#endif

#endif
