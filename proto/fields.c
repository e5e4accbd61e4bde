/* fields.c - every message, field by field. The order here is the order on the wire. */
#include "fields.h"

#include <string.h>

/* ---- words of enums ------------------------------------------------------------------------ */

static const char *frame_kind_name(int value)
{
    static const char *const names[GPMQ_FRAME_KIND_END] = {
        [GPMQ_FRAME_PROGRESS] = "progress",   [GPMQ_FRAME_MESSAGE] = "message",
        [GPMQ_FRAME_STATE] = "state",         [GPMQ_FRAME_FINAL] = "final",
        [GPMQ_FRAME_KEEPALIVE] = "keepalive",
    };
    return names[value];
}

static const char *disposition_name(int value)
{
    static const char *const names[CANCEL_DISPOSITION_END] = {
        [CANCEL_NOW] = "cancelled",     [CANCEL_PENDING] = "cancelling",
        [CANCEL_TOO_LATE] = "too_late", [CANCEL_NOT_FOUND] = "not_found",
        [CANCEL_DENIED] = "denied",
    };
    return names[value];
}

static const char *report_kind_name(int value)
{
    static const char *const names[REPORT_KIND_END] = {
        [REPORT_ACCEPT] = "accept",       [REPORT_REJECT] = "reject",
        [REPORT_PROGRESS] = "progress",   [REPORT_MESSAGE] = "message",
        [REPORT_DONE] = "done",           [REPORT_FAILED] = "failed",
        [REPORT_CANCELLED] = "cancelled", [REPORT_CRASHED] = "crashed",
    };
    return names[value];
}

static const char *lease_order_name(int value)
{
    static const char *const names[LEASE_ORDER_END] = {
        [LEASE_KEEP] = "keep",
        [LEASE_STOP] = "stop",
        [LEASE_ABANDON] = "abandon",
    };
    return names[value];
}

static const char *state_word(int value)
{
    return gpmq_state_name((enum gpmq_state)value);
}

static const char *reason_word(int value)
{
    return gpmq_reason_name((enum gpmq_reason)value);
}

static const struct words words_frame_kind = {frame_kind_name, 1, GPMQ_FRAME_KIND_END, false};
static const struct words words_disposition = {disposition_name, 1, CANCEL_DISPOSITION_END, false};
static const struct words words_report_kind = {report_kind_name, 1, REPORT_KIND_END, false};
static const struct words words_order = {lease_order_name, 1, LEASE_ORDER_END, false};
static const struct words words_state = {state_word, 1, GPMQ_STATE_END, false};
static const struct words words_reason = {reason_word, 1, GPMQ_REASON_END, false};
static const struct words words_code = {gpmq_code_name, 0, GPMQ_CODE_END, true};

/* ---- tables -------------------------------------------------------------------------------- */

/* clang-format off */
#define AT(member)                 .at = offsetof(THIS, member)
#define F(key_, type_, ...)        {.key = #key_, .type = FIELD_##type_, AT(key_), __VA_ARGS__}
#define BOOL(key_)                 F(key_, BOOL)
#define U8(key_, max_)             F(key_, U8, .max = (max_))
#define U32(key_, max_)            F(key_, U32, .max = (max_))
#define U64(key_)                  F(key_, U64)
#define I32(key_)                  F(key_, I32)
#define I64(key_)                  F(key_, I64)
#define WORD(key_, words_)         F(key_, WORD, .words = &words_)
#define TEXT(key_, max_)           F(key_, TEXT, .max = (max_))
#define ID(key_)                   F(key_, ID)
#define DIGEST(key_)               F(key_, DIGEST)
#define BYTES(key_, size_, max_)   F(key_, BYTES, .other = offsetof(THIS, size_), .max = (max_))
#define STRUCT(key_, of_)          F(key_, STRUCT, .of = &of_)
#define POINTER(key_, of_)         F(key_, POINTER, .of = &of_)
#define LIST(key_, count_, max_, of_) \
    F(key_, LIST, .other = offsetof(THIS, count_), .max = (max_), .of = &of_)
