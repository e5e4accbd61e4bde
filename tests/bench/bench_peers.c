/* bench_peers.c - the same jobs through beanstalkd and redis, in their own protocols: a producer's
 * and a worker's connection, everything pipelined. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define BUFFER_SIZE (1u << 20)

struct wire {
    int fd;
    size_t out_size; /* still to be sent */
    size_t in_size;  /* read, not taken */
    char out[BUFFER_SIZE];
    char in[BUFFER_SIZE];
};

static void wire_open(struct wire *wire, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *address;
    int on = 1;
    wire->out_size = wire->in_size = 0;
    if (getaddrinfo("127.0.0.1", port, &hints, &address) != 0)
        bench_die("'%s' is no port", port);
    wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (wire->fd < 0 || connect(wire->fd, address->ai_addr, address->ai_addrlen) != 0)
        bench_die("cannot connect to port %s: %s", port, strerror(errno));
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    freeaddrinfo(address);
}

__attribute__((format(printf, 2, 3))) static void wire_say(struct wire *wire, const char *format,
                                                           ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size =
        vsnprintf(wire->out + wire->out_size, BUFFER_SIZE - wire->out_size, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= BUFFER_SIZE - wire->out_size)
        bench_die("more is to be said than fits; take a smaller window");
    wire->out_size += (size_t)size;
}

static void wire_send(struct wire *wire)
{
    ssize_t size = wire->out_size ? send(wire->fd, wire->out, wire->out_size, MSG_DONTWAIT) : 0;
    if (size <= 0)
        return;
    wire->out_size -= (size_t)size;
    memmove(wire->out, wire->out + size, wire->out_size);
}

static void wire_read(struct wire *wire)
{
    ssize_t size =
        recv(wire->fd, wire->in + wire->in_size, BUFFER_SIZE - 1 - wire->in_size, MSG_DONTWAIT);
    if (size == 0)
        bench_die("the server closed the connection");
    if (size > 0)
        wire->in_size += (size_t)size;
    wire->in[wire->in_size] = '\0';
}

/* Takes replies, each from `at` on, while take() finds a whole one; it returns its size or 0. */
static void wire_take(struct wire *wire, void *arg, size_t (*take)(void *arg, const char *at))
{
    size_t done = 0;
    for (size_t size; (size = take(arg, wire->in + done)) > 0;)
        done += size;
    wire->in_size -= done;
    memmove(wire->in, wire->in + done, wire->in_size + 1);
}

static void wait_for(const struct wire *one, const struct wire *other)
{
    struct pollfd items[] = {{one->fd, one->out_size ? POLLIN | POLLOUT : POLLIN, 0},
                             {other->fd, other->out_size ? POLLIN | POLLOUT : POLLIN, 0}};
    poll(items, 2, 1000);
}

struct peer {
    struct bench *bench;
    struct wire producer;
    struct wire worker;
    uint32_t worker_reply; /* of redis: which of a job's replies is next */
    uint32_t producer_reply;
    uint32_t job; /* of redis: the one that the worker's replies are about */
    char payload[BENCH_PAYLOAD + 1];
};

static struct peer *peer_open(struct bench *bench, const char *port)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        bench_die("no memory");
    peer->bench = bench;
    memset(peer->payload, 'x', BENCH_PAYLOAD);
    wire_open(&peer->producer, port);
    wire_open(&peer->worker, port);
    return peer;
}

static void peer_close(struct peer *peer)
{
    close(peer->producer.fd);
    close(peer->worker.fd);
    free(peer);
}

/* The reply's line with its end; 0: it is not all here. */
static size_t line_size(const char *at)
{
    const char *end = strstr(at, "\r\n");
    return end ? (size_t)(end - at) + 2 : 0;
}

/* ---- beanstalkd: put; reserve, delete ------------------------------------------------------ */

static size_t take_inserted(void *arg, const char *at)
{
    struct peer *peer = arg;
    size_t size = line_size(at);
    if (size && strncmp(at, "INSERTED ", 9) != 0)
        bench_die("beanstalkd says %.40s to a put", at);
    if (size)
        wire_say(&peer->worker, "reserve\r\n"); /* one is there: it does not wait */
    return size;
}

