/* client_dead.c - what is dead is run again, or taken off the list. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "client_impl.h"
#include "fail.h"

static int ask_piece(struct gpmq_client *client, struct gpmq_id *ids, uint32_t count, bool drop,
                     struct gpmq_answers *answers, size_t at, struct gpmq_error *err)
{
    struct message answer, message = {.type = MSG_DEAD, .dead = {count, ids, drop}};
    int rc = call(client, &message, MSG_SUBMITTED, 0, &answer, err);
    if (!rc && answer.submitted.answer_count != count)
        return fail(err, GPMQ_EMALFORMED, "the broker answered for %u operations, not for %u",
                    answer.submitted.answer_count, count);
    for (uint32_t i = 0; i < count && !rc; i++)
        rc = answers_take(answers, at + i, &answer.submitted.answers[i], err);
    return rc;
}

static int ask(struct gpmq_client *client, const struct gpmq_id *ids, size_t count, bool drop,
               struct gpmq_answers **out, struct gpmq_error *err)
{
    CLEANUP(gpmq_answers_free) struct gpmq_answers *answers = answers_new(count);
    CLEANUP(free_pointer) struct gpmq_id *copy = calloc(count + 1, sizeof *copy);
    if (!answers || !copy)
        return fail(err, GPMQ_ENOMEM, "cannot ask about dead operations");
    memcpy(copy, ids, count * sizeof *copy);
    int rc = 0;
    for (size_t at = 0; at < count && !rc; at += MESSAGE_OPS_MAX) {
        size_t left = count - at;
        uint32_t piece = left < MESSAGE_OPS_MAX ? (uint32_t)left : MESSAGE_OPS_MAX;
        rc = ask_piece(client, copy + at, piece, drop, answers, at, err);
    }
    if (!rc && out)
        *out = STEAL(answers);
    return rc;
}

int gpmq_dead_retry(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
                    struct gpmq_answers **out, struct gpmq_error *err)
{
    return ask(client, ids, count, false, out, err);
}

int gpmq_dead_drop(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
                   struct gpmq_answers **out, struct gpmq_error *err)
{
    return ask(client, ids, count, true, out, err);
}
