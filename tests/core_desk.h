/*
 * core_desk.h - a core to ask questions of: the clock is set by hand, rounds are "carried out" into
 * plain tables, and workers and clients are lines of a test.
 */
#ifndef GPMQ_CORE_DESK_H
#define GPMQ_CORE_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "core.h"

#define DESK_CLIENT 1 /* the connections */
#define DESK_WORKER 2

#define DESK_FRAMES_MAX 16384
#define DESK_ROWS_MAX   2048
#define DESK_MARKS_MAX  80

struct desk_frame {
    struct gpmq_status status;
};

struct desk {
    struct core *core;
    struct core_actions *actions;
    struct core_config config;
    int64_t now_ms;
    int64_t unix_ms;
    uint64_t session; /* of the newest welcome */
    struct arena arena;
    /* what a store and a subscriber would have */
    struct op_row rows[DESK_ROWS_MAX];
    struct store_bytes requests[DESK_ROWS_MAX];
    uint32_t row_count;
    struct {
        char name[STORE_MARK_MAX + 1];
        int64_t value;
    } marks[DESK_MARKS_MAX];
    uint32_t mark_count;
    struct gpmq_status frames[DESK_FRAMES_MAX];
    uint32_t frame_count;
    struct core_action assigns[64]; /* of the newest round */
    uint32_t assign_count;
    const struct message *replies[64]; /* of the newest round; good until the next one */
    uint32_t reply_count;
};

struct desk *desk_new(const struct core_config *config);
void desk_free(struct desk **desk_p);

/* The core forgets all and loads what was stored; its clock begins elsewhere. */
void desk_restart(struct desk *desk);
/* Time passes, and the core ticks. */
void desk_pass(struct desk *desk, int64_t ms);

/* A message in, then a tick; what comes out is the newest round's. */
void desk_client(struct desk *desk, const char *client, const struct message *message);
void desk_admin(struct desk *desk, const char *client, bool admin, const struct message *message);
void desk_worker(struct desk *desk, uint64_t peer, const char *key, const struct message *message);

struct gpmq_id desk_id(uint8_t number);
struct gpmq_request desk_request(uint8_t number);
/* Submits one; its answer. */
struct submit_answer desk_submit(struct desk *desk, const struct gpmq_request *request);
/* Worker "w" with `executors` says hello; desk->session is its session. */
void desk_hello(struct desk *desk, uint32_t executors);
/* The same process over another connection, or to another broker. */
void desk_hello_again(struct desk *desk, uint32_t executors);
/* Worker "w" reports on the newest lease of an operation; the ack. */
struct report_ack desk_report(struct desk *desk, const struct report *report);
struct report_ack desk_tell(struct desk *desk, uint8_t number, enum report_kind kind);
struct cancel_entry desk_cancel(struct desk *desk, const struct gpmq_id *id);

/* The stored row. */
const struct op_row *desk_row(const struct desk *desk, const struct gpmq_id *id);
enum gpmq_state desk_state(const struct desk *desk, uint8_t number);
/* The newest frame of an operation; NULL: none. */
const struct gpmq_status *desk_frame(const struct desk *desk, const struct gpmq_id *id);
/* The first reply of this type in the newest round; NULL: none. */
const struct message *desk_reply(const struct desk *desk, enum message_type type);

#endif
