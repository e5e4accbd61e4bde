/* ldif_values.c - numbers and times in attributes, as a directory writes them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fail.h"
#include "ldif.h"

int ldif_number(const struct ldif_record *record, const char *name, uint64_t *out,
                struct gpmq_error *err)
{
    const char *text = ldif_text(record, name);
    *out = 0;
    if (!text)
        return 0;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10); /* AD writes 32-bit numbers with a sign */
    if (errno || end == text || *end)
        return fail(err, GPMQ_EDAMAGED, "'%s': %s is '%s', no number", record->dn, name, text);
    *out = (uint64_t)number;
    return 0;
}

int ldif_set_number(struct ldif_record *record, const char *name, int64_t number,
                    struct gpmq_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return ldif_set_text(record, name, text, err);
}

int64_t ldif_time(const struct ldif_record *record, const char *name)
{
    struct tm parts = {0};
    const char *text = ldif_text(record, name);
    const char *end = text ? strptime(text, "%Y%m%d%H%M%S", &parts) : NULL;
    return end ? (int64_t)timegm(&parts) * 1000 : 0;
}

int ldif_set_time(struct ldif_record *record, const char *name, int64_t unix_ms,
                  struct gpmq_error *err)
{
    char text[32];
    time_t seconds = unix_ms / 1000;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y%m%d%H%M%S.0Z", &parts);
    return ldif_set_text(record, name, text, err);
}