#define NAMES(key_)                F(key_, NAMES, .max = MESSAGE_NAMES_MAX)

#define REQUIRED(key_, type_, ...) F(key_, type_, .required = true, __VA_ARGS__)
#define ALWAYS(key_, type_, ...)   F(key_, type_, .always = true, __VA_ARGS__)

#define FIELDS(name_, struct_, rows_) \
    {.name = name_, .size = sizeof(struct_), .count = sizeof rows_ / sizeof rows_[0], .rows = rows_}

/* A row without a key: the value stands bare, without a map around it. */
#define THIS struct gpmq_id
static const struct field id_rows[] = {{.key = NULL, .type = FIELD_ID, .at = 0, .required = true}};
static const struct fields fields_id = FIELDS("id", THIS, id_rows);
#undef THIS

#define THIS struct gpmq_key
static const struct field key_rows[] = {
    REQUIRED(name, TEXT, .max = GPMQ_NAME_MAX), U32(limit, 1000000),
};
static const struct fields fields_key = FIELDS("key", THIS, key_rows);
#undef THIS

#define THIS struct gpmq_request
static const struct field request_rows[] = {
    ID(id), TEXT(kind, GPMQ_KIND_MAX), TEXT(domain, GPMQ_NAME_MAX), TEXT(repository, GPMQ_NAME_MAX),
    TEXT(gpo, GPMQ_NAME_MAX), TEXT(backup, GPMQ_NAME_MAX), TEXT(name, GPMQ_LABEL_MAX),
    TEXT(comment, 4 * GPMQ_COMMENT_MAX), TEXT(target_domain, GPMQ_NAME_MAX),
    TEXT(args, GPMQ_ARGS_MAX), BOOL(create), BOOL(dry_run), BOOL(read_data), I32(priority),
    I64(not_before_unix_ms), I64(deadline_unix_ms), I64(run_ms), I64(grace_ms), I32(attempts),
    I64(backoff_ms),
    F(keys, ARRAY, .other = offsetof(THIS, key_count), .max = GPMQ_KEYS_MAX, .of = &fields_key),
    ID(batch), U32(weight, 1000000000), TEXT(label, GPMQ_LABEL_MAX), TEXT(trace, GPMQ_NAME_MAX),
    I64(stall_ms),
    F(after, ARRAY, .other = offsetof(THIS, after_count), .max = GPMQ_AFTER_MAX, .of = &fields_id),
};
const struct fields fields_request = FIELDS("request", THIS, request_rows);
#undef THIS

#define THIS struct gpmq_status_msg
static const struct field status_msg_rows[] = {
    TEXT(object_path, MESSAGE_TEXT_MAX), I32(error_code), TEXT(extension_name, GPMQ_NAME_MAX),
    TEXT(settings_name, GPMQ_NAME_MAX), WORD(operation_code, words_code),
    TEXT(message, MESSAGE_TEXT_MAX),
};
static const struct fields fields_status_msg = FIELDS("status_msg", THIS, status_msg_rows);
#undef THIS

#define THIS struct gpmq_result
static const struct field result_rows[] = {
    REQUIRED(type, TEXT, .max = GPMQ_KIND_MAX), ALWAYS(overall_status, I32),
    F(properties, PROPERTIES, .other = offsetof(THIS, property_count), .max = GPMQ_PROPERTIES_MAX),
    {.key = "size", .type = FIELD_U64, .at = offsetof(THIS, data_size), .max = GPMQ_BLOB_MAX},
    DIGEST(digest),
    F(data, CONTENT, .other = offsetof(THIS, data_size), .max = GPMQ_RESULT_INLINE_MAX),
};
const struct fields fields_result = FIELDS("result", THIS, result_rows);
#undef THIS

