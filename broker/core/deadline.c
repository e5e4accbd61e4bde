/* deadline.c - a binary heap whose items know their places. */
#include "deadline.h"

#include <assert.h>
#include <stdlib.h>

#include "table.h"

#define ITEMS_FIRST 64

static void put(struct deadline_heap *heap, size_t place, struct deadline *deadline)
{
    heap->items[place - 1] = deadline;
    deadline->place = place;
}

static void rise(struct deadline_heap *heap, struct deadline *deadline)
{
    size_t place = deadline->place;
    for (; place > 1 && heap->items[place / 2 - 1]->at_ms > deadline->at_ms; place /= 2)
        put(heap, place, heap->items[place / 2 - 1]);
    put(heap, place, deadline);
}

static void sink(struct deadline_heap *heap, struct deadline *deadline)
{
    size_t place = deadline->place;
    for (size_t below; (below = 2 * place) <= heap->count; place = below) {
        if (below < heap->count && heap->items[below]->at_ms < heap->items[below - 1]->at_ms)
            below++;
        if (heap->items[below - 1]->at_ms >= deadline->at_ms)
            break;
        put(heap, place, heap->items[below - 1]);
    }
    put(heap, place, deadline);
}

static void add(struct deadline_heap *heap, struct deadline *deadline)
{
    if (heap->count == heap->room) {
        heap->room = heap->room ? 2 * heap->room : ITEMS_FIRST;
        heap->items = memory_grow(heap->items, heap->room * sizeof *heap->items);
    }
    heap->count++;
    put(heap, heap->count, deadline);
    rise(heap, deadline);
}

static void take_off(struct deadline_heap *heap, struct deadline *deadline)
{
    struct deadline *last = heap->items[heap->count - 1];
    heap->count--;
    if (last != deadline) {
        put(heap, deadline->place, last);
        rise(heap, last);
        sink(heap, last);
    }
    deadline->place = 0;
}

void deadline_set(struct deadline_heap *heap, struct deadline *deadline, int64_t at_ms)
{
    assert(deadline->of);
    if (deadline->place && deadline->at_ms == at_ms)
        return;
    deadline->at_ms = at_ms;
    if (at_ms == DEADLINE_NEVER) {
        if (deadline->place)
            take_off(heap, deadline);
        return;
    }
    if (!deadline->place) {
        add(heap, deadline);
        return;
    }
    rise(heap, deadline);
    sink(heap, deadline);
}

struct deadline *deadline_first(const struct deadline_heap *heap)
{
    return heap->count ? heap->items[0] : NULL;
}

void deadline_free(struct deadline_heap *heap)
{
    free(heap->items);
    *heap = (struct deadline_heap){0};
}
