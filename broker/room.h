/*
 * room.h - refusal before the disk is full.
 *
 * A commit that finds no space ends the broker. So when less than a reserve is left, new operations
 * and new content are refused (GPMQ_EFULL), and the reserve is for what was accepted: its
 * assignments, frames, results and cancels. The content of results may have half of it: the rest is
 * for what is small and must be said.
 */
#ifndef GPMQ_ROOM_H
#define GPMQ_ROOM_H

#include "parts.h"

#define ROOM_RETRY_MS 5000 /* when a client may ask again */

/* Asks the store what is left and tells the core; logs when it becomes too little, and when it is
 * enough again. */
step_fn room_look;

#endif
