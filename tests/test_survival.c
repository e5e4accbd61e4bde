/*
 * test_survival.c - what survives each operation: the table that was measured on Windows, 30 cells,
 * one test for each, named after its cell.
 *
 * The source of each operation, its target where it has one, and a new GPO differ in every column,
 * so that a cell cannot hold by chance. Between backup and restore everything is changed, the links
 * of containers too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"
#include "sddl.h"

#define SOURCE "Domain Controllers - Time source (PDC)" /* linked in the demo domain, as is ... */
#define TARGET "Users - Baseline"

/* ---- the table ------------------------------------------------------------------------------- */

enum column { SETTINGS, GUID, DACL, WMI_LINK, SOM_LINKS, DESCRIPTION, COLUMNS };
static const char *const column_names[] = {"settings", "GUID",      "DACL",
                                           "WMI link", "SOM links", "description"};

enum fate {
    KEPT = 1, /* the source's */
    OWN,      /* what the target had before */
    NEW,      /* a GUID that nothing had */
    DEFAULT,  /* as a new GPO has it */
    NONE,     /* empty */
};
static const char *const fate_names[] = {"", "kept", "own", "new", "default", "none"};

enum operation { RESTORE, IMPORT, IMPORT_CREATE, COPY, COPY_ACL, OPERATIONS };
static const char *const operation_names[] = {"restore (GPO still exists)",
                                              "import into existing GPO", "import --create", "copy",
                                              "copy --copy-acl"};

/* clang-format off */
static const enum fate fates[OPERATIONS][COLUMNS] = {
    /*                 settings GUID  DACL     WMI   SOM   description */
    [RESTORE]       = {KEPT,    KEPT, KEPT,    KEPT, OWN,  KEPT},
    [IMPORT]        = {KEPT,    OWN,  OWN,     OWN,  OWN,  KEPT},
    [IMPORT_CREATE] = {KEPT,    NEW,  DEFAULT, NONE, NONE, KEPT},
    [COPY]          = {KEPT,    NEW,  DEFAULT, KEPT, NONE, KEPT},
    [COPY_ACL]      = {KEPT,    NEW,  KEPT,    KEPT, NONE, KEPT},
};
/* clang-format on */

struct cell {
    enum operation operation;
    enum column column;
    char name[96];
};

/* ---- a GPO as the table sees it -------------------------------------------------------------- */

/* One text for each column; "" is none. */
struct state {
    char *texts[COLUMNS];
};

static void drop_state(struct state *state)
{
    for (size_t i = 0; i < COLUMNS; i++)
        free(state->texts[i]);
}

static char *taken(struct bytes *bytes)
{
    void *text = NULL;
    assert_int_equal(bytes_take(bytes, &text, NULL, NULL), 0);
    return text;
}

static char *settings_of(const struct desk *desk, const struct gpo *gpo)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    bytes_format(&text, "%s|%s|", gpo->machine_extensions, gpo->user_extensions);
    for (size_t i = 0; i < gpo->file_count; i++) {
        if (gpo->files[i].directory || strcasecmp(gpo->files[i].path, "GPO.cmt") == 0)
            continue;
        CLEANUP(bytes_free) struct bytes content = desk_file(desk, &gpo->id, gpo->files[i].path);
        bytes_format(&text, "%s=%s|", gpo->files[i].path, (char *)content.at);
    }
    return taken(&text);
}

static char *dacl_of(const struct gpo *gpo)
{
    CLEANUP(free_pointer) uint8_t *dacl = NULL;
    struct sd sd;
    size_t size;
    char *text = NULL;
    assert_int_equal(sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, NULL),
                     0);
    assert_int_equal(sd_dacl_only(&sd, &dacl, &size, NULL), 0);
    assert_int_equal(sd_open(&sd, dacl, size, NULL), 0);
    assert_int_equal(sddl_text(&sd, NULL, &text, NULL), 0);
    return text;
}

