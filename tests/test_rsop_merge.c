/* test_rsop_merge.c - of each setting the value that wins, and what it beat, area by area. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_area.h"
#include "rsop.h"
#include "rsop_lab.h"
#include "rsop_xml.h"

#define KEY "Software\\Policies\\StudioLab\\"

/* Two OUs: GPOs of "Up" are applied before those of "Down", where Ada and PC1 are. */
static int set_up(void **state)
{
    struct lab *lab = malloc(sizeof *lab);
    lab_begin(lab);
    lab_ou(lab, "Up", "domain", false);
    lab_ou(lab, "Down", "Up", false);
    lab_account(lab, "user", "Ada", "Down");
    lab_account(lab, "computer", "PC1", "Down");
    *state = lab;
    return 0;
}

static int tear_down(void **state)
{
    lab_end(*state);
    free(*state);
    return 0;
}

static struct lab_gpo *linked(struct lab *lab, const char *name, const char *som)
{
    struct lab_gpo *gpo = lab_gpo(lab, name);
    lab_link_last(lab, som, name, false);
    return gpo;
}

static void merge(struct lab *lab, struct rsop_conditions conditions, struct lab_plan *out)
{
    struct rsop_ask ask = {0};
    ask.subjects[RSOP_COMPUTER].account = "PC1";
    ask.subjects[RSOP_USER].account = "Ada";
    lab_build(lab);
    lab_merge(lab, &ask, &conditions, out);
}

/* "standing:gpo" of each value of a setting, in the result's order; free() it. */
static char *verdict(const struct lab_plan *plan, enum rsop_side side, const char *key)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    void *taken;
    const struct rsop_setting *setting = lab_setting(plan, side, key);
    for (size_t i = 0; setting && i < setting->value_count; i++)
        bytes_format(&text, "%s%s:%s", text.size ? " " : "",
                     rsop_standing_word(setting->values[i].standing),
                     setting->values[i].entry->gpo->gpo->display_name);
    assert_int_equal(bytes_take(&text, &taken, NULL, NULL), 0);
    return taken;
}

static void expect(const struct lab_plan *plan, enum rsop_side side, const char *key,
                   const char *expected)
{
    CLEANUP(free_pointer) char *found = verdict(plan, side, key);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: '%s', not '%s'", key, found, expected);
}

static void the_last_gpo_wins_and_the_others_follow_by_precedence(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    lab_set(linked(lab, "domain", "domain"), RSOP_COMPUTER, "V", "1");
    lab_set(linked(lab, "up", "Up"), RSOP_COMPUTER, "V", "2");
    lab_set(linked(lab, "down", "Down"), RSOP_COMPUTER, "v", "3"); /* names have no case */
    lab_set(&lab->gpos[0], RSOP_USER, "V", "4");
    merge(lab, (struct rsop_conditions){0}, &plan);
    expect(&plan, RSOP_COMPUTER, KEY "V", "wins:down beaten:up beaten:domain");
    expect(&plan, RSOP_USER, KEY "V", "wins:domain");
    const struct rsop_setting *setting = lab_setting(&plan, RSOP_COMPUTER, KEY "V");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(setting->values[i].precedence, i + 1);
    lab_plan_free(&plan);
}