#define THIS struct gpmq_status
static const struct field status_rows[] = {
    REQUIRED(op, ID), ID(batch), REQUIRED(seq, U64), ALWAYS(fence, U64),
    {.key = "time", .type = FIELD_I64, .at = offsetof(THIS, time_unix_ms), .always = true},
    REQUIRED(kind, WORD, .words = &words_frame_kind),
    REQUIRED(state, WORD, .words = &words_state),
    ALWAYS(progress_numerator, I32), ALWAYS(progress_denominator, I32), ALWAYS(hr_status, I32),
    ALWAYS(result, POINTER, .of = &fields_result),
    ALWAYS(status_msgs, LIST, .other = offsetof(THIS, status_msg_count),
           .max = GPMQ_STATUS_MSGS_MAX, .of = &fields_status_msg),
    WORD(reason, words_reason), U32(attempt, 0),
};
const struct fields fields_status = FIELDS("status", THIS, status_rows);
#undef THIS

#define THIS struct msg_hello
static const struct field hello_rows[] = {REQUIRED(v, U32, .max = 1000), TEXT(name, GPMQ_NAME_MAX)};
static const struct fields fields_hello = FIELDS("hello", THIS, hello_rows);
#undef THIS

#define THIS struct msg_submit
static const struct field submit_rows[] = {
    LIST(ops, op_count, MESSAGE_OPS_MAX, fields_request),
};
static const struct fields fields_submit = FIELDS("submit", THIS, submit_rows);
#undef THIS

#define THIS struct batch_item
static const struct field batch_item_rows[] = {
    REQUIRED(key, TEXT, .max = GPMQ_NAME_MAX), TEXT(gpo, GPMQ_NAME_MAX),
    TEXT(backup, GPMQ_NAME_MAX), TEXT(name, GPMQ_LABEL_MAX), TEXT(label, GPMQ_LABEL_MAX), U32(weight, 1000000000),
};
static const struct fields fields_batch_item = FIELDS("item", THIS, batch_item_rows);
#undef THIS

#define THIS struct msg_submit_batch
static const struct field submit_batch_rows[] = {
    REQUIRED(batch, ID), TEXT(label, GPMQ_LABEL_MAX), POINTER(template, fields_request),
    LIST(items, item_count, MESSAGE_OPS_MAX, fields_batch_item), BOOL(last),
};
static const struct fields fields_submit_batch = FIELDS("submit_batch", THIS, submit_batch_rows);
#undef THIS

#define THIS struct msg_cancel
static const struct field cancel_rows[] = {
    LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id), I64(grace_ms),
};
static const struct fields fields_cancel = FIELDS("cancel", THIS, cancel_rows);
#undef THIS

#define THIS struct msg_query
static const struct field query_rows[] = {LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id)};
static const struct fields fields_query = FIELDS("query", THIS, query_rows);
#undef THIS

#define THIS struct msg_list
static const struct field list_rows[] = {
    ID(after), ID(batch), BOOL(open_only), U32(limit, MESSAGE_OPS_MAX),
};
static const struct fields fields_list = FIELDS("list", THIS, list_rows);
#undef THIS

#define THIS struct watch_entry
static const struct field watch_entry_rows[] = {REQUIRED(op, ID), U64(last_seq)};
static const struct fields fields_watch_entry = FIELDS("watch", THIS, watch_entry_rows);
#undef THIS

#define THIS struct msg_watch
static const struct field watch_rows[] = {
    LIST(watches, watch_count, MESSAGE_OPS_MAX, fields_watch_entry),
};
static const struct fields fields_watch = FIELDS("watch", THIS, watch_rows);
#undef THIS

#define THIS struct msg_unwatch
static const struct field unwatch_rows[] = {LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id)};
static const struct fields fields_unwatch = FIELDS("unwatch", THIS, unwatch_rows);
#undef THIS

