#include "backup_plan.h"

#include <string.h>
#include <strings.h>

#include "backup_xml.h"
#include "backup_xml_objects.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"

#define NO_FOLDER ""

/* Where in the GPT a template's path begins. */
enum side { SIDE_GPT, SIDE_MACHINE, SIDE_USER };

static const struct {
    const char *folder;   /* in the GPT, with its '/' */
    const char *variable; /* in bkp:Path */
} sides[] = {
    [SIDE_GPT] = {NO_FOLDER, "%GPO_FSPATH%"},
    [SIDE_MACHINE] = {"Machine/", "%GPO_MACH_FSPATH%"},
    [SIDE_USER] = {"User/", "%GPO_USER_FSPATH%"},
};

enum shape {
    SHAPE_FILE,        /* one file; no entry where it does not exist */
    SHAPE_FILES,       /* a folder's files, at any depth: an entry with the matches in it */
    SHAPE_FOLDERS,     /* a folder and those below it, likewise */
    SHAPE_DIRECT_FILES /* a folder's files, not deeper */
};

struct rule {
    enum side side;
    enum shape shape;
    const char *path;    /* file or folder below the side */
    const char *pattern; /* what the entry has behind the folder */
    const char *reevaluate;
};

/* clang-format off */
static const struct rule registry_rules[] = {
    {SIDE_MACHINE, SHAPE_FILE,         "registry.pol",                                NULL,  NULL},
    {SIDE_USER,    SHAPE_FILE,         "registry.pol",                                NULL,  NULL},
    {SIDE_GPT,     SHAPE_DIRECT_FILES, "Adm",                                         "*.*", NULL},
    {0}};
static const struct rule ris_rules[] = {
    {SIDE_USER,    SHAPE_FILE,         "Microsoft/RemoteInstall/oscfilter.ini",       NULL,  NULL},
    {0}};
static const struct rule folder_rules[] = {
    {SIDE_USER,    SHAPE_FILES,        "Documents & Settings",                        "*",   "FRValidateSettings"},
    {0}};
static const struct rule script_rules[] = {
    {SIDE_MACHINE, SHAPE_FILE,         "Scripts/scripts.ini",                         NULL,  "ScriptsValidatePaths"},
    {SIDE_MACHINE, SHAPE_FILE,         "Scripts/PSscripts.ini",                       NULL,  NULL},
    {SIDE_MACHINE, SHAPE_FOLDERS,      "Scripts/Startup",                             "*",   NULL},
    {SIDE_MACHINE, SHAPE_FILES,        "Scripts/Startup",                             "*",   NULL},
    {SIDE_MACHINE, SHAPE_FOLDERS,      "Scripts/Shutdown",                            "*",   NULL},
    {SIDE_MACHINE, SHAPE_FILES,        "Scripts/Shutdown",                            "*",   NULL},
    {SIDE_USER,    SHAPE_FILE,         "Scripts/scripts.ini",                         NULL,  "ScriptsValidatePaths"},
    {SIDE_USER,    SHAPE_FILE,         "Scripts/PSscripts.ini",                       NULL,  NULL},
    {SIDE_USER,    SHAPE_FOLDERS,      "Scripts/Logon",                               "*",   NULL},
    {SIDE_USER,    SHAPE_FILES,        "Scripts/Logon",                               "*",   NULL},
    {SIDE_USER,    SHAPE_FOLDERS,      "Scripts/Logoff",                              "*",   NULL},
    {SIDE_USER,    SHAPE_FILES,        "Scripts/Logoff",                              "*",   NULL},
    {0}};
static const struct rule security_rules[] = {
    {SIDE_MACHINE, SHAPE_FILE,         "microsoft/windows nt/SecEdit/GptTmpl.inf",    NULL,  "SecurityValidateSettings"},
    {0}};
static const struct rule no_rules[] = {{0}};

/* In the order of Windows' template; the spelling is Windows' own. */
static const struct handler {
    const char *id, *name;
    const char *cse; /* NULL: always there */
    const struct rule *rules;
    bool ds_objects;
} handlers[] = {
    {"{35378EAC-683F-11D2-A89A-00C04FBBCFA2}", "Registry",              NULL,                registry_rules, false},
    {"{3060E8D0-7020-11D2-842D-00C04FA372D4}", "Remote Installion",     BACKUP_CSE_RIS,      ris_rules,      false},
    {"{25537BA6-77A8-11D2-9B6C-0000F8080861}", "Folder Redirection",    BACKUP_CSE_FOLDERS,  folder_rules,   false},
    {"{42B5FAAE-6536-11d2-AE5A-0000F87571E3}", "Scripts",               BACKUP_CSE_SCRIPTS,  script_rules,   false},
    {"{827D319E-6EAC-11D2-A4EA-00C04F79F83A}", "Security",              BACKUP_CSE_SECURITY, security_rules, false},
    {"{c6dc5466-785a-11d2-84d0-00c04fb169f7}", "Software Installation", BACKUP_CSE_SOFTWARE, no_rules,       true},
};
/* clang-format on */
#define HANDLER_COUNT (sizeof handlers / sizeof *handlers)

