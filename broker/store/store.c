/* store.c - opens a store by its URL, and says why a store refuses. */
#include "store_impl.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "fail.h"

static const struct store_ops *const implementations[] = {&store_memory, &store_sqlite};

int store_open(struct store **out, const char *url, struct gpmq_error *err)
{
    const char *colon = url ? strchr(url, ':') : NULL;
    if (!colon)
        return fail(err, GPMQ_EINVAL,
                    "'%s' is no store: write sqlite:PATH or memory:", url ? url : "");
    size_t length = (size_t)(colon - url);
    for (size_t i = 0; i < sizeof implementations / sizeof implementations[0]; i++) {
        const struct store_ops *ops = implementations[i];
        if (strlen(ops->scheme) == length && strncmp(ops->scheme, url, length) == 0)
            return ops->open(out, colon + 1, err);
    }
    return fail(err, GPMQ_EUNSUPPORTED,
                "no store is called '%.*s': write sqlite:PATH or memory:", (int)length, url);
}

void store_close(struct store **store_p)
{
    if (*store_p)
        (*store_p)->ops->close(store_p);
}

int store_fail_known(const struct gpmq_id *id, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    return fail(err, GPMQ_EEXIST, "operation %s is known already", gpmq_id_text(id, text));
}

int store_fail_unknown(const struct gpmq_id *id, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    return fail(err, GPMQ_ENOTFOUND, "there is no operation %s", gpmq_id_text(id, text));
}

int store_fail_result(const struct gpmq_id *id, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    return fail(err, GPMQ_EEXIST, "operation %s has a result already", gpmq_id_text(id, text));
}

int store_fail_mark(struct gpmq_error *err)
{
    return fail(err, GPMQ_EINVAL, "the name of a mark is longer than %d bytes", STORE_MARK_MAX);
}

int store_fail_frame(const struct gpmq_id *id, uint64_t seq, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    return fail(err, GPMQ_EDAMAGED, "frame %" PRIu64 " of operation %s is missing", seq,
                gpmq_id_text(id, text));
}

static int fail_about_blob(const uint8_t digest[32], int code, const char *what,
                           struct gpmq_error *err)
{
    char text[2 * 32 + 1];
    sodium_bin2hex(text, sizeof text, digest, 32);
    return fail(err, code, "blob %s %s", text, what);
}

int store_fail_digest(const uint8_t digest[32], struct gpmq_error *err)
{
    return fail_about_blob(digest, GPMQ_EDAMAGED, "has another content; send it again", err);
}

int store_fail_blob(const uint8_t digest[32], struct gpmq_error *err)
{
    return fail_about_blob(digest, GPMQ_ENOTFOUND, "is not here, or not whole", err);
}

int store_judge_change(const struct op_row *have, const struct store_change *change,
                       struct gpmq_error *err)
{
    if (!have)
        return store_fail_unknown(&change->row->id, err);
    if (have->state != change->from)
        return fail(err, GPMQ_ESTATE, "it is %s, not %s", gpmq_state_name(have->state),
                    gpmq_state_name(change->from));
    if (have->fence != change->from_fence)
        return fail(err, GPMQ_ESTATE, "its fence is %" PRIu64 ", not %" PRIu64, have->fence,
                    change->from_fence);
    if (!gpmq_id_equal(&have->batch, &change->row->batch) ||
        have->is_batch != change->row->is_batch)
        return fail(err, GPMQ_EINVAL, "it was submitted in another batch");
    return 0;
}

int store_judge_frame(const struct gpmq_id *id, uint64_t newest, uint64_t seq,
                      struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    if (seq == newest + 1)
        return 0;
    if (seq == 0 || seq > newest)
        return fail(err, GPMQ_EINVAL, "frame %" PRIu64 " of %s cannot follow frame %" PRIu64, seq,
                    gpmq_id_text(id, text), newest);
    return fail(err, GPMQ_EEXIST, "operation %s has a frame %" PRIu64 " already",
                gpmq_id_text(id, text), seq);
}

int store_judge_quota(const struct store_quota *quota, uint64_t size, uint64_t kept, uint64_t all,
                      struct gpmq_error *err)
{
    if (quota && quota->client && quota->client_bytes && kept + size > quota->client_bytes)
        return fail(err, GPMQ_EFULL,
                    "'%s' has %" PRIu64 " bytes of content here, and may have %" PRIu64,
                    quota->client, kept, quota->client_bytes);
    if (quota && quota->all_bytes && all + size > quota->all_bytes)
        return fail(err, GPMQ_EFULL,
                    "there are %" PRIu64 " bytes of content here, of at most "
                    "%" PRIu64,
                    all, quota->all_bytes);
    return 0;
}

int store_judge_piece(uint64_t begun_size, uint64_t size, uint64_t offset, size_t piece_size,
                      struct gpmq_error *err)
{
    if (size > GPMQ_BLOB_MAX)
        return fail(err, GPMQ_ETOOBIG, "a blob of %" PRIu64 " bytes is over the limit of %u", size,
                    GPMQ_BLOB_MAX);
    if (size != begun_size)
        return fail(err, GPMQ_EINVAL,
                    "a blob that began with %" PRIu64 " bytes cannot have %" PRIu64, begun_size,
                    size);
    if (offset > size || piece_size > size - offset)
        return fail(err, GPMQ_EINVAL,
                    "a piece of %zu bytes at %" PRIu64
                    " reaches past the end of its blob, %" PRIu64,
                    piece_size, offset, size);
    return 0;
}
