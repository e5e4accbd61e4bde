/* test_domain.c - the promises of domain.h, run against every domain. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "domain.h"
#include "domain_kind.h"
#include "sddl.h"
#include "scratch.h"

struct fixture {
    struct scratch scratch;
    char url[SCRATCH_PATH_SIZE + 16];
    struct domain *domain;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct gpmq_error err = {0};
    scratch_make(&fixture->scratch);
    if (domain_kind.make(&fixture->scratch, fixture->url, sizeof fixture->url, &err) ||
        domain_open(&fixture->domain, fixture->url, &err))
        fail_msg("%s", err.text);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    domain_close(&fixture->domain);
    if (domain_kind.forget)
        domain_kind.forget();
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

/* ---- shorthand ------------------------------------------------------------------------------- */

static struct gpmq_id an_op(uint8_t number)
{
    uint8_t random[10] = {[9] = number};
    return gpmq_id_make(1700000000000, random);
}

static struct gpmq_guid a_guid(uint8_t number)
{
    struct gpmq_guid guid = {{0x31, 0xB2, 0xF3, 0x40, 0x01, 0x6D, 0x41, 0xD2, 0x94, 0x5F}};
    guid.bytes[15] = number;
    return guid;
}

static struct domain_change_request a_request(uint8_t op, const struct gpmq_guid *gpo)
{
    return (struct domain_change_request){
        .gpo = *gpo, .display_name = "A policy", .op = an_op(op), .fence = op};
}

static struct domain_change *begun(struct domain *domain, struct domain_change_request request)
{
    struct domain_change *change = NULL;
    struct domain_change_answer answer = {0};
    struct gpmq_error err = {0};
    int rc = domain->ops->change_begin(domain, &request, 0, &change, &answer, &err);
    if (rc)
        fail_msg("change_begin: %s", err.text);
    assert_false(answer.done);
    return change;
}

static uint32_t committed(struct domain_change *change)
{
    uint32_t version = 0;
    struct gpmq_error err = {0};
    if (change->ops->change_commit(&change, &version, &err))
        fail_msg("change_commit: %s", err.text);
    assert_null(change);
    return version;
}

static void write_text(struct domain_change *change, const char *path, const char *text)
{
    assert_int_equal(change->ops->change_write(change, path, text, strlen(text), NULL), 0);
}

/* Makes a GPO with one file. */
static struct gpmq_guid made(struct domain *domain, uint8_t number, const char *name)
{
    struct gpmq_guid guid = a_guid(number);
    struct domain_change_request request = a_request(number, &guid);
    request.create = true;
    request.display_name = name;
    struct domain_change *change = begun(domain, request);
    write_text(change, "Machine/first.txt", "first");
    assert_int_equal(committed(change), 0x00010001);
    return guid;
}

static struct gpo *read_back(struct domain *domain, const struct gpmq_guid *guid)
{
    struct gpo *gpo = NULL;
    struct gpmq_error err = {0};
    if (domain->ops->read(domain, guid, &gpo, &err))
        fail_msg("read: %s", err.text);
    return gpo;
}

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

static void assert_content(struct domain *domain, const struct gpmq_guid *guid, const char *path,
                           const char *text)
{
    CLEANUP(bytes_free) struct bytes content = {0};
    assert_int_equal(domain->ops->read_file(domain, guid, path, append, &content, NULL), 0);
    bytes_put(&content, "", 0);
    assert_string_equal((char *)content.at, text);
}

/* ---- the promises ---------------------------------------------------------------------------- */

static void a_domain_says_who_it_is(void **state)
{
    struct fixture *fixture = *state;
    const struct domain_info *info = fixture->domain->ops->info(fixture->domain);
    assert_string_equal(info->dns_name, "example.test");
    assert_string_equal(info->netbios_name, "EXAMPLE");
    assert_string_equal(info->dn, "DC=example,DC=test");
    assert_memory_equal(info->sid, "S-1-5-21-", 9);
}

