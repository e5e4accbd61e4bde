/*
 * access_keys.h - the keys that a folder of *.pub files admits, and what each may do.
 */
#ifndef GPMQ_ACCESS_KEYS_H
#define GPMQ_ACCESS_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "curve.h"

struct access_keys;

/* See access_start(). */
int access_keys_load(struct access_keys **out, const char *folder,
                     struct gpmq_error *err) GPMQ_CHECKED;
void access_keys_free(struct access_keys **keys_p);

/* The key with these 32 bytes, or NULL. */
const struct curve_key *access_keys_find(const struct access_keys *keys, const uint8_t bytes[32]);
/* The key with this name, or NULL. */
const struct curve_key *access_keys_named(const struct access_keys *keys, const char *name);
/* Whether a role opens the socket of a ZAP domain. */
bool access_role_opens(enum curve_role role, const char *zap_domain);
size_t access_keys_count(const struct access_keys *keys);

#endif
