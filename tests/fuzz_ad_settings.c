/* fuzz_ad_settings.c - any text behind "ad:": taken within its limits, or refused with a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ad_settings.h"
#include "cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void judge_path(const char *path)
{
    if (path && (path[0] != '/' || strlen(path) > AD_VALUE_MAX))
        abort();
}

static void judge(const struct ad_settings *settings)
{
    if (strlen(settings->domain) > 255 || strlen(settings->realm) != strlen(settings->domain))
        abort();
    if (settings->server_count > AD_SERVERS_MAX || settings->timeout_s < 1 ||
        settings->timeout_s > AD_TIMEOUT_MAX_S)
        abort();
    if (settings->user && !strchr(settings->user, '@'))
        abort();
    if (settings->auth == AD_SIMPLE && (!settings->user || !settings->password_file))
        abort();
    judge_path(settings->keytab);
    judge_path(settings->password_file);
    judge_path(settings->ca_file);
    judge_path(settings->sysvol);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(free_pointer) char *text = strndup((const char *)bytes, size);
    CLEANUP(ad_settings_free) struct ad_settings *settings = NULL;
    struct gpmq_error err = {0};
    if (!text)
        return 0;
    if (ad_settings_parse(&settings, text, &err) == 0)
        judge(settings);
    else if (settings || !err.text[0])
        abort();
    return 0;
}
