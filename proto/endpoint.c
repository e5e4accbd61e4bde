/* endpoint.c - what a ZeroMQ address says. */
#include "endpoint.h"

#include <string.h>

bool endpoint_is_private(const char *url)
{
    static const char *const beginnings[] = {
        "ipc://",
        "inproc://",
        "tcp://[::1]:",
        "tcp://localhost:",
    };
    for (unsigned i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (strncmp(url, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    /* 127.a.b.c:port, and not a name that begins so. */
    if (strncmp(url, "tcp://127.", 10) != 0)
        return false;
    const char *port = strchr(url + 10, ':');
    return port && strspn(url + 10, "0123456789.") == (size_t)(port - url - 10);
}
