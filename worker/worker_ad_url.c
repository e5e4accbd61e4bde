/* worker_ad_url.c - from a mapping to an "ad:" URL. */
#include "worker_ad_url.h"

#include <inttypes.h>
#include <string.h>

#include "ad_settings.h"
#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "message.h"

#define CREDENTIALS "CREDENTIALS_DIRECTORY"

/* RFC 3986 2.1; what stands for itself in a value is left. */
static void put_value(struct bytes *url, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/:,[]@";
    for (; *text; text++) {
        if (strchr(plain, *text))
            bytes_put_char(url, *text);
        else
            bytes_format(url, "%%%02X", (unsigned char)*text);
    }
}

static void put(struct bytes *url, const char *key, const char *value)
{
    if (!value)
        return;
    bytes_put_text(url, url->at && memchr(url->at, '?', url->size) ? "&" : "?");
    bytes_put_text(url, key);
    bytes_put_text(url, "=");
    put_value(url, value);
}

/* What stands behind "%d/", or NULL. */
static const char *credential(const char *path)
{
    static const char *const starts[] = {"%d/", "$" CREDENTIALS "/", "${" CREDENTIALS "}/"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(path, starts[i], strlen(starts[i])) == 0)
            return path + strlen(starts[i]);
    return NULL;
}

static int put_path(struct bytes *url, const char *key, const char *path, struct gpmq_error *err)
{
    const char *name = path ? credential(path) : NULL;
    const char *folder = getenv(CREDENTIALS);
    if (!name) {
        put(url, key, path);
        return 0;
    }
    if (!folder || folder[0] != '/')
        return fail(err, GPMQ_EINVAL,
                    "%s: '%s' is a credential of a systemd unit, and $" CREDENTIALS
                    " is not set: use LoadCredential=, and systemd-run for a check by hand",
                    key, path);
    put(url, key, folder);
    bytes_put_text(url, "/");
    put_value(url, name);
    return 0;
}

static void put_servers(struct bytes *url, const struct worker_file_ad *ad)
{
    for (uint32_t i = 0; i < ad->servers_count; i++) {
        if (i == 0)
            put(url, "server", "");
        else
            bytes_put_text(url, ",");
        put_value(url, ad->servers[i]);
    }
}

static void put_timeout(struct bytes *url, const struct worker_file_ad *ad)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, ad->timeout_s);
    put(url, "timeout", ad->timeout_s ? text : NULL);
}

int worker_ad_url(char **out, const char *name, const struct worker_file_ad *ad,
                  struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes url = {0};
    bytes_put_text(&url, AD_SCHEME ":");
    put_value(&url, ad->domain ? ad->domain : name);
    put_servers(&url, ad);
    put(&url, "auth", ad->auth);
    put(&url, "tls", ad->tls);
    put(&url, "user", ad->user);
    put(&url, "ccache", ad->ccache);
    put(&url, "sysvol", ad->sysvol);
    put_timeout(&url, ad);
    int rc = put_path(&url, "keytab", ad->keytab, err);
    if (!rc)
        rc = put_path(&url, "password-file", ad->password_file, err);
    if (!rc)
        rc = put_path(&url, "ca", ad->ca, err);
    if (!rc && url.size > MESSAGE_TEXT_MAX)
        rc = fail(err, GPMQ_ETOOBIG, "all together is longer than %d bytes", MESSAGE_TEXT_MAX);
    if (rc)
        return rc;
    size_t size;
    void *text;
    bytes_put_char(&url, '\0');
    rc = bytes_take(&url, &text, &size, err);
    if (!rc)
        *out = text;
    return rc;
}