static void a_gpo_that_was_made_is_read_as_it_was_made(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = a_guid(1);
    struct domain_change_request request = a_request(1, &guid);
    request.create = true;
    request.display_name = "Büro – 政策";
    struct domain_change *change = begun(domain, request);
    write_text(change, "Machine/Scripts/Startup/a.cmd", "echo ");
    write_text(change, "machine/scripts/startup/A.CMD", "a");
    write_text(change, "User/empty.txt", "");
    assert_int_equal(change->ops->change_mkdir(change, "User/Scripts/Logon", NULL), 0);
    assert_int_equal(change->ops->change_mkdir(change, "USER/scripts/logon", NULL), 0);
    assert_int_equal(committed(change), 0x00010001);

    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_string_equal(gpo->display_name, "Büro – 政策");
    assert_string_equal(gpo->domain, "example.test");
    assert_int_equal(gpo->user.ds, 1);
    assert_int_equal(gpo->user.sysvol, 1);
    assert_int_equal(gpo->machine.ds, 1);
    assert_int_equal(gpo->machine.sysvol, 1);
    assert_string_equal(gpo->machine_extensions, "");
    assert_null(gpo->wmi_filter);
    assert_true(gpo->security_descriptor_size > 0);
    static const char *const paths[] = {
        "Machine",
        "Machine/Scripts",
        "Machine/Scripts/Startup",
        "Machine/Scripts/Startup/a.cmd",
        "User",
        "User/empty.txt",
        "User/Scripts",
        "User/Scripts/Logon",
    };
    assert_int_equal(gpo->file_count, 8);
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(gpo->files[i].path, paths[i]);
    assert_content(domain, &guid, "MACHINE/scripts/STARTUP/A.cmd", "echo a");
}

static void a_change_replaces_files_and_keeps_attributes_that_are_not_set(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "Kept name");
    struct domain_change *change = begun(domain, a_request(2, &guid));
    struct gpo values = {
        .options = 1,
        .machine_extensions = "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
                              "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}]"
                              "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
                              "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]",
    };
    write_text(change, "User/second.txt", "second");
    assert_int_equal(
        change->ops->change_set(change, DOMAIN_OPTIONS | DOMAIN_EXTENSIONS, &values, NULL), 0);
    assert_int_equal(committed(change), 0x00020002);

    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_string_equal(gpo->display_name, "Kept name");
    assert_int_equal(gpo->options, 1);
    assert_memory_equal(gpo->machine_extensions, "[{35378EAC", 10);
    assert_string_equal(gpo->user_extensions, "");
    assert_null(gpo_find_file(gpo, "Machine/first.txt"));
    assert_content(domain, &guid, "User/second.txt", "second");
}

static void who_reads_sees_the_old_state_until_the_commit(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct domain_change *change = begun(domain, a_request(2, &guid));
    write_text(change, "Machine/first.txt", "changed");
    assert_content(domain, &guid, "Machine/first.txt", "first");
    committed(change);
    assert_content(domain, &guid, "Machine/first.txt", "changed");
}

static void an_aborted_change_leaves_nothing(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy"), other = a_guid(2);
    struct domain_change *change = begun(domain, a_request(2, &guid));
    write_text(change, "Machine/first.txt", "changed");
    domain->ops->change_abort(&change);
    assert_null(change);
    assert_content(domain, &guid, "Machine/first.txt", "first");

    struct domain_change_request request = a_request(3, &other);
    struct gpo *gpo = NULL;
    request.create = true;
    change = begun(domain, request);
    domain->ops->change_abort(&change);
    assert_int_equal(domain->ops->read(domain, &other, &gpo, NULL), GPMQ_ENOTFOUND);
    domain->ops->change_abort(&change);
}

static void only_one_change_of_a_gpo_is_open(void **state)
{
    struct fixture *fixture = *state;
    struct domain *domain = fixture->domain;
    CLEANUP(domain_close) struct domain *second = NULL;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct domain_change_request request = a_request(3, &guid);
    struct domain_change_answer answer;
    struct domain_change *refused = NULL;
    assert_int_equal(domain_open(&second, fixture->url, NULL), 0);
    struct domain_change *change = begun(domain, a_request(2, &guid));
    assert_int_equal(second->ops->change_begin(second, &request, 20, &refused, &answer, NULL),
                     GPMQ_EBUSY);
    assert_null(refused);
    committed(change);
    change = begun(second, request);
    second->ops->change_abort(&change);
}

