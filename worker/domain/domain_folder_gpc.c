/* domain_folder_gpc.c - Policies/{GUID}.ldif: the directory half of a GPO. */
#include "domain_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "sd.h"

/* Whether a DN begins with the GPO's own name. */
static bool names_gpo(const char *dn, const struct folder_place *place)
{
    char start[GPMQ_GUID_TEXT_SIZE + 4];
    int length = snprintf(start, sizeof start, "CN=%s,", place->guid);
    return strncasecmp(dn, start, (size_t)length) == 0;
}

static int judge(const struct folder_domain *domain, const struct folder_place *place,
                 const struct ldif *ldif, struct gpmq_error *err)
{
    size_t containers = 0;
    for (size_t i = 0; i < ldif->count; i++)
        containers += ldif_has(&ldif->records[i], "objectClass", "groupPolicyContainer");
    if (containers == 1 && names_gpo(gpc_find(ldif)->dn, place))
        return 0;
    return fail(err, GPMQ_EDAMAGED,
                "%s/Policies/%s has no groupPolicyContainer 'CN=%s,...', or others besides",
                domain->path, place->ldif, place->guid);
}

/* Whatever is wrong with the text: the record on disk is damaged. */
static int fail_record(struct gpmq_error *err, const struct folder_domain *domain,
                       const struct folder_place *place, int code)
{
    fail_in(err, "%s/Policies/%s", domain->path, place->ldif);
    if (code == GPMQ_EMALFORMED || code == GPMQ_EVERSION)
        code = GPMQ_EDAMAGED;
    if (err)
        err->code = code;
    return code;
}

int folder_load(const struct folder_domain *domain, const struct folder_place *place,
                struct ldif **out, struct folder_stamp *stamp, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    struct stat stat = {0};
    if (fstatat(domain->policies_fd, place->ldif, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
        beneath_read(domain->policies_fd, place->ldif, FOLDER_LDIF_MAX, &text) != 0) {
        if (errno == ENOENT)
            return fail(err, GPMQ_ENOTFOUND, "no GPO %s in %s", place->guid, domain->path);
        if (errno == EFBIG)
            return fail(err, GPMQ_ETOOBIG, "%s/Policies/%s has more than %u bytes", domain->path,
                        place->ldif, FOLDER_LDIF_MAX);
        return folder_fail(err, "read", domain, place->ldif);
    }
    int rc = ldif_parse(text.at ? (const char *)text.at : "", text.size, 0, &ldif, err);
    if (rc)
        return fail_record(err, domain, place, rc);
    rc = judge(domain, place, ldif, err);
    if (rc)
        return rc;
    if (stamp)
        *stamp = (struct folder_stamp){place->id, stat.st_ino, stat.st_ctim};
    *out = STEAL(ldif);
    return 0;
}

int folder_gpt_version(const struct folder_domain *domain, int dir, const char *name, uint32_t *out,
                       struct gpmq_error *err)
{
    char path[GPMQ_GUID_TEXT_SIZE + 16], found[GPO_PATH_MAX + 1];
    CLEANUP(bytes_free) struct bytes text = {0};
    snprintf(path, sizeof path, "%s/GPT.INI", name);
    *out = 0;
    if (beneath_find(dir, path, found) != strlen(path))
        return errno ? folder_fail(err, "look for", domain, path) : 0;
    if (beneath_read(dir, found, GPT_INI_MAX, &text) != 0)
        return folder_fail(err, "read", domain, found);
    if (text.at)
        gpt_ini_version((const char *)text.at, out);
    return 0;
}
