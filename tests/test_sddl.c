/* test_sddl.c - descriptors as text: both ways, against Windows' own reading and reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bytes.h"
#include "cleanup.h"
#include "gpmq/op.h"
#include "hex.h"
#include "samples.h"
#include "sddl.h"
#include "text.h"

#define DOMAIN_SID     "S-1-5-21-1-2-4294967295"
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

static void expect_round_trip(const char *text, const char *expected)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) char *again = NULL;
    struct sid domain = a_sid(DOMAIN_SID);
    struct sd sd = parsed(text, &domain, &bytes);
    again = written(&sd, &domain);
    assert_string_equal(again, expected);
}

static void a_new_gpo_reads_as_windows_writes_it(void **state)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct sid domain = a_sid(DOMAIN_SID);
    size_t size;
    struct sd sd;
    (void)state;
    assert_int_equal(sd_default_gpo(&domain, &bytes, &size, NULL), 0);
    assert_int_equal(sd_open(&sd, bytes, size, NULL), 0);
    text = written(&sd, &domain);
    assert_string_equal(text,
                        "O:DAG:DAD:PAI(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)"
                        "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)"
                        "(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;" DOMAIN_SID "-519)(A;CI;LCRPLORC;;;ED)"
                        "(A;CI;LCRPLORC;;;AU)(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)"
                        "(A;CIIO;CCDCLCSWRPWPDTLOSDRCWDWO;;;CO)");
}

/* Left what is read, right what is written for it. */
static const char *const both_ways[][2] = {
    {"", ""},
    {"D:", "D:"},
    {"D:P", "D:P"},
    {"D:ARPAI", "D:PARAI"},
    {"D:NO_ACCESS_CONTROL", "D:NO_ACCESS_CONTROL"},
    {"D:PNO_ACCESS_CONTROL", "D:PNO_ACCESS_CONTROL"},
    {"S:AI(AU;FA;GA;;;WD) O:SY", "O:SYS:AI(AU;FA;GA;;;WD)"},
    {"o:syg:bad:(a;;ga;;;wd)", "O:SYG:BAD:(A;;GA;;;WD)"},
    {"D: (A; OICI ;GA; ; ;WD) (D;;;;;AN)", "D:(A;OICI;GA;;;WD)(D;;;;;AN)"},
    {"D:(A;;0x1200a9;;;BU)", "D:(A;;0x1200a9;;;BU)"},
    {"D:(A;;2032127;;;BU)", "D:(A;;FA;;;BU)"},
    {"D:(A;;0400;;;BU)", "D:(A;;CR;;;BU)"},
    {"D:(A;;KX;;;BU)", "D:(A;;KR;;;BU)"},
    {"D:(A;;GRGWGXGA;;;BU)", "D:(A;;GAGXGWGR;;;BU)"},
    {"D:(A;;FRFW;;;BU)", "D:(A;;0x12019f;;;BU)"},
    {"D:(A;OICINPIOID;GA;;;CO)", "D:(A;OICINPIOID;GA;;;CO)"},
    {"O:LAG:LGD:(A;;GA;;;EA)(A;;GA;;;RO)",
     "O:" DOMAIN_SID "-500G:" DOMAIN_SID "-501D:(A;;GA;;;" DOMAIN_SID "-519)(A;;GA;;;" DOMAIN_SID
     "-498)"},
    {"D:(OD;;CR;{EDACFD8F-FFB3-11D1-B41D-00A0C968F939};;DC)",
     "D:(OD;;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;DC)"},
    {"D:(OA;;RP;;bf967aa5-0de6-11d0-a285-00aa003049e2;AU)(OA;;RP;;;AU)",
     "D:(OA;;RP;;bf967aa5-0de6-11d0-a285-00aa003049e2;AU)(OA;;RP;;;AU)"},
    {"S:(ML;;NWNR;;;ME)(SP;;;;;S-1-17-1)(TL;;0x3;;;S-1-19-512-8192)",
     "S:(ML;;NWNR;;;ME)(SP;;;;;S-1-17-1)(TL;;CCDC;;;S-1-19-512-8192)"},
};

static void words_are_read_and_written_as_the_language_has_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof both_ways / sizeof *both_ways; i++)
        expect_round_trip(both_ways[i][0], both_ways[i][1]);
}

static void every_word_is_read_and_comes_back_or_is_a_sid(void **state)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct sid domain = a_sid(DOMAIN_SID), sid;
    char word[3] = "", text[SID_TEXT_SIZE];
    int known = 0, by_word = 0;
    (void)state;
    for (int i = 0; i < 26 * 26; i++) {
        word[0] = letters[i / 26];
        word[1] = letters[i % 26];
        if (sddl_trustee_parse(&sid, word, &domain, NULL) != 0)
            continue;
        known++;
        struct sid again;
        sddl_trustee_text(&sid, &domain, text);
        by_word += strcmp(text, word) == 0;
        assert_int_equal(sddl_trustee_parse(&again, text, &domain, NULL), 0);
        assert_true(sid_equal(&sid, &again));
    }
    assert_int_equal(known, 66);
    assert_int_equal(known - by_word, 6); /* EA, EK, LA, LG, RO, SA */
}

