/* check.c - a walk over MessagePack bytes that trusts no length and allocates nothing. */
#include "check.h"

#include <stdint.h>
#include <string.h>

#include "fail.h"

#define CHECK_DEPTH_LIMIT 32 /* the stack of open containers below; depth_max is at most this */

struct walk {
    const uint8_t *at;
    size_t left;
};

/* What a first byte says: how many bytes of length follow, and what is counted. */
enum shape {
    SHAPE_BAD,
    SHAPE_SCALAR, /* `bytes` more belong to it */
    SHAPE_TEXT,   /* a length of `bytes` bytes, then that many */
    SHAPE_BIN,
    SHAPE_ARRAY, /* a count of `bytes` bytes, then that many values */
    SHAPE_MAP,   /* ... twice that many values */
};

struct head {
    enum shape shape;
    unsigned bytes; /* of length, count or scalar that follow the first byte */
    uint32_t fixed; /* length or count inside the first byte, when bytes is 0 */
};

/* clang-format off */
static const struct head heads_c0[32] = {
    /* c0 */ {SHAPE_SCALAR, 0, 0}, /* c1 */ {SHAPE_BAD, 0, 0},
    /* c2 */ {SHAPE_SCALAR, 0, 0}, /* c3 */ {SHAPE_SCALAR, 0, 0},
    /* c4 */ {SHAPE_BIN, 1, 0},    /* c5 */ {SHAPE_BIN, 2, 0},   /* c6 */ {SHAPE_BIN, 4, 0},
    /* c7..c9: ext */ {SHAPE_BAD, 0, 0}, {SHAPE_BAD, 0, 0}, {SHAPE_BAD, 0, 0},
    /* ca */ {SHAPE_SCALAR, 4, 0}, /* cb */ {SHAPE_SCALAR, 8, 0},
    /* cc */ {SHAPE_SCALAR, 1, 0}, /* cd */ {SHAPE_SCALAR, 2, 0},
    /* ce */ {SHAPE_SCALAR, 4, 0}, /* cf */ {SHAPE_SCALAR, 8, 0},
    /* d0 */ {SHAPE_SCALAR, 1, 0}, /* d1 */ {SHAPE_SCALAR, 2, 0},
    /* d2 */ {SHAPE_SCALAR, 4, 0}, /* d3 */ {SHAPE_SCALAR, 8, 0},
    /* d4..d8: fixext */ {SHAPE_BAD, 0, 0}, {SHAPE_BAD, 0, 0}, {SHAPE_BAD, 0, 0},
    {SHAPE_BAD, 0, 0}, {SHAPE_BAD, 0, 0},
    /* d9 */ {SHAPE_TEXT, 1, 0},   /* da */ {SHAPE_TEXT, 2, 0},  /* db */ {SHAPE_TEXT, 4, 0},
    /* dc */ {SHAPE_ARRAY, 2, 0},  /* dd */ {SHAPE_ARRAY, 4, 0},
    /* de */ {SHAPE_MAP, 2, 0},    /* df */ {SHAPE_MAP, 4, 0},
};
/* clang-format on */

static struct head head_of(uint8_t first)
{
    if (first <= 0x7f || first >= 0xe0)
        return (struct head){SHAPE_SCALAR, 0, 0};
    if (first <= 0x8f)
        return (struct head){SHAPE_MAP, 0, first & 0x0f};
    if (first <= 0x9f)
        return (struct head){SHAPE_ARRAY, 0, first & 0x0f};
    if (first <= 0xbf)
        return (struct head){SHAPE_TEXT, 0, first & 0x1f};
    return heads_c0[first - 0xc0];
}

/* Whether these bytes are valid UTF-8 without NUL (RFC 3629: no overlong forms, no surrogates). */
static bool is_text(const uint8_t *at, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint8_t c = at[i];
        size_t tail = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
        if (c == 0 || (c >= 0x80 && c < 0xc2) || c > 0xf4 || size - i <= tail)
            return false;
        for (size_t k = 1; k <= tail; k++)
            if ((at[i + k] & 0xc0) != 0x80)
                return false;
        uint8_t next = tail ? at[i + 1] : 0;
        if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
            (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
            return false;
        i += tail + 1;
    }
    return true;
}

static bool take_number(struct walk *walk, unsigned bytes, uint64_t *out)
{
    if (walk->left < bytes)
        return false;
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | walk->at[i];
    walk->at += bytes;
    walk->left -= bytes;
    *out = value;
    return true;
}

struct level {
    uint64_t left; /* values still to come */
    bool map;
};

int check_bytes(const void *bytes, size_t size_bytes, const struct check_limits *limits,
                struct gpmq_error *err)
{
    if (size_bytes > limits->size_max)
        return fail(err, GPMQ_ETOOBIG, "a message of %zu bytes; the limit is %zu", size_bytes,
                    limits->size_max);

    struct walk walk = {bytes, size_bytes};
    struct level levels[CHECK_DEPTH_LIMIT + 1] = {{1, false}};
    unsigned depth = 0;
    size_t items = 0;

    while (true) {
        while (levels[depth].left == 0) {
            if (depth == 0)
                return walk.left
                           ? fail(err, GPMQ_EMALFORMED, "%zu bytes behind the message", walk.left)
                           : 0;
            depth--;
        }
        if (walk.left == 0)
            return fail(err, GPMQ_EMALFORMED, "the message ends too early");
        if (++items > limits->items_max)
            return fail(err, GPMQ_ETOOBIG, "more than %zu values in a message", limits->items_max);
        bool key = levels[depth].map && levels[depth].left % 2 == 0;
        levels[depth].left--;

        struct head head = head_of(*walk.at);
        walk.at++;
        walk.left--;
        if (key && head.shape != SHAPE_TEXT)
            return fail(err, GPMQ_EMALFORMED, "a key of a map is no text");

        uint64_t number = head.fixed;
        switch (head.shape) {
        case SHAPE_BAD:
            return fail(err, GPMQ_EMALFORMED, "a type that messages do not have");
        case SHAPE_SCALAR:
            if (!take_number(&walk, head.bytes, &number))
                return fail(err, GPMQ_EMALFORMED, "the message ends inside a number");
            break;
        case SHAPE_TEXT:
        case SHAPE_BIN:
            if ((head.bytes && !take_number(&walk, head.bytes, &number)) || number > walk.left)
                return fail(err, GPMQ_EMALFORMED, "a text is longer than the message");
            if (head.shape == SHAPE_TEXT && !is_text(walk.at, (size_t)number))
                return fail(err, GPMQ_EMALFORMED, "a text is not UTF-8, or has a NUL");
            walk.at += number;
            walk.left -= (size_t)number;
            break;
        case SHAPE_ARRAY:
        case SHAPE_MAP:
            if (head.bytes && !take_number(&walk, head.bytes, &number))
                return fail(err, GPMQ_EMALFORMED, "the message ends inside a count");
            if (head.shape == SHAPE_MAP)
                number *= 2;
            if (number > walk.left)
                return fail(err, GPMQ_EMALFORMED, "a list claims %llu values, %zu bytes are left",
                            (unsigned long long)number, walk.left);
            if (++depth > limits->depth_max || depth > CHECK_DEPTH_LIMIT)
                return fail(err, GPMQ_ETOOBIG, "lists nested deeper than %u", limits->depth_max);
            levels[depth] = (struct level){number, head.shape == SHAPE_MAP};
            break;
        }
    }
}
