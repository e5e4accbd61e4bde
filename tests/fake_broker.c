/* fake_broker.c - a scripted broker. It knows one operation at a time: the last one that was named.
 */
#include "fake_broker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

#define TICK_MS      2   /* one frame of the operation is made this often */
#define KEEPALIVE_MS 100 /* short, so that tests are */
#define TEXT_SIZE    160

struct frame {
    uint8_t bytes[512];
    uint32_t size;
};

struct fake_broker {
    void *context;
    void *control;
    void *status;
    char control_url[TEXT_SIZE];
    char status_url[TEXT_SIZE];
    struct fake_faults faults;
    pthread_t thread;
    atomic_bool stop;
    atomic_uint counts[MSG_TYPE_END];
    uint64_t epoch;
    struct gpmq_id op;
    bool known;   /* there is an operation */
    bool acked;   /* its final frame was acknowledged */
    bool watched; /* it gets on when somebody watches */
    bool restarted;
    uint32_t made;
    unsigned answers_lost;
    unsigned ticks;
    struct frame frames[FAKE_FRAMES + 1]; /* by seq */
    uint8_t peer[FRAMES_ROUTE_MAX];
    size_t peer_size;
};

static void die_unless(bool good)
{
    if (!good)
        abort();
}

static void open_sockets(struct fake_broker *broker)
{
    const struct frames_options options = {0, 0, MESSAGE_MAX, 0};
    broker->control = frames_socket(broker->context, ZMQ_ROUTER, &options);
    broker->status = frames_socket(broker->context, ZMQ_XPUB, &options);
    while (zmq_bind(broker->control, broker->control_url) != 0)
        die_unless(zmq_errno() == EADDRINUSE);
    while (zmq_bind(broker->status, broker->status_url) != 0)
        die_unless(zmq_errno() == EADDRINUSE);
}

static void close_sockets(struct fake_broker *broker)
{
    zmq_close(broker->control);
    zmq_close(broker->status);
}

/* ---- frames -------------------------------------------------------------------------------- */

static void make_frame(struct fake_broker *broker)
{
    msgpack_sbuffer buffer;
    uint32_t seq = ++broker->made;
    bool last = seq == FAKE_FRAMES;
    const struct gpmq_result result = {.type = "none"};
    const struct gpmq_status_msg msg = {.object_path = "x", .message = "half way"};
    const bool half = seq == FAKE_FRAMES / 2;
    const struct gpmq_status status = {
        .op = broker->op,
        .seq = seq,
        .fence = 1,
        .kind = last   ? GPMQ_FRAME_FINAL
                : half ? GPMQ_FRAME_MESSAGE
                       : GPMQ_FRAME_PROGRESS,
        .state = last ? GPMQ_SUCCEEDED : GPMQ_RUNNING,
        .progress_numerator = (int32_t)seq,
        .progress_denominator = FAKE_FRAMES,
        .result = last ? &result : NULL,
        .status_msg_count = half,
        .status_msgs = half ? &msg : NULL,
    };
    msgpack_sbuffer_init(&buffer);
    die_unless(status_encode(&buffer, &status) == 0 &&
               buffer.size <= sizeof broker->frames[0].bytes);
    memcpy(broker->frames[seq].bytes, buffer.data, buffer.size);
    broker->frames[seq].size = (uint32_t)buffer.size;
    msgpack_sbuffer_destroy(&buffer);
}

static void publish(struct fake_broker *broker, uint32_t seq)
{
    char topic[TOPIC_SIZE];
    const struct gpmq_id none = {{0}};
    status_topic(&none, &broker->op, topic);
    int rc = frames_send(broker->status, topic, strlen(topic), broker->frames[seq].bytes,
                         broker->frames[seq].size);
    die_unless(rc == 0 || rc == GPMQ_EBUSY);
}