static void an_operation_takes_effect_once(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct domain_change *change = begun(domain, a_request(2, &guid));
    committed(change);
    change = begun(domain, a_request(3, &guid));
    committed(change);
    for (uint8_t op = 1; op <= 3; op++) {
        struct domain_change_request request = a_request(op, &guid);
        struct domain_change_answer answer = {0};
        change = NULL;
        request.create = op == 1;
        request.fence = 100;
        assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL), 0);
        assert_true(answer.done);
        assert_null(change);
    }
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_int_equal(gpo->machine.ds, 3);
}

static void a_fence_that_was_passed_is_refused(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct domain_change_request request = a_request(9, &guid);
    struct domain_change_answer answer;
    struct domain_change *change = begun(domain, request);
    domain->ops->change_abort(&change);
    request.op = an_op(8);
    request.fence = 8;
    assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL),
                     GPMQ_ESTALE);
    request.fence = 9;
    change = begun(domain, request);
    domain->ops->change_abort(&change);
}

static void a_gpo_is_made_once_and_changed_only_when_it_is_there(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy"), other = a_guid(2);
    struct domain_change_request again = a_request(2, &guid), absent = a_request(3, &other);
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    again.create = true;
    assert_int_equal(domain->ops->change_begin(domain, &again, 0, &change, &answer, NULL),
                     GPMQ_EEXIST);
    assert_int_equal(domain->ops->change_begin(domain, &absent, 0, &change, &answer, NULL),
                     GPMQ_ENOTFOUND);
}

static void a_gpo_is_made_or_changed_as_it_is_there_or_not(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = a_guid(1);
    for (uint8_t op = 1; op <= 2; op++) {
        struct domain_change_request request = a_request(op, &guid);
        struct domain_change_answer answer = {0};
        struct domain_change *change = NULL;
        request.create = request.or_change = true;
        request.display_name = op == 1 ? "As it was made" : "Ignored";
        change = begun(domain, request);
        write_text(change, op == 1 ? "a.txt" : "b.txt", "x");
        assert_int_equal(committed(change), op * 0x00010001u);
        request.fence = 50;
        assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL), 0);
        assert_true(answer.done);
    }
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_string_equal(gpo->display_name, "As it was made");
    assert_int_equal(gpo->file_count, 1);
    assert_string_equal(gpo->files[0].path, "b.txt");
}

/* Each half counts up from the largest number there is, and no number is "never edited". */
static void the_version_counts_up_from_the_larger_one(void **state)
{
    static const struct {
        struct gpo_version user, machine;
        uint32_t version; /* of a GPO that had 1 and 1 */
    } cases[] = {
        {{0, 0}, {0, 0}, 0x00020002},     {{9, 4}, {2, 7}, 0x000A0008},
        {{1, 1}, {300, 0}, 0x0002012D},   {{0, 65534}, {0, 1}, 0xFFFF0002},
        {{65535, 0}, {0, 0}, 0x00010002},
    };
    struct domain *domain = ((struct fixture *)*state)->domain;
    for (uint8_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_guid guid = made(domain, (uint8_t)(10 + i), "Counted");
        struct gpo values = {.user = cases[i].user, .machine = cases[i].machine};
        struct domain_change *change = begun(domain, a_request((uint8_t)(30 + i), &guid));
        assert_int_equal(change->ops->change_set(change, DOMAIN_VERSION, &values, NULL), 0);
        assert_int_equal(committed(change), cases[i].version);
        CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
        assert_int_equal(gpo_version_pack(gpo->user.ds, gpo->machine.ds), cases[i].version);
        assert_int_equal(gpo_version_pack(gpo->user.sysvol, gpo->machine.sysvol), cases[i].version);
    }
}

