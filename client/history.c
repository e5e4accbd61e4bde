/* history.c - what one follower has seen of one operation. */
#include "history.h"

static void deliver(struct history *history, uint64_t seq, enum gpmq_frame_kind kind)
{
    history->seq = seq;
    history->ended = kind == GPMQ_FRAME_FINAL;
    history->vain = 0;
    if (history->known < seq)
        history->known = seq;
}

enum history_verdict history_live(struct history *history, uint64_t seq, enum gpmq_frame_kind kind,
                                  int64_t now_ms)
{
    history->heard_ms = now_ms;
    if (history->ended || seq <= history->seq)
        return HISTORY_DROP;
    if (kind != GPMQ_FRAME_KEEPALIVE && seq == history->seq + 1) {
        deliver(history, seq, kind);
        return HISTORY_DELIVER;
    }
    if (history->known < seq)
        history->known = seq;
    return history->asked ? HISTORY_DROP : HISTORY_ASK;
}

enum history_verdict history_replayed(struct history *history, uint64_t seq,
                                      enum gpmq_frame_kind kind, int64_t now_ms)
{
    history->heard_ms = now_ms;
    if (history->ended || seq <= history->seq || kind == GPMQ_FRAME_KEEPALIVE)
        return HISTORY_DROP;
    deliver(history, seq, kind);
    return HISTORY_DELIVER;
}

bool history_answered(struct history *history, uint64_t newest, bool more, int64_t now_ms)
{
    bool brought = history->seq > history->asked_seq;
    history->heard_ms = now_ms;
    history->asked = false;
    if (history->ended)
        return false;
    if (brought)
        return more || history->known > history->seq || newest > history->seq;
    history->known = history->seq;
    if (history->vain < HISTORY_VAIN_MAX)
        history->vain++;
    return false;
}

void history_asked(struct history *history, int64_t now_ms)
{
    history->asked = true;
    history->asked_seq = history->seq;
    history->asked_ms = now_ms;
}

void history_reconnected(struct history *history)
{
    history->asked = false;
    history->vain = 0;
}

bool history_due(const struct history *history, int64_t keepalive_ms, int64_t now_ms)
{
    if (history->ended)
        return false;
    if (history->asked)
        return now_ms - history->asked_ms >= HISTORY_REASK_MS;
    int64_t patience_ms = keepalive_ms * HISTORY_SILENCE_PERIODS << history->vain;
    return now_ms - history->heard_ms >= patience_ms;
}