static void send_message(struct fake_broker *broker, const struct message *message)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    die_unless(message_encode(&buffer, message) == 0);
    int rc =
        frames_send(broker->control, broker->peer, broker->peer_size, buffer.data, buffer.size);
    die_unless(rc == 0 || rc == GPMQ_EUNREACHABLE || rc == GPMQ_EBUSY);
    msgpack_sbuffer_destroy(&buffer);
}

static void send_final(struct fake_broker *broker)
{
    const struct frame *frame = &broker->frames[FAKE_FRAMES];
    const struct message message = {.type = MSG_FINAL,
                                    .final = {broker->op, {frame->bytes, frame->size}}};
    if (broker->peer_size > 0 && broker->made == FAKE_FRAMES && !broker->acked)
        send_message(broker, &message);
}

static void publish_badly(struct fake_broker *broker)
{
    const struct fake_faults *faults = &broker->faults;
    uint32_t seq = broker->made;
    bool lost = faults->publish_nothing || (faults->lose_some && seq % 3 == 0) ||
                (faults->final_on_control && seq == FAKE_FRAMES);
    if (faults->swap_some && seq % 4 == 0 && seq < FAKE_FRAMES)
        return; /* comes behind the next one */
    if (!lost)
        publish(broker, seq);
    if (!lost && faults->double_some && seq % 2 == 0)
        publish(broker, seq);
    if (faults->swap_some && seq % 4 == 1 && seq > 1)
        publish(broker, seq - 1);
}

/* ---- answers ------------------------------------------------------------------------------- */

static void answer_frames(struct fake_broker *broker, const struct message *request,
                          const struct gpmq_id *op, uint64_t from, bool watching)
{
    char topic[TOPIC_SIZE];
    struct frame_bytes list[FAKE_FRAMES];
    uint32_t count = 0;
    const struct gpmq_id none = {{0}};
    struct message reply = {.req = request->req};
    for (uint64_t seq = from; seq <= broker->made; seq++)
        list[count++] = (struct frame_bytes){broker->frames[seq].bytes, broker->frames[seq].size};
    if (watching) {
        bool known = broker->known && gpmq_id_equal(op, &broker->op) && !broker->faults.unknown;
        reply.type = MSG_WATCHING;
        reply.watching = (struct msg_watching){
            *op, known ? status_topic(&none, op, topic) : NULL, broker->made, count, list, false};
        broker->watched = true;
    } else {
        reply.type = MSG_FRAMES;
        reply.frames = (struct msg_frames){*op, from, count, list, false};
    }
    send_message(broker, &reply);
}

static void answer_submit(struct fake_broker *broker, const struct message *request)
{
    struct submit_answer answer = {.op = request->submit.ops[0].id, .state = GPMQ_QUEUED};
    if (broker->faults.refuse) {
        answer.code = GPMQ_EFULL;
        answer.text = "the queue is full";
        answer.retry_after_ms = 1000;
    } else if (!broker->known || !gpmq_id_equal(&broker->op, &answer.op)) {
        broker->op = answer.op;
        broker->known = true;
        broker->made = 0;
    } else {
        answer.known = true;
    }
    const struct message reply = {.type = MSG_SUBMITTED,
                                  .req = request->req,
                                  .submitted = {.answer_count = 1, .answers = &answer}};
    send_message(broker, &reply);
}

static void answer_cancel(struct fake_broker *broker, const struct message *request)
{
    struct cancel_entry entry = {.op = request->cancel.ids[0],
                                 .disposition = CANCEL_PENDING,
                                 .state = GPMQ_CANCELLING,
                                 .deadline_ms = 15000};
    const struct message reply = {
        .type = MSG_CANCEL_ANSWER, .req = request->req, .cancel_answer = {1, &entry}};
    send_message(broker, &reply);
}

