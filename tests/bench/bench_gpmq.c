/* bench_gpmq.c - a client and a worker on plain libzmq: one noop a message, completed when the
 * final status frame is here. */
#include <string.h>
#include <zmq.h>

#include "bench.h"
#include "clock.h"
#include "codec.h"
#include "frames.h"

#define ARGS "{\"steps\":0}"

struct sides {
    struct bench *bench;
    void *context;
    void *control;
    void *status;
    void *worker; /* NULL: another works */
    uint64_t session;
    int64_t begin_unix_ms;
    uint64_t number; /* of the last request */
    struct arena arena;
    msgpack_sbuffer buffer;
    struct report reports[MESSAGE_OPS_MAX];
};

static void say(struct sides *sides, void *socket, const struct message *message)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLOUT, 0};
    sides->buffer.size = 0;
    if (message_encode(&sides->buffer, message) != 0)
        bench_die("cannot encode a message");
    while (frames_send(socket, NULL, 0, sides->buffer.data, sides->buffer.size) != 0)
        if (zmq_poll(&item, 1, 5000) < 1)
            bench_die("the broker takes nothing");
}

static void *connect_to(void *context, int type, const char *url)
{
    struct frames_options options = {0, 0, MESSAGE_MAX, 0};
    void *socket = frames_socket(context, type, &options);
    if (!socket || zmq_connect(socket, url) != 0)
        bench_die("cannot connect to %s", url);
    return socket;
}

/* Waits for the first message, and takes it. */
static void hear_first(struct sides *sides, void *socket, struct message *out)
{
    struct frames frames;
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    struct gpmq_error err = {0};
    arena_reset(&sides->arena);
    if (zmq_poll(&item, 1, 5000) < 1 || frames_receive(socket, false, &frames) != 0)
        bench_die("the broker does not answer");
    if (message_decode(out, &sides->arena, zmq_msg_data(&frames.body), zmq_msg_size(&frames.body),
                       &err) != 0)
        bench_die("the broker's answer: %s", err.text);
    frames_free(&frames);
}

/* ---- the client ---------------------------------------------------------------------------- */

/* The job's number is in the id's last 4 bytes. */
static struct gpmq_id id_of(const struct sides *sides, uint32_t job)
{
    uint8_t random[10] = {0};
    for (int i = 0; i < 4; i++)
        random[9 - i] = (uint8_t)(job >> (8 * i));
    return gpmq_id_make(sides->begin_unix_ms, random);
}

static uint32_t job_of(const struct gpmq_id *id)
{
    uint32_t job = 0;
    for (int i = 12; i < 16; i++)
        job = job << 8 | id->bytes[i];
    return job;
}

static void submit(struct sides *sides)
{
    static char comment[BENCH_PAYLOAD + 1];
    memset(comment, 'x', BENCH_PAYLOAD);
    struct gpmq_request request = {
        .kind = "noop",
        .args = ARGS,
        .comment = comment,
        .priority = GPMQ_PRIORITY_DEFAULT,
    };
    request.id = id_of(sides, bench_submit(sides->bench));
    struct message message = {
        .type = MSG_SUBMIT, .req = ++sides->number, .submit = {.op_count = 1, .ops = &request}};
    say(sides, sides->control, &message);
}

static void take_answers(struct sides *sides)
{
    struct frames frames;
    struct message message;
    while (frames_receive(sides->control, false, &frames) == 0) {
        arena_reset(&sides->arena);
        if (message_decode(&message, &sides->arena, zmq_msg_data(&frames.body),
                           zmq_msg_size(&frames.body), NULL) != 0)
            bench_die("the broker says what makes no sense");
        if (message.type == MSG_ERROR)
            bench_die("the broker refuses: %s", message.error.text);
        if (message.type == MSG_SUBMITTED && message.submitted.answers[0].code)
            bench_die("the broker refuses a job: %s", message.submitted.answers[0].text);
        frames_free(&frames);
    }
}

static void take_status(struct sides *sides)
{
    struct frames frames;
    struct gpmq_status status;
    while (frames_receive(sides->status, true, &frames) == 0) {
        arena_reset(&sides->arena);
        if (status_decode(&status, &sides->arena, zmq_msg_data(&frames.body),
                          zmq_msg_size(&frames.body), NULL) != 0)
            bench_die("a status frame makes no sense");
        if (status.kind == GPMQ_FRAME_FINAL)
            bench_complete(sides->bench, job_of(&status.op));
        frames_free(&frames);
    }
}

/* A subscription is made when something arrives by it: keepalives of nothing do not, so a job that
 * is not counted goes first. */
