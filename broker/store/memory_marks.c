/* memory_marks.c - numbers under names. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "memory_impl.h"

static struct mark *find_mark(const struct memory *memory, const char *name)
{
    struct mark *mark = memory->marks;
    while (mark && strcmp(mark->name, name) != 0)
        mark = mark->next;
    return mark;
}

static int new_mark(struct memory *memory, const char *name, struct mark **out,
                    struct gpmq_error *err)
{
    size_t size = strlen(name) + 1;
    struct mark *mark = calloc(1, sizeof *mark + size);
    if (!mark)
        return fail(err, GPMQ_ENOMEM, "no memory for a mark");
    memcpy(mark->name, name, size);
    mark->next = memory->marks;
    memory->marks = mark;
    *out = mark;
    return 0;
}

int memory_mark(struct store *store, const char *name, int64_t value, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    if (!rc && strlen(name) > STORE_MARK_MAX)
        rc = store_fail_mark(err);
    if (rc || (rc = memory_undo_reserve(memory, err)))
        return rc;
    struct mark *mark = find_mark(memory, name);
    if (!mark && (rc = new_mark(memory, name, &mark, err)))
        return rc;
    memory_undo_add(memory, (struct undo){.kind = UNDO_MARK, .mark = mark, .unix_ms = mark->value});
    mark->value = value;
    return 0;
}

int memory_marks(struct store *store, store_mark_sink *sink, void *arg, struct gpmq_error *err)
{
    struct memory *memory = memory_of(store);
    int rc = memory_ready(memory, err);
    for (const struct mark *mark = memory->marks; mark && !rc; mark = mark->next)
        if (mark->value)
            rc = sink(arg, mark->name, mark->value, err);
    return rc;
}
