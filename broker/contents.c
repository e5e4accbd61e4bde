/* contents.c - large content: what is taken, and from whom no more. */
#include "contents.h"

#include <string.h>

#include "fail.h"
#include "log.h"
#include "questions.h"
#include "room.h"

#define MIB 1048576u

static struct store_quota quota_of(const struct parts *parts, const char *client)
{
    return (struct store_quota){client, (uint64_t)parts->limits.client_content_mib * MIB,
                                (uint64_t)parts->limits.content_mib * MIB};
}

void contents_put(struct parts *parts, const struct question *question)
{
    const struct msg_put *put = &question->message.put;
    const struct peer *peer = peers_find(parts->clients, question->peer);
    struct gpmq_error err;
    struct message ok = {.type = MSG_PUT_OK};
    if (!peer)
        return; /* it left within the round */
    if (!core_has_room(parts->core)) {
        outbox_refuse(parts->outbox, question->peer, question->message.req, GPMQ_EFULL,
                      ROOM_RETRY_MS, "the broker's disk is nearly full; see its log");
        return;
    }
    struct store_quota quota = quota_of(parts, peer->user);
    int rc = parts->store->ops->blob_write(parts->store, put->digest, put->size, put->offset,
                                           (struct store_bytes){put->bytes, put->bytes_size},
                                           &quota, parts->unix_ms, &ok.put_ok.offset, &err);
    if (rc) {
        questions_fail(parts, question, &err);
        return;
    }
    memcpy(ok.put_ok.digest, put->digest, sizeof ok.put_ok.digest);
    questions_reply(parts, question, &ok);
}

/* ---- results --------------------------------------------------------------------------------- */

struct owner {
    char client[GPMQ_NAME_MAX + 1];
};

static int see_client(void *arg, const struct op_row *row, struct store_bytes request,
                      struct store_bytes result, struct gpmq_error *err)
{
    (void)request;
    (void)result;
    (void)err;
    struct owner *owner = arg;
    snprintf(owner->client, sizeof owner->client, "%s", row->client ? row->client : "");
    return 0;
}

/* Whose the content is that begins: its operation's. */
static int write_chunk(struct parts *parts, const struct msg_result_chunk *chunk, uint64_t *next,
                       struct gpmq_error *err)
{
    struct owner owner = {""};
    if (chunk->offset == 0)
        (void)!parts->store->ops->read(parts->store, &chunk->op, see_client, &owner, NULL);
    struct store_quota quota = {.client = *owner.client ? owner.client : NULL};
    return parts->store->ops->blob_write(parts->store, chunk->digest, chunk->size, chunk->offset,
                                         (struct store_bytes){chunk->bytes, chunk->bytes_size},
                                         &quota, parts->unix_ms, next, err);
}

void contents_take_chunk(struct parts *parts, const struct peer *peer, struct message *message)
{
    const struct msg_result_chunk *chunk = &message->result_chunk;
    struct gpmq_error err;
    uint64_t next = 0;
    int rc = parts->room_for_results
                 ? write_chunk(parts, chunk, &next, &err)
                 : fail(&err, GPMQ_EFULL, "the broker's disk is nearly full; see its log");
    if (rc == GPMQ_ESTORE || rc == GPMQ_ENOSPACE) {
        *parts->err = err;
        parts->stop_code = rc;
        return;
    }
    if (rc) {
        outbox_refuse(parts->outbox, peer->number, message->req, rc,
                      rc == GPMQ_EFULL ? ROOM_RETRY_MS : 0, err.text);
        return;
    }
    struct message answer = {.type = MSG_RESULT_CHUNK_OK,
                             .result_chunk_ok = {chunk->op, chunk->fence, next}};
    if (outbox_add(parts->outbox, peer->number, &answer) != 0)
        log_event(LOG_ERROR, "out_of_memory", "doing=result_chunk");
}

/* ---- submits --------------------------------------------------------------------------------- */

bool contents_refuse(struct parts *parts, const struct peer *peer, const struct message *message)
{
    if (message->type != MSG_SUBMIT && message->type != MSG_SUBMIT_BATCH)
        return false;
    struct store_quota quota = quota_of(parts, peer->user);
    struct gpmq_error err;
    uint64_t kept = parts->store->ops->blob_kept(parts->store, peer->user);
    uint64_t all = parts->store->ops->blob_kept(parts->store, NULL);
    bool too_much = quota.client_bytes && kept >= quota.client_bytes;
    if (!too_much && !(quota.all_bytes && all >= quota.all_bytes))
        return false;
    if (too_much)
        fail(&err, GPMQ_EFULL,
             "the results and contents of '%s' that are kept here have %llu MiB, of at most %lld; "
             "they go with the retention",
             peer->user, (unsigned long long)(kept / MIB),
             (long long)parts->limits.client_content_mib);
    else
        fail(&err, GPMQ_EFULL,
             "the results and contents that are kept here have %llu MiB, of at most %lld; they go "
             "with the retention",
             (unsigned long long)(all / MIB), (long long)parts->limits.content_mib);
    outbox_refuse(parts->outbox, peer->number, message->req, GPMQ_EFULL, CONTENTS_RETRY_MS,
                  err.text);
    return true;
}
