/* fields_manage.c - the messages of message_manage.h, field by field. */
#include "fields_rows.h"

/* clang-format off */
#define THIS struct msg_workers
static const struct field workers_rows[] = {U64(after)};
const struct fields fields_workers = FIELDS("workers", THIS, workers_rows);
#undef THIS

#define THIS struct pause
static const struct field pause_item_rows[] = {
    TEXT(kind, GPMQ_KIND_MAX), TEXT(domain, GPMQ_NAME_MAX), TEXT(repository, GPMQ_NAME_MAX),
    I64(since_unix_ms),
};
static const struct fields fields_pause_item = FIELDS("pause", THIS, pause_item_rows);
#undef THIS

#define THIS struct msg_pause
static const struct field pause_rows[] = {
    TEXT(kind, GPMQ_KIND_MAX), TEXT(domain, GPMQ_NAME_MAX), TEXT(repository, GPMQ_NAME_MAX),
    BOOL(resume),
};
const struct fields fields_pause = FIELDS("pause", THIS, pause_rows);
#undef THIS

#define THIS struct msg_drain
static const struct field drain_rows[] = {
    REQUIRED(worker, TEXT, .max = GPMQ_NAME_MAX), BOOL(resume),
};
const struct fields fields_drain = FIELDS("drain", THIS, drain_rows);
#undef THIS

#define THIS struct worker_info
static const struct field worker_info_rows[] = {
    REQUIRED(session, U64), REQUIRED(name, TEXT, .max = GPMQ_NAME_MAX), TEXT(key, GPMQ_NAME_MAX),
    U32(executors, 0), U32(credit, 0), U32(leases, 0), U32(running, 0), BOOL(draining),
    I64(silent_ms), NAMES(kinds), NAMES(domains), NAMES(repositories),
};
static const struct fields fields_worker_info = FIELDS("worker", THIS, worker_info_rows);
#undef THIS

#define THIS struct msg_worker_list
static const struct field worker_list_rows[] = {
    LIST(workers, worker_count, MESSAGE_OPS_MAX, fields_worker_info), BOOL(more),
};
const struct fields fields_worker_list = FIELDS("worker_list", THIS, worker_list_rows);
#undef THIS

#define THIS struct state_count
static const struct field state_count_rows[] = {
    REQUIRED(state, WORD, .words = &words_state), U32(count, 0),
};
static const struct fields fields_state_count = FIELDS("depth", THIS, state_count_rows);
#undef THIS

#define THIS struct msg_stats_answer
static const struct field stats_answer_rows[] = {
    U64(epoch), U64(open), U64(open_max), U64(client_open_max),
    LIST(depths, depth_count, GPMQ_STATE_END, fields_state_count), U64(workers), U64(workers_max),
    U64(executors), U64(watches), U64(watches_max), U64(clients), U64(stored_open),
    U64(stored_ended), U64(blob_bytes), U64(free_bytes),
    LIST(pauses, pause_count, MESSAGE_PAUSES_MAX, fields_pause_item),
};
const struct fields fields_stats_answer = FIELDS("stats_answer", THIS, stats_answer_rows);
const struct fields fields_stats = {.name = "stats", .size = sizeof(THIS)};
#undef THIS

#define THIS struct msg_paused
static const struct field paused_rows[] = {
    LIST(pauses, pause_count, MESSAGE_PAUSES_MAX, fields_pause_item),
};
const struct fields fields_paused = FIELDS("paused", THIS, paused_rows);
#undef THIS

#define THIS struct msg_draining
static const struct field draining_rows[] = {
    REQUIRED(worker, TEXT, .max = GPMQ_NAME_MAX), U32(leases, 0),
};
const struct fields fields_draining = FIELDS("draining", THIS, draining_rows);
#undef THIS
/* clang-format on */