/* Every place where it is linked, and how. */
static char *links_of(const struct desk *desk, const struct gpo *gpo)
{
    CLEANUP(domain_close) struct domain *domain = NULL; /* which sees what is on disk now */
    CLEANUP(domain_soms_free) struct domain_soms soms = {0};
    CLEANUP(free_pointer) struct domain_gpo_link *links = NULL;
    CLEANUP(bytes_free) struct bytes text = {0};
    size_t count = 0;
    assert_int_equal(domain_open(&domain, desk->domain_path, NULL), 0);
    assert_int_equal(domain->ops->soms(domain, &soms, NULL), 0);
    assert_int_equal(
        domain_gpo_links(&soms, domain->ops->info(domain)->dn, &gpo->id, &links, &count, NULL), 0);
    for (size_t i = 0; i < count; i++)
        bytes_format(&text, "%s %s%s|", links[i].som->dn, links[i].link->enforced ? "enforced" : "",
                     links[i].link->enabled ? "" : " disabled");
    return taken(&text);
}

static char *description_of(const struct desk *desk, const struct gpo *gpo)
{
    if (!gpo_find_file(gpo, "GPO.cmt"))
        return strdup("");
    CLEANUP(bytes_free) struct bytes text = desk_file(desk, &gpo->id, "GPO.cmt");
    return strdup((char *)text.at);
}

static struct state state_of(const struct desk *desk, const struct gpmq_guid *id)
{
    CLEANUP(gpo_free) struct gpo *gpo = desk_read(desk, id);
    return (struct state){{
        [SETTINGS] = settings_of(desk, gpo),
        [GUID] = strdup(look_text(*id)),
        [DACL] = dacl_of(gpo),
        [WMI_LINK] = strdup(gpo->wmi_filter ? gpo->wmi_filter : ""),
        [SOM_LINKS] = links_of(desk, gpo),
        [DESCRIPTION] = description_of(desk, gpo),
    }};
}

/* ---- what the operations work on ------------------------------------------------------------- */

#define FILTER(number) "[contoso.example;{9B4F2D60-2C0A-4B7F-8F6B-0C5B1B7E1A0" #number "};0]"
#define ADMINS         "D:PAI(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)"

/* Makes a GPO's every column its own; `word` goes into all of them. */
static void set_apart(struct desk *desk, const struct gpmq_guid *id, const char *word,
                      const char *filter, const char *sddl, unsigned number)
{
    const struct domain_ops *ops = desk->domain->ops;
    CLEANUP(free_pointer) uint8_t *sd = NULL;
    struct gpo values = {.display_name = (char *)word,
                         .wmi_filter = (char *)filter,
                         .machine_extensions = (char *)"[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
                                                       "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"};
    assert_int_equal(sddl_parse(sddl, NULL, &sd, &values.security_descriptor_size, NULL), 0);
    values.security_descriptor = sd;
    const struct domain_change_request request = {
        .gpo = *id, .op = desk_request("edit", number).id, .fence = DESK_FENCE};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    uint32_t version;
    assert_int_equal(ops->change_begin(desk->domain, &request, 0, &change, &answer, NULL), 0);
    assert_int_equal(ops->change_write(change, "Machine/settings.txt", word, strlen(word), NULL),
                     0);
    assert_int_equal(ops->change_write(change, "GPO.cmt", word, strlen(word), NULL), 0);
    assert_int_equal(ops->change_set(change,
                                     DOMAIN_EXTENSIONS | DOMAIN_WMI_FILTER | DOMAIN_SECURITY,
                                     &values, NULL),
                     0);
    assert_int_equal(ops->change_commit(&change, &version, NULL), 0);
}

