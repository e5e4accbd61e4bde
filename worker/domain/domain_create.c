/* domain_create.c - make a folder domain: beside its place, then renamed. */
#include "domain_create.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "domain.h"
#include "fail.h"
#include "fold.h"

/* The GPOs found in one LDIF. */
struct policy {
    struct gpmq_guid id;
    struct ldif *ldif;
};

struct build {
    const struct domain_create_options *options;
    char *dn;
    char *netbios;
    struct ldif *directory; /* what becomes domain.ldif */
    size_t policy_count;
    struct policy *policies;
    char place[PATH_MAX];  /* absolute path of the domain */
    char beside[PATH_MAX]; /* where it is built; "" before */
    int fd;                /* of `beside` */
};

static void free_build(struct build *build)
{
    close_fd(&build->fd);
    if (*build->beside) {
        if (beneath_remove(AT_FDCWD, build->beside, build->beside, NULL))
            *build->beside = 0; /* it stays: where nothing can be made, little can be removed */
    }
    for (size_t i = 0; i < build->policy_count; i++)
        ldif_free(&build->policies[i].ldif);
    free(build->policies);
    ldif_free(&build->directory);
    free(build->netbios);
    free(build->dn);
}

/* ---- where ----------------------------------------------------------------------------------- */

static bool is_empty_folder(const char *path)
{
    DIR *entries = opendir(path);
    int count = 0;
    while (entries && count < 3 && readdir(entries))
        count++;
    if (entries)
        closedir(entries);
    return entries && count < 3; /* "." and ".." */
}

/* The absolute path of a domain that may not exist yet, below a folder that does. */
static int find_place(struct build *build, const char *path, struct gpmq_error *err)
{
    char upper[PATH_MAX], last[PATH_MAX], parent[PATH_MAX];
    struct stat stat;
    if (strnlen(path, PATH_MAX) >= PATH_MAX - 64 || !*path)
        return fail(err, GPMQ_EINVAL, "no path for a domain");
    if (lstat(path, &stat) == 0) {
        if (!S_ISDIR(stat.st_mode) || !realpath(path, build->place) || !is_empty_folder(path))
            return fail(err, GPMQ_EEXIST, "cannot create a domain at %s: something is there", path);
        return 0;
    }
    memcpy(upper, path, strlen(path) + 1);
    memcpy(last, path, strlen(path) + 1);
    if (!realpath(dirname(upper), parent))
        return fail_errno(err, "cannot create a domain at %s", path);
    if (snprintf(build->place, PATH_MAX, "%s/%s", strcmp(parent, "/") ? parent : "",
                 basename(last)) >= PATH_MAX)
        return fail(err, GPMQ_EINVAL, "%s is too long", path);
    return 0;
}

/* Makes ".NAME.gpmq-XXXXXX" beside the domain's place. */
static int make_beside(struct build *build, struct gpmq_error *err)
{
    const char *name = strrchr(build->place, '/') + 1;
    int length = snprintf(build->beside, sizeof build->beside, "%.*s.%s.gpmq-XXXXXX",
                          (int)(name - build->place), build->place, name);
    if (length < 0 || (size_t)length >= sizeof build->beside || !mkdtemp(build->beside)) {
        *build->beside = 0;
        return fail_errno(err, "cannot create a domain at %s", build->place);
    }
    build->fd = open(build->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (build->fd < 0 || fchmod(build->fd, 0755) != 0)
        return fail_errno(err, "cannot create a domain at %s", build->place);
    return 0;
}

/* ---- from LDIF ------------------------------------------------------------------------------- */

static int read_ldif(struct build *build, struct ldif **out, struct gpmq_error *err)
{
    const char *path = build->options->ldif;
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    char piece[65536];
    size_t got;
    if (!file)
        return fail_errno(err, "cannot read %s", path);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0 && text.size <= LDIF_SIZE_MAX)
        bytes_put(&text, piece, got);
    if (ferror(file))
        return fail_errno(err, "cannot read %s", path);
    if (text.failed || !text.at)
        return fail(err, GPMQ_EINVAL, "%s is empty", path);
    int rc = ldif_parse(text.at, text.size, LDIF_SEARCH_OUTPUT, out, err);
    return rc ? fail_in(err, "%s", path) : 0;
}

