/* test_verify_data.c - the content of a backup's files: what Windows writes is good, and a byte of
 * its structure that changes is found and named. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "samples.h"
#include "verify_data.h"

#define FLIPS_MAX 150 /* of one file, evenly over it */

/* ---- single cases --------------------------------------------------------------------------- */

static const struct {
    const char *path;
    const char *content;
    const char *words; /* of the error; NULL: it is good */
} cases[] = {
    {"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", "", NULL},
    {"GptTmpl.inf", "[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\n", NULL},
    {"GptTmpl.inf", "; a comment\n\n[System Access]\nMinimumPasswordAge = -1\n", NULL},
    {"GptTmpl.inf", "[System Access]\nNewAdministratorName = \"root\"\n", NULL},
    {"GptTmpl.inf", "[System Access]\nNewAdministratorName = \"root\n", "line 2: "},
    {"GptTmpl.inf", "[System Access]\nMinimumPasswordAge\n", "no 'name = value'"},
    {"GptTmpl.inf", "[System Access\nMinimumPasswordAge = 1\n", "line 1: '[System Access'"},
    {"GptTmpl.inf", "[Sistem Access]\nMinimumPasswordAge = 1\n", "no section"},
    {"GptTmpl.inf", "MinimumPasswordAge = 1\n", "before the first section"},
    {"GptTmpl.inf", "[Privilege Rights]\nSeX = \nSeY = *S-1-5-32-544,Domain Users , Guests\n",
     NULL},
    {"GptTmpl.inf", "[Privilege Rights]\nSeX = *S-1-5-32-544,*X-1\n", "line 2: 'SeX = "},
    {"GptTmpl.inf", "[Privilege Rights]\nSeX = *S-1-5-32-544,,Guests\n", "an account"},
    {"GptTmpl.inf", "[Group Membership]\n*S-1-5-32-544__Members = Guests\nA__Memberof =\n", NULL},
    {"GptTmpl.inf", "[Group Membership]\n*S-1-5-32-544 = Guests\n", "__Members"},
    {"GptTmpl.inf", "[Registry Values]\nMACHINE\\A\\B=4,1\nMACHINE\\A\\C=1,\"x\"\n", NULL},
    {"GptTmpl.inf", "[Registry Values]\nMACHINE\\A\\B=7,one,two\",\" three\n", NULL},
    {"GptTmpl.inf", "[Registry Values]\nMACHINE\\A\\B=4,one\n", "no number"},
    {"GptTmpl.inf", "[Registry Values]\nMACHINE\\A\\B=5,1\n", "its type is none"},
    {"GptTmpl.inf", "[Registry Values]\nMACHINE\\A\\B=1,\"x\n", "quotes"},
    {"GptTmpl.inf", "[Service General Setting]\n\"a\",2,\"\"\nb,4,\"D:(A;;FA;;;SY)\"\n", NULL},
    {"GptTmpl.inf", "[Service General Setting]\n\"a\",2\n", "three parts"},
    {"GptTmpl.inf", "[Registry Keys]\n\"a,b\",x,\"\"\n", "second part"},
    {"GptTmpl.inf", "[File Security]\n\"a\",0,\"D:\n", "has not its quotes"},
    {"audit.csv", "", NULL},
    {"Machine/microsoft/windows nt/Audit/AUDIT.CSV",
     "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion "
     "Setting,Setting Value\r\n"
     ",System,Audit X,{0cce923e-69ae-11d9-bed3-505054503030},\"a,b\",,3\r\n"
     ",System,FileGlobalSacl,,,,S:(AU;SAFA;FA;;;WD)\r\n",
     NULL},
    {"audit.csv", "Name,Target\n", "line 1: it is not the header"},
    {"audit.csv",
     "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion "
     "Setting,Setting Value\n,System,Audit X,{0cce923e},,,3\n",
     "line 2: its fourth column"},
    {"audit.csv",
     "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion "
     "Setting,Setting Value\n,System,Audit X,{0cce923e-69ae-11d9-bed3-505054503030},,,9\n",
     "line 2: its setting"},
    {"audit.csv",
     "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion "
     "Setting,Setting Value\n,System,Audit X\n",
     "line 2: it has not seven columns"},
    {"User/Scripts/scripts.ini", "   \r\n[Logon]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n", NULL},
    {"psscripts.ini", "[ScriptsConfig]\nStartExecutePSFirst=true\n[Startup]\n10CmdLine=x\n", NULL},
    {"scripts.ini", "[Logon]\nCmdLine=a.cmd\n", "line 2: 'CmdLine'"},
    {"scripts.ini", "[Lagon]\n0CmdLine=a.cmd\n", "line 1: 'Lagon' is no section"},
    {"scripts.ini", "0CmdLine=a.cmd\n", "before the first section"},
    {"psscripts.ini", "[ScriptsConfig]\nStartExecutePSFirst=maybe\n", "switches"},
    {"User/Documents & Settings/fdeploy1.ini", "[{A}]\nFlags=1\nFullPath=\\\\a\\b\n", NULL},
    {"fdeploy1.ini", "[{A}]\nFlags\n", "line 2: 'Flags'"},
    {"User/Preferences/Drives/Drives.xml",
     "<Drives clsid='{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}'/>", NULL},
    {"User/Preferences/Drives/Drives.xml",
     "<Drives clsid='{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}'>\n<Drive "
     "clsid='{935D1B74-9CB8-4e3c-9914-7DD559B7A417}'/></Drives>",
     "line 2: item 'Drive' has no Properties"},
    {"User/Preferences/Drives/Drives.xml",
     "<Drives clsid='{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}'>\n<Drive clsid='x'/></Drives>",
     "line 2: item 'Drive' has no clsid"},
    {"User/Preferences/Drives/Drives.xml", "<Drives/>", "its root 'Drives'"},
    {"User/Preferences/Drives/Drives.xml", "<Drives>", "line 1"},
    {"User/Other/Drives.xml", "<Drives>", NULL},
    {"Machine/comment.cmtx",
     "<policyComments xmlns='http://www.microsoft.com/GroupPolicy/CommentDefinitions'/>", NULL},
    {"Machine/comment.cmtx", "<policyComments/>", "its root is not"},
    {"GPO.cmt", "ab", NULL},
    {"GPO.cmt", "abc", "half a character"},
    {"gpreport.xml", "<GPO xmlns='http://www.microsoft.com/GroupPolicy/Settings'/>", NULL},
    {"gpreport.xml", "<Rsop xmlns='http://www.microsoft.com/GroupPolicy/Settings'/>", "its root"},
};

