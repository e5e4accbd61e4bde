/*
 * revoke.h - keys that were taken away: their connections end, on every socket.
 */
#ifndef GPMQ_REVOKE_H
#define GPMQ_REVOKE_H

#include "parts.h"

/* Ends the connections of every user that `parts->changed` names: its key is gone, is another now,
 * or has another role. Who has a new one connects again with that. */
void revoke_changed(struct parts *parts);

#endif
