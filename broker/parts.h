/*
 * parts.h - what the steps of one round of the broker's loop share.
 *
 * Record, then tell: while a round runs, steps change the store and put what is to be said into
 * the actions and the outbox; store_commit makes the changes durable; only then outbox_send speaks.
 */
#ifndef GPMQ_PARTS_H
#define GPMQ_PARTS_H

#include "codec.h"
#include "core.h"
#include "gate.h"
#include "broker_limits.h"
#include "outbox.h"
#include "pace.h"
#include "peers.h"
#include "recent.h"
#include "store.h"
#include "subscriptions.h"
#include "watch.h"

#define ROUND_MESSAGES_MAX 1000         /* taken from one socket in one round */
#define ROUND_BYTES_MAX    (16u << 20)  /* of decoded messages in one round */
#define ROUND_ANSWERS_MAX  (16u << 20)  /* bytes of answers to questions in one round */
#define ROUND_MEMORY_MAX   (256u << 20) /* of messages, answers and assignments in one round */
#define ROUND_RETRY_MS     100 /* when somebody whom a round had no room for may ask again */

enum { GATE_CONTROL, GATE_WORKER, GATE_STATUS, PARTS_GATES };

struct parts {
    /* one for the whole life */
    void *control; /* ROUTER: clients */
    void *worker;  /* ROUTER: workers */
    void *status;  /* XPUB: status frames */
    struct store *store;
    struct core *core;
    struct core_actions *actions;
    struct outbox *outbox;
    struct recent *recent; /* NULL: every request is read from the store */
    struct watch *watch;
    struct peers *clients;           /* even numbers */
    struct peers *workers;           /* odd numbers */
    struct gate *gates[PARTS_GATES]; /* NULL: nobody looks at the connections of that socket */
    struct subscriptions *subscriptions;
    struct limits limits;
    const char *status_url;
    bool room_for_results;  /* half of the reserve, or more, is there */
    uint64_t reserve_bytes; /* of the store's disk, kept for what was accepted */
    int64_t retention_ms;
    int64_t keepalive_ms;
    int64_t retain_due_ms;
    struct pace refusals;  /* lines about messages that were refused */
    struct pace ends_pace; /* lines about operations that ended */
    bool (*is_admin)(const void *access, const char *user);
    bool (*changed)(const void *access, const char *user); /* by the newest keys */
    bool (*admits)(const void *access, const char *user, const char *socket); /* NULL: everybody */
    const void *access;

    /* one round's */
    int64_t now_ms;
    int64_t unix_ms;
    struct arena arena;             /* what the round's messages point into */
    struct assignment *assignments; /* of its CORE_ASSIGN actions, in their order */
    size_t assignment_next;         /* the first that is not told */
    struct end *ends;               /* what is to be logged of those that end */
    struct question *questions;
    size_t question_count;
    int stop_code;          /* not 0: the store failed inside a step */
    struct gpmq_error *err; /* why the loop has to end */
};

/* A client's question, which waits until what the round changed is in the store. */
struct question {
    uint64_t peer;
    struct message message;
};

/* What a step returns: 0, or the code with which the loop ends (parts->err says why). */
typedef int step_fn(struct parts *parts);

#endif
