/* test_sddl_samples.c - descriptors as text against Windows: its own reading of a corpus, and the
 * reports of real backups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "gpmq/op.h"
#include "hex.h"
#include "samples.h"
#include "sddl.h"
#include "text.h"

#define LAB_DOMAIN_SID "S-1-5-21-3780865419-4207977281-163478896" /* of the decoded corpus */

static struct sid a_sid(const char *text)
{
    struct sid sid;
    assert_int_equal(sid_parse(&sid, text, NULL), 0);
    return sid;
}

/* A descriptor from text, opened; free() *bytes. */
static struct sd parsed(const char *text, const struct sid *domain, uint8_t **bytes)
{
    struct gpmq_error err = {0};
    struct sd sd = {0};
    size_t size;
    if (sddl_parse(text, domain, bytes, &size, &err) != 0 || sd_open(&sd, *bytes, size, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return sd;
}

static char *written(const struct sd *sd, const struct sid *domain)
{
    char *text;
    assert_int_equal(sddl_text(sd, domain, &text, NULL), 0);
    return text;
}

static void expect_same_part(struct sd_part a, struct sd_part b)
{
    assert_int_equal(a.size, b.size);
    if (a.size)
        assert_memory_equal(a.at, b.at, a.size);
}

/* ---- a corpus that .NET decoded on Windows --------------------------------------------------- */

struct name_bit {
    const char *name;
    uint32_t bit;
};

static const struct name_bit control_names[] = {
    {"DiscretionaryAclPresent", 0x4},
    {"SystemAclPresent", 0x10},
    {"DiscretionaryAclAutoInheritRequired", 0x100},
    {"SystemAclAutoInheritRequired", 0x200},
    {"DiscretionaryAclAutoInherited", 0x400},
    {"SystemAclAutoInherited", 0x800},
    {"DiscretionaryAclProtected", 0x1000},
    {"SystemAclProtected", 0x2000},
    {"SelfRelative", 0x8000},
    {NULL, 0},
};
static const struct name_bit flag_names[] = {
    {"None", 0},        {"ObjectInherit", 1}, {"ContainerInherit", 2},    {"NoPropagateInherit", 4},
    {"InheritOnly", 8}, {"Inherited", 0x10},  {"SuccessfulAccess", 0x40}, {"FailedAccess", 0x80},
    {NULL, 0},
};
static const struct name_bit type_names[] = {
    {"AccessAllowed", 0},
    {"AccessDenied", 1},
    {"SystemAudit", 2},
    {"AccessAllowedObject", 5},
    {"AccessDeniedObject", 6},
    {"SystemAuditObject", 7},
    {NULL, 0},
};

/* The sum of comma-separated names. */
static uint32_t bits_of(const struct name_bit *names, const char *text)
{
    uint32_t bits = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        const struct name_bit *name = names;
        while (name->name && (strlen(name->name) != length || strncmp(name->name, text, length)))
            name++;
        if (!name->name)
            fail_msg("an unknown name at '%s'", text);
        bits |= name->bit;
        text += length;
        text += strspn(text, ", ");
    }
    return bits;
}

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void expect_guid(const uint8_t *le, const char *expected)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid guid, zero = {0};
    if (!expected) {
        assert_null(le);
        return;
    }
    assert_int_equal(gpmq_guid_parse(&guid, expected), 0);
    if (!le) {
        assert_true(gpmq_guid_equal(&guid, &zero));
        return;
    }
    struct gpmq_guid ours = gpmq_guid_from_le(le);
    if (!gpmq_guid_equal(&ours, &guid))
        fail_msg("%s, not %s", gpmq_guid_text(&ours, text), expected);
}

static void expect_sid(struct sd_part part, const char *expected)
{
    struct sid sid;
    char text[SID_TEXT_SIZE];
    if (!expected) {
        assert_null(part.at);
        return;
    }
    assert_int_equal(sid_read(&sid, part.at, part.size, NULL), 0);
    assert_string_equal(sid_text(&sid, text), expected);
}