#define THIS struct msg_replay
static const struct field replay_rows[] = {REQUIRED(op, ID), U64(from)};
static const struct fields fields_replay = FIELDS("replay", THIS, replay_rows);
#undef THIS

#define THIS struct msg_ack
static const struct field ack_rows[] = {LIST(ids, id_count, MESSAGE_OPS_MAX, fields_id)};
static const struct fields fields_ack = FIELDS("ack", THIS, ack_rows);
#undef THIS

#define THIS struct msg_fetch
static const struct field fetch_rows[] = {REQUIRED(op, ID), U64(offset)};
static const struct fields fields_fetch = FIELDS("fetch", THIS, fetch_rows);
#undef THIS

#define THIS struct msg_put
static const struct field put_rows[] = {
    REQUIRED(digest, DIGEST), F(size, U64, .max = GPMQ_BLOB_MAX), U64(offset),
    BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
static const struct fields fields_put = FIELDS("put", THIS, put_rows);
#undef THIS

#define THIS struct msg_pong
static const struct field pong_rows[] = {U64(epoch)};
static const struct fields fields_pong = FIELDS("pong", THIS, pong_rows);
static const struct fields fields_ping = {.name = "ping", .size = sizeof(THIS)};
#undef THIS

#define THIS struct msg_welcome
static const struct field welcome_rows[] = {
    REQUIRED(v, U32, .max = 1000), U64(epoch), TEXT(status_url, 512), U32(message_max, 0),
    U32(ops_max, 0), I64(retention_ms), I64(time_unix_ms), I64(keepalive_ms),
};
static const struct fields fields_welcome = FIELDS("welcome", THIS, welcome_rows);
#undef THIS

#define THIS struct submit_answer
static const struct field submit_answer_rows[] = {
    REQUIRED(op, ID), WORD(code, words_code), BOOL(known), WORD(state, words_state),
    TEXT(text, GPMQ_ERROR_TEXT_SIZE), I64(retry_after_ms),
};
static const struct fields fields_submit_answer = FIELDS("answer", THIS, submit_answer_rows);
#undef THIS

#define THIS struct msg_submitted
static const struct field submitted_rows[] = {
    ID(batch), LIST(answers, answer_count, MESSAGE_OPS_MAX + 1, fields_submit_answer),
};
static const struct fields fields_submitted = FIELDS("submitted", THIS, submitted_rows);
#undef THIS

#define THIS struct cancel_entry
static const struct field cancel_entry_rows[] = {
    REQUIRED(op, ID), REQUIRED(disposition, WORD, .words = &words_disposition),
    WORD(state, words_state), I64(deadline_ms),
};
static const struct fields fields_cancel_entry = FIELDS("answer", THIS, cancel_entry_rows);
#undef THIS

#define THIS struct msg_cancel_answer
static const struct field cancel_answer_rows[] = {
    LIST(answers, answer_count, MESSAGE_OPS_MAX, fields_cancel_entry),
};
static const struct fields fields_cancel_answer = FIELDS("cancel_answer", THIS, cancel_answer_rows);
#undef THIS

#define THIS struct op_summary
static const struct field op_summary_rows[] = {
    REQUIRED(op, ID), ID(batch), TEXT(kind, GPMQ_KIND_MAX), TEXT(domain, GPMQ_NAME_MAX),
    TEXT(repository, GPMQ_NAME_MAX), TEXT(gpo, GPMQ_NAME_MAX), TEXT(label, GPMQ_LABEL_MAX),
    TEXT(comment, 4 * GPMQ_COMMENT_MAX), TEXT(client, GPMQ_NAME_MAX), TEXT(worker, GPMQ_NAME_MAX),
    REQUIRED(state, WORD, .words = &words_state), WORD(reason, words_reason),
    BOOL(cancel_requested), U64(seq), U64(fence), U32(attempt, 0), U32(crashes, 0),
    I64(submitted_unix_ms), I64(started_unix_ms), I64(finished_unix_ms), I32(progress_numerator),
    I32(progress_denominator), I32(hr_status), U32(total, 0), U32(succeeded, 0), U32(failed, 0),
    U32(cancelled, 0), BOOL(closed), POINTER(result, fields_result),
};
static const struct fields fields_op_summary = FIELDS("op", THIS, op_summary_rows);
#undef THIS

#define THIS struct msg_ops
static const struct field ops_rows[] = {
    LIST(ops, op_count, MESSAGE_OPS_MAX, fields_op_summary), BOOL(more),
};
static const struct fields fields_ops = FIELDS("ops", THIS, ops_rows);
#undef THIS

#define THIS struct frame_bytes
static const struct field frame_bytes_rows[] = {
    {.key = NULL, .type = FIELD_BYTES, .at = offsetof(THIS, bytes),
     .other = offsetof(THIS, bytes_size), .max = STATUS_MAX, .required = true},
};
static const struct fields fields_frame_bytes = FIELDS("frame", THIS, frame_bytes_rows);
#undef THIS

#define THIS struct msg_watching
static const struct field watching_rows[] = {
    REQUIRED(op, ID), TEXT(topic, 128), U64(seq),
    LIST(frames, frame_count, MESSAGE_FRAMES_MAX, fields_frame_bytes), BOOL(more),
};
static const struct fields fields_watching = FIELDS("watching", THIS, watching_rows);
#undef THIS

#define THIS struct msg_frames
static const struct field frames_rows[] = {
    REQUIRED(op, ID), U64(from),
    LIST(frames, frame_count, MESSAGE_FRAMES_MAX, fields_frame_bytes), BOOL(more),
};
static const struct fields fields_frames = FIELDS("frames", THIS, frames_rows);
#undef THIS

#define THIS struct msg_final
static const struct field final_rows[] = {
    REQUIRED(op, ID), REQUIRED(frame, STRUCT, .of = &fields_frame_bytes),
};
static const struct fields fields_final = FIELDS("final", THIS, final_rows);
#undef THIS

#define THIS struct msg_chunk
static const struct field chunk_rows[] = {
    REQUIRED(op, ID), U64(offset), U64(size), BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
static const struct fields fields_chunk = FIELDS("chunk", THIS, chunk_rows);
#undef THIS

#define THIS struct msg_put_ok
static const struct field put_ok_rows[] = {REQUIRED(digest, DIGEST), U64(offset)};
static const struct fields fields_put_ok = FIELDS("put_ok", THIS, put_ok_rows);
#undef THIS

#define THIS struct msg_workers
static const struct field workers_rows[] = {U64(after)};
static const struct fields fields_workers = FIELDS("workers", THIS, workers_rows);
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
static const struct fields fields_pause = FIELDS("pause", THIS, pause_rows);
#undef THIS

#define THIS struct msg_drain
static const struct field drain_rows[] = {
    REQUIRED(worker, TEXT, .max = GPMQ_NAME_MAX), BOOL(resume),
};
static const struct fields fields_drain = FIELDS("drain", THIS, drain_rows);
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
static const struct fields fields_worker_list = FIELDS("worker_list", THIS, worker_list_rows);
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
static const struct fields fields_stats_answer = FIELDS("stats_answer", THIS, stats_answer_rows);
static const struct fields fields_stats = {.name = "stats", .size = sizeof(THIS)};
#undef THIS

#define THIS struct msg_paused
static const struct field paused_rows[] = {
    LIST(pauses, pause_count, MESSAGE_PAUSES_MAX, fields_pause_item),
};
static const struct fields fields_paused = FIELDS("paused", THIS, paused_rows);
#undef THIS

#define THIS struct msg_draining
static const struct field draining_rows[] = {
    REQUIRED(worker, TEXT, .max = GPMQ_NAME_MAX), U32(leases, 0),
};
static const struct fields fields_draining = FIELDS("draining", THIS, draining_rows);
#undef THIS

#define THIS struct msg_error
static const struct field error_rows[] = {
    REQUIRED(code, WORD, .words = &words_code), TEXT(text, GPMQ_ERROR_TEXT_SIZE),
    I64(retry_after_ms),
};
static const struct fields fields_error = FIELDS("error", THIS, error_rows);
#undef THIS

#define THIS struct lease_ref
static const struct field lease_ref_rows[] = {REQUIRED(op, ID), REQUIRED(fence, U64)};
static const struct fields fields_lease_ref = FIELDS("lease", THIS, lease_ref_rows);
#undef THIS

#define THIS struct msg_worker_hello
static const struct field worker_hello_rows[] = {
    REQUIRED(v, U32, .max = 1000), REQUIRED(name, TEXT, .max = GPMQ_NAME_MAX),
    REQUIRED(incarnation, ID), U32(executors, 4096), U32(credit, 65536), NAMES(kinds),
    NAMES(domains), NAMES(repositories),
    LIST(held, held_count, MESSAGE_OPS_MAX, fields_lease_ref),
};
static const struct fields fields_worker_hello = FIELDS("worker_hello", THIS, worker_hello_rows);
#undef THIS

#define THIS struct msg_renew
static const struct field renew_rows[] = {
    REQUIRED(session, U64), LIST(held, held_count, MESSAGE_OPS_MAX, fields_lease_ref),
    BOOL(draining),
};
static const struct fields fields_renew = FIELDS("renew", THIS, renew_rows);
#undef THIS

#define THIS struct report
static const struct field report_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), U64(n), U64(after),
    REQUIRED(kind, WORD, .words = &words_report_kind), I32(progress_numerator),
    I32(progress_denominator), I32(hr_status), WORD(code, words_code), BOOL(retryable),
    LIST(status_msgs, status_msg_count, GPMQ_STATUS_MSGS_MAX, fields_status_msg),
    POINTER(result, fields_result),
};
static const struct fields fields_report = FIELDS("report", THIS, report_rows);
#undef THIS

