/* migration_security.c - GptTmpl.inf ([MS-GPSB]): accounts in rights, groups and SDDL. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_lines.h"
#include "migration_settings.h"

/* A line while it is rewritten. */
struct editing {
    const struct migration_walk *walk;
    const char *text;
    const char *settings_name;
    struct bytes *out;
    enum migration_line_fate *fate;
};

/* Asks about one account as it stands there: "*S-1-..." or a name. */
static int ask(const struct editing *line, struct migration_piece piece,
               struct migration_answer *answer, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = migration_piece_text(piece);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for an account");
    const char *account = text[0] == '*' ? text + 1 : text;
    if (!*account)
        return 0;
    return migration_ask(line->walk, MIGRATION_ACCOUNT, account, line->settings_name, answer, err);
}

static void put_piece(struct bytes *out, const char *from, const char *to)
{
    bytes_put(out, from, (size_t)(to - from));
}

/* One item of a list, from `from` to the comma at `to`; *any: an item stands before it already. */
static int edit_item(const struct editing *line, const char *from, const char *to, bool *any,
                     struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    struct migration_piece piece = migration_trim(from, to);
    int rc = ask(line, piece, &answer, err);
    if (rc)
        return rc;
    if (answer.fate != MIGRATION_KEEP)
        *line->fate = LINE_REPLACE;
    if (answer.fate == MIGRATION_DROP)
        return 0;
    bytes_put(line->out, ",", *any);
    *any = true;
    if (answer.fate == MIGRATION_KEEP) {
        put_piece(line->out, from, to);
        return 0;
    }
    put_piece(line->out, from, piece.at);
    bytes_put_char(line->out, '*');
    bytes_put_text(line->out, answer.text);
    put_piece(line->out, piece.at + piece.length, to);
    return 0;
}

/* "a,*b,c" from `at` on. */
static int edit_list(const struct editing *line, const char *at, struct gpmq_error *err)
{
    const char *start = at + strspn(at, " \t");
    bool any = false, more = true;
    put_piece(line->out, at, start);
    while (more) {
        const char *comma = start + strcspn(start, ",");
        more = *comma == ',';
        int rc = edit_item(line, start, comma, &any, err);
        if (rc)
            return rc;
        start = comma + more;
    }
    return 0;
}

/* "SeDebugPrivilege = list": the key and the sign of equality stay. */
static int edit_right(struct editing *line, struct gpmq_error *err)
{
    const char *equals = strchr(line->text, '=');
    if (!equals)
        return 0;
    CLEANUP(free_pointer) char *key = migration_piece_text(migration_trim(line->text, equals));
    if (!key)
        return fail(err, GPMQ_ENOMEM, "no memory for a user right");
    line->settings_name = key;
    put_piece(line->out, line->text, equals + 1);
    return edit_list(line, equals + 1, err);
}

/* The group in "*S-1-5-32-544__Members"; its length is 0 where the key is another. */
static struct migration_piece group_of(struct migration_piece key)
{
    static const char *const tails[] = {"__Members", "__Memberof"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t tail = strlen(tails[i]);
        if (key.length > tail && !strncasecmp(key.at + key.length - tail, tails[i], tail))
            return (struct migration_piece){key.at, key.length - tail};
    }
    return (struct migration_piece){0};
}

/* A group that is dropped takes its line with it, members and all. */
static int edit_group(struct editing *line, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    const char *equals = strchr(line->text, '=');
    struct migration_piece group = {0};
    if (equals)
        group = group_of(migration_trim(line->text, equals));
    if (!group.length)
        return 0;
    CLEANUP(free_pointer) char *key = migration_piece_text(group);
    if (!key)
        return fail(err, GPMQ_ENOMEM, "no memory for a group");
    line->settings_name = key;
    int rc = ask(line, group, &answer, err);
    if (rc)
        return rc;
    if (answer.fate == MIGRATION_DROP) {
        *line->fate = LINE_DROP;
        return 0;
    }
    if (answer.fate == MIGRATION_REPLACE) {
        *line->fate = LINE_REPLACE;
        put_piece(line->out, line->text, group.at);
        bytes_put_char(line->out, '*');
        bytes_put_text(line->out, answer.text);
        put_piece(line->out, group.at + group.length, equals + 1);
    } else {
        put_piece(line->out, line->text, equals + 1);
    }
    return edit_list(line, equals + 1, err);
}

/* Behind the comma that ends the field at `at`; commas in quotes do not count. NULL: none. */
static const char *next_field(const char *at)
{
    bool quoted = false;
    for (; *at; at++) {
        quoted ^= *at == '"';
        if (*at == ',' && !quoted)
            return at + 1;
    }
    return NULL;
}

/* `"name",mode,"SDDL"`: all behind the second comma is SDDL, in one pair of quotes or several. */
static int edit_descriptor(struct editing *line, struct gpmq_error *err)
{
    const char *second = next_field(line->text);
    const char *sddl = second ? next_field(second) : NULL;
    if (!sddl)
        return 0;
    struct migration_piece name = migration_trim(line->text, second - 1);
    if (name.length >= 2 && name.at[0] == '"' && name.at[name.length - 1] == '"')
        name = (struct migration_piece){name.at + 1, name.length - 2};
    CLEANUP(free_pointer) char *key = migration_piece_text(name);
    if (!key)
        return fail(err, GPMQ_ENOMEM, "no memory for the name of a service, key or file");
    bool changed = false;
    put_piece(line->out, line->text, sddl);
    int rc = migration_sddl(line->walk, sddl, key, line->out, &changed, err);
    if (changed)
        *line->fate = LINE_REPLACE;
    return rc;
}

static const struct section {
    const char *name;
    int (*edit)(struct editing *line, struct gpmq_error *err);
} sections[] = {
    {"Privilege Rights", edit_right},
    {"Group Membership", edit_group},
    {"Service General Setting", edit_descriptor},
    {"Registry Keys", edit_descriptor},
    {"File Security", edit_descriptor},
};

static int edit(void *arg, const struct migration_line *line, struct bytes *out,
                enum migration_line_fate *fate, struct gpmq_error *err)
{
    struct editing editing = {.walk = arg, .text = line->text, .out = out, .fate = fate};
    if (line->header || line->text[strspn(line->text, " \t")] == ';')
        return 0;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (!strcasecmp(sections[i].name, line->section))
            return sections[i].edit(&editing, err);
    return 0;
}

int migration_security(const struct migration_walk *walk, const void *bytes, size_t size,
                       struct bytes *out, bool *changed, struct gpmq_error *err)
{
    return migration_lines(bytes, size, edit, (void *)walk, out, changed, err);
}
