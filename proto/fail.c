/* fail.c - one line of text for a failure. */
#include "fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

/* Ends text that was cut at a whole character, and keeps it on one line. */
static void tidy(char *text, size_t size, bool cut)
{
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    if (!cut)
        return;
    size_t end = size - sizeof "...";
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, "...", sizeof "...");
}

__attribute__((format(printf, 4, 0))) static void
put(struct gpmq_error *err, int code, const char *tail, const char *format, va_list args)
{
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    bool cut = length < 0 || (size_t)length >= sizeof err->text;
    if (!cut && tail)
        cut = (size_t)snprintf(err->text + length, sizeof err->text - (size_t)length, ": %s",
                               tail) >= sizeof err->text - (size_t)length;
    tidy(err->text, sizeof err->text, cut);
    err->code = code;
}

int fail(struct gpmq_error *err, int code, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        put(err, code, NULL, format, args);
        va_end(args);
    }
    return code;
}

static int code_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return GPMQ_ENOTFOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return GPMQ_EACCESS;
    case ENOSPC:
    case EDQUOT:
        return GPMQ_ENOSPACE;
    case ENOMEM:
        return GPMQ_ENOMEM;
    case EEXIST:
        return GPMQ_EEXIST;
    default:
        return GPMQ_EIO;
    }
}

int fail_errno(struct gpmq_error *err, const char *format, ...)
{
    int number = errno;
    int code = code_of_errno(number);
    if (err) {
        va_list args;
        va_start(args, format);
        put(err, code, strerror(number), format, args);
        va_end(args);
    }
    return code;
}

int fail_zmq(struct gpmq_error *err, const char *format, ...)
{
    int number = zmq_errno();
    if (err) {
        va_list args;
        va_start(args, format);
        put(err, GPMQ_EIO, zmq_strerror(number), format, args);
        va_end(args);
    }
    return GPMQ_EIO;
}

int fail_in(struct gpmq_error *err, const char *format, ...)
{
    if (!err)
        return GPMQ_EIO;
    struct gpmq_error inner = *err;
    va_list args;
    va_start(args, format);
    put(err, inner.code, inner.text, format, args);
    va_end(args);
    return inner.code;
}