static const char unknown_id[] = "{F15C46CD-82A0-4C2D-A210-5D0D3182A418}";
static const char unknown_name[] = "Unknown Extension";

/* The plan while it is made. */
struct plan {
    const struct gpo *gpo;
    bool *taken;  /* beside gpo->files */
    char *source; /* "\\dc\sysvol\domain\Policies\{GUID}" */
    struct gpmq_error *err;
};

static int no_memory(const struct plan *plan)
{
    return fail(plan->err, GPMQ_ENOMEM, "no memory to plan the backup of a GPO");
}

bool backup_plan_registered(const struct gpo *gpo, const char *cse)
{
    return gpo_extension_registered(gpo->machine_extensions, cse) ||
           gpo_extension_registered(gpo->user_extensions, cse);
}

/* ---- paths ---------------------------------------------------------------------------------- */

/* "a/b" behind prefix and '\', with back slashes; pattern (may be NULL) behind that. */
static char *windows_path(const char *prefix, const char *path, const char *pattern)
{
    char *text = NULL;
    if (asprintf(&text, "%s\\%s%s%s", prefix, path, pattern ? "\\" : "", pattern ? pattern : "") <
        0)
        return NULL;
    for (char *p = text + strlen(prefix); *p; p++)
        if (*p == '/')
            *p = '\\';
    return text;
}

static bool starts_with(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return !strncasecmp(path, folder, length);
}

static enum side side_of(const char *path)
{
    if (starts_with(path, sides[SIDE_MACHINE].folder))
        return SIDE_MACHINE;
    return starts_with(path, sides[SIDE_USER].folder) ? SIDE_USER : SIDE_GPT;
}

/* Sets path and source path of an entry for `below`, a path below a side that SYSVOL spells like
 * the first bytes of `folder`. */
static int name_object(const struct plan *plan, struct backup_object *object, enum side side,
                       const char *folder, const char *below, const char *pattern)
{
    CLEANUP(free_pointer) char *whole = NULL;
    if (asprintf(&whole, "%.*s%s", (int)strlen(sides[side].folder), folder, below) < 0)
        return no_memory(plan);
    object->path = windows_path(sides[side].variable, below, pattern);
    object->source_path = windows_path(plan->source, whole, pattern);
    return object->path && object->source_path ? 0 : no_memory(plan);
}

/* The entry of a file or folder of the GPT. spelling: how a template writes it, or NULL. */
static int place_object(const struct plan *plan, struct backup_object *object, size_t file,
                        const char *spelling)
{
    const struct gpo_file *from = &plan->gpo->files[file];
    enum side side = side_of(from->path);
    const char *below = from->path + strlen(sides[side].folder);
    plan->taken[file] = true;
    object->directory = from->directory;
    char spelled[GPO_PATH_MAX + 1];
    backup_spell_path(from->path, spelled);
    object->location = windows_path("DomainSysvol\\GPO", spelled, NULL);
    if (!object->location)
        return no_memory(plan);
    return name_object(plan, object, side, from->path, spelling ? spelling : below, NULL);
}

/* ---- rules ---------------------------------------------------------------------------------- */

/* What is behind `folder` '/' in path; "" for the folder itself; NULL: it is not in there. */
static const char *inside(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    if (strncasecmp(path, folder, length) != 0)
        return NULL;
    if (!path[length])
        return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

static bool matches(const struct plan *plan, size_t file, const struct rule *rule,
                    const char *folder)
{
    const struct gpo_file *candidate = &plan->gpo->files[file];
    const char *rest = plan->taken[file] ? NULL : inside(candidate->path, folder);
    if (!rest)
        return false;
    switch (rule->shape) {
    case SHAPE_FILE:
        return !candidate->directory && !*rest;
    case SHAPE_FILES:
        return !candidate->directory && *rest;
    case SHAPE_DIRECT_FILES:
        return !candidate->directory && *rest && !strchr(rest, '/');
    case SHAPE_FOLDERS:
        return candidate->directory;
    }
    return false;
}

static size_t count_matches(const struct plan *plan, const struct rule *rule, const char *folder)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->gpo->file_count; i++)
        count += matches(plan, i, rule, folder);
    return count;
}

/* Puts the matches into a pattern's entry. */
static int fill_pattern(const struct plan *plan, struct backup_object *object,
                        const struct rule *rule, const char *folder)
{
    object->directory = rule->shape == SHAPE_FOLDERS;
    int rc =
        name_object(plan, object, rule->side, sides[rule->side].folder, rule->path, rule->pattern);
    size_t count = count_matches(plan, rule, folder);
    object->children = rc || !count ? NULL : calloc(count, sizeof *object->children);
    if (!rc && count && !object->children)
        return no_memory(plan);
    for (size_t i = 0; !rc && object->child_count < count; i++)
        if (matches(plan, i, rule, folder))
            rc = place_object(plan, &object->children[object->child_count++], i, NULL);
    return rc;
}

