/* ad_settings.c - the keys of an "ad:" URL, as a table. */
#include "ad_settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

#define SHOWN_MAX 100

void ad_settings_free(struct ad_settings **settings_p)
{
    struct ad_settings *settings = STEAL(*settings_p);
    if (!settings)
        return;
    for (size_t i = 0; i < settings->server_count; i++)
        free(settings->servers[i]);
    free(settings->domain);
    free(settings->realm);
    free(settings->user);
    free(settings->keytab);
    free(settings->password_file);
    free(settings->ccache);
    free(settings->ca_file);
    free(settings->sysvol);
    free(settings);
}

static int out_of_memory(struct gpmq_error *err)
{
    return fail(err, GPMQ_ENOMEM, "no memory for the settings of a domain");
}

/* ---- the keys -------------------------------------------------------------------------------- */

typedef int set_fn(struct ad_settings *settings, char **value_p, struct gpmq_error *err);

static int set_servers(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    char *rest = *value_p, *server;
    while ((server = strsep(&rest, ","))) {
        if (!*server || strspn(server, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789.-:[]") != strlen(server))
            return fail(err, GPMQ_EINVAL, "server: '%s' is no host name", server);
        if (settings->server_count == AD_SERVERS_MAX)
            return fail(err, GPMQ_EINVAL, "server: more than %d", AD_SERVERS_MAX);
        char *copy = strdup(server);
        if (!copy)
            return out_of_memory(err);
        settings->servers[settings->server_count++] = copy;
    }
    return 0;
}

static int set_word(int *out, const char *key, const char *value, const char *const words[2],
                    struct gpmq_error *err)
{
    for (int i = 0; i < 2; i++)
        if (strcmp(value, words[i]) == 0) {
            *out = i;
            return 0;
        }
    return fail(err, GPMQ_EINVAL, "%s is '%s': it can be %s or %s", key, value, words[0], words[1]);
}

static int set_auth(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    static const char *const words[2] = {[AD_KERBEROS] = "kerberos", [AD_SIMPLE] = "simple"};
    int auth = 0;
    int rc = set_word(&auth, "auth", *value_p, words, err);
    settings->auth = (enum ad_auth)auth;
    return rc;
}

static int set_tls(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    static const char *const words[2] = {[AD_STARTTLS] = "starttls", [AD_LDAPS] = "ldaps"};
    int tls = 0;
    int rc = set_word(&tls, "tls", *value_p, words, err);
    settings->tls = (enum ad_tls)tls;
    return rc;
}

static int set_user(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    (void)err;
    settings->user = STEAL(*value_p);
    return 0;
}

static int set_path(char **out, const char *key, char **value_p, struct gpmq_error *err)
{
    if ((*value_p)[0] != '/')
        return fail(err, GPMQ_EINVAL, "%s: '%s' is no absolute path", key, *value_p);
    *out = STEAL(*value_p);
    return 0;
}

static int set_keytab(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    return set_path(&settings->keytab, "keytab", value_p, err);
}

static int set_password_file(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    return set_path(&settings->password_file, "password-file", value_p, err);
}

static int set_ca(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    return set_path(&settings->ca_file, "ca", value_p, err);
}

static int set_ccache(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    (void)err;
    settings->ccache = STEAL(*value_p);
    return 0;
}

static int set_sysvol(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    if (strcmp(*value_p, "smb") == 0)
        return 0;
    return set_path(&settings->sysvol, "sysvol", value_p, err);
}

static int set_timeout(struct ad_settings *settings, char **value_p, struct gpmq_error *err)
{
    char *end;
    long seconds = strtol(*value_p, &end, 10);
    if (*end || end == *value_p || seconds < 1 || seconds > AD_TIMEOUT_MAX_S)
        return fail(err, GPMQ_EINVAL, "timeout: '%s' is no number of seconds from 1 to %d",
                    *value_p, AD_TIMEOUT_MAX_S);
    settings->timeout_s = (int)seconds;
    return 0;
}

static const struct {
    const char *key;
    set_fn *set;
} keys[] = {
    {"server", set_servers},  {"auth", set_auth},     {"tls", set_tls},
    {"user", set_user},       {"keytab", set_keytab}, {"password-file", set_password_file},
    {"ccache", set_ccache},   {"ca", set_ca},         {"sysvol", set_sysvol},
    {"timeout", set_timeout},
};

/* ---- the text -------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place. False: a '%' without two digits, or a control character. */
static bool decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        int high = *from == '%' ? hex_digit(from[1]) : 0;
        int low = *from == '%' && high >= 0 ? hex_digit(from[2]) : 0;
        if (high < 0 || low < 0)
            return false;
        char c = *from == '%' ? (char)(high * 16 + low) : *from;
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return false;
        from += *from == '%' ? 2 : 0;
        *to++ = c;
    }
    *to = 0;
    return true;
}

