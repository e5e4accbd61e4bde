/* doctor_ad.c - from the settings of an AD domain to its SYSVOL, one after the other. */
#include "doctor_ad.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ad_files.h"
#include "ad_ldap.h"
#include "ad_ticket.h"
#include "certificate.h"
#include "cleanup.h"
#include "clock.h"
#include "domain_ad.h"
#include "sysvol.h"
#include "sysvol_acl.h"

#define CERTIFICATE_DAYS 30 /* left: fewer are a warning */
#define DAY_S            86400
#define RIGHTS_ADVICE                                                                              \
    "backups and reports work; for restore, import and copy give the account the rights of "       \
    "docs/samba.md or docs/windows-ad.md"

/* ---- files and login ------------------------------------------------------------------------- */

static bool check_files(struct doctor *doctor, const struct ad_settings *settings)
{
    struct gpmq_error err = {0};
    struct stat found;
    if (ad_files_check(settings, &err) != 0) {
        doctor_say(doctor, DOCTOR_PROBLEM, "files",
                   "the file must be there, and readable for the worker's account alone", "%s",
                   err.text);
        return false;
    }
    if (settings->keytab && stat(settings->keytab, &found) == 0 && found.st_mode & 07)
        doctor_say(doctor, DOCTOR_WARNING, "files", "chmod 600 it, owned by the worker's account",
                   "others can read the keys in '%s'", settings->keytab);
    else
        doctor_say(doctor, DOCTOR_OK, "files", NULL, "what the settings name is there");
    return true;
}

/* What to do about a code; the text has said what happened. */
static const char *advice_for(const struct ad_settings *settings, int code)
{
    switch (code) {
    case GPMQ_EDENIED:
        return settings->password_file ? "check 'user' and the password in the password file; is "
                                         "the account locked or expired?"
               : settings->keytab ? "check 'user'; make the keytab anew if the password was changed"
                                  : "get a ticket with kinit, or name a keytab in the settings";
    case GPMQ_EUNREACHABLE:
        return settings->auth == AD_SIMPLE ? "does 'ca' hold the certificate that signed the "
                                             "controller's, and is 'servers' "
                                             "the name in it?"
                                           : "check DNS, /etc/krb5.conf and the ports above";
    case GPMQ_EACCESS:
        return "give the worker's account the right that is named";
    default:
        return "see the text; docs/samba.md and docs/windows-ad.md have the set-up";
    }
}

static void say_failed(struct doctor *doctor, const struct ad_settings *settings, const char *check,
                       const struct gpmq_error *err)
{
    doctor_say(doctor, DOCTOR_PROBLEM, check, advice_for(settings, err->code), "%s", err->text);
}

static bool check_ticket(struct doctor *doctor, const struct ad_settings *settings)
{
    struct gpmq_error err = {0};
    if (settings->auth != AD_KERBEROS)
        return true;
    if (ad_ticket_get(settings, &err) != 0) {
        say_failed(doctor, settings, "ticket", &err);
        return false;
    }
    int64_t left_s = ad_ticket_ends(settings) - clock_unix_ms() / 1000;
    if (left_s > 0)
        doctor_say(doctor, DOCTOR_OK, "ticket", NULL,
                   "Kerberos gives %s a ticket for %" PRId64 " min", settings->user, left_s / 60);
    return true;
}

static void check_certificate(struct doctor *doctor, struct ad_ldap *ldap)
{
    CLEANUP(free_pointer) uint8_t *der = NULL;
    struct certificate certificate = {0};
    struct tm tm = {0};
    size_t size;
    if (!ad_ldap_certificate(ldap, &der, &size))
        return;
    if (certificate_read(&certificate, der, size, NULL) == 0 &&
        strptime(certificate.expires, "%Y-%m-%dT%H:%M:%SZ", &tm)) {
        int64_t days = ((int64_t)timegm(&tm) - clock_unix_ms() / 1000) / DAY_S;
        bool soon = days < CERTIFICATE_DAYS;
        doctor_say(doctor, soon ? DOCTOR_WARNING : DOCTOR_OK, "tls",
                   soon ? "give the controller a new certificate" : NULL,
                   "the certificate of %s, by %s, is good for %" PRId64 " days",
                   certificate.issued_to, certificate.issued_by, days);
    }
    certificate_free(&certificate);
}

