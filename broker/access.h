/*
 * access.h - which key may connect to which socket: a ZAP handler (RFC 27) of our own.
 *
 * The keys are the *.pub files of one folder, each with a `name` and a `role`. A role opens
 * sockets:
 *
 *     client   control, status
 *     admin    control, status; may also cancel what others submitted
 *     worker   worker
 *
 * It fails closed: a key that is not there, a role that does not fit, an address without CURVE, and
 * every connection while the handler does not run are refused. What it admits carries the key's
 * name as User-Id. The handler has a thread of its own; the functions here are for the loop's.
 */
#ifndef GPMQ_ACCESS_H
#define GPMQ_ACCESS_H

#include <stdbool.h>

#include "gpmq/error.h"

#define ACCESS_KEYS_MAX 4096

/* ZAP domains, one for each socket. */
#define ACCESS_CONTROL "control"
#define ACCESS_WORKER  "worker"
#define ACCESS_STATUS  "status"

struct access;

/* Reads the keys and starts the handler in the process's one context; before any socket binds.
 * folder NULL: no keys, nobody connects by CURVE. GPMQ_ENOTFOUND: no such folder. GPMQ_EACCESS:
 * anybody may write to it. GPMQ_EMALFORMED
 * and GPMQ_EINVAL name a key file that is wrong, has no name or no role, or a name that is twice.
 */
int access_start(struct access **out, void *context, const char *folder,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* Reads the keys anew; from then on these count. What access_start() says: the ones before stay. */
int access_reload(struct access *access, const char *folder, struct gpmq_error *err) GPMQ_CHECKED;
/* Whether the newest keys have no longer the key and role of that name that those before had. */
bool access_changed(const void *access, const char *user);
/* Whether there is a key of that name, and it may speak on a socket (a ZAP domain). */
bool access_admits(const void *access, const char *user, const char *socket);
/* Stops the handler. Takes NULL, leaves NULL. */
void access_stop(struct access **access_p);

/* Whether the key of that name has the role admin. Without keys everybody is ("local"). */
bool access_is_admin(const void *access, const char *user);

#endif