static int set(struct ad_settings *settings, char *pair, unsigned *seen, struct gpmq_error *err)
{
    char *equals = strchr(pair, '=');
    if (!equals || !equals[1])
        return fail(err, GPMQ_EINVAL, "'%s' is no KEY=VALUE", pair);
    *equals = 0;
    if (strlen(equals + 1) > AD_VALUE_MAX || !decode(equals + 1))
        return fail(err, GPMQ_EINVAL, "%s: the value is too long, or badly encoded", pair);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i].key, pair) != 0)
            continue;
        if (*seen & 1u << i)
            return fail(err, GPMQ_EINVAL, "%s is given twice", pair);
        *seen |= 1u << i;
        CLEANUP(free_pointer) char *value = strdup(equals + 1);
        return value ? keys[i].set(settings, &value, err) : out_of_memory(err);
    }
    return fail(err, GPMQ_EINVAL, "there is no key '%s'", pair);
}

static bool is_dns_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 255 && name[0] != '.' && name[length - 1] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == length && !strstr(name, "..");
}

static int name_domain(struct ad_settings *settings, const char *name, struct gpmq_error *err)
{
    settings->domain = strdup(name);
    settings->realm = strdup(name);
    if (!settings->domain || !settings->realm)
        return out_of_memory(err);
    for (char *c = settings->domain; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    for (char *c = settings->realm; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return is_dns_name(settings->domain)
               ? 0
               : fail(err, GPMQ_EINVAL, "'%s' is no DNS name of a domain", name);
}

/* What one key needs of the others. */
static int judge(struct ad_settings *settings, struct gpmq_error *err)
{
    if (settings->auth == AD_SIMPLE && (!settings->user || !settings->password_file))
        return fail(err, GPMQ_EINVAL, "auth=simple needs user and password-file");
    if ((settings->keytab || settings->password_file) && !settings->user)
        return fail(err, GPMQ_EINVAL, "keytab and password-file need user");
    if (!!settings->keytab + !!settings->password_file + !!settings->ccache > 1)
        return fail(err, GPMQ_EINVAL, "give one of keytab, password-file and ccache");
    if (!settings->user || strchr(settings->user, '@'))
        return 0;
    char *whole = NULL;
    if (asprintf(&whole, "%s@%s", settings->user, settings->realm) < 0)
        return out_of_memory(err);
    free(settings->user);
    settings->user = whole;
    return 0;
}

static int parse(struct ad_settings *settings, char *text, struct gpmq_error *err)
{
    char *rest = text;
    char *name = strsep(&rest, "?");
    int rc = name_domain(settings, name, err);
    char *pair;
    unsigned seen = 0; /* bits: indices of keys[] */
    while (!rc && rest && (pair = strsep(&rest, "&")))
        rc = set(settings, pair, &seen, err);
    return rc ? rc : judge(settings, err);
}

/* Bytes of a URL that an error shows: its domain, so that there is room for what is wrong. */
static int shown(const char *text)
{
    size_t length = strcspn(text, "?");
    return length < SHOWN_MAX ? (int)length : SHOWN_MAX;
}

int ad_settings_parse(struct ad_settings **out, const char *text, struct gpmq_error *err)
{
    CLEANUP(ad_settings_free) struct ad_settings *settings = calloc(1, sizeof *settings);
    CLEANUP(free_pointer) char *copy = strdup(text);
    if (!settings || !copy)
        return out_of_memory(err);
    settings->timeout_s = AD_TIMEOUT_DEFAULT_S;
    int rc = parse(settings, copy, err);
    if (rc)
        return fail_in(err, "domain 'ad:%.*s'", shown(text), text);
    *out = STEAL(settings);
    return 0;
}
