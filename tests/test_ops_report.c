/* gpo.report and backup.report, run as an executor runs them; gpreport.xml of every backup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_desk.h"
#include "report_area.h"
#include "xml.h"

#define LOGON "Users - Logon script"

static struct gpmq_request report_of(const struct desk *desk, const char *name, const char *args)
{
    struct gpmq_request request = desk_request("gpo.report", 1);
    request.gpo = desk_gpo(desk, name);
    request.args = args;
    return request;
}

static struct xml_document *read_xml(const void *bytes, size_t size)
{
    struct xml_document *document = NULL;
    struct gpmq_error err;
    if (xml_read(&document, bytes, size, "report", &err))
        fail_msg("%s", err.text);
    return document;
}

static const struct xml_element *root_of(const struct xml_document *document)
{
    const struct xml_element *root = xml_root(document, "GPO", REPORT_NS);
    assert_non_null(root);
    return root;
}

/* The gpreport.xml of a backup. */
static struct xml_document *kept_report(const struct desk *desk, const struct gpmq_guid *id,
                                        size_t *size)
{
    CLEANUP(free_pointer) void *bytes = NULL;
    struct gpmq_error err;
    if (repository_read_report(desk->repository, id, &bytes, size, &err))
        fail_msg("%s", err.text);
    assert_memory_equal(bytes, "\xFF\xFE<\0", 4);
    return read_xml(bytes, *size);
}

/* ---- of a GPO ------------------------------------------------------------------------------- */

static void a_report_of_a_gpo_tells_settings_links_and_owner(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = report_of(desk, LOGON, NULL);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_string_equal(told.type, "report");
    assert_string_equal(told_property(&told, "format"), "xml");
    assert_string_equal(told_property(&told, "gpo_display_name"), LOGON);
    CLEANUP(xml_free)
    struct xml_document *document = read_xml(told.content.at, told.content.size);
    const struct xml_element *root = root_of(document);
    assert_string_equal(xml_child_text(root, "Name"), LOGON);
    assert_non_null(xml_child_text(root, "CreatedTime"));
    assert_non_null(xml_child(root, "LinksTo"));
    const struct xml_element *security = xml_child(root, "SecurityDescriptor");
    assert_non_null(strstr(xml_child_text(security, "SDDL"), "O:DA"));
    assert_non_null(
        strstr(xml_child_text(xml_child(security, "Owner"), "Name"), "\\Domain Admins"));
}

static void every_gpo_of_the_demo_domain_has_a_report_and_a_page(void **state)
{
    static const char *const formats[] = {"{\"format\":\"xml\"}", "{\"format\":\"html\"}"};
    struct desk *desk = desk_of(state);
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    for (size_t i = 0; i < gpos.count; i++)
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            struct gpmq_request request = report_of(desk, gpos.items[i].display_name, formats[f]);
            CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
            told_ended_well(&told);
            assert_int_equal(told.message_count, 0);
            assert_true(told.content.size > 1000);
            assert_non_null(strstr((const char *)told.content.at, f ? "<html" : "<GPO "));
        }
}

static void put_in_store(const struct desk *desk, const char *name, const char *text)
{
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/Policies/PolicyDefinitions", desk->domain_path);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/Policies/PolicyDefinitions/%s", desk->domain_path, name);
    CLEANUP(close_file) FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
}

static void put_update_policy(const char *path, const char *name)
{
    CLEANUP(close_file) FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file,
                        "<policyDefinitions xmlns='x'><policies><policy name='P' class='Machine' "
                        "displayName='%s' valueName='UseWUServer' "
                        "key='Software\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU'/>"
                        "</policies></policyDefinitions>",
                        name) > 0);
}

/* Before the domain of these tests has a store. */
static void
templates_of_the_workers_folder_name_registry_values_and_a_broken_folder_is_told_of(void **state)
{
    struct desk *desk = desk_of(state);
    char folder[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE];
    struct gpmq_request request = report_of(desk, "Workstations - Windows Update", NULL);
    desk->templates = scratch_path(&desk->scratch, "admx", folder);
    CLEANUP(told_free) struct told broken = desk_run(desk, &request, 1, 0);
    told_ended_well(&broken);
    assert_int_equal(broken.message_count, 1);
    assert_non_null(strstr(broken.messages[0].text, folder));
    assert_int_equal(mkdir(folder, 0777), 0);
    put_update_policy(scratch_path(&desk->scratch, "admx/update.admx", path), "From the folder");
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 0);
    assert_non_null(strstr((const char *)told.content.at, "Name>From the folder<"));
}

