/* put.c - content for a request, to the broker. */
#include <sodium.h>
#include <string.h>

#include "client_impl.h"
#include "fail.h"

#define REPEATS_MAX 8 /* pieces that the broker did not take */

/* Sends the piece at *offset, which is then where the broker wants to go on. */
static int put_piece(struct gpmq_client *client, const uint8_t *bytes, size_t size,
                     const uint8_t digest[32], uint64_t *offset, struct gpmq_error *err)
{
    size_t left = size - *offset;
    struct message request = {.type = MSG_PUT}, answer;
    memcpy(request.put.digest, digest, sizeof request.put.digest);
    request.put.size = size;
    request.put.offset = *offset;
    request.put.bytes = bytes + *offset;
    request.put.bytes_size = (uint32_t)(left < GPMQ_BLOB_CHUNK ? left : GPMQ_BLOB_CHUNK);
    int rc = call(client, &request, MSG_PUT_OK, 0, &answer, err);
    if (rc)
        return rc;
    if (memcmp(answer.put_ok.digest, digest, sizeof answer.put_ok.digest) != 0 ||
        answer.put_ok.offset > size)
        return fail(err, GPMQ_EDAMAGED, "the broker answered for another content");
    *offset = answer.put_ok.offset;
    return 0;
}

int gpmq_put(struct gpmq_client *client, const void *bytes, size_t size, uint8_t digest[32],
             struct gpmq_error *err)
{
    if (!client || !bytes || !size || size > GPMQ_BLOB_MAX)
        return fail(err, GPMQ_EINVAL, "content of %zu bytes, not 1 to %u", size, GPMQ_BLOB_MAX);
    crypto_generichash(digest, 32, bytes, size, NULL, 0);
    int repeats = 0;
    for (uint64_t offset = 0; offset < size;) {
        uint64_t before = offset;
        int rc = put_piece(client, bytes, size, digest, &offset, err);
        if (rc)
            return rc;
        if (offset <= before && ++repeats > REPEATS_MAX)
            return fail(err, GPMQ_EIO, "the broker does not take the content");
    }
    return 0;
}
