/* ad_ldap.c - libldap: connect, bind, search. */
#include "ad_ldap.h"

#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>

#include "ad_ldap_state.h"
#include "ad_ticket.h"
#include "cleanup.h"
#include "fail.h"

/* BER of SEQUENCE { INTEGER 7 }: owner, group and DACL. */
static char sd_flags[] = {0x30, 0x03, 0x02, 0x01, 0x07};

/* ---- errors ---------------------------------------------------------------------------------- */

static const struct {
    int result;
    int code;
} meanings[] = {
    {LDAP_SERVER_DOWN, GPMQ_EUNREACHABLE},
    {LDAP_TIMEOUT, GPMQ_EUNREACHABLE},
    {LDAP_CONNECT_ERROR, GPMQ_EUNREACHABLE},
    {LDAP_UNAVAILABLE, GPMQ_EUNREACHABLE},
    {LDAP_LOCAL_ERROR, GPMQ_EDENIED}, /* what SASL says when there is no ticket */
    {LDAP_BUSY, GPMQ_EBUSY},
    {LDAP_TIMELIMIT_EXCEEDED, GPMQ_EBUSY},
    {LDAP_ADMINLIMIT_EXCEEDED, GPMQ_EBUSY},
    {LDAP_INVALID_CREDENTIALS, GPMQ_EDENIED},
    {LDAP_INAPPROPRIATE_AUTH, GPMQ_EDENIED},
    {LDAP_STRONG_AUTH_REQUIRED, GPMQ_EDENIED},
    {LDAP_CONFIDENTIALITY_REQUIRED, GPMQ_EDENIED},
    {LDAP_AUTH_UNKNOWN, GPMQ_EDENIED},
    {LDAP_INSUFFICIENT_ACCESS, GPMQ_EACCESS},
    {LDAP_NO_SUCH_OBJECT, GPMQ_ENOTFOUND},
    {LDAP_ALREADY_EXISTS, GPMQ_EEXIST},
    {LDAP_NO_SUCH_ATTRIBUTE, GPMQ_ESTALE},
    {LDAP_TYPE_OR_VALUE_EXISTS, GPMQ_ESTALE},
    {LDAP_NO_MEMORY, GPMQ_ENOMEM},
    {LDAP_SIZELIMIT_EXCEEDED, GPMQ_ETOOBIG},
};

int ad_ldap_fail(struct ad_ldap *ldap, int result, struct gpmq_error *err, const char *doing,
                 const char *what)
{
    char *told = NULL;
    int code = GPMQ_EIO;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].result == result)
            code = meanings[i].code;
    ldap->broken = ldap->broken || code == GPMQ_EUNREACHABLE;
    ldap_get_option(ldap->handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &told);
    fail(err, code, "cannot %s '%s' on %s: %s%s%s", doing, what, ldap->server,
         ldap_err2string(result), told && *told ? ": " : "", told ? told : "");
    if (told)
        ldap_memfree(told);
    return code;
}

/* ---- connecting ------------------------------------------------------------------------------ */

void ad_ldap_close(struct ad_ldap **ldap_p)
{
    struct ad_ldap *ldap = STEAL(*ldap_p);
    if (!ldap)
        return;
    if (ldap->handle)
        ldap_unbind_ext(ldap->handle, NULL, NULL);
    free(ldap->server);
    free(ldap);
}

bool ad_ldap_is_broken(const struct ad_ldap *ldap)
{
    return ldap->broken;
}

bool ad_ldap_certificate(struct ad_ldap *ldap, uint8_t **der, size_t *size)
{
    struct berval found = {0};
    if (ldap_get_option(ldap->handle, LDAP_OPT_X_TLS_PEERCERT, &found) != 0 || !found.bv_val)
        return false;
    *der = malloc(found.bv_len);
    *size = found.bv_len;
    if (*der)
        memcpy(*der, found.bv_val, found.bv_len);
    ber_memfree(found.bv_val);
    return *der != NULL;
}

const char *ad_ldap_server(const struct ad_ldap *ldap)
{
    return ldap->server;
}

/* SASL asks for names and gets the defaults: the ticket says who we are. */
static int answer_sasl(LDAP *handle, unsigned flags, void *defaults, void *questions)
{
    (void)handle;
    (void)flags;
    (void)defaults;
    for (sasl_interact_t *question = questions; question->id != SASL_CB_LIST_END; question++) {
        question->result = "";
        question->len = 0;
    }
    return LDAP_SUCCESS;
}

