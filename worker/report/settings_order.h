/*
 * settings_order.h - which of the preferences that two lists share stand in another order.
 */
#ifndef GPMQ_SETTINGS_ORDER_H
#define GPMQ_SETTINGS_ORDER_H

#include "settings.h"

struct settings_order;

/* With room for so many pairs; NULL: no memory. */
struct settings_order *settings_order_new(size_t room);
void settings_order_free(struct settings_order **order_p);

/* Takes a setting of both lists, if its place means something. */
void settings_order_add(struct settings_order *order, const struct setting *from,
                        const struct setting *to);
/* Tells the fewest of them whose moving makes the second order of the first, area by area, in the
 * second order. The pairs are sorted by this. */
void settings_order_moved(struct settings_order *order,
                          void (*tell)(void *arg, const struct setting *from,
                                       const struct setting *to),
                          void *arg);

#endif
