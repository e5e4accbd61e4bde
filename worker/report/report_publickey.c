/*
 * The Public Key section: enrolment, encrypted files, root certificates and the certificates of
 * registry.pol ([MS-GPEF], [MS-CAESO]; what is below SystemCertificates).
 */
#include <string.h>
#include <strings.h>

#include "certificate.h"
#include "cleanup.h"
#include "report_parts.h"

#define POLICIES     "Software\\Policies\\Microsoft\\"
#define ENROLLMENT   POLICIES "Cryptography\\AutoEnrollment"
#define CERTIFICATES POLICIES "SystemCertificates"
#define ROOTS        CERTIFICATES "\\Root\\ProtectedRoots"

/* AEPolicy ([MS-WCCE] 3.1.2.4) */
#define ENROLL_TEMPLATES 0x0001
#define ENROLL_RENEW     0x0006
#define ENROLL_OFF       0x8000

/* Flags of ProtectedRoots (wincrypt.h, CERT_PROT_ROOT_...) */
#define ROOT_NO_NEW         0x01
#define ROOT_NO_THIRD_PARTY 0x08
#define ROOT_NEEDS_UPN      0x20

/* What an encrypted file system has where nothing is configured. */
#define EFS_ALLOWED 2

/* clang-format off */
static const struct store {
    const char *key, *element;
} stores[] = {
    {CERTIFICATES "\\Root\\Certificates",             "RootCertificate"},
    {CERTIFICATES "\\CA\\Certificates",               "IntermediateCACertificate"},
    {CERTIFICATES "\\TrustedPublisher\\Certificates", "TrustedPublishersCertificate"},
    {CERTIFICATES "\\Disallowed\\Certificates",       "UntrustedCertificate"},
    {CERTIFICATES "\\TrustedPeople\\Certificates",    "TrustedPeopleCertificate"},
    {CERTIFICATES "\\EFS\\Certificates",              "EFSRecoveryAgent"},
};

/* Usages by the names that Windows shows. */
static const struct {
    const char *oid, *name;
} usages[] = {
    {"1.3.6.1.5.5.7.3.1",       "Server Authentication"},
    {"1.3.6.1.5.5.7.3.2",       "Client Authentication"},
    {"1.3.6.1.5.5.7.3.3",       "Code Signing"},
    {"1.3.6.1.5.5.7.3.4",       "Secure Email"},
    {"1.3.6.1.5.5.7.3.8",       "Time Stamping"},
    {"1.3.6.1.5.5.7.3.9",       "OCSP Signing"},
    {"1.3.6.1.4.1.311.10.3.4",  "Encrypting File System"},
    {"1.3.6.1.4.1.311.10.3.12", "Document Signing"},
    {"1.3.6.1.4.1.311.20.2.2",  "Smart Card Logon"},
};
/* clang-format on */

/* The last value of that name in a key; NULL: there is none. */
static struct report_pol_value *find(struct report_pol *pol, const char *key, const char *name)
{
    struct report_pol_value *found = NULL;
    for (size_t i = 0; i < pol->count; i++) {
        const char *rest;
        if (report_pol_below(&pol->values[i], key, &rest) && !*rest &&
            !strcasecmp(pol->values[i].name, name))
            found = &pol->values[i];
    }
    return found;
}

/* A number that is told; false: there is none. */
static bool take_number(struct report_pol *pol, const char *key, const char *name, uint64_t *out)
{
    struct report_pol_value *value = find(pol, key, name);
    if (!value || !report_pol_number(value, out))
        return false;
    value->told = true;
    return true;
}

/* ---- enrolment ------------------------------------------------------------------------------ */

/* Stores whose certificates' end is told of; "MY" is so anyway. */
static int put_store_names(struct report *report, struct gpmq_error *err)
{
    struct report_pol_value *value = find(&report->pol, ENROLLMENT, "OfflineExpirationStoreNames");
    CLEANUP(free_pointer) char *text = NULL;
    int rc = value ? report_pol_text(&text, value, err) : 0;
    if (rc)
        return rc;
    report_open(&report->write, "NotifyStoreNames");
    if (text && *text && strcasecmp(text, "MY") != 0)
        report_text(&report->write, "string", text);
    report_close(&report->write);
    if (text)
        value->told = true;
    return 0;
}

static void put_present(struct report_write *write, const char *element, bool present,
                        uint64_t number)
{
    report_open(write, element);
    report_bool(write, "Present", present);
    report_number(write, "Value", number);
    report_close(write);
}

static int put_enrollment(struct report *report, struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    uint64_t policy, percent = 0, notify = 0;
    if (!take_number(&report->pol, ENROLLMENT, "AEPolicy", &policy))
        return 0;
    report_open(write, "AutoEnrollmentSettings");
    report_bool(write, "EnrollCertificatesAutomatically", !(policy & ENROLL_OFF));
    report_open(write, "Options");
    report_bool(write, "RenewUpdateRevoke", (policy & ENROLL_RENEW) == ENROLL_RENEW);
    report_bool(write, "UpdateTemplates", policy & ENROLL_TEMPLATES);
    report_close(write);
    take_number(&report->pol, ENROLLMENT, "ExpirationNotification", &notify);
    report_bool(write, "ExpiryNotification", notify);
    bool present = take_number(&report->pol, ENROLLMENT, "OfflineExpirationPercent", &percent);
    put_present(write, "NotifyPercent", present, percent);
    int rc = put_store_names(report, err);
    report_close(write);
    return rc;
}

