/*
 * migration_folders.c - fdeploy1.ini and fdeploy.ini ([MS-GPFR] 2.2): for whom folders are
 * redirected, and where to.
 *
 *     [Folder_Redirection]
 *     {folder}=s-1-1-0;s-1-5-21-...;        the groups, each with a section of its own:
 *     [{folder}_s-1-1-0]
 *     Flags=1021
 *     FullPath=\\server\share\%USERNAME%
 *
 * and in the older file, section by section, "S-1-1-0=\\server\share".
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_lines.h"
#include "migration_settings.h"

#define SID_BEGIN "S-1-"

/* A file while it is rewritten. */
struct editing {
    const struct migration_walk *walk;
    const struct migration_line *line;
    struct bytes *out;
    enum migration_line_fate *fate;
    bool dropping; /* the section belongs to a group that is dropped */
};

static bool is_sid(struct migration_piece piece)
{
    return piece.length > strlen(SID_BEGIN) && !strncasecmp(piece.at, SID_BEGIN, strlen(SID_BEGIN));
}

/* Asks about a SID, which is as it must be, in any case of letters. */
static int ask_sid(const struct editing *file, struct migration_piece piece,
                   struct migration_answer *answer, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = migration_piece_text(piece);
    char canonical[SID_TEXT_SIZE];
    struct sid sid;
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for a SID");
    text[0] = 'S';
    if (sid_parse(&sid, text, NULL) != 0)
        return 0;
    return migration_ask(file->walk, MIGRATION_ACCOUNT, sid_text(&sid, canonical),
                         file->line->section, answer, err);
}

static void put(struct editing *file, const char *from, const char *to)
{
    bytes_put(file->out, from, (size_t)(to - from));
}

/* Puts an answer's SID in the place of one: with a small s where that had one. */
static void put_sid(struct editing *file, struct migration_piece old, const char *sid)
{
    bytes_put_char(file->out, *old.at);
    bytes_put_text(file->out, sid + 1);
    *file->fate = LINE_REPLACE;
}

/* "[{folder}_s-1-...]" */
static int edit_header(struct editing *file, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    const char *text = file->line->text;
    const char *at = strcasestr(text, SID_BEGIN);
    struct migration_piece sid = {at, at ? strcspn(at, "]") : 0};
    file->dropping = false;
    if (!at || !is_sid(sid))
        return 0;
    int rc = ask_sid(file, sid, &answer, err);
    if (rc || answer.fate == MIGRATION_KEEP)
        return rc;
    file->dropping = answer.fate == MIGRATION_DROP;
    if (file->dropping) {
        *file->fate = LINE_DROP;
        return 0;
    }
    put(file, text, sid.at);
    put_sid(file, sid, answer.text);
    put(file, sid.at + sid.length, text + strlen(text));
    return 0;
}

/* One item of "s-1-...;s-1-...;" with the semicolon behind it. */
static int edit_item(struct editing *file, const char *from, const char *to, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    struct migration_piece sid = migration_trim(from, to - (to > from && to[-1] == ';'));
    int rc = is_sid(sid) ? ask_sid(file, sid, &answer, err) : 0;
    if (rc)
        return rc;
    if (answer.fate == MIGRATION_DROP) {
        *file->fate = LINE_REPLACE;
        return 0;
    }
    if (answer.fate == MIGRATION_KEEP) {
        put(file, from, to);
        return 0;
    }
    put(file, from, sid.at);
    put_sid(file, sid, answer.text);
    put(file, sid.at + sid.length, to);
    return 0;
}

/* "{folder}=s-1-1-0;" */
static int edit_groups(struct editing *file, const char *value, struct gpmq_error *err)
{
    put(file, file->line->text, value);
    while (*value) {
        const char *end = value + strcspn(value, ";");
        end += *end == ';';
        int rc = edit_item(file, value, end, err);
        if (rc)
            return rc;
        value = end;
    }
    return 0;
}

/* "S-1-1-0=...": puts what stands before the path. */
static int edit_key(struct editing *file, struct migration_piece key, const char *value,
                    struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    int rc = is_sid(key) ? ask_sid(file, key, &answer, err) : 0;
    if (rc)
        return rc;
    if (answer.fate == MIGRATION_DROP)
        *file->fate = LINE_DROP;
    put(file, file->line->text, key.at);
    if (answer.fate == MIGRATION_REPLACE)
        put_sid(file, key, answer.text);
    else
        put(file, key.at, key.at + key.length);
    put(file, key.at + key.length, value);
    return 0;
}

static int edit_path(struct editing *file, const char *value, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    struct migration_piece piece = migration_trim(value, value + strlen(value));
    CLEANUP(free_pointer) char *path = migration_piece_text(piece);
    if (!path)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    int rc = 0;
    if (!strncmp(path, "\\\\", 2))
        rc = migration_ask(file->walk, MIGRATION_PATH, path, file->line->section, &answer, err);
    if (rc)
        return rc;
    put(file, value, piece.at);
    if (answer.fate == MIGRATION_REPLACE) {
        *file->fate = LINE_REPLACE;
        bytes_put_text(file->out, answer.text);
    } else {
        put(file, piece.at, piece.at + piece.length);
    }
    put(file, piece.at + piece.length, value + strlen(value));
    return 0;
}

static int edit_value(struct editing *file, struct gpmq_error *err)
{
    const char *text = file->line->text;
    const char *equals = strchr(text, '=');
    if (!equals || text[strspn(text, " \t")] == ';')
        return 0;
    struct migration_piece key = migration_trim(text, equals);
    bool path = key.length == strlen("FullPath") && !strncasecmp(key.at, "FullPath", key.length);
    if (!strcasecmp(file->line->section, "Folder_Redirection"))
        return edit_groups(file, equals + 1, err);
    if (!path && !is_sid(key))
        return 0;
    int rc = edit_key(file, key, equals + 1, err);
    return rc || *file->fate == LINE_DROP ? rc : edit_path(file, equals + 1, err);
}

static int edit(void *arg, const struct migration_line *line, struct bytes *out,
                enum migration_line_fate *fate, struct gpmq_error *err)
{
    struct editing *file = arg;
    file->line = line;
    file->out = out;
    file->fate = fate;
    if (line->header)
        return edit_header(file, err);
    if (file->dropping) {
        *fate = LINE_DROP;
        return 0;
    }
    return edit_value(file, err);
}

int migration_folders(const struct migration_walk *walk, const void *bytes, size_t size,
                      struct bytes *out, bool *changed, struct gpmq_error *err)
{
    struct editing file = {.walk = walk};
    return migration_lines(bytes, size, edit, &file, out, changed, err);
}
