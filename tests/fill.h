/*
 * fill.h - fills any message from the tables of fields.h, the same way every time, so that no field
 * is forgotten by a test.
 */
#ifndef GPMQ_FILL_H
#define GPMQ_FILL_H

#include "codec.h"
#include "fields.h"

/* Every field gets a value that tells its place; lists get two items. */
void fill_struct(struct arena *arena, const struct fields *fields, void *object);
/* A message of that type with every field filled. */
struct message fill_message(struct arena *arena, enum message_type type);

#endif
