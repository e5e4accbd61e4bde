/* run.c - progress, messages and the end of one operation. */
#include "run.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "run_text.h"

#define CONTENT_PIECE (64u << 10) /* what fits well into a packet of a socketpair */

struct run_result_text {
    char name[64];
    char value[RUN_TEXT_MAX];
};

struct run {
    struct run_channel *channel;
    const struct msg_exec_start *start;
    struct gpmq_request request; /* as handlers see it */
    const void *own;             /* of the handler */
    const char *templates;       /* folder; NULL: none */
    int32_t numerator;
    int32_t denominator;
    uint32_t message_count;
    char blamed_path[RUN_TEXT_MAX];
    char blamed_extension[GPMQ_NAME_MAX];

    char type[GPMQ_KIND_MAX + 1];
    int32_t overall;
    uint32_t property_count;
    struct run_result_text properties[GPMQ_PROPERTIES_MAX];
    uint8_t *content;
    size_t content_size;
    size_t content_room;
};

struct run *run_new(struct run_channel *channel, const struct msg_exec_start *start)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return NULL;
    run->channel = channel;
    run->start = start;
    run->request = *start->request;
    run->request.id = *gpmq_request_origin(start->request);
    run_result(run, "none");
    return run;
}

int run_input_fd(const struct run *run)
{
    return run->channel->input ? run->channel->input(run->channel) : -1;
}

void run_free(struct run **run_p)
{
    struct run *run = STEAL(*run_p);
    if (!run)
        return;
    free(run->content);
    free(run);
}

const struct gpmq_request *run_request(const struct run *run)
{
    return &run->request;
}

uint64_t run_fence(const struct run *run)
{
    return run->start->fence;
}

const struct msg_exec_start *run_start(const struct run *run)
{
    return run->start;
}

void run_set_templates(struct run *run, const char *folder)
{
    run->templates = folder;
}

const char *run_templates(const struct run *run)
{
    return run->templates;
}

/* ---- progress and messages ----------------------------------------------------------------- */

static struct report a_report(const struct run *run, enum report_kind kind)
{
    return (struct report){
        .op = run->start->request->id,
        .fence = run->start->fence,
        .kind = kind,
        .progress_numerator = run->numerator,
        .progress_denominator = run->denominator,
    };
}

void run_progress(struct run *run, int32_t numerator, int32_t denominator)
{
    int32_t whole = denominator > 1 ? denominator : 1;
    int32_t part = numerator < whole ? numerator : whole - 1;
    if (part < run->numerator)
        part = run->numerator < whole ? run->numerator : whole - 1;
    if (part == run->numerator && whole == run->denominator)
        return;
    run->numerator = part;
    run->denominator = whole;
    struct report report = a_report(run, REPORT_PROGRESS);
    run->channel->report(run->channel, &report);
}

/* Room for the texts of one message. */
struct message_texts {
    char object_path[RUN_TEXT_MAX];
    char extension_name[GPMQ_NAME_MAX];
    char settings_name[GPMQ_NAME_MAX];
    char message[RUN_TEXT_MAX];
};

static struct gpmq_status_msg fit_message(struct message_texts *texts,
                                          const struct gpmq_status_msg *from)
{
    return (struct gpmq_status_msg){
        .object_path = run_text(texts->object_path, sizeof texts->object_path, from->object_path),
        .extension_name =
            run_text(texts->extension_name, sizeof texts->extension_name, from->extension_name),
        .settings_name =
            run_text(texts->settings_name, sizeof texts->settings_name, from->settings_name),
        .message = run_text(texts->message, sizeof texts->message, from->message),
        .error_code = from->error_code,
        .operation_code = from->operation_code,
    };
}

static void send_message(struct run *run, const struct gpmq_status_msg *from)
{
    struct message_texts texts;
    struct gpmq_status_msg message = fit_message(&texts, from);
    struct report report = a_report(run, REPORT_MESSAGE);
    report.status_msg_count = 1;
    report.status_msgs = &message;
    run->channel->report(run->channel, &report);
}

void run_message(struct run *run, const struct gpmq_status_msg *message)
{
    if (run->message_count++ < RUN_MESSAGES_MAX)
        send_message(run, message);
}

static void count_untold(struct run *run)
{
    if (run->message_count <= RUN_MESSAGES_MAX)
        return;
    char text[RUN_TEXT_MAX];
    snprintf(text, sizeof text, "%" PRIu32 " further messages are left out; the limit is %d",
             run->message_count - RUN_MESSAGES_MAX, RUN_MESSAGES_MAX);
    send_message(run, &(struct gpmq_status_msg){.message = text});
}

bool run_stopped(struct run *run)
{
    return run->channel->stopped(run->channel, 0);
}

bool run_pause(struct run *run, int64_t wait_ms)
{
    return run->channel->stopped(run->channel, wait_ms);
}

int run_fd(struct run *run)
{
    return run->channel->fd ? run->channel->fd(run->channel) : -1;
}