static size_t compare_acl(struct sd_part acl, const json_t *expected)
{
    struct sd_walk walk = sd_walk(acl);
    struct sd_ace ace;
    size_t i = 0;
    for (; sd_next(&walk, &ace); i++) {
        const json_t *theirs = json_array_get(expected, i);
        assert_non_null(theirs);
        assert_int_equal(ace.type, bits_of(type_names, string_of(theirs, "type")));
        assert_int_equal(ace.flags, bits_of(flag_names, string_of(theirs, "flags")));
        assert_int_equal(ace.mask, (uint32_t)json_integer_value(json_object_get(theirs, "mask")));
        expect_sid(ace.sid, string_of(theirs, "sid"));
        expect_guid(ace.object_type, string_of(theirs, "object_type"));
        expect_guid(ace.inherited_object_type, string_of(theirs, "inherited_object_type"));
    }
    assert_int_equal(json_array_size(expected), i);
    return i;
}

struct decoded {
    size_t descriptors, aces, conditional;
};

static void judge_decoded(void *arg, const char *path, const char *bytes, size_t size)
{
    struct decoded *tally = arg;
    struct sid domain = a_sid(LAB_DOMAIN_SID);
    json_t *all = json_loadb(bytes, size, 0, NULL), *one;
    size_t i;
    if (!all)
        fail_msg("%s is no JSON", path);
    json_array_foreach(all, i, one)
    {
        CLEANUP(free_pointer) uint8_t *binary = NULL;
        size_t binary_size;
        const char *text = string_of(one, "sddl");
        tally->descriptors++;
        if (strstr(text, "(XA;")) { /* the one with a condition, which we refuse */
            assert_int_equal(sddl_parse(text, &domain, &binary, &binary_size, NULL),
                             GPMQ_EUNSUPPORTED);
            tally->conditional++;
            continue;
        }
        struct sd sd = parsed(text, &domain, &binary);
        assert_int_equal(sd.control, bits_of(control_names, string_of(one, "control")));
        expect_sid(sd.owner, string_of(one, "owner"));
        expect_sid(sd.group, string_of(one, "group"));
        tally->aces += compare_acl(sd.dacl, json_object_get(one, "DiscretionaryAcl"));
        tally->aces += compare_acl(sd.sacl, json_object_get(one, "SystemAcl"));
    }
    json_decref(all);
}

static void windows_decodes_the_corpus_to_the_same_aces(void **state)
{
    struct decoded tally = {0};
    (void)state;
    if (!samples_each("reference_decode.json", judge_decoded, &tally))
        skip();
    print_message("%zu descriptors, %zu ACEs; %zu with a condition\n", tally.descriptors,
                  tally.aces, tally.conditional);
    assert_true(tally.aces > 0);
}

struct corpus {
    size_t same, other;
};

/* What Windows wrote itself ("lab") comes back letter for letter; of what people wrote the meaning
 * comes back. */
static void judge_corpus(void *arg, const char *path, const char *bytes, size_t size)
{
    struct corpus *tally = arg;
    struct sid domain = a_sid(LAB_DOMAIN_SID);
    json_t *all = json_loadb(bytes, size, 0, NULL), *list, *one;
    const char *key;
    size_t i;
    if (!all)
        fail_msg("%s is no JSON", path);
    json_object_foreach(all, key, list) json_array_foreach(list, i, one)
    {
        CLEANUP(free_pointer) uint8_t *first = NULL;
        CLEANUP(free_pointer) uint8_t *second = NULL;
        CLEANUP(free_pointer) char *text = NULL;
        size_t first_size, second_size;
        if (strstr(json_string_value(one), "(XA;"))
            continue;
        struct sd sd = parsed(json_string_value(one), &domain, &first);
        text = written(&sd, &domain);
        assert_int_equal(sddl_parse(json_string_value(one), &domain, &second, &first_size, NULL),
                         0);
        free_pointer(&second);
        assert_int_equal(sddl_parse(text, &domain, &second, &second_size, NULL), 0);
        assert_int_equal(first_size, second_size);
        assert_memory_equal(first, second, first_size);
        bool same = strcmp(text, json_string_value(one)) == 0;
        *(same ? &tally->same : &tally->other) += 1;
        if (!same && strcmp(key, "lab") == 0)
            fail_msg("'%s' became '%s'", json_string_value(one), text);
    }
    json_decref(all);
}

static void the_corpus_comes_back_with_the_same_meaning(void **state)
{
    struct corpus tally = {0};
    (void)state;
    if (!samples_each("corpus.json", judge_corpus, &tally))
        skip();
    print_message("%zu letter for letter, %zu in other words\n", tally.same, tally.other);
    assert_true(tally.same > 0);
}

