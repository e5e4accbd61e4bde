/* test_domain_folder.c - what is particular to a folder that is a domain: how it is made, what lies
 * in it, and what happens when something else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "domain.h"
#include "scratch.h"

#define GUID "{31B2F340-016D-11D2-945F-00C04FB984F9}"

/* What `ldapsearch` prints of a small domain: one GPO, spelled in lower case on disk. */
static const char search_output[] =
    "# extended LDIF\n#\n\n# example.test\ndn: DC=example,DC=test\nobjectClass: top\n"
    "objectClass: domain\nobjectClass: domainDNS\nobjectSid:: AQQAAAAAAAUVAAAAAQAAAAIAAAADAAAA\n"
    "objectGUID:: AAECAwQFBgcICQoLDA0ODw==\n\n"
    "dn: CN=" GUID ",CN=Policies,CN=System,DC=example,DC=test\nobjectClass: top\n"
    "objectClass: container\nobjectClass: groupPolicyContainer\ndisplayName: Default Domain "
    "Policy\n"
    "versionNumber: 196611\nflags: 0\nvendorAttribute: kept\n"
    "gPCMachineExtensionNames: "
    "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}{803E14A0-B4FB-11D0-A0D0-00A\n"
    " 0C90F574B}]\nwhenCreated: 20240102030405.0Z\n\n"
    "dn: CN=Machine,CN=" GUID
    ",CN=Policies,CN=System,DC=example,DC=test\nobjectClass: container\n\n"
    "dn: CN=Class Store,CN=Machine,CN=" GUID ",CN=Policies,CN=System,DC=example,DC=test\n"
    "objectClass: top\nobjectClass: classStore\nappSchemaVersion: 1740\nuSNChanged: 77\n\n"
    "# search result\nsearch: 2\nresult: 0 Success\n";

struct fixture {
    struct scratch scratch;
    char path[SCRATCH_PATH_SIZE];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    scratch_make(&fixture->scratch);
    scratch_path(&fixture->scratch, "domain", fixture->path);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static void make_folder(const struct fixture *fixture, const char *name)
{
    char path[SCRATCH_PATH_SIZE];
    assert_true(mkdir(scratch_path(&fixture->scratch, name, path), 0777) == 0);
}

static void write_text(const struct fixture *fixture, const char *name, const char *text)
{
    scratch_write(&fixture->scratch, name, text, strlen(text));
}

/* Makes the domain of search_output with a SYSVOL beside it. */
static void create_from_search(const struct fixture *fixture)
{
    char ldif[SCRATCH_PATH_SIZE], sysvol[SCRATCH_PATH_SIZE];
    struct gpmq_error err = {0};
    make_folder(fixture, "sysvol");
    make_folder(fixture, "sysvol/Policies");
    make_folder(fixture, "sysvol/Policies/{31b2f340-016d-11d2-945f-00c04fb984f9}");
    make_folder(fixture, "sysvol/Policies/{31b2f340-016d-11d2-945f-00c04fb984f9}/MACHINE");
    write_text(fixture, "sysvol/Policies/{31b2f340-016d-11d2-945f-00c04fb984f9}/gpt.ini",
               "[General]\r\nversion = 196612\r\n");
    write_text(fixture, "sysvol/Policies/{31b2f340-016d-11d2-945f-00c04fb984f9}/MACHINE/a.txt",
               "a");
    write_text(fixture, "search.ldif", search_output);
    struct domain_create_options options = {
        .dns_name = "example.test",
        .netbios_name = "OLDNAME",
        .ldif = scratch_path(&fixture->scratch, "search.ldif", ldif),
        .sysvol = scratch_path(&fixture->scratch, "sysvol", sysvol),
    };
    if (domain_create(fixture->path, &options, &err))
        fail_msg("%s", err.text);
}

static struct domain *opened(const struct fixture *fixture)
{
    struct domain *domain = NULL;
    struct gpmq_error err = {0};
    if (domain_open(&domain, fixture->path, &err))
        fail_msg("%s", err.text);
    return domain;
}

static struct gpmq_guid default_policy(void)
{
    struct gpmq_guid guid;
    assert_int_equal(gpmq_guid_parse(&guid, GUID), 0);
    return guid;
}

static int read_it(struct domain *domain, struct gpmq_error *err)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    struct gpmq_guid guid = default_policy();
    return domain->ops->read(domain, &guid, &gpo, err);
}

static void a_domain_is_made_from_ldapsearch_and_sysvol(void **state)
{
    struct fixture *fixture = *state;
    create_from_search(fixture);
    CLEANUP(domain_close) struct domain *domain = opened(fixture);
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    struct gpmq_guid guid = default_policy();
    const struct domain_info *info = domain->ops->info(domain);
    assert_string_equal(info->netbios_name, "OLDNAME");
    assert_string_equal(info->sid, "S-1-5-21-1-2-3");
    assert_int_equal(domain->ops->read(domain, &guid, &gpo, NULL), 0);
    assert_int_equal(gpo->user.ds, 3);
    assert_int_equal(gpo->machine.ds, 3);
    assert_int_equal(gpo->machine.sysvol, 4);
    assert_int_equal(gpo->file_count, 2);
    assert_string_equal(gpo->files[1].path, "MACHINE/a.txt");
    assert_true(gpo->created_unix_ms == 1704164645000);
    assert_int_equal(gpo->ds_object_count, 1);
    assert_string_equal(gpo->ds_objects[0].path, "CN=Class Store,%GPO_MACH_DSPATH%");
    assert_int_equal(gpo->ds_objects[0].attribute_count, 1);
    assert_string_equal(gpo->ds_objects[0].attributes[0].type, "DSAttributeDWORD");
}

