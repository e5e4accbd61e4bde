/* arena.c - memory of decoded messages. */
#include <stdlib.h>
#include <string.h>

#include "codec.h"

#define ARENA_BLOCK 16384

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

void *arena_take(struct arena *arena, size_t size_bytes)
{
    size_t align = _Alignof(max_align_t);
    size_t limit = arena->limit_bytes ? arena->limit_bytes : ARENA_DEFAULT_MAX;
    if (size_bytes > limit)
        return NULL;
    size_bytes = (size_bytes + align - 1) / align * align;
    if (arena->used_bytes + size_bytes > limit)
        return NULL;

    struct arena_block *block = arena->block;
    if (!block || block->size - block->used < size_bytes) {
        size_t size = size_bytes > ARENA_BLOCK ? size_bytes : ARENA_BLOCK;
        block = malloc(sizeof *block + size);
        if (!block)
            return NULL;
        *block = (struct arena_block){.next = arena->block, .size = size};
        arena->block = block;
    }
    void *taken = block->bytes + block->used;
    block->used += size_bytes;
    arena->used_bytes += size_bytes;
    return memset(taken, 0, size_bytes);
}

char *arena_text(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = arena_take(arena, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void arena_reset(struct arena *arena)
{
    while (arena->block && arena->block->next) {
        struct arena_block *block = arena->block;
        arena->block = block->next;
        free(block);
    }
    if (arena->block)
        arena->block->used = 0;
    arena->used_bytes = 0;
}

void arena_free(struct arena *arena)
{
    arena_reset(arena);
    free(arena->block);
    arena->block = NULL;
}
