/*
 * certificate.h - what a report tells of a certificate (X.509, RFC 5280 4.1), and of the blob that
 * Windows keeps one in.
 *
 * The bytes come from outside: every length is held against what is left.
 */
#ifndef GPMQ_CERTIFICATE_H
#define GPMQ_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "gpmq/error.h"

#define CERTIFICATE_TIME_SIZE 24

struct certificate {
    char *issued_to; /* common name, or else unit, organization, mail address; "" when none */
    char *issued_by;
    char expires[CERTIFICATE_TIME_SIZE]; /* "2029-12-30T16:13:04Z" */
};

/* Reads DER. GPMQ_EDAMAGED says which part. certificate_free() *out. */
int certificate_read(struct certificate *out, const uint8_t *der, size_t size,
                     struct gpmq_error *err) GPMQ_CHECKED;
void certificate_free(struct certificate *certificate);

/* The certificate in a registry blob: elements of identifier, 1, size, content, of which the one
 * with identifier 0x20 holds it. *der is in the blob. GPMQ_EDAMAGED: there is none. */
int certificate_in_blob(const uint8_t *blob, size_t size, const uint8_t **der, size_t *der_size,
                        struct gpmq_error *err) GPMQ_CHECKED;

#endif