static void a_link_to_a_filter_that_is_not_there_is_told(void **state)
{
    static const char *const links[] = {"[example.test;{B0C7BD3F-6B54-4DF4-9C6B-DDEFC1E8230A};0]",
                                        "[other.test;{B0C7BD3F-6B54-4DF4-9C6B-DDEFC1E8230A};0]",
                                        "[example.test;{B0C7BD3F", "{", ""};
    struct domain *domain = ((struct fixture *)*state)->domain;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char *name = NULL;
        assert_int_equal(domain->ops->wmi_filter(domain, links[i], &name, NULL), GPMQ_ENOTFOUND);
        assert_null(name);
    }
}

/* What a commit would leave is what it leaves. */
static void a_change_shows_what_it_would_leave(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    for (uint8_t create = 0; create < 2; create++) {
        struct gpmq_guid guid = create ? a_guid(2) : made(domain, 1, "Before");
        struct domain_change_request request = a_request((uint8_t)(5 + create), &guid);
        struct gpo values = {.display_name = (char *)"After",
                             .options = 2,
                             .user_extensions = (char *)"[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}]",
                             .user = {.ds = 40}};
        CLEANUP(gpo_free) struct gpo *shown = NULL;
        request.create = create;
        struct domain_change *change = begun(domain, request);
        write_text(change, "Machine/second.txt", "second");
        assert_int_equal(change->ops->change_mkdir(change, "User/Empty", NULL), 0);
        assert_int_equal(change->ops->change_set(change,
                                                 DOMAIN_DISPLAY_NAME | DOMAIN_OPTIONS |
                                                     DOMAIN_EXTENSIONS | DOMAIN_VERSION,
                                                 &values, NULL),
                         0);
        assert_int_equal(change->ops->change_read(change, &shown, NULL), 0);
        uint32_t version = committed(change);
        CLEANUP(gpo_free) struct gpo *left = read_back(domain, &guid);
        assert_int_equal(gpo_version_pack(shown->user.ds, shown->machine.ds), version);
        assert_int_equal(gpo_version_pack(shown->user.sysvol, shown->machine.sysvol), version);
        assert_string_equal(shown->display_name, left->display_name);
        assert_int_equal(shown->options, left->options);
        assert_string_equal(shown->user_extensions, left->user_extensions);
        assert_int_equal(shown->security_descriptor_size, left->security_descriptor_size);
        assert_int_equal(shown->file_count, left->file_count);
        for (size_t i = 0; i < left->file_count; i++) {
            assert_string_equal(shown->files[i].path, left->files[i].path);
            assert_int_equal(shown->files[i].size_bytes, left->files[i].size_bytes);
        }
    }
}

static void the_guid_of_a_new_gpo_comes_from_the_operation(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid none = {0};
    struct domain_change_request request = a_request(7, &none);
    request.create = true;
    committed(begun(domain, request));
    struct gpmq_guid derived = gpmq_guid_derive(&request.op, "gpo");
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &derived);
    assert_string_equal(gpo->display_name, "A policy");
}

static void paths_that_lead_elsewhere_are_refused(void **state)
{
    static const char *const paths[] = {"../x", "/etc/x", "a/../b", "a//b",    "a/./b",  "",
                                        "a\\b", "c:x",    "a /b",   "a./b",    "a\nb",   "a/",
                                        "\xff", "..",     ".",      "GPT.INI", "gpt.ini"};
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct domain_change *change = begun(domain, a_request(2, &guid));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_true(change->ops->change_write(change, paths[i], "x", 1, NULL) < 0);
        assert_true(change->ops->change_mkdir(change, paths[i], NULL) < 0);
    }
    domain->ops->change_abort(&change);
}

static void a_refused_field_changes_none(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct gpo values = {.display_name = "Other", .machine_extensions = "[nonsense]"};
    struct domain_change *change = begun(domain, a_request(2, &guid));
    assert_int_equal(
        change->ops->change_set(change, DOMAIN_DISPLAY_NAME | DOMAIN_EXTENSIONS, &values, NULL),
        GPMQ_EMALFORMED);
    committed(change);
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_string_equal(gpo->display_name, "A policy");
}

