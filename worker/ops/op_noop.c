/*
 * op_noop.c - an operation that changes nothing: for measurements, and for tests of what happens
 * around an operation. Its args say how it behaves:
 *
 *     {"steps": 5, "step_ms": 20, "messages": 2, "result_bytes": 100000,
 *      "fail": "io", "crash": true, "ignore_stop": true}
 *
 * "ignore_stop" blocks every signal that can be blocked and never asks whether to stop.
 */
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "fail.h"
#include "handler.h"

#define STEPS_MAX    1000000
#define STEP_MS_MAX  (24 * 60 * 60 * 1000)
#define MESSAGES_MAX 100000

struct noop_args {
    json_int_t steps;
    json_int_t step_ms;
    json_int_t messages;
    json_int_t result_bytes;
    int code; /* to fail with */
    int crash;
    int ignore_stop;
};

static int unpack(const char *text, struct noop_args *out, struct gpmq_error *err)
{
    json_error_t json_error;
    const char *word = NULL;
    json_t *json = json_loads(text && *text ? text : "{}", JSON_REJECT_DUPLICATES, &json_error);
    if (!json)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", json_error.line,
                    json_error.text);
    int rc = json_unpack_ex(json, &json_error, JSON_STRICT, "{s?I, s?I, s?I, s?I, s?s, s?b, s?b}",
                            "steps", &out->steps, "step_ms", &out->step_ms, "messages",
                            &out->messages, "result_bytes", &out->result_bytes, "fail", &word,
                            "crash", &out->crash, "ignore_stop", &out->ignore_stop);
    out->code = word ? gpmq_code_from_name(word) : 0;
    json_decref(json);
    if (rc)
        return fail(err, GPMQ_EINVAL, "args: %s", json_error.text);
    return 0;
}

static bool is_within(json_int_t value, json_int_t most)
{
    return value >= 0 && value <= most;
}

static int read_args(const struct gpmq_request *request, struct noop_args *out,
                     struct gpmq_error *err)
{
    *out = (struct noop_args){.steps = 1};
    int rc = unpack(request->args, out, err);
    if (rc)
        return rc;
    if (!is_within(out->steps, STEPS_MAX) || !is_within(out->step_ms, STEP_MS_MAX) ||
        !is_within(out->messages, MESSAGES_MAX) || !is_within(out->result_bytes, GPMQ_BLOB_MAX))
        return fail(err, GPMQ_EINVAL, "args: a number is out of range");
    return 0;
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct noop_args args;
    return read_args(request, &args, err);
}

static void sleep_deaf(int64_t wait_ms)
{
    struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000};
    while (nanosleep(&wait, &wait) != 0)
        ;
}

static bool step(struct run *run, const struct noop_args *args)
{
    if (!args->ignore_stop)
        return run_pause(run, args->step_ms);
    sleep_deaf(args->step_ms);
    return false;
}

static void say(struct run *run, json_int_t number)
{
    char text[64];
    snprintf(text, sizeof text, "message %" PRId64, (int64_t)number + 1);
    run_message(run, &(struct gpmq_status_msg){.object_path = "noop", .message = text});
}

static int fill_content(struct run *run, json_int_t size, struct gpmq_error *err)
{
    static const char line[] = "The quick brown fox jumps over the lazy dog 0123456789 abcdefgh\n";
    int rc = 0;
    for (json_int_t left = size; left > 0 && !rc; left -= (json_int_t)sizeof line - 1) {
        size_t part = left < (json_int_t)sizeof line - 1 ? (size_t)left : sizeof line - 1;
        rc = run_content(run, line, part, err);
    }
    return rc;
}

static int noop(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    struct noop_args args;
    int rc = read_args(request, &args, err);
    if (rc)
        return rc;
    if (args.ignore_stop) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
    }
    int32_t whole = (int32_t)args.steps + 1;
    run_progress(run, 0, whole);
    for (json_int_t i = 0; i < args.messages; i++)
        say(run, i);
    for (int32_t i = 0; i < args.steps; i++) {
        if (step(run, &args))
            return fail(err, GPMQ_ESTOPPED, "noop was stopped at step %" PRId32, i);
        run_progress(run, i + 1, whole);
    }
    if (args.crash)
        raise(SIGSEGV);
    if (args.code)
        return fail(err, args.code, "noop was asked to fail with %s", gpmq_code_name(args.code));
    run_result(run, "noop");
    run_property_number(run, "steps", args.steps);
    return fill_content(run, args.result_bytes, err);
}

const struct handler handler_noop = {
    .kind = "noop",
    .repeatable = true,
    .check = check,
    .run = noop,
};
