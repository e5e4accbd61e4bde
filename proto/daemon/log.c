/* log.c - a daemon's log. */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define LINE_SIZE 2048

static struct {
    const char *program;
    _Atomic enum log_level most;
    bool journal;
    const struct log_about *about;
} settings = {"gpmq", LOG_INFO, false, NULL};

static const struct {
    const char *name;
    int priority; /* syslog's */
} levels[] = {
    [LOG_ERROR] = {"error", 3},
    [LOG_WARNING] = {"warning", 4},
    [LOG_INFO] = {"info", 6},
    [LOG_DEBUG] = {"debug", 7},
};

void log_start(const char *program, enum log_level most)
{
    settings.program = program;
    settings.most = most;
    settings.journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_set_most(enum log_level most)
{
    settings.most = most;
}

bool log_level_from_name(enum log_level *out, const char *name)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i].name, name) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

const char *log_level_name(enum log_level level)
{
    return levels[level].name;
}

const char *log_value(const char *text, char buffer[LOG_VALUE_SIZE])
{
    bool plain = text && *text && !strpbrk(text, " \"=\\");
    size_t at = 0;
    for (const char *c = text ? text : ""; plain && *c; c++)
        plain = (unsigned char)*c > 0x20 && *c != 0x7f;
    if (plain && strlen(text) < LOG_VALUE_SIZE)
        return strcpy(buffer, text);
    buffer[at++] = '"';
    for (const char *c = text ? text : ""; *c && at < LOG_VALUE_SIZE - 4; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\')
            buffer[at++] = '\\';
        buffer[at++] = byte < 0x20 || byte == 0x7f ? '?' : *c;
    }
    buffer[at++] = '"';
    buffer[at] = 0;
    return buffer;
}

static size_t put_head(char *line, enum log_level level, const char *event)
{
    char time[CLOCK_TEXT_SIZE];
    int length;
    if (settings.journal)
        length = snprintf(line, LINE_SIZE, "<%d>%s %s", levels[level].priority, levels[level].name,
                          event);
    else
        length = snprintf(line, LINE_SIZE, "%s %s[%d] %s %s", clock_text(clock_unix_ms(), time),
                          settings.program, (int)getpid(), levels[level].name, event);
    return length < 0 ? 0 : (size_t)length;
}

bool log_is_on(enum log_level level)
{
    return level <= settings.most;
}

void log_set_about(const struct log_about *about)
{
    settings.about = about;
}

/* What snprintf() would have liked to write, cut to what there is room for. */
static size_t cut(size_t at, int more)
{
    size_t length = at + (more < 0 ? 0 : (size_t)more);
    return length < LINE_SIZE - 2 ? length : LINE_SIZE - 2;
}

static size_t put_about(char *line, size_t at, const struct log_about *about)
{
    char op[GPMQ_ID_TEXT_SIZE], value[LOG_VALUE_SIZE];
    bool traced = about->trace && *about->trace;
    return cut(at, snprintf(line + at, LINE_SIZE - at - 1, " op=%s attempt=%u%s%s",
                            gpmq_id_text(about->op, op), about->attempt, traced ? " trace=" : "",
                            traced ? log_value(about->trace, value) : ""));
}

__attribute__((format(printf, 4, 0))) static void write_line(enum log_level level,
                                                             const char *event,
                                                             const struct log_about *about,
                                                             const char *format, va_list args)
{
    char line[LINE_SIZE];
    size_t length = cut(0, (int)put_head(line, level, event));
    if (about)
        length = put_about(line, length, about);
    if (format && *format && length < LINE_SIZE - 2) {
        line[length++] = ' ';
        length = cut(length, vsnprintf(line + length, LINE_SIZE - length - 1, format, args));
    }
    line[length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written; /* there is nowhere left to say so */
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if (!log_is_on(level))
        return;
    va_list args;
    va_start(args, format);
    write_line(level, event, settings.about, format, args);
    va_end(args);
}

void log_operation(enum log_level level, const char *event, const struct log_about *about,
                   const char *format, ...)
{
    if (!log_is_on(level))
        return;
    va_list args;
    va_start(args, format);
    write_line(level, event, about, format, args);
    va_end(args);
}