static void templates_of_the_domain_name_registry_values_and_damaged_ones_are_told_of(void **state)
{
    struct desk *desk = desk_of(state);
    put_in_store(desk, "update.admx",
                 "<policyDefinitions xmlns='x'><policies><policy name='P' class='Machine' "
                 "displayName='Use our own server' valueName='UseWUServer' "
                 "key='Software\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU'/>"
                 "</policies></policyDefinitions>");
    put_in_store(desk, "zzz.admx", "<no");
    struct gpmq_request request = report_of(desk, "Workstations - Windows Update", NULL);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    assert_int_equal(told.message_count, 1);
    assert_non_null(strstr(told.messages[0].text, "zzz.admx"));
    assert_non_null(strstr((const char *)told.content.at, "Name>Use our own server<"));
    assert_null(strstr((const char *)told.content.at, "From the folder")); /* the store wins */
    /* What is compared with backups, which have no templates, does without. */
    struct gpmq_guid id = desk_back_up(desk, "Workstations - Windows Update", 9);
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_request kept = desk_request("backup.report", 3);
    kept.backup = gpmq_guid_text(&id, text);
    CLEANUP(told_free) struct told other = desk_run(desk, &kept, 1, 0);
    assert_null(strstr((const char *)other.content.at, "Use our own server"));
    size_t size;
    CLEANUP(xml_free) struct xml_document *report = kept_report(desk, &id, &size);
    const struct xml_element *e =
        xml_child(xml_child(root_of(report), "Computer"), "ExtensionData");
    while (e && !xml_child(xml_child(e, "Extension"), "Policy"))
        e = xml_next(e, "ExtensionData");
    assert_non_null(e); /* the report beside a backup has the names, as one of Windows */
}

static void progress_is_that_of_a_backup(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = report_of(desk, LOGON, NULL);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    struct gpmq_request backup = desk_request("gpo.backup", 2);
    backup.gpo = request.gpo;
    CLEANUP(told_free) struct told other = desk_run(desk, &backup, 1, 0);
    told_ended_well(&told);
    assert_true(told.progress_count > 2);
    for (size_t i = 0; i < told.progress_count; i++) {
        assert_int_equal(told.progress[i].denominator, other.progress[0].denominator);
        assert_true(told.progress[i].numerator < told.progress[i].denominator);
        assert_true(!i || told.progress[i].numerator >= told.progress[i - 1].numerator);
    }
}

static void it_stops_when_it_is_told_to(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_request request = report_of(desk, LOGON, NULL);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 3);
    told_failed_with(&told, GPMQ_ESTOPPED);
    assert_int_equal(told.content.size, 0);
}

