/* What a migration table reaches in the settings of a GPO is found and rewritten; every other byte
 * stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "hex.h"
#include "migration_settings.h"
#include "samples.h"
#include "sd.h"
#include "sddl.h"
#include "text.h"

#define SECURITY "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
#define FOLDERS  "User/Documents & Settings/fdeploy1.ini"
#define OLDER    "User/Documents & Settings/fdeploy.ini"
#define SCRIPTS  "User/Scripts/scripts.ini"
#define N        "S-1-5-21-1-2-3"
#define S        "S-1-5-21-5-6-7"

/* A visitor that knows what becomes of three accounts and a path, and remembers what it saw. */
struct witness {
    char seen[4096];
};

static int answer_as_known(void *arg, const struct migration_name *name,
                           struct migration_answer *answer, struct gpmq_error *err)
{
    static const struct {
        const char *text;
        enum migration_fate fate;
        const char *with;
    } rows[] = {
        {N "-1107", MIGRATION_REPLACE, S "-1201"},
        {N "-512", MIGRATION_REPLACE, S "-512"},
        {N "-1108", MIGRATION_DROP, NULL},
        {"Help Desk", MIGRATION_REPLACE, S "-1201"},
        {"Nobody", MIGRATION_DROP, NULL},
        {"\\\\north\\share\\a", MIGRATION_REPLACE, "\\\\south\\share\\b"},
    };
    struct witness *witness = arg;
    size_t length = strlen(witness->seen);
    (void)err;
    snprintf(witness->seen + length, sizeof witness->seen - length, "%s%s|%s", length ? "; " : "",
             name->settings_name, name->text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].text, name->text)) {
            answer->fate = rows[i].fate;
            answer->text = rows[i].with ? strdup(rows[i].with) : NULL;
        }
    return 0;
}

static struct migration_walk a_walk(struct witness *witness, const char *path,
                                    const struct sid *domain)
{
    return (struct migration_walk){
        .visit = answer_as_known, .visit_arg = witness, .domain = domain, .object_path = path};
}

struct row {
    const char *path;
    const char *from;
    const char *to;   /* NULL: the same */
    const char *seen; /* "setting|name; ..." */
};

