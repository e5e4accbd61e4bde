/* client_submit.c - one operation, or a batch in pieces. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "client_impl.h"
#include "fail.h"

/* Half of what a message may have, for the template stands in each piece as well. */
#define PIECE_BYTES_MAX (MESSAGE_MAX / 2)
#define ITEM_BYTES      96 /* keys, lengths and numbers of an item, generously */

/* ---- what the broker would not even read --------------------------------------------------- */

struct text_limit {
    const char *what;
    const char *text;
    size_t max;
};

static int check_texts(const struct text_limit *texts, size_t count, struct gpmq_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i].text && strlen(texts[i].text) > texts[i].max)
            return fail(err, GPMQ_ETOOBIG, "%s has %zu bytes, %zu are allowed", texts[i].what,
                        strlen(texts[i].text), texts[i].max);
    return 0;
}

static int check_request(const struct gpmq_request *request, struct gpmq_error *err)
{
    const struct text_limit texts[] = {
        {"the kind", request->kind, GPMQ_KIND_MAX},
        {"the domain", request->domain, GPMQ_NAME_MAX},
        {"the repository", request->repository, GPMQ_NAME_MAX},
        {"the GPO", request->gpo, GPMQ_NAME_MAX},
        {"the backup", request->backup, GPMQ_NAME_MAX},
        {"the name", request->name, 1024},
        {"the comment", request->comment, 4 * GPMQ_COMMENT_MAX},
        {"the target domain", request->target_domain, GPMQ_NAME_MAX},
        {"the argument object", request->args, GPMQ_ARGS_MAX},
        {"the label", request->label, 1024},
        {"the trace", request->trace, GPMQ_NAME_MAX},
    };
    if (!request->kind || !*request->kind)
        return fail(err, GPMQ_EINVAL, "a request needs a kind, \"gpo.backup\" for example");
    if (request->key_count > GPMQ_KEYS_MAX)
        return fail(err, GPMQ_ETOOBIG, "a request has %u keys, %d are allowed", request->key_count,
                    GPMQ_KEYS_MAX);
    return check_texts(texts, sizeof texts / sizeof texts[0], err);
}

static int check_item(const struct gpmq_batch_item *item, struct gpmq_error *err)
{
    const struct text_limit texts[] = {
        {"an item's key", item->key, GPMQ_NAME_MAX},
        {"an item's GPO", item->gpo, GPMQ_NAME_MAX},
        {"an item's backup", item->backup, GPMQ_NAME_MAX},
        {"an item's name", item->name, 1024},
        {"an item's label", item->label, 1024},
    };
    if (!item->key || !*item->key)
        return fail(err, GPMQ_EINVAL, "an item of a batch needs a key, its GPO's GUID usually");
    return check_texts(texts, sizeof texts / sizeof texts[0], err);
}

/* ---- one ----------------------------------------------------------------------------------- */

static int refused(const struct submit_answer *answer, struct gpmq_error *err)
{
    if (answer->code >= 0)
        return 0;
    const char *text = answer->text && *answer->text ? answer->text : gpmq_code_name(answer->code);
    if (answer->retry_after_ms > 0)
        return fail(err, answer->code, "%s; try again in %.1f s", text,
                    (double)answer->retry_after_ms / 1000);
    return fail(err, answer->code, "%s", text);
}

int gpmq_submit(struct gpmq_client *client, const struct gpmq_request *request, struct gpmq_id *out,
                struct gpmq_error *err)
{
    int rc = check_request(request, err);
    if (rc)
        return rc;
    struct gpmq_request op = *request;
    if (gpmq_id_is_none(&op.id))
        op.id = gpmq_id_new();
    struct message message = {.type = MSG_SUBMIT, .submit = {1, &op}}, answer;
    rc = call(client, &message, MSG_SUBMITTED, 0, &answer, err);
    if (rc)
        return rc;
    if (answer.submitted.answer_count != 1 ||
        !gpmq_id_equal(&answer.submitted.answers[0].op, &op.id))
        return fail(err, GPMQ_EMALFORMED, "the broker answered for another operation");
    rc = refused(&answer.submitted.answers[0], err);
    if (!rc && out)
        *out = op.id;
    return rc;
}

/* ---- a batch ------------------------------------------------------------------------------- */

/* All answers, and the texts of refusals. */
struct answers {
    struct gpmq_answers public; /* first: what the caller sees */
    struct arena texts;
};

void gpmq_answers_free(struct gpmq_answers **answers_p)
{
    struct answers *answers = (struct answers *)STEAL(*answers_p);
    if (!answers)
        return;
    free(answers->public.items);
    arena_free(&answers->texts);
    free(answers);
}

struct gpmq_answers *answers_new(size_t count)
{
    struct answers *answers = calloc(1, sizeof *answers);
    if (!answers)
        return NULL;
    struct gpmq_answers *public = &answers->public;
    public->items = calloc(count ? count : 1, sizeof *public->items);
    if (!public->items)
        gpmq_answers_free(&public);
    else
    public->count = count;
    return public;
}

