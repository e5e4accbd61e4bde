/* dn.c - distinguished names as text. */
#include "dn.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "fold.h"

/* How long the first part of a DN is, up to its ',' or the end. */
static size_t part_length(const char *dn)
{
    size_t length = 0;
    while (dn[length] && dn[length] != ',')
        length += dn[length] == '\\' && dn[length + 1] ? 2 : 1;
    return length;
}

const char *dn_parent(const char *dn)
{
    const char *at = dn + part_length(dn);
    if (!*at)
        return NULL;
    return at + 1 + strspn(at + 1, " ");
}

static size_t trimmed(const char *dn, size_t length)
{
    while (length && dn[length - 1] == ' ')
        length--;
    return length;
}

static bool same_part(const char *a, size_t a_length, const char *b, size_t b_length)
{
    while (a_length && b_length) {
        uint32_t left = (uint8_t)*a, right = (uint8_t)*b;
        size_t a_step = fold_read(a, a_length, &left), b_step = fold_read(b, b_length, &right);
        if (fold_lower(left) != fold_lower(right))
            return false;
        a_step = a_step ? a_step : 1;
        b_step = b_step ? b_step : 1;
        a += a_step, a_length -= a_step;
        b += b_step, b_length -= b_step;
    }
    return !a_length && !b_length;
}

bool dn_equal(const char *a, const char *b)
{
    while (a && b) {
        if (!same_part(a, trimmed(a, part_length(a)), b, trimmed(b, part_length(b))))
            return false;
        a = dn_parent(a);
        b = dn_parent(b);
    }
    return !a && !b;
}

/* FNV-1a over the characters in lower case. */
uint64_t dn_hash(const char *dn)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; dn; dn = dn_parent(dn)) {
        for (size_t left = trimmed(dn, part_length(dn)); left;) {
            uint32_t character = (uint8_t)*dn;
            size_t step = fold_read(dn, left, &character);
            step = step ? step : 1;
            hash = (hash ^ fold_lower(character)) * 0x100000001b3u;
            dn += step;
            left -= step;
        }
        hash = (hash ^ ',') * 0x100000001b3u;
    }
    return hash;
}

bool dn_is_within(const char *dn, const char *ancestor)
{
    for (; dn; dn = dn_parent(dn))
        if (dn_equal(dn, ancestor))
            return true;
    return false;
}

bool dn_has_type(const char *dn, const char *type)
{
    size_t length = strlen(type);
    return strncasecmp(dn, type, length) == 0 && dn[length] == '=';
}

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The value of the first part, escapes undone. `slash` says what stands before a '/' in it. */
static void put_value(struct bytes *out, const char *dn, const char *slash)
{
    size_t length = trimmed(dn, part_length(dn));
    const char *equals = memchr(dn, '=', length);
    const char *end = dn + length;
    for (const char *at = equals ? equals + 1 : dn; at < end; at++) {
        char c = *at;
        if (c == '\\' && end - at > 2 && isxdigit((unsigned char)at[1]) &&
            isxdigit((unsigned char)at[2])) {
            c = (char)(hex_digit(at[1]) << 4 | hex_digit(at[2]));
            at += 2;
        } else if (c == '\\' && end - at > 1) {
            c = *++at;
        }
        if (c == '/')
            bytes_put_text(out, slash);
        if (c)
            bytes_put_char(out, c);
    }
}

static char *taken(struct bytes *bytes)
{
    void *text;
    return bytes_take(bytes, &text, NULL, NULL) == 0 ? text : NULL;
}

char *dn_name(const char *dn)
{
    CLEANUP(bytes_free) struct bytes out = {0};
    put_value(&out, dn, "");
    return taken(&out);
}

/* The parts from the right: a DN is read from its end. */
static void put_below(struct bytes *out, const char *dn, const char *root)
{
    if (dn == root)
        return;
    const char *parent = dn_parent(dn);
    if (parent)
        put_below(out, parent, root);
    bytes_put_char(out, '/');
    put_value(out, dn, "\\");
}

char *dn_canonical(const char *dn)
{
    CLEANUP(bytes_free) struct bytes out = {0};
    const char *root = dn;
    while (root && !dn_has_type(root, "DC"))
        root = dn_parent(root);
    for (const char *at = root; at; at = dn_parent(at)) {
        bytes_put_text(&out, at == root ? "" : ".");
        put_value(&out, at, "");
    }
    put_below(&out, dn, root);
    return taken(&out);
}
