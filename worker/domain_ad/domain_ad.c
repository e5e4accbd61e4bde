/* domain_ad.c - opens a domain: finds a controller, learns who it is, keeps the connection. */
#include "domain_ad.h"

#include <ctype.h>
#include <ldap.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"

/* Connections that wait for the next operation of this process: it runs one at a time, and a
 * handler opens a domain anew for each. */
#define KEPT_MAX 8
static struct ad_domain *kept[KEPT_MAX];

struct ad_place ad_locate(const struct gpmq_guid *id)
{
    struct ad_place place = {.id = *id};
    gpmq_guid_text(id, place.guid);
    snprintf(place.lock, sizeof place.lock, ".gpmq-%s.lock", place.guid);
    snprintf(place.intent, sizeof place.intent, ".gpmq-%s.intent", place.guid);
    snprintf(place.old, sizeof place.old, ".gpmq-%s.old", place.guid);
    return place;
}

void ad_gpc_dn(const struct ad_domain *domain, const struct ad_place *place, char dn[AD_DN_MAX])
{
    snprintf(dn, AD_DN_MAX, "CN=%s,CN=Policies,CN=System,%s", place->guid, domain->dn);
}

/* ---- letting go ------------------------------------------------------------------------------ */

static void free_domain(struct ad_domain **domain_p)
{
    struct ad_domain *domain = STEAL(*domain_p);
    if (!domain)
        return;
    domain_let_go(&domain->base);
    ad_forget_principals(domain);
    ldif_free(&domain->soms);
    ad_free_seen(domain->seen_files, domain->seen_count);
    sysvol_close(&domain->sysvol);
    ad_ldap_close(&domain->ldap);
    ad_settings_free(&domain->settings);
    free(domain->url);
    free(domain->dn);
    free(domain->config_dn);
    free(domain->netbios_name);
    free(domain->controller);
    free(domain);
}

static bool is_broken(const struct ad_domain *domain)
{
    return ad_ldap_is_broken(domain->ldap) || domain->sysvol->ops->is_broken(domain->sysvol);
}

/* A good connection is kept; of two for one URL the newer one. */
static void ad_close(struct domain **base_p)
{
    CLEANUP(free_domain) struct ad_domain *domain = (struct ad_domain *)STEAL(*base_p);
    if (!domain || is_broken(domain))
        return;
    size_t slot = 0;
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (!kept[i] || (kept[slot] && kept[i]->used_ms < kept[slot]->used_ms))
            slot = i;
    domain->used_ms = clock_now_ms();
    free_domain(&kept[slot]);
    kept[slot] = STEAL(domain);
}

void domain_ad_forget(void)
{
    for (size_t i = 0; i < KEPT_MAX; i++)
        free_domain(&kept[i]);
}

/* Whether both halves still answer: servers close what is idle. */
static bool answers(struct ad_domain *domain)
{
    static const char *const attributes[] = {"dnsHostName", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    struct ad_search search = {.base = "", .scope = AD_BASE, .attributes = attributes};
    struct sysvol_stat stat;
    if (clock_now_ms() - domain->used_ms < AD_PROBE_MS)
        return true;
    return found && ad_ldap_search(domain->ldap, &search, found, NULL) == 0 &&
           domain->sysvol->ops->stat(domain->sysvol, "", &stat, NULL) == 0;
}

static struct ad_domain *take_kept(const char *url)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        if (!kept[i] || strcmp(kept[i]->url, url) != 0)
            continue;
        CLEANUP(free_domain) struct ad_domain *domain = STEAL(kept[i]);
        if (clock_now_ms() - domain->used_ms > AD_KEEP_MS || !answers(domain))
            continue;
        domain->seen = (struct gpmq_guid){0};
        return STEAL(domain);
    }
    return NULL;
}

/* ---- who it is ------------------------------------------------------------------------------- */

static int copy_text(const struct ldif_record *record, const char *name, char **out,
                     struct gpmq_error *err)
{
    const char *text = ldif_text(record, name);
    if (!text)
        return fail(err, GPMQ_EDAMAGED, "'%s' has no %s: is it an Active Directory?", record->dn,
                    name);
    *out = strdup(text);
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a domain");
}