int answers_take(struct gpmq_answers *answers, size_t at, const struct submit_answer *from,
                 struct gpmq_error *err)
{
    const char *text = from->text ? from->text : "";
    struct gpmq_answer taken = {.op = from->op,
                                .code = from->code,
                                .known = from->known,
                                .state = from->state,
                                .retry_after_ms = from->retry_after_ms,
                                .text = arena_text(&((struct answers *)answers)->texts, text)};
    if (!taken.text)
        return fail(err, GPMQ_ENOMEM, "cannot keep the broker's answers");
    answers->items[at] = taken;
    return 0;
}

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) : 0;
}

static size_t item_bytes(const struct gpmq_batch_item *item)
{
    return ITEM_BYTES + text_bytes(item->key) + text_bytes(item->gpo) + text_bytes(item->backup) +
           text_bytes(item->name) + text_bytes(item->label);
}

/* How many of the items from `at` on go into one message. */
static uint32_t piece_size(const struct gpmq_batch *batch, size_t at)
{
    size_t bytes = 0;
    uint32_t count = 0;
    while (at + count < batch->item_count && count < MESSAGE_OPS_MAX) {
        bytes += item_bytes(&batch->items[at + count]);
        if (count > 0 && bytes > PIECE_BYTES_MAX)
            break;
        count++;
    }
    return count;
}

/* The answer for an item: usually in the same place; a refusal of the batch as a whole (an answer
 * with the batch's id) is each item's. NULL: there is none. */
static const struct submit_answer *find_answer(const struct msg_submitted *submitted,
                                               const struct gpmq_id *op, uint32_t hint)
{
    if (hint < submitted->answer_count && gpmq_id_equal(&submitted->answers[hint].op, op))
        return &submitted->answers[hint];
    for (uint32_t i = 0; i < submitted->answer_count; i++)
        if (gpmq_id_equal(&submitted->answers[i].op, op))
            return &submitted->answers[i];
    return NULL;
}

static int take_answers(struct answers *answers, const struct gpmq_batch *batch, size_t at,
                        uint32_t count, const struct msg_submitted *submitted,
                        struct gpmq_error *err)
{
    const struct submit_answer *whole = find_answer(submitted, &batch->id, UINT32_MAX);
    if (whole && whole->code < 0)
        return refused(whole, err);
    for (uint32_t i = 0; i < count; i++) {
        struct gpmq_id op = gpmq_id_derive(&batch->id, batch->items[at + i].key);
        const struct submit_answer *from = find_answer(submitted, &op, i);
        if (!from)
            return fail(err, GPMQ_EMALFORMED, "the broker left out the answer for item '%s'",
                        batch->items[at + i].key);
        int rc = answers_take(&answers->public, at + i, from, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int submit_piece(struct gpmq_client *client, const struct gpmq_batch *batch, size_t at,
                        uint32_t count, struct answers *answers, struct gpmq_error *err)
{
    struct gpmq_request request = *batch->request;
    CLEANUP(free_pointer) struct batch_item *items = calloc(count ? count : 1, sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "cannot send a batch");
    for (uint32_t i = 0; i < count; i++) {
        const struct gpmq_batch_item *from = &batch->items[at + i];
        items[i] = (struct batch_item){from->key,  from->gpo,   from->backup,
                                       from->name, from->label, from->weight};
    }
    struct message answer, message = {.type = MSG_SUBMIT_BATCH,
                                      .submit_batch = {
                                          .batch = batch->id,
                                          .label = batch->label,
                                          .template = &request,
                                          .item_count = count,
                                          .items = items,
                                          .last = batch->last && at + count == batch->item_count,
                                      }};
    int rc = call(client, &message, MSG_SUBMITTED, 0, &answer, err);
    return rc ? rc : take_answers(answers, batch, at, count, &answer.submitted, err);
}

static int check_batch(const struct gpmq_batch *batch, struct gpmq_error *err)
{
    if (gpmq_id_is_none(&batch->id) || !batch->request)
        return fail(err, GPMQ_EINVAL, "a batch needs an id and a template");
    if (batch->label && strlen(batch->label) > 1024)
        return fail(err, GPMQ_ETOOBIG, "a batch's label has more than 1024 bytes");
    int rc = check_request(batch->request, err);
    for (size_t i = 0; i < batch->item_count && !rc; i++)
        rc = check_item(&batch->items[i], err);
    return rc;
}

int gpmq_submit_batch(struct gpmq_client *client, const struct gpmq_batch *batch,
                      struct gpmq_answers **out, struct gpmq_error *err)
{
    int rc = check_batch(batch, err);
    if (rc)
        return rc;
    CLEANUP(gpmq_answers_free) struct gpmq_answers *answers = answers_new(batch->item_count);
    if (!answers)
        return fail(err, GPMQ_ENOMEM, "cannot keep the answers of a batch");
    size_t at = 0;
    do {
        uint32_t count = piece_size(batch, at);
        rc = submit_piece(client, batch, at, count, (struct answers *)answers, err);
        at += count;
    } while (!rc && at < batch->item_count);
    if (!rc && out)
        *out = STEAL(answers);
    return rc;
}
