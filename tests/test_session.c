/* test_session.c - a whole worker against a broker that this test plays, over ipc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>
#include <cmocka.h>

#include "cleanup.h"
#include "codec.h"
#include "frames.h"
#include "scratch.h"
#include "worker.h"

#define WAIT_MS  20000 /* longest wait for one message; then something is wrong */
#define LEASE_MS 30000
#define RENEW_MS 10000

struct bench {
    struct scratch scratch;
    char url[SCRATCH_PATH_SIZE + 8];
    char program[4096];
    void *context;        /* the worker's */
    void *broker_context; /* its end says that the socket's file is gone */
    void *router;
    int stop_fd;
    struct worker_settings settings;
    pthread_t thread;
    struct arena arena;
    struct message message; /* the newest */
    char route[FRAMES_ROUTE_MAX];
    size_t route_size; /* of the worker */
    uint64_t session;
    int64_t renew_ms;
    bool mute; /* renewals are not answered */
};

/* ---- the worker's side --------------------------------------------------------------------- */

static void *run_worker(void *arg)
{
    struct bench *bench = arg;
    struct worker *worker = NULL;
    struct gpmq_error err = {0};
    if (worker_open(&worker, &bench->settings, bench->context, &err) ||
        worker_run(worker, bench->stop_fd, -1, &err))
        print_error("%s\n", err.text);
    worker_close(&worker);
    return NULL;
}

static void tell_to_end(struct bench *bench)
{
    uint64_t one = 1;
    assert_int_equal(write(bench->stop_fd, &one, sizeof one), sizeof one);
}

/* ---- the broker's side --------------------------------------------------------------------- */

static void open_broker(struct bench *bench)
{
    struct frames_options options = {0, 0, MESSAGE_MAX, 0};
    bench->broker_context = zmq_ctx_new();
    bench->router = frames_socket(bench->broker_context, ZMQ_ROUTER, &options);
    assert_non_null(bench->router);
    assert_int_equal(zmq_bind(bench->router, bench->url), 0);
}

static void close_broker(struct bench *bench)
{
    zmq_close(bench->router);
    zmq_ctx_term(bench->broker_context);
}

static void say(struct bench *bench, const struct message *message)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    assert_int_equal(message_encode(&buffer, message), 0);
    int rc = frames_send(bench->router, bench->route, bench->route_size, buffer.data, buffer.size);
    assert_true(rc == 0 || rc == GPMQ_EUNREACHABLE); /* a worker that has left needs no answer */
    msgpack_sbuffer_destroy(&buffer);
}

static void answer_renewal(struct bench *bench)
{
    struct lease_answer answers[16];
    const struct msg_renew *renew = &bench->message.renew;
    assert_true(renew->held_count <= 16);
    for (uint32_t i = 0; i < renew->held_count; i++)
        answers[i] = (struct lease_answer){renew->held[i].op, renew->held[i].fence, LEASE_KEEP, 0};
    struct message message = {.type = MSG_RENEWED,
                              .req = bench->message.req,
                              .renewed = {bench->session, renew->held_count, answers}};
    say(bench, &message);
}

static void receive(struct bench *bench)
{
    struct frames frames;
    struct gpmq_error err;
    zmq_pollitem_t item = {.socket = bench->router, .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, WAIT_MS), 1);
    assert_int_equal(frames_receive(bench->router, true, &frames), 0);
    bench->route_size = zmq_msg_size(&frames.first);
    memcpy(bench->route, zmq_msg_data(&frames.first), bench->route_size);
    arena_reset(&bench->arena);
    if (message_decode(&bench->message, &bench->arena, zmq_msg_data(&frames.body),
                       zmq_msg_size(&frames.body), &err))
        fail_msg("%s", err.text);
    frames_free(&frames);
}

/* Waits for a message of this type; answers renewals on the way. */
static const struct message *expect(struct bench *bench, enum message_type type)
{
    do {
        receive(bench);
        if (bench->message.type == MSG_RENEW && !bench->mute)
            answer_renewal(bench);
    } while (bench->message.type != type);
    return &bench->message;
}

