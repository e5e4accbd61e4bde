/* executor_place.c - what an executor may touch because of the places that its worker serves. */
#include <limits.h>
#include <string.h>

#include "ad_settings.h"
#include "cleanup.h"
#include "executor_state.h"
#include "fail.h"

#define FOLDER_SCHEME "folder:"
#define HELPER        "gpmq-sysvol-acl"

const char *executor_folder(const char *url)
{
    if (strncmp(url, FOLDER_SCHEME, strlen(FOLDER_SCHEME)) == 0)
        return url + strlen(FOLDER_SCHEME);
    const char *colon = strchr(url, ':');
    const char *slash = strchr(url, '/');
    return colon && (!slash || colon < slash) ? NULL : url;
}

const char *executor_ad(const char *url)
{
    size_t length = strlen(AD_SCHEME);
    return strncmp(url, AD_SCHEME, length) == 0 && url[length] == ':' ? url + length + 1 : NULL;
}

bool executor_place_needs_tickets(const struct executor_pool_config *config)
{
    for (uint32_t i = 0; i < config->domain_count; i++)
        if (executor_ad(config->domains[i].url))
            return true;
    return false;
}

static int add_readable(struct executor_role *role, const char *path, struct gpmq_error *err)
{
    return path ? executor_argv_add(role, "--read=", path, err) : 0;
}

/* The file of a ticket cache that somebody else keeps. */
static const char *cache_file(const char *ccache)
{
    if (!ccache)
        return NULL;
    if (strncmp(ccache, "FILE:", 5) == 0)
        return ccache + 5;
    return ccache[0] == '/' ? ccache : NULL;
}

/* Files with keys and certificates; and the cache that the worker's own account has, where nothing
 * else is named. */
static int add_domain(struct executor_role *role, const char *url, struct gpmq_error *err)
{
    CLEANUP(ad_settings_free) struct ad_settings *settings = NULL;
    int rc = ad_settings_parse(&settings, url, err);
    if (!rc)
        rc = add_readable(role, settings->keytab, err);
    if (!rc)
        rc = add_readable(role, settings->password_file, err);
    if (!rc)
        rc = add_readable(role, settings->ca_file, err);
    if (!rc)
        rc = add_readable(role, settings->sysvol, err);
    if (rc)
        return rc;
    char own[64];
    snprintf(own, sizeof own, "/tmp/krb5cc_%u", (unsigned)getuid());
    const char *file =
        settings->ccache ? cache_file(settings->ccache) : cache_file(getenv("KRB5CCNAME"));
    rc = add_readable(role, file ? file : own, err);
    return rc ? rc : add_readable(role, getenv("KRB5_CONFIG"), err);
}

static int add_folders(struct executor_role *role, const struct place *places, uint32_t count,
                       struct gpmq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < count && !rc; i++) {
        const char *folder = executor_folder(places[i].url);
        if (folder && access(folder, F_OK) == 0)
            rc = executor_argv_add(role, "--folder=", folder, err);
    }
    return rc;
}

int executor_helper(char helper[PATH_MAX], const char *program, struct gpmq_error *err)
{
    const char *slash = strrchr(program, '/');
    int folder = slash ? (int)(slash + 1 - program) : 0;
    int length = snprintf(helper, PATH_MAX, "%.*s" HELPER, folder, program);
    if (length < 0 || length >= PATH_MAX)
        return fail(err, GPMQ_ETOOBIG, "the path '%s' is too long", program);
    return 0;
}

static int add_helper(struct executor_role *role, const char *program, struct gpmq_error *err)
{
    char helper[PATH_MAX];
    int rc = executor_helper(helper, program, err);
    return rc ? rc : executor_argv_add(role, "--acl-helper=", helper, err);
}

static int add_network(struct executor_role *role, const struct executor_pool_config *config,
                       const char *tickets, struct gpmq_error *err)
{
    int rc = executor_argv_add(role, "--network", "", err);
    if (!rc)
        rc = executor_argv_add(role, "--tickets=", tickets, err);
    if (!rc)
        rc = add_helper(role, config->program, err);
    for (uint32_t i = 0; i < config->domain_count && !rc; i++) {
        const char *url = executor_ad(config->domains[i].url);
        rc = url ? add_domain(role, url, err) : 0;
    }
    return rc;
}

int executor_place_argv(struct executor_role *role, const struct executor_pool_config *config,
                        const char *tickets, struct gpmq_error *err)
{
    int rc = add_folders(role, config->domains, config->domain_count, err);
    if (!rc)
        rc = add_folders(role, config->repositories, config->repository_count, err);
    if (!rc && config->templates)
        rc = executor_argv_add(role, "--templates=", config->templates, err);
    return !rc && tickets ? add_network(role, config, tickets, err) : rc;
}