static void
a_change_keeps_attributes_that_gpmq_does_not_know_and_counts_from_the_larger_version(void **state)
{
    struct fixture *fixture = *state;
    create_from_search(fixture);
    CLEANUP(domain_close) struct domain *domain = opened(fixture);
    struct domain_change_request request = {.gpo = default_policy(), .op = {{1}}, .fence = 1};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    char path[SCRATCH_PATH_SIZE], text[4096];
    uint32_t version;
    assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL), 0);
    assert_int_equal(change->ops->change_commit(&change, &version, NULL), 0);
    assert_int_equal(version, 0x00040005);
    CLEANUP(close_file)
    FILE *file = fopen(scratch_path(&fixture->scratch, "domain/Policies/" GUID ".ldif", path), "r");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    assert_non_null(strstr(text, "\nvendorAttribute: kept\n"));
    assert_non_null(strstr(text, "\nversionNumber: 262149\n"));
    assert_int_equal(read_it(domain, NULL), 0);
}

static size_t count_lines(const char *text, const char *start)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, start)); at++)
        count++;
    return count;
}

/* As FOLDER_OPS_MAX says; the one that made the GPO would be kept besides. */
static void a_gpo_remembers_its_last_32_operations(void **state)
{
    struct fixture *fixture = *state;
    create_from_search(fixture);
    CLEANUP(domain_close) struct domain *domain = opened(fixture);
    struct domain_change_request request = {.gpo = default_policy(), .fence = 1};
    struct domain_change_answer answer = {0};
    struct domain_change *change = NULL;
    char path[SCRATCH_PATH_SIZE], text[8192];
    uint32_t version;
    for (uint8_t op = 1; op <= 34; op++) {
        request.op.bytes[0] = op;
        assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL), 0);
        assert_int_equal(change->ops->change_commit(&change, &version, NULL), 0);
    }
    CLEANUP(close_file)
    FILE *file = fopen(scratch_path(&fixture->scratch, "domain/Policies/" GUID ".ldif", path), "r");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    assert_int_equal(count_lines(text, "\ngpmqOperation: "), 32);
    request.op.bytes[0] = 3;
    assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL), 0);
    assert_true(answer.done);
    request.op.bytes[0] = 2;
    assert_int_equal(domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL), 0);
    assert_false(answer.done);
    domain->ops->change_abort(&change);
}

static void links_and_twins_in_sysvol_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    create_from_search(fixture);
    CLEANUP(domain_close) struct domain *domain = opened(fixture);
    char link[SCRATCH_PATH_SIZE], twin[SCRATCH_PATH_SIZE];
    struct gpmq_error err;
    scratch_path(&fixture->scratch, "domain/Policies/" GUID "/MACHINE/passwd", link);
    scratch_path(&fixture->scratch, "domain/Policies/" GUID "/machine", twin);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(read_it(domain, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "MACHINE/passwd"));
    struct gpmq_guid guid = default_policy();
    assert_int_equal(domain->ops->read_file(domain, &guid, "machine/passwd", NULL, NULL, &err),
                     GPMQ_EDAMAGED);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(mkdir(twin, 0777), 0);
    assert_int_equal(read_it(domain, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "letter case"));
}

static void a_damaged_record_is_loud_and_alone(void **state)
{
    struct fixture *fixture = *state;
    create_from_search(fixture);
    CLEANUP(domain_close) struct domain *domain = opened(fixture);
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    struct gpmq_error err;
    write_text(fixture, "domain/Policies/" GUID ".ldif", "dn: CN=somebody else\ncn: x\n");
    assert_int_equal(domain->ops->list(domain, &gpos, NULL), 0);
    assert_int_equal(gpos.count, 1);
    assert_string_equal(gpos.items[0].display_name, GUID);
    assert_int_equal(read_it(domain, &err), GPMQ_EDAMAGED);
    write_text(fixture, "domain/Policies/" GUID ".ldif", "nonsense");
    assert_int_equal(read_it(domain, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "line 1"));
}

static void a_domain_is_complete_or_absent(void **state)
{
    struct fixture *fixture = *state;
    struct domain_create_options options = {.dns_name = "example.test"};
    char ldif[SCRATCH_PATH_SIZE];
    struct stat stat_;
    write_text(fixture, "bad.ldif", "dn: DC=other,DC=test\nobjectClass: domainDNS\n");
    options.ldif = scratch_path(&fixture->scratch, "bad.ldif", ldif);
    assert_int_equal(domain_create(fixture->path, &options, NULL), GPMQ_EINVAL);
    assert_int_equal(stat(fixture->path, &stat_), -1);
    options.ldif = NULL;
    make_folder(fixture, "domain");
    assert_int_equal(domain_create(fixture->path, &options, NULL), 0);
    assert_int_equal(domain_create(fixture->path, &options, NULL), GPMQ_EEXIST);
    CLEANUP(domain_close) struct domain *domain = opened(fixture);
    assert_string_equal(domain->ops->info(domain)->netbios_name, "EXAMPLE");
}

