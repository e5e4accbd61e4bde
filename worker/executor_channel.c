/* executor_channel.c - packets to and from the worker. */
#include "executor_channel.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"

/* The one thing that a signal can reach. */
static volatile sig_atomic_t terminated;

static void on_terminate(int number)
{
    (void)number;
    terminated = 1;
}

/* Without SA_RESTART: what blocks returns with EINTR. */
static void catch_terminate(void)
{
    struct sigaction action = {.sa_handler = on_terminate};
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

__attribute__((noreturn)) static void end_without_worker(void)
{
    _exit(0);
}

/* A descriptor that came with a packet is the input of the operation that it starts. */
static void keep_descriptor(struct executor_channel *channel, struct msghdr *packet)
{
    struct cmsghdr *head = CMSG_FIRSTHDR(packet);
    if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
        head->cmsg_len != CMSG_LEN(sizeof channel->input_fd))
        return;
    close_fd(&channel->input_fd);
    memcpy(&channel->input_fd, CMSG_DATA(head), sizeof channel->input_fd);
}

static ssize_t receive(struct executor_channel *channel, int flags)
{
    struct iovec piece = {channel->packet, sizeof channel->packet};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr packet = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control.room};
    ssize_t size = recvmsg(channel->fd, &packet, flags | MSG_CMSG_CLOEXEC);
    if (size > 0)
        keep_descriptor(channel, &packet);
    return size;
}

/* Takes one packet if there is one. Returns its size, 0 when there is none. */
static size_t take_packet(struct executor_channel *channel, int flags)
{
    ssize_t size = receive(channel, flags);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        end_without_worker();
    return size < 0 ? 0 : (size_t)size;
}

/* While an operation runs the worker has only one thing to say. */
static void take_stop(struct executor_channel *channel)
{
    size_t size = take_packet(channel, MSG_DONTWAIT);
    struct message message;
    arena_reset(&channel->arena);
    if (!size || message_decode(&message, &channel->arena, channel->packet, size, NULL))
        return;
    if (message.type == MSG_EXEC_STOP && message.exec_stop.fence == channel->fence)
        channel->stop = true;
}

/* Waits until the socket is ready for one of events, or wait_ms are over; -1: as long as it takes.
 * Returns what it is ready for. */
static short wait_for(const struct executor_channel *channel, short events, int64_t wait_ms)
{
    struct pollfd item = {.fd = channel->fd, .events = events};
    int timeout_ms = wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX;
    return poll(&item, 1, timeout_ms) > 0 ? item.revents : 0;
}

static void send_message(struct executor_channel *channel, const struct message *message)
{
    channel->buffer.size = 0;
    int rc = message_encode(&channel->buffer, message);
    assert(rc == 0 && channel->buffer.size <= EXECUTOR_PACKET_MAX);
    while (send(channel->fd, channel->buffer.data, channel->buffer.size,
                MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            end_without_worker();
        if (wait_for(channel, POLLIN | POLLOUT, -1) & (POLLIN | POLLHUP))
            take_stop(channel);
    }
}

static void report(struct run_channel *base, const struct report *what)
{
    struct report copy = *what;
    struct message message = {.type = MSG_EXEC_REPORT, .exec_report.report = &copy};
    send_message((struct executor_channel *)base, &message);
}

static void content(struct run_channel *base, uint64_t offset, const void *bytes, uint32_t size)
{
    struct message message = {.type = MSG_EXEC_CHUNK, .exec_chunk = {offset, bytes, size}};
    send_message((struct executor_channel *)base, &message);
}

static bool stopped(struct run_channel *base, int64_t wait_ms)
{
    struct executor_channel *channel = (struct executor_channel *)base;
    int64_t end_ms = clock_now_ms() + wait_ms;
    int64_t left_ms = wait_ms;
    for (;;) {
        if (wait_for(channel, POLLIN, left_ms > 0 ? left_ms : 0))
            take_stop(channel);
        if (channel->stop || terminated)
            return true;
        left_ms = end_ms - clock_now_ms();
        if (wait_ms == 0 || left_ms <= 0)
            return false;
    }
}

static int stop_fd(struct run_channel *base)
{
    return ((struct executor_channel *)base)->fd;
}

static int input(struct run_channel *base)
{
    return ((struct executor_channel *)base)->input_fd;
}

struct executor_channel *executor_channel_new(int fd)
{
    struct executor_channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->base = (struct run_channel){report, content, stopped, stop_fd, input};
    channel->fd = fd;
    channel->input_fd = -1;
    msgpack_sbuffer_init(&channel->buffer);
    catch_terminate();
    return channel;
}

void executor_channel_free(struct executor_channel **channel_p)
{
    struct executor_channel *channel = STEAL(*channel_p);
    if (!channel)
        return;
    close_fd(&channel->input_fd);
    msgpack_sbuffer_destroy(&channel->buffer);
    arena_free(&channel->arena);
    free(channel);
}

int executor_channel_wait(struct executor_channel *channel, struct arena *arena,
                          struct message *out, struct gpmq_error *err)
{
    channel->stop = false;
    close_fd(&channel->input_fd);
    terminated = 0;
    for (;;) {
        size_t size = take_packet(channel, 0);
        arena_reset(arena);
        if (!size)
            continue; /* a signal */
        int rc = message_decode(out, arena, channel->packet, size, err);
        if (rc)
            return fail_in(err, "what the worker says");
        if (out->type == MSG_EXEC_STOP)
            continue; /* of an operation that has ended */
        if (out->type != MSG_EXEC_START)
            return fail(err, GPMQ_EMALFORMED, "the worker says %s to an idle executor",
                        message_type_name(out->type));
        channel->fence = out->exec_start.fence;
        return 0;
    }
}
