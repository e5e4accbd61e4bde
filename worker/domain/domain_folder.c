/* domain_folder.c - a folder that is a domain: open, close, and where its GPOs lie. */
#include "domain_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"

#define HOST_MAX 256

int64_t folder_now_unix_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int folder_fail(struct gpmq_error *err, const char *doing, const struct folder_domain *domain,
                const char *path)
{
    int number = errno;
    char below[GPO_PATH_MAX + 64];
    snprintf(below, sizeof below, "Policies/%s", path);
    errno = number;
    return beneath_fail(err, doing, domain->path, below);
}

static void free_folder(struct folder_domain **domain_p)
{
    struct folder_domain *domain = STEAL(*domain_p);
    if (!domain)
        return;
    domain_let_go(&domain->base);
    close_fd(&domain->policies_fd);
    close_fd(&domain->root_fd);
    ldif_free(&domain->directory);
    free(domain->accounts);
    free(domain->names);
    free(domain->members);
    free(domain->path);
    free(domain->dns_name);
    free(domain->netbios_name);
    free(domain->dn);
    free(domain->controller);
    free(domain);
}

static void folder_close(struct domain **domain_p)
{
    struct folder_domain *domain = (struct folder_domain *)STEAL(*domain_p);
    free_folder(&domain);
}

static const struct domain_info *folder_info(const struct domain *base)
{
    return &((const struct folder_domain *)base)->info;
}

/* "DC=example,DC=test" as "example.test", or NULL: it has other parts, or no memory. */
static char *dns_of_dn(const char *dn)
{
    char *name = malloc(strlen(dn) + 1);
    char *to = name;
    while (name && *dn) {
        size_t length = strcspn(dn, ",");
        if (length < 4 || strncasecmp(dn, "DC=", 3) != 0)
            break;
        if (to != name)
            *to++ = '.';
        memcpy(to, dn + 3, length - 3);
        to += length - 3;
        dn += length + (dn[length] == ',');
    }
    if (!name || *dn || to == name) {
        free(name);
        return NULL;
    }
    *to = 0;
    return name;
}

static const struct ldif_record *find_class(const struct ldif *ldif, const char *object_class)
{
    for (size_t i = 0; i < ldif->count; i++)
        if (ldif_has(&ldif->records[i], "objectClass", object_class))
            return &ldif->records[i];
    return NULL;
}

/* The NetBIOS name is in the domain's crossRef. */
static const char *find_netbios(const struct folder_domain *domain)
{
    for (size_t i = 0; i < domain->directory->count; i++) {
        const struct ldif_record *record = &domain->directory->records[i];
        const char *name = ldif_text(record, "nETBIOSName");
        if (name && ldif_has(record, "nCName", domain->dn))
            return name;
    }
    return NULL;
}

static int name_domain(struct folder_domain *domain, struct gpmq_error *err)
{
    char host[HOST_MAX] = "localhost";
    gethostname(host, sizeof host - 1);
    const char *netbios = find_netbios(domain);
    domain->controller = strdup(host);
    domain->netbios_name = netbios ? strdup(netbios) : strdup("");
    if (!domain->controller || !domain->netbios_name)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    if (!netbios)
        return fail(err, GPMQ_EDAMAGED,
                    "%s/domain.ldif: no crossRef with nCName %s and a nETBIOSName", domain->path,
                    domain->dn);
    return 0;
}

static int read_domain_object(struct folder_domain *domain, struct gpmq_error *err)
{
    const struct ldif_record *record = find_class(domain->directory, "domainDNS");
    const struct ldif_value *sid = record ? ldif_get(record, "objectSid") : NULL;
    const struct ldif_value *guid = record ? ldif_get(record, "objectGUID") : NULL;
    if (!sid || sid_read(&domain->sid, sid->bytes, sid->size, NULL) != 0 || !guid ||
        guid->size != sizeof domain->info.guid.bytes)
        return fail(err, GPMQ_EDAMAGED,
                    "%s/domain.ldif: no domainDNS object with objectSid and objectGUID",
                    domain->path);
    domain->info.guid = gpmq_guid_from_le(guid->bytes);
    domain->dn = strdup(record->dn);
    domain->dns_name = dns_of_dn(record->dn);
    if (!domain->dn || !domain->dns_name)
        return fail(err, GPMQ_EDAMAGED, "%s/domain.ldif: '%s' is no DN of a domain", domain->path,
                    record->dn);
    return name_domain(domain, err);
}

static int load_directory(struct folder_domain *domain, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    if (beneath_read(domain->root_fd, "domain.ldif", LDIF_SIZE_MAX, &text) != 0)
        return errno == ENOENT
                   ? fail(err, GPMQ_EDAMAGED,
                          "%s is no folder domain: it has no domain.ldif (gpmq domain create)",
                          domain->path)
                   : beneath_fail(err, "read", domain->path, "domain.ldif");
    int rc =
        ldif_parse(text.at ? text.at : (const uint8_t *)"", text.size, 0, &domain->directory, err);
    if (rc) {
        int code = rc == GPMQ_EMALFORMED ? GPMQ_EDAMAGED : rc;
        fail_in(err, "%s/domain.ldif", domain->path);
        if (err)
            err->code = code;
        return code;
    }
    rc = read_domain_object(domain, err);
    if (!rc)
        rc = folder_index_accounts(domain, err);
    return rc ? rc : folder_index_names(domain, err);
}