static void names_of_domains_are_judged(void **state)
{
    static const char *const dns[] = {"",         ".",        "a..b",   "-a.test",
                                      "a b.test", "a_b,DC=x", "a.test."};
    static const char *const netbios[] = {"", "SIXTEEN-LETTERS-", "A.B", "A/B"};
    struct fixture *fixture = *state;
    struct domain_create_options options = {0};
    assert_int_equal(domain_create(fixture->path, &options, NULL), GPMQ_EINVAL);
    for (size_t i = 0; i < sizeof dns / sizeof *dns; i++) {
        options.dns_name = dns[i];
        assert_int_equal(domain_create(fixture->path, &options, NULL), GPMQ_EINVAL);
    }
    options.dns_name = "example.test";
    for (size_t i = 0; i < sizeof netbios / sizeof *netbios; i++) {
        options.netbios_name = netbios[i];
        assert_int_equal(domain_create(fixture->path, &options, NULL), GPMQ_EINVAL);
    }
}

static void what_is_no_domain_is_not_opened(void **state)
{
    struct fixture *fixture = *state;
    struct domain *domain = NULL;
    struct gpmq_error err;
    assert_int_equal(domain_open(&domain, fixture->path, &err), GPMQ_ENOTFOUND);
    make_folder(fixture, "domain");
    assert_int_equal(domain_open(&domain, fixture->path, &err), GPMQ_EDAMAGED);
    assert_int_equal(domain_open(&domain, "ldap://dc.example.test", &err), GPMQ_EUNSUPPORTED);
    assert_int_equal(domain_open(&domain, "", &err), GPMQ_EINVAL);
    assert_null(domain);
}

static int swallow(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)arg, (void)bytes, (void)size, (void)err;
    return 0;
}

#define NOBODY 65534

/* An account that may read the domain but not write it, and not read one of its files. */
static void a_file_that_may_not_be_read_is_named_in_full(void **state)
{
    struct fixture *fixture = *state;
    char file[SCRATCH_PATH_SIZE];
    struct gpmq_error err = {0};
    struct gpmq_guid guid = default_policy();
    if (geteuid() != 0)
        skip();
    create_from_search(fixture);
    scratch_path(&fixture->scratch, "domain/Policies/" GUID "/MACHINE/a.txt", file);
    assert_int_equal(chmod(fixture->scratch.path, 0755), 0);
    assert_int_equal(chmod(file, 0), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    struct domain *domain = NULL;
    int open_rc = domain_open(&domain, fixture->path, NULL);
    int read_rc = open_rc ? open_rc : read_it(domain, NULL);
    int file_rc = open_rc
                      ? open_rc
                      : domain->ops->read_file(domain, &guid, "machine/A.TXT", swallow, NULL, &err);
    domain_close(&domain);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(read_rc, 0);
    assert_int_equal(file_rc, GPMQ_EACCESS);
    assert_non_null(strstr(err.text, file));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* A GPO that cannot be looked for is neither absent nor made once more. */
static void a_gpo_that_cannot_be_looked_for_is_not_absent(void **state)
{
    const struct fixture *fixture = *state;
    CLEANUP(domain_close) struct domain *domain = NULL;
    struct domain_change_request request = {
        .create = true, .or_change = true, .display_name = "Twice?", .op = {{1}}, .fence = 1};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    struct rlimit usual, none;
    struct gpo *gpo = NULL;
    create_from_search(fixture);
    assert_int_equal(domain_open(&domain, fixture->path, NULL), 0);
    assert_int_equal(gpmq_guid_parse(&request.gpo, GUID), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = (struct rlimit){0, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int made = domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL);
    request.create = request.or_change = false;
    int changed = domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL);
    int read = domain->ops->read(domain, &request.gpo, &gpo, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(made, GPMQ_EIO);
    assert_int_equal(changed, GPMQ_EIO);
    assert_int_equal(read, GPMQ_EIO);
    assert_null(change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_domain_is_made_from_ldapsearch_and_sysvol),
        CASE(a_change_keeps_attributes_that_gpmq_does_not_know_and_counts_from_the_larger_version),
        CASE(a_gpo_remembers_its_last_32_operations),
        CASE(links_and_twins_in_sysvol_are_refused_by_name),
        CASE(a_damaged_record_is_loud_and_alone),
        CASE(a_domain_is_complete_or_absent),
        CASE(names_of_domains_are_judged),
        CASE(what_is_no_domain_is_not_opened),
        CASE(a_file_that_may_not_be_read_is_named_in_full),
        CASE(a_gpo_that_cannot_be_looked_for_is_not_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
