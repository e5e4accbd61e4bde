/* clock.c - the two clocks. */
#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t ms_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    return ms_of(CLOCK_BOOTTIME);
}

int64_t clock_unix_ms(void)
{
    return ms_of(CLOCK_REALTIME);
}

const char *clock_text(int64_t unix_ms, char text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    if (unix_ms < 0 || unix_ms > INT64_C(253402300799999) || !gmtime_r(&seconds, &parts))
        return strcpy(text, "-");
    size_t length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, CLOCK_TEXT_SIZE - length, ".%03dZ", (int)(unix_ms % 1000));
    return text;
}