void run_lend(struct run *run, const void *own)
{
    run->own = own;
}

const void *run_own(const struct run *run)
{
    return run->own;
}

void run_blame(struct run *run, const char *object_path, const char *extension_name)
{
    run_text(run->blamed_path, sizeof run->blamed_path, object_path);
    run_text(run->blamed_extension, sizeof run->blamed_extension, extension_name);
}

/* ---- the result ---------------------------------------------------------------------------- */

void run_result(struct run *run, const char *type)
{
    run_text(run->type, sizeof run->type, type);
}

uint32_t run_property_room(const struct run *run)
{
    return GPMQ_PROPERTIES_MAX - run->property_count;
}

void run_property(struct run *run, const char *name, const char *value)
{
    assert(run->property_count < GPMQ_PROPERTIES_MAX);
    struct run_result_text *property = &run->properties[run->property_count++];
    run_text(property->name, sizeof property->name, name);
    run_text(property->value, sizeof property->value, value);
}

void run_property_number(struct run *run, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    run_property(run, name, text);
}

void run_property_time(struct run *run, const char *name, int64_t unix_ms)
{
    char text[CLOCK_TEXT_SIZE];
    run_property(run, name, clock_text(unix_ms, text));
}

int run_content(struct run *run, const void *bytes, size_t size, struct gpmq_error *err)
{
    if (size > GPMQ_BLOB_MAX - run->content_size)
        return fail(err, GPMQ_ETOOBIG, "a result has more than %u bytes", GPMQ_BLOB_MAX);
    if (run->content_size + size > run->content_room) {
        size_t room = 2 * (run->content_size + size);
        uint8_t *grown = realloc(run->content, room);
        if (!grown)
            return fail(err, GPMQ_ENOMEM, "no memory for a result of %zu bytes", room);
        run->content = grown;
        run->content_room = room;
    }
    memcpy(run->content + run->content_size, bytes, size);
    run->content_size += size;
    return 0;
}

void run_overall(struct run *run, int32_t hr)
{
    run->overall = hr;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void send_content(struct run *run)
{
    for (size_t at = 0; at < run->content_size; at += CONTENT_PIECE) {
        size_t left = run->content_size - at;
        uint32_t size = left < CONTENT_PIECE ? (uint32_t)left : CONTENT_PIECE;
        run->channel->content(run->channel, at, run->content + at, size);
    }
}

static void add_content(struct run *run, struct gpmq_result *result)
{
    if (!run->content_size)
        return;
    result->data_size = run->content_size;
    crypto_generichash(result->digest, sizeof result->digest, run->content, run->content_size, NULL,
                       0);
    if (run->content_size <= GPMQ_RESULT_INLINE_MAX)
        result->data = run->content;
    else
        send_content(run);
}

/* The result so far; properties[] needs room for GPMQ_PROPERTIES_MAX. */
static struct gpmq_result a_result(const struct run *run, struct gpmq_property *properties)
{
    for (uint32_t i = 0; i < run->property_count; i++)
        properties[i] = (struct gpmq_property){run->properties[i].name, run->properties[i].value};
    return (struct gpmq_result){
        .type = run->type,
        .overall_status = run->overall,
        .property_count = run->property_count,
        .properties = properties,
    };
}

static void finish_well(struct run *run)
{
    struct gpmq_property properties[GPMQ_PROPERTIES_MAX];
    struct gpmq_result result = a_result(run, properties);
    add_content(run, &result);
    struct report report = a_report(run, REPORT_DONE);
    report.result = &result;
    run->channel->report(run->channel, &report);
}

/* What was found until then (a verification's counts) is told as well. */
static void finish_badly(struct run *run, int code, const struct gpmq_error *err, bool repeatable)
{
    struct gpmq_property properties[GPMQ_PROPERTIES_MAX];
    struct gpmq_result result = a_result(run, properties);
    result.overall_status = gpmq_code_hresult(code);
    struct message_texts texts;
    struct gpmq_status_msg failure = {
        .object_path = run->blamed_path,
        .extension_name = run->blamed_extension,
        .error_code = gpmq_code_hresult(code),
        .operation_code = code,
        .message = err->text,
    };
    failure = fit_message(&texts, &failure);

    struct report report = a_report(run, code == GPMQ_ESTOPPED ? REPORT_CANCELLED : REPORT_FAILED);
    report.code = code;
    report.hr_status = gpmq_code_hresult(code);
    report.retryable = repeatable && gpmq_code_retryable(code);
    report.result = &result;
    bool silent = code == GPMQ_ESTOPPED; /* who asked for it needs no reason */
    report.status_msg_count = silent ? 0 : 1;
    report.status_msgs = silent ? NULL : &failure;
    run->channel->report(run->channel, &report);
}

void run_finish(struct run *run, int code, const struct gpmq_error *err, bool repeatable)
{
    count_untold(run);
    if (code == 0)
        finish_well(run);
    else
        finish_badly(run, code, err, repeatable);
}