static void subscribe(struct sides *sides, const char *url)
{
    sides->status = connect_to(sides->context, ZMQ_SUB, url);
    if (zmq_setsockopt(sides->status, ZMQ_SUBSCRIBE, "gpmq1.", 6) != 0)
        bench_die("cannot subscribe");
    struct gpmq_request request = {.kind = "noop", .args = ARGS};
    struct message message = {.type = MSG_SUBMIT, .submit = {.op_count = 1, .ops = &request}};
    zmq_pollitem_t item = {sides->status, 0, ZMQ_POLLIN, 0};
    do {
        request.id = gpmq_id_new();
        message.req = ++sides->number;
        say(sides, sides->control, &message);
    } while (zmq_poll(&item, 1, 20) == 0);
}

/* ---- the worker ---------------------------------------------------------------------------- */

static void join(struct sides *sides, const char *url)
{
    const char *kinds[] = {"noop"};
    struct message message = {.type = MSG_WORKER_HELLO, .req = 1};
    message.worker_hello = (struct msg_worker_hello){
        .v = PROTOCOL_VERSION,
        .name = "bench",
        .incarnation = gpmq_id_new(),
        .executors = MESSAGE_OPS_MAX,
        .credit = MESSAGE_OPS_MAX,
        .kinds = {1, kinds},
    };
    sides->worker = connect_to(sides->context, ZMQ_DEALER, url);
    say(sides, sides->worker, &message);
    hear_first(sides, sides->worker, &message);
    if (message.type != MSG_WORKER_WELCOME)
        bench_die("the broker does not welcome a worker");
    sides->session = message.worker_welcome.session;
}

/* Accepts and completes everything in one message. */
static void complete(struct sides *sides, const struct msg_assign *assign)
{
    static struct gpmq_result result = {.type = "noop"};
    struct message message = {.type = MSG_REPORT, .report = {.session = sides->session}};
    message.report.reports = sides->reports;
    for (uint32_t i = 0; i < assign->assignment_count; i++) {
        const struct assignment *from = &assign->assignments[i];
        struct report *to = &sides->reports[message.report.report_count];
        to[0] = (struct report){
            .op = from->request->id, .fence = from->fence, .n = 1, .kind = REPORT_ACCEPT};
        to[1] = (struct report){.op = from->request->id,
                                .fence = from->fence,
                                .n = 2,
                                .after = 1,
                                .kind = REPORT_DONE,
                                .result = &result};
        message.report.report_count += 2;
        if (message.report.report_count + 2 > MESSAGE_OPS_MAX) {
            say(sides, sides->worker, &message);
            message.report.report_count = 0;
        }
    }
    if (message.report.report_count)
        say(sides, sides->worker, &message);
}

static void take_assignments(struct sides *sides)
{
    struct frames frames;
    struct message message;
    while (frames_receive(sides->worker, false, &frames) == 0) {
        arena_reset(&sides->arena);
        if (message_decode(&message, &sides->arena, zmq_msg_data(&frames.body),
                           zmq_msg_size(&frames.body), NULL) != 0)
            bench_die("an assignment makes no sense");
        if (message.type == MSG_ASSIGN)
            complete(sides, &message.assign);
        frames_free(&frames);
    }
}

/* ---- both ---------------------------------------------------------------------------------- */

static void let_go(struct sides *sides)
{
    zmq_close(sides->control);
    zmq_close(sides->status);
    if (sides->worker)
        zmq_close(sides->worker);
    zmq_ctx_term(sides->context);
    arena_free(&sides->arena);
    msgpack_sbuffer_destroy(&sides->buffer);
}

void bench_gpmq(struct bench *bench, const char *control, const char *worker, const char *status)
{
    static struct sides sides;
    sides =
        (struct sides){.bench = bench, .context = zmq_ctx_new(), .begin_unix_ms = clock_unix_ms()};
    msgpack_sbuffer_init(&sides.buffer);
    sides.control = connect_to(sides.context, ZMQ_DEALER, control);
    if (worker)
        join(&sides, worker);
    subscribe(&sides, status);

    zmq_pollitem_t items[] = {{sides.control, 0, ZMQ_POLLIN, 0},
                              {sides.status, 0, ZMQ_POLLIN, 0},
                              {sides.worker, -1, ZMQ_POLLIN, 0}};
    while (bench_goes_on(bench)) {
        while (bench_may_submit(bench))
            submit(&sides);
        zmq_poll(items, worker ? 3 : 2, 1000);
        take_answers(&sides);
        if (worker)
            take_assignments(&sides);
        take_status(&sides);
    }
    let_go(&sides);
}
