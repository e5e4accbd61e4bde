/* Which handler takes which file, as Windows' own backups show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backup_plan.h"
#include "cleanup.h"

#define CSE(guid) "[{" guid "}{00000000-0000-0000-0000-000000000001}]"
#define SCRIPTS   CSE("42B5FAAE-6536-11D2-AE5A-0000F87571E3")
#define SECURITY  CSE("827D319E-6EAC-11D2-A4EA-00C04F79F83A")
#define FOLDERS   CSE("25537BA6-77A8-11D2-9B6C-0000F8080861")
#define SOFTWARE  CSE("C6DC5466-785A-11D2-84D0-00C04FB169F7")

/* A GPO of those paths (a '/' at the end: a folder; NULL ends them) with those extensions. */
static struct gpo *a_gpo(const char *machine, const char *user, const char *const *paths)
{
    struct gpo *gpo = calloc(1, sizeof *gpo);
    assert_non_null(gpo);
    assert_int_equal(gpmq_guid_parse(&gpo->id, "{11111111-2222-3333-4444-555555555555}"), 0);
    gpo->domain = strdup("example.test");
    gpo->domain_controller = strdup("dc1");
    gpo->machine_extensions = strdup(machine);
    gpo->user_extensions = strdup(user);
    for (; *paths; paths++) {
        CLEANUP(free_pointer) char *path = strdup(*paths);
        size_t length = strlen(path);
        bool folder = path[length - 1] == '/';
        if (folder)
            path[length - 1] = 0;
        assert_int_equal(gpo_add_file(gpo, path, folder, 0, NULL), 0);
    }
    gpo_sort_files(gpo);
    return gpo;
}

static struct backup_extensions planned(const struct gpo *gpo)
{
    struct backup_extensions plan = {0};
    assert_int_equal(backup_plan(&plan, gpo, NULL), 0);
    return plan;
}

static const struct backup_extension *handler(const struct backup_extensions *plan,
                                              const char *name)
{
    for (size_t i = 0; i < plan->count; i++)
        if (!strcmp(plan->items[i].name, name))
            return &plan->items[i];
    return NULL;
}

static const struct backup_object *entry(const struct backup_extension *extension, const char *path,
                                         bool directory)
{
    for (size_t i = 0; extension && i < extension->object_count; i++)
        if (!strcmp(extension->objects[i].path, path) &&
            extension->objects[i].directory == directory)
            return &extension->objects[i];
    return NULL;
}

static size_t count_objects(const struct backup_object *objects, size_t count)
{
    size_t located = 0;
    for (size_t i = 0; i < count; i++)
        located += (objects[i].location != NULL) +
                   count_objects(objects[i].children, objects[i].child_count);
    return located;
}

static void an_empty_gpo_has_registry_and_unknown(void **state)
{
    (void)state;
    static const char *const paths[] = {"Machine/", "User/", NULL};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo("", "", paths);
    CLEANUP(backup_extensions_free) struct backup_extensions plan = planned(gpo);
    assert_int_equal(plan.count, 2);
    assert_string_equal(plan.items[0].name, "Registry");
    assert_int_equal(plan.items[0].object_count, 1);
    assert_string_equal(plan.items[0].objects[0].path, "%GPO_FSPATH%\\Adm\\*.*");
    assert_null(plan.items[0].objects[0].location);
    assert_string_equal(plan.items[1].name, "Unknown Extension");
    assert_int_equal(plan.items[1].object_count, 0);
}

static void a_file_goes_to_unknown_while_its_extension_is_not_registered(void **state)
{
    (void)state;
    static const char inf[] = "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf";
    static const char *const paths[] = {inf, NULL};
    CLEANUP(gpo_free) struct gpo *without = a_gpo("", "", paths);
    CLEANUP(gpo_free) struct gpo *with = a_gpo(SECURITY, "", paths);
    CLEANUP(backup_extensions_free) struct backup_extensions first = planned(without);
    CLEANUP(backup_extensions_free) struct backup_extensions second = planned(with);
    assert_null(handler(&first, "Security"));
    assert_non_null(entry(handler(&first, "Unknown Extension"),
                          "%GPO_MACH_FSPATH%\\Microsoft\\Windows NT\\SecEdit\\GptTmpl.inf", false));

    const struct backup_object *object =
        entry(handler(&second, "Security"),
              "%GPO_MACH_FSPATH%\\microsoft\\windows nt\\SecEdit\\GptTmpl.inf", false);
    assert_non_null(object);
    assert_string_equal(object->reevaluate, "SecurityValidateSettings");
    assert_string_equal(object->location, "DomainSysvol\\GPO\\Machine\\Microsoft\\Windows NT\\"
                                          "SecEdit\\GptTmpl.inf");
    assert_string_equal(object->source_path,
                        "\\\\dc1\\sysvol\\example.test\\Policies\\"
                        "{11111111-2222-3333-4444-555555555555}\\Machine\\microsoft\\windows nt\\"
                        "SecEdit\\GptTmpl.inf");
    assert_int_equal(handler(&second, "Unknown Extension")->object_count, 0);
}

