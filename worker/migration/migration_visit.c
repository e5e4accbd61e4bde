#include "migration_visit.h"

#include <stdlib.h>

int migration_ask(const struct migration_walk *walk, enum migration_what what, const char *text,
                  const char *settings_name, struct migration_answer *answer,
                  struct gpmq_error *err)
{
    const struct migration_name name = {
        .what = what,
        .text = text,
        .object_path = walk->object_path,
        .extension_name = walk->extension_name,
        .settings_name = settings_name,
    };
    *answer = (struct migration_answer){0};
    return walk->visit(walk->visit_arg, &name, answer, err);
}

void migration_answer_free(struct migration_answer *answer)
{
    free(answer->text);
    *answer = (struct migration_answer){0};
}
