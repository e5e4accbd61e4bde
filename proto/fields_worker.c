/* fields_worker.c - the messages of message_worker.h, field by field. */
#include "fields_rows.h"

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

static const struct words words_report_kind = {report_kind_name, 1, REPORT_KIND_END, false};
static const struct words words_order = {lease_order_name, 1, LEASE_ORDER_END, false};

/* clang-format off */
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
const struct fields fields_worker_hello = FIELDS("worker_hello", THIS, worker_hello_rows);
#undef THIS

#define THIS struct msg_renew
static const struct field renew_rows[] = {
    REQUIRED(session, U64), LIST(held, held_count, MESSAGE_OPS_MAX, fields_lease_ref),
    BOOL(draining), U64(newest),
};
const struct fields fields_renew = FIELDS("renew", THIS, renew_rows);
#undef THIS

#define THIS struct report
static const struct field report_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), U64(n), U64(after),
    REQUIRED(kind, WORD, .words = &words_report_kind), I32(progress_numerator),
    I32(progress_denominator), I32(hr_status), WORD(code, words_code), BOOL(retryable),
    LIST(status_msgs, status_msg_count, GPMQ_STATUS_MSGS_MAX, fields_status_msg),
    POINTER(result, fields_result),
};
const struct fields fields_report = FIELDS("report", THIS, report_rows);
#undef THIS

#define THIS struct msg_report
static const struct field msg_report_rows[] = {
    REQUIRED(session, U64), LIST(reports, report_count, MESSAGE_OPS_MAX, fields_report),
};
const struct fields fields_msg_report = FIELDS("report", THIS, msg_report_rows);
#undef THIS

#define THIS struct msg_result_chunk
static const struct field result_chunk_rows[] = {
    REQUIRED(session, U64), REQUIRED(op, ID), REQUIRED(fence, U64), REQUIRED(digest, DIGEST),
    F(size, U64, .max = GPMQ_BLOB_MAX), U64(offset), BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
const struct fields fields_result_chunk = FIELDS("result_chunk", THIS, result_chunk_rows);
#undef THIS

#define THIS struct msg_bye
static const struct field bye_rows[] = {REQUIRED(session, U64)};
const struct fields fields_bye = FIELDS("bye", THIS, bye_rows);
#undef THIS

#define THIS struct msg_input
static const struct field input_rows[] = {REQUIRED(op, ID), REQUIRED(fence, U64), U64(offset)};
const struct fields fields_input = FIELDS("input", THIS, input_rows);
#undef THIS

#define THIS struct msg_input_chunk
static const struct field input_chunk_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), U64(offset), F(size, U64, .max = GPMQ_BLOB_MAX),
    BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
const struct fields fields_input_chunk = FIELDS("input_chunk", THIS, input_chunk_rows);
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
const struct fields fields_worker_welcome =
    FIELDS("worker_welcome", THIS, worker_welcome_rows);
#undef THIS

#define THIS struct msg_renewed
static const struct field renewed_rows[] = {
    U64(session), LIST(held, held_count, MESSAGE_OPS_MAX, fields_lease_answer),
};
const struct fields fields_renewed = FIELDS("renewed", THIS, renewed_rows);
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
const struct fields fields_msg_report_ack = FIELDS("report_ack", THIS, msg_report_ack_rows);
#undef THIS

#define THIS struct msg_result_chunk_ok
static const struct field result_chunk_ok_rows[] = {
    REQUIRED(op, ID), REQUIRED(fence, U64), U64(offset),
};
const struct fields fields_result_chunk_ok =
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
const struct fields fields_assign = FIELDS("assign", THIS, assign_rows);
#undef THIS

#define THIS struct msg_stop
static const struct field stop_rows[] = {
    REQUIRED(session, U64), LIST(stops, stop_count, MESSAGE_OPS_MAX, fields_lease_answer),
};
const struct fields fields_stop = FIELDS("stop", THIS, stop_rows);
#undef THIS
/* clang-format on */
