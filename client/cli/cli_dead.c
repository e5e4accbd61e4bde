/* cli_dead.c - dead list, dead retry, dead drop. */
#include "cli_dead.h"

#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "cli_config.h"
#include "cli_op.h"
#include "cli_output.h"
#include "fail.h"

#define PAGE 1000 /* operations asked for at once */

/* A connected command, and the dead it is about. */
struct asking {
    struct cli_options options;
    struct cli_config *config;
    struct gpmq_client *client;
    size_t count;
    struct gpmq_id *ids;
};

static void asking_close(struct asking *asking)
{
    gpmq_client_close(&asking->client);
    cli_config_free(&asking->config);
    free(asking->ids);
}

static int asking_open(struct asking *asking, struct gpmq_error *err)
{
    asking->options.no_resume = true; /* what is dead is nobody's to finish */
    int rc = cli_config_load(&asking->config, asking->options.config, err);
    return rc ? rc : cli_connect(&asking->client, &asking->options, asking->config, err);
}

/* ---- the list ------------------------------------------------------------------------------ */

typedef int each_fn(struct asking *asking, const struct gpmq_op_info *op, struct gpmq_error *err);

static int each_dead(struct asking *asking, each_fn *each, struct gpmq_error *err)
{
    struct gpmq_list_options list = {.dead_only = true, .limit = PAGE};
    bool more = true;
    int rc = 0;
    while (!rc && more) {
        CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = NULL;
        rc = gpmq_list(asking->client, &list, &ops, err);
        for (size_t i = 0; !rc && i < ops->count; i++)
            rc = each(asking, &ops->items[i], err);
        more = !rc && ops->more && ops->count > 0;
        if (more)
            list.after = ops->items[ops->count - 1].op;
    }
    return rc;
}

static int show(struct asking *asking, const struct gpmq_op_info *op, struct gpmq_error *err)
{
    (void)err;
    asking->count++;
    op_show_line(&asking->options, op);
    return 0;
}

int cli_command_dead_list(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    int rc = asking_open(&asking, &err);
    if (!rc)
        rc = each_dead(&asking, show, &err);
    if (rc)
        return out_error(options, &err);
    if (!asking.count)
        out_note(options, "nothing is dead");
    return 0;
}

/* ---- which --------------------------------------------------------------------------------- */

static int add(struct asking *asking, const struct gpmq_id *id, struct gpmq_error *err)
{
    struct gpmq_id *grown = reallocarray(asking->ids, asking->count + 1, sizeof *grown);
    if (!grown)
        return fail(err, GPMQ_ENOMEM, "cannot keep the ids");
    grown[asking->count++] = *id;
    asking->ids = grown;
    return 0;
}

static int add_op(struct asking *asking, const struct gpmq_op_info *op, struct gpmq_error *err)
{
    return add(asking, &op->op, err);
}

static int add_word(struct asking *asking, const char *word, struct gpmq_error *err)
{
    struct gpmq_id id;
    if (gpmq_id_parse(&id, word) != 0)
        return fail(err, GPMQ_EINVAL,
                    "'%s' is no id of an operation: it has 32 hex digits; see: gpmq dead list",
                    word);
    return add(asking, &id, err);
}

static int choose(struct asking *asking, struct gpmq_error *err)
{
    const struct cli_options *options = &asking->options;
    int rc = 0;
    if (options->all == (options->word_count > 0))
        return fail(err, GPMQ_EINVAL, "which? name some ids, or take --all; see: gpmq dead list");
    for (int i = 0; i < options->word_count && !rc; i++)
        rc = add_word(asking, options->words[i], err);
    if (!rc)
        rc = asking_open(asking, err);
    return !rc && options->all ? each_dead(asking, add_op, err) : rc;
}

/* ---- retry and drop ------------------------------------------------------------------------ */

/* The new id for a script, on stdout; what became of it as JSON. Returns the exit code. */
static int show_answer(const struct asking *asking, size_t at, const struct gpmq_answer *answer,
                       const char *verb)
{
    struct gpmq_error err;
    char id[GPMQ_ID_TEXT_SIZE];
    if (answer->code) {
        fail(&err, answer->code, "%s", answer->text);
        return out_error(&asking->options, &err);
    }
    if (asking->options.json)
        out_json(verb, json_pack("{s:o, s:o, s:b, s:s}", "op", out_id(&asking->ids[at]), "as",
                                 out_id(&answer->op), "known", answer->known, "state",
                                 gpmq_state_name(answer->state)));
    out_text(&asking->options, "%s", gpmq_id_text(&answer->op, id));
    return 0;
}

typedef int ask_fn(struct gpmq_client *client, const struct gpmq_id *ids, size_t count,
                   struct gpmq_answers **out, struct gpmq_error *err);

static int ask(const struct cli_options *options, ask_fn *ask_broker, const char *verb)
{
    struct gpmq_error err;
    int code = 0;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    CLEANUP(gpmq_answers_free) struct gpmq_answers *answers = NULL;
    int rc = choose(&asking, &err);
    if (!rc)
        rc = ask_broker(asking.client, asking.ids, asking.count, &answers, &err);
    if (rc)
        return out_error(options, &err);
    for (size_t i = 0; i < answers->count; i++) {
        int one = show_answer(&asking, i, &answers->items[i], verb);
        code = one ? one : code;
    }
    if (!asking.count)
        out_note(options, "nothing is dead");
    else if (!code && ask_broker == gpmq_dead_retry && cli_is_alone(options))
        out_note(options, "the next command runs it");
    return code;
}

int cli_command_dead_retry(const struct cli_options *options)
{
    return ask(options, gpmq_dead_retry, "retried");
}

int cli_command_dead_drop(const struct cli_options *options)
{
    return ask(options, gpmq_dead_drop, "dropped");
}