/* Answers the hello that came. */
static void give_session(struct bench *bench, uint64_t session)
{
    bench->session = session;
    struct message message = {.type = MSG_WORKER_WELCOME, .req = bench->message.req};
    message.worker_welcome = (struct msg_worker_welcome){.v = PROTOCOL_VERSION,
                                                         .session = session,
                                                         .lease_ms = 3 * bench->renew_ms,
                                                         .renew_ms = bench->renew_ms};
    say(bench, &message);
}

/* Takes a hello and gives that session; returns how many leases the worker held. */
static uint32_t welcome(struct bench *bench, uint64_t session)
{
    uint32_t held = expect(bench, MSG_WORKER_HELLO)->worker_hello.held_count;
    give_session(bench, session);
    return held;
}

static struct gpmq_id an_id(uint8_t last)
{
    return (struct gpmq_id){{1, 0x93, 0xa1, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}};
}

static void assign(struct bench *bench, uint8_t op, uint64_t fence, const char *args)
{
    struct gpmq_request request = {.id = an_id(op), .kind = "noop", .args = args};
    struct assignment assignment = {.fence = fence, .attempt = 1, .request = &request};
    struct message message = {.type = MSG_ASSIGN, .assign = {bench->session, 1, &assignment}};
    say(bench, &message);
}

static void acknowledge(struct bench *bench, uint8_t op, uint64_t fence, uint64_t n)
{
    struct report_ack ack = {an_id(op), fence, n, LEASE_KEEP};
    struct message message = {.type = MSG_REPORT_ACK, .report_ack = {bench->session, 1, &ack}};
    say(bench, &message);
}

/* Waits for the report of an end, and returns it. */
static struct report expect_end(struct bench *bench)
{
    for (;;) {
        const struct msg_report *reports = &expect(bench, MSG_REPORT)->report;
        for (uint32_t i = 0; i < reports->report_count; i++)
            if (reports->reports[i].kind >= REPORT_DONE)
                return reports->reports[i];
    }
}

/* ---- a bench ------------------------------------------------------------------------------- */

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    const char *build = getenv("GPMQ_BUILD_DIR");
    scratch_make(&bench->scratch);
    snprintf(bench->url, sizeof bench->url, "ipc://%s/worker", bench->scratch.path);
    snprintf(bench->program, sizeof bench->program, "%s/bin/gpmq-executor", build ? build : ".");
    bench->context = zmq_ctx_new();
    bench->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bench->renew_ms = RENEW_MS;
    bench->settings = (struct worker_settings){
        .broker = bench->url,
        .name = "w1",
        .drain_s = 10,
        .executors = {.program = bench->program, .count = 2},
    };
    open_broker(bench);
    *state = bench;
    return pthread_create(&bench->thread, NULL, run_worker, bench);
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    tell_to_end(bench);
    expect(bench, MSG_BYE);
    pthread_join(bench->thread, NULL);
    close_broker(bench);
    zmq_ctx_term(bench->context);
    close(bench->stop_fd);
    arena_free(&bench->arena);
    scratch_remove(&bench->scratch);
    free(bench);
    return 0;
}

/* ---- tests --------------------------------------------------------------------------------- */

static void a_worker_says_what_it_serves(void **state)
{
    struct bench *bench = *state;
    const struct msg_worker_hello *hello = &expect(bench, MSG_WORKER_HELLO)->worker_hello;
    assert_string_equal(hello->name, "w1");
    assert_int_equal(hello->executors, 2);
    assert_int_equal(hello->credit, 4);
    assert_string_equal(hello->kinds.items[0], "noop");
    give_session(bench, 1);
    assign(bench, 1, 5, NULL); /* so that it has joined before it is told to end */
    acknowledge(bench, 1, 5, expect_end(bench).n);
}

