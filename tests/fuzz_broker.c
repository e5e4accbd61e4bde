/*
 * fuzz_broker.c - clients and workers say whatever they like, in any order: the broker's own round
 * never ends, its tables stay sound, and core and store agree, also over a restart.
 *
 * The input is a list of orders, each a byte and what it needs; when the input is used up, nothing
 * more comes. Sockets are wrapped: what an order says is the next message that the round receives.
 * Some orders say what a real worker would, about the leases it was given, so that operations live.
 */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "codec.h"
#include "core.h"
#include "frames.h"
#include "log.h"
#include "round.h"

#define ORDERS_MAX   64
#define LEASES_MAX   64
#define PEERS        4
#define MESSAGE_SIZE 4096
#define OP_COUNT     16

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct lease {
    struct gpmq_id op;
    uint64_t fence;
    uint64_t n;     /* of the newest report */
    uint64_t after; /* the newest that is no progress */
};

static struct {
    const uint8_t *at; /* what is left of the input */
    const uint8_t *end;
    struct parts parts;
    struct arena arena;
    msgpack_sbuffer message; /* that comes next */
    void *to;                /* the socket it comes to; NULL: none */
    uint8_t from;
    struct lease leases[LEASES_MAX];
    size_t lease_count;
    uint64_t session;
    struct gpmq_error err;
    int64_t now_ms;
} desk;

static int control, worker, status; /* their addresses are the sockets */

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* ---- the sockets ---------------------------------------------------------------------------- */

int __wrap_frames_receive(void *socket, bool has_first, struct frames *out);
int __wrap_frames_send(void *socket, const void *first, size_t first_size, const void *body,
                       size_t body_size);
const char *__wrap_frames_user(struct frames *frames);

int __wrap_frames_receive(void *socket, bool has_first, struct frames *out)
{
    (void)has_first;
    if (socket != desk.to)
        return GPMQ_EBUSY;
    desk.to = NULL;
    out->has_first = true;
    require(zmq_msg_init_size(&out->first, 1) == 0 &&
            zmq_msg_init_size(&out->body, desk.message.size) == 0);
    memcpy(zmq_msg_data(&out->first), &desk.from, 1);
    if (desk.message.size)
        memcpy(zmq_msg_data(&out->body), desk.message.data, desk.message.size);
    return 0;
}

const char *__wrap_frames_user(struct frames *frames)
{
    static const char *const users[PEERS] = {"anna", "anna", "bert", "carl"};
    return users[*(const uint8_t *)zmq_msg_data(&frames->first) % PEERS];
}

static void hold(const struct assignment *assignment)
{
    if (desk.lease_count < LEASES_MAX)
        desk.leases[desk.lease_count++] =
            (struct lease){.op = assignment->request->id, .fence = assignment->fence};
}

int __wrap_frames_send(void *socket, const void *first, size_t first_size, const void *body,
                       size_t body_size)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct message message;
    struct gpmq_status frame;
    (void)first;
    (void)first_size;
    if (socket == &status) {
        require(status_decode(&frame, &arena, body, body_size, NULL) == 0);
        return 0;
    }
    require(message_decode(&message, &arena, body, body_size, NULL) == 0);
    if (message.type == MSG_WORKER_WELCOME)
        desk.session = message.worker_welcome.session;
    for (uint32_t i = 0; message.type == MSG_ASSIGN && i < message.assign.assignment_count; i++)
        hold(&message.assign.assignments[i]);
    return 0;
}

/* ---- orders --------------------------------------------------------------------------------- */

static uint8_t byte(void)
{
    return desk.at < desk.end ? *desk.at++ : 0;
}

static void say(void *socket, uint8_t from, const struct message *message)
{
    desk.message.size = 0;
    require(message_encode(&desk.message, message) == 0);
    desk.to = socket;
    desk.from = from;
}

