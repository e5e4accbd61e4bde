#include "migration_lines.h"

#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "text.h"

/* A file while it is rewritten. */
struct rewriting {
    enum text_form form;
    char *section; /* of the lines that follow */
    size_t number; /* of the line, from 1 */
    struct bytes *out;
    bool changed;
};

static bool is_wide(enum text_form form)
{
    return form == TEXT_UTF16_LE || form == TEXT_UTF16_BE;
}

static bool is_character(enum text_form form, const uint8_t *at, char c)
{
    if (!is_wide(form))
        return *at == (uint8_t)c;
    return at[form == TEXT_UTF16_BE] == (uint8_t)c && at[form != TEXT_UTF16_BE] == 0;
}

/* Where the line that begins at `at` ends: behind its line feed, or at end. */
static const uint8_t *line_end(enum text_form form, const uint8_t *at, const uint8_t *end)
{
    size_t step = is_wide(form) ? 2 : 1;
    for (; (size_t)(end - at) >= step; at += step)
        if (is_character(form, at, '\n'))
            return at + step;
    return end;
}

/* Where its text ends: before CR and LF. */
static const uint8_t *text_end(enum text_form form, const uint8_t *from, const uint8_t *to)
{
    static const char ends[] = "\n\r";
    size_t step = is_wide(form) ? 2 : 1;
    for (size_t i = 0; ends[i]; i++)
        if ((size_t)(to - from) >= step && is_character(form, to - step, ends[i]))
            to -= step;
    return to;
}

struct migration_piece migration_trim(const char *from, const char *to)
{
    static const char blanks[] = " \t\r";
    while (from < to && strchr(blanks, *from))
        from++;
    while (from < to && strchr(blanks, to[-1]))
        to--;
    return (struct migration_piece){from, (size_t)(to - from)};
}

char *migration_piece_text(struct migration_piece piece)
{
    return strndup(piece.at, piece.length);
}

/* Notes the section that a line begins, if it does. */
static int note_section(struct rewriting *file, const char *text, bool *header,
                        struct gpmq_error *err)
{
    struct migration_piece piece = migration_trim(text, text + strlen(text));
    *header = piece.length >= 2 && piece.at[0] == '[' && piece.at[piece.length - 1] == ']';
    if (!*header)
        return 0;
    char *section = migration_piece_text(migration_trim(piece.at + 1, piece.at + piece.length - 1));
    if (!section)
        return fail(err, GPMQ_ENOMEM, "no memory for a line");
    free(file->section);
    file->section = section;
    return 0;
}

/* Puts a line in another text, if what stands there is what its bytes say and nothing is lost. */
static int put_changed(struct rewriting *file, const uint8_t *from, const uint8_t *to,
                       const char *text, const struct bytes *wanted, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes again = {0};
    int rc = text_put(&again, file->form, text, strlen(text), err);
    if (!rc && (again.size != (size_t)(to - from) ||
                (again.size && memcmp(again.at, from, again.size) != 0)))
        rc = fail(err, GPMQ_EMALFORMED, "it holds characters that cannot be written again");
    if (!rc && wanted->size)
        rc = text_put(file->out, file->form, (const char *)wanted->at, wanted->size, err);
    return rc;
}

static int edit_line(struct rewriting *file, const uint8_t *from, const uint8_t *to,
                     migration_line_edit *edit, void *edit_arg, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(bytes_free) struct bytes wanted = {0};
    const uint8_t *end = text_end(file->form, from, to);
    struct migration_line line = {0};
    enum migration_line_fate fate = LINE_KEEP;
    size_t length;
    int rc = text_piece_to_utf8(&text, &length, from, (size_t)(end - from), file->form, err);
    if (!rc)
        rc = note_section(file, text, &line.header, err);
    if (rc)
        return rc;
    line.section = file->section ? file->section : "";
    line.text = text;
    rc = edit(edit_arg, &line, &wanted, &fate, err);
    if (rc)
        return rc;
    if (wanted.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a line");
    file->changed |= fate != LINE_KEEP;
    if (fate == LINE_DROP)
        return 0;
    if (fate == LINE_REPLACE)
        rc = put_changed(file, from, end, text, &wanted, err);
    else
        bytes_put(file->out, from, (size_t)(end - from));
    bytes_put(file->out, end, (size_t)(to - end));
    return rc;
}

int migration_lines(const void *bytes, size_t size, migration_line_edit *edit, void *edit_arg,
                    struct bytes *out, bool *changed, struct gpmq_error *err)
{
    size_t mark = 0;
    struct rewriting file = {.form = text_form(bytes, size, &mark), .out = out};
    const uint8_t *at = bytes, *end = size ? at + size : at;
    int rc = 0;
    *changed = false;
    if (!size)
        return 0;
    bytes_put(out, at, mark);
    for (at += mark; at < end && !rc;) {
        const uint8_t *next = line_end(file.form, at, end);
        file.number++;
        rc = edit_line(&file, at, next, edit, edit_arg, err);
        at = next;
    }
    free(file.section);
    if (rc)
        return fail_in(err, "line %zu", file.number), rc;
    if (out->failed)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu bytes of text", size);
    *changed = file.changed;
    return 0;
}