static void registry_commands_count_in_their_order(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    struct lab_gpo *up = linked(lab, "up", "Up"), *down = linked(lab, "down", "Down");
    const char *const values[] = {"Del", "Soft", "Kept", "Listed"};
    for (size_t i = 0; i < 4; i++)
        lab_set(up, RSOP_COMPUTER, values[i], "1");
    lab_set_line(up, RSOP_COMPUTER, "Software\\Swept | Old | REG_DWORD | 1");
    lab_set_line(up, RSOP_COMPUTER, "Software\\Tree\\Leaf\\Twig | X | REG_DWORD | 1");
    lab_set_line(up, RSOP_COMPUTER, "Software\\Tree\\Leafy | X | REG_DWORD | 1");
    lab_set_line(down, RSOP_COMPUTER, "Software\\Policies\\StudioLab | **del.Del | REG_SZ |");
    lab_set_line(down, RSOP_COMPUTER, "Software\\Policies\\StudioLab | **soft.Soft | REG_SZ | 2");
    lab_set_line(down, RSOP_COMPUTER, "Software\\Policies\\StudioLab | **soft.New | REG_SZ | 2");
    lab_set_line(down, RSOP_COMPUTER,
                 "Software\\Policies\\StudioLab | **DeleteValues | REG_SZ | Nothing;Listed");
    lab_set_line(down, RSOP_COMPUTER, "Software\\Swept | **delvals. | REG_SZ |");
    lab_set_line(down, RSOP_COMPUTER, "Software\\Swept | New | REG_DWORD | 1");
    lab_set_line(down, RSOP_COMPUTER, "Software\\Tree | **DeleteKeys | REG_SZ | Leaf;Other");
    merge(lab, (struct rsop_conditions){0}, &plan);
    expect(&plan, RSOP_COMPUTER, KEY "Del", "wins:down beaten:up"); /* deletes it */
    expect(&plan, RSOP_COMPUTER, KEY "Soft", "wins:up beaten:down");
    expect(&plan, RSOP_COMPUTER, KEY "New", "wins:down");
    expect(&plan, RSOP_COMPUTER, KEY "Kept", "wins:up");
    expect(&plan, RSOP_COMPUTER, KEY "Listed", "beaten:up");
    expect(&plan, RSOP_COMPUTER, "Software\\Swept\\Old", "beaten:up");
    expect(&plan, RSOP_COMPUTER, "Software\\Swept\\New", "wins:down");
    expect(&plan, RSOP_COMPUTER, "Software\\Tree\\Leaf\\Twig\\X", "beaten:up");
    expect(&plan, RSOP_COMPUTER, "Software\\Tree\\Leafy\\X", "wins:up");
    assert_int_equal(
        lab_setting(&plan, RSOP_COMPUTER, "Software\\Swept\\Old")->values[0].precedence, 2);
    lab_plan_free(&plan);
}

#define SECURITY_CSE                                                                               \
    "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}]"
#define INF "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
#define INF_HEAD                                                                                   \
    "[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\nRevision=1\r\n"

static void security_settings_replace_line_by_line(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    lab_file(linked(lab, "domain", "domain"), RSOP_COMPUTER, SECURITY_CSE, INF,
             INF_HEAD "[System Access]\r\nMinimumPasswordLength = 8\r\nLockoutBadCount = 5\r\n"
                      "[Privilege Rights]\r\nSeDebugPrivilege = *S-1-5-32-544,*S-1-5-32-551\r\n"
                      "[Group Membership]\r\n*S-1-5-32-544__Memberof =\r\n"
                      "*S-1-5-32-544__Members = *S-1-5-32-551\r\n"
                      "*S-1-5-32-551__Memberof = *S-1-5-32-544\r\n");
    lab_file(linked(lab, "down", "Down"), RSOP_COMPUTER, SECURITY_CSE, INF,
             INF_HEAD "[System Access]\r\nMinimumPasswordLength = 14\r\n"
                      "[Privilege Rights]\r\nSeDebugPrivilege = *S-1-5-32-544\r\n"
                      "[Group Membership]\r\n*S-1-5-32-544__Memberof =\r\n"
                      "*S-1-5-32-544__Members = *S-1-5-32-545\r\n");
    merge(lab, (struct rsop_conditions){0}, &plan);
    expect(&plan, RSOP_COMPUTER, "MinimumPasswordLength", "wins:down beaten:domain");
    expect(&plan, RSOP_COMPUTER, "LockoutBadCount", "wins:domain");
    expect(&plan, RSOP_COMPUTER, "UserRightsAssignment/SeDebugPrivilege",
           "wins:down beaten:domain");
    expect(&plan, RSOP_COMPUTER, "RestrictedGroups/S-1-5-32-544", "wins:down beaten:domain");
    expect(&plan, RSOP_COMPUTER, "RestrictedGroups/S-1-5-32-551", "added:domain");
    lab_plan_free(&plan);
}

