/*
 * message_limits.h - how large a message may be, and what all of them share.
 */
#ifndef GPMQ_MESSAGE_LIMITS_H
#define GPMQ_MESSAGE_LIMITS_H

#include "gpmq/op.h"

#define PROTOCOL_VERSION 1

/* Sizes, in bytes, of whole messages: what is longer is not looked at. */
#define MESSAGE_MAX (1u << 20)  /* control and worker sockets */
#define STATUS_MAX  (64u << 10) /* one status frame */

#define MESSAGE_OPS_MAX    1000 /* requests, answers, reports, leases in one message */
#define MESSAGE_FRAMES_MAX 256  /* status frames in one reply */
#define MESSAGE_PAUSES_MAX 64   /* pauses in force */
#define MESSAGE_NAMES_MAX  64   /* kinds, domains, repositories of a worker */
#define MESSAGE_DEPTH_MAX  8    /* nested maps and arrays */
#define MESSAGE_TEXT_MAX   4096 /* bytes of a message's text, a path, an error */
#define MESSAGE_VALUE_MAX  4096 /* bytes of a result's property */

struct name_list {
    uint32_t count;
    const char **items;
};

#endif