static void scripts_take_their_folders_and_leave_the_one_above(void **state)
{
    (void)state;
    static const char *const paths[] = {"Machine/Scripts/",
                                        "Machine/Scripts/psscripts.ini",
                                        "Machine/Scripts/scripts.ini",
                                        "Machine/Scripts/Startup/",
                                        "Machine/Scripts/Startup/a.cmd",
                                        "Machine/Scripts/Startup/sub/",
                                        "Machine/Scripts/Startup/sub/b.cmd",
                                        "Machine/Scripts/Shutdown/",
                                        NULL};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo(SCRIPTS, "", paths);
    CLEANUP(backup_extensions_free) struct backup_extensions plan = planned(gpo);
    const struct backup_extension *scripts = handler(&plan, "Scripts");
    assert_int_equal(scripts->object_count, 10);
    assert_string_equal(scripts->objects[0].reevaluate, "ScriptsValidatePaths");
    assert_string_equal(scripts->objects[1].path, "%GPO_MACH_FSPATH%\\Scripts\\PSscripts.ini");
    assert_string_equal(scripts->objects[1].location,
                        "DomainSysvol\\GPO\\Machine\\Scripts\\psscripts.ini");
    const struct backup_object *folders =
        entry(scripts, "%GPO_MACH_FSPATH%\\Scripts\\Startup\\*", true);
    const struct backup_object *files =
        entry(scripts, "%GPO_MACH_FSPATH%\\Scripts\\Startup\\*", false);
    assert_null(folders->location);
    assert_int_equal(folders->child_count, 2);
    assert_string_equal(folders->children[0].path, "%GPO_MACH_FSPATH%\\Scripts\\Startup");
    assert_int_equal(files->child_count, 2);
    assert_int_equal(entry(scripts, "%GPO_USER_FSPATH%\\Scripts\\Logon\\*", true)->child_count, 0);
    assert_int_equal(handler(&plan, "Unknown Extension")->object_count, 1);
}

static void folder_redirection_is_a_pattern_with_its_hook(void **state)
{
    (void)state;
    static const char *const paths[] = {"User/Documents & Settings/",
                                        "User/Documents & Settings/fdeploy1.ini", NULL};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo("", FOLDERS, paths);
    CLEANUP(backup_extensions_free) struct backup_extensions plan = planned(gpo);
    const struct backup_object *object = entry(handler(&plan, "Folder Redirection"),
                                               "%GPO_USER_FSPATH%\\Documents & Settings\\*", false);
    assert_string_equal(object->reevaluate, "FRValidateSettings");
    assert_int_equal(object->child_count, 1);
    assert_non_null(entry(handler(&plan, "Unknown Extension"),
                          "%GPO_USER_FSPATH%\\Documents & Settings", true));
}

static void software_installation_carries_the_directory_objects(void **state)
{
    (void)state;
    static const char *const paths[] = {NULL};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo(SOFTWARE, "", paths);
    gpo->ds_objects = calloc(1, sizeof *gpo->ds_objects);
    gpo->ds_object_count = 1;
    gpo->ds_objects[0].path = strdup("cn=Class Store,%GPO_MACH_DSPATH%");
    gpo->ds_objects[0].object_class = strdup("classStore");
    CLEANUP(backup_extensions_free) struct backup_extensions plan = planned(gpo);
    const struct backup_extension *software = handler(&plan, "Software Installation");
    assert_int_equal(software->ds_object_count, 1);
    assert_string_equal(software->ds_objects[0].object_class, "classStore");
}

static void machine_is_spelled_so_in_the_copy_and_as_it_is_in_the_source(void **state)
{
    (void)state;
    static const char *const paths[] = {"MACHINE/", "MACHINE/comment.cmtx", NULL};
    CLEANUP(gpo_free) struct gpo *gpo = a_gpo("", "", paths);
    CLEANUP(backup_extensions_free) struct backup_extensions plan = planned(gpo);
    const struct backup_object *object =
        entry(handler(&plan, "Unknown Extension"), "%GPO_MACH_FSPATH%\\comment.cmtx", false);
    assert_string_equal(object->location, "DomainSysvol\\GPO\\Machine\\comment.cmtx");
    assert_non_null(strstr(object->source_path, "\\MACHINE\\comment.cmtx"));
}

static void every_file_is_taken_exactly_once(void **state)
{
    (void)state;
    static const char *const paths[] = {"Adm/",
                                        "Adm/a.adm",
                                        "Adm/sub/",
                                        "Adm/sub/b.adm",
                                        "GPO.cmt",
                                        "Machine/registry.pol",
                                        "Machine/Scripts/scripts.ini",
                                        "Machine/Scripts/Startup/a",
                                        "User/Documents & Settings/fdeploy1.ini",
                                        "User/Microsoft/RemoteInstall/oscfilter.ini",
                                        "User/registry.pol",
                                        "Users/odd",
                                        NULL};
    static const char *const registered[] = {"", SCRIPTS, SECURITY SCRIPTS FOLDERS SOFTWARE};
    for (size_t i = 0; i < sizeof registered / sizeof *registered; i++) {
        CLEANUP(gpo_free) struct gpo *gpo = a_gpo(registered[i], registered[i], paths);
        CLEANUP(backup_extensions_free) struct backup_extensions plan = planned(gpo);
        size_t located = 0;
        for (size_t k = 0; k < plan.count; k++)
            located += count_objects(plan.items[k].objects, plan.items[k].object_count);
        assert_int_equal(located, gpo->file_count);
        assert_string_equal(plan.items[plan.count - 1].name, "Unknown Extension");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_gpo_has_registry_and_unknown),
        cmocka_unit_test(a_file_goes_to_unknown_while_its_extension_is_not_registered),
        cmocka_unit_test(scripts_take_their_folders_and_leave_the_one_above),
        cmocka_unit_test(folder_redirection_is_a_pattern_with_its_hook),
        cmocka_unit_test(software_installation_carries_the_directory_objects),
        cmocka_unit_test(machine_is_spelled_so_in_the_copy_and_as_it_is_in_the_source),
        cmocka_unit_test(every_file_is_taken_exactly_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
