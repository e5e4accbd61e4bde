/*
 * client_impl.h - what a client is made of; for the library's own files.
 *
 *     link.c     the connection            client.c  open, close, the loop of one round
 *     call.c     one question, one answer  feed.c    frames become callbacks
 *     follow.c   what is followed          client_watch.c  watch, wait, dispatch
 *     history.c  what was missed           client_submit.c, ask.c, fetch.c: the rest of client.h
 */
#ifndef GPMQ_CLIENT_IMPL_H
#define GPMQ_CLIENT_IMPL_H

#include "follow.h"
#include "gpmq/client.h"
#include "link.h"

/* A frame that waits for its callback. */
struct delivery {
    STAILQ_ENTRY(delivery) order;
    struct gpmq_id op;
    size_t size;
    uint8_t bytes[];
};

struct gpmq_client {
    struct link link;
    struct follows follows;
    int64_t timeout_ms;
    int64_t check_ms;           /* when to look next for what is overdue */
    uint64_t generation;        /* of the link, when everything was last asked for */
    struct arena arena;         /* of the message that is being looked at */
    struct arena frame_arena;   /* of the frame that is being looked at */
    struct arena deliver_arena; /* of the frame whose callback runs */
    struct arena answer_arena;  /* of the last answer to a call */
    struct arena outcome_arena; /* of the last gpmq_outcome() */
    struct gpmq_status outcome;
    uint64_t awaited; /* number of the request that a call waits for; 0: none */
    bool answered;
    struct message answer;
    STAILQ_HEAD(delivery_list, delivery) deliveries;
    uint32_t ack_count; /* finals that have been delivered, to be acknowledged */
    struct gpmq_id acks[MESSAGE_OPS_MAX];
    int epoll_fd; /* what gpmq_client_fd() gives: the sockets and timer_fd */
    int timer_fd;
};

/* ---- client.c ------------------------------------------------------------------------------ */

/* What a round takes in. */
enum round_scope {
    ROUND_CONTROL = 1, /* only answers: published frames wait in their socket, which is bounded */
    ROUND_ALL
};

/* Waits up to wait_ms (-1: for ever) until a socket has something, then takes all of it.
 * GPMQ_ESTOPPED: a signal handler ran. */
int client_round(struct gpmq_client *client, enum round_scope scope, int64_t wait_ms);
/* Makes the descriptor of gpmq_client_fd() tell the truth; every public call ends with it. */
void client_settle(struct gpmq_client *client);

/* ---- client_submit.c ----------------------------------------------------------------------- */

/* Room for the answers of one call; NULL: no memory. */
struct gpmq_answers *answers_new(size_t count);
/* Keeps one answer, with its text. */
int answers_take(struct gpmq_answers *answers, size_t at, const struct submit_answer *from,
                 struct gpmq_error *err) GPMQ_CHECKED;

/* ---- call.c -------------------------------------------------------------------------------- */

/* Sends *request, again and again, until its answer has come. *out is it, and holds until the next
 * call. An `error` is turned into its code and text; an answer of another type is
 * GPMQ_EMALFORMED. timeout_ms 0: the client's. */
int call(struct gpmq_client *client, struct message *request, enum message_type wanted,
         int64_t timeout_ms, struct message *out, struct gpmq_error *err) GPMQ_CHECKED;

/* ---- feed.c -------------------------------------------------------------------------------- */

/* A message on the control socket that no call waits for. */
void feed_message(struct gpmq_client *client, const struct message *message);
/* The answer to a watch, also where a call waited for it. */
void feed_watching(struct gpmq_client *client, const struct msg_watching *watching);
/* A published frame. */
void feed_published(struct gpmq_client *client, const void *bytes, size_t size);
/* Asks for everything that is overdue, or anew after a reconnection. */
void feed_check(struct gpmq_client *client, int64_t now_ms);
/* When feed_check() has something to do next. */
int64_t feed_next_ms(const struct gpmq_client *client);
/* Runs the callbacks of what has been queued; returns how many frames that were. */
size_t feed_deliver(struct gpmq_client *client);

#endif
