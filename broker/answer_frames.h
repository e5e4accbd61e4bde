/*
 * answer_frames.h - answers about status frames: following, catching up, acknowledging.
 */
#ifndef GPMQ_ANSWER_FRAMES_H
#define GPMQ_ANSWER_FRAMES_H

#include "questions.h"

/* One MSG_WATCHING for each operation asked for; seq 0 and no topic: there is no such operation. */
void answer_watch(struct parts *parts, const struct question *question);
void answer_unwatch(struct parts *parts, const struct question *question);
void answer_replay(struct parts *parts, const struct question *question);
/* Takes no answer: the final frame has arrived. */
void answer_ack(struct parts *parts, const struct question *question);

#endif