#define THIS struct msg_report
static const struct field msg_report_rows[] = {
    REQUIRED(session, U64), LIST(reports, report_count, MESSAGE_OPS_MAX, fields_report),
};
static const struct fields fields_msg_report = FIELDS("report", THIS, msg_report_rows);
#undef THIS

#define THIS struct msg_result_chunk
static const struct field result_chunk_rows[] = {
    REQUIRED(session, U64), REQUIRED(op, ID), REQUIRED(fence, U64), REQUIRED(digest, DIGEST),
    F(size, U64, .max = GPMQ_BLOB_MAX), U64(offset), BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
static const struct fields fields_result_chunk = FIELDS("result_chunk", THIS, result_chunk_rows);
#undef THIS

#define THIS struct msg_bye
static const struct field bye_rows[] = {REQUIRED(session, U64)};
static const struct fields fields_bye = FIELDS("bye", THIS, bye_rows);
#undef THIS

#define THIS struct lease_answer
static const struct field lease_answer_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), REQUIRED(order, WORD, .words = &words_order),
    I64(grace_ms),
};
static const struct fields fields_lease_answer = FIELDS("lease", THIS, lease_answer_rows);
#undef THIS

#define THIS struct msg_worker_welcome
static const struct field worker_welcome_rows[] = {
    REQUIRED(v, U32, .max = 1000), U64(session), U64(epoch), I64(lease_ms), I64(renew_ms),
    LIST(held, held_count, MESSAGE_OPS_MAX, fields_lease_answer),
};
static const struct fields fields_worker_welcome =
    FIELDS("worker_welcome", THIS, worker_welcome_rows);
