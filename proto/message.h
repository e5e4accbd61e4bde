/*
 * message.h - every message of the protocol as a struct, its limits beside its fields.
 *
 * docs/protocol.md is the contract; fields_*.c are the same as tables, which encode.c and decode.c
 * follow. A body is one MessagePack map; keys are the names of the fields here. The structs are in
 * one header for each pair of speakers, all of which this one includes.
 *
 * Owning. A decoded message points into the arena it was decoded with. A message to be encoded
 *         points wherever its maker likes.
 * Lists.  `count` and an array of structs; at most what the comment beside it says.
 */
#ifndef GPMQ_MESSAGE_H
#define GPMQ_MESSAGE_H

#include "message_limits.h"
#include "message_client.h"
#include "message_manage.h"
#include "message_worker.h"
#include "message_executor.h"

enum message_type {
    /* client to broker, on the control socket */
    MSG_HELLO = 1,
    MSG_SUBMIT,
    MSG_SUBMIT_BATCH,
    MSG_CANCEL,
    MSG_DEAD,
    MSG_QUERY,
    MSG_LIST,
    MSG_WATCH,
    MSG_UNWATCH,
    MSG_REPLAY,
    MSG_ACK,
    MSG_FETCH,
    MSG_PUT,
    MSG_PING,
    MSG_WORKERS,
    MSG_STATS,
    MSG_PAUSE,
    MSG_DRAIN,
    /* broker to client */
    MSG_WELCOME,
    MSG_SUBMITTED,
    MSG_CANCEL_ANSWER,
    MSG_OPS,
    MSG_WATCHING,
    MSG_FRAMES,
    MSG_FINAL,
    MSG_CHUNK,
    MSG_PUT_OK,
    MSG_PONG,
    MSG_WORKER_LIST,
    MSG_STATS_ANSWER,
    MSG_PAUSED,
    MSG_DRAINING,
    MSG_ERROR,
    /* worker to broker */
    MSG_WORKER_HELLO,
    MSG_RENEW,
    MSG_REPORT,
    MSG_RESULT_CHUNK,
    MSG_BYE,
    MSG_INPUT,
    /* broker to worker */
    MSG_WORKER_WELCOME,
    MSG_RENEWED,
    MSG_REPORT_ACK,
    MSG_RESULT_CHUNK_OK,
    MSG_INPUT_CHUNK,
    MSG_ASSIGN,
    MSG_STOP,
    /* between a worker and its executors (a socketpair) */
    MSG_EXEC_START,
    MSG_EXEC_STOP,
    MSG_EXEC_REPORT,
    MSG_EXEC_CHUNK,
    MSG_TYPE_END
};

struct message {
    enum message_type type;
    uint64_t req; /* number of a request; a reply repeats it; 0: belongs to no request */
    union {
        struct msg_hello hello;
        struct msg_submit submit;
        struct msg_submit_batch submit_batch;
        struct msg_cancel cancel;
        struct msg_dead dead;
        struct msg_query query;
        struct msg_list list;
        struct msg_watch watch;
        struct msg_unwatch unwatch;
        struct msg_replay replay;
        struct msg_ack ack;
        struct msg_fetch fetch;
        struct msg_put put;
        struct msg_welcome welcome;
        struct msg_submitted submitted;
        struct msg_cancel_answer cancel_answer;
        struct msg_ops ops;
        struct msg_watching watching;
        struct msg_frames frames;
        struct msg_final final;
        struct msg_chunk chunk;
        struct msg_put_ok put_ok;
        struct msg_pong pong;
        struct msg_workers workers;
        struct msg_pause pause;
        struct msg_drain drain;
        struct msg_worker_list worker_list;
        struct msg_stats_answer stats_answer;
        struct msg_paused paused;
        struct msg_draining draining;
        struct msg_error error;
        struct msg_worker_hello worker_hello;
        struct msg_renew renew;
        struct msg_report report;
        struct msg_result_chunk result_chunk;
        struct msg_bye bye;
        struct msg_input input;
        struct msg_input_chunk input_chunk;
        struct msg_worker_welcome worker_welcome;
        struct msg_renewed renewed;
        struct msg_report_ack report_ack;
        struct msg_result_chunk_ok result_chunk_ok;
        struct msg_assign assign;
        struct msg_stop stop;
        struct msg_exec_start exec_start;
        struct msg_exec_stop exec_stop;
        struct msg_exec_report exec_report;
        struct msg_exec_chunk exec_chunk;
    };
};

/* The word for a type, as in the body's "type": "submit". Unknown: "unknown". */
const char *message_type_name(enum message_type type);

#endif