static void accounts_of_a_domain_need_one(void **state)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct sid domain = a_sid(DOMAIN_SID), other = a_sid("S-1-5-21-9-9-9");
    struct gpmq_error err;
    size_t size;
    (void)state;
    assert_int_equal(sddl_parse("O:DA", NULL, &bytes, &size, &err), GPMQ_EINVAL);
    assert_non_null(strstr(err.text, "DA"));
    struct sd sd = parsed("O:DAG:SY", &domain, &bytes);
    text = written(&sd, NULL);
    assert_string_equal(text, "O:" DOMAIN_SID "-512G:SY");
    free_pointer(&text);
    text = written(&sd, &other);
    assert_string_equal(text, "O:" DOMAIN_SID "-512G:SY");
}

static const char *const refused[] = {
    "X",
    "O",
    "O:",
    "O:XX",
    "O:S-1-5-",
    "O:SYO:SY",
    "D:D:",
    "Z:SY",
    "D:(",
    "D:()",
    "D:(A)",
    "D:(A;;GA;;;WD",
    "D:(A;;GA;;WD)",
    "D:(A;;GA;;;)",
    "D:(A;;GA;;;WD;)",
    "D:(A;;GA;;;WD))",
    "D:(B;;GA;;;WD)",
    "D:(A;XX;GA;;;WD)",
    "D:(A;O;GA;;;WD)",
    "D:(A;;GAX;;;WD)",
    "D:(A;;0x100000000;;;WD)",
    "D:(A;;0xg;;;WD)",
    "D:(A;;GA;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;WD)",
    "D:(OA;;GA;edacfd8f;;WD)",
    "D:(ML;;GA;;;ME)",
    "D:(A;;GA;;;WD)x",
    "D:(A;;GA;;;S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16)",
};

static void what_is_no_descriptor_is_refused(void **state)
{
    struct sid domain = a_sid(DOMAIN_SID);
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        if (sddl_parse(refused[i], &domain, &bytes, &size, NULL) != GPMQ_EMALFORMED)
            fail_msg("'%s' was read", refused[i]);
        assert_null(bytes);
    }
}

static void a_condition_is_refused_and_never_dropped(void **state)
{
    static const char *const texts[] = {
        "D:(XA;;GW;;;AU;(WIN://OAFD))",        "D:(XD;;GW;;;AU;(a == 1))",
        "S:(XU;SA;GW;;;AU;(a == 1))",          "D:(ZA;;GW;;;AU;(a == 1))",
        "S:(RA;;;;;WD;(\"name\",TS,0,\"v\"))",
    };
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    struct gpmq_error err;
    size_t size;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(sddl_parse(texts[i], NULL, &bytes, &size, NULL), GPMQ_EUNSUPPORTED);
    struct sd sd = parsed("D:(A;;GA;;;SY)(A;;GA;;;WD)", NULL, &bytes);
    CLEANUP(free_pointer) uint8_t *dacl = malloc(sd.dacl.size);
    CLEANUP(free_pointer) char *text = NULL;
    memcpy(dacl, sd.dacl.at, sd.dacl.size);
    sd.dacl.at = dacl;
    dacl[8 + 20] = 9; /* the second ACE is a conditional one now */
    assert_int_equal(sddl_text(&sd, NULL, &text, &err), GPMQ_EUNSUPPORTED);
    assert_non_null(strstr(err.text, "ACE 1 of the DACL"));
}

static void text_and_acl_have_limits(void **state)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    uint8_t *bytes = NULL;
    size_t size;
    (void)state;
    bytes_put_text(&text, "D:");
    for (int i = 0; i < 4000; i++) /* of 20 bytes each */
        bytes_put_text(&text, "(A;;GA;;;SY)");
    assert_int_equal(sddl_parse((char *)text.at, NULL, &bytes, &size, NULL), GPMQ_ETOOBIG);
    bytes_cut(&text, 2 + 12 * 3276); /* 65520 bytes and a head of 8 */
    struct sd sd = parsed((char *)text.at, NULL, &bytes);
    assert_int_equal(sd.dacl.size, 65528);
    free_pointer(&bytes);
    bytes_cut(&text, 2);
    while (text.size <= SDDL_TEXT_MAX)
        bytes_put_char(&text, ' ');
    assert_int_equal(sddl_parse((char *)text.at, NULL, &bytes, &size, NULL), GPMQ_ETOOBIG);
}

/* ---- random descriptors ---------------------------------------------------------------------- */

static uint32_t draw(uint64_t *random)
{
    *random = *random * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*random >> 32);
}