static void a_request_that_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *kind, *gpo, *backup, *args, *text;
    } bad[] = {
        {"gpo.report", "x", NULL, NULL, "GUID"},
        {"gpo.report", NULL, NULL, NULL, "'gpo'"},
        {"gpo.report", "{31B2F340-016D-11D2-945F-00C04FB984F9}", NULL, "{\"format\":\"pdf\"}",
         "'pdf'"},
        {"gpo.report", "{31B2F340-016D-11D2-945F-00C04FB984F9}", NULL, "{\"colour\":1}", "colour"},
        {"gpo.report", "{31B2F340-016D-11D2-945F-00C04FB984F9}", NULL, "[", "JSON"},
        {"backup.report", NULL, "x", NULL, "GUID"},
        {"backup.report", NULL, NULL, NULL, "'backup'"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct gpmq_request request = desk_request(bad[i].kind, 1);
        request.gpo = bad[i].gpo;
        request.backup = bad[i].backup;
        request.args = bad[i].args;
        CLEANUP(told_free) struct told told = desk_run(desk_of(state), &request, 1, 0);
        told_failed_with(&told, GPMQ_EINVAL);
        assert_non_null(strstr(told_last(&told), bad[i].text));
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char nobody[] = "{00000000-0000-4000-8000-000000000001}";
    struct gpmq_request gpo = desk_request("gpo.report", 1);
    struct gpmq_request backup = desk_request("backup.report", 2);
    gpo.gpo = nobody;
    backup.backup = nobody;
    CLEANUP(told_free) struct told one = desk_run(desk_of(state), &gpo, 1, 0);
    CLEANUP(told_free) struct told two = desk_run(desk_of(state), &backup, 1, 0);
    told_failed_with(&one, GPMQ_ENOTFOUND);
    told_failed_with(&two, GPMQ_ENOTFOUND);
}

/* ---- of a backup ---------------------------------------------------------------------------- */

/* Text without the one line that says when it was made. */
static void cut_time(char *text)
{
    char *line = strstr(text, "<ReadTime>");
    char *end = line ? strstr(line, "</ReadTime>") : NULL;
    assert_non_null(end);
    memmove(line, end, strlen(end) + 1);
}

static char *report_text(struct desk *desk, const struct gpmq_request *request)
{
    CLEANUP(told_free) struct told told = desk_run(desk, request, 1, 0);
    told_ended_well(&told);
    char *text = strdup((const char *)told.content.at);
    assert_non_null(text);
    cut_time(text);
    return text;
}

static void the_report_of_a_backup_is_that_of_the_gpo(void **state)
{
    struct desk *desk = desk_of(state);
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    assert_int_equal(desk->domain->ops->list(desk->domain, &gpos, NULL), 0);
    for (size_t i = 0; i < gpos.count; i++) {
        char text[GPMQ_GUID_TEXT_SIZE];
        const char *name = gpos.items[i].display_name;
        struct gpmq_guid id = desk_back_up(desk, name, 100 + (unsigned)i);
        struct gpmq_request live = report_of(desk, name, NULL);
        struct gpmq_request kept = desk_request("backup.report", 3);
        kept.backup = gpmq_guid_text(&id, text);
        CLEANUP(free_pointer) char *a = report_text(desk, &live);
        CLEANUP(free_pointer) char *b = report_text(desk, &kept);
        assert_string_equal(a, b);
    }
}

static void every_backup_has_a_report_that_we_read(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid id = desk_back_up(desk, LOGON, 7);
    size_t size;
    CLEANUP(xml_free) struct xml_document *document = kept_report(desk, &id, &size);
    assert_string_equal(xml_child_text(root_of(document), "Name"), LOGON);
}

static void a_gpo_with_a_broken_file_is_backed_up_with_a_report_that_says_so(void **state)
{
    struct desk *desk = desk_of(state);
    struct gpmq_guid gpo;
    assert_int_equal(gpmq_guid_parse(&gpo, desk_gpo(desk, LOGON)), 0);
    static const char path[] = "Machine/registry.pol";
    struct domain_change_request begin = {
        .gpo = gpo, .op = desk_request("x", 77).id, .fence = DESK_FENCE};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    struct gpo values = {.machine_extensions = (char *)"[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
                                                       "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]",
                         .user_extensions = (char *)""};
    const struct domain_ops *ops = desk->domain->ops;
    uint32_t version;
    struct gpmq_error err;
    if (ops->change_begin(desk->domain, &begin, 0, &change, &answer, &err) ||
        ops->change_write(change, path, "no PReg", 7, &err) ||
        ops->change_set(change, DOMAIN_EXTENSIONS, &values, &err) ||
        ops->change_commit(&change, &version, &err))
        fail_msg("%s", err.text);
    struct gpmq_guid id = desk_back_up(desk, LOGON, 8);
    size_t size;
    CLEANUP(xml_free) struct xml_document *document = kept_report(desk, &id, &size);
    const struct xml_element *other = xml_child(xml_child(root_of(document), "Computer"), "Other");
    assert_string_equal(xml_child_text(xml_child(other, "File"), "Path"), path);
    assert_non_null(xml_child_text(xml_child(other, "File"), "Reason"));
}

/* All on one demo domain, which takes longer to make than most of them; the last two change it. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_of_a_gpo_tells_settings_links_and_owner),
        cmocka_unit_test(every_gpo_of_the_demo_domain_has_a_report_and_a_page),
        cmocka_unit_test(progress_is_that_of_a_backup),
        cmocka_unit_test(it_stops_when_it_is_told_to),
        cmocka_unit_test(a_request_that_makes_no_sense_is_refused),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(the_report_of_a_backup_is_that_of_the_gpo),
        cmocka_unit_test(every_backup_has_a_report_that_we_read),
        cmocka_unit_test(
            templates_of_the_workers_folder_name_registry_values_and_a_broken_folder_is_told_of),
        cmocka_unit_test(templates_of_the_domain_name_registry_values_and_damaged_ones_are_told_of),
        cmocka_unit_test(a_gpo_with_a_broken_file_is_backed_up_with_a_report_that_says_so),
    };
    return cmocka_run_group_tests(tests, desk_set_up, desk_tear_down);
}
