/* answer_queue.h - answers about the queue itself: its workers and its numbers. */
#ifndef GPMQ_ANSWER_QUEUE_H
#define GPMQ_ANSWER_QUEUE_H

#include "questions.h"

void answer_workers(struct parts *parts, const struct question *question);
void answer_stats(struct parts *parts, const struct question *question);

#endif