#undef THIS

#define THIS struct msg_renewed
static const struct field renewed_rows[] = {
    U64(session), LIST(held, held_count, MESSAGE_OPS_MAX, fields_lease_answer),
};
static const struct fields fields_renewed = FIELDS("renewed", THIS, renewed_rows);
#undef THIS

#define THIS struct report_ack
static const struct field report_ack_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), U64(n), WORD(order, words_order),
};
static const struct fields fields_report_ack = FIELDS("ack", THIS, report_ack_rows);
#undef THIS

#define THIS struct msg_report_ack
static const struct field msg_report_ack_rows[] = {
    U64(session), LIST(acks, ack_count, MESSAGE_OPS_MAX, fields_report_ack),
};
static const struct fields fields_msg_report_ack = FIELDS("report_ack", THIS, msg_report_ack_rows);
#undef THIS

#define THIS struct msg_result_chunk_ok
static const struct field result_chunk_ok_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), U64(offset),
};
static const struct fields fields_result_chunk_ok =
    FIELDS("result_chunk_ok", THIS, result_chunk_ok_rows);
#undef THIS

#define THIS struct assignment
static const struct field assignment_rows[] = {
    REQUIRED(fence, U64), U32(attempt, 0), REQUIRED(request, POINTER, .of = &fields_request),
};
static const struct fields fields_assignment = FIELDS("assignment", THIS, assignment_rows);
#undef THIS

