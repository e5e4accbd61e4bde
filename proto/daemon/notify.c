/* notify.c - a datagram to the service manager. */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"

#define WATCHDOG_MAX_USEC (INT64_C(24) * 3600 * 1000000)
#define USEC_PER_MS       1000

struct notify_place notify_environment(void)
{
    struct notify_place place = {.socket = getenv("NOTIFY_SOCKET"),
                                 .watchdog_usec = getenv("WATCHDOG_USEC"),
                                 .watchdog_pid = getenv("WATCHDOG_PID")};
    unsetenv("NOTIFY_SOCKET"); /* the text itself stays where it is */
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return place;
}

/* ---- where to -------------------------------------------------------------------------------- */

/* A socket connected to the place, or -1. */
static int connect_to(const char *place)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = place ? strlen(place) : 0;
    if (length < 2 || length >= sizeof address.sun_path || (*place != '/' && *place != '@'))
        return -1;
    memcpy(address.sun_path, place, length);
    if (*place == '@')
        address.sun_path[0] = '\0';
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, size) != 0)
        return -1;
    return steal_fd(&fd);
}

/* A number from 1 to most, or 0. */
static int64_t number(const char *text, int64_t most)
{
    char *end;
    if (!text || *text < '0' || *text > '9')
        return 0;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno || *end || value > most ? 0 : value;
}

static int64_t watchdog_ms(const struct notify_place *place)
{
    if (place->watchdog_pid && number(place->watchdog_pid, INT32_MAX) != getpid())
        return 0;
    return number(place->watchdog_usec, WATCHDOG_MAX_USEC) / USEC_PER_MS;
}

void notify_open(struct notify *notify, const struct notify_place *place)
{
    *notify = (struct notify){.fd = connect_to(place->socket), .due_ms = INT64_MAX};
    if (notify->fd >= 0)
        notify->every_ms = watchdog_ms(place) / 2;
    if (notify->every_ms)
        notify->due_ms = 0;
}

void notify_close(struct notify *notify)
{
    close_fd(&notify->fd);
    notify->due_ms = INT64_MAX;
}

/* ---- what ------------------------------------------------------------------------------------ */

static void send_text(const struct notify *notify, const char *text)
{
    if (notify && notify->fd >= 0)
        (void)!send(notify->fd, text, strlen(text), MSG_NOSIGNAL);
}

void notify_ready(struct notify *notify)
{
    send_text(notify, "READY=1");
}

void notify_stopping(struct notify *notify)
{
    send_text(notify, "STOPPING=1");
}

void notify_status(struct notify *notify, const char *text)
{
    char line[NOTIFY_TEXT_MAX];
    snprintf(line, sizeof line, "STATUS=%s", text);
    line[strcspn(line, "\n")] = '\0'; /* what follows would be an assignment of its own */
    send_text(notify, line);
}

void notify_tick(struct notify *notify, int64_t now_ms)
{
    if (!notify || now_ms < notify->due_ms)
        return;
    send_text(notify, "WATCHDOG=1");
    notify->due_ms = now_ms + notify->every_ms;
}

int64_t notify_next_ms(const struct notify *notify)
{
    return notify ? notify->due_ms : INT64_MAX;
}
