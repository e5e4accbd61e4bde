/*
 * gate.h - the connections of one socket: how many there are, from where, and the end of one that
 * goes too far.
 *
 * libzmq 4.3.4 neither bounds a socket's connections nor ends one of them. But it tells of each
 * that it has accepted and of each that is gone, by its descriptor, and of each message from which
 * descriptor it came. Descriptors are the process's own: shut down, a connection ends as if the
 * other side had closed it, and its memory goes with it. Who is shut out connects again after a
 * pause and finds the same limit.
 *
 * A descriptor that is used again is another connection: the kernel's cookie tells them apart.
 */
#ifndef GPMQ_GATE_H
#define GPMQ_GATE_H

#include <stddef.h>

#include "gpmq/error.h"
#include "broker_limits.h"
#include "pace.h"

struct gate;

/* Called for a connection that is gone. */
typedef void gate_gone(void *arg, int fd);

/* Looks at the connections of a socket, before it binds. `name` is for the log, limits is borrowed
 * and may change; gone may be NULL. GPMQ_EIO. */
int gate_open(struct gate **out, void *context, void *socket, const char *name,
              const struct limits *limits, gate_gone *gone, void *gone_arg,
              struct gpmq_error *err) GPMQ_CHECKED;
/* Before its socket is closed. Takes NULL, leaves NULL. */
void gate_close(struct gate **gate_p);

/* To be polled for reading: there is something to take. */
void *gate_socket(const struct gate *gate);
/* Takes what there is to know, and shuts out connections that are too many. */
void gate_take(struct gate *gate, int64_t now_ms);

/* Whether the connection with this descriptor is there, and was not shut out. */
bool gate_has(const struct gate *gate, int fd);
/* Ends a connection. */
void gate_shut_out(struct gate *gate, int fd, const char *reason, const char *user, int64_t now_ms);

/* Connections, without those that were shut out. */
size_t gate_count(const struct gate *gate);

#endif
