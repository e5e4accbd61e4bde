/* frontend.c - client messages become events and questions. */
#include "frontend.h"

#include "access.h"
#include "carry_out.h"
#include "contents.h"
#include "intake.h"
#include "questions.h"
#include "table.h"

static void to_core(struct parts *parts, const struct peer *peer, struct message *message)
{
    if (contents_refuse(parts, peer, message) || contents_miss_input(parts, peer, message))
        return;
    bool admin = parts->is_admin(parts->access, peer->user);
    core_client_message(parts->core, peer->number, peer->user, admin, message, carry_out_lookup,
                        parts, parts->now_ms, parts->unix_ms, parts->actions);
}

static void ask(struct parts *parts, const struct peer *peer, struct message *message)
{
    if (!parts->questions)
        parts->questions = memory_take(ROUND_MESSAGES_MAX * sizeof *parts->questions);
    parts->questions[parts->question_count++] = (struct question){peer->number, *message};
}

static take_fn *const takers[MSG_TYPE_END] = {
    [MSG_HELLO] = ask,      [MSG_SUBMIT] = to_core, [MSG_SUBMIT_BATCH] = to_core,
    [MSG_CANCEL] = to_core, [MSG_QUERY] = ask,      [MSG_LIST] = ask,
    [MSG_WATCH] = ask,      [MSG_UNWATCH] = ask,    [MSG_REPLAY] = ask,
    [MSG_ACK] = ask,        [MSG_FETCH] = ask,      [MSG_PUT] = ask,
    [MSG_PING] = ask,       [MSG_WORKERS] = ask,    [MSG_STATS] = ask,
    [MSG_PAUSE] = to_core,  [MSG_DRAIN] = to_core,  [MSG_DEAD] = to_core,
};

int frontend_take(struct parts *parts)
{
    const struct intake clients = {parts->control, parts->clients, parts->gates[GATE_CONTROL],
                                   ACCESS_CONTROL, "client",       takers};
    return intake(parts, &clients);
}

int frontend_answer(struct parts *parts)
{
    for (size_t i = 0; i < parts->question_count; i++)
        questions_answer(parts, &parts->questions[i]);
    parts->question_count = 0;
    return parts->stop_code;
}
