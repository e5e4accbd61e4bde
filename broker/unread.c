/* unread.c - what was sent and may not have been read. */
#include "unread.h"

#include <linux/sockios.h>
#include <stdbool.h>
#include <sys/ioctl.h>

void unread_add(struct unread *unread, size_t size, uint64_t round)
{
    if (unread->bytes == 0)
        unread->since = round;
    unread->bytes += size;
    unread->sent = round;
}

size_t unread_look(struct unread *unread, uint64_t round)
{
    int queued = 0;
    if (unread->bytes == 0 || unread->fd < 0 || round <= unread->since ||
        ioctl(unread->fd, SIOCOUTQ, &queued) != 0 || queued != 0)
        return unread->bytes;
    bool all = round > unread->sent;
    unread->bytes -= all ? unread->bytes : unread->older;
    unread->older = unread->bytes;
    unread->since = round;
    return unread->bytes;
}
