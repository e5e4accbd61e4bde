/* fields.c - the table of message types: the word of each and the fields of its body. */
#include "fields_rows.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *name;
    const struct fields *fields;
} types[MSG_TYPE_END] = {
    [MSG_HELLO]           = {"hello",           &fields_hello},
    [MSG_SUBMIT]          = {"submit",          &fields_submit},
    [MSG_SUBMIT_BATCH]    = {"submit_batch",    &fields_submit_batch},
    [MSG_CANCEL]          = {"cancel",          &fields_cancel},
    [MSG_DEAD]            = {"dead",            &fields_dead},
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
    [MSG_INPUT]           = {"input",           &fields_input},
    [MSG_WORKER_WELCOME]  = {"worker_welcome",  &fields_worker_welcome},
    [MSG_RENEWED]         = {"renewed",         &fields_renewed},
    [MSG_REPORT_ACK]      = {"report_ack",      &fields_msg_report_ack},
    [MSG_RESULT_CHUNK_OK] = {"result_chunk_ok", &fields_result_chunk_ok},
    [MSG_INPUT_CHUNK]     = {"input_chunk",     &fields_input_chunk},
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