static void an_assignment_runs_and_is_told_until_it_is_acknowledged(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(welcome(bench, 1), 0);
    assign(bench, 1, 5, NULL);
    struct report end = expect_end(bench);
    assert_int_equal(end.kind, REPORT_DONE);
    uint64_t n = end.n;
    end = expect_end(bench); /* again, since nobody said that it arrived */
    assert_int_equal(end.n, n);
    acknowledge(bench, 1, 5, n);
}

static void what_a_restarted_broker_has_not_acknowledged_is_told_again(void **state)
{
    struct bench *bench = *state;
    bench->renew_ms = 300;
    welcome(bench, 1);
    assign(bench, 1, 5, "{\"messages\": 2}");
    struct report end = expect_end(bench);
    close_broker(bench);
    open_broker(bench);
    bench->session = 0; /* it knows nobody */
    assert_int_equal(welcome(bench, 2), 1);

    const struct msg_report *reports = &expect(bench, MSG_REPORT)->report;
    assert_int_equal(reports->session, 2);
    assert_int_equal(reports->reports[0].kind, REPORT_ACCEPT);
    assert_int_equal(reports->reports[reports->report_count - 1].n, end.n);
    acknowledge(bench, 1, 5, end.n);
}

static void a_silent_broker_gets_a_fresh_connection(void **state)
{
    struct bench *bench = *state;
    char route[FRAMES_ROUTE_MAX];
    bench->renew_ms = 100;
    bench->mute = true;
    welcome(bench, 1);
    size_t size = bench->route_size;
    memcpy(route, bench->route, size);
    expect(bench, MSG_WORKER_HELLO);
    assert_true(size != bench->route_size || memcmp(route, bench->route, size) != 0);
    bench->mute = false;
    bench->renew_ms = RENEW_MS;
    welcome(bench, 2);
    assign(bench, 1, 5, NULL);
    acknowledge(bench, 1, 5, expect_end(bench).n);
}

static void a_broker_that_does_not_know_the_session_gets_a_hello(void **state)
{
    struct bench *bench = *state;
    welcome(bench, 1);
    assign(bench, 1, 5, "{\"steps\": 1000, \"step_ms\": 60000}");
    expect(bench, MSG_REPORT);
    struct message unknown = {.type = MSG_REPORT_ACK};
    say(bench, &unknown);
    assert_int_equal(welcome(bench, 2), 1);

    struct lease_answer stop = {an_id(1), 5, LEASE_STOP, 5000};
    struct message message = {.type = MSG_STOP, .stop = {bench->session, 1, &stop}};
    say(bench, &message);
    struct report end = expect_end(bench);
    assert_int_equal(end.kind, REPORT_CANCELLED);
    acknowledge(bench, 1, 5, end.n);
}

static void a_lease_that_runs_out_is_killed_and_told_as_a_crash(void **state)
{
    struct bench *bench = *state;
    bench->renew_ms = 200;
    welcome(bench, 1);
    assign(bench, 1, 5, "{\"steps\": 2, \"step_ms\": 600000, \"ignore_stop\": true}");
    expect(bench, MSG_REPORT);
    bench->mute = true;
    do /* the lease ends, and with it what runs, although nobody answers */
        expect(bench, MSG_WORKER_HELLO);
    while (bench->message.worker_hello.held_count == 0);
    bench->mute = false;
    bench->renew_ms = RENEW_MS;
    welcome(bench, 2);
    struct report end = expect_end(bench);
    assert_int_equal(end.kind, REPORT_CRASHED);
    acknowledge(bench, 1, 5, end.n);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_worker_says_what_it_serves),
        TEST(an_assignment_runs_and_is_told_until_it_is_acknowledged),
        TEST(what_a_restarted_broker_has_not_acknowledged_is_told_again),
        TEST(a_silent_broker_gets_a_fresh_connection),
        TEST(a_broker_that_does_not_know_the_session_gets_a_hello),
        TEST(a_lease_that_runs_out_is_killed_and_told_as_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