static void every_field_is_taken_over(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    CLEANUP(free_pointer) uint8_t *sd = NULL;
    size_t sd_size;
    struct sid sid;
    assert_int_equal(sid_parse(&sid, domain->ops->info(domain)->sid, NULL), 0);
    assert_int_equal(sddl_parse("D:P(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)"
                                "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)",
                                &sid, &sd, &sd_size, NULL),
                     0);
    struct gpo values = {
        .display_name = "Renamed",
        .options = 3,
        .user_extensions = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}]",
        .wmi_filter = "[example.test;{B0C7BD3F-6B54-4DF4-9C6B-DDEFC1E8230A};0]",
        .security_descriptor = sd,
        .security_descriptor_size = sd_size,
    };
    struct domain_change *change = begun(domain, a_request(2, &guid));
    assert_int_equal(change->ops->change_set(change, ~0u, &values, NULL), 0);
    committed(change);
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_string_equal(gpo->display_name, "Renamed");
    assert_int_equal(gpo->options, 3);
    assert_string_equal(gpo->user_extensions, values.user_extensions);
    assert_string_equal(gpo->wmi_filter, values.wmi_filter);
    assert_null(gpo->wmi_filter_name);
    CLEANUP(free_pointer) char *text = NULL;
    struct sd now;
    assert_int_equal(sd_open(&now, gpo->security_descriptor, gpo->security_descriptor_size, NULL),
                     0);
    assert_true(now.owner.at && now.control & SD_DACL_PROTECTED);
    assert_int_equal(sddl_text(&now, &sid, &text, NULL), 0);
    assert_non_null(strstr(text, ")(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)"));
    assert_null(strstr(text, ";;;AU)"));
}

static char *values_of_list[] = {(char *)"a.msi", (char *)"b ä.msi"};
static char *values_of_guid[] = {(char *)"01 02 ff"};

static const struct gpo_ds_attribute *find_attribute(const struct gpo_ds_object *object,
                                                     const char *name)
{
    for (size_t i = 0; i < object->attribute_count; i++)
        if (strcasecmp(object->attributes[i].name, name) == 0)
            return &object->attributes[i];
    return NULL;
}

static bool has_text(const struct gpo_ds_attribute *attribute, const char *text)
{
    for (size_t i = 0; i < attribute->value_count; i++)
        if (strcmp(attribute->values[i], text) == 0)
            return true;
    return false;
}

static void directory_objects_come_back_as_they_went(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    struct gpo_ds_attribute attributes[] = {
        {(char *)"objectGUID", (char *)"DSAttributeBinary", 1, values_of_guid},
        {(char *)"msiFileList", (char *)"DSAttributeMultiString", 2, values_of_list},
        {(char *)"url", (char *)"DSAttributeMultiString", 0, NULL},
    };
    struct gpo_ds_object packages = {
        .path = (char *)(domain_kind.carries_patterns
                             ? "*,cn=Packages,cn=Class Store,%GPO_MACH_DSPATH%"
                             : "cn={7B6E4B0C-2F3A-4C57-9F1E-3C1B2A5D6E7F},cn=Packages,cn=Class "
                               "Store,%GPO_MACH_DSPATH%"),
        .object_class = (char *)"packageRegistration",
        .security_descriptor = (char *)"",
        .attribute_count = 3,
        .attributes = attributes,
    };
    struct gpo_ds_object store = {
        .path = (char *)"cn=Class Store,%GPO_MACH_DSPATH%",
        .object_class = (char *)"classStore",
    };
    struct gpo_ds_object middle = {
        .path = (char *)"cn=Packages,cn=Class Store,%GPO_MACH_DSPATH%",
        .object_class = (char *)"classStore",
        .child_count = 1,
        .children = &packages,
    };
    store.child_count = 1;
    store.children = &middle;
    struct gpo values = {.ds_object_count = 1, .ds_objects = &store};
    for (uint8_t op = 2; op < 4; op++) { /* the second time replaces the first */
        struct domain_change *change = begun(domain, a_request(op, &guid));
        assert_int_equal(change->ops->change_set(change, DOMAIN_DS_OBJECTS, &values, NULL), 0);
        committed(change);
    }
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_int_equal(gpo->ds_object_count, 1);
    const struct gpo_ds_object *object = &gpo->ds_objects[0];
    assert_int_equal(strcasecmp(object->path, store.path), 0);
    assert_int_equal(object->child_count, 1);
    object = &object->children[0].children[0];
    assert_int_equal(strcasecmp(object->path, packages.path), 0);
    assert_string_equal(object->object_class, "packageRegistration");
    const struct gpo_ds_attribute *list = find_attribute(object, "msiFileList");
    assert_non_null(list);
    assert_string_equal(list->type, "DSAttributeMultiString");
    assert_int_equal(list->value_count, 2);
    assert_true(has_text(list, "a.msi") && has_text(list, "b ä.msi"));
    if (!domain_kind.carries_patterns)
        return;
    assert_null(gpo->ds_objects[0].security_descriptor);
    assert_string_equal(object->security_descriptor, "");
    assert_int_equal(object->attribute_count, 3);
    assert_string_equal(object->attributes[0].values[0], "01 02 ff");
    assert_int_equal(object->attributes[2].value_count, 0);
}

