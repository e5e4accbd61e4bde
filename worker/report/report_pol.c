#include "report_pol.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "text.h"

#define POLICIES     "Software\\Policies\\Microsoft\\"
#define CERTIFICATES POLICIES "SystemCertificates\\"
#define UTF16_MARK   "\xFF\xFE"

/* clang-format off */
static const struct {
    const char *key;
    enum report_pol_owner owner;
    bool exact; /* the key alone, not those below it */
} owners[] = {
    {POLICIES "WindowsFirewall",                       REPORT_POL_FIREWALL,   true},
    {POLICIES "WindowsFirewall\\FirewallRules",        REPORT_POL_FIREWALL,   false},
    {POLICIES "WindowsFirewall\\ConSecRules",          REPORT_POL_FIREWALL,   false},
    {POLICIES "WindowsFirewall\\DomainProfile",        REPORT_POL_FIREWALL,   true},
    {POLICIES "WindowsFirewall\\DomainProfile\\Logging",  REPORT_POL_FIREWALL, true},
    {POLICIES "WindowsFirewall\\PrivateProfile",       REPORT_POL_FIREWALL,   true},
    {POLICIES "WindowsFirewall\\PrivateProfile\\Logging", REPORT_POL_FIREWALL, true},
    {POLICIES "WindowsFirewall\\PublicProfile",        REPORT_POL_FIREWALL,   true},
    {POLICIES "WindowsFirewall\\PublicProfile\\Logging",  REPORT_POL_FIREWALL, true},
    {POLICIES "Windows\\SrpV2",                        REPORT_POL_APPLOCKER,  false},
    {POLICIES "Cryptography\\AutoEnrollment",          REPORT_POL_PUBLIC_KEY, true},
    {CERTIFICATES "ACRS",                              REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "CA",                                REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "Disallowed",                        REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "EFS",                               REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "Root",                              REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "Trust",                             REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "TrustedPeople",                     REPORT_POL_PUBLIC_KEY, false},
    {CERTIFICATES "TrustedPublisher",                  REPORT_POL_PUBLIC_KEY, false},
    {"Software\\Policies\\Microsoft\\Windows NT\\DNSClient\\DnsPolicyConfig",
                                                       REPORT_POL_NRPT,       false},
};
/* clang-format on */

static bool key_is_below(const char *text, const char *key, const char **rest)
{
    size_t length = strlen(key);
    if (strncasecmp(text, key, length) != 0 || (text[length] && text[length] != '\\'))
        return false;
    if (rest)
        *rest = text + length + (text[length] == '\\');
    return true;
}

bool report_pol_below(const struct report_pol_value *value, const char *key, const char **rest)
{
    return key_is_below(value->key, key, rest);
}

static enum report_pol_owner owner_of(const char *key)
{
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        const char *rest;
        if (key_is_below(key, owners[i].key, &rest) && (!owners[i].exact || !*rest))
            return owners[i].owner;
    }
    return REPORT_POL_REGISTRY;
}

int report_utf16(char **out, const uint8_t *at, size_t size, struct gpmq_error *err)
{
    size_t length = 0;
    while (length + 1 < size && (at[length] || at[length + 1]))
        length += 2;
    CLEANUP(bytes_free) struct bytes marked = {0};
    bytes_put(&marked, UTF16_MARK, 2);
    bytes_put(&marked, at, length);
    if (marked.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a registry value");
    return text_to_utf8(out, &length, marked.at, marked.size, TEXT_REFUSE, err);
}

static int take_record(struct report_pol *pol, const struct registry_record *record,
                       struct gpmq_error *err)
{
    struct report_pol_value *value = &pol->values[pol->count++];
    *value = (struct report_pol_value){
        .type = record->type, .content = record->content, .size = record->content_size};
    int rc = report_utf16(&value->key, record->key, 2 * record->key_units, err);
    if (!rc)
        rc = report_utf16(&value->name, record->value, 2 * record->value_units, err);
    if (!rc)
        value->owner = owner_of(value->key);
    return rc;
}

static int take_records(struct report_pol *pol, size_t size, struct gpmq_error *err)
{
    size_t records;
    struct registry_walk walk;
    int rc = registry_pol_check(pol->bytes, size, &records, err);
    if (!rc && records > REPORT_POL_RECORDS_MAX)
        return fail(err, GPMQ_ETOOBIG, "registry.pol has %zu records, more than %d", records,
                    REPORT_POL_RECORDS_MAX);
    if (!rc)
        rc = registry_pol_open(&walk, pol->bytes, size, err);
    if (rc)
        return rc;
    pol->values = calloc(records + 1, sizeof *pol->values);
    if (!pol->values)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu registry values", records);
    bool more = true;
    while (!rc && more) {
        struct registry_record record;
        rc = registry_pol_next(&walk, &record, &more, err);
        if (!rc && more)
            rc = take_record(pol, &record, err);
    }
    return rc;
}

int report_pol_read(struct report_pol *out, uint8_t **bytes_p, size_t size, struct gpmq_error *err)
{
    CLEANUP(report_pol_free) struct report_pol pol = {.bytes = STEAL(*bytes_p)};
    int rc = take_records(&pol, size, err);
    if (rc)
        return rc;
    *out = pol;
    pol = (struct report_pol){0};
    return 0;
}

void report_pol_free(struct report_pol *pol)
{
    for (size_t i = 0; i < pol->count; i++) {
        free(pol->values[i].key);
        free(pol->values[i].name);
    }
    free(pol->values);
    free(pol->bytes);
    *pol = (struct report_pol){0};
}

int report_pol_text(char **out, const struct report_pol_value *value, struct gpmq_error *err)
{
    *out = NULL;
    if (value->type != REGISTRY_SZ && value->type != REGISTRY_EXPAND_SZ)
        return 0;
    return report_utf16(out, value->content, value->size, err);
}

int report_pol_next_text(char **out, const struct report_pol_value *value, size_t *at,
                         struct gpmq_error *err)
{
    *out = NULL;
    size_t end = *at;
    while (end + 1 < value->size && (value->content[end] || value->content[end + 1]))
        end += 2;
    if (end == *at)
        return 0;
    int rc = report_utf16(out, value->content + *at, end - *at, err);
    *at = end + 2 < value->size ? end + 2 : value->size;
    return rc;
}

bool report_pol_number(const struct report_pol_value *value, uint64_t *out)
{
    size_t size = value->type == REGISTRY_DWORD ? 4 : value->type == REGISTRY_QWORD ? 8 : 0;
    if (!size || value->size != size)
        return false;
    *out = 0;
    while (size--)
        *out = *out << 8 | value->content[size];
    return true;
}

int report_hex(char **out, const void *bytes, size_t size, struct gpmq_error *err)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = malloc(2 * size + 1);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu bytes as hex", size);
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    text[2 * size] = 0;
    *out = text;
    return 0;
}