/* Enforces every link of a GPO: domain.ldif, unfolded, has ";0]" behind its GUID become ";2]". */
static void enforce_links(const struct desk *desk, const struct gpmq_guid *id)
{
    char path[SCRATCH_PATH_SIZE + 16];
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(bytes_free) struct bytes whole = {0};
    unsigned enforced = 0;
    snprintf(path, sizeof path, "%s/domain.ldif", desk->domain_path);
    look_file(&text, path);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '\n' && i + 1 < text.size && text.at[i + 1] == ' ')
            i++;
        else
            bytes_put_char(&whole, (char)text.at[i]);
    for (char *at = (char *)whole.at; (at = strcasestr(at, look_text(*id))); enforced++) {
        at = strchr(at, ';');
        at[1] = '2';
    }
    assert_true(enforced > 0);
    CLEANUP(close_file) FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(whole.at, 1, whole.size, out), whole.size);
}

/* One operation, carried out once for all its cells. */
struct trial {
    bool done;
    struct desk desk;
    struct gpmq_guid source_id;
    struct gpmq_guid backup;
    struct state source; /* when it was backed up or copied */
    struct state target; /* before the operation; of a restore: the spoilt source */
    struct state fresh;  /* a new GPO */
    struct state after;
};

static struct gpmq_guid make_fresh(struct desk *desk)
{
    const struct domain_ops *ops = desk->domain->ops;
    const struct domain_change_request request = {
        .create = true, .display_name = "Fresh", .op = desk_request("edit", 99).id, .fence = 1};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    uint32_t version;
    assert_int_equal(ops->change_begin(desk->domain, &request, 0, &change, &answer, NULL), 0);
    assert_int_equal(ops->change_commit(&change, &version, NULL), 0);
    return gpmq_guid_derive(&request.op, "gpo");
}

/* ---- one operation --------------------------------------------------------------------------- */

