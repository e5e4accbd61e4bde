/* outbox.c - what may be said once the round is on disk. */
#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "frames.h"
#include "table.h"

struct letter {
    uint64_t peer;
    size_t at;
    size_t size;
};

struct outbox {
    msgpack_sbuffer bytes;
    struct letter *letters;
    size_t count;
    size_t room;
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
    outbox->letters[outbox->count++] = (struct letter){peer, at, outbox->bytes.size - at};
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

void outbox_send(struct outbox *outbox, const struct peers *peers, void *socket)
{
    for (size_t i = 0; i < outbox->count; i++) {
        const struct letter *letter = &outbox->letters[i];
        const struct peer *peer = peers_find(peers, letter->peer);
        if (!peer)
            continue;
        int rc = frames_send(socket, peer->route, peer->route_size, outbox->bytes.data + letter->at,
                             letter->size);
        (void)rc; /* a peer that is gone or full asks again */
    }
}

void outbox_reset(struct outbox *outbox)
{
    outbox->count = 0;
    msgpack_sbuffer_clear(&outbox->bytes);
}