/* clang-format off */
static const struct row rows[] = {
    /* user rights */
    {SECURITY, "[Privilege Rights]\r\nSeDebugPrivilege = *" N "-1107,*S-1-5-32-544\r\n",
               "[Privilege Rights]\r\nSeDebugPrivilege = *" S "-1201,*S-1-5-32-544\r\n",
     "SeDebugPrivilege|" N "-1107; SeDebugPrivilege|S-1-5-32-544"},
    {SECURITY, "[Privilege Rights]\r\nSeA = Help Desk , Other ,*" N "-1108\r\nSeB =\r\nSeC = \r\n",
               "[Privilege Rights]\r\nSeA = *" S "-1201 , Other \r\nSeB =\r\nSeC = \r\n",
     "SeA|Help Desk; SeA|Other; SeA|" N "-1108"},
    {SECURITY, "[privilege rights]\nSeA=*" N "-1108,*" N "-1107,Nobody\n;SeB=Nobody\nSeC=Nobody",
               "[privilege rights]\nSeA=*" S "-1201\n;SeB=Nobody\nSeC=",
     "SeA|" N "-1108; SeA|" N "-1107; SeA|Nobody; SeC|Nobody"},
    {SECURITY, "[Privilege Rights]\r\nSeA\r\n = \r\n=Other\r\n", NULL, "|Other"},
    /* elsewhere the same words are nothing */
    {SECURITY, "SeA = Nobody\r\n[System Access]\r\nSeA = Nobody\r\n", NULL, ""},
    /* groups and members */
    {SECURITY, "[Group Membership]\r\n*S-1-5-32-544__Memberof =\r\n*S-1-5-32-544__Members = *" N "-1107,*" N "-1108\r\n",
               "[Group Membership]\r\n*S-1-5-32-544__Memberof =\r\n*S-1-5-32-544__Members = *" S "-1201\r\n",
     "*S-1-5-32-544|S-1-5-32-544; *S-1-5-32-544|S-1-5-32-544; *S-1-5-32-544|" N "-1107; *S-1-5-32-544|" N "-1108"},
    {SECURITY, "[Group Membership]\r\n*" N "-1107__Members =\r\nHelp Desk__Memberof = Nobody,x\r\nNobody__Members = *" N "-1107\r\nNobody__Memberof =\r\nHelp Desk = Nobody\r\n",
               "[Group Membership]\r\n*" S "-1201__Members =\r\n*" S "-1201__Memberof = x\r\nHelp Desk = Nobody\r\n",
     "*" N "-1107|" N "-1107; Help Desk|Help Desk; Help Desk|Nobody; Help Desk|x; Nobody|Nobody; Nobody|Nobody"},
    /* SDDL */
    {SECURITY, "[Service General Setting]\r\n\"EFS\",3,\"\"\r\n\"WinRM\",2,\"D:AR(A;;CCLC;;;" N "-1107)(A;;RP;;;BA)S:(AU;FA;CC;;;WD)\"\r\n",
               "[Service General Setting]\r\n\"EFS\",3,\"\"\r\n\"WinRM\",2,\"D:AR(A;;CCLC;;;" S "-1201)(A;;RP;;;BA)S:(AU;FA;CC;;;WD)\"\r\n",
     "WinRM|" N "-1107"},
    {SECURITY, "[File Security]\r\n\"%SystemRoot%\\a, b\",0,\"O:" N "-512G:DAD:P(A;;FA;;;DA)(A;;FR;;;" N "-1108)\"\r\n",
               "[File Security]\r\n\"%SystemRoot%\\a, b\",0,\"O:" S "-512G:" S "-512D:P(A;;FA;;;" S "-512)\"\r\n",
     "%SystemRoot%\\a, b|" N "-512; %SystemRoot%\\a, b|" N "-512; %SystemRoot%\\a, b|" N "-512; %SystemRoot%\\a, b|" N "-1108"},
    {SECURITY, "[Registry Keys]\r\n\"MACHINE\\Software\\x\",2,\"D:P(A;CI;KA;;;EA)(XA;;KR;;; " N "-1107 ;(Member_of {SID(BA)} && @User.x == \"(\"))(A;;KA;;;LA)\"\r\n",
               "[Registry Keys]\r\n\"MACHINE\\Software\\x\",2,\"D:P(A;CI;KA;;;EA)(XA;;KR;;; " S "-1201 ;(Member_of {SID(BA)} && @User.x == \"(\"))(A;;KA;;;LA)\"\r\n",
     "MACHINE\\Software\\x|" N "-1107"},
    {SECURITY, "[File Security]\r\n\"a\",0,\"D:(A;;;;\"\r\n\"b\",0\r\nc\r\n\"d\",1,\"D:(A;;FA;;;)(A;;FA)(\"\r\n\"e\",0,\"O\"\r\n\"f\",0,\"O:\"\r\n", NULL, ""},
    /* folder redirection */
    {FOLDERS, "\r\n[version]\r\nversion=100\r\n[Folder_Redirection]\r\n{F}=s-1-5-21-1-2-3-1107;s-1-1-0;s-1-5-21-1-2-3-1108;\r\n[{F}_s-1-5-21-1-2-3-1107]\r\nFlags=1021\r\nFullPath=\\\\north\\share\\a\r\n[{F}_s-1-1-0]\r\nFullPath=\\\\north\\other\r\n[{F}_s-1-5-21-1-2-3-1108]\r\nFlags=1\r\nFullPath=\\\\north\\share\\a\r\n[Other]\r\nx=y\r\n",
              "\r\n[version]\r\nversion=100\r\n[Folder_Redirection]\r\n{F}=s-1-5-21-5-6-7-1201;s-1-1-0;\r\n[{F}_s-1-5-21-5-6-7-1201]\r\nFlags=1021\r\nFullPath=\\\\south\\share\\b\r\n[{F}_s-1-1-0]\r\nFullPath=\\\\north\\other\r\n[Other]\r\nx=y\r\n",
     "Folder_Redirection|" N "-1107; Folder_Redirection|S-1-1-0; Folder_Redirection|" N "-1108; "
     "{F}_s-1-5-21-1-2-3-1107|" N "-1107; {F}_s-1-5-21-1-2-3-1107|\\\\north\\share\\a; "
     "{F}_s-1-1-0|S-1-1-0; {F}_s-1-1-0|\\\\north\\other; {F}_s-1-5-21-1-2-3-1108|" N "-1108"},
    {FOLDERS, "[{F}_s-1-q]\nFullPath=C:\\x\nFullPath\n[{F}_s-1-x]\n", NULL, ""},
    {OLDER, "[FolderStatus]\r\nMy Documents=21\r\n[My Documents]\r\n" N "-1107=\\\\north\\share\\a\r\n" N "-1108=\\\\north\\share\\a\r\nS-1-1-0 = \\\\north\\share\\a \r\n",
            "[FolderStatus]\r\nMy Documents=21\r\n[My Documents]\r\n" S "-1201=\\\\south\\share\\b\r\nS-1-1-0 = \\\\south\\share\\b \r\n",
     "My Documents|" N "-1107; My Documents|\\\\north\\share\\a; My Documents|" N "-1108; "
     "My Documents|S-1-1-0; My Documents|\\\\north\\share\\a"},
    /* scripts */
    {SCRIPTS, "   \r\n[Logon]\r\n0CmdLine=\\\\north\\share\\a\r\n0Parameters=\\\\north\\share\\a\r\n1CmdLine=a.cmd\r\n12CmdLine=\"\\\\north\\share\\a\"\r\nCmdLine=\\\\north\\share\\a\r\n",
              "   \r\n[Logon]\r\n0CmdLine=\\\\south\\share\\b\r\n0Parameters=\\\\north\\share\\a\r\n1CmdLine=a.cmd\r\n12CmdLine=\"\\\\south\\share\\b\"\r\nCmdLine=\\\\north\\share\\a\r\n",
     "Logon 0CmdLine|\\\\north\\share\\a; Logon 12CmdLine|\\\\north\\share\\a"},
    /* nothing else is touched */
    {"Machine/registry.pol", "[Privilege Rights]\nSeA = Nobody\n", NULL, ""},
    {"Machine/Preferences/Groups/Groups.xml", "<a sid='" N "-1107'/>", NULL, ""},
    {SECURITY, "", NULL, ""},
};
/* clang-format on */

