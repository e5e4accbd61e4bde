/*
 * fake_broker.h - a scripted broker for tests of the client: ROUTER and XPUB in a thread.
 *
 * It numbers and keeps the frames of its operations like a real one, and can be told to lose,
 * double or swap what it publishes, to say nothing, and to start anew.
 */
#ifndef GPMQ_FAKE_BROKER_H
#define GPMQ_FAKE_BROKER_H

#include "codec.h"

#define FAKE_FRAMES 40 /* of each operation: the last one is final */

/* What it does wrong. */
struct fake_faults {
    bool mute;             /* answers nothing */
    unsigned lose_answers; /* so many requests after the welcome get no answer */
    bool publish_nothing;  /* all status frames are lost */
    bool lose_some;        /* every third is lost */
    bool double_some;      /* every second comes twice */
    bool swap_some;        /* every fourth comes after the fifth */
    bool refuse;           /* submits are answered with `full` */
    bool unknown;          /* knows no operation */
    bool restart;          /* after half of the frames: sockets closed, bound again, epoch + 1 */
    bool final_on_control; /* the final frame comes only there */
};

struct fake_broker;

/* Starts it at control and status (ipc addresses). */
struct fake_broker *fake_broker_start(const char *control, const char *status,
                                      const struct fake_faults *faults);
/* Stops it. Takes NULL, leaves NULL. */
void fake_broker_stop(struct fake_broker **broker_p);
/* How many requests of a type have come. */
unsigned fake_broker_count(const struct fake_broker *broker, enum message_type type);

#endif