/* Bytes of the input as they are: two of length, then the message. */
static void say_anything(void *socket)
{
    desk.from = byte() % PEERS;
    size_t size = (size_t)byte() << 8 | byte();
    if (size > (size_t)(desk.end - desk.at))
        size = (size_t)(desk.end - desk.at);
    desk.message.size = 0;
    if (size)
        msgpack_sbuffer_write(&desk.message, (const char *)desk.at, size);
    desk.at += size;
    desk.to = socket;
}

static void client_says(void)
{
    say_anything(&control);
}

static void worker_says(void)
{
    say_anything(&worker);
}

static struct gpmq_id an_id(uint8_t which)
{
    struct gpmq_id id = {{0}};
    id.bytes[15] = (uint8_t)(1 + which % OP_COUNT);
    return id;
}

static void client_submits(void)
{
    static const char *const kinds[] = {"noop", "gpo.backup", "gpo.import"};
    uint8_t from = byte(), flags = byte();
    struct gpmq_request request = {
        .id = an_id(byte()),
        .kind = kinds[flags % 3],
        .domain = "d",
        .repository = "r",
        .gpo = flags & 8 ? "{31B2F340-016D-11D2-945F-00C04FB984F9}" : NULL,
        .priority = flags >> 5,
        .not_before_unix_ms = flags & 16 ? desk.now_ms + 1000 * byte() : 0,
        .deadline_unix_ms = flags & 4 ? desk.now_ms + 1000 * byte() : 0,
        .attempts = byte() % 4,
        .key_count = flags & 1,
        .keys = {{.name = "k", .limit = 1}},
        .after_count = flags & 2 ? 1 : 0,
        .after = {an_id(byte())},
    };
    say(&control, from % PEERS,
        &(struct message){.type = MSG_SUBMIT, .req = 1, .submit = {1, &request}});
}

/* Cancels one; or runs it again, or drops it, if it is dead. */
static void client_cancels(void)
{
    uint8_t from = byte();
    struct gpmq_id id = an_id(byte());
    struct msg_dead dead = {.id_count = 1, .ids = &id, .drop = from & 32};
    if (from & 64)
        say(&control, from % PEERS, &(struct message){.type = MSG_DEAD, .req = 1, .dead = dead});
    else
        say(&control, from % PEERS,
            &(struct message){.type = MSG_CANCEL, .req = 1, .cancel = {.id_count = 1, .ids = &id}});
}

static void worker_joins(void)
{
    const char *kinds[] = {"noop", "gpo.backup", "gpo.import"}, *d[] = {"d"}, *r[] = {"r"};
    uint8_t from = byte();
    struct msg_worker_hello hello = {
        .v = 1,
        .name = from & 4 ? "w1" : "w2",
        .incarnation = an_id(byte()),
        .executors = 2,
        .credit = 8,
        .kinds = {3, kinds},
        .domains = {1, d},
        .repositories = {1, r},
    };
    say(&worker, from % PEERS, &(struct message){.type = MSG_WORKER_HELLO, .worker_hello = hello});
}

static struct lease *a_lease(void)
{
    uint8_t which = byte();
    return desk.lease_count ? &desk.leases[which % desk.lease_count] : NULL;
}

static void worker_reports(void)
{
    uint8_t from = byte(), what = byte();
    struct lease *lease = a_lease();
    if (!lease)
        return;
    struct gpmq_result result = {.type = "none"};
    struct report report = {
        .op = lease->op,
        .fence = lease->fence,
        .n = ++lease->n,
        .after = lease->after,
        .kind = (enum report_kind)(1 + what % (REPORT_KIND_END - 1)),
        .progress_numerator = byte(),
        .progress_denominator = 256,
        .retryable = what & 64,
        .code = what & 32 ? GPMQ_EIO : 0,
    };
    if (report.kind == REPORT_DONE)
        report.result = &result;
    if (report.kind != REPORT_PROGRESS)
        lease->after = report.n;
    say(&worker, from % PEERS,
        &(struct message){.type = MSG_REPORT,
                          .req = 1,
                          .report = {desk.session - (what & 128 ? 1 : 0), 1, &report}});
}