static void lists_are_sorted_and_people_find_what_they_mean(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid b = made(domain, 1, "Beta"), a = made(domain, 2, "älpha"), found;
    struct gpmq_guid twin = made(domain, 3, "beta");
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    struct gpmq_error err;
    assert_int_equal(domain->ops->list(domain, &gpos, NULL), 0);
    assert_int_equal(gpos.count, domain_kind.gpos + 3);
    assert_true(gpmq_guid_equal(&gpos.items[0].id, &b));
    assert_true(gpmq_guid_equal(&gpos.items[1].id, &twin));
    assert_true(gpmq_guid_equal(&gpos.items[gpos.count - 1].id, &a));
    assert_int_equal(domain_find(domain, "ÄLPHA", &found, NULL), 0);
    assert_true(gpmq_guid_equal(&found, &a));
    assert_int_equal(domain_find(domain, "31b2f340-016d-41d2-945f-000000000001", &found, NULL), 0);
    assert_true(gpmq_guid_equal(&found, &b));
    assert_int_equal(domain_find(domain, "BETA", &found, &err), GPMQ_EAMBIGUOUS);
    assert_non_null(strstr(err.text, "{31B2F340-016D-41D2-945F-000000000003}"));
    assert_int_equal(domain_find(domain, "gamma", &found, NULL), GPMQ_ENOTFOUND);
}

static void a_read_that_was_overtaken_says_so(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    CLEANUP(bytes_free) struct bytes content = {0};
    struct domain_change *change = begun(domain, a_request(2, &guid));
    write_text(change, "Machine/first.txt", "changed");
    assert_content(domain, &guid, "Machine/first.txt", "first");
    committed(change);
    assert_int_equal(
        domain->ops->read_file(domain, &guid, "Machine/first.txt", append, &content, NULL),
        GPMQ_EBUSY);
    gpo_free(&gpo);
    gpo = read_back(domain, &guid);
    assert_content(domain, &guid, "Machine/first.txt", "changed");
}

static void principals_are_known_by_their_sid(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    char sid[128];
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    snprintf(sid, sizeof sid, "%s-512", domain->ops->info(domain)->sid);
    assert_int_equal(domain->ops->principal(domain, sid, &principal, NULL), 0);
    assert_string_equal(principal.sid, sid);
    assert_string_equal(principal.sam_account_name, "Domain Admins");
    assert_string_equal(principal.type, "GlobalGroup");
    assert_string_equal(principal.upn, "Domain Admins@example.test");
    domain_principal_free(&principal);
    assert_int_equal(domain->ops->principal(domain, "S-1-5-21-1-2-3-4", &principal, NULL), 0);
    assert_null(principal.sam_account_name);
    assert_int_equal(domain->ops->principal(domain, "nobody", &principal, NULL), GPMQ_EINVAL);
}