static int read_root(struct ad_domain *domain, struct gpmq_error *err)
{
    static const char *const attributes[] = {"defaultNamingContext", "configurationNamingContext",
                                             "dnsHostName", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    struct ad_search search = {.base = "", .scope = AD_BASE, .attributes = attributes};
    if (!found)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    int rc = ad_ldap_search(domain->ldap, &search, found, err);
    if (!rc && found->count != 1)
        rc = fail(err, GPMQ_EDAMAGED, "%s has no root object", ad_ldap_server(domain->ldap));
    if (!rc)
        rc = copy_text(&found->records[0], "defaultNamingContext", &domain->dn, err);
    if (!rc)
        rc = copy_text(&found->records[0], "configurationNamingContext", &domain->config_dn, err);
    return rc ? rc : copy_text(&found->records[0], "dnsHostName", &domain->controller, err);
}

static int read_domain_object(struct ad_domain *domain, struct gpmq_error *err)
{
    static const char *const attributes[] = {"objectSid", "objectGUID", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    struct ad_search search = {.base = domain->dn, .scope = AD_BASE, .attributes = attributes};
    struct sid sid;
    if (!found)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    int rc = ad_ldap_search(domain->ldap, &search, found, err);
    if (rc)
        return rc;
    const struct ldif_record *record = found->count ? &found->records[0] : NULL;
    const struct ldif_value *bytes = record ? ldif_get(record, "objectSid") : NULL;
    const struct ldif_value *guid = record ? ldif_get(record, "objectGUID") : NULL;
    if (!bytes || sid_read(&sid, bytes->bytes, bytes->size, NULL) != 0 || !guid ||
        guid->size != sizeof domain->info.guid.bytes)
        return fail(err, GPMQ_EDAMAGED, "'%s' has no objectSid or objectGUID that we may read",
                    domain->dn);
    domain->info.guid = gpmq_guid_from_le(guid->bytes);
    sid_text(&sid, domain->sid_text);
    return 0;
}

static int read_netbios(struct ad_domain *domain, struct gpmq_error *err)
{
    static const char *const attributes[] = {"nETBIOSName", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    char base[AD_DN_MAX], filter[AD_FILTER_SIZE] = "(&(objectClass=crossRef)(nCName=";
    snprintf(base, sizeof base, "CN=Partitions,%s", domain->config_dn);
    if (!found || !ad_filter_put(filter, sizeof filter - 2, domain->dn))
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    strncat(filter, "))", 3);
    struct ad_search search = {
        .base = base, .scope = AD_CHILDREN, .filter = filter, .attributes = attributes};
    int rc = ad_ldap_search(domain->ldap, &search, found, err);
    if (!rc && found->count != 1)
        rc = fail(err, GPMQ_EDAMAGED, "'%s' has no crossRef of '%s'", base, domain->dn);
    return rc ? rc : copy_text(&found->records[0], "nETBIOSName", &domain->netbios_name, err);
}

/* A controller of another domain answers as well; it is not what was asked for. */
static int judge_dn(const struct ad_domain *domain, struct gpmq_error *err)
{
    char wanted[AD_DN_MAX] = "";
    size_t length = 0;
    for (const char *label = domain->settings->domain; *label;) {
        size_t size = strcspn(label, ".");
        length += (size_t)snprintf(wanted + length, sizeof wanted - length, "%sDC=%.*s",
                                   length ? "," : "", (int)size, label);
        label += size + (label[size] == '.');
    }
    if (strcasecmp(wanted, domain->dn) == 0)
        return 0;
    return fail(err, GPMQ_EINVAL, "%s is a controller of '%s', not of '%s'",
                ad_ldap_server(domain->ldap), domain->dn, domain->settings->domain);
}

static int learn(struct ad_domain *domain, struct gpmq_error *err)
{
    int rc = read_root(domain, err);
    if (!rc)
        rc = judge_dn(domain, err);
    if (!rc)
        rc = read_domain_object(domain, err);
    if (!rc)
        rc = read_netbios(domain, err);
    if (rc)
        return rc;
    domain->info.dns_name = domain->settings->domain;
    domain->info.netbios_name = domain->netbios_name;
    domain->info.dn = domain->dn;
    domain->info.sid = domain->sid_text;
    domain->info.controller = domain->controller;
    return 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* One controller: both halves of it, or none. */
static int reach(struct ad_domain *domain, const char *server, struct gpmq_error *err)
{
    ad_ldap_close(&domain->ldap);
    free(STEAL(domain->dn));
    free(STEAL(domain->config_dn));
    free(STEAL(domain->netbios_name));
    free(STEAL(domain->controller));
    int rc = ad_ldap_open(&domain->ldap, domain->settings, server, err);
    if (!rc)
        rc = learn(domain, err);
    return rc ? rc : sysvol_open(&domain->sysvol, domain->settings, server, err);
}

/* Those that DNS names, or the domain's own name, which Active Directory gives all controllers. */
static int look_up(struct ad_settings *settings, struct gpmq_error *err)
{
    char *hosts = NULL;
    if (settings->server_count)
        return 0;
    if (ldap_domain2hostlist(settings->domain, &hosts) != LDAP_SUCCESS)
        hosts = NULL;
    char *rest = hosts, *host;
    while (rest && settings->server_count < AD_SERVERS_MAX && (host = strsep(&rest, " "))) {
        host[strcspn(host, ":")] = 0; /* its port is the usual one, and ldaps has another */
        if (*host && (settings->servers[settings->server_count] = strdup(host)))
            settings->server_count++;
    }
    ldap_memfree(hosts);
    if (!settings->server_count && (settings->servers[0] = strdup(settings->domain)))
        settings->server_count = 1;
    return settings->server_count ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a domain");
}

/* The first controller that answers; of several failures the first one is told. */
static int reach_any(struct ad_domain *domain, struct gpmq_error *err)
{
    struct gpmq_error first = {0};
    int rc = look_up(domain->settings, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < domain->settings->server_count; i++) {
        struct gpmq_error why = {0};
        rc = reach(domain, domain->settings->servers[i], &why);
        if (!rc)
            return 0;
        if (!first.code)
            first = why;
        if (rc != GPMQ_EUNREACHABLE && rc != GPMQ_EBUSY)
            break;
    }
    if (err)
        *err = first;
    return first.code;
}

static int ad_open(struct domain **out, const char *url, struct gpmq_error *err)
{
    struct ad_domain *again = take_kept(url);
    if (again) {
        *out = &again->base;
        return 0;
    }
    CLEANUP(free_domain) struct ad_domain *domain = calloc(1, sizeof *domain);
    if (!domain || !(domain->url = strdup(url)))
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    domain->base.ops = &domain_ad;
    int rc = ad_settings_parse(&domain->settings, url, err);
    if (!rc)
        rc = reach_any(domain, err);
    if (rc)
        return rc;
    *out = &STEAL(domain)->base;
    return 0;
}

static const struct domain_info *ad_info(const struct domain *base)
{
    return &((const struct ad_domain *)base)->info;
}

const struct domain_ops domain_ad = {
    .scheme = AD_SCHEME,
    .open = ad_open,
    .close = ad_close,
    .info = ad_info,
    .list = ad_list,
    .read = ad_read,
    .read_file = ad_read_file,
    .principal = ad_principal,
    .find_principal = ad_find_principal,
    .wmi_filter = ad_wmi_filter,
    .soms = ad_soms,
    .wmi_filters = ad_wmi_filters,
    .account = ad_account,
    .templates = ad_templates,
    .read_template = ad_read_template,
    .change_begin = ad_change_begin,
    .change_mkdir = ad_change_mkdir,
    .change_write = ad_change_write,
    .change_set = ad_change_set,
    .change_read = ad_change_read,
    .change_commit = ad_change_commit,
    .change_abort = ad_change_abort,
};