static int open_folders(struct folder_domain *domain, struct gpmq_error *err)
{
    domain->root_fd = open(domain->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (domain->root_fd < 0)
        return fail_errno(err, "cannot open the folder domain %s", domain->path);
    domain->policies_fd = beneath_open(domain->root_fd, "Policies", O_RDONLY | O_DIRECTORY, 0);
    if (domain->policies_fd < 0 && errno == ENOENT)
        return fail(err, GPMQ_EDAMAGED, "%s is no folder domain: it has no folder Policies",
                    domain->path);
    return domain->policies_fd < 0 ? beneath_fail(err, "open", domain->path, "Policies") : 0;
}

static void fill_info(struct folder_domain *domain)
{
    domain->info.dns_name = domain->dns_name;
    domain->info.netbios_name = domain->netbios_name;
    domain->info.dn = domain->dn;
    domain->info.sid = sid_text(&domain->sid, domain->sid_text);
    domain->info.controller = domain->controller;
}

/* One folder of .gpmq: ends what a crash left there, unless its writer is alive. What others take
 * away meanwhile needs nothing from us. */
static int recover_one(struct folder_domain *domain, int state_root, const char *name,
                       struct gpmq_error *err)
{
    struct gpmq_guid id;
    if (gpmq_guid_parse(&id, name) != 0)
        return 0;
    CLEANUP(close_fd)
    int state_fd = openat(state_root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (state_fd < 0 || (!beneath_exists(state_fd, "intent") && !beneath_exists(state_fd, "gpt") &&
                         !beneath_exists(state_fd, "gpc.ldif")))
        return 0;
    struct folder_place place = folder_locate(domain, &id);
    int rc = folder_recover_locked(domain, &place, state_fd, 0, err);
    return rc == GPMQ_EBUSY || rc == GPMQ_EACCESS ? 0 : rc;
}

static void close_dir(DIR **dir_p)
{
    if (*dir_p)
        closedir(*dir_p);
}

/* A domain that we may only read is opened as it is; its readers are told where it matters. */
static int recover_all(struct folder_domain *domain, struct gpmq_error *err)
{
    CLEANUP(close_fd)
    int state_root = beneath_open(domain->root_fd, ".gpmq", O_RDONLY | O_DIRECTORY, 0);
    if (state_root < 0)
        return 0;
    CLEANUP(close_dir) DIR *dir = fdopendir(state_root);
    if (!dir)
        return beneath_fail(err, "list", domain->path, ".gpmq");
    int fd = steal_fd(&state_root); /* the DIR's now */
    int rc = 0;
    for (struct dirent *entry = readdir(dir); entry && !rc; entry = readdir(dir))
        rc = recover_one(domain, fd, entry->d_name, err);
    return rc;
}

static int folder_open(struct domain **out, const char *url, struct gpmq_error *err)
{
    CLEANUP(free_folder) struct folder_domain *domain = calloc(1, sizeof *domain);
    if (!domain)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    domain->base.ops = &domain_folder;
    domain->root_fd = domain->policies_fd = -1;
    domain->path = strdup(url);
    if (!domain->path)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    int rc = open_folders(domain, err);
    if (!rc)
        rc = load_directory(domain, err);
    if (!rc)
        rc = recover_all(domain, err);
    if (rc)
        return rc;
    fill_info(domain);
    *out = &STEAL(domain)->base;
    return 0;
}

int folder_absent(struct gpmq_error *err, const struct folder_domain *domain,
                  const struct folder_place *place)
{
    errno = place->trouble;
    return place->trouble ? folder_fail(err, "look for", domain, place->ldif)
                          : fail(err, GPMQ_ENOTFOUND, "no GPO %s in %s", place->guid, domain->path);
}

struct folder_place folder_locate(const struct folder_domain *domain, const struct gpmq_guid *id)
{
    struct folder_place place = {.id = *id};
    char wanted[sizeof place.ldif], found[GPO_PATH_MAX + 1];
    gpmq_guid_text(id, place.guid);
    memcpy(place.gpt, place.guid, sizeof place.gpt);
    snprintf(place.ldif, sizeof place.ldif, "%s.ldif", place.guid);
    snprintf(wanted, sizeof wanted, "%s.ldif", place.guid);
    if (beneath_find(domain->policies_fd, wanted, found) == strlen(wanted)) {
        place.exists = true;
        memcpy(place.ldif, found, strlen(found) + 1);
    } else {
        place.trouble = errno;
    }
    if (beneath_find(domain->policies_fd, place.guid, found) == strlen(place.guid))
        memcpy(place.gpt, found, strlen(found) + 1);
    return place;
}

const struct domain_ops domain_folder = {
    .scheme = "folder",
    .open = folder_open,
    .close = folder_close,
    .info = folder_info,
    .list = folder_list,
    .read = folder_read,
    .read_file = folder_read_file,
    .principal = folder_principal,
    .find_principal = folder_find_principal,
    .wmi_filter = folder_wmi_filter,
    .templates = folder_templates,
    .read_template = folder_read_template,
    .soms = folder_soms,
    .wmi_filters = folder_wmi_filters,
    .account = folder_account,
    .change_begin = folder_change_begin,
    .change_mkdir = folder_change_mkdir,
    .change_write = folder_change_write,
    .change_set = folder_change_set,
    .change_read = folder_change_read,
    .change_commit = folder_change_commit,
    .change_abort = folder_change_abort,
};