/* ---- directory ------------------------------------------------------------------------------- */

struct visit {
    struct doctor *doctor;
    const struct ad_settings *settings;
    struct ad_ldap *ldap;
    char policies[AD_DN_MAX];
};

static bool search(struct visit *visit, const struct ad_search *what, struct ldif *found,
                   const char *check)
{
    struct gpmq_error err = {0};
    if (found && ad_ldap_search(visit->ldap, what, found, &err) == 0)
        return true;
    say_failed(visit->doctor, visit->settings, check, &err);
    return false;
}

static bool find_policies(struct visit *visit)
{
    static const char *const attributes[] = {"defaultNamingContext", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    const struct ad_search root = {.base = "", .scope = AD_BASE, .attributes = attributes};
    if (!search(visit, &root, found, "policies"))
        return false;
    const char *dn = found->count ? ldif_text(&found->records[0], attributes[0]) : NULL;
    if (!dn) {
        doctor_say(visit->doctor, DOCTOR_PROBLEM, "policies", "name a controller in 'servers'",
                   "%s is no controller of a domain", ad_ldap_server(visit->ldap));
        return false;
    }
    snprintf(visit->policies, sizeof visit->policies, "CN=Policies,CN=System,%s", dn);
    return true;
}

/* The GPOs that we see, and whether we see into them. */
static void check_policies(struct visit *visit)
{
    static const char *const attributes[] = {"displayName", "nTSecurityDescriptor",
                                             "allowedAttributesEffective", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    const struct ad_search gpcs = {.base = visit->policies,
                                   .scope = AD_CHILDREN,
                                   .filter = "(objectClass=groupPolicyContainer)",
                                   .attributes = attributes};
    size_t unreadable = 0, fixed = 0;
    if (!search(visit, &gpcs, found, "policies"))
        return;
    for (size_t i = 0; i < found->count; i++) {
        const struct ldif_record *gpc = &found->records[i];
        unreadable += !ldif_get(gpc, "displayName") || !ldif_get(gpc, "nTSecurityDescriptor");
        fixed += !ldif_has(gpc, "allowedAttributesEffective", "versionNumber");
    }
    bool bad = unreadable || !found->count;
    doctor_say(
        visit->doctor, bad ? DOCTOR_PROBLEM : DOCTOR_OK, "policies",
        bad ? "the account needs to read GPOs with their permissions: security filtering must "
              "leave it 'Read'"
            : NULL,
        "%zu GPOs are seen, %zu of them without name or permissions", found->count, unreadable);
    doctor_say(visit->doctor, fixed ? DOCTOR_WARNING : DOCTOR_OK, "change",
               fixed ? RIGHTS_ADVICE : NULL, "the account may change %zu of %zu GPOs",
               found->count - fixed, found->count);
}

static void check_create(struct visit *visit)
{
    static const char *const attributes[] = {"allowedChildClassesEffective", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    const struct ad_search policies = {
        .base = visit->policies, .scope = AD_BASE, .attributes = attributes};
    if (!search(visit, &policies, found, "create"))
        return;
    bool may = found->count && ldif_has(&found->records[0], attributes[0], "groupPolicyContainer");
    doctor_say(visit->doctor, may ? DOCTOR_OK : DOCTOR_WARNING, "create",
               may ? NULL : RIGHTS_ADVICE, "the account may %smake GPOs", may ? "" : "not ");
}

/* ---- SYSVOL ---------------------------------------------------------------------------------- */

static int count_name(void *arg, const char *path, const struct sysvol_stat *stat,
                      struct gpmq_error *err)
{
    size_t *count = arg;
    (void)err;
    *count += stat->directory && path[0] == '{';
    return 0;
}

static void check_sysvol_write(struct visit *visit, struct sysvol *sysvol)
{
    struct gpmq_error err = {0};
    char name[64];
    if (!visit->doctor->may_write) {
        doctor_say(visit->doctor, DOCTOR_SKIPPED, "write", NULL,
                   "writing to SYSVOL is tried with --doctor-write only");
        return;
    }
    snprintf(name, sizeof name, ".gpmq-doctor-%d", (int)getpid());
    int rc = sysvol->ops->mkdir(sysvol, name, &err);
    if (!rc)
        rc = sysvol->ops->remove(sysvol, name, &err);
    if (rc)
        say_failed(visit->doctor, visit->settings, "write", &err);
    else
        doctor_say(visit->doctor, DOCTOR_OK, "write", NULL,
                   "a folder in SYSVOL was made and removed");
}

static void check_helper(struct visit *visit, const char *server)
{
    CLEANUP(free_pointer) uint8_t *sd = NULL;
    struct gpmq_error err = {0};
    size_t size;
    if (sysvol_acl_get(visit->settings, server, "", &sd, &size, &err) != 0)
        doctor_say(visit->doctor, DOCTOR_WARNING, "helper",
                   "backups work; for new GPOs install python3-samba on this machine", "%s",
                   err.text);
    else
        doctor_say(visit->doctor, DOCTOR_OK, "helper", NULL,
                   "gpmq-sysvol-acl reads permissions in SYSVOL (%zu bytes)", size);
}

static void check_sysvol(struct visit *visit, const char *server)
{
    CLEANUP(sysvol_close) struct sysvol *sysvol = NULL;
    struct gpmq_error err = {0};
    size_t count = 0;
    int rc = sysvol_open(&sysvol, visit->settings, server, &err);
    if (!rc)
        rc = sysvol->ops->names(sysvol, "", count_name, &count, &err);
    if (rc) {
        say_failed(visit->doctor, visit->settings, "sysvol", &err);
        return;
    }
    doctor_say(visit->doctor, DOCTOR_OK, "sysvol", NULL, "%zu folders of GPOs in SYSVOL of %s",
               count, server);
    check_sysvol_write(visit, sysvol);
    check_helper(visit, server);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void visit_server(struct doctor *doctor, const struct ad_settings *settings,
                         const char *server)
{
    CLEANUP(ad_ldap_close) struct ad_ldap *ldap = NULL;
    struct gpmq_error err = {0};
    if (!check_ticket(doctor, settings))
        return;
    if (ad_ldap_open(&ldap, settings, server, &err) != 0) {
        say_failed(doctor, settings, "login", &err);
        return;
    }
    doctor_say(doctor, DOCTOR_OK, "login", NULL, "%s accepts %s", server,
               settings->user ? settings->user : "the tickets of this account");
    check_certificate(doctor, ldap);
    struct visit visit = {doctor, settings, ldap, ""};
    if (find_policies(&visit)) {
        check_policies(&visit);
        check_create(&visit);
    }
    check_sysvol(&visit, server);
}

void doctor_ad(struct doctor *doctor, const char *url)
{
    CLEANUP(ad_settings_free) struct ad_settings *settings = NULL;
    struct gpmq_error err = {0};
    if (ad_settings_parse(&settings, url, &err) != 0) {
        doctor_say(doctor, DOCTOR_PROBLEM, "settings", "correct the worker's settings", "%s",
                   err.text);
        return;
    }
    bool files = check_files(doctor, settings);
    const char *server = doctor_ad_reach(doctor, settings);
    if (!server)
        return;
    doctor_ad_clock(doctor, settings, server);
    if (files)
        visit_server(doctor, settings, server);
}
