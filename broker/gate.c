/* gate.c - the connections of one socket. */
#include "gate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

#include "cleanup.h"
#include "fail.h"
#include "log.h"
#include "table.h"

#define HOST_SIZE 48 /* an address as text, or "local" */

/* All connections from one address. */
struct host {
    struct table_node node;
    char name[HOST_SIZE];
    int64_t count;
};

struct connection {
    struct table_node node;
    int fd;
    uint64_t cookie;
    struct host *host;
    bool shut_out;
};

struct gate {
    void *socket;  /* borrowed: what is looked at */
    void *monitor; /* PAIR */
    const char *name;
    const struct limits *limits;
    gate_gone *gone;
    void *gone_arg;
    struct table connections; /* by descriptor */
    struct table hosts;
    size_t count; /* of those that were not shut out */
    struct pace lines;
};

/* ---- what the kernel knows of a descriptor --------------------------------------------------- */

/* 0: it is no socket any more. */
static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

static void host_of(int fd, char out[HOST_SIZE])
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    const void *bytes = NULL;
    strcpy(out, "local");
    if (getpeername(fd, (struct sockaddr *)&address, &size) != 0)
        return;
    if (address.ss_family == AF_INET)
        bytes = &((struct sockaddr_in *)&address)->sin_addr;
    else if (address.ss_family == AF_INET6)
        bytes = &((struct sockaddr_in6 *)&address)->sin6_addr;
    if (bytes)
        inet_ntop(address.ss_family, bytes, out, HOST_SIZE);
}

/* ---- connections ----------------------------------------------------------------------------- */

static struct connection *find(const struct gate *gate, int fd)
{
    return HOLDER(table_find(&gate->connections, &fd, sizeof fd), struct connection, node);
}

static struct host *host_named(struct gate *gate, const char *name)
{
    struct host *host = HOLDER(table_find(&gate->hosts, name, strlen(name)), struct host, node);
    if (host)
        return host;
    host = memory_take(sizeof *host);
    memcpy(host->name, name, strlen(name) + 1);
    table_add(&gate->hosts, &host->node, host->name, strlen(host->name));
    return host;
}

static void leave_host(struct gate *gate, struct host *host)
{
    if (--host->count > 0)
        return;
    table_remove(&gate->hosts, &host->node);
    free(host);
}

static void forget(struct gate *gate, struct connection *connection)
{
    if (gate->gone)
        gate->gone(gate->gone_arg, connection->fd);
    gate->count -= !connection->shut_out;
    leave_host(gate, connection->host);
    table_remove(&gate->connections, &connection->node);
    free(connection);
}

static void forget_node(void *arg, struct table_node *node)
{
    forget(arg, HOLDER(node, struct connection, node));
}

bool gate_has(const struct gate *gate, int fd)
{
    const struct connection *connection = find(gate, fd);
    return connection && !connection->shut_out;
}

size_t gate_count(const struct gate *gate)
{
    return gate->count;
}

void gate_shut_out(struct gate *gate, int fd, const char *reason, const char *user, int64_t now_ms)
{
    struct connection *connection = find(gate, fd);
    uint32_t left_out;
    char value[LOG_VALUE_SIZE];
    if (!connection || connection->shut_out)
        return;
    connection->shut_out = true;
    gate->count--;
    if (cookie_of(fd) == connection->cookie)
        shutdown(fd, SHUT_RDWR);
    if (pace_allows(&gate->lines, now_ms, &left_out))
        log_event(LOG_WARNING, "connection_shut_out",
                  "socket=%s address=%s user=%s reason=%s left_out=%u", gate->name,
                  connection->host->name, log_value(user, value), reason, left_out);
}

static void accepted(struct gate *gate, int fd, int64_t now_ms)
{
    char host[HOST_SIZE];
    struct connection *connection = find(gate, fd);
    if (connection)
        forget(gate, connection);
    host_of(fd, host);
    connection = memory_take(sizeof *connection);
    *connection =
        (struct connection){.fd = fd, .cookie = cookie_of(fd), .host = host_named(gate, host)};
    table_add(&gate->connections, &connection->node, &connection->fd, sizeof connection->fd);
    connection->host->count++;
    gate->count++;
    if ((int64_t)gate->count > gate->limits->connections_max)
        gate_shut_out(gate, fd, "too_many_connections", "", now_ms);
    else if (connection->host->count > gate->limits->host_connections_max)
        gate_shut_out(gate, fd, "too_many_connections_of_address", "", now_ms);
}

/* ---- what the monitor tells ------------------------------------------------------------------ */

/* One event is two frames: number and value, then our own address. */
static bool receive(void *monitor, uint16_t *event, uint32_t *value)
{
    uint8_t bytes[6];
    char address[256];
    if (zmq_recv(monitor, bytes, sizeof bytes, ZMQ_DONTWAIT) != (int)sizeof bytes)
        return false;
    memcpy(event, bytes, sizeof *event);
    memcpy(value, bytes + sizeof *event, sizeof *value);
    return zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT) >= 0;
}

void gate_take(struct gate *gate, int64_t now_ms)
{
    uint16_t event;
    uint32_t value;
    while (receive(gate->monitor, &event, &value)) {
        struct connection *connection = find(gate, (int)value);
        if (event == ZMQ_EVENT_ACCEPTED)
            accepted(gate, (int)value, now_ms);
        else if (event == ZMQ_EVENT_DISCONNECTED && connection)
            forget(gate, connection);
    }
}

void *gate_socket(const struct gate *gate)
{
    return gate->monitor;
}

/* Without a limit on either side: libzmq's own threads must never wait for us. */
int gate_open(struct gate **out, void *context, void *socket, const char *name,
              const struct limits *limits, gate_gone *gone, void *gone_arg, struct gpmq_error *err)
{
    CLEANUP(gate_close) struct gate *gate = memory_take(sizeof *gate);
    char where[64];
    int none = 0;
    gate->name = name;
    gate->limits = limits;
    gate->gone = gone;
    gate->gone_arg = gone_arg;
    gate->monitor = zmq_socket(context, ZMQ_PAIR);
    if (!gate->monitor)
        return fail_zmq(err, "cannot make a socket");
    snprintf(where, sizeof where, "inproc://gpmq.gate.%p", socket);
    zmq_setsockopt(gate->monitor, ZMQ_RCVHWM, &none, sizeof none);
    zmq_setsockopt(gate->monitor, ZMQ_LINGER, &none, sizeof none);
    if (zmq_socket_monitor(socket, where, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) != 0)
        return fail_zmq(err, "cannot look at the connections of a socket");
    gate->socket = socket;
    if (zmq_connect(gate->monitor, where) != 0)
        return fail_zmq(err, "cannot look at the connections of a socket");
    *out = STEAL(gate);
    return 0;
}

void gate_close(struct gate **gate_p)
{
    struct gate *gate = STEAL(*gate_p);
    if (!gate)
        return;
    gate->gone = NULL;
    if (gate->socket)
        zmq_socket_monitor(gate->socket, NULL, 0);
    if (gate->monitor)
        zmq_close(gate->monitor);
    table_each(&gate->connections, forget_node, gate);
    table_free(&gate->connections);
    table_free(&gate->hosts);
    free(gate);
}
