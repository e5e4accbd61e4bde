/* plugin.h - handlers from shared objects that the worker's owner has named: gpmq/handler.h. */
#ifndef GPMQ_PLUGIN_H
#define GPMQ_PLUGIN_H

#include "handler.h"

#define PLUGIN_HANDLERS_MAX 256 /* of all plug-ins */

/* Where handlers of plug-ins are kept. All zero: none yet. */
struct plugin_handlers {
    size_t count;
    struct handler items[PLUGIN_HANDLERS_MAX];
};

/* Loads one, for as long as the process lives, and adds its handlers. GPMQ_EIO: it cannot be
 * loaded, or has no `gpmq_plugin`. GPMQ_EVERSION: it is made for another version. GPMQ_EEXIST: a
 * kind has a handler already. GPMQ_EINVAL, GPMQ_ETOOBIG: it breaks the rules of gpmq/handler.h. */
int plugin_load(struct plugin_handlers *handlers, const char *path,
                struct gpmq_error *err) GPMQ_CHECKED;

#endif
