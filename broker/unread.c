/* unread.c - what was sent and may not have been read. */
#include "unread.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

void unread_add(struct unread *unread, size_t size, int64_t now_ms)
{
    unread->bytes += size;
    unread->sent_ms = now_ms;
}

size_t unread_look(struct unread *unread, int64_t now_ms)
{
    int queued = 0;
    if (unread->bytes && unread->fd >= 0 && now_ms - unread->sent_ms >= UNREAD_SETTLE_MS &&
        ioctl(unread->fd, SIOCOUTQ, &queued) == 0 && queued == 0)
        unread->bytes = 0;
    return unread->bytes;
}