/* The GPO that a DN lies in or is: the name directly above ",CN=Policies,CN=System,<domain>". */
static bool gpo_of_dn(const struct build *build, const char *dn, struct gpmq_guid *id)
{
    char tail[LDIF_DN_MAX], text[GPMQ_GUID_TEXT_SIZE];
    size_t tail_length =
        (size_t)snprintf(tail, sizeof tail, "},CN=Policies,CN=System,%s", build->dn);
    size_t length = strlen(dn), guid_length = sizeof text - 1;
    if (length + 1 < tail_length + guid_length ||
        fold_compare(dn + length - tail_length, tail) != 0)
        return false;
    memcpy(text, dn + length - tail_length + 1 - guid_length, guid_length);
    text[guid_length] = 0;
    return text[0] == '{' && gpmq_guid_parse(id, text) == 0;
}

/* The LDIF that a GPO's records go to; NULL: no memory. */
static struct ldif *policy_ldif(struct build *build, const struct gpmq_guid *id)
{
    for (size_t i = 0; i < build->policy_count; i++)
        if (gpmq_guid_equal(&build->policies[i].id, id))
            return build->policies[i].ldif;
    struct policy *policies =
        reallocarray(build->policies, build->policy_count + 1, sizeof *policies);
    if (!policies)
        return NULL;
    build->policies = policies;
    policies[build->policy_count] = (struct policy){*id, ldif_new()};
    return policies[build->policy_count++].ldif;
}

static bool has_cross_ref(const struct build *build)
{
    for (size_t i = 0; i < build->directory->count; i++)
        if (ldif_has(&build->directory->records[i], "nCName", build->dn) &&
            ldif_text(&build->directory->records[i], "nETBIOSName"))
            return true;
    return false;
}

static int split_ldif(struct build *build, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *all = NULL;
    int rc = read_ldif(build, &all, err);
    build->directory = ldif_new();
    for (size_t i = 0; !rc && i < all->count; i++) {
        struct gpmq_guid id;
        bool of_gpo = gpo_of_dn(build, all->records[i].dn, &id);
        struct ldif *to = of_gpo ? policy_ldif(build, &id) : build->directory;
        rc = to ? ldif_add_copy(to, &all->records[i], err)
                : fail(err, GPMQ_ENOMEM, "no memory for a domain");
    }
    if (rc)
        return rc;
    const struct ldif_record *domain = ldif_find(build->directory, build->dn);
    if (!domain || !ldif_has(domain, "objectClass", "domainDNS") || !ldif_get(domain, "objectSid"))
        return fail(err, GPMQ_EINVAL,
                    "%s has no domain object %s with its objectSid: was it "
                    "searched for with all attributes, and is the DNS name right?",
                    build->options->ldif, build->dn);
    if (build->options->netbios_name || !has_cross_ref(build))
        rc = create_cross_ref(build->directory, build->dn, build->options->dns_name, build->netbios,
                              err);
    return rc;
}

/* ---- write ----------------------------------------------------------------------------------- */

static int write_ldif(int dir, const char *name, const struct ldif *ldif, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = ldif_format(ldif, &text, &size, err);
    if (!rc && beneath_replace(dir, name, text, size) != 0)
        rc = fail_errno(err, "cannot write %s", name);
    return rc;
}