static void a_domain_controller_takes_account_policy_from_the_domain_alone(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    lab_file(linked(lab, "domain", "domain"), RSOP_COMPUTER, SECURITY_CSE, INF,
             INF_HEAD "[System Access]\r\nMinimumPasswordLength = 8\r\n");
    lab_file(linked(lab, "down", "Down"), RSOP_COMPUTER, SECURITY_CSE, INF,
             INF_HEAD "[System Access]\r\nMinimumPasswordLength = 14\r\n"
                      "[Privilege Rights]\r\nSeDebugPrivilege =\r\n");
    merge(lab, (struct rsop_conditions){.controller = true}, &plan);
    expect(&plan, RSOP_COMPUTER, "MinimumPasswordLength", "wins:domain unused:down");
    expect(&plan, RSOP_COMPUTER, "UserRightsAssignment/SeDebugPrivilege", "wins:down");
    lab_plan_free(&plan);
}

#define AUDIT_CSE "[{F3CCC681-B74C-4060-9F26-CD84525DCA2A}{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}]"
#define AUDIT_CSV "Machine/Microsoft/Windows NT/Audit/audit.csv"
#define AUDIT_HEAD                                                                                 \
    "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion "         \
    "Setting,Setting Value\r\n"

static void auditing_is_merged_by_subcategory(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    static const char logon[] = "{0CCE9215-69AE-11D9-BED3-505054503030}";
    static const char logoff[] = "{0CCE9216-69AE-11D9-BED3-505054503030}";
    char both[512], one[512], key[128];
    snprintf(both, sizeof both,
             AUDIT_HEAD
             ",System,Audit Logon,%s,Success,,1\r\n,System,Audit Logoff,%s,Success,,1\r\n",
             logon, logoff);
    snprintf(one, sizeof one, AUDIT_HEAD ",System,Audit Logon,%s,Failure,,2\r\n", logon);
    lab_file(linked(lab, "up", "Up"), RSOP_COMPUTER, AUDIT_CSE, AUDIT_CSV, both);
    lab_file(linked(lab, "down", "Down"), RSOP_COMPUTER, AUDIT_CSE, AUDIT_CSV, one);
    merge(lab, (struct rsop_conditions){0}, &plan);
    snprintf(key, sizeof key, "System/%s", logon);
    expect(&plan, RSOP_COMPUTER, key, "wins:down beaten:up");
    snprintf(key, sizeof key, "System/%s", logoff);
    expect(&plan, RSOP_COMPUTER, key, "wins:up");
    lab_plan_free(&plan);
}

#define DRIVES_CSE                                                                                 \
    "[{00000000-0000-0000-0000-000000000000}{2EA1A81B-48E5-45E9-8BB7-A6E3AC170006}]"               \
    "[{5794DAFD-BE60-433F-88A2-1A31939AC01F}{2EA1A81B-48E5-45E9-8BB7-A6E3AC170006}]"
#define DRIVES "User/Preferences/Drives/Drives.xml"

/* A drive map; more: attributes of the item and what is in it. */
#define DRIVE(letter, action, attributes, inside)                                                  \
    "<Drive clsid=\"{935D1B74-9CB8-4e3c-9914-7DD559B7A417}\" name=\"" letter                       \
    ":\" status=\"" letter                                                                         \
    ":\" image=\"2\" changed=\"2026-01-01 00:00:00\" uid=\"{00000000-0000-0000-0000-0000000000"    \
    "0" action "}\" " attributes "><Properties action=\"" action                                   \
    "\" thisDrive=\"NOCHANGE\" allDrives=\"NOCHANGE\" userName=\"\" path=\"\\\\s\\" action         \
    "\" label=\"\" persistent=\"0\" useLetter=\"1\" letter=\"" letter "\"/>" inside "</Drive>"
#define DRIVE_LIST(items)                                                                          \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><Drives "                                           \
    "clsid=\"{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}\">" items "</Drives>"
#define DRIVE_FILTER                                                                               \
    "<Filters><FilterGroup bool=\"AND\" not=\"0\" name=\"X\" sid=\"S-1-5-11\"/></Filters>"

