#include "migration_principal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "sid.h"
#include "well_known.h"

#define DOMAIN_ACCOUNT "S-1-5-21-"

void migration_principal_free(struct migration_principal *principal)
{
    for (size_t i = 0; i < principal->form_count; i++)
        free(principal->forms[i]);
    free(principal->name);
    free(principal->source);
    *principal = (struct migration_principal){0};
}

__attribute__((format(printf, 2, 3))) static bool add_form(struct migration_principal *principal,
                                                           const char *format, ...)
{
    va_list arguments;
    char *form = NULL;
    va_start(arguments, format);
    int length = vasprintf(&form, format, arguments);
    va_end(arguments);
    if (length < 0 || principal->form_count == MIGRATION_FORMS_MAX)
        return false;
    principal->forms[principal->form_count++] = form;
    return true;
}

/* A name that settings have instead of a SID: "free text". */
static bool fill_text(struct migration_principal *principal, const char *text)
{
    principal->type = MIGRATION_UNKNOWN;
    principal->listed = true;
    principal->name = strdup(text);
    principal->source = strdup(text);
    return add_form(principal, "%s", text);
}

static bool fill_well_known(struct migration_principal *principal, const char *sid,
                            const char *name)
{
    bool builtin = !strncmp(sid, "S-1-5-32-", strlen("S-1-5-32-"));
    principal->type = MIGRATION_UNKNOWN;
    principal->listed = true;
    principal->name = strdup(name);
    principal->source = strdup(name);
    return add_form(principal, "%s", sid) && add_form(principal, "%s", name) &&
           add_form(principal, "%s\\%s", builtin ? "BUILTIN" : "NT AUTHORITY", name);
}

static bool fill_account(struct migration_principal *principal, const struct domain_principal *from)
{
    const char *name = from->sam_account_name;
    bool fits = add_form(principal, "%s", from->sid);
    if (!from->type || !migration_type_find(&principal->type, from->type))
        principal->type = MIGRATION_UNKNOWN;
    principal->listed = !strncmp(from->sid, DOMAIN_ACCOUNT, strlen(DOMAIN_ACCOUNT));
    if (name && from->netbios_domain_name)
        fits = fits && add_form(principal, "%s\\%s", from->netbios_domain_name, name);
    if (name && from->dns_domain_name)
        fits = fits && add_form(principal, "%s\\%s", from->dns_domain_name, name);
    if (from->upn)
        fits = fits && add_form(principal, "%s", from->upn);
    if (name)
        principal->name = strdup(name);
    /* A name is told with its type; where no type is known, the SID is what counts. */
    bool by_upn = from->upn && principal->type != MIGRATION_UNKNOWN;
    principal->source = strdup(by_upn ? from->upn : from->sid);
    return fits && (!name || principal->name);
}

static int fill_sid(struct migration_principal *principal, const char *sid,
                    migration_lookup *lookup, void *lookup_arg, struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal found = {0};
    const char *name = well_known_name(sid);
    bool fits;
    principal->known_by_sid = true;
    if (name) {
        fits = fill_well_known(principal, sid, name);
    } else {
        int rc = lookup(lookup_arg, sid, &found, err);
        if (rc)
            return rc;
        free(found.sid);
        found.sid = strdup(sid);
        fits = found.sid && fill_account(principal, &found);
    }
    return fits ? 0 : fail(err, GPMQ_ENOMEM, "no memory for an account");
}

int migration_principal_find(struct migration_principal *out, const char *text,
                             migration_lookup *lookup, void *lookup_arg, struct gpmq_error *err)
{
    CLEANUP(migration_principal_free) struct migration_principal principal = {0};
    char canonical[SID_TEXT_SIZE];
    struct sid sid;
    int rc = 0;
    if (sid_parse(&sid, text, NULL) == 0)
        rc = fill_sid(&principal, sid_text(&sid, canonical), lookup, lookup_arg, err);
    else if (!fill_text(&principal, text))
        rc = fail(err, GPMQ_ENOMEM, "no memory for an account");
    if (!rc && !principal.source)
        rc = fail(err, GPMQ_ENOMEM, "no memory for an account");
    if (rc)
        return rc;
    *out = principal;
    principal = (struct migration_principal){0};
    return 0;
}