static struct bytes encoded(enum text_form form, const char *text, bool mark)
{
    struct bytes out = {0};
    if (mark)
        text_put_mark(&out, form);
    assert_int_equal(text_put(&out, form, text, strlen(text), NULL), 0);
    return out;
}

static void assert_row(size_t number, enum text_form form)
{
    const struct row *row = &rows[number];
    const char *wanted_text = row->to ? row->to : row->from;
    CLEANUP(bytes_free) struct bytes in = encoded(form, row->from, form != TEXT_8BIT);
    CLEANUP(bytes_free) struct bytes wanted = encoded(form, wanted_text, form != TEXT_8BIT);
    CLEANUP(bytes_free) struct bytes out = {0};
    struct witness witness = {0};
    struct gpmq_error err = {0};
    struct sid domain;
    bool changed;
    assert_int_equal(sid_parse(&domain, N, NULL), 0);
    struct migration_walk walk = a_walk(&witness, row->path, &domain);
    if (migration_file(&walk, in.at, in.size, &out, &changed, &err))
        fail_msg("row %zu: %s", number, err.text);
    if (out.size != wanted.size || (out.size && memcmp(out.at, wanted.at, out.size) != 0)) {
        CLEANUP(free_pointer) char *text = NULL;
        size_t size;
        assert_int_equal(text_to_utf8(&text, &size, out.at, out.size, TEXT_WINDOWS_1252, NULL), 0);
        fail_msg("row %zu, form %d, became:\n%s", number, form, text);
    }
    assert_int_equal(changed, row->to != NULL);
    if (strcmp(witness.seen, row->seen) != 0)
        fail_msg("row %zu saw: %s", number, witness.seen);
}

