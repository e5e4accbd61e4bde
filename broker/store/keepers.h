/*
 * keepers.h - who keeps how many bytes: a short list, as long as there are keys.
 */
#ifndef GPMQ_KEEPERS_H
#define GPMQ_KEEPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keeper;
struct keepers {
    struct keeper *first;
    uint64_t all_bytes; /* also of nobody in particular */
};

/* name NULL: nobody's. false: no memory, and nothing was counted. */
bool keepers_add(struct keepers *keepers, const char *name, uint64_t bytes);
void keepers_take(struct keepers *keepers, const char *name, uint64_t bytes);
uint64_t keepers_bytes(const struct keepers *keepers, const char *name);
void keepers_free(struct keepers *keepers);

#endif