/* ---- settings ------------------------------------------------------------------------------- */

static const char *usage_name(const char *oid)
{
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++)
        if (!strcmp(usages[i].oid, oid))
            return usages[i].name;
    return oid;
}

static int put_usages(struct report *report, struct report_pol_value *value, struct gpmq_error *err)
{
    int rc = 0;
    report_open(&report->write, "PeerUsages");
    for (size_t at = 0; !rc;) {
        CLEANUP(free_pointer) char *oid = NULL;
        rc = report_pol_next_text(&oid, value, &at, err);
        if (!oid)
            break;
        report_text(&report->write, "string", usage_name(oid));
    }
    report_close(&report->write);
    value->told = true;
    return rc;
}

static int put_stores_settings(struct report *report, bool present, uint64_t flags,
                               struct gpmq_error *err)
{
    struct report_pol_value *peers = find(&report->pol, ROOTS, "PeerUsages");
    bool has_peers = peers && peers->type == REGISTRY_MULTI_SZ;
    int rc = 0;
    if (!present && !has_peers)
        return 0;
    report_open(&report->write, "certSettingsStores");
    put_present(&report->write, "PolicyValue", present, flags);
    if (has_peers)
        rc = put_usages(report, peers, err);
    report_close(&report->write);
    return rc;
}

static void put_encryption(struct report_write *write)
{
    report_open(write, "EFSSettings");
    report_number(write, "AllowEFS", EFS_ALLOWED);
    report_number(write, "Options", 0);
    report_number(write, "CacheTimeout", 0);
    report_number(write, "KeyLen", 0);
    report_close(write);
}

static void put_root_settings(struct report_write *write, uint64_t flags)
{
    report_open(write, "RootCertificateSettings");
    report_bool(write, "AllowNewCAs", !(flags & ROOT_NO_NEW));
    report_bool(write, "TrustThirdPartyCAs", !(flags & ROOT_NO_THIRD_PARTY));
    report_bool(write, "RequireUPNNamingConstraints", flags & ROOT_NEEDS_UPN);
    report_close(write);
}

/* ---- certificates --------------------------------------------------------------------------- */

/* One that cannot be read is left to Registry. */
static int put_certificate(struct report *report, struct report_pol_value *value,
                           const char *element, struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    CLEANUP(certificate_free) struct certificate certificate = {0};
    CLEANUP(free_pointer) char *hex = NULL;
    const uint8_t *der;
    size_t size;
    if (certificate_in_blob(value->content, value->size, &der, &size, NULL) ||
        certificate_read(&certificate, der, size, NULL))
        return 0;
    int rc = report_hex(&hex, value->content, value->size, err);
    if (rc)
        return rc;
    report_open(write, element);
    report_text(write, "IssuedTo", certificate.issued_to);
    report_text(write, "IssuedBy", certificate.issued_by);
    report_text(write, "ExpirationDate", certificate.expires);
    report_text(write, "Data", hex);
    report_close(write);
    value->told = true;
    return 0;
}

static int put_store(struct report *report, const struct store *store, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < report->pol.count; i++) {
        struct report_pol_value *value = &report->pol.values[i];
        const char *rest;
        if (report_pol_below(value, store->key, &rest) && *rest && value->type == REGISTRY_BINARY &&
            !strcasecmp(value->name, "Blob"))
            rc = put_certificate(report, value, store->element, err);
    }
    return rc;
}

/* ---- the section ---------------------------------------------------------------------------- */

/* Keys that are only made, so that a store is there, say nothing. */
static bool take_keys(struct report_pol *pol)
{
    bool any = false;
    for (size_t i = 0; i < pol->count; i++) {
        struct report_pol_value *value = &pol->values[i];
        if (value->owner != REPORT_POL_PUBLIC_KEY)
            continue;
        any = true;
        if (value->type == REGISTRY_NONE && !value->size && !*value->name)
            value->told = true;
    }
    return any;
}

int report_publickey(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    uint64_t flags = 0;
    if (!take_keys(&report->pol))
        return 0;
    report_begin_area(report, area);
    int rc = put_enrollment(report, err);
    bool present = take_number(&report->pol, ROOTS, "Flags", &flags);
    if (!rc)
        rc = put_stores_settings(report, present, flags, err);
    put_encryption(&report->write);
    put_root_settings(&report->write, flags);
    for (size_t i = 0; !rc && i < sizeof stores / sizeof *stores; i++)
        rc = put_store(report, &stores[i], err);
    report_end_area(report, area);
    return rc;
}