static void each_format_has_its_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpmq_error err = {.text = ""};
        verify_format *format = verify_format_of(cases[i].path);
        int rc = format ? format(cases[i].content, strlen(cases[i].content), &err) : 0;
        if (!rc != !cases[i].words || (rc && !strstr(err.text, cases[i].words)))
            fail_msg("case %zu (%s): %d %s", i, cases[i].path, rc, err.text);
    }
}

static void a_value_of_the_registry_has_the_size_of_its_type(void **state)
{
#define RECORD "[\0K\0\0\0;\0V\0\0\0;\0"
    static const char good[] = "PReg\1\0\0\0" RECORD "\4\0\0\0;\0\4\0\0\0;\0abcd]";
    static const char no_dword[] = "PReg\1\0\0\0" RECORD "\4\0\0\0;\0\2\0\0\0;\0ab]";
    static const char no_type[] = "PReg\1\0\0\0" RECORD "\x11\0\0\0;\0\2\0\0\0;\0ab]";
    static const char half[] = "PReg\1\0\0\0" RECORD "\1\0\0\0;\0\1\0\0\0;\0a]";
    struct gpmq_error err;
    (void)state;
    assert_int_equal(verify_registry_pol(good, sizeof good, &err), 0);
    assert_int_equal(verify_registry_pol(no_dword, sizeof no_dword, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "record 1"));
    assert_int_equal(verify_registry_pol(no_type, sizeof no_type, &err), GPMQ_EDAMAGED);
    assert_int_equal(verify_registry_pol(half, sizeof half, &err), GPMQ_EDAMAGED);
}

static void files_of_no_known_format_are_not_judged(void **state)
{
    (void)state;
    assert_null(verify_format_of("User/Scripts/Logon/logon.cmd"));
    assert_null(verify_format_of("Adm/system.adm"));
    assert_null(verify_format_of("Machine/registry.pol.backup"));
    assert_null(verify_format_of("Machine/Microsoft/.xml"));
}

/* ---- real files, a byte at a time ----------------------------------------------------------- */

/* Where a file has structure: the places of bytes that may be changed. */
struct places {
    size_t count;
    size_t room;
    size_t *at;
};

static void note(struct places *places, size_t at)
{
    if (places->count == places->room) {
        places->room = places->room ? 2 * places->room : 256;
        places->at = realloc(places->at, places->room * sizeof *places->at);
        assert_non_null(places->at);
    }
    places->at[places->count++] = at;
}

static void note_pair(struct places *places, size_t at)
{
    note(places, at);
    note(places, at + 1);
}

