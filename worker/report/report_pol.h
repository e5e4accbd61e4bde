/*
 * report_pol.h - a side's registry.pol, sorted out: which section of a report tells of which key.
 *
 * Firewall, application control, certificates and name resolution keep their settings in
 * registry.pol; GPMC shows those keys in sections of their own, and all others under Registry.
 * What a section does not know it leaves to Registry: no value is lost.
 */
#ifndef GPMQ_REPORT_POL_H
#define GPMQ_REPORT_POL_H

#include <stdbool.h>
#include <stddef.h>

#include "registry_pol.h"

#define REPORT_POL_RECORDS_MAX 200000

enum report_pol_owner {
    REPORT_POL_REGISTRY,
    REPORT_POL_FIREWALL,
    REPORT_POL_APPLOCKER,
    REPORT_POL_PUBLIC_KEY,
    REPORT_POL_NRPT,
};

struct report_pol_value {
    enum report_pol_owner owner;
    bool told;  /* by the section that owns it; what is not, Registry tells */
    char *key;  /* "Software\Policies\Microsoft\WindowsFirewall", UTF-8 */
    char *name; /* of the value, "" for the key's own; "**del.Name" and the like are commands */
    uint32_t type;
    const uint8_t *content; /* borrowed from the file's bytes */
    size_t size;
};

struct report_pol {
    size_t count;
    struct report_pol_value *values; /* in the file's order */
    uint8_t *bytes;                  /* of the file */
};

/* Takes the file's bytes over, also when it fails. GPMQ_EDAMAGED names the record.
 * GPMQ_ETOOBIG: REPORT_POL_RECORDS_MAX. */
int report_pol_read(struct report_pol *out, uint8_t **bytes_p, size_t size,
                    struct gpmq_error *err) GPMQ_CHECKED;
void report_pol_free(struct report_pol *pol);

/* Whether a value belongs to this key, compared without case; *rest (may be NULL) is then what
 * stands behind it, without its back slash: "" for the key itself. */
bool report_pol_below(const struct report_pol_value *value, const char *key, const char **rest);
/* The text of a value: REG_SZ, REG_EXPAND_SZ; of others NULL. Up to its NUL. free() it. */
int report_pol_text(char **out, const struct report_pol_value *value,
                    struct gpmq_error *err) GPMQ_CHECKED;
/* REG_MULTI_SZ: the text at *at, which goes on; *out is NULL behind the last. */
int report_pol_next_text(char **out, const struct report_pol_value *value, size_t *at,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* REG_DWORD and REG_QWORD; false: it is neither. */
bool report_pol_number(const struct report_pol_value *value, uint64_t *out);

/* `size` bytes of UTF-16LE, up to the first NUL, as UTF-8; free() *out. */
int report_utf16(char **out, const uint8_t *at, size_t size, struct gpmq_error *err) GPMQ_CHECKED;
/* Upper-case hex of bytes; free() *out. */
int report_hex(char **out, const void *bytes, size_t size, struct gpmq_error *err) GPMQ_CHECKED;

#endif
