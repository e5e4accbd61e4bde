/* outbox.c - what may be said once the round is on disk. */
#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "frames.h"
#include "table.h"

#define OUTBOX_KEPT_MAX (4u << 20) /* bytes of the buffer that are kept from round to round */

#define LOOK_SHARE 4 /* the kernel is asked from a quarter of a limit on */

struct letter {
    uint64_t peer;
    uint64_t req; /* of the request it answers; 0: of none */
    size_t at;
    size_t size;
};

struct outbox {
    msgpack_sbuffer bytes;
    struct letter *letters;
    size_t count;
    size_t room;
    uint64_t rounds;
};

struct outbox *outbox_new(void)
{
    struct outbox *outbox = memory_take(sizeof *outbox);
    msgpack_sbuffer_init(&outbox->bytes);
    return outbox;
}

void outbox_free(struct outbox **outbox_p)
{
    struct outbox *outbox = *outbox_p;
    *outbox_p = NULL;
    if (!outbox)
        return;
    msgpack_sbuffer_destroy(&outbox->bytes);
    free(outbox->letters);
    free(outbox);
}

int outbox_add(struct outbox *outbox, uint64_t peer, const struct message *message)
{
    size_t at = outbox->bytes.size;
    int rc = message_encode(&outbox->bytes, message);
    if (rc)
        return rc;
    if (outbox->count == outbox->room) {
        outbox->room = outbox->room ? outbox->room * 2 : 64;
        outbox->letters = memory_grow(outbox->letters, outbox->room * sizeof *outbox->letters);
    }
    outbox->letters[outbox->count++] =
        (struct letter){peer, message->req, at, outbox->bytes.size - at};
    return 0;
}

void outbox_refuse(struct outbox *outbox, uint64_t peer, uint64_t req, int code,
                   int64_t retry_after_ms, const char *text)
{
    struct message refusal = {
        .type = MSG_ERROR,
        .req = req,
        .error = {.code = code, .text = text, .retry_after_ms = retry_after_ms}};
    int rc = outbox_add(outbox, peer, &refusal);
    (void)rc; /* without memory there is nothing to say either */
}

/* One flush: `looked` says that all peers have been looked at, which is enough for it. */
struct sending {
    struct peers *peers;
    const struct limits *limits;
    uint64_t round;
    bool looked;
};

static bool has_read(struct sending *sending, const struct peer *peer, size_t size)
{
    size_t most = (size_t)sending->limits->connection_unread_kib << 10;
    size_t own = peer->unread->bytes;
    if (own + size > most / LOOK_SHARE) /* long before, so that one look is not all that counts */
        own = peers_unread(sending->peers, peer, sending->round);
    return own + size <= most;
}

static bool all_have_read(struct sending *sending, const struct peer *peer, size_t size)
{
    size_t most = (size_t)sending->limits->unread_kib << 10;
    size_t all = peers_unread_most(sending->peers);
    if (all + size > most && !sending->looked) {
        all = peers_unread(sending->peers, NULL, sending->round);
        sending->looked = true;
    }
    return all + size <= most || peer->unread->bytes == 0;
}

static void send_letter(struct outbox *outbox, const struct letter *letter, struct sending *sending,
                        void *socket)
{
    const struct peer *peer = peers_find(sending->peers, letter->peer);
    if (!peer)
        return;
    if (letter->size > OUTBOX_SMALL_MAX &&
        !(has_read(sending, peer, letter->size) && all_have_read(sending, peer, letter->size))) {
        if (letter->req)
            outbox_refuse(outbox, letter->peer, letter->req, GPMQ_EFULL, LIMITS_RETRY_MS,
                          "answers that were sent before have not been read yet");
        return;
    }
    if (frames_send(socket, peer->route, peer->route_size, outbox->bytes.data + letter->at,
                    letter->size) == 0) /* a peer that is gone or full asks again */
        peers_sent(sending->peers, peer, letter->size, sending->round);
}

void outbox_send(struct outbox *outbox, struct peers *peers, void *socket,
                 const struct limits *limits)
{
    struct sending sending = {peers, limits, ++outbox->rounds, false};
    for (size_t i = 0; i < outbox->count; i++) { /* a refusal comes behind the last one */
        struct letter letter = outbox->letters[i];
        send_letter(outbox, &letter, &sending, socket);
    }
}

size_t outbox_bytes(const struct outbox *outbox)
{
    return outbox->bytes.size;
}

void outbox_reset(struct outbox *outbox)
{
    outbox->count = 0;
    msgpack_sbuffer_clear(&outbox->bytes);
    if (outbox->bytes.alloc > OUTBOX_KEPT_MAX) { /* a busy moment's memory is not kept for ever */
        msgpack_sbuffer_destroy(&outbox->bytes);
        msgpack_sbuffer_init(&outbox->bytes);
    }
}