static const struct {
    char letter[2];
    const char *expected;
} drives[] = {
    {"C", "wins:up beaten:down"}, /* create leaves what is there */
    {"E", "wins:down beaten:up"}, /* created again behind a delete */
    {"R", "wins:down beaten:up"}, /* replace */
    {"U", "wins:down beaten:up"}, /* update */
    {"D", "wins:down beaten:up"}, /* delete */
    {"X", "wins:up unused:down"}, /* a disabled item does nothing */
    {"F", "wins:down beaten:up"}, /* targeting is taken as true */
    {"N", "wins:down"},           /* create where there is nothing */
};

static void preferences_follow_their_action(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    lab_file(linked(lab, "up", "Up"), RSOP_USER, DRIVES_CSE, DRIVES,
             DRIVE_LIST(DRIVE("C", "R", "", "") DRIVE("E", "D", "", "") DRIVE("R", "U", "", "")
                            DRIVE("U", "R", "", "") DRIVE("D", "R", "", "") DRIVE("X", "R", "", "")
                                DRIVE("F", "R", "", "")));
    lab_file(linked(lab, "down", "Down"), RSOP_USER, DRIVES_CSE, DRIVES,
             DRIVE_LIST(DRIVE("C", "C", "", "") DRIVE("E", "C", "", "") DRIVE("R", "R", "", "")
                            DRIVE("U", "U", "", "") DRIVE("D", "D", "", "")
                                DRIVE("X", "R", "disabled=\"1\"", "")
                                    DRIVE("F", "R", "", DRIVE_FILTER) DRIVE("N", "C", "", "")));
    merge(lab, (struct rsop_conditions){0}, &plan);
    for (size_t i = 0; i < sizeof drives / sizeof *drives; i++) {
        char name[8];
        snprintf(name, sizeof name, "%.1s:", drives[i].letter);
        expect(&plan, RSOP_USER, name, drives[i].expected);
    }
    const struct rsop_setting *filtered = lab_setting(&plan, RSOP_USER, "F:");
    assert_non_null(strstr(filtered->values[0].note, "targeting"));
    lab_plan_free(&plan);
}

#define SCRIPTS_CSE "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B66650-4972-11D1-A7CA-0000F87571E3}]"
#define SCRIPTS     "User/Scripts/scripts.ini"

static void scripts_add_up_and_do_not_run_over_a_slow_link(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    lab_file(linked(lab, "up", "Up"), RSOP_USER, SCRIPTS_CSE, SCRIPTS,
             "[Logon]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n1CmdLine=b.cmd\r\n1Parameters=\r\n");
    lab_file(linked(lab, "down", "Down"), RSOP_USER, SCRIPTS_CSE, SCRIPTS,
             "[Logon]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n");
    lab_set(&lab->gpos[0], RSOP_USER, "V", "1");
    merge(lab, (struct rsop_conditions){0}, &plan);
    expect(&plan, RSOP_USER, "Logon/a.cmd", "added:up added:down");
    expect(&plan, RSOP_USER, "Logon/b.cmd", "added:up");
    const struct rsop_conditions slow = {.slow_link = true};
    struct rsop_settings again;
    assert_int_equal(rsop_merge(&again, RSOP_USER, &plan.plan.sides[RSOP_USER],
                                &plan.knowledge.directory, plan.reports.of, &slow, NULL),
                     0);
    for (size_t i = 0; i < again.count; i++) {
        bool script = strcmp(again.items[i].values[0].setting->area, "Scripts") == 0;
        assert_int_equal(again.items[i].values[0].standing, script ? RSOP_UNUSED : RSOP_WINS);
    }
    assert_int_equal(again.count, 3);
    rsop_settings_free(&again);
    lab_plan_free(&plan);
}

static void a_gpo_that_applies_twice_counts_where_it_comes_last(void **state)
{
    struct lab *lab = *state;
    struct lab_plan plan;
    lab_set(linked(lab, "one", "Up"), RSOP_COMPUTER, "V", "1");
    lab_set(linked(lab, "two", "Down"), RSOP_COMPUTER, "V", "2");
    lab_link(lab, "domain", "one", 1, true, true); /* enforced at the top */
    merge(lab, (struct rsop_conditions){0}, &plan);
    expect(&plan, RSOP_COMPUTER, KEY "V", "wins:one beaten:two");
    lab_plan_free(&plan);
}