#define THIS struct msg_assign
static const struct field assign_rows[] = {
    REQUIRED(session, U64),
    LIST(assignments, assignment_count, MESSAGE_OPS_MAX, fields_assignment),
};
static const struct fields fields_assign = FIELDS("assign", THIS, assign_rows);
#undef THIS

#define THIS struct msg_stop
static const struct field stop_rows[] = {
    REQUIRED(session, U64), LIST(stops, stop_count, MESSAGE_OPS_MAX, fields_lease_answer),
};
static const struct fields fields_stop = FIELDS("stop", THIS, stop_rows);
#undef THIS

#define THIS struct place
static const struct field place_rows[] = {
    REQUIRED(name, TEXT, .max = GPMQ_NAME_MAX), REQUIRED(url, TEXT, .max = MESSAGE_TEXT_MAX),
};
static const struct fields fields_place = FIELDS("place", THIS, place_rows);
#undef THIS

#define THIS struct msg_exec_start
static const struct field exec_start_rows[] = {
    REQUIRED(fence, U64), U32(attempt, 0), REQUIRED(request, POINTER, .of = &fields_request),
    LIST(domains, domain_count, MESSAGE_NAMES_MAX, fields_place),
    LIST(repositories, repository_count, MESSAGE_NAMES_MAX, fields_place),
};
static const struct fields fields_exec_start = FIELDS("exec_start", THIS, exec_start_rows);
#undef THIS

#define THIS struct msg_exec_stop
static const struct field exec_stop_rows[] = {REQUIRED(fence, U64)};
static const struct fields fields_exec_stop = FIELDS("exec_stop", THIS, exec_stop_rows);
#undef THIS

#define THIS struct msg_exec_report
static const struct field exec_report_rows[] = {
    REQUIRED(report, POINTER, .of = &fields_report),
};
static const struct fields fields_exec_report = FIELDS("exec_report", THIS, exec_report_rows);
#undef THIS

