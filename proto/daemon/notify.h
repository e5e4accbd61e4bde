/*
 * notify.h - what a daemon tells the service manager that started it (systemd, Type=notify): a
 * datagram to the socket that $NOTIFY_SOCKET names, as sd_notify(3) describes.
 *
 *     CLEANUP(notify_close) struct notify notify;
 *     notify_open(&notify, &(struct notify_place){getenv("NOTIFY_SOCKET"), ...});
 *     notify_ready(&notify);
 *     ... in the loop: notify_tick(&notify, now_ms); wait no longer than notify_next_ms(&notify)
 *     notify_stopping(&notify);
 *
 * All of them do nothing where nobody wants to know, and take NULL. Nothing here fails: a manager
 * that does not listen is no reason to stop.
 */
#ifndef GPMQ_NOTIFY_H
#define GPMQ_NOTIFY_H

#include <stdint.h>

#define NOTIFY_TEXT_MAX 256 /* bytes of one datagram */

/* What the environment says; text, or NULL. */
struct notify_place {
    const char *socket;        /* $NOTIFY_SOCKET: "/path", or "@name" for an abstract one */
    const char *watchdog_usec; /* $WATCHDOG_USEC: silent for so long, we are taken for dead */
    const char *watchdog_pid;  /* $WATCHDOG_PID: whom it means; NULL: everybody */
};

struct notify {
    int fd;           /* connected; -1: nobody wants to know */
    int64_t every_ms; /* half of the watchdog's time; 0: no watchdog */
    int64_t due_ms;   /* of the next sign of life; INT64_MAX: never */
};

/* Takes the three variables from the environment, and out of it: children do not speak for us. */
struct notify_place notify_environment(void);

/* Text that is no place or no number is as if it were not there. */
void notify_open(struct notify *notify, const struct notify_place *place);
void notify_close(struct notify *notify);

/* It has started, and serves. */
void notify_ready(struct notify *notify);
/* It has been told to end, and does so; the watchdog goes on. */
void notify_stopping(struct notify *notify);
/* One line for `systemctl status`. */
void notify_status(struct notify *notify, const char *text);

/* A sign of life, when one is due. */
void notify_tick(struct notify *notify, int64_t now_ms);
/* When to tick next. */
int64_t notify_next_ms(const struct notify *notify);

#endif