static void answer(struct fake_broker *broker, const struct message *request)
{
    struct message reply = {.req = request->req};
    switch ((int)request->type) {
    case MSG_HELLO:
        reply.type = MSG_WELCOME;
        reply.welcome = (struct msg_welcome){.v = 1,
                                             .epoch = broker->epoch,
                                             .status_url = broker->status_url,
                                             .keepalive_ms = KEEPALIVE_MS};
        send_message(broker, &reply);
        break;
    case MSG_PING:
        reply.type = MSG_PONG;
        send_message(broker, &reply);
        break;
    case MSG_SUBMIT:
        answer_submit(broker, request);
        break;
    case MSG_CANCEL:
        answer_cancel(broker, request);
        break;
    case MSG_WATCH:
        answer_frames(broker, request, &request->watch.watches[0].op,
                      request->watch.watches[0].last_seq + 1, true);
        break;
    case MSG_REPLAY:
        answer_frames(broker, request, &request->replay.op, request->replay.from, false);
        break;
    case MSG_ACK:
        broker->acked = true;
        break;
    default:
        break;
    }
}

/* ---- the loop ------------------------------------------------------------------------------ */

static void take_request(struct fake_broker *broker, struct arena *arena)
{
    struct frames frames;
    struct message request;
    if (frames_receive(broker->control, true, &frames) != 0)
        return;
    arena_reset(arena);
    broker->peer_size = zmq_msg_size(&frames.first);
    memcpy(broker->peer, zmq_msg_data(&frames.first), broker->peer_size);
    die_unless(message_decode(&request, arena, zmq_msg_data(&frames.body),
                              zmq_msg_size(&frames.body), NULL) == 0);
    atomic_fetch_add(&broker->counts[request.type], 1);
    bool lost = request.type != MSG_HELLO && broker->answers_lost < broker->faults.lose_answers;
    if (lost)
        broker->answers_lost++;
    else if (!broker->faults.mute)
        answer(broker, &request);
    frames_free(&frames);
}

static void restart(struct fake_broker *broker)
{
    close_sockets(broker);
    broker->epoch++;
    broker->restarted = true;
    broker->peer_size = 0;
    open_sockets(broker);
}

static void tick(struct fake_broker *broker)
{
    struct frames subscription;
    while (frames_receive(broker->status, false, &subscription) == 0)
        frames_free(&subscription);
    if (!broker->watched)
        return;
    if (broker->made < FAKE_FRAMES) {
        make_frame(broker);
        publish_badly(broker);
    } else if (broker->ticks++ % 50 == 0) {
        send_final(broker);
    }
    if (broker->faults.restart && !broker->restarted && broker->made == FAKE_FRAMES / 2)
        restart(broker);
}

static void *run(void *arg)
{
    struct fake_broker *broker = arg;
    struct arena arena = {0};
    while (!atomic_load(&broker->stop)) {
        zmq_pollitem_t item = {.socket = broker->control, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, TICK_MS) > 0)
            take_request(broker, &arena);
        else
            tick(broker);
    }
    arena_free(&arena);
    return NULL;
}

struct fake_broker *fake_broker_start(const char *control, const char *status,
                                      const struct fake_faults *faults)
{
    struct fake_broker *broker = calloc(1, sizeof *broker);
    die_unless(broker != NULL);
    broker->context = zmq_ctx_new();
    broker->faults = *faults;
    broker->epoch = 1;
    snprintf(broker->control_url, sizeof broker->control_url, "%s", control);
    snprintf(broker->status_url, sizeof broker->status_url, "%s", status);
    open_sockets(broker);
    die_unless(pthread_create(&broker->thread, NULL, run, broker) == 0);
    return broker;
}

void fake_broker_stop(struct fake_broker **broker_p)
{
    struct fake_broker *broker = *broker_p;
    *broker_p = NULL;
    if (!broker)
        return;
    atomic_store(&broker->stop, true);
    pthread_join(broker->thread, NULL);
    close_sockets(broker);
    zmq_ctx_term(broker->context);
    free(broker);
}

unsigned fake_broker_count(const struct fake_broker *broker, enum message_type type)
{
    return atomic_load(&broker->counts[type]);
}
