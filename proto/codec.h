/*
 * codec.h - messages, requests and status frames to MessagePack and back.
 *
 * Decoding. The bytes are first judged without allocating (check.h), then unpacked, then walked by
 *           the tables of fields.c: types, ranges, lengths, UTF-8 and counts are checked there,
 * once. Unknown keys are ignored; a missing key leaves its field zero, unless it is required.
 *           Memory comes from an arena that is bounded by the size of the message.
 * Encoding. Into a buffer that is kept and reused. Fields that are zero, NULL or empty are left
 *           out, but for the five of a status frame, which are always there (nil when empty).
 * Threads.  Different arenas and buffers are independent.
 */
#ifndef GPMQ_CODEC_H
#define GPMQ_CODEC_H

#include <msgpack.h>

#include "message.h"

/* Memory of decoded messages: grows in blocks, is let go at once. Zero is an empty one. */
struct arena {
    struct arena_block *block;
    size_t used_bytes;
    size_t limit_bytes; /* 0: ARENA_DEFAULT_MAX */
};

#define ARENA_DEFAULT_MAX (64u << 20)

/* size bytes, zeroed, aligned for any type; NULL: out of memory or over the limit. */
void *arena_take(struct arena *arena, size_t size_bytes);
/* A copy of text, or NULL. */
char *arena_text(struct arena *arena, const char *text);
/* Forgets everything, keeps one block for reuse. */
void arena_reset(struct arena *arena);
/* Lets everything go; the arena is as good as new. For CLEANUP(). */
void arena_free(struct arena *arena);

/* Appends the encoding of *message to buffer. It is our own mistake, and asserted, if a field is
 * beyond its limit. GPMQ_ENOMEM. */
int message_encode(msgpack_sbuffer *buffer, const struct message *message) GPMQ_CHECKED;
/* Decodes one message; *out points into arena. GPMQ_EMALFORMED, GPMQ_ETOOBIG, GPMQ_EUNSUPPORTED (an
 * unknown type; out->req is set where it could be read), GPMQ_ENOMEM. */
int message_decode(struct message *out, struct arena *arena, const void *bytes, size_t size_bytes,
                   struct gpmq_error *err) GPMQ_CHECKED;

/* A request alone, as the store keeps it: the same bytes for the same request, so that two can be
 * compared by them. */
int request_encode(msgpack_sbuffer *buffer, const struct gpmq_request *request) GPMQ_CHECKED;
int request_decode(struct gpmq_request *out, struct arena *arena, const void *bytes,
                   size_t size_bytes, struct gpmq_error *err) GPMQ_CHECKED;

/* A status frame, as it is published after its topic. */
int status_encode(msgpack_sbuffer *buffer, const struct gpmq_status *status) GPMQ_CHECKED;
int status_decode(struct gpmq_status *out, struct arena *arena, const void *bytes,
                  size_t size_bytes, struct gpmq_error *err) GPMQ_CHECKED;

/* A result alone, as the store keeps it. */
int result_encode(msgpack_sbuffer *buffer, const struct gpmq_result *result) GPMQ_CHECKED;
int result_decode(struct gpmq_result *out, struct arena *arena, const void *bytes,
                  size_t size_bytes, struct gpmq_error *err) GPMQ_CHECKED;

/* "gpmq1." + 32 hex digits of the batch + 32 of the operation. */
#define TOPIC_SIZE 71 /* with NUL */
const char *status_topic(const struct gpmq_id *batch, const struct gpmq_id *op,
                         char topic[TOPIC_SIZE]);

#endif
