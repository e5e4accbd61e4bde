#include "settings_order.h"

#include <string.h>

#include "cleanup.h"

/* A pair is kept in place when it is in the longest run that rises in both orders: found by
 * patience sorting, in n log n. */
struct pair {
    const struct setting *from, *to;
    size_t before; /* the pair before it in the best run that ends here; SIZE_MAX: none */
    bool stays;
};

struct settings_order {
    size_t count;
    struct pair *pairs;
    size_t *ends; /* ends[n]: the pair with the least place that ends a run of n + 1 */
};

void settings_order_free(struct settings_order **order_p)
{
    struct settings_order *order = STEAL(*order_p);
    if (!order)
        return;
    free(order->pairs);
    free(order->ends);
    free(order);
}

struct settings_order *settings_order_new(size_t room)
{
    CLEANUP(settings_order_free) struct settings_order *order = calloc(1, sizeof *order);
    if (!order)
        return NULL;
    order->pairs = calloc(room + 1, sizeof *order->pairs);
    order->ends = calloc(room + 1, sizeof *order->ends);
    return order->pairs && order->ends ? STEAL(order) : NULL;
}

void settings_order_add(struct settings_order *order, const struct setting *from,
                        const struct setting *to)
{
    if (from->placed && to->placed)
        order->pairs[order->count++] = (struct pair){.from = from, .to = to};
}

static int of_area(const struct setting *a, const struct setting *b)
{
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->area, b->area);
}

static int by_first_order(const void *a, const void *b)
{
    const struct setting *left = ((const struct pair *)a)->from;
    const struct setting *right = ((const struct pair *)b)->from;
    int order = of_area(left, right);
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

static int by_second_order(const void *a, const void *b)
{
    const struct setting *left = ((const struct pair *)a)->to;
    const struct setting *right = ((const struct pair *)b)->to;
    return left->order < right->order ? -1 : left->order > right->order;
}

/* The first of the `runs` ends that is not before the pair. */
static size_t find_run(const struct pair *pairs, const size_t *ends, size_t runs, size_t place)
{
    size_t low = 0, high = runs;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pairs[ends[middle]].to->order < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Marks the longest rising run of one area's pairs. */
static void mark_staying(struct pair *pairs, size_t count, size_t *ends)
{
    size_t runs = 0;
    for (size_t i = 0; i < count; i++) {
        size_t run = find_run(pairs, ends, runs, pairs[i].to->order);
        pairs[i].before = run ? ends[run - 1] : SIZE_MAX;
        ends[run] = i;
        runs += run == runs;
    }
    for (size_t i = runs ? ends[runs - 1] : SIZE_MAX; i != SIZE_MAX; i = pairs[i].before)
        pairs[i].stays = true;
}

static void tell_area(struct pair *pairs, size_t count,
                      void (*tell)(void *arg, const struct setting *from, const struct setting *to),
                      void *arg)
{
    qsort(pairs, count, sizeof *pairs, by_second_order);
    for (size_t i = 0; i < count; i++)
        if (!pairs[i].stays)
            tell(arg, pairs[i].from, pairs[i].to);
}

void settings_order_moved(struct settings_order *order,
                          void (*tell)(void *arg, const struct setting *from,
                                       const struct setting *to),
                          void *arg)
{
    struct pair *pairs = order->pairs;
    qsort(pairs, order->count, sizeof *pairs, by_first_order);
    for (size_t from = 0, to; from < order->count; from = to) {
        for (to = from + 1; to < order->count && !of_area(pairs[from].from, pairs[to].from); to++)
            ;
        mark_staying(pairs + from, to - from, order->ends);
        tell_area(pairs + from, to - from, tell, arg);
    }
}
