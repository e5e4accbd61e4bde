/*
 * ldif.h - LDIF content records (RFC 2849): the plain text that a folder domain keeps its
 * directory objects in.
 *
 * Read: version 1, comments, folded lines, "name: text", "name:: base64". Refused, with the line's
 * number: change records, URLs ("name:< ..."), controls, anything else. Attributes stay in the
 * order they were read in, also those that gpmq does not know, so that a rewrite keeps them.
 * Attribute names are compared without case, and so are DNs.
 */
#ifndef GPMQ_LDIF_H
#define GPMQ_LDIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpmq/error.h"

#define LDIF_SIZE_MAX    (256u << 20) /* bytes of a file */
#define LDIF_VALUE_MAX   (16u << 20)  /* bytes of one value */
#define LDIF_RECORDS_MAX 1000000
#define LDIF_VALUES_MAX  100000 /* in one record */
#define LDIF_NAME_MAX    255    /* bytes of an attribute name with its options */
#define LDIF_DN_MAX      8192   /* bytes of a DN */

struct ldif_value {
    char *name;     /* "displayName", options included: "userCertificate;binary" */
    uint8_t *bytes; /* never NULL; a NUL stands behind them */
    size_t size;
};

struct ldif_record {
    char *dn;
    size_t count;
    struct ldif_value *values;
};

struct ldif {
    size_t count;
    struct ldif_record *records;
};

/* What ldapsearch prints around the records is passed over as well. */
enum ldif_flag {
    LDIF_SEARCH_OUTPUT = 1 << 0, /* "search: 2", "result: 0 Success", "ref: ldap://..." */
};

/* Reads `size` bytes; flags is a set of enum ldif_flag. GPMQ_EMALFORMED and GPMQ_ETOOBIG name the
 * line. Let *out go with ldif_free(). */
int ldif_parse(const void *text, size_t size, unsigned flags, struct ldif **out,
               struct gpmq_error *err) GPMQ_CHECKED;
/* Writes it with "version: 1", lines folded at 76 bytes, base64 where RFC 2849 asks for it.
 * What it writes, ldif_parse() reads as it was. free() *out. */
int ldif_format(const struct ldif *ldif, char **out, size_t *size,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Empty. NULL: no memory. */
struct ldif *ldif_new(void);
void ldif_free(struct ldif **ldif_p);

/* Appends a record without values; the pointer holds until the next one. GPMQ_ETOOBIG. */
int ldif_add(struct ldif *ldif, const char *dn, struct ldif_record **out,
             struct gpmq_error *err) GPMQ_CHECKED;
/* Appends a copy of a record of another ldif. */
int ldif_add_copy(struct ldif *ldif, const struct ldif_record *record,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* The record with that DN, or NULL. */
struct ldif_record *ldif_find(const struct ldif *ldif, const char *dn);
/* Takes every record out for which `matches` holds. */
void ldif_remove(struct ldif *ldif, bool (*matches)(const struct ldif_record *record, void *arg),
                 void *arg);

/* The first value of an attribute, or NULL. */
const struct ldif_value *ldif_get(const struct ldif_record *record, const char *name);
/* The first value as text, or NULL when there is none or it holds a NUL. */
const char *ldif_text(const struct ldif_record *record, const char *name);
/* Whether the attribute has this value, compared without case. */
bool ldif_has(const struct ldif_record *record, const char *name, const char *value);
/* Appends one more value. GPMQ_EINVAL: no attribute name. GPMQ_ETOOBIG. */
int ldif_put(struct ldif_record *record, const char *name, const void *bytes, size_t size,
             struct gpmq_error *err) GPMQ_CHECKED;
int ldif_put_text(struct ldif_record *record, const char *name, const char *text,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Makes it the only value, in the place of the first one if there was any. */
int ldif_set(struct ldif_record *record, const char *name, const void *bytes, size_t size,
             struct gpmq_error *err) GPMQ_CHECKED;
int ldif_set_text(struct ldif_record *record, const char *name, const char *text,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Decimal attributes; 0 when there is none. GPMQ_EDAMAGED: it is no number. */
int ldif_number(const struct ldif_record *record, const char *name, uint64_t *out,
                struct gpmq_error *err) GPMQ_CHECKED;
int ldif_set_number(struct ldif_record *record, const char *name, int64_t number,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* GeneralizedTime: "20260131235959.0Z". 0 when there is none. */
int64_t ldif_time(const struct ldif_record *record, const char *name);
int ldif_set_time(struct ldif_record *record, const char *name, int64_t unix_ms,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Drops every value of an attribute. */
void ldif_unset(struct ldif_record *record, const char *name);

#endif
