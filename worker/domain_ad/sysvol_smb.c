/* sysvol_smb.c - SYSVOL by libsmbclient: one context for a process, one call at a time. */
#include "sysvol_smb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ad_ticket.h"
#include "cleanup.h"
#include "fail.h"

/* ---- names and errors ------------------------------------------------------------------------ */

/* root/path with everything but plain characters percent-encoded. */
int smb_url(const struct smb *smb, const char *path, char url[SMB_URL_SIZE], struct gpmq_error *err)
{
    size_t length = (size_t)snprintf(url, SMB_URL_SIZE, "%s%s", smb->root, *path ? "/" : "");
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        bool plain =
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/", *c);
        if (length + 4 > SMB_URL_SIZE)
            return fail(err, GPMQ_ETOOBIG, "'%s' is too long", path);
        length +=
            (size_t)snprintf(url + length, SMB_URL_SIZE - length, plain ? "%c" : "%%%02X", *c);
    }
    return 0;
}

static const struct {
    int number;
    int code;
} meanings[] = {
    {ENOENT, GPMQ_ENOTFOUND},
    {ENOTDIR, GPMQ_ENOTFOUND},
    {EACCES, GPMQ_EACCESS},
    {EPERM, GPMQ_EACCESS},
    {EEXIST, GPMQ_EEXIST},
    {ENOTEMPTY, GPMQ_EEXIST},
    {ENOSPC, GPMQ_ENOSPACE},
    {EDQUOT, GPMQ_ENOSPACE},
    {EBUSY, GPMQ_EBUSY},
    {ETXTBSY, GPMQ_EBUSY},
    {ENOMEM, GPMQ_ENOMEM},
    {ECONNREFUSED, GPMQ_EUNREACHABLE},
    {ECONNRESET, GPMQ_EUNREACHABLE},
    {ECONNABORTED, GPMQ_EUNREACHABLE},
    {ETIMEDOUT, GPMQ_EUNREACHABLE},
    {EHOSTUNREACH, GPMQ_EUNREACHABLE},
    {ENETUNREACH, GPMQ_EUNREACHABLE},
    {EPIPE, GPMQ_EUNREACHABLE},
    {ENOTCONN, GPMQ_EUNREACHABLE},
    {EBADF, GPMQ_EUNREACHABLE},
};

int smb_fail(struct smb *smb, struct gpmq_error *err, const char *doing, const char *path)
{
    int number = errno, code = GPMQ_EIO;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].number == number)
            code = meanings[i].code;
    smb->broken = smb->broken || code == GPMQ_EUNREACHABLE;
    return fail(err, code, "cannot %s %s/%s: %s", doing, smb->root, path, strerror(number));
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void give_account(SMBCCTX *context, const char *server, const char *share, char *workgroup,
                         int workgroup_size, char *user, int user_size, char *password,
                         int password_size)
{
    const struct smb *smb = smbc_getOptionUserData(context);
    (void)server;
    (void)share;
    snprintf(workgroup, (size_t)workgroup_size, "%s", smb->settings->realm);
    snprintf(user, (size_t)user_size, "%s", smb->user ? smb->user : "");
    snprintf(password, (size_t)password_size, "%s", smb->password ? smb->password : "");
}

static void smb_close(struct sysvol **sysvol_p)
{
    struct smb *smb = smb_of(STEAL(*sysvol_p));
    if (smb->context)
        smbc_free_context(smb->context, 1);
    ad_password_free(&smb->password);
    free(smb->user);
    free(smb->root);
    free(smb->piece);
    free(smb);
}

static void close_smb(struct smb **smb_p)
{
    struct sysvol *sysvol = *smb_p ? &STEAL(*smb_p)->base : NULL;
    if (sysvol)
        smb_close(&sysvol);
}

static bool smb_is_broken(const struct sysvol *sysvol)
{
    return ((const struct smb *)sysvol)->broken;
}

static const struct sysvol_ops smb_ops = {
    .close = smb_close,
    .is_broken = smb_is_broken,
    .list = smb_list,
    .names = smb_names,
    .stat = smb_stat,
    .read = smb_read,
    .mkdir = smb_mkdir,
    .create = smb_create,
    .write = sysvol_smb_write,
    .close_file = sysvol_smb_close_file,
    .rename = smb_rename,
    .remove = smb_remove,
    .lock = smb_lock,
    .unlock = sysvol_smb_unlock,
};

/* ---- opening --------------------------------------------------------------------------------- */

static int set_account(struct smb *smb, struct gpmq_error *err)
{
    const struct ad_settings *settings = smb->settings;
    int rc = settings->password_file ? ad_password_read(settings, &smb->password, err) : 0;
    if (rc || !settings->user)
        return rc;
    smb->user = strndup(settings->user, strcspn(settings->user, "@"));
    return smb->user ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a name");
}

static int make_context(struct smb *smb, struct gpmq_error *err)
{
    SMBCCTX *context = smbc_new_context();
    if (!context)
        return fail(err, GPMQ_ENOMEM, "no memory for an SMB connection");
    smbc_setDebug(context, 0);
    smbc_setOptionDebugToStderr(context, 1);
    smbc_setTimeout(context, smb->settings->timeout_s * 1000);
    smbc_setOptionUserData(context, smb);
    smbc_setFunctionAuthDataWithContext(context, give_account);
    smbc_setOptionUseKerberos(context, smb->settings->auth == AD_KERBEROS);
    smbc_setOptionFallbackAfterKerberos(context, smb->password != NULL);
    smbc_setOptionNoAutoAnonymousLogin(context, 1);
    smbc_setOptionOpenShareMode(context, SMBC_SHAREMODE_DENY_NONE);
    smbc_setOptionProtocols(context, "SMB2_10", "SMB3_11");
    if (!smbc_init_context(context)) {
        int rc = fail_errno(err, "cannot prepare an SMB connection");
        smbc_free_context(context, 0);
        return rc;
    }
    smb->context = context;
    return 0;
}

/* The host alone: a port of LDAP is not one of SMB. */
static size_t host_length(const char *server)
{
    return server[0] == '[' ? strcspn(server, "]") + 1 : strcspn(server, ":");
}

int sysvol_smb_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                    struct gpmq_error *err)
{
    CLEANUP(close_smb) struct smb *smb = calloc(1, sizeof *smb);
    if (!smb || !(smb->piece = malloc(SYSVOL_PIECE_BYTES)) ||
        asprintf(&smb->root, "smb://%.*s/sysvol/%s/Policies", (int)host_length(server), server,
                 settings->domain) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for an SMB connection");
    smb->base.ops = &smb_ops;
    smb->settings = settings;
    int rc = set_account(smb, err);
    if (!rc)
        rc = make_context(smb, err);
    struct sysvol_stat stat;
    if (!rc)
        rc = smb_stat(&smb->base, "", &stat, err);
    if (rc)
        return rc;
    *out = &STEAL(smb)->base;
    return 0;
}