static uint32_t u32_at(const char *bytes)
{
    const uint8_t *at = (const uint8_t *)bytes;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static size_t behind_text(const char *bytes, size_t at)
{
    while (bytes[at] || bytes[at + 1])
        at += 2;
    return at + 2;
}

/* Header, marks, and the NULs behind texts. */
static void find_in_registry(struct places *places, const char *bytes, size_t size)
{
    for (size_t i = 0; i < 8; i++)
        note(places, i);
    for (size_t at = 8; at < size;) {
        note_pair(places, at); /* [ */
        for (unsigned text = 0; text < 2; text++) {
            at = behind_text(bytes, at + 2);
            note_pair(places, at - 2);
            note_pair(places, at); /* ; */
        }
        uint32_t content = u32_at(bytes + at + 8);
        note_pair(places, at + 6);
        note_pair(places, at + 12);
        note_pair(places, at + 14 + content); /* ] */
        at += 16 + content;
    }
}

/* The brackets of sections and the first '=' of each line. step: bytes of one character. */
static void find_in_lines(struct places *places, const char *bytes, size_t size, size_t step)
{
    bool fresh = true;
    for (size_t at = step == 2 ? 2 : 0; at < size; at += step) {
        char c = bytes[at];
        if (c == '\n')
            fresh = true;
        else if (fresh && (c == '[' || c == ']' || c == '='))
            note(places, at);
        fresh = fresh && c != '=';
    }
}

static void find_commas(struct places *places, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at++)
        if (bytes[at] == ',')
            note(places, at);
}

/* The '<' of tags that are not empty: an empty one may as well be text. */
static void find_tags(struct places *places, const char *bytes, size_t size, size_t step)
{
    for (size_t at = 0; at + step < size; at += step) {
        size_t end = at;
        if (bytes[at] != '<' || bytes[at + step] == '?' || bytes[at + step] == '!')
            continue;
        while (end < size && bytes[end] != '>')
            end += step;
        if (end < size && bytes[end - step] != '/')
            note(places, at);
    }
}

struct flipping {
    verify_format *format;
    bool is_tags, is_commas, is_registry;
    size_t files;
    size_t flips;
};

static void find_places(const struct flipping *flipping, struct places *places, const char *bytes,
                        size_t size)
{
    bool wide = size > 2 && (uint8_t)bytes[0] == 0xff && (uint8_t)bytes[1] == 0xfe;
    if (flipping->is_registry)
        find_in_registry(places, bytes, size);
    else if (flipping->is_tags)
        find_tags(places, bytes, size, wide ? 2 : 1);
    else if (flipping->is_commas)
        find_commas(places, bytes, size);
    else
        find_in_lines(places, bytes, size, wide ? 2 : 1);
}

static void flip(void *arg, const char *path, const char *bytes, size_t size)
{
    struct flipping *flipping = arg;
    struct places places = {.count = 0};
    struct gpmq_error err;
    CLEANUP(free_pointer) char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    if (flipping->format(copy, size, &err))
        fail_msg("%s: %s", path, err.text);
    find_places(flipping, &places, bytes, size);
    size_t step = places.count / FLIPS_MAX + 1;
    for (size_t i = 0; i < places.count; i += step) {
        size_t at = places.at[i];
        copy[at] ^= 2;
        if (!flipping->format(copy, size, &err))
            fail_msg("%s: a change of byte %zu ('%c') is not found", path, at,
                     isprint((unsigned char)bytes[at]) ? bytes[at] : '.');
        copy[at] ^= 2;
        flipping->flips++;
    }
    flipping->files++;
    free(places.at);
}

static void flip_all(const char *name, struct flipping flipping, size_t files, size_t flips)
{
    if (!samples_each(name, flip, &flipping))
        skip();
    print_message("%s: %zu files, %zu changes found\n", name, flipping.files, flipping.flips);
    assert_true(flipping.files >= files);
    assert_true(flipping.flips >= flips);
}

static void each_changed_mark_of_a_registry_pol_is_found(void **state)
{
    (void)state;
    flip_all("registry.pol", (struct flipping){.format = verify_registry_pol, .is_registry = true},
             34, 1000);
}

static void each_changed_mark_of_a_security_template_is_found(void **state)
{
    (void)state;
    flip_all("GptTmpl.inf", (struct flipping){.format = verify_security}, 20, 200);
}

static void each_changed_comma_of_an_audit_policy_is_found(void **state)
{
    (void)state;
    flip_all("audit.csv", (struct flipping){.format = verify_audit, .is_commas = true}, 8, 200);
}

static void each_changed_tag_of_an_xml_file_is_found(void **state)
{
    static const char *const names[] = {"Registry.xml", "ScheduledTasks.xml", "Services.xml",
                                        "Groups.xml",   "Drives.xml",         "Files.xml"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        flip_all(names[i], (struct flipping){.format = verify_preferences, .is_tags = true}, 2, 10);
    flip_all("comment.cmtx", (struct flipping){.format = verify_comments, .is_tags = true}, 30, 50);
    flip_all("gpreport.xml", (struct flipping){.format = verify_report, .is_tags = true}, 48, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_has_its_rules),
        cmocka_unit_test(a_value_of_the_registry_has_the_size_of_its_type),
        cmocka_unit_test(files_of_no_known_format_are_not_judged),
        cmocka_unit_test(each_changed_mark_of_a_registry_pol_is_found),
        cmocka_unit_test(each_changed_mark_of_a_security_template_is_found),
        cmocka_unit_test(each_changed_comma_of_an_audit_policy_is_found),
        cmocka_unit_test(each_changed_tag_of_an_xml_file_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
