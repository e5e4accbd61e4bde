/*
 * contents.h - large content: what clients put, what results have, and how much of it is kept.
 *
 * A piece of content is the client's who put it, or whose operation had it as its result. Who keeps
 * as much as he may can put nothing more and submit nothing more, until the retention has removed
 * some of it; the results of what was accepted are taken all the same.
 */
#ifndef GPMQ_CONTENTS_H
#define GPMQ_CONTENTS_H

#include "parts.h"

#define CONTENTS_RETRY_MS 60000 /* as often as the retention looks */

/* Answers MSG_PUT. GPMQ_EFULL: the disk, the client or all of them have as much as they may. */
void contents_put(struct parts *parts, const struct question *question);
/* Takes a piece of a result, MSG_RESULT_CHUNK. GPMQ_EFULL: half of the disk's reserve is used up:
 * the worker sends it again. */
void contents_take_chunk(struct parts *parts, const struct peer *peer, struct message *message);
/* Answers MSG_INPUT with a piece of the input of an operation that has that fence. */
void contents_give_input(struct parts *parts, const struct peer *peer, struct message *message);
/* Refuses a submit of what has an input that is not all here, and says so: true. */
bool contents_miss_input(struct parts *parts, const struct peer *peer,
                         const struct message *message);
/* Refuses a submit of somebody who keeps too much, and says so: true. */
bool contents_refuse(struct parts *parts, const struct peer *peer, const struct message *message);

#endif
