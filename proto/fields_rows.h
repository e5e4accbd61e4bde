/*
 * fields_rows.h - how the tables of fields_*.c are written, and what they share.
 *
 * One file for each header of messages; the order of the rows is the order on the wire. Within a
 * table THIS is the struct that it describes.
 */
#ifndef GPMQ_FIELDS_ROWS_H
#define GPMQ_FIELDS_ROWS_H

#include "fields.h"

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
/* clang-format on */

extern const struct words words_state;
extern const struct words words_reason;
extern const struct words words_code;

/* fields_op.c */
extern const struct fields fields_id;
extern const struct fields fields_status_msg;

/* fields_client.c */
extern const struct fields fields_hello;
extern const struct fields fields_submit;
extern const struct fields fields_submit_batch;
extern const struct fields fields_cancel;
extern const struct fields fields_dead;
extern const struct fields fields_query;
extern const struct fields fields_list;
extern const struct fields fields_watch;
extern const struct fields fields_unwatch;
extern const struct fields fields_replay;
extern const struct fields fields_ack;
extern const struct fields fields_fetch;
extern const struct fields fields_put;
extern const struct fields fields_pong;
extern const struct fields fields_ping;
extern const struct fields fields_welcome;
extern const struct fields fields_submitted;
extern const struct fields fields_cancel_answer;
extern const struct fields fields_ops;
extern const struct fields fields_watching;
extern const struct fields fields_frames;
extern const struct fields fields_final;
extern const struct fields fields_chunk;
extern const struct fields fields_put_ok;
extern const struct fields fields_error;

/* fields_manage.c */
extern const struct fields fields_workers;
extern const struct fields fields_pause;
extern const struct fields fields_drain;
extern const struct fields fields_worker_list;
extern const struct fields fields_stats_answer;
extern const struct fields fields_stats;
extern const struct fields fields_paused;
extern const struct fields fields_draining;

/* fields_worker.c */
extern const struct fields fields_worker_hello;
extern const struct fields fields_renew;
extern const struct fields fields_report;
extern const struct fields fields_msg_report;
extern const struct fields fields_result_chunk;
extern const struct fields fields_bye;
extern const struct fields fields_input;
extern const struct fields fields_input_chunk;
extern const struct fields fields_worker_welcome;
extern const struct fields fields_renewed;
extern const struct fields fields_msg_report_ack;
extern const struct fields fields_result_chunk_ok;
extern const struct fields fields_assign;
extern const struct fields fields_stop;

/* fields_executor.c */
extern const struct fields fields_exec_start;
extern const struct fields fields_exec_stop;
extern const struct fields fields_exec_report;
extern const struct fields fields_exec_chunk;

#endif
