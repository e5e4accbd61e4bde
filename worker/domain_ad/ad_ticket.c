/* ad_ticket.c - passwords from files, tickets by libkrb5. */
#include "ad_ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <krb5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ad_files.h"
#include "cleanup.h"
#include "clock.h"
#include "fail.h"

#define RENEW_BEFORE_S 600

/* Set once, before anything else runs in the process; environment variables, which both Kerberos
 * libraries read, are as global. */
static const char *ticket_folder;

void ad_ticket_folder(const char *path)
{
    ticket_folder = path;
}

/* ---- passwords ------------------------------------------------------------------------------- */

void ad_password_free(char **password_p)
{
    char *password = STEAL(*password_p);
    if (password)
        explicit_bzero(password, strlen(password));
    free(password);
}

static int judge_mode(int fd, const char *path, struct gpmq_error *err)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return fail_errno(err, "cannot look at '%s'", path);
    return ad_secret_judge(&stat, path, err);
}

int ad_password_read(const struct ad_settings *settings, char **out, struct gpmq_error *err)
{
    const char *path = settings->password_file;
    CLEANUP(ad_password_free) char *password = calloc(1, AD_PASSWORD_MAX + 2);
    if (!password)
        return fail(err, GPMQ_ENOMEM, "no memory for a password");
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail_errno(err, "cannot read the password in '%s'", path);
    int rc = judge_mode(fd, path, err);
    if (rc)
        return rc;
    ssize_t size = read(fd, password, AD_PASSWORD_MAX + 1);
    if (size < 0)
        return fail_errno(err, "cannot read the password in '%s'", path);
    password[size] = 0;
    size_t length = strcspn(password, "\r\n");
    if (!length || length > AD_PASSWORD_MAX)
        return fail(err, GPMQ_EINVAL, "the password in '%s' is empty, or longer than %d bytes",
                    path, AD_PASSWORD_MAX);
    explicit_bzero(password + length, AD_PASSWORD_MAX + 1 - length);
    *out = STEAL(password);
    return 0;
}

/* ---- tickets --------------------------------------------------------------------------------- */

struct kerberos {
    krb5_context context;
    krb5_principal user;
    krb5_ccache cache;
    krb5_keytab keytab;
    krb5_creds creds;
    bool has_creds;
};

static void kerberos_end(struct kerberos *kerberos)
{
    if (!kerberos->context)
        return;
    if (kerberos->has_creds)
        krb5_free_cred_contents(kerberos->context, &kerberos->creds);
    if (kerberos->keytab)
        krb5_kt_close(kerberos->context, kerberos->keytab);
    if (kerberos->cache)
        krb5_cc_close(kerberos->context, kerberos->cache);
    if (kerberos->user)
        krb5_free_principal(kerberos->context, kerberos->user);
    krb5_free_context(kerberos->context);
}

static const struct {
    krb5_error_code why;
    int code;
    const char *advice;
} known_failures[] = {
    {KRB5KDC_ERR_PREAUTH_FAILED, GPMQ_EDENIED, "wrong password or key"},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, GPMQ_EDENIED, "wrong password or key"},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, GPMQ_EDENIED, "there is no such account"},
    {KRB5KDC_ERR_CLIENT_REVOKED, GPMQ_EDENIED, "the account is disabled or locked"},
    {KRB5KDC_ERR_KEY_EXP, GPMQ_EDENIED, "the password has expired"},
    {KRB5_KT_NOTFOUND, GPMQ_EDENIED, "the keytab has no key of this account"},
    {KRB5KRB_AP_ERR_SKEW, GPMQ_EINVAL,
     "the clocks of this machine and the controller differ by more than five minutes"},
    {KRB5_KDC_UNREACH, GPMQ_EUNREACHABLE, "no KDC answers; check DNS and /etc/krb5.conf"},
    {KRB5_REALM_UNKNOWN, GPMQ_EUNREACHABLE, "no KDC is known; check DNS and /etc/krb5.conf"},
    {KRB5_REALM_CANT_RESOLVE, GPMQ_EUNREACHABLE, "no KDC is known; check DNS and /etc/krb5.conf"},
    {EACCES, GPMQ_EACCESS, "the keytab cannot be read"},
    {ENOENT, GPMQ_EACCESS, "there is no such keytab"},
};

static int fail_kerberos(struct gpmq_error *err, struct kerberos *kerberos, krb5_error_code why,
                         const struct ad_settings *settings)
{
    const char *text = krb5_get_error_message(kerberos->context, why);
    int code = GPMQ_EIO;
    const char *advice = NULL;
    for (size_t i = 0; i < sizeof known_failures / sizeof *known_failures && !advice; i++)
        if (known_failures[i].why == why) {
            code = known_failures[i].code;
            advice = known_failures[i].advice;
        }
    fail(err, code, "cannot get a Kerberos ticket for %s: %s%s%s", settings->user, text,
         advice ? ": " : "", advice ? advice : "");
    krb5_free_error_message(kerberos->context, text);
    return code;
}