/* A name is that of this SID. */
static void assert_means(struct domain *domain, const char *name, const char *sid, const char *type)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    struct gpmq_error err = {0};
    if (domain->ops->find_principal(domain, name, &principal, &err))
        fail_msg("%s: %s", name, err.text);
    assert_string_equal(principal.sid, sid);
    assert_string_equal(principal.type, type);
    assert_non_null(principal.sam_account_name);
}

static void principals_are_known_by_every_form_of_their_name(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    static const char *const forms[] = {"Domain Admins", "domain ADMINS", "EXAMPLE\\Domain Admins",
                                        "example.test\\domain admins",
                                        "Domain Admins@Example.Test"};
    char sid[128];
    snprintf(sid, sizeof sid, "%s-512", domain->ops->info(domain)->sid);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        assert_means(domain, forms[i], sid, "GlobalGroup");
    assert_means(domain, sid, sid, "GlobalGroup");
    snprintf(sid, sizeof sid, "%s-500", domain->ops->info(domain)->sid);
    assert_means(domain, "administrator", sid, "User");
}

static void what_has_the_same_sid_everywhere_is_known_by_its_english_name(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    assert_means(domain, "Administrators", "S-1-5-32-544", "LocalGroup");
    assert_means(domain, "builtin\\Administrators", "S-1-5-32-544", "LocalGroup");
    assert_means(domain, "S-1-5-32-544", "S-1-5-32-544", "LocalGroup");
    assert_means(domain, "Everyone", "S-1-1-0", "Unknown");
    assert_means(domain, "NT AUTHORITY\\SYSTEM", "S-1-5-18", "Unknown");
    assert_means(domain, "S-1-5-18", "S-1-5-18", "Unknown");
}

static void who_is_nobody_here_is_not_found(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    static const char *const names[] = {"",
                                        "Nobody",
                                        "OTHER\\Domain Admins",
                                        "Domain Admins@other.test",
                                        "S-1-5-21-1-2-3-512",
                                        "EXAMPLE\\",
                                        "\\Domain Admins",
                                        "@example.test",
                                        "EXAMPLE\\Everyone",
                                        "BUILTIN\\SYSTEM"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct domain_principal principal = {0};
        struct gpmq_error err = {0};
        if (domain->ops->find_principal(domain, names[i], &principal, &err) != GPMQ_ENOTFOUND)
            fail_msg("'%s' was found", names[i]);
        assert_null(principal.sid);
        assert_non_null(strstr(err.text, "example.test"));
    }
}

static int stop_reading(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)arg, (void)bytes, (void)size, (void)err;
    return GPMQ_ESTOPPED;
}

static void a_sink_that_fails_stops_the_reading(void **state)
{
    struct domain *domain = ((struct fixture *)*state)->domain;
    struct gpmq_guid guid = made(domain, 1, "A policy");
    assert_int_equal(
        domain->ops->read_file(domain, &guid, "Machine/first.txt", stop_reading, NULL, NULL),
        GPMQ_ESTOPPED);
    assert_int_equal(domain->ops->read_file(domain, &guid, "no.txt", stop_reading, NULL, NULL),
                     GPMQ_ENOTFOUND);
}

/* Commits numbered states, in which display name and file say the same number. */
static int write_states(const char *url, const struct gpmq_guid *guid, int count)
{
    struct domain *domain = NULL;
    struct gpmq_error err = {0};
    int rc = domain_open(&domain, url, &err);
    for (int i = 0; !rc && i < count; i++) {
        char text[16];
        uint32_t version;
        struct domain_change_request request = a_request((uint8_t)(i + 2), guid);
        struct domain_change_answer answer;
        struct domain_change *change = NULL;
        struct gpo values = {.display_name = text};
        snprintf(text, sizeof text, "%d", i);
        rc = domain->ops->change_begin(domain, &request, 1000, &change, &answer, &err);
        if (!rc)
            rc = change->ops->change_write(change, "a.txt", text, strlen(text), &err);
        if (!rc)
            rc = change->ops->change_set(change, DOMAIN_DISPLAY_NAME, &values, &err);
        if (!rc)
            rc = change->ops->change_commit(&change, &version, &err);
    }
    if (rc)
        print_error("the writer: %s\n", err.text);
    domain_close(&domain);
    return rc;
}

