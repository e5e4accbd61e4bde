/*
 * questions.h - what clients ask of the store: operations, frames, contents.
 */
#ifndef GPMQ_QUESTIONS_H
#define GPMQ_QUESTIONS_H

#include "parts.h"

#define ANSWER_BYTES_MAX (MESSAGE_MAX * 3 / 4) /* of lists and frames in one answer */

/* Answers one question into the outbox: HELLO, PING, QUERY, LIST, WATCH, UNWATCH, REPLAY, ACK,
 * FETCH, PUT. Sets parts->stop_code if the store failed. */
void questions_answer(struct parts *parts, const struct question *question);

/* Whether the round has memory for more answers; and what is said when it has not. */
bool questions_have_room(const struct parts *parts);
void questions_crowd(struct parts *parts, const struct question *question);

/* For answer_*.c: sends a reply to who asked; sends an error, and ends the loop if the store
 * failed. */
void questions_reply(struct parts *parts, const struct question *question, struct message *reply);
void questions_fail(struct parts *parts, const struct question *question,
                    const struct gpmq_error *why);

#endif
