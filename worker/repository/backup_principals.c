#include "backup_principals.h"

#include <string.h>
#include <strings.h>

#include "backup_xml.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "inf.h"
#include "sd.h"
#include "text.h"
#include "well_known.h"

#define DOMAIN_ACCOUNT "S-1-5-21-"

struct named {
    char *text; /* SID or name */
    bool from_settings;
};

/* A list of names, each once. */
struct named_list {
    size_t count;
    size_t room;
    struct named *items;
};

struct backup_names {
    struct named_list sids;
    struct named_list accounts; /* names without a SID */
    struct named_list paths;
};

static void free_list(struct named_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    free(list->items);
}

struct backup_names *backup_names_begin(void)
{
    return calloc(1, sizeof(struct backup_names));
}

void backup_names_free(struct backup_names **names_p)
{
    struct backup_names *names = STEAL(*names_p);
    if (!names)
        return;
    free_list(&names->sids);
    free_list(&names->accounts);
    free_list(&names->paths);
    free(names);
}

static int make_room(struct named_list *list, struct gpmq_error *err)
{
    if (list->count < list->room)
        return 0;
    if (list->count >= BACKUP_PRINCIPALS_MAX)
        return fail(err, GPMQ_ETOOBIG, "the GPO names more than %d accounts",
                    BACKUP_PRINCIPALS_MAX);
    size_t room = list->room ? 2 * list->room : 16;
    struct named *items = realloc(list->items, room * sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
    list->items = items;
    list->room = room;
    return 0;
}

static int add(struct named_list *list, const char *text, bool from_settings,
               struct gpmq_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (!fold_compare(list->items[i].text, text)) {
            list->items[i].from_settings |= from_settings;
            return 0;
        }
    int rc = make_room(list, err);
    if (rc)
        return rc;
    char *copy = strdup(text);
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
    list->items[list->count++] = (struct named){.text = copy, .from_settings = from_settings};
    return 0;
}

/* ---- where names come from ------------------------------------------------------------------ */

/* The text form of what says it is a SID; false: it is none. */
static bool spell_sid(char canonical[SID_TEXT_SIZE], const char *text)
{
    struct sid sid;
    if (sid_parse(&sid, text, NULL))
        return false;
    sid_text(&sid, canonical);
    return true;
}

static bool is_domain_account(const char *sid)
{
    return !strncmp(sid, DOMAIN_ACCOUNT, strlen(DOMAIN_ACCOUNT));
}

/* Of the DACL, accounts of domains alone are listed. */
static int add_dacl_sid(struct backup_names *names, const struct sid *sid, struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    sid_text(sid, text);
    return is_domain_account(text) ? add(&names->sids, text, false, err) : 0;
}

/* Of settings, accounts of domains are, and what is well known by its name; other SIDs (groups that
 * only domain controllers have, services) no Windows backup lists. */
static int add_settings_sid(struct backup_names *names, const char *text, struct gpmq_error *err)
{
    char canonical[SID_TEXT_SIZE];
    if (!spell_sid(canonical, text))
        return 0;
    const char *name = well_known_name(canonical);
    if (name)
        return add(&names->accounts, name, true, err);
    return is_domain_account(canonical) ? add(&names->sids, canonical, true, err) : 0;
}

int backup_names_from_dacl(struct backup_names *names, const void *descriptor, size_t size,
                           struct gpmq_error *err)
{
    struct sd judged;
    CLEANUP(free_pointer) struct sid *sids = NULL;
    size_t count;
    if (sd_open(&judged, descriptor, size, NULL))
        return 0;
    int rc = sd_dacl_sids(&judged, &sids, &count, err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = add_dacl_sid(names, &sids[i], err);
    return rc;
}

/* One account as security settings write it: "*S-1-5-21-..." or a name. */
static int add_account(struct backup_names *names, const char *account, struct gpmq_error *err)
{
    if (!*account || strlen(account) > BACKUP_TEXT_MAX)
        return 0;
    if (*account == '*')
        return add_settings_sid(names, account + 1, err);
    return add(&names->accounts, account, true, err);
}

static int add_accounts(struct backup_names *names, char *list, struct gpmq_error *err)
{
    int rc = 0;
    for (char *item; !rc && (item = inf_item(&list));)
        rc = add_account(names, item, err);
    return rc;
}

/* "*S-1-5-32-544__Members": the group is an account too. */
static int add_group(struct backup_names *names, const char *key, struct gpmq_error *err)
{
    static const char *const tails[] = {"__Members", "__Memberof"};
    CLEANUP(free_pointer) char *group = strdup(key);
    if (!group)
        return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
    size_t length = strlen(group);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t tail = strlen(tails[i]);
        if (length > tail && !strcasecmp(group + length - tail, tails[i])) {
            group[length - tail] = 0;
            return add_account(names, group, err);
        }
    }
    return 0;
}

/* The text of a settings file; *text is NULL where it is no text at all. */
static int open_text(char **text, const void *bytes, size_t size, struct gpmq_error *err)
{
    size_t length;
    int rc = text_to_utf8(text, &length, bytes, size, TEXT_WINDOWS_1252, err);
    return rc == GPMQ_EMALFORMED ? 0 : rc;
}

int backup_names_from_security(struct backup_names *names, const void *gpttmpl_inf, size_t size,
                               struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    int rc = open_text(&text, gpttmpl_inf, size, err);
    if (rc || !text)
        return rc;
    struct inf_cursor cursor = inf_begin(text);
    struct inf_line line;
    while (!rc && inf_next(&cursor, &line)) {
        bool rights = !strcasecmp(line.section, "Privilege Rights");
        bool groups = !strcasecmp(line.section, "Group Membership");
        if (!line.value || (!rights && !groups))
            continue;
        if (groups)
            rc = add_group(names, line.key, err);
        if (!rc)
            rc = add_accounts(names, line.value, err);
    }
    return rc;
}

int backup_names_from_folders(struct backup_names *names, const void *fdeploy1_ini, size_t size,
                              struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    int rc = open_text(&text, fdeploy1_ini, size, err);
    if (rc || !text)
        return rc;
    struct inf_cursor cursor = inf_begin(text);
    struct inf_line line;
    while (!rc && inf_next(&cursor, &line)) {
        /* The SID is a section's name, alone or behind the folder's GUID, or a line's key. */
        const char *sid = strcasestr(line.section, "S-1-");
        rc = sid ? add_settings_sid(names, sid, err) : 0;
        if (!rc && strncasecmp(line.key, "S-1-", 4) == 0)
            rc = add_settings_sid(names, line.key, err);
        if (!rc && line.value && !strcasecmp(line.key, "FullPath") &&
            !strncmp(line.value, "\\\\", 2) && strlen(line.value) <= BACKUP_TEXT_MAX)
            rc = add(&names->paths, line.value, true, err);
    }
    return rc;
}

/* ---- what becomes of them ------------------------------------------------------------------- */

static int put_account(struct backup_principal *out, const struct named *account,
                       struct gpmq_error *err)
{
    out->principal.sam_account_name = strdup(account->text);
    out->principal.type = strdup("Unknown");
    if (out->principal.sam_account_name && out->principal.type)
        return 0;
    return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
}

static int put_paths(const struct named_list *paths, struct backup *backup, struct gpmq_error *err)
{
    backup->file_paths = calloc(paths->count + 1, sizeof *backup->file_paths);
    if (!backup->file_paths)
        return fail(err, GPMQ_ENOMEM, "no memory for the paths of a GPO");
    for (size_t i = 0; i < paths->count; i++) {
        char *path = strdup(paths->items[i].text);
        if (!path)
            return fail(err, GPMQ_ENOMEM, "no memory for the paths of a GPO");
        backup->file_paths[backup->file_path_count++] = path;
    }
    return 0;
}

int backup_names_resolve(const struct backup_names *names, struct domain *domain,
                         struct backup *backup, struct gpmq_error *err)
{
    backup->principals =
        calloc(names->accounts.count + names->sids.count + 1, sizeof *backup->principals);
    if (!backup->principals)
        return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
    int rc = 0;
    for (size_t i = 0; !rc && i < names->accounts.count; i++)
        rc = put_account(&backup->principals[backup->principal_count++], &names->accounts.items[i],
                         err);
    for (size_t i = 0; !rc && i < names->sids.count; i++) {
        struct backup_principal *out = &backup->principals[backup->principal_count++];
        out->from_dacl = !names->sids.items[i].from_settings;
        rc = domain->ops->principal(domain, names->sids.items[i].text, &out->principal, err);
    }
    return rc ? rc : put_paths(&names->paths, backup, err);
}