/* Copies Policies/{GUID} of the given SYSVOL; a GPO without one gets an empty folder. */
static int copy_gpt(const struct build *build, int policies_fd, const char *guid,
                    struct gpmq_error *err)
{
    char root[PATH_MAX], found[GPO_PATH_MAX + 1];
    CLEANUP(close_fd) int to = -1;
    if (mkdirat(policies_fd, guid, 0777) != 0 ||
        (to = beneath_open(policies_fd, guid, O_RDONLY | O_DIRECTORY, 0)) < 0)
        return fail_errno(err, "cannot make the folder of GPO %s", guid);
    if (!build->options->sysvol)
        return 0;
    snprintf(root, sizeof root, "%s/Policies", build->options->sysvol);
    CLEANUP(close_fd) int sysvol = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sysvol < 0)
        return fail_errno(err, "cannot read %s, which --sysvol must hold", root);
    if (beneath_find(sysvol, guid, found) != strlen(guid))
        return 0;
    CLEANUP(close_fd) int from = beneath_open(sysvol, found, O_RDONLY | O_DIRECTORY, 0);
    if (from < 0)
        return beneath_fail(err, "read", root, found);
    return beneath_copy(from, root, to, guid, err);
}

static int write_policies(const struct build *build, struct gpmq_error *err)
{
    CLEANUP(close_fd) int dir = -1;
    if (mkdirat(build->fd, "Policies", 0777) != 0 ||
        (dir = beneath_open(build->fd, "Policies", O_RDONLY | O_DIRECTORY, 0)) < 0)
        return fail_errno(err, "cannot make %s/Policies", build->place);
    int rc = 0;
    for (size_t i = 0; !rc && i < build->policy_count; i++) {
        char guid[GPMQ_GUID_TEXT_SIZE], name[GPMQ_GUID_TEXT_SIZE + 8];
        gpmq_guid_text(&build->policies[i].id, guid);
        snprintf(name, sizeof name, "%s.ldif", guid);
        rc = copy_gpt(build, dir, guid, err);
        if (!rc)
            rc = write_ldif(dir, name, build->policies[i].ldif, err);
    }
    return rc;
}

/* What was built must open as a domain before anybody sees it. */
static int judge(const struct build *build, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    return domain_open(&domain, build->beside, err);
}

static int publish(struct build *build, struct gpmq_error *err)
{
    char parent[PATH_MAX];
    if (rename(build->beside, build->place) != 0)
        return errno == ENOTEMPTY || errno == EEXIST
                   ? fail(err, GPMQ_EEXIST, "cannot create a domain at %s: something is there",
                          build->place)
                   : fail_errno(err, "cannot create a domain at %s", build->place);
    *build->beside = 0;
    snprintf(parent, sizeof parent, "%s", build->place);
    CLEANUP(close_fd) int fd = open(dirname(parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return fail_errno(err, "cannot sync the folder of %s", build->place);
    return 0;
}

static int fill(struct build *build, struct gpmq_error *err)
{
    int rc = build->options->ldif ? split_ldif(build, err)
                                  : create_new_directory(build->dn, build->options->dns_name,
                                                         build->netbios, &build->directory, err);
    if (!rc)
        rc = make_beside(build, err);
    if (!rc)
        rc = write_ldif(build->fd, "domain.ldif", build->directory, err);
    if (!rc)
        rc = write_policies(build, err);
    return rc ? rc : beneath_sync(build->fd, build->place, SIZE_MAX, err);
}

int domain_create(const char *path, const struct domain_create_options *options,
                  struct gpmq_error *err)
{
    CLEANUP(free_build) struct build build = {.options = options, .fd = -1};
    if (!options->dns_name)
        return fail(err, GPMQ_EINVAL, "a domain needs a DNS name, like example.test");
    if (options->sysvol && !options->ldif)
        return fail(err, GPMQ_EINVAL, "--sysvol goes with --ldif, which names its GPOs");
    int rc = create_dn(options->dns_name, &build.dn, err);
    if (!rc)
        rc = create_netbios(options->dns_name, options->netbios_name, &build.netbios, err);
    if (!rc)
        rc = find_place(&build, path, err);
    if (!rc)
        rc = fill(&build, err);
    if (!rc)
        rc = judge(&build, err);
    return rc ? rc : publish(&build, err);
}