/* ---- the SDDL of each report against the descriptor of its Backup.xml -------------------------
 */

struct reports {
    size_t compared, damaged, aces;
};

static char *read_sibling(const char *path, const char *name)
{
    CLEANUP(free_pointer) char *sibling = NULL;
    CLEANUP(free_pointer) char *bytes = calloc(1, 32u << 20);
    const char *slash = strrchr(path, '/');
    if (asprintf(&sibling, "%.*s/%s", (int)(slash - path), path, name) < 0)
        return NULL;
    CLEANUP(close_file) FILE *file = fopen(sibling, "re");
    char *text = NULL;
    size_t size;
    if (!file || !bytes)
        return NULL;
    size_t got = fread(bytes, 1, 32u << 20, file);
    assert_int_equal(text_to_utf8(&text, &size, bytes, got, TEXT_REFUSE, NULL), 0);
    return text;
}

/* The text of the first such element, or NULL. */
static char *element(const char *xml, const char *name)
{
    char open[64];
    snprintf(open, sizeof open, "<%s", name);
    const char *at = strstr(xml, open);
    at = at ? strchr(at, '>') : NULL;
    return at ? strndup(at + 1, strcspn(at + 1, "<")) : NULL;
}

/* The domain's SID from an Enterprise Admins ACE: all samples are of forests with one domain. */
static struct sid domain_of(const char *sddl)
{
    const char *end = strstr(sddl, "-519)"), *at = end;
    assert_non_null(end);
    while (at > sddl && at[-1] != ';')
        at--;
    CLEANUP(free_pointer) char *text = strndup(at, (size_t)(end - at));
    return a_sid(text);
}

static void judge_report(void *arg, const char *path, const char *backup, size_t size)
{
    struct reports *tally = arg;
    CLEANUP(free_pointer) char *report = read_sibling(path, "gpreport.xml");
    CLEANUP(free_pointer) char *sddl = report ? element(report, "SDDL") : NULL;
    CLEANUP(free_pointer) char *hex = element(backup, "SecurityDescriptor");
    CLEANUP(free_pointer) uint8_t *theirs = NULL;
    CLEANUP(free_pointer) uint8_t *ours = NULL;
    CLEANUP(free_pointer) uint8_t *bare = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    size_t theirs_size, bare_size;
    struct sd sd, only;
    (void)size;
    assert_non_null(sddl);
    assert_int_equal(hex_parse(hex, &theirs, &theirs_size, NULL), 0);
    struct sid domain = domain_of(sddl);
    struct sd full = parsed(sddl, &domain, &ours);
    if (sd_open(&sd, theirs, theirs_size, NULL) != 0) {
        assert_int_equal(theirs_size, 8); /* sanitised */
        tally->damaged++;
        return;
    }
    tally->compared++;
    tally->aces += sd_walk(sd.dacl).left;
    /* Text to bytes: the DACL and its control bits. */
    assert_int_equal(sd_dacl_only(&full, &bare, &bare_size, NULL), 0);
    assert_int_equal(sd_open(&only, bare, bare_size, NULL), 0);
    assert_int_equal(only.control, sd.control);
    expect_same_part(only.dacl, sd.dacl);
    /* Bytes to text: what the report has between its group and its SACL. */
    text = written(&sd, &domain);
    const char *dacl = strstr(sddl, "D:PAI"), *sacl = strstr(sddl, "S:AI");
    assert_non_null(dacl);
    assert_non_null(sacl);
    if (strlen(text) != (size_t)(sacl - dacl) || strncmp(text, dacl, strlen(text)) != 0)
        fail_msg("%s: '%s' and in the report '%s'", path, text, dacl);
    /* And the whole of the report's own text. */
    free_pointer(&text);
    text = written(&full, &domain);
    assert_string_equal(text, sddl);
}

static void reports_of_windows_have_the_text_that_we_write(void **state)
{
    struct reports tally = {0};
    (void)state;
    if (!samples_each("Backup.xml", judge_report, &tally))
        skip();
    print_message("%zu descriptors with %zu ACEs equal both ways; %zu sanitised\n", tally.compared,
                  tally.aces, tally.damaged);
    assert_true(tally.compared > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_decodes_the_corpus_to_the_same_aces),
        cmocka_unit_test(the_corpus_comes_back_with_the_same_meaning),
        cmocka_unit_test(reports_of_windows_have_the_text_that_we_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