static void make_with(struct lab *lab, enum rsop_loopback loopback, const char *templates,
                      struct rsop *out)
{
    const struct rsop_watch watch = {.read_unix_ms = 1700000000000, .templates = templates};
    struct rsop_ask ask = {.loopback = loopback};
    struct gpmq_error err;
    ask.subjects[RSOP_COMPUTER].account = "PC1";
    ask.subjects[RSOP_USER].account = "Ada";
    if (rsop_make(out, lab->domain, &ask, false, &watch, &err))
        fail_msg("%s", err.text);
}

static void make(struct lab *lab, enum rsop_loopback loopback, struct rsop *out)
{
    make_with(lab, loopback, NULL, out);
}

static bool is_noted(const struct rsop *rsop, const char *words)
{
    for (size_t i = 0; i < rsop->knowledge.notes.count; i++)
        if (strstr(rsop->knowledge.notes.items[i], words))
            return true;
    return false;
}

static void loopback_that_policy_sets_otherwise_is_told(void **state)
{
    struct lab *lab = *state;
    lab_set_line(linked(lab, "kiosk", "Down"), RSOP_COMPUTER,
                 "Software\\Policies\\Microsoft\\Windows\\System | UserPolicyMode | REG_DWORD | 2");
    lab_build(lab);
    struct rsop none, same;
    make(lab, RSOP_LOOPBACK_NONE, &none);
    make(lab, RSOP_LOOPBACK_REPLACE, &same);
    assert_true(is_noted(&none, "sets loopback replace (GPO 'kiosk'); planned is no loopback"));
    assert_false(is_noted(&same, "loopback"));
    rsop_free(&none);
    rsop_free(&same);
}

static void what_was_assumed_of_filters_is_told_once(void **state)
{
    struct lab *lab = *state;
    struct rsop rsop;
    const char *const filters[] = {"one", "one", "odd", "gone"};
    lab_filter(lab, "one", false);
    lab_filter(lab, "odd", true);
    for (int i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof name, "g%d", i);
        linked(lab, name, "Up")->filter = filters[i];
    }
    lab_build(lab);
    make(lab, RSOP_LOOPBACK_NONE, &rsop);
    assert_true(is_noted(&rsop, "WMI filter 'one' is assumed to be false for the computer"));
    assert_true(is_noted(&rsop, "WMI filter 'odd' is damaged"));
    assert_true(is_noted(&rsop, "The WMI filter of GPO 'g3' is not in the domain"));
    assert_int_equal(rsop.knowledge.notes.count, 1 + 2 * 3); /* no site, then for each side */
    rsop_free(&rsop);
}

static void templates_give_values_their_names(void **state)
{
    static const char definitions[] =
        "<policyDefinitions xmlns='x'><policies><policy name='P' class='Machine' "
        "displayName='$(string.P)' key='Software\\Policies\\StudioLab' valueName='V'/>"
        "</policies></policyDefinitions>";
    static const char texts[] =
        "<policyDefinitionResources xmlns='x'><resources><stringTable><string id='P'>The lab's "
        "policy</string></stringTable></resources></policyDefinitionResources>";
    struct lab *lab = *state;
    char path[SCRATCH_PATH_SIZE];
    lab_set_line(linked(lab, "up", "Up"), RSOP_COMPUTER,
                 "Software\\Policies\\StudioLab | V | REG_DWORD | 1");
    lab_set_line(linked(lab, "down", "Down"), RSOP_COMPUTER,
                 "Software\\Policies\\StudioLab | V | REG_DWORD | 0");
    lab_build(lab);
    assert_int_equal(
        mkdir(scratch_path(&lab->scratch, "domain/Policies/PolicyDefinitions", path), 0777), 0);
    assert_int_equal(
        mkdir(scratch_path(&lab->scratch, "domain/Policies/PolicyDefinitions/en-US", path), 0777),
        0);
    scratch_write(&lab->scratch, "domain/Policies/PolicyDefinitions/lab.admx", definitions,
                  strlen(definitions));
    scratch_write(&lab->scratch, "domain/Policies/PolicyDefinitions/en-US/lab.adml", texts,
                  strlen(texts));
    scratch_write(&lab->scratch, "domain/Policies/PolicyDefinitions/odd.admx", "<", 1);
    struct rsop rsop;
    make(lab, RSOP_LOOPBACK_NONE, &rsop);
    const struct rsop_settings *merged = &rsop.merged[RSOP_COMPUTER];
    assert_int_equal(merged->count, 1);
    assert_string_equal(merged->items[0].values[0].setting->name, "The lab's policy");
    assert_string_equal(merged->items[0].values[0].entry->gpo->gpo->display_name, "down");
    assert_int_equal(merged->items[0].value_count, 2);
    assert_true(is_noted(&rsop, "1 administrative templates cannot be used"));
    rsop_free(&rsop);
}

