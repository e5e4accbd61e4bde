/* names.c - text with a count of its users. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

struct name *names_find(const struct table *names, const char *text)
{
    return HOLDER(table_find(names, text, strlen(text)), struct name, node);
}

struct name *names_take(struct table *names, const char *text)
{
    if (!text)
        return NULL;
    struct name *name = names_find(names, text);
    if (!name) {
        size_t size = strlen(text);
        name = memory_take(sizeof *name + size + 1);
        memcpy(name->text, text, size);
        table_add(names, &name->node, name->text, size);
    }
    name->uses++;
    return name;
}

void names_give(struct table *names, struct name **name_p)
{
    struct name *name = STEAL(*name_p);
    if (!name || --name->uses)
        return;
    table_remove(names, &name->node);
    free(name);
}