static struct gpmq_guid run_operation(struct trial *trial, const struct gpmq_request *request,
                                      struct gpmq_guid result)
{
    CLEANUP(told_free) struct told told = desk_run(&trial->desk, request, DESK_FENCE, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
    return result;
}

static struct gpmq_guid restore(struct trial *trial)
{
    struct gpmq_request request = desk_request("gpo.restore", 10);
    request.backup = look_text(trial->backup);
    request.gpo = look_text(trial->source_id);
    set_apart(&trial->desk, &trial->source_id, "spoilt", FILTER(2), ADMINS "(A;;LCRPLORC;;;NO)",
              11);
    enforce_links(&trial->desk, &trial->source_id);
    drop_state(&trial->target);
    trial->target = state_of(&trial->desk, &trial->source_id);
    return run_operation(trial, &request, trial->source_id);
}

static struct gpmq_guid import(struct trial *trial)
{
    struct gpmq_request request = desk_request("gpo.import", 12);
    struct gpmq_guid target;
    request.backup = look_text(trial->backup);
    request.gpo = desk_gpo(&trial->desk, TARGET);
    assert_int_equal(gpmq_guid_parse(&target, request.gpo), 0);
    return run_operation(trial, &request, target);
}

static struct gpmq_guid import_create(struct trial *trial)
{
    struct gpmq_request request = desk_request("gpo.import", 13);
    request.backup = look_text(trial->backup);
    request.create = true;
    request.name = "Imported";
    return run_operation(trial, &request, gpmq_guid_derive(&request.id, "gpo"));
}

static struct gpmq_guid copy_with(struct trial *trial, const char *args)
{
    struct gpmq_request request = desk_request("gpo.copy", 14);
    request.gpo = look_text(trial->source_id);
    request.name = "Copied";
    request.args = args;
    return run_operation(trial, &request, gpmq_guid_derive(&request.id, "gpo"));
}

static struct gpmq_guid copy(struct trial *trial)
{
    return copy_with(trial, NULL);
}

static struct gpmq_guid copy_acl(struct trial *trial)
{
    return copy_with(trial, "{\"copy_acl\": true}");
}

static struct gpmq_guid (*const run[OPERATIONS])(struct trial *trial) = {
    restore, import, import_create, copy, copy_acl};

/* Source, target and a new GPO; then the operation. */
static void try_operation(struct trial *trial, enum operation operation)
{
    struct desk *desk = &trial->desk;
    struct gpmq_guid target_id, fresh_id;
    desk_make_demo(desk);
    assert_int_equal(gpmq_guid_parse(&trial->source_id, desk_gpo(desk, SOURCE)), 0);
    assert_int_equal(gpmq_guid_parse(&target_id, desk_gpo(desk, TARGET)), 0);
    set_apart(desk, &trial->source_id, "source", FILTER(3), ADMINS "(A;CI;LCRPLORC;;;AU)", 1);
    set_apart(desk, &target_id, "target", FILTER(1), ADMINS "(A;CI;LCRPLORC;;;ED)", 2);
    fresh_id = make_fresh(desk);
    trial->backup = desk_back_up(desk, SOURCE, 3);
    trial->source = state_of(desk, &trial->source_id);
    trial->target = state_of(desk, &target_id);
    trial->fresh = state_of(desk, &fresh_id);
    struct gpmq_guid id = run[operation](trial);
    trial->after = state_of(desk, &id);
    trial->done = true;
}

static void end_trial(struct trial *trial)
{
    drop_state(&trial->source);
    drop_state(&trial->target);
    drop_state(&trial->fresh);
    drop_state(&trial->after);
    desk_remove(&trial->desk);
}

/* ---- one cell -------------------------------------------------------------------------------- */

/* What the cell must hold; NULL: a GUID that nothing had. */
static const char *expected(const struct trial *trial, enum fate fate, enum column column)
{
    switch (fate) {
    case KEPT:
        return trial->source.texts[column];
    case OWN:
        return trial->target.texts[column];
    case DEFAULT:
        return trial->fresh.texts[column];
    case NONE:
        return "";
    case NEW:
        return NULL;
    }
    fail_msg("no such fate");
    return NULL;
}

/* Source, target and default tell each other apart, so that a cell holds only when it is true. A
 * restore's target is its source, whose GUID is one. */
static void assert_apart(const struct trial *trial, const struct cell *cell)
{
    const char *source = trial->source.texts[cell->column];
    const char *target = trial->target.texts[cell->column];
    const char *fresh = trial->fresh.texts[cell->column];
    if (cell->operation != RESTORE || cell->column != GUID)
        assert_string_not_equal(source, target);
    assert_string_not_equal(source, fresh);
    assert_string_not_equal(target, fresh);
    assert_true(*source && *target);
}

static struct trial trials[OPERATIONS];

static void the_cell_holds(void **state)
{
    const struct cell *cell = *state;
    enum fate fate = fates[cell->operation][cell->column];
    struct trial *trial = &trials[cell->operation];
    if (!trial->done)
        try_operation(trial, cell->operation);
    assert_apart(trial, cell);
    const char *is = trial->after.texts[cell->column];
    const char *wanted = expected(trial, fate, cell->column);
    if (wanted) {
        assert_string_equal(is, wanted);
        return;
    }
    assert_string_not_equal(is, trial->source.texts[cell->column]);
    assert_string_not_equal(is, trial->target.texts[cell->column]);
    assert_string_not_equal(is, trial->fresh.texts[cell->column]);
}

static int end_trials(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATIONS; i++)
        end_trial(&trials[i]);
    return 0;
}

int main(void)
{
    static struct cell cells[OPERATIONS * COLUMNS];
    struct CMUnitTest tests[OPERATIONS * COLUMNS];
    for (size_t i = 0; i < OPERATIONS * COLUMNS; i++) {
        struct cell *cell = &cells[i];
        cell->operation = (enum operation)(i / COLUMNS);
        cell->column = (enum column)(i % COLUMNS);
        snprintf(cell->name, sizeof cell->name, "%s: %s: %s", operation_names[cell->operation],
                 column_names[cell->column], fate_names[fates[cell->operation][cell->column]]);
        tests[i] = (struct CMUnitTest){
            .name = cell->name, .test_func = the_cell_holds, .initial_state = cell};
    }
    return cmocka_run_group_tests_name("survival", tests, NULL, end_trials);
}
