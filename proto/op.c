/* op.c - ids, GUIDs and the words for states. */
#include "gpmq/op.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

static const char *const state_names[GPMQ_STATE_END] = {
    [GPMQ_WAITING] = "waiting",       [GPMQ_QUEUED] = "queued",
    [GPMQ_ASSIGNED] = "assigned",     [GPMQ_RUNNING] = "running",
    [GPMQ_RETRY_WAIT] = "retry_wait", [GPMQ_CANCELLING] = "cancelling",
    [GPMQ_SUCCEEDED] = "succeeded",   [GPMQ_FAILED] = "failed",
    [GPMQ_CANCELLED] = "cancelled",   [GPMQ_CANCELLED_UNCONFIRMED] = "cancelled_unconfirmed",
    [GPMQ_EXPIRED] = "expired",       [GPMQ_DEAD] = "dead",
};

static const char *const reason_names[GPMQ_REASON_END] = {
    [GPMQ_REASON_NONE] = "",
    [GPMQ_REASON_NOT_BEFORE] = "not_before",
    [GPMQ_REASON_DEPENDENCY] = "dependency",
    [GPMQ_REASON_KEY] = "key",
    [GPMQ_REASON_PAUSED] = "paused",
    [GPMQ_REASON_NO_WORKER] = "no_worker",
};

const char *gpmq_state_name(enum gpmq_state state)
{
    return state > 0 && state < GPMQ_STATE_END ? state_names[state] : "unknown";
}

enum gpmq_state gpmq_state_from_name(const char *name)
{
    for (enum gpmq_state state = 1; state < GPMQ_STATE_END; state++)
        if (strcmp(state_names[state], name) == 0)
            return state;
    return 0;
}

bool gpmq_state_is_final(enum gpmq_state state)
{
    return state >= GPMQ_SUCCEEDED && state < GPMQ_STATE_END;
}

const char *gpmq_reason_name(enum gpmq_reason reason)
{
    return reason >= 0 && reason < GPMQ_REASON_END ? reason_names[reason] : "unknown";
}

const struct gpmq_id *gpmq_request_origin(const struct gpmq_request *request)
{
    return gpmq_id_is_none(&request->retry_of) ? &request->id : &request->retry_of;
}

const char *gpmq_fate_name(enum gpmq_fate fate)
{
    static const char *const names[GPMQ_FATE_END] = {
        [GPMQ_FATE_NONE] = "",
        [GPMQ_FATE_RETRIED] = "retried",
        [GPMQ_FATE_DROPPED] = "dropped",
    };
    return fate >= 0 && fate < GPMQ_FATE_END ? names[fate] : "unknown";
}

struct gpmq_id gpmq_id_make(int64_t unix_ms, const uint8_t random[10])
{
    struct gpmq_id id;
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)((uint64_t)unix_ms >> (8 * (5 - i)));
    memcpy(id.bytes + 6, random, 10);
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f)); /* version 7 */
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f)); /* variant of RFC 9562 */
    return id;
}

struct gpmq_id gpmq_id_new(void)
{
    struct timespec now;
    uint8_t random[10];
    clock_gettime(CLOCK_REALTIME, &now);
    randombytes_buf(random, sizeof random);
    return gpmq_id_make((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, random);
}

static const char lower_digits[] = "0123456789abcdef";
static const char upper_digits[] = "0123456789ABCDEF";

const char *gpmq_id_text(const struct gpmq_id *id, char text[GPMQ_ID_TEXT_SIZE])
{
    for (int i = 0; i < 16; i++) {
        text[2 * i] = lower_digits[id->bytes[i] >> 4];
        text[2 * i + 1] = lower_digits[id->bytes[i] & 15];
    }
    text[32] = 0;
    return text;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reads 32 digits into 16 bytes; hyphens only where `hyphens` says that they must or may stand.
 * Returns what follows, or NULL. */
static const char *read_hex(uint8_t bytes[16], const char *text, bool hyphens)
{
    for (int i = 0; i < 16; i++) {
        if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return NULL;
        int high = digit_value(text[0]);
        int low = high < 0 ? -1 : digit_value(text[1]);
        if (low < 0)
            return NULL;
        bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return text;
}

int gpmq_id_parse(struct gpmq_id *out, const char *text)
{
    struct gpmq_id id;
    if (!text)
        return GPMQ_EINVAL;
    bool hyphens = strnlen(text, 37) == 36;
    const char *end = read_hex(id.bytes, text, hyphens);
    if (!end || *end)
        return GPMQ_EINVAL;
    *out = id;
    return 0;
}

bool gpmq_id_is_none(const struct gpmq_id *id)
{
    static const struct gpmq_id none;
    return memcmp(id, &none, sizeof none) == 0;
}

bool gpmq_id_equal(const struct gpmq_id *a, const struct gpmq_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* BLAKE2b-128 over 16 bytes and a name that ends itself. */
static void derive(uint8_t out[16], const uint8_t from[16], const char *name)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 16);
    crypto_generichash_update(&state, from, 16);
    crypto_generichash_update(&state, (const uint8_t *)name, strlen(name));
    crypto_generichash_final(&state, out, 16);
    out[8] = (uint8_t)(0x80 | (out[8] & 0x3f));
}

struct gpmq_id gpmq_id_derive(const struct gpmq_id *from, const char *name)
{
    struct gpmq_id id;
    derive(id.bytes, from->bytes, name);
    id.bytes[6] = (uint8_t)(0x80 | (id.bytes[6] & 0x0f)); /* version 8: our own */
    return id;
}

struct gpmq_guid gpmq_guid_derive(const struct gpmq_id *from, const char *purpose)
{
    struct gpmq_guid guid;
    derive(guid.bytes, from->bytes, purpose);
    guid.bytes[6] = (uint8_t)(0x40 | (guid.bytes[6] & 0x0f));
    return guid;
}

const char *gpmq_guid_text(const struct gpmq_guid *guid, char text[GPMQ_GUID_TEXT_SIZE])
{
    char *at = text;
    *at++ = '{';
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = upper_digits[guid->bytes[i] >> 4];
        *at++ = upper_digits[guid->bytes[i] & 15];
    }
    *at++ = '}';
    *at = 0;
    return text;
}

int gpmq_guid_parse(struct gpmq_guid *out, const char *text)
{
    struct gpmq_guid guid;
    if (!text)
        return GPMQ_EINVAL;
    bool braces = *text == '{';
    const char *end = read_hex(guid.bytes, text + braces, true);
    if (!end || (braces && *end++ != '}') || *end)
        return GPMQ_EINVAL;
    *out = guid;
    return 0;
}

bool gpmq_guid_equal(const struct gpmq_guid *a, const struct gpmq_guid *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Where each byte of the text's order lies in Microsoft's structure. */
static const uint8_t le_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

struct gpmq_guid gpmq_guid_from_le(const uint8_t bytes[16])
{
    struct gpmq_guid guid;
    for (int i = 0; i < 16; i++)
        guid.bytes[i] = bytes[le_order[i]];
    return guid;
}

void gpmq_guid_to_le(const struct gpmq_guid *guid, uint8_t bytes[16])
{
    for (int i = 0; i < 16; i++)
        bytes[le_order[i]] = guid->bytes[i];
}