#define STATES 60

static void a_reader_never_sees_a_mixture_while_another_process_writes(void **state)
{
    struct fixture *fixture = *state;
    struct domain *domain = fixture->domain;
    struct gpmq_guid guid = made(domain, 1, "first");
    int status = -1, reads = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(write_states(fixture->url, &guid, STATES) ? 1 : 0);
    for (bool more = true; more; reads++) {
        more = waitpid(child, &status, WNOHANG) == 0;
        CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
        CLEANUP(bytes_free) struct bytes content = {0};
        bool first = strcmp(gpo->display_name, "first") == 0;
        assert_int_equal(gpo->machine.ds, gpo->machine.sysvol);
        assert_int_equal(gpo->file_count, first ? 2 : 1);
        int rc = domain->ops->read_file(domain, &guid, first ? "Machine/first.txt" : "a.txt",
                                        append, &content, NULL);
        if (rc) {
            assert_int_equal(rc, GPMQ_EBUSY);
            continue;
        }
        assert_string_equal((char *)content.at, gpo->display_name);
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(reads > 1);
    CLEANUP(gpo_free) struct gpo *gpo = read_back(domain, &guid);
    assert_int_equal(gpo->machine.ds, STATES + 1);
}

#define PROMISE(test)                                                                              \
    {                                                                                              \
#test, test, set_up, tear_down, NULL                                                       \
    }

static const struct CMUnitTest promises[] = {
    PROMISE(a_domain_says_who_it_is),
    PROMISE(a_gpo_that_was_made_is_read_as_it_was_made),
    PROMISE(a_change_replaces_files_and_keeps_attributes_that_are_not_set),
    PROMISE(who_reads_sees_the_old_state_until_the_commit),
    PROMISE(an_aborted_change_leaves_nothing),
    PROMISE(only_one_change_of_a_gpo_is_open),
    PROMISE(an_operation_takes_effect_once),
    PROMISE(a_fence_that_was_passed_is_refused),
    PROMISE(a_gpo_is_made_once_and_changed_only_when_it_is_there),
    PROMISE(a_gpo_is_made_or_changed_as_it_is_there_or_not),
    PROMISE(the_version_counts_up_from_the_larger_one),
    PROMISE(a_link_to_a_filter_that_is_not_there_is_told),
    PROMISE(a_change_shows_what_it_would_leave),
    PROMISE(the_guid_of_a_new_gpo_comes_from_the_operation),
    PROMISE(paths_that_lead_elsewhere_are_refused),
    PROMISE(a_refused_field_changes_none),
    PROMISE(every_field_is_taken_over),
    PROMISE(directory_objects_come_back_as_they_went),
    PROMISE(lists_are_sorted_and_people_find_what_they_mean),
    PROMISE(a_read_that_was_overtaken_says_so),
    PROMISE(a_reader_never_sees_a_mixture_while_another_process_writes),
    PROMISE(principals_are_known_by_their_sid),
    PROMISE(principals_are_known_by_every_form_of_their_name),
    PROMISE(what_has_the_same_sid_everywhere_is_known_by_its_english_name),
    PROMISE(who_is_nobody_here_is_not_found),
    PROMISE(a_sink_that_fails_stops_the_reading),
};
#define PROMISES (sizeof promises / sizeof *promises)

/* Every promise for the kind of domain that this program was linked with. */
int main(void)
{
    if (domain_kind.is_there && !domain_kind.is_there()) {
        printf("0 passed, 0 failed, %zu skipped\n", PROMISES);
        return 0;
    }
    return cmocka_run_group_tests_name(domain_kind.name, promises, NULL, NULL);
}
