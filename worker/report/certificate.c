#include "certificate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "text.h"

#define BLOB_HEAD        12
#define BLOB_CERTIFICATE 0x20

#define TAG_INTEGER          0x02
#define TAG_OID              0x06
#define TAG_UTF8             0x0C
#define TAG_UTC_TIME         0x17
#define TAG_GENERALIZED_TIME 0x18
#define TAG_BMP              0x1E
#define TAG_SEQUENCE         0x30
#define TAG_SET              0x31
#define TAG_VERSION          0xA0 /* [0], explicit */

/* What is left to read. */
struct der {
    const uint8_t *at;
    size_t left;
};

struct item {
    uint8_t tag;
    struct der content;
};

/* Cuts the next item off; false: what is there is none. */
static bool take(struct der *der, struct item *out)
{
    if (der->left < 2)
        return false;
    size_t head = 2, length = der->at[1];
    if (length >= 0x80) {
        size_t digits = length & 0x7F;
        if (!digits || digits > 4 || digits > der->left - head)
            return false;
        length = 0;
        for (size_t i = 0; i < digits; i++)
            length = length << 8 | der->at[head + i];
        head += digits;
    }
    if (length > der->left - head)
        return false;
    *out = (struct item){.tag = der->at[0], .content = {der->at + head, length}};
    der->at += head + length;
    der->left -= head + length;
    return true;
}

static bool take_tag(struct der *der, uint8_t tag, struct der *content)
{
    struct item item;
    if (!take(der, &item) || item.tag != tag)
        return false;
    *content = item.content;
    return true;
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Which attribute names somebody, the best first. */
static const struct {
    uint8_t size;
    uint8_t oid[9];
} naming[] = {
    {3, {0x55, 0x04, 0x03}},                                     /* common name */
    {3, {0x55, 0x04, 0x0B}},                                     /* unit */
    {3, {0x55, 0x04, 0x0A}},                                     /* organization */
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x01}}, /* mail address */
};

static size_t rank_of(struct der oid)
{
    size_t i = 0;
    while (i < sizeof naming / sizeof *naming &&
           (naming[i].size != oid.left || memcmp(naming[i].oid, oid.at, oid.left) != 0))
        i++;
    return i;
}

/* The best of a name's attributes; false: it is no name. */
static bool find_name(struct der name, struct item *best)
{
    size_t best_rank = sizeof naming / sizeof *naming;
    *best = (struct item){.tag = TAG_UTF8};
    while (name.left) {
        struct der set, pair, oid;
        struct item value;
        if (!take_tag(&name, TAG_SET, &set))
            return false;
        while (set.left) {
            if (!take_tag(&set, TAG_SEQUENCE, &pair) || !take_tag(&pair, TAG_OID, &oid) ||
                !take(&pair, &value))
                return false;
            if (rank_of(oid) < best_rank) {
                best_rank = rank_of(oid);
                *best = value;
            }
        }
    }
    return true;
}

static int put_text(char **out, const struct item *value, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    size_t length;
    if (value->tag == TAG_BMP)
        bytes_put(&bytes, "\xFE\xFF", 2);
    for (size_t i = 0; i < value->content.left; i++)
        if (value->content.at[i] || value->tag == TAG_BMP)
            bytes_put(&bytes, &value->content.at[i], 1);
    if (bytes.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for the name in a certificate");
    int rc = text_to_utf8(out, &length, bytes.at, bytes.size, TEXT_WINDOWS_1252, err);
    return rc == GPMQ_EMALFORMED ? fail(err, GPMQ_EDAMAGED, "a name in a certificate is no text")
                                 : rc;
}

static int read_name(char **out, struct der name, struct gpmq_error *err)
{
    struct item best;
    if (!find_name(name, &best))
        return fail(err, GPMQ_EDAMAGED, "a name in a certificate is none");
    return put_text(out, &best, err);
}

/* ---- times ---------------------------------------------------------------------------------- */

/* "291230161304Z" or "20291230161304Z" */
static bool read_time(char out[CERTIFICATE_TIME_SIZE], const struct item *time)
{
    size_t digits = time->tag == TAG_UTC_TIME ? 12 : time->tag == TAG_GENERALIZED_TIME ? 14 : 0;
    const char *at = (const char *)time->content.at;
    if (!digits || time->content.left < digits)
        return false;
    for (size_t i = 0; i < digits; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    const char *century = digits == 14 ? "" : at[0] < '5' ? "20" : "19";
    int year = digits == 14 ? 4 : 2;
    const char *rest = at + year;
    snprintf(out, CERTIFICATE_TIME_SIZE, "%s%.*s-%.2s-%.2sT%.2s:%.2s:%.2sZ", century, year, at,
             rest, rest + 2, rest + 4, rest + 6, rest + 8);
    return true;
}

/* ---- certificates --------------------------------------------------------------------------- */

void certificate_free(struct certificate *certificate)
{
    free(certificate->issued_to);
    free(certificate->issued_by);
    *certificate = (struct certificate){0};
}

/* The parts of a certificate that a report tells of. */
struct parts {
    struct der issuer, validity, subject;
};

static bool find_parts(struct parts *out, const uint8_t *bytes, size_t size)
{
    struct der der = {bytes, size}, certificate, body, number, algorithm;
    struct item first;
    if (!take_tag(&der, TAG_SEQUENCE, &certificate) || !take_tag(&certificate, TAG_SEQUENCE, &body))
        return false;
    struct der rest = body;
    if (take(&rest, &first) && first.tag == TAG_VERSION)
        body = rest;
    return take_tag(&body, TAG_INTEGER, &number) && take_tag(&body, TAG_SEQUENCE, &algorithm) &&
           take_tag(&body, TAG_SEQUENCE, &out->issuer) &&
           take_tag(&body, TAG_SEQUENCE, &out->validity) &&
           take_tag(&body, TAG_SEQUENCE, &out->subject);
}

int certificate_read(struct certificate *out, const uint8_t *der, size_t size,
                     struct gpmq_error *err)
{
    CLEANUP(certificate_free) struct certificate certificate = {0};
    struct parts parts;
    struct item begin, end;
    if (!find_parts(&parts, der, size))
        return fail(err, GPMQ_EDAMAGED, "it is no certificate");
    if (!take(&parts.validity, &begin) || !take(&parts.validity, &end) ||
        !read_time(certificate.expires, &end))
        return fail(err, GPMQ_EDAMAGED, "a certificate does not say how long it is good");
    int rc = read_name(&certificate.issued_to, parts.subject, err);
    if (!rc)
        rc = read_name(&certificate.issued_by, parts.issuer, err);
    if (rc)
        return rc;
    *out = certificate;
    certificate = (struct certificate){0};
    return 0;
}

static uint32_t u32_at(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

int certificate_in_blob(const uint8_t *blob, size_t size, const uint8_t **der, size_t *der_size,
                        struct gpmq_error *err)
{
    while (size >= BLOB_HEAD) {
        uint32_t identifier = u32_at(blob), length = u32_at(blob + 8);
        blob += BLOB_HEAD;
        size -= BLOB_HEAD;
        if (length > size)
            break;
        if (identifier == BLOB_CERTIFICATE) {
            *der = blob;
            *der_size = length;
            return 0;
        }
        blob += length;
        size -= length;
    }
    return fail(err, GPMQ_EDAMAGED, "no certificate is in it");
}
