/* domain.c - what all domains share: open by URL, find by what a person types. */
#include "domain.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "domain_folder.h"
#include "fail.h"
#include "fold.h"

/* What stands before "://" or ":" when it looks like a scheme: two letters or more. */
static size_t scheme_length(const char *url)
{
    size_t length = strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789+-");
    return url[length] == ':' && length > 1 ? length : 0;
}

int domain_open(struct domain **out, const char *url, struct gpmq_error *err)
{
    if (!url || !*url)
        return fail(err, GPMQ_EINVAL, "no domain: give a folder that is one, or folder:PATH");
    size_t length = scheme_length(url);
    if (!length)
        return domain_folder.open(out, url, err);
    for (size_t i = 0; domain_kinds[i]; i++) {
        const struct domain_ops *ops = domain_kinds[i];
        if (strlen(ops->scheme) == length && strncmp(ops->scheme, url, length) == 0)
            return ops->open(out, url + length + 1, err);
    }
    return fail(err, GPMQ_EUNSUPPORTED,
                "no kind of domain '%.*s' in '%s': known are folder:PATH and, of "
                "workers, ad:NAME",
                (int)length, url, url);
}

void domain_close(struct domain **domain_p)
{
    if (*domain_p)
        (*domain_p)->ops->close(domain_p);
}

void domain_let_go(struct domain *domain)
{
    if (domain->kept)
        domain->free_kept(&domain->kept);
}

void domain_keep(struct domain *domain, void *kept, void (*free_kept)(void **kept_p))
{
    domain_let_go(domain);
    domain->kept = kept;
    domain->free_kept = free_kept;
}

void domain_gpos_free(struct domain_gpos *gpos)
{
    for (size_t i = 0; i < gpos->count; i++)
        free(gpos->items[i].display_name);
    free(gpos->items);
    *gpos = (struct domain_gpos){0};
}

void domain_templates_free(struct domain_templates *templates)
{
    for (size_t i = 0; i < templates->count; i++)
        free(templates->paths[i]);
    free(templates->paths);
    *templates = (struct domain_templates){0};
}

void domain_principal_free(struct domain_principal *principal)
{
    free(principal->sid);
    free(principal->sam_account_name);
    free(principal->type);
    free(principal->netbios_domain_name);
    free(principal->dns_domain_name);
    free(principal->upn);
    *principal = (struct domain_principal){0};
}

/* Says which GPOs bear a name that several have. */
static int fail_ambiguous(const struct domain_gpos *gpos, const char *word, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes list = {0};
    for (size_t i = 0; i < gpos->count; i++) {
        char text[GPMQ_GUID_TEXT_SIZE];
        if (fold_compare(gpos->items[i].display_name, word) == 0)
            bytes_format(&list, "%s%s", list.size ? ", " : "",
                         gpmq_guid_text(&gpos->items[i].id, text));
    }
    return fail(err, GPMQ_EAMBIGUOUS, "several GPOs are called '%s', give the GUID: %s", word,
                list.failed ? "" : (char *)list.at);
}

int domain_find(struct domain *domain, const char *word, struct gpmq_guid *out,
                struct gpmq_error *err)
{
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    int rc = domain->ops->list(domain, &gpos, err);
    if (rc)
        return rc;
    struct gpmq_guid guid;
    bool by_guid = gpmq_guid_parse(&guid, word) == 0;
    const struct domain_gpo *found = NULL;
    for (size_t i = 0; i < gpos.count; i++) {
        const struct domain_gpo *gpo = &gpos.items[i];
        if (by_guid ? !gpmq_guid_equal(&gpo->id, &guid)
                    : fold_compare(gpo->display_name, word) != 0)
            continue;
        if (found)
            return fail_ambiguous(&gpos, word, err);
        found = gpo;
    }
    if (!found)
        return fail(err, GPMQ_ENOTFOUND, "no GPO '%s' in %s (gpmq list gpos shows them)", word,
                    domain->ops->info(domain)->dns_name);
    *out = found->id;
    return 0;
}