/* Jobs are numbered in their bodies; what is deleted, in the order of the deletes. */
static size_t take_reserved(void *arg, const char *at)
{
    struct peer *peer = arg;
    unsigned long long id;
    unsigned body_size;
    size_t size = line_size(at);
    if (!size)
        return 0;
    if (strncmp(at, "DELETED", 7) == 0) {
        bench_complete(peer->bench, peer->job++);
        return size;
    }
    if (sscanf(at, "RESERVED %llu %u", &id, &body_size) != 2)
        bench_die("beanstalkd says %.40s to a reserve", at);
    if (strlen(at + size) < body_size + 2)
        return 0;
    wire_say(&peer->worker, "delete %llu\r\n", id);
    return size + body_size + 2;
}

void bench_beanstalkd(struct bench *bench, const char *port)
{
    struct peer *peer = peer_open(bench, port);
    while (bench_goes_on(bench)) {
        while (bench_may_submit(bench)) {
            bench_submit(bench);
            wire_say(&peer->producer, "put 100 0 600 %d\r\n%s\r\n", BENCH_PAYLOAD, peer->payload);
        }
        wire_send(&peer->producer);
        wait_for(&peer->producer, &peer->worker);
        wire_read(&peer->producer);
        wire_take(&peer->producer, peer, take_inserted);
        wire_read(&peer->worker);
        wire_take(&peer->worker, peer, take_reserved);
        wire_send(&peer->worker);
    }
    peer_close(peer);
}

/* ---- redis: a record for each job, as a queue with states keeps it --------------------------- */

static void command(struct wire *wire, const char *const *words, int count)
{
    wire_say(wire, "*%d\r\n", count);
    for (int i = 0; i < count; i++)
        wire_say(wire, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
}

#define COMMAND(wire, ...)                                                                         \
    command(wire, (const char *const[]){__VA_ARGS__},                                              \
            (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)))

/* HSET queued, LPUSH; then the worker may have it. */
static size_t take_pushed(void *arg, const char *at)
{
    struct peer *peer = arg;
    size_t size = line_size(at);
    if (size && *at != ':')
        bench_die("redis says %.40s to a producer", at);
    if (size && ++peer->producer_reply % 2 == 0)
        COMMAND(&peer->worker, "RPOPLPUSH", "queue", "running");
    return size;
}

static void work(struct peer *peer, const char *name)
{
    char key[32], job[16];
    snprintf(job, sizeof job, "%.8s", name);
    snprintf(key, sizeof key, "job:%s", job);
    COMMAND(&peer->worker, "HSET", key, "state", "running");
    COMMAND(&peer->worker, "HSET", key, "state", "done", "result", "ok");
    COMMAND(&peer->worker, "LREM", "running", "1", job);
}

/* The job's name is always 8 digits: "$8", its line, and the replies to HSET, HSET, LREM. */
static size_t take_popped(void *arg, const char *at)
{
    struct peer *peer = arg;
    size_t size = line_size(at);
    if (!size)
        return 0;
    if (strncmp(at, "$8\r\n", 4) == 0) {
        if (strlen(at + size) < 10)
            return 0;
        work(peer, at + size);
        return size + 10;
    }
    if (*at != ':')
        bench_die("redis says %.40s to a worker", at);
    if (++peer->worker_reply % 3 == 0)
        bench_complete(peer->bench, peer->job++);
    return size;
}

void bench_redis(struct bench *bench, const char *port)
{
    struct peer *peer = peer_open(bench, port);
    while (bench_goes_on(bench)) {
        while (bench_may_submit(bench)) {
            char key[32], job[16];
            snprintf(job, sizeof job, "%08u", bench_submit(bench));
            snprintf(key, sizeof key, "job:%s", job);
            COMMAND(&peer->producer, "HSET", key, "state", "queued", "payload", peer->payload);
            COMMAND(&peer->producer, "LPUSH", "queue", job);
        }
        wire_send(&peer->producer);
        wait_for(&peer->producer, &peer->worker);
        wire_read(&peer->producer);
        wire_take(&peer->producer, peer, take_pushed);
        wire_read(&peer->worker);
        wire_take(&peer->worker, peer, take_popped);
        wire_send(&peer->worker);
    }
    peer_close(peer);
}