static void worker_renews(void)
{
    uint8_t from = byte();
    struct lease *lease = a_lease();
    struct lease_ref held = {0};
    if (lease)
        held = (struct lease_ref){lease->op, lease->fence};
    say(&worker, from % PEERS,
        &(struct message){
            .type = MSG_RENEW,
            .req = 1,
            .renew = {.session = desk.session, .held_count = lease ? 1 : 0, .held = &held}});
}

static void time_passes(void)
{
    desk.now_ms += (int64_t)byte() << (byte() % 16);
}

/* ---- the broker ----------------------------------------------------------------------------- */

static int load_row(void *arg, const struct op_row *row, struct store_bytes request,
                    struct store_bytes result, struct gpmq_error *err)
{
    (void)result;
    return core_load(arg, row, request, desk.now_ms, desk.now_ms, err);
}

static int load_mark(void *arg, const char *name, int64_t value, struct gpmq_error *err)
{
    (void)err;
    core_load_mark(arg, name, value);
    return 0;
}

/* A core for what the store holds: at the beginning, and whenever the broker starts again. */
static void broker_starts(void)
{
    struct parts *parts = &desk.parts;
    const struct store_ops *ops = parts->store->ops;
    struct core_config config = core_config_default;
    config.crashes_max = 1; /* what is dead is soon there */
    core_free(&parts->core);
    parts->core = core_new(&config, ops->epoch(parts->store), ops->fence(parts->store));
    require(ops->marks(parts->store, load_mark, parts->core, &desk.err) == 0);
    require(ops->load(parts->store, load_row, parts->core, &desk.err) == 0);
}

static void (*const orders[])(void) = {
    client_says,    worker_says,    client_submits, client_submits, client_cancels, worker_joins,
    worker_reports, worker_reports, worker_reports, worker_renews,  time_passes,    broker_starts,
};

static bool everybody_is_admin(const void *access, const char *user)
{
    (void)access;
    return user[0] == 'b';
}

static void begin(void)
{
    struct parts *parts = &desk.parts;
    *parts = (struct parts){.control = &control,
                            .worker = &worker,
                            .status = &status,
                            .actions = core_actions_new(),
                            .outbox = outbox_new(),
                            .watch = watch_new(),
                            .clients = peers_new(2),
                            .workers = peers_new(1),
                            .retention_ms = 3600 * 1000,
                            .keepalive_ms = 5000,
                            .is_admin = everybody_is_admin,
                            .status_url = "tcp://127.0.0.1:5672",
                            .err = &desk.err};
    limits_fill(&parts->limits);
    desk.to = NULL;
    desk.lease_count = 0;
    desk.session = 0;
    desk.now_ms = INT64_C(1700000000000);
    require(store_open(&parts->store, "memory:", &desk.err) == 0);
    broker_starts();
}

static void end(void)
{
    struct parts *parts = &desk.parts;
    watch_free(&parts->watch);
    outbox_free(&parts->outbox);
    core_free(&parts->core);
    core_actions_free(&parts->actions);
    store_close(&parts->store);
    peers_free(&parts->clients);
    peers_free(&parts->workers);
    arena_free(&parts->arena);
    free(parts->questions);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    log_start("fuzz_broker", LOG_ERROR);
    msgpack_sbuffer_init(&desk.message);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    desk.at = bytes;
    desk.end = bytes + size;
    begin();
    for (int i = 0; i < ORDERS_MAX && desk.at < desk.end; i++) {
        orders[byte() % (sizeof orders / sizeof orders[0])]();
        require(round_run(&desk.parts, desk.now_ms, desk.now_ms) == 0);
        require(core_check(desk.parts.core, &desk.err) == 0);
    }
    end();
    return 0;
}