#define THIS struct msg_exec_chunk
static const struct field exec_chunk_rows[] = {
    U64(offset), BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
static const struct fields fields_exec_chunk = FIELDS("exec_chunk", THIS, exec_chunk_rows);
#undef THIS

static const struct {
    const char *name;
    const struct fields *fields;
} types[MSG_TYPE_END] = {
    [MSG_HELLO]           = {"hello",           &fields_hello},
    [MSG_SUBMIT]          = {"submit",          &fields_submit},
    [MSG_SUBMIT_BATCH]    = {"submit_batch",    &fields_submit_batch},
    [MSG_CANCEL]          = {"cancel",          &fields_cancel},
    [MSG_QUERY]           = {"query",           &fields_query},
    [MSG_LIST]            = {"list",            &fields_list},
    [MSG_WATCH]           = {"watch",           &fields_watch},
    [MSG_UNWATCH]         = {"unwatch",         &fields_unwatch},
    [MSG_REPLAY]          = {"replay",          &fields_replay},
    [MSG_ACK]             = {"ack",             &fields_ack},
    [MSG_FETCH]           = {"fetch",           &fields_fetch},
    [MSG_PUT]             = {"put",             &fields_put},
    [MSG_PING]            = {"ping",            &fields_ping},
    [MSG_WORKERS]         = {"workers",         &fields_workers},
    [MSG_STATS]           = {"stats",           &fields_stats},
    [MSG_PAUSE]           = {"pause",           &fields_pause},
    [MSG_DRAIN]           = {"drain",           &fields_drain},
    [MSG_WELCOME]         = {"welcome",         &fields_welcome},
    [MSG_SUBMITTED]       = {"submitted",       &fields_submitted},
    [MSG_CANCEL_ANSWER]   = {"cancel_answer",   &fields_cancel_answer},
    [MSG_OPS]             = {"ops",             &fields_ops},
    [MSG_WATCHING]        = {"watching",        &fields_watching},
    [MSG_FRAMES]          = {"frames",          &fields_frames},
    [MSG_FINAL]           = {"final",           &fields_final},
    [MSG_CHUNK]           = {"chunk",           &fields_chunk},
    [MSG_PUT_OK]          = {"put_ok",          &fields_put_ok},
    [MSG_PONG]            = {"pong",            &fields_pong},
    [MSG_WORKER_LIST]     = {"worker_list",     &fields_worker_list},
    [MSG_STATS_ANSWER]    = {"stats_answer",    &fields_stats_answer},
    [MSG_PAUSED]          = {"paused",          &fields_paused},
    [MSG_DRAINING]        = {"draining",        &fields_draining},
    [MSG_ERROR]           = {"error",           &fields_error},
    [MSG_WORKER_HELLO]    = {"worker_hello",    &fields_worker_hello},
    [MSG_RENEW]           = {"renew",           &fields_renew},
    [MSG_REPORT]          = {"report",          &fields_msg_report},
    [MSG_RESULT_CHUNK]    = {"result_chunk",    &fields_result_chunk},
    [MSG_BYE]             = {"bye",             &fields_bye},
    [MSG_WORKER_WELCOME]  = {"worker_welcome",  &fields_worker_welcome},
    [MSG_RENEWED]         = {"renewed",         &fields_renewed},
    [MSG_REPORT_ACK]      = {"report_ack",      &fields_msg_report_ack},
    [MSG_RESULT_CHUNK_OK] = {"result_chunk_ok", &fields_result_chunk_ok},
    [MSG_ASSIGN]          = {"assign",          &fields_assign},
    [MSG_STOP]            = {"stop",            &fields_stop},
    [MSG_EXEC_START]      = {"exec_start",      &fields_exec_start},
    [MSG_EXEC_STOP]       = {"exec_stop",       &fields_exec_stop},
    [MSG_EXEC_REPORT]     = {"exec_report",     &fields_exec_report},
    [MSG_EXEC_CHUNK]      = {"exec_chunk",      &fields_exec_chunk},
};
/* clang-format on */

const struct fields *fields_of_type(enum message_type type)
{
    return type > 0 && type < MSG_TYPE_END ? types[type].fields : NULL;
}

const char *message_type_name(enum message_type type)
{
    return type > 0 && type < MSG_TYPE_END ? types[type].name : "unknown";
}

enum message_type message_type_from_name(const char *name, size_t length)
{
    for (enum message_type type = 1; type < MSG_TYPE_END; type++)
        if (strlen(types[type].name) == length && memcmp(types[type].name, name, length) == 0)
            return type;
    return 0;
}