static void accounts_and_paths_are_rewritten_and_nothing_else_in_every_encoding(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (enum text_form form = TEXT_UTF8; form <= TEXT_8BIT; form++)
            assert_row(i, form);
}

static void paths_of_files_are_known_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(
        migration_file_extension("MACHINE/microsoft/windows nt/secedit/gpttmpl.inf"), "Security");
    assert_string_equal(migration_file_extension("user/documents & settings/FDEPLOY1.INI"),
                        "Folder Redirection");
    assert_string_equal(migration_file_extension("Machine/Scripts/PSscripts.ini"), "Scripts");
    assert_null(migration_file_extension("Machine/registry.pol"));
    assert_null(migration_file_extension("GptTmpl.inf"));
    assert_null(migration_file_extension("User/Microsoft/Windows NT/SecEdit/GptTmpl.inf"));
}

static int rewrite(const char *path, const void *bytes, size_t size, struct bytes *out,
                   struct gpmq_error *err)
{
    struct witness witness = {0};
    struct migration_walk walk = a_walk(&witness, path, NULL);
    bool changed;
    return migration_file(&walk, bytes, size, out, &changed, err);
}

static void a_line_that_cannot_be_written_again_is_refused_only_where_it_changes(void **state)
{
    (void)state;
    /* An unpaired surrogate behind the account, and half a character at the end. */
    static const char bad[] = "[\0P\0r\0i\0v\0i\0l\0e\0g\0e\0 \0R\0i\0g\0h\0t\0s\0]\0\n\0"
                              "S\0e\0A\0=\0N\0o\0b\0o\0d\0y\0,\0\x00\xD8\n\0";
    static const char good[] = "[\0P\0r\0i\0v\0i\0l\0e\0g\0e\0 \0R\0i\0g\0h\0t\0s\0]\0\n\0"
                               "S\0e\0A\0=\0N\0o\0b\0o\0d\0x\0,\0\x00\xD8\n\0";
    CLEANUP(bytes_free) struct bytes out = {0};
    struct gpmq_error err = {0};
    assert_int_equal(rewrite(SECURITY, bad, sizeof bad - 1, &out, &err), GPMQ_EMALFORMED);
    assert_non_null(strstr(err.text, "line 2"));
    bytes_cut(&out, 0);
    assert_int_equal(rewrite(SECURITY, good, sizeof good - 1, &out, &err), 0);
    assert_int_equal(out.size, sizeof good - 1);
    assert_memory_equal(out.at, good, out.size);
    assert_int_equal(rewrite(SECURITY, good, sizeof good - 2, &out, &err), GPMQ_EMALFORMED);
    assert_int_equal(rewrite(SECURITY, "a\n\0", 3, &out, &err), GPMQ_EMALFORMED);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static void assert_dacl(const char *from, const char *to, const char *seen)
{
    CLEANUP(free_pointer) uint8_t *descriptor = NULL;
    CLEANUP(free_pointer) uint8_t *changed = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    size_t size, changed_size = 0;
    struct witness witness = {0};
    struct migration_walk walk = a_walk(&witness, "DACL", NULL);
    struct sid domain;
    struct sd sd;
    assert_int_equal(sid_parse(&domain, N, NULL), 0);
    assert_int_equal(sddl_parse(from, &domain, &descriptor, &size, NULL), 0);
    assert_int_equal(migration_dacl(&walk, descriptor, size, &changed, &changed_size, NULL), 0);
    assert_string_equal(witness.seen, seen);
    if (!to) {
        assert_null(changed);
        return;
    }
    assert_int_equal(sd_open(&sd, changed, changed_size, NULL), 0);
    assert_int_equal(sddl_text(&sd, NULL, &text, NULL), 0);
    assert_string_equal(text, to);
}

static void the_accounts_of_a_dacl_are_rewritten_and_owner_and_order_stay(void **state)
{
    (void)state;
    assert_dacl("O:DAG:DAD:PAI(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;" N
                "-1107)(A;;FA;;;DA)"
                "(A;CI;FA;;;DA)(D;;FA;;;" N "-1108)(A;;FA;;;SY)S:AI(AU;SA;FA;;;WD)",
                "O:" N "-512G:" N "-512D:PAI(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;" S
                "-1201)(A;;FA;;;" S "-512)(A;CI;FA;;;" S "-512)(A;;FA;;;SY)S:AI(AU;SA;FA;;;WD)",
                "DACL|" N "-1107; DACL|" N "-512; DACL|" N "-512; DACL|" N "-1108");
    assert_dacl("D:(A;;FA;;;SY)(A;;FA;;;" N "-9)", NULL, "DACL|" N "-9");
    assert_dacl("D:(A;;FA;;;" N "-1108)", "D:", "DACL|" N "-1108");
    assert_dacl("O:SY", NULL, "");
}

static void a_descriptor_that_is_none_is_refused(void **state)
{
    (void)state;
    struct witness witness = {0};
    struct migration_walk walk = a_walk(&witness, "DACL", NULL);
    uint8_t *changed = NULL;
    size_t size;
    assert_int_equal(migration_dacl(&walk, "\1\0\4\x9C\0\0\0\0", 8, &changed, &size, NULL),
                     GPMQ_EDAMAGED);
    assert_null(changed);
}

/* A replacement that is longer than what it replaces. */
static int answer_long(void *arg, const struct migration_name *name,
                       struct migration_answer *answer, struct gpmq_error *err)
{
    (void)arg, (void)name, (void)err;
    answer->fate = MIGRATION_REPLACE;
    answer->text = strdup("S-1-5-21-1-2-3-4-5-6-7-8-9-10-11-12-13-14");
    return 0;
}

static void a_dacl_that_would_be_too_large_is_refused(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes sddl = {0};
    CLEANUP(free_pointer) uint8_t *descriptor = NULL;
    uint8_t *changed = NULL;
    size_t size, changed_size;
    bytes_put_text(&sddl, "D:");
    for (int i = 0; i < 1700; i++)
        bytes_format(&sddl, "(A;;FA;;;" N "-%d)", i);
    assert_int_equal(sddl_parse((char *)sddl.at, NULL, &descriptor, &size, NULL), 0);
    struct migration_walk walk = {.visit = answer_long, .object_path = "DACL"};
    assert_int_equal(migration_dacl(&walk, descriptor, size, &changed, &changed_size, NULL),
                     GPMQ_ETOOBIG);
    assert_null(changed);
}

/* ---- packages -------------------------------------------------------------------------------- */

static char *descriptor_text(const char *sddl)
{
    CLEANUP(free_pointer) uint8_t *descriptor = NULL;
    size_t size;
    assert_int_equal(sddl_parse(sddl, NULL, &descriptor, &size, NULL), 0);
    return hex_text(descriptor, size);
}

static void packages_get_other_paths_and_permissions(void **state)
{
    (void)state;
    char *names[] = {(char *)"Editor"};
    char *files[] = {strdup("0:\\\\north\\share\\a"), strdup("1:x.mst"),
                     strdup("\\\\north\\share\\a")};
    char *other[] = {(char *)"\\\\north\\share\\a"};
    struct gpo_ds_attribute attributes[] = {
        {(char *)"packageName", (char *)"DSAttributeString", 1, names},
        {(char *)"msiFileList", (char *)"DSAttributeMultiString", 3, files},
        {(char *)"url", (char *)"DSAttributeString", 1, other},
    };
    struct gpo_ds_object package = {.path = (char *)"cn=x,cn=Packages",
                                    .object_class = (char *)"packageRegistration",
                                    .attribute_count = 3,
                                    .attributes = attributes,
                                    .security_descriptor =
                                        descriptor_text("D:(A;;FA;;;" N "-1107)")};
    struct gpo_ds_object store = {.path = (char *)"cn=Class Store",
                                  .security_descriptor = strdup("01 00"),
                                  .child_count = 1,
                                  .children = &package};
    struct witness witness = {0};
    struct migration_walk walk = a_walk(&witness, "", NULL);
    CLEANUP(free_pointer) char *wanted = descriptor_text("D:(A;;FA;;;" S "-1201)");
    assert_int_equal(migration_software(&walk, &store, 1, NULL), 0);
    assert_string_equal(files[0], "0:\\\\south\\share\\b");
    assert_string_equal(files[1], "1:x.mst");
    assert_string_equal(files[2], "\\\\south\\share\\b");
    assert_string_equal(other[0], "\\\\north\\share\\a");
    assert_string_equal(package.security_descriptor, wanted);
    assert_string_equal(store.security_descriptor, "01 00");
    assert_string_equal(witness.seen,
                        "Editor|\\\\north\\share\\a; Editor|\\\\north\\share\\a; DACL|" N "-1107");
    for (size_t i = 0; i < 3; i++)
        free(files[i]);
    free(package.security_descriptor);
    free(store.security_descriptor);
}

/* ---- real files ------------------------------------------------------------------------------ */

struct tally {
    size_t files;
    size_t walked;
    size_t names;
};

static int count_and_keep(void *arg, const struct migration_name *name,
                          struct migration_answer *answer, struct gpmq_error *err)
{
    struct tally *tally = arg;
    (void)name, (void)answer, (void)err;
    tally->names++;
    return 0;
}

static void walk_sample(void *arg, const char *path, const char *bytes, size_t size)
{
    struct tally *tally = arg;
    static const char root[] = "DomainSysvol/GPO/";
    const char *inside = strstr(path, root);
    if (!inside)
        return;
    inside += sizeof root - 1;
    CLEANUP(bytes_free) struct bytes out = {0};
    struct gpmq_error err = {0};
    bool changed;
    struct migration_walk walk = {
        .visit = count_and_keep, .visit_arg = tally, .object_path = inside};
    if (migration_file(&walk, bytes, size, &out, &changed, &err))
        fail_msg("%s: %s", path, err.text);
    assert_false(changed);
    assert_int_equal(out.size, size);
    if (size && memcmp(out.at, bytes, size) != 0)
        fail_msg("%s changed", path);
    tally->files++;
    tally->walked += migration_file_extension(inside) != NULL;
}

static void a_visitor_that_keeps_everything_keeps_every_byte_of_every_sample(void **state)
{
    struct tally tally = {0};
    (void)state;
    if (!samples_each("", walk_sample, &tally))
        skip();
    print_message("%zu files, %zu of them walked, %zu names\n", tally.files, tally.walked,
                  tally.names);
    assert_true(tally.files > 100 && tally.walked > 10 && tally.names > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_and_paths_are_rewritten_and_nothing_else_in_every_encoding),
        cmocka_unit_test(paths_of_files_are_known_in_any_case),
        cmocka_unit_test(a_line_that_cannot_be_written_again_is_refused_only_where_it_changes),
        cmocka_unit_test(the_accounts_of_a_dacl_are_rewritten_and_owner_and_order_stay),
        cmocka_unit_test(a_descriptor_that_is_none_is_refused),
        cmocka_unit_test(a_dacl_that_would_be_too_large_is_refused),
        cmocka_unit_test(packages_get_other_paths_and_permissions),
        cmocka_unit_test(a_visitor_that_keeps_everything_keeps_every_byte_of_every_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