static void
without_a_store_the_templates_of_a_folder_are_used_and_a_missing_one_is_noted(void **state)
{
    static const char definitions[] =
        "<policyDefinitions xmlns='x'><policies><policy name='P' class='Machine' "
        "displayName='From a folder' key='Software\\Policies\\StudioLab' valueName='V'/>"
        "</policies></policyDefinitions>";
    struct lab *lab = *state;
    char folder[SCRATCH_PATH_SIZE];
    lab_set_line(linked(lab, "up", "Up"), RSOP_COMPUTER,
                 "Software\\Policies\\StudioLab | V | REG_DWORD | 1");
    lab_build(lab);
    struct rsop rsop;
    make_with(lab, RSOP_LOOPBACK_NONE, scratch_path(&lab->scratch, "admx", folder), &rsop);
    assert_true(is_noted(&rsop, "cannot open the folder"));
    rsop_free(&rsop);
    assert_int_equal(mkdir(folder, 0777), 0);
    scratch_write(&lab->scratch, "admx/lab.admx", definitions, strlen(definitions));
    make_with(lab, RSOP_LOOPBACK_NONE, folder, &rsop);
    const struct rsop_settings *merged = &rsop.merged[RSOP_COMPUTER];
    assert_int_equal(merged->count, 1);
    assert_string_equal(merged->items[0].values[0].setting->name, "From a folder");
    assert_false(is_noted(&rsop, "templates"));
    rsop_free(&rsop);
}

static void a_gpo_too_large_for_a_report_does_not_stop_the_plan(void **state)
{
    struct lab *lab = *state;
    struct lab_gpo *large = linked(lab, "large", "Up");
    struct rsop rsop;
    for (int i = 0; i < 45000; i++) { /* of which each makes five elements */
        char line[64];
        snprintf(line, sizeof line, "Software\\K | V%d | REG_DWORD | 1", i);
        lab_set_line(large, RSOP_COMPUTER, line);
    }
    lab_set(linked(lab, "small", "Down"), RSOP_COMPUTER, "V", "1");
    lab_build(lab);
    make(lab, RSOP_LOOPBACK_NONE, &rsop);
    assert_int_equal(rsop.merged[RSOP_COMPUTER].count, 1);
    assert_true(is_noted(&rsop, "GPO 'large' has more settings than a report may have"));
    rsop_free(&rsop);
}

static void what_is_too_large_with_extension_data_goes_without(void **state)
{
    struct lab *lab = *state;
    struct lab_gpo *large = linked(lab, "large", "Up");
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(xml_free) struct xml_document *document = NULL;
    struct rsop rsop;
    size_t size;
    for (int i = 0; i < 12000; i++) {
        char line[64];
        snprintf(line, sizeof line, "Software\\K | V%d | REG_DWORD | 1", i);
        lab_set_line(large, RSOP_COMPUTER, line);
    }
    lab_build(lab);
    make(lab, RSOP_LOOPBACK_NONE, &rsop);
    assert_int_equal(rsop_xml(&text, &size, &rsop, lab->domain, 1700000000000, NULL), 0);
    assert_int_equal(xml_read(&document, text, size, "the report", NULL), 0);
    const struct xml_element *root = xml_root(document, "Rsop", REPORT_NS_RSOP);
    assert_int_equal(xml_count(xml_child(root, "ComputerResults"), "Setting"), 12000);
    assert_int_equal(xml_count(xml_child(root, "ComputerResults"), "ExtensionData"), 0);
    assert_non_null(strstr(text, "too many settings for one report"));
    rsop_free(&rsop);
}

