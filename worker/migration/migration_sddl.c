/* migration_sddl.c - the trustees in SDDL text. Only where they stand is looked for here; what they
 * are is sddl.h's. */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_lines.h"
#include "migration_settings.h"
#include "sddl.h"

#define TRUSTEE_FIELD  5 /* of an ACE, from 0 */
#define DOMAIN_ACCOUNT "S-1-5-21-"

/* A text while it is rewritten. */
struct scan {
    const struct migration_walk *walk;
    const char *settings_name;
    const char *copied; /* up to here it is in *out */
    struct bytes *out;
    bool changed;
};

/* The SID of a domain's account behind a trustee's word; false: it is somebody else's, or the same
 * everywhere. Words like EA, whose domain may be another, stay as they are. */
static bool is_account(const struct scan *scan, const char *word, char text[SID_TEXT_SIZE])
{
    struct sid sid;
    char short_form[SID_TEXT_SIZE];
    if (sddl_trustee_parse(&sid, word, scan->walk->domain, NULL) != 0)
        return false;
    if (strncasecmp(word, "S-", 2) != 0 &&
        strcasecmp(sddl_trustee_text(&sid, scan->walk->domain, short_form), word) != 0)
        return false;
    sid_text(&sid, text);
    return !strncmp(text, DOMAIN_ACCOUNT, strlen(DOMAIN_ACCOUNT));
}

static void copy_up_to(struct scan *scan, const char *to)
{
    bytes_put(scan->out, scan->copied, (size_t)(to - scan->copied));
    scan->copied = to;
}

/* Asks about the trustee in `piece`. Dropped, the text from `from` to `to` goes with it. */
static int ask(struct scan *scan, struct migration_piece piece, const char *from, const char *to,
               struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    CLEANUP(free_pointer) char *word = migration_piece_text(piece);
    char sid[SID_TEXT_SIZE];
    if (!word)
        return fail(err, GPMQ_ENOMEM, "no memory for a trustee");
    if (!is_account(scan, word, sid))
        return 0;
    int rc = migration_ask(scan->walk, MIGRATION_ACCOUNT, sid, scan->settings_name, &answer, err);
    if (rc || answer.fate == MIGRATION_KEEP)
        return rc;
    scan->changed = true;
    if (answer.fate == MIGRATION_DROP) {
        copy_up_to(scan, from);
        scan->copied = to;
        return 0;
    }
    copy_up_to(scan, piece.at);
    bytes_put_text(scan->out, answer.text);
    scan->copied = piece.at + piece.length;
    return 0;
}

/* Behind the ')' of the ACE that begins at `at`: a condition may have parentheses and quotes of its
 * own. NULL: it does not end. */
static const char *ace_end(const char *at)
{
    int depth = 0;
    bool quoted = false;
    for (; *at; at++) {
        quoted ^= *at == '"' && depth > 1;
        if (quoted)
            continue;
        depth += (*at == '(') - (*at == ')');
        if (!depth)
            return at + 1;
    }
    return NULL;
}

static int scan_ace(struct scan *scan, const char *from, const char *to, struct gpmq_error *err)
{
    const char *at = from + 1;
    for (int i = 0; i < TRUSTEE_FIELD; i++) {
        at = memchr(at, ';', (size_t)(to - at));
        if (!at)
            return 0;
        at++;
    }
    const char *end = at;
    while (end < to && *end != ';' && *end != ')')
        end++;
    return ask(scan, migration_trim(at, end), from, to, err);
}

/* "O:" or "G:" and whom it names; *end is behind it. */
static int scan_owner(struct scan *scan, const char *from, const char **end, struct gpmq_error *err)
{
    const char *at = from + 2;
    size_t length = strncasecmp(at, "S-", 2) == 0 ? 2 + strspn(at + 2, "0123456789-") : 2;
    if (strlen(at) < length)
        return 0;
    *end = at + length;
    return ask(scan, (struct migration_piece){at, length}, from, *end, err);
}

static bool is_owner(const char *at)
{
    return strchr("OGog", *at) && at[1] == ':';
}

int migration_sddl(const struct migration_walk *walk, const char *text, const char *settings_name,
                   struct bytes *out, bool *changed, struct gpmq_error *err)
{
    struct scan scan = {.walk = walk, .settings_name = settings_name, .copied = text, .out = out};
    int rc = 0;
    for (const char *at = text; *at && !rc;) {
        const char *next = at + 1;
        const char *end = *at == '(' ? ace_end(at) : NULL;
        if (end) {
            rc = scan_ace(&scan, at, end, err);
            next = end;
        } else if (is_owner(at)) {
            rc = scan_owner(&scan, at, &next, err);
        }
        at = next;
    }
    copy_up_to(&scan, text + strlen(text));
    *changed = scan.changed;
    return rc;
}
