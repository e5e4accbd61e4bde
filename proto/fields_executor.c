/* fields_executor.c - the messages of message_executor.h, field by field. */
#include "fields_rows.h"

/* clang-format off */
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
const struct fields fields_exec_start = FIELDS("exec_start", THIS, exec_start_rows);
#undef THIS

#define THIS struct msg_exec_stop
static const struct field exec_stop_rows[] = {REQUIRED(fence, U64)};
const struct fields fields_exec_stop = FIELDS("exec_stop", THIS, exec_stop_rows);
#undef THIS

#define THIS struct msg_exec_report
static const struct field exec_report_rows[] = {
    REQUIRED(report, POINTER, .of = &fields_report),
};
const struct fields fields_exec_report = FIELDS("exec_report", THIS, exec_report_rows);
#undef THIS

#define THIS struct msg_exec_chunk
static const struct field exec_chunk_rows[] = {
    U64(offset), BYTES(bytes, bytes_size, GPMQ_BLOB_CHUNK),
};
const struct fields fields_exec_chunk = FIELDS("exec_chunk", THIS, exec_chunk_rows);
#undef THIS
/* clang-format on */