static int fill_file(const struct plan *plan, struct backup_extension *out, const struct rule *rule,
                     const char *path)
{
    for (size_t i = 0; i < plan->gpo->file_count; i++)
        if (matches(plan, i, rule, path)) {
            struct backup_object *object = &out->objects[out->object_count++];
            object->reevaluate = rule->reevaluate ? strdup(rule->reevaluate) : NULL;
            if (rule->reevaluate && !object->reevaluate)
                return no_memory(plan);
            return place_object(plan, object, i, rule->path);
        }
    return 0;
}

static int apply_rule(const struct plan *plan, struct backup_extension *out,
                      const struct rule *rule)
{
    CLEANUP(free_pointer) char *path = NULL;
    if (asprintf(&path, "%s%s", sides[rule->side].folder, rule->path) < 0)
        return no_memory(plan);
    if (rule->shape == SHAPE_FILE)
        return fill_file(plan, out, rule, path);
    struct backup_object *object = &out->objects[out->object_count++];
    object->reevaluate = rule->reevaluate ? strdup(rule->reevaluate) : NULL;
    if (rule->reevaluate && !object->reevaluate)
        return no_memory(plan);
    return fill_pattern(plan, object, rule, path);
}

/* ---- handlers ------------------------------------------------------------------------------- */

static int name_extension(const struct plan *plan, struct backup_extension *out, const char *id,
                          const char *name)
{
    out->id = strdup(id);
    out->name = strdup(name);
    return out->id && out->name ? 0 : no_memory(plan);
}

static int copy_ds_objects(const struct plan *plan, struct backup_extension *out)
{
    const struct gpo *gpo = plan->gpo;
    out->ds_objects = calloc(gpo->ds_object_count + 1, sizeof *out->ds_objects);
    if (!out->ds_objects)
        return no_memory(plan);
    int rc = 0;
    while (!rc && out->ds_object_count < gpo->ds_object_count) {
        size_t i = out->ds_object_count++;
        rc = backup_ds_object_copy(&out->ds_objects[i], &gpo->ds_objects[i], plan->err);
    }
    return rc;
}

static int apply_handler(const struct plan *plan, struct backup_extension *out,
                         const struct handler *handler)
{
    size_t count = 0;
    while (handler->rules[count].path)
        count++;
    out->objects = calloc(count + 1, sizeof *out->objects);
    if (!out->objects)
        return no_memory(plan);
    int rc = name_extension(plan, out, handler->id, handler->name);
    for (size_t i = 0; !rc && i < count; i++)
        rc = apply_rule(plan, out, &handler->rules[i]);
    return rc || !handler->ds_objects ? rc : copy_ds_objects(plan, out);
}

/* Machine and User are in every GPO and in no list. */
static bool is_listed(const struct gpo_file *file)
{
    return !file->directory ||
           (fold_compare(file->path, "Machine") != 0 && fold_compare(file->path, "User") != 0);
}

static int apply_unknown(const struct plan *plan, struct backup_extension *out)
{
    const struct gpo *gpo = plan->gpo;
    out->objects = calloc(gpo->file_count + 1, sizeof *out->objects);
    if (!out->objects)
        return no_memory(plan);
    int rc = name_extension(plan, out, unknown_id, unknown_name);
    for (size_t i = 0; !rc && i < gpo->file_count; i++)
        if (!plan->taken[i] && is_listed(&gpo->files[i]))
            rc = place_object(plan, &out->objects[out->object_count++], i, NULL);
    return rc;
}

/* Where the GPT lies, as Windows names it; NULL: no memory. */
static char *source_of(const struct gpo *gpo)
{
    char id[GPMQ_GUID_TEXT_SIZE], *source = NULL;
    const char *controller = gpo->domain_controller ? gpo->domain_controller : gpo->domain;
    if (asprintf(&source, "\\\\%s\\sysvol\\%s\\Policies\\%s", controller, gpo->domain,
                 gpmq_guid_text(&gpo->id, id)) < 0)
        return NULL;
    return source;
}

static int make_plan(const struct plan *plan, struct backup_extensions *out)
{
    out->items = calloc(HANDLER_COUNT + 1, sizeof *out->items);
    if (!out->items)
        return no_memory(plan);
    int rc = 0;
    for (size_t i = 0; !rc && i < HANDLER_COUNT; i++)
        if (!handlers[i].cse || backup_plan_registered(plan->gpo, handlers[i].cse))
            rc = apply_handler(plan, &out->items[out->count++], &handlers[i]);
    return rc ? rc : apply_unknown(plan, &out->items[out->count++]);
}

int backup_plan(struct backup_extensions *out, const struct gpo *gpo, struct gpmq_error *err)
{
    CLEANUP(free_pointer) bool *taken = calloc(gpo->file_count + 1, sizeof *taken);
    CLEANUP(free_pointer) char *source = source_of(gpo);
    struct plan plan = {.gpo = gpo, .taken = taken, .source = source, .err = err};
    if (!taken || !source)
        return no_memory(&plan);
    CLEANUP(backup_extensions_free) struct backup_extensions made = {0};
    int rc = make_plan(&plan, &made);
    if (rc)
        return rc;
    *out = made;
    made = (struct backup_extensions){0};
    return 0;
}
