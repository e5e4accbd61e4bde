/* recent.c - requests that were submitted lately. */
#include "recent.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"

struct slot {
    struct gpmq_id id;
    size_t size; /* 0: empty */
    uint8_t bytes[RECENT_REQUEST];
};

struct recent {
    struct slot slots[RECENT_SLOTS];
};

struct recent *recent_new(void)
{
    return memory_take(sizeof(struct recent));
}

void recent_free(struct recent **recent_p)
{
    free(*recent_p);
    *recent_p = NULL;
}

/* The last bytes of an id are random; who chooses them badly only shares slots. */
static size_t slot_of(const struct gpmq_id *id)
{
    uint16_t last;
    memcpy(&last, id->bytes + sizeof id->bytes - sizeof last, sizeof last);
    return last & (RECENT_SLOTS - 1);
}

void recent_add(struct recent *recent, const struct gpmq_id *id, struct store_bytes request)
{
    struct slot *slot = &recent->slots[slot_of(id)];
    slot->size = request.size <= sizeof slot->bytes ? request.size : 0;
    slot->id = *id;
    if (slot->size)
        memcpy(slot->bytes, request.bytes, slot->size);
}

struct store_bytes recent_find(const struct recent *recent, const struct gpmq_id *id)
{
    const struct slot *slot = &recent->slots[slot_of(id)];
    bool here = slot->size && gpmq_id_equal(&slot->id, id);
    return here ? (struct store_bytes){slot->bytes, slot->size} : (struct store_bytes){0};
}
