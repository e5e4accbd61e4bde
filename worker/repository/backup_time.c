#include "backup_time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define FIRST_SECOND (-11644473600) /* 1601-01-01, where Windows begins to count */
#define LAST_SECOND  253402300799   /* 9999-12-31T23:59:59 */

const char *backup_time_text(int64_t unix_ms, char text[BACKUP_TIME_TEXT_SIZE])
{
    int64_t seconds = unix_ms / 1000 - (unix_ms % 1000 < 0);
    time_t when = seconds < FIRST_SECOND  ? FIRST_SECOND
                  : seconds > LAST_SECOND ? LAST_SECOND
                                          : seconds;
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(text, BACKUP_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    return text;
}

static bool tail_is_fine(const char *tail)
{
    if (*tail == '.')
        tail += 1 + strspn(tail + 1, "0123456789");
    return !*tail || !strcmp(tail, "Z");
}

int backup_time_parse(int64_t *out_unix_ms, const char *text)
{
    struct tm utc = {0};
    int length = 0;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
               &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &length) != 6 ||
        length != 19 || !tail_is_fine(text + length))
        return GPMQ_EMALFORMED;

    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    struct tm normal = utc;
    time_t when = timegm(&normal);
    if (normal.tm_mon != utc.tm_mon || normal.tm_mday != utc.tm_mday ||
        normal.tm_hour != utc.tm_hour || normal.tm_min != utc.tm_min ||
        normal.tm_sec != utc.tm_sec || when < FIRST_SECOND)
        return GPMQ_EMALFORMED;
    *out_unix_ms = (int64_t)when * 1000;
    return 0;
}
