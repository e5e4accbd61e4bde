/* call.c - one question, one answer. */
#include "client_impl.h"

#include "clock.h"
#include "fail.h"

#define RESEND_FIRST_MS 1000
#define RESEND_MAX_MS   8000

/* The state of one call. */
struct attempt {
    int64_t began_ms;
    int64_t until_ms;
    int64_t sent_ms; /* when it was sent last; 0: not yet, or on a connection that is gone */
    int64_t patience_ms;
    uint64_t generation; /* of the link when it was sent */
};

/* Sends when it is time to, as far as there is a connection that was welcomed. */
static int send_when_due(struct gpmq_client *client, const struct message *request,
                         struct attempt *attempt, int64_t now_ms)
{
    if (!client->link.welcomed)
        return 0;
    bool same = attempt->sent_ms && attempt->generation == client->link.generation;
    if (same && now_ms - attempt->sent_ms < attempt->patience_ms)
        return 0;
    int rc = link_send(&client->link, request);
    if (rc == GPMQ_EBUSY)
        return 0;
    if (same && attempt->patience_ms < RESEND_MAX_MS)
        attempt->patience_ms *= 2;
    attempt->sent_ms = now_ms;
    attempt->generation = client->link.generation;
    return rc;
}

static int64_t pause_ms(const struct attempt *attempt, int64_t now_ms)
{
    int64_t left_ms = attempt->until_ms - now_ms;
    return left_ms < 100 ? left_ms : 100;
}

static int await(struct gpmq_client *client, const struct message *request, struct attempt *attempt,
                 struct gpmq_error *err)
{
    for (;;) {
        int64_t now_ms = clock_now_ms();
        int rc = link_denied(&client->link, err);
        if (rc)
            return rc;
        if (now_ms >= attempt->until_ms)
            return link_no_answer(&client->link, attempt->began_ms,
                                  attempt->until_ms - attempt->began_ms, err);
        rc = send_when_due(client, request, attempt, now_ms);
        if (rc)
            return fail(err, rc, "cannot send a request to the broker at %s", client->link.broker);
        client_round(client, ROUND_CONTROL, pause_ms(attempt, now_ms));
        if (client->answered)
            return 0;
    }
}

static int judge(const struct message *answer, enum message_type wanted, struct gpmq_error *err)
{
    if (answer->type == MSG_ERROR) {
        const char *text = answer->error.text;
        int code = answer->error.code < 0 ? answer->error.code : GPMQ_EMALFORMED;
        return fail(err, code, "%s", text && *text ? text : gpmq_code_name(code));
    }
    if (answer->type != wanted)
        return fail(err, GPMQ_EMALFORMED, "the broker answered with '%s', not with '%s'",
                    message_type_name(answer->type), message_type_name(wanted));
    return 0;
}

int call(struct gpmq_client *client, struct message *request, enum message_type wanted,
         int64_t timeout_ms, struct message *out, struct gpmq_error *err)
{
    int64_t now_ms = clock_now_ms();
    struct attempt attempt = {.began_ms = now_ms,
                              .until_ms = now_ms + (timeout_ms ? timeout_ms : client->timeout_ms),
                              .patience_ms = RESEND_FIRST_MS};
    request->req = ++client->link.request;
    client->awaited = request->req;
    client->answered = false;
    int rc = await(client, request, &attempt, err);
    client->awaited = 0;
    if (!rc)
        rc = judge(&client->answer, wanted, err);
    if (!rc)
        *out = client->answer;
    client_settle(client);
    return rc;
}

int gpmq_ping(struct gpmq_client *client, int64_t timeout_ms, struct gpmq_error *err)
{
    struct message request = {.type = MSG_PING}, answer;
    return call(client, &request, MSG_PONG, timeout_ms, &answer, err);
}