static void settings_have_a_limit(void **state)
{
    const struct settings many = {.count = RSOP_VALUES_MAX + 1};
    const struct settings *of[] = {&many};
    const struct rsop_conditions conditions = {0};
    struct rsop_settings merged;
    struct lab *lab = *state;
    struct lab_plan plan;
    linked(lab, "one", "Down");
    merge(lab, conditions, &plan);
    assert_int_equal(rsop_merge(&merged, RSOP_COMPUTER, &plan.plan.sides[RSOP_COMPUTER],
                                &plan.knowledge.directory, of, &conditions, NULL),
                     GPMQ_ETOOBIG);
    lab_plan_free(&plan);
}

/* Whatever GPOs say: of each setting at most one value wins, precedences count from it, and no
 * value is lost. */
static void in_random_merges_nothing_is_lost_and_one_wins(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 8; seed++) {
        void *fresh = NULL;
        uint32_t random = seed * 2654435761u;
        struct lab_plan plan;
        size_t written = 0, found = 0;
        assert_int_equal(set_up(&fresh), 0);
        for (int gpo = 0; gpo < 5; gpo++) {
            char name[8], line[128];
            snprintf(name, sizeof name, "g%d", gpo);
            struct lab_gpo *made = linked(fresh, name, gpo % 2 ? "Up" : "Down");
            for (int i = 0; i < 12; i++, written++) {
                static const char *const forms[] = {"", "**del.", "**soft.", ""};
                random = random * 1664525 + 1013904223;
                snprintf(line, sizeof line, "Software\\K%u | %sV%u | REG_SZ | %d", random >> 30,
                         forms[(random >> 26) & 3], (random >> 22) & 7, i);
                if ((random >> 16) % 10 == 0)
                    snprintf(line, sizeof line, "Software\\K%u | **delvals. | REG_SZ |",
                             random >> 30);
                lab_set_line(made, RSOP_COMPUTER, line);
            }
        }
        merge(fresh, (struct rsop_conditions){0}, &plan);
        const struct rsop_settings *merged = &plan.merged[RSOP_COMPUTER];
        for (size_t i = 0; i < merged->count; i++) {
            const struct rsop_setting *setting = &merged->items[i];
            bool wins = setting->values[0].standing == RSOP_WINS;
            for (size_t k = 0; k < setting->value_count; k++, found++) {
                assert_int_equal(setting->values[k].precedence, k + (wins ? 1 : 2));
                assert_int_equal(setting->values[k].standing, wins && !k ? RSOP_WINS : RSOP_BEATEN);
            }
        }
        assert_int_equal(found, written);
        lab_plan_free(&plan);
        tear_down(&fresh);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_gpo_wins_and_the_others_follow_by_precedence),
        TEST(registry_commands_count_in_their_order),
        TEST(security_settings_replace_line_by_line),
        TEST(a_domain_controller_takes_account_policy_from_the_domain_alone),
        TEST(auditing_is_merged_by_subcategory),
        TEST(preferences_follow_their_action),
        TEST(scripts_add_up_and_do_not_run_over_a_slow_link),
        TEST(a_gpo_that_applies_twice_counts_where_it_comes_last),
        TEST(loopback_that_policy_sets_otherwise_is_told),
        TEST(what_was_assumed_of_filters_is_told_once),
        TEST(templates_give_values_their_names),
        TEST(without_a_store_the_templates_of_a_folder_are_used_and_a_missing_one_is_noted),
        TEST(a_gpo_too_large_for_a_report_does_not_stop_the_plan),
        TEST(what_is_too_large_with_extension_data_goes_without),
        TEST(settings_have_a_limit),
        cmocka_unit_test(in_random_merges_nothing_is_lost_and_one_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
