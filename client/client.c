/* client.c - open, close, and one round of the loop. */
#include "client_impl.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "frames.h"

#define ROUND_MESSAGES_MAX 1024 /* taken from one socket before the others get their turn */

/* ---- one context per process --------------------------------------------------------------- */

/* Several contexts with CURVE in one process can crash libzmq 4.3.4, and ending one can block: so
 * there is one, made once, for the process's whole life. */
static void *shared_context(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static void *context;
    pthread_mutex_lock(&mutex);
    if (!context)
        context = zmq_ctx_new();
    pthread_mutex_unlock(&mutex);
    return context;
}

/* ---- open and close ------------------------------------------------------------------------ */

static int watch_fd(struct gpmq_client *client, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int watch_socket(struct gpmq_client *client, void *socket)
{
    int fd;
    size_t size = sizeof fd;
    if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size) != 0)
        return -1;
    return watch_fd(client, fd);
}

static int open_fds(struct gpmq_client *client, struct gpmq_error *err)
{
    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (client->epoll_fd < 0 || client->timer_fd < 0 || watch_fd(client, client->timer_fd) != 0 ||
        watch_socket(client, client->link.control) != 0 ||
        watch_socket(client, client->link.status) != 0 ||
        watch_socket(client, client->link.monitor) != 0)
        return fail_errno(err, "cannot make a client's descriptor");
    return 0;
}

void gpmq_client_close(struct gpmq_client **client_p)
{
    struct gpmq_client *client = STEAL(*client_p);
    if (!client)
        return;
    struct delivery *delivery;
    while ((delivery = STAILQ_FIRST(&client->deliveries))) {
        STAILQ_REMOVE_HEAD(&client->deliveries, order);
        free(delivery);
    }
    close_fd(&client->epoll_fd);
    close_fd(&client->timer_fd);
    follows_free(&client->follows);
    link_close(&client->link);
    arena_free(&client->arena);
    arena_free(&client->frame_arena);
    arena_free(&client->deliver_arena);
    arena_free(&client->answer_arena);
    arena_free(&client->outcome_arena);
    free(client);
}

int gpmq_client_open(struct gpmq_client **out, const struct gpmq_client_options *options,
                     struct gpmq_error *err)
{
    if (!out || !options || !options->broker || !*options->broker)
        return fail(err, GPMQ_EINVAL, "no broker address");

    CLEANUP(gpmq_client_close) struct gpmq_client *client = calloc(1, sizeof *client);
    if (!client)
        return fail(err, GPMQ_ENOMEM, "cannot allocate a client");
    client->epoll_fd = client->timer_fd = -1;
    client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : GPMQ_TIMEOUT_DEFAULT_MS;
    follows_init(&client->follows);
    STAILQ_INIT(&client->deliveries);

    void *context = options->context ? options->context : shared_context();
    if (!context)
        return fail_zmq(err, "cannot start ZeroMQ");
    int rc = link_open(&client->link, context, options, err);
    if (!rc)
        rc = open_fds(client, err);
    if (rc)
        return rc;
    client_settle(client);
    *out = STEAL(client);
    return 0;
}

/* ---- one round ----------------------------------------------------------------------------- */

static void take_message(struct gpmq_client *client, const struct message *message)
{
    client->link.heard_ms = clock_now_ms();
    if (client->awaited && message->req == client->awaited) {
        struct arena arena = client->answer_arena;
        client->answer_arena = client->arena;
        client->arena = arena;
        client->answer = *message;
        client->awaited = 0;
        client->answered = true;
        return;
    }
    feed_message(client, message);
}

/* What cannot be decoded is dropped: what it would have said is asked for again. */
static bool take_control(struct gpmq_client *client)
{
    struct frames frames;
    struct message message;
    int rc = frames_receive(client->link.control, false, &frames);
    if (rc)
        return rc == GPMQ_EMALFORMED;
    arena_reset(&client->arena);
    if (message_decode(&message, &client->arena, zmq_msg_data(&frames.body),
                       zmq_msg_size(&frames.body), NULL) == 0)
        take_message(client, &message);
    frames_free(&frames);
    return true;
}

static bool take_status(struct gpmq_client *client)
{
    struct frames frames;
    int rc = frames_receive(client->link.status, true, &frames);
    if (rc)
        return rc == GPMQ_EMALFORMED;
    feed_published(client, zmq_msg_data(&frames.body), zmq_msg_size(&frames.body));
    frames_free(&frames);
    return true;
}

static void take_all(struct gpmq_client *client, enum round_scope scope)
{
    int64_t now_ms = clock_now_ms();
    link_tend(&client->link, now_ms);
    for (int i = 0; i < ROUND_MESSAGES_MAX && take_control(client); i++)
        continue;
    if (scope == ROUND_ALL)
        for (int i = 0; i < ROUND_MESSAGES_MAX && take_status(client); i++)
            continue;
    feed_check(client, now_ms);
}

int client_round(struct gpmq_client *client, enum round_scope scope, int64_t wait_ms)
{
    zmq_pollitem_t items[] = {
        {.socket = client->link.monitor, .events = ZMQ_POLLIN},
        {.socket = client->link.control, .events = ZMQ_POLLIN},
        {.socket = client->link.status, .events = ZMQ_POLLIN},
    };
    int64_t due_ms = feed_next_ms(client) - clock_now_ms();
    if (due_ms < 0)
        due_ms = 0;
    if (wait_ms < 0 || wait_ms > due_ms)
        wait_ms = due_ms;
    int rc = zmq_poll(items, scope == ROUND_ALL ? 3 : 2, (long)wait_ms);
    bool stopped = rc < 0 && errno == EINTR;
    take_all(client, scope);
    return stopped ? GPMQ_ESTOPPED : 0;
}

/* ---- the descriptor ------------------------------------------------------------------------ */

int gpmq_client_fd(const struct gpmq_client *client)
{
    return client->epoll_fd;
}

static bool has_input(void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && events & ZMQ_POLLIN;
}

/* A ZeroMQ descriptor signals once for what it has to say, and any call may use the signal up: so
 * what is left is told by the timer, which is set to now. */
void client_settle(struct gpmq_client *client)
{
    bool waiting = !STAILQ_EMPTY(&client->deliveries) || has_input(client->link.monitor) ||
                   has_input(client->link.control) || has_input(client->link.status);
    int64_t due_ms = waiting ? 1 : feed_next_ms(client);
    if (due_ms < 1)
        due_ms = 1;
    struct itimerspec when = {
        .it_value = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000}};
    timerfd_settime(client->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}
