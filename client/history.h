/*
 * history.h - what one follower has seen of one operation, and what it still has to ask for.
 *
 * Pure: no socket, no clock. The broker numbers the frames of an operation from 1 without gaps;
 * they may be lost, doubled and reordered on the way. Whoever delivers the frames for which
 * history says so, and asks where it says so, ends with the same history as one who lost nothing.
 */
#ifndef GPMQ_HISTORY_H
#define GPMQ_HISTORY_H

#include "gpmq/op.h"

#define HISTORY_REASK_MS        1000 /* an open question is put again after this */
#define HISTORY_SILENCE_PERIODS 3    /* nothing heard for so many keepalive periods: ask */
#define HISTORY_VAIN_MAX        3    /* each question in vain doubles that, up to so often */

/* Zero is a history that has seen nothing. */
struct history {
    uint64_t seq;       /* newest frame delivered */
    uint64_t known;     /* newest frame that is known to exist */
    bool ended;         /* the final frame was delivered: nothing comes after it */
    bool asked;         /* a question is open */
    uint64_t asked_seq; /* what seq was when it was put */
    int64_t asked_ms;   /* when it was put */
    int64_t heard_ms;   /* last sign of life */
    unsigned vain;      /* questions in a row that brought nothing */
};

enum history_verdict {
    HISTORY_DELIVER = 1, /* it is the next one: hand it to the callback */
    HISTORY_DROP,        /* seen already, has no number of its own, or will come with an answer */
    HISTORY_ASK          /* do not deliver: something before it is missing; ask from seq + 1 on */
};

/* A frame has come by itself: published, or as a final on the control socket. */
enum history_verdict history_live(struct history *history, uint64_t seq, enum gpmq_frame_kind kind,
                                  int64_t now_ms);
/* A frame has come in an answer. The broker gives what it has, in order: a hole before it is one
 * that nobody can fill any more (old progress), and is stepped over. Never HISTORY_ASK. */
enum history_verdict history_replayed(struct history *history, uint64_t seq,
                                      enum gpmq_frame_kind kind, int64_t now_ms);
/* All frames of an answer were given to history_replayed(). newest: the newest frame that there is
 * (0: it does not say); more: it holds only the first part. Returns whether to ask on at once. An
 * answer without anything new is the end of asking: what is missing is no longer kept. */
bool history_answered(struct history *history, uint64_t newest, bool more, int64_t now_ms);
/* A question has left: "what is there after seq?" */
void history_asked(struct history *history, int64_t now_ms);
/* The connection or the broker is a new one: what was asked will not be answered. */
void history_reconnected(struct history *history);
/* Whether to ask now although nothing came: an answer is overdue, or it has been silent. */
bool history_due(const struct history *history, int64_t keepalive_ms, int64_t now_ms);

#endif