static bool set_options(struct ad_ldap *ldap, const struct ad_settings *settings)
{
    int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, server = 0;
    const struct timeval wait = {.tv_sec = settings->timeout_s};
    LDAP *handle = ldap->handle;
    ldap->wait = wait;
    bool good = ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version) == 0 &&
                ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0 &&
                ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, &wait) == 0 &&
                ldap_set_option(handle, LDAP_OPT_TIMEOUT, &wait) == 0 &&
                ldap_set_option(handle, LDAP_OPT_RESTART, LDAP_OPT_ON) == 0 &&
                ldap_set_option(handle, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) == 0;
    if (!good || settings->auth == AD_KERBEROS)
        return good;
    good = ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == 0;
    if (good && settings->ca_file)
        good = ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, settings->ca_file) == 0;
    return good && ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &server) == 0;
}

static int bind_simple(struct ad_ldap *ldap, const struct ad_settings *settings,
                       struct gpmq_error *err)
{
    CLEANUP(ad_password_free) char *password = NULL;
    int rc = ad_password_read(settings, &password, err);
    if (rc)
        return rc;
    int result = settings->tls == AD_STARTTLS ? ldap_start_tls_s(ldap->handle, NULL, NULL) : 0;
    if (result)
        return ad_ldap_fail(ldap, result, err, "start TLS with", ldap->server);
    struct berval secret = {.bv_len = strlen(password), .bv_val = password};
    result =
        ldap_sasl_bind_s(ldap->handle, settings->user, LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
    return result ? ad_ldap_fail(ldap, result, err, "log in as", settings->user) : 0;
}

static int bind_kerberos(struct ad_ldap *ldap, const struct ad_settings *settings,
                         struct gpmq_error *err)
{
    int rc = ad_ticket_get(settings, err);
    if (rc)
        return rc;
    int result = ldap_sasl_interactive_bind_s(ldap->handle, NULL, "GSSAPI", NULL, NULL,
                                              LDAP_SASL_QUIET, answer_sasl, NULL);
    return result ? ad_ldap_fail(ldap, result, err, "log in with Kerberos as",
                                 settings->user ? settings->user : "who the tickets say")
                  : 0;
}

int ad_ldap_open(struct ad_ldap **out, const struct ad_settings *settings, const char *server,
                 struct gpmq_error *err)
{
    char url[AD_VALUE_MAX + 16];
    bool ldaps = settings->auth == AD_SIMPLE && settings->tls == AD_LDAPS;
    CLEANUP(ad_ldap_close) struct ad_ldap *ldap = calloc(1, sizeof *ldap);
    if (!ldap || !(ldap->server = strdup(server)))
        return fail(err, GPMQ_ENOMEM, "no memory for a connection to %s", server);
    snprintf(url, sizeof url, "%s://%s", ldaps ? "ldaps" : "ldap", server);
    if (ldap_initialize(&ldap->handle, url) != LDAP_SUCCESS)
        return fail(err, GPMQ_EINVAL, "'%s' is no name of a domain controller", server);
    if (!set_options(ldap, settings))
        return fail(err, GPMQ_EIO,
                    "cannot prepare a connection to %s: is '%s' a file of "
                    "certificates?",
                    server, settings->ca_file ? settings->ca_file : "the system's");
    int rc = settings->auth == AD_SIMPLE ? bind_simple(ldap, settings, err)
                                         : bind_kerberos(ldap, settings, err);
    if (rc)
        return rc;
    *out = STEAL(ldap);
    return 0;
}

/* ---- searching ------------------------------------------------------------------------------- */

static int take_value(struct ldif_record *record, const char *name, const struct berval *value,
                      struct gpmq_error *err)
{
    return ldif_put(record, name, value->bv_val ? value->bv_val : "", value->bv_len, err);
}

static int take_entry(struct ad_ldap *ldap, LDAPMessage *entry, struct ldif *out,
                      struct gpmq_error *err)
{
    char *dn = ldap_get_dn(ldap->handle, entry);
    struct ldif_record *record = NULL;
    BerElement *walk = NULL;
    if (!dn)
        return fail(err, GPMQ_EIO, "an entry without a name from %s", ldap->server);
    int rc = ldif_add(out, dn, &record, err);
    ldap_memfree(dn);
    for (char *name = rc ? NULL : ldap_first_attribute(ldap->handle, entry, &walk); name;
         name = ldap_next_attribute(ldap->handle, entry, walk)) {
        struct berval **values = ldap_get_values_len(ldap->handle, entry, name);
        for (size_t i = 0; values && values[i] && !rc; i++)
            rc = take_value(record, name, values[i], err);
        ldap_value_free_len(values);
        ldap_memfree(name);
        if (rc)
            break;
    }
    if (walk)
        ber_free(walk, 0);
    return rc;
}

static int take_entries(struct ad_ldap *ldap, LDAPMessage *answer, struct ldif *out,
                        struct gpmq_error *err)
{
    int rc = 0;
    for (LDAPMessage *entry = ldap_first_entry(ldap->handle, answer); entry && !rc;
         entry = ldap_next_entry(ldap->handle, entry))
        rc = take_entry(ldap, entry, out, err);
    return rc;
}

/* The cookie of the next page; empty: this was the last one. */
static int next_page(struct ad_ldap *ldap, LDAPMessage *answer, struct berval *cookie)
{
    LDAPControl **controls = NULL;
    int result = 0;
    ber_int_t total;
    ber_memfree(cookie->bv_val);
    *cookie = (struct berval){0};
    int rc = ldap_parse_result(ldap->handle, answer, &result, NULL, NULL, NULL, &controls, 0);
    LDAPControl *page = rc ? NULL : ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
    if (page && ldap_parse_pageresponse_control(ldap->handle, page, &total, cookie) != 0)
        *cookie = (struct berval){0};
    ldap_controls_free(controls);
    return rc ? rc : result;
}

static int one_page(struct ad_ldap *ldap, const struct ad_search *search, struct berval *cookie,
                    struct ldif *out, struct gpmq_error *err)
{
    static const int scopes[] = {[AD_BASE] = LDAP_SCOPE_BASE,
                                 [AD_CHILDREN] = LDAP_SCOPE_ONELEVEL,
                                 [AD_SUBTREE] = LDAP_SCOPE_SUBTREE};
    LDAPControl sd = {.ldctl_oid = (char *)"1.2.840.113556.1.4.801",
                      .ldctl_value = {sizeof sd_flags, sd_flags},
                      .ldctl_iscritical = 1};
    LDAPControl *page = NULL;
    LDAPMessage *answer = NULL;
    int result = ldap_create_page_control(ldap->handle, AD_PAGE_SIZE, cookie, 0, &page);
    if (result)
        return ad_ldap_fail(ldap, result, err, "search", search->base);
    LDAPControl *controls[] = {&sd, page, NULL};
    result = ldap_search_ext_s(ldap->handle, search->base, scopes[search->scope],
                               search->filter ? search->filter : "(objectClass=*)",
                               (char **)search->attributes, 0, controls, NULL, &ldap->wait,
                               LDAP_NO_LIMIT, &answer);
    ldap_control_free(page);
    int rc = 0;
    if (!result)
        rc = take_entries(ldap, answer, out, err);
    if (!result && !rc)
        result = next_page(ldap, answer, cookie);
    ldap_msgfree(answer);
    return result ? ad_ldap_fail(ldap, result, err, "search", search->base) : rc;
}

int ad_ldap_search(struct ad_ldap *ldap, const struct ad_search *search, struct ldif *out,
                   struct gpmq_error *err)
{
    struct berval cookie = {0};
    int rc;
    do {
        rc = one_page(ldap, search, &cookie, out, err);
    } while (!rc && cookie.bv_len);
    ber_memfree(cookie.bv_val);
    return rc;
}

/* ---- filters --------------------------------------------------------------------------------- */

bool ad_filter_put_bytes(char *filter, size_t room, const void *bytes, size_t size)
{
    size_t length = strlen(filter);
    const unsigned char *at = bytes;
    if (length + 3 * size >= room)
        return false;
    for (size_t i = 0; i < size; i++)
        snprintf(filter + length + 3 * i, 4, "\\%02x", at[i]);
    return true;
}

bool ad_filter_put(char *filter, size_t room, const char *text)
{
    for (; *text; text++) {
        size_t length = strlen(filter);
        bool special = strchr("*()\\", *text) || (unsigned char)*text < 0x20;
        if (special && !ad_filter_put_bytes(filter, room, text, 1))
            return false;
        if (!special && length + 2 > room)
            return false;
        if (!special) {
            filter[length] = *text;
            filter[length + 1] = 0;
        }
    }
    return true;
}
