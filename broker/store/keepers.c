/* keepers.c - who keeps how many bytes. */
#include "keepers.h"

#include <stdlib.h>
#include <string.h>

struct keeper {
    struct keeper *next;
    uint64_t bytes;
    char name[];
};

static struct keeper *find(const struct keepers *keepers, const char *name)
{
    struct keeper *keeper = keepers->first;
    while (keeper && strcmp(keeper->name, name) != 0)
        keeper = keeper->next;
    return keeper;
}

static struct keeper *add(struct keepers *keepers, const char *name)
{
    struct keeper *keeper = malloc(sizeof *keeper + strlen(name) + 1);
    if (!keeper)
        return NULL;
    keeper->next = keepers->first;
    keeper->bytes = 0;
    memcpy(keeper->name, name, strlen(name) + 1);
    keepers->first = keeper;
    return keeper;
}

bool keepers_add(struct keepers *keepers, const char *name, uint64_t bytes)
{
    struct keeper *keeper = name ? find(keepers, name) : NULL;
    if (name && !keeper && !(keeper = add(keepers, name)))
        return false;
    if (keeper)
        keeper->bytes += bytes;
    keepers->all_bytes += bytes;
    return true;
}

void keepers_take(struct keepers *keepers, const char *name, uint64_t bytes)
{
    struct keeper *keeper = name ? find(keepers, name) : NULL;
    if (keeper)
        keeper->bytes -= bytes < keeper->bytes ? bytes : keeper->bytes;
    keepers->all_bytes -= bytes < keepers->all_bytes ? bytes : keepers->all_bytes;
}

uint64_t keepers_bytes(const struct keepers *keepers, const char *name)
{
    const struct keeper *keeper = name ? find(keepers, name) : NULL;
    return name ? (keeper ? keeper->bytes : 0) : keepers->all_bytes;
}

void keepers_free(struct keepers *keepers)
{
    while (keepers->first) {
        struct keeper *keeper = keepers->first;
        keepers->first = keeper->next;
        free(keeper);
    }
    keepers->all_bytes = 0;
}
