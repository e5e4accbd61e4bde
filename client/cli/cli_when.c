/* cli_when.c - times and durations as people write them. */
#include "cli_when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"

#define DAY_S (24 * 60 * 60)

/* Seconds of a unit; 0: there is no such unit. */
static int64_t unit_s(const char *unit)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 60 * 60}, {"d", DAY_S}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, unit) == 0)
            return units[i].seconds;
    return 0;
}

int cli_duration_parse(int64_t *out_ms, const char *text, struct gpmq_error *err)
{
    char *unit;
    errno = 0;
    long long count = strtoll(text, &unit, 10);
    int64_t seconds = unit_s(unit), most = seconds ? CLI_DURATION_MAX_MS / 1000 / seconds : 0;
    if (errno || unit == text || !seconds || count < 1 || count > most)
        return fail(err, GPMQ_EINVAL, "'%s' is no duration, as 90s, 15m, 2h or 7d", text);
    *out_ms = count * seconds * 1000;
    return 0;
}

/* Reads text whole by a format of strptime() over what `parts` holds already. */
static bool fits(const char *text, const char *format, struct tm *parts)
{
    struct tm read = *parts;
    const char *end = strptime(text, format, &read);
    if (!end || (*end && strcmp(end, "Z") != 0))
        return false;
    *parts = read;
    return true;
}

static int64_t unix_ms_of(struct tm *parts, bool utc)
{
    parts->tm_isdst = -1;
    time_t seconds = utc ? timegm(parts) : mktime(parts);
    return seconds < 0 ? -1 : (int64_t)seconds * 1000;
}

/* The time of day that comes next. */
static bool read_time_of_day(int64_t *out_unix_ms, const char *text, bool utc, int64_t now_unix_ms)
{
    time_t now = (time_t)(now_unix_ms / 1000);
    struct tm parts;
    if (!(utc ? gmtime_r(&now, &parts) : localtime_r(&now, &parts)))
        return false;
    parts.tm_sec = 0;
    if (!fits(text, "%H:%M", &parts))
        return false;
    struct tm tomorrow = parts;
    tomorrow.tm_mday++;
    *out_unix_ms = unix_ms_of(&parts, utc);
    if (*out_unix_ms <= now_unix_ms)
        *out_unix_ms = unix_ms_of(&tomorrow, utc);
    return true;
}

static bool read_date(int64_t *out_unix_ms, const char *text, bool utc)
{
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
                                          "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm parts = {0};
        if (!fits(text, formats[i], &parts))
            continue;
        *out_unix_ms = unix_ms_of(&parts, utc);
        return *out_unix_ms > 0;
    }
    return false;
}

int cli_time_parse(int64_t *out_unix_ms, const char *text, int64_t now_unix_ms,
                   struct gpmq_error *err)
{
    size_t length = strlen(text);
    bool utc = length && text[length - 1] == 'Z';
    int64_t ms;
    if (read_time_of_day(out_unix_ms, text, utc, now_unix_ms) || read_date(out_unix_ms, text, utc))
        return 0;
    if (cli_duration_parse(&ms, text + (*text == '+'), NULL) == 0) {
        *out_unix_ms = now_unix_ms + ms;
        return 0;
    }
    return fail(err, GPMQ_EINVAL, "'%s' is no time, as +2h, 22:00 or 2026-12-01T02:30Z", text);
}
