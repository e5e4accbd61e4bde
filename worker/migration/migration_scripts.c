/* migration_scripts.c - scripts.ini and psscripts.ini ([MS-GPSCR] 2.2): commands that lie outside
 * the GPO, on a share. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_lines.h"
#include "migration_settings.h"

/* The path in a command, without quotes around it. */
static struct migration_piece path_of(const char *value)
{
    struct migration_piece piece = migration_trim(value, value + strlen(value));
    if (piece.length >= 2 && piece.at[0] == '"' && piece.at[piece.length - 1] == '"')
        piece = (struct migration_piece){piece.at + 1, piece.length - 2};
    return piece;
}

/* "0CmdLine", "12CmdLine" */
static bool is_command(struct migration_piece key)
{
    static const char word[] = "CmdLine";
    size_t digits = strspn(key.at, "0123456789");
    return digits && key.length == digits + strlen(word) &&
           !strncasecmp(key.at + digits, word, strlen(word));
}

/* "Logon 0CmdLine"; free() it. */
static char *name_setting(const char *section, struct migration_piece key)
{
    char *name = NULL;
    return asprintf(&name, "%s %.*s", section, (int)key.length, key.at) < 0 ? NULL : name;
}

static int edit(void *arg, const struct migration_line *line, struct bytes *out,
                enum migration_line_fate *fate, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    const char *equals = strchr(line->text, '=');
    if (line->header || !equals || !is_command(migration_trim(line->text, equals)))
        return 0;
    struct migration_piece piece = path_of(equals + 1);
    CLEANUP(free_pointer) char *path = migration_piece_text(piece);
    CLEANUP(free_pointer)
    char *setting = name_setting(line->section, migration_trim(line->text, equals));
    if (!path || !setting)
        return fail(err, GPMQ_ENOMEM, "no memory for a path");
    if (strncmp(path, "\\\\", 2) != 0)
        return 0;
    int rc = migration_ask(arg, MIGRATION_PATH, path, setting, &answer, err);
    if (rc || answer.fate != MIGRATION_REPLACE)
        return rc;
    *fate = LINE_REPLACE;
    bytes_put(out, line->text, (size_t)(piece.at - line->text));
    bytes_put_text(out, answer.text);
    bytes_put_text(out, piece.at + piece.length);
    return 0;
}

int migration_scripts(const struct migration_walk *walk, const void *bytes, size_t size,
                      struct bytes *out, bool *changed, struct gpmq_error *err)
{
    return migration_lines(bytes, size, edit, (void *)walk, out, changed, err);
}