/* The file that this process keeps the user's ticket in. */
static void cache_name(const struct ad_settings *settings, char *name, size_t room)
{
    unsigned long hash = 5381;
    for (const char *c = settings->user; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    snprintf(name, room, "FILE:%s/" AD_TICKET_PREFIX "%lx", ticket_folder, (int)getpid(), hash);
}

static krb5_error_code end_of(struct kerberos *kerberos, int64_t *ends)
{
    krb5_creds wanted = {.client = kerberos->user}, found;
    *ends = 0;
    krb5_error_code why = krb5_build_principal(
        kerberos->context, &wanted.server, kerberos->user->realm.length, kerberos->user->realm.data,
        "krbtgt", kerberos->user->realm.data, (char *)NULL);
    if (why)
        return why;
    why = krb5_cc_retrieve_cred(kerberos->context, kerberos->cache, 0, &wanted, &found);
    krb5_free_principal(kerberos->context, wanted.server);
    if (why)
        return why;
    *ends = (uint32_t)found.times.endtime;
    krb5_free_cred_contents(kerberos->context, &found);
    return 0;
}

static krb5_error_code begin(struct kerberos *kerberos, const struct ad_settings *settings,
                             const char *cache)
{
    krb5_error_code why = krb5_init_context(&kerberos->context);
    if (why) {
        kerberos->context = NULL;
        return why;
    }
    why = krb5_parse_name(kerberos->context, settings->user, &kerberos->user);
    return why ? why : krb5_cc_resolve(kerberos->context, cache, &kerberos->cache);
}

static krb5_error_code ask(struct kerberos *kerberos, const struct ad_settings *settings,
                           const char *password)
{
    krb5_error_code why;
    if (password) {
        why = krb5_get_init_creds_password(kerberos->context, &kerberos->creds, kerberos->user,
                                           password, NULL, NULL, 0, NULL, NULL);
    } else {
        why = krb5_kt_resolve(kerberos->context, settings->keytab, &kerberos->keytab);
        if (!why)
            why = krb5_get_init_creds_keytab(kerberos->context, &kerberos->creds, kerberos->user,
                                             kerberos->keytab, 0, NULL, NULL);
    }
    kerberos->has_creds = !why;
    return why;
}

static krb5_error_code keep(struct kerberos *kerberos)
{
    krb5_error_code why =
        krb5_cc_initialize(kerberos->context, kerberos->cache, kerberos->creds.client);
    return why ? why : krb5_cc_store_cred(kerberos->context, kerberos->cache, &kerberos->creds);
}

/* Whether what is in the cache lasts. */
static bool is_fresh(struct kerberos *kerberos)
{
    int64_t ends, now = clock_unix_ms() / 1000;
    return end_of(kerberos, &ends) == 0 && ends > now + RENEW_BEFORE_S;
}

static int renew(const struct ad_settings *settings, struct gpmq_error *err)
{
    char cache[512];
    CLEANUP(kerberos_end) struct kerberos kerberos = {0};
    CLEANUP(ad_password_free) char *password = NULL;
    if (!ticket_folder)
        return fail(err, GPMQ_EINVAL, "there is no folder to keep Kerberos tickets in");
    cache_name(settings, cache, sizeof cache);
    krb5_error_code why = begin(&kerberos, settings, cache);
    if (why && !kerberos.context)
        return fail(err, GPMQ_EIO, "cannot start Kerberos: check /etc/krb5.conf");
    if (!why && !is_fresh(&kerberos)) {
        int rc = settings->password_file ? ad_password_read(settings, &password, err) : 0;
        if (rc)
            return rc;
        why = ask(&kerberos, settings, password);
        if (!why)
            why = keep(&kerberos);
    }
    if (why)
        return fail_kerberos(err, &kerberos, why, settings);
    return setenv("KRB5CCNAME", cache, 1) == 0 ? 0 : fail_errno(err, "cannot name the tickets");
}

int ad_ticket_get(const struct ad_settings *settings, struct gpmq_error *err)
{
    if (settings->auth == AD_SIMPLE)
        return 0;
    if (settings->keytab || settings->password_file)
        return renew(settings, err);
    if (settings->ccache && setenv("KRB5CCNAME", settings->ccache, 1) != 0)
        return fail_errno(err, "cannot name the tickets");
    return 0;
}

int64_t ad_ticket_ends(const struct ad_settings *settings)
{
    char cache[512];
    CLEANUP(kerberos_end) struct kerberos kerberos = {0};
    int64_t ends = 0;
    if (!settings->user || !ticket_folder)
        return 0;
    cache_name(settings, cache, sizeof cache);
    if (begin(&kerberos, settings, cache) == 0 && end_of(&kerberos, &ends) != 0)
        ends = 0;
    return ends;
}
