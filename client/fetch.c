/* fetch.c - the content of a result, from the result itself or from the broker. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "client_impl.h"
#include "fail.h"

/* The bytes follow in the same piece of memory. */
static struct gpmq_content *content_new(size_t size)
{
    struct gpmq_content *content = malloc(sizeof *content + size + 1);
    if (!content)
        return NULL;
    char *bytes = (char *)(content + 1);
    bytes[size] = 0;
    *content = (struct gpmq_content){.size = size, .bytes = bytes};
    return content;
}

void gpmq_content_free(struct gpmq_content **content_p)
{
    free(STEAL(*content_p));
}

static int fetch_chunk(struct gpmq_client *client, const struct gpmq_id *op, size_t offset,
                       struct gpmq_content *content, size_t *taken, struct gpmq_error *err)
{
    struct message request = {.type = MSG_FETCH, .fetch = {*op, offset}}, answer;
    int rc = call(client, &request, MSG_CHUNK, 0, &answer, err);
    if (rc)
        return rc;
    const struct msg_chunk *chunk = &answer.chunk;
    if (!gpmq_id_equal(&chunk->op, op) || chunk->offset != offset || chunk->size != content->size ||
        chunk->bytes_size == 0 || chunk->bytes_size > content->size - offset)
        return fail(err, GPMQ_EDAMAGED, "the broker sent another piece of a result than was asked");
    memcpy((char *)(content + 1) + offset, chunk->bytes, chunk->bytes_size);
    *taken = chunk->bytes_size;
    return 0;
}

static int check_digest(const struct gpmq_content *content, const uint8_t expected[32],
                        struct gpmq_error *err)
{
    uint8_t digest[32];
    crypto_generichash(digest, sizeof digest, (const uint8_t *)content->bytes, content->size, NULL,
                       0);
    if (sodium_is_zero(expected, sizeof digest) || memcmp(digest, expected, sizeof digest) == 0)
        return 0;
    return fail(err, GPMQ_EDAMAGED,
                "the content of a result (%zu bytes) does not have the digest that the result "
                "names: run the operation again",
                content->size);
}

int gpmq_result_fetch(struct gpmq_client *client, const struct gpmq_id *op,
                      const struct gpmq_result *result, struct gpmq_content **out,
                      struct gpmq_error *err)
{
    if (result->data_size > GPMQ_BLOB_MAX)
        return fail(err, GPMQ_ETOOBIG, "a result of %llu bytes",
                    (unsigned long long)result->data_size);
    CLEANUP(gpmq_content_free)
    struct gpmq_content *content = content_new((size_t)result->data_size);
    if (!content)
        return fail(err, GPMQ_ENOMEM, "no memory for a result of %llu bytes",
                    (unsigned long long)result->data_size);
    int rc = 0;
    if (result->data)
        memcpy((char *)(content + 1), result->data, content->size);
    else
        for (size_t at = 0, taken = 0; at < content->size && !rc; at += taken)
            rc = fetch_chunk(client, op, at, content, &taken, err);
    if (!rc && content->size > 0)
        rc = check_digest(content, result->digest, err);
    if (!rc)
        *out = STEAL(content);
    return rc;
}

const char *gpmq_result_property(const struct gpmq_result *result, const char *name)
{
    for (uint32_t i = 0; result && i < result->property_count; i++)
        if (strcmp(result->properties[i].name, name) == 0)
            return result->properties[i].value;
    return NULL;
}
