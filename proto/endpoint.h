/*
 * endpoint.h - what a ZeroMQ address says: who can reach it.
 */
#ifndef GPMQ_ENDPOINT_H
#define GPMQ_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_MAX 256 /* bytes of an address, with NUL */

/* Whether only this machine's own processes can reach it: ipc, inproc, and TCP on 127.0.0.0/8,
 * [::1] or localhost. Such an address may go without keys. */
bool endpoint_is_private(const char *url);

#endif