static struct sid random_sid(uint64_t *random, const struct sid *domain)
{
    static const uint32_t rids[] = {498, 500, 512, 513, 515, 516, 519, 520, 1104};
    struct sid sid = a_sid("S-1-5");
    if (draw(random) % 2) {
        assert_int_equal(sid_append(&sid, domain, rids[draw(random) % 9], NULL), 0);
        return sid;
    }
    for (uint32_t parts = draw(random) % 15; parts; parts--) {
        struct sid longer;
        uint32_t part = draw(random) % 2 ? draw(random) % 600 : draw(random);
        assert_int_equal(sid_append(&longer, &sid, part, NULL), 0);
        sid = longer;
    }
    return sid;
}

static void put_random_ace(struct bytes *acl, uint64_t *random, const struct sid *domain)
{
    static const uint8_t types[] = {0, 1, 2, 3, 5, 6, 7, 8, 0x11, 0x13, 0x14};
    struct sid sid = random_sid(random, domain);
    uint8_t head[2] = {types[draw(random) % sizeof types], (uint8_t)draw(random)};
    bool object = head[0] >= 5 && head[0] <= 8;
    uint32_t which = object ? draw(random) % 4 : 0;
    size_t guids = (which & 1) + (which >> 1);
    bytes_put(acl, head, sizeof head);
    bytes_put_u16(acl, (uint16_t)(8 + (object ? 4 : 0) + 16 * guids + sid.size));
    bytes_put_u32(acl, draw(random) & draw(random));
    if (object)
        bytes_put_u32(acl, which);
    for (size_t i = 0; i < 4 * guids; i++)
        bytes_put_u32(acl, draw(random));
    bytes_put(acl, sid.bytes, sid.size);
}

static void put_random_acl(struct bytes *acl, uint64_t *random, const struct sid *domain)
{
    CLEANUP(bytes_free) struct bytes aces = {0};
    uint32_t count = draw(random) % 20;
    bool object = false;
    for (uint32_t i = 0; i < count; i++) {
        size_t at = aces.size;
        put_random_ace(&aces, random, domain);
        object |= aces.at[at] >= 5 && aces.at[at] <= 8;
    }
    bytes_put_u16(acl, object ? 4 : 2);
    bytes_put_u16(acl, (uint16_t)(8 + aces.size));
    bytes_put_u16(acl, (uint16_t)count);
    bytes_put_u16(acl, 0);
    bytes_put(acl, aces.at, aces.size);
}

static void expect_same_part(struct sd_part a, struct sd_part b)
{
    assert_int_equal(a.size, b.size);
    if (a.size)
        assert_memory_equal(a.at, b.at, a.size);
}

static void random_descriptors_come_back_byte_for_byte(void **state)
{
    static const uint16_t bits[] = {0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000};
    struct sid domain = a_sid(DOMAIN_SID);
    uint64_t random = 20260105;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        CLEANUP(bytes_free) struct bytes dacl = {0};
        CLEANUP(bytes_free) struct bytes sacl = {0};
        CLEANUP(free_pointer) char *text = NULL;
        CLEANUP(free_pointer) uint8_t *again = NULL;
        struct sid owner = random_sid(&random, &domain), group = random_sid(&random, &domain);
        struct sd sd = {.control = SD_SELF_RELATIVE | SD_DACL_PRESENT | SD_SACL_PRESENT};
        for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
            sd.control |= draw(&random) % 2 ? bits[i] : 0;
        put_random_acl(&dacl, &random, &domain);
        put_random_acl(&sacl, &random, &domain);
        sd.dacl = (struct sd_part){dacl.at, dacl.size};
        sd.sacl = (struct sd_part){sacl.at, sacl.size};
        if (draw(&random) % 2)
            sd.owner = (struct sd_part){owner.bytes, owner.size};
        if (draw(&random) % 2)
            sd.group = (struct sd_part){group.bytes, group.size};
        text = written(&sd, &domain);
        struct sd read = parsed(text, &domain, &again);
        assert_int_equal(read.control, sd.control);
        expect_same_part(read.owner, sd.owner);
        expect_same_part(read.group, sd.group);
        expect_same_part(read.dacl, sd.dacl);
        expect_same_part(read.sacl, sd.sacl);
    }
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
        cmocka_unit_test(a_new_gpo_reads_as_windows_writes_it),
        cmocka_unit_test(words_are_read_and_written_as_the_language_has_them),
        cmocka_unit_test(every_word_is_read_and_comes_back_or_is_a_sid),
        cmocka_unit_test(accounts_of_a_domain_need_one),
        cmocka_unit_test(what_is_no_descriptor_is_refused),
        cmocka_unit_test(a_condition_is_refused_and_never_dropped),
        cmocka_unit_test(text_and_acl_have_limits),
        cmocka_unit_test(random_descriptors_come_back_byte_for_byte),
        cmocka_unit_test(windows_decodes_the_corpus_to_the_same_aces),
        cmocka_unit_test(the_corpus_comes_back_with_the_same_meaning),
        cmocka_unit_test(reports_of_windows_have_the_text_that_we_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
