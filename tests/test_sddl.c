/* test_sddl.c - descriptors as text: the words of the language, both ways, and at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "sddl.h"

#define DOMAIN_SID "S-1-5-21-1-2-4294967295"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
