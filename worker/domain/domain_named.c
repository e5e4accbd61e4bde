/* domain_named.c - "DOMAIN\name", "name@dns", a plain name, a SID, what is known everywhere. */
#include "domain_named.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "well_known.h"

/* "name@dns.domain", or what an account has as its userPrincipalName. */
static int find_upn(const struct domain_directory *directory, const char *upn,
                    struct domain_principal *out, struct gpmq_error *err)
{
    const char *at = strrchr(upn, '@');
    if (!fold_compare(at + 1, directory->info->dns_name)) {
        CLEANUP(free_pointer) char *name = strndup(upn, (size_t)(at - upn));
        if (!name)
            return fail(err, GPMQ_ENOMEM, "no memory for a name");
        int rc = directory->by_account(directory->arg, name, out, err);
        if (rc != GPMQ_ENOTFOUND)
            return rc;
    }
    return directory->by_upn(directory->arg, upn, out, err);
}

/* "DOMAIN\name", with the NetBIOS or the DNS name of this domain. */
static int find_qualified(const struct domain_directory *directory, const char *name,
                          struct domain_principal *out, struct gpmq_error *err)
{
    const char *slash = strchr(name, '\\');
    CLEANUP(free_pointer) char *prefix = strndup(name, (size_t)(slash - name));
    if (!prefix)
        return fail(err, GPMQ_ENOMEM, "no memory for a name");
    if (fold_compare(prefix, directory->info->dns_name) &&
        fold_compare(prefix, directory->info->netbios_name))
        return GPMQ_ENOTFOUND;
    return directory->by_account(directory->arg, slash + 1, out, err);
}

static int find_well_known(const struct domain_directory *directory, const char *name,
                           struct domain_principal *out, struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    const char *text = well_known_sid(name);
    struct sid sid;
    if (!text)
        return GPMQ_ENOTFOUND;
    int rc = sid_parse(&sid, text, err);
    if (!rc)
        rc = directory->by_sid(directory->arg, &sid, &principal, err);
    if (!rc && !principal.sam_account_name) {
        principal.sam_account_name = strdup(well_known_name(text));
        principal.type = strdup("Unknown");
        if (!principal.sam_account_name || !principal.type)
            return fail(err, GPMQ_ENOMEM, "no memory for a principal");
    }
    if (rc)
        return rc;
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

/* A SID is known when an account has it, or everybody knows it. */
static int find_sid(const struct domain_directory *directory, const struct sid *sid,
                    struct domain_principal *out, struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    char text[SID_TEXT_SIZE];
    int rc = directory->by_sid(directory->arg, sid, &principal, err);
    if (rc)
        return rc;
    if (!principal.sam_account_name) {
        const char *name = well_known_name(sid_text(sid, text));
        return name ? find_well_known(directory, name, out, err) : GPMQ_ENOTFOUND;
    }
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

int domain_named(const struct domain_directory *directory, const char *name,
                 struct domain_principal *out, struct gpmq_error *err)
{
    struct sid sid;
    int rc;
    if (sid_parse(&sid, name, NULL) == 0)
        rc = find_sid(directory, &sid, out, err);
    else if (strchr(name, '\\'))
        rc = find_qualified(directory, name, out, err);
    else if (strchr(name, '@'))
        rc = find_upn(directory, name, out, err);
    else
        rc = directory->by_account(directory->arg, name, out, err);
    if (rc == GPMQ_ENOTFOUND)
        rc = find_well_known(directory, name, out, err);
    if (rc == GPMQ_ENOTFOUND)
        return fail(err, rc, "the domain %s knows no '%s'", directory->info->dns_name, name);
    return rc;
}
