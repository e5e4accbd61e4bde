/* test_access_check.c - the access check: single cases, and what holds for random descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access_check.h"
#include "bytes.h"
#include "cleanup.h"
#include "sddl.h"

#define DOMAIN_SID "S-1-5-21-1-2-3"
#define USER_SID   DOMAIN_SID "-1104"
#define GROUP_SID  DOMAIN_SID "-1105"
#define APPLY_GUID "edacfd8f-ffb3-11d1-b41d-00a0c968f939"
#define OTHER_GUID "00299570-246d-11d0-a768-00aa006e0529" /* reset password */

static struct sid a_sid(const char *text)
{
    struct sid sid;
    assert_int_equal(sid_parse(&sid, text, NULL), 0);
    return sid;
}

/* What the user, a member of the group and of Authenticated Users, gets of a descriptor. */
static enum access_why checked(const char *sddl, uint32_t wanted, const uint8_t *right,
                               struct access_answer *answer)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    const struct sid sids[] = {a_sid(USER_SID), a_sid(GROUP_SID), a_sid("S-1-5-11")};
    const struct access_token token = {3, sids};
    struct sid domain = a_sid(DOMAIN_SID);
    struct gpmq_error err;
    struct sd sd;
    size_t size;
    if (sddl_parse(sddl, &domain, &bytes, &size, &err) != 0)
        fail_msg("%s: %s", sddl, err.text);
    assert_int_equal(sd_open(&sd, bytes, size, NULL), 0);
    return access_check(&sd, &token, wanted, right, answer);
}

struct a_case {
    const char *sddl;
    enum access_why read;
    enum access_why apply;
};

/* clang-format off */
static const struct a_case cases[] = {
    {"D:(A;;LCRPLORC;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    {"D:(A;;LCRPRC;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED}, /* Windows grants Read so, too */
    {"D:(A;;LCRP;;;AU)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    {"D:(A;;LCRPLORC;;;AU)(OA;;CR;" APPLY_GUID ";;AU)", ACCESS_GRANTED, ACCESS_GRANTED},
    {"D:(OA;;CR;" APPLY_GUID ";;" GROUP_SID ")", ACCESS_NOT_GRANTED, ACCESS_GRANTED},
    {"D:(OA;;CR;" OTHER_GUID ";;AU)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    {"D:(OD;;CR;" OTHER_GUID ";;AU)(A;;CR;;;AU)", ACCESS_NOT_GRANTED, ACCESS_GRANTED},
    {"D:(OA;;LCRPRC;" APPLY_GUID ";;AU)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED}, /* not all of it */
    {"D:(OD;;RP;" OTHER_GUID ";;AU)(A;;GR;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    {"D:(OA;;CR;;;AU)", ACCESS_NOT_GRANTED, ACCESS_GRANTED},
    {"D:(A;;0xf01ff;;;AU)", ACCESS_GRANTED, ACCESS_GRANTED},
    {"D:(A;;0xf00ff;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED}, /* "edit, delete, modify" */
    {"D:(A;;GA;;;AU)", ACCESS_GRANTED, ACCESS_GRANTED},
    {"D:(A;;GR;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    /* The order decides: Windows puts denials first, but whoever wrote the list may not have. */
    {"D:(OD;;CR;" APPLY_GUID ";;" USER_SID ")(OA;;CR;" APPLY_GUID ";;AU)(A;;GR;;;AU)",
     ACCESS_GRANTED, ACCESS_DENIED},
    {"D:(OA;;CR;" APPLY_GUID ";;AU)(OD;;CR;" APPLY_GUID ";;" USER_SID ")",
     ACCESS_NOT_GRANTED, ACCESS_GRANTED},
    {"D:(D;;RP;;;" GROUP_SID ")(A;;GA;;;AU)", ACCESS_DENIED, ACCESS_GRANTED},
    {"D:(D;;GR;;;" GROUP_SID ")(A;;GA;;;AU)", ACCESS_DENIED, ACCESS_GRANTED},
    {"D:(D;;GA;;;" DOMAIN_SID "-9)(A;;GA;;;AU)", ACCESS_GRANTED, ACCESS_GRANTED},
    /* Bits from several ACEs add up. */
    {"D:(A;;LCRC;;;" USER_SID ")(A;;RPLO;;;" GROUP_SID ")", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    {"D:(A;;LC;;;" USER_SID ")(A;;RP;;;" GROUP_SID ")", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    /* Inherit-only: for what lies below. */
    {"D:(A;CIIO;GA;;;AU)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    {"D:(D;CIIO;GA;;;AU)(A;;GA;;;AU)", ACCESS_GRANTED, ACCESS_GRANTED},
    {"D:(A;CIID;GA;;;AU)", ACCESS_GRANTED, ACCESS_GRANTED},
    /* The owner reads the descriptor; the rest must be granted. */
    {"O:" USER_SID "D:(A;;LCRPLO;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    {"O:" USER_SID "D:(D;;RC;;;AU)(A;;LCRPLO;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    {"O:" USER_SID "D:(A;;LCRPLO;;;AU)(A;;WD;;;OW)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    {"O:" USER_SID "D:(A;;GA;;;OW)", ACCESS_GRANTED, ACCESS_GRANTED},
    {"O:" USER_SID "D:(A;CIIO;WD;;;OW)(A;;LCRPLO;;;AU)", ACCESS_GRANTED, ACCESS_NOT_GRANTED},
    {"O:SYD:(A;;GA;;;OW)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    /* No DACL and an empty one. */
    {"D:NO_ACCESS_CONTROL", ACCESS_GRANTED, ACCESS_GRANTED},
    {"O:SY", ACCESS_GRANTED, ACCESS_GRANTED},
    {"D:", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
    /* Audit ACEs grant nothing. */
    {"D:(AU;SA;GA;;;AU)", ACCESS_NOT_GRANTED, ACCESS_NOT_GRANTED},
};
/* clang-format on */

static void each_case_of_the_check_gives_what_windows_gives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum access_why read = checked(cases[i].sddl, ACCESS_READ, NULL, NULL);
        enum access_why apply = checked(cases[i].sddl, ACCESS_CONTROL, sd_apply_right, NULL);
        if (read != cases[i].read || apply != cases[i].apply)
            fail_msg("%s: read %d, apply %d", cases[i].sddl, read, apply);
    }
}

static void a_denial_names_its_ace(void **state)
{
    struct access_answer answer;
    char text[SID_TEXT_SIZE];
    (void)state;
    checked("D:(A;;RC;;;AU)(D;;LC;;;SY)(D;;LC;;;" GROUP_SID ")", ACCESS_READ, NULL, &answer);
    assert_int_equal(answer.why, ACCESS_DENIED);
    assert_int_equal(answer.ace, 2);
    assert_string_equal(sid_text(&answer.trustee, text), GROUP_SID);
}

static void a_condition_never_grants_and_always_denies(void **state)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    const struct sid sids[] = {a_sid("S-1-5-11")};
    const struct access_token token = {1, sids};
    struct sd sd;
    size_t size;
    (void)state;
    assert_int_equal(sddl_parse("D:(A;;GA;;;AU)(A;;GA;;;AU)", NULL, &bytes, &size, NULL), 0);
    bytes[20 + 8] = 0x0A; /* conditional deny */
    assert_int_equal(sd_open(&sd, bytes, size, NULL), 0);
    assert_int_equal(access_check(&sd, &token, ACCESS_READ, NULL, NULL), ACCESS_DENIED);
    bytes[20 + 8] = bytes[20 + 8 + 20] = 0x09; /* conditional allow */
    assert_int_equal(access_check(&sd, &token, ACCESS_READ, NULL, NULL), ACCESS_NOT_GRANTED);
}

/* ---- random descriptors ---------------------------------------------------------------------- */

#define WORLD 6 /* SIDs that random ACEs and tokens are drawn from */

struct world {
    uint64_t random;
    struct sid sids[WORLD];
};

static uint32_t draw(struct world *world, uint32_t below)
{
    world->random = world->random * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(world->random >> 33) % below;
}

static struct world a_world(uint64_t seed)
{
    static const char *const sids[WORLD] = {USER_SID,  GROUP_SID, "S-1-5-11",
                                            "S-1-1-0", "S-1-3-4", "S-1-5-18"};
    struct world world = {.random = seed};
    for (int i = 0; i < WORLD; i++)
        world.sids[i] = a_sid(sids[i]);
    return world;
}

static void put_random_ace(struct world *world, struct bytes *text)
{
    static const char *const types[] = {"A", "D", "OA", "OD"};
    static const char *const guids[] = {"", APPLY_GUID, OTHER_GUID};
    static const uint32_t bits[] = {0x4, 0x10, 0x80, 0x100, 0x20000, 0x40000};
    uint32_t mask = 0, type = draw(world, 4);
    char sid[SID_TEXT_SIZE];
    for (int i = 0; i < 6; i++)
        mask |= draw(world, 3) ? 0 : bits[i];
    bytes_format(text, "(%s;%s;0x%x;%s;;%s)", types[type], draw(world, 6) ? "CI" : "CIIO", mask,
                 type >= 2 ? guids[draw(world, 3)] : "",
                 sid_text(&world->sids[draw(world, WORLD)], sid));
}

/* A random token: some of the world. */
static struct access_token random_token(struct world *world, struct sid sids[WORLD])
{
    struct access_token token = {0, sids};
    for (int i = 0; i < WORLD; i++)
        if (draw(world, 2))
            sids[token.count++] = world->sids[i];
    return token;
}

/* The specification in other words: each bit alone, decided by the first ACE that is about it. */
static bool bit_is_granted(const struct sd *sd, const struct access_token *token, uint32_t bit,
                           const uint8_t *right)
{
    struct sid owner_rights = a_sid("S-1-3-4"), owner = {0}, sid;
    struct sd_ace ace;
    bool owns = sd->owner.at && sid_read(&owner, sd->owner.at, sd->owner.size, NULL) == 0 &&
                access_token_has(token, &owner);
    bool limited = false;
    for (struct sd_walk walk = sd_walk(sd->dacl); sd_next(&walk, &ace);)
        if (!(ace.flags & 8) && sid_read(&sid, ace.sid.at, ace.sid.size, NULL) == 0)
            limited |= sid_equal(&sid, &owner_rights);
    if (owns && !limited && (bit == 0x20000 || bit == 0x40000))
        return true;
    for (struct sd_walk walk = sd_walk(sd->dacl); sd_next(&walk, &ace);) {
        if (ace.flags & 8 || !(ace.mask & bit) ||
            sid_read(&sid, ace.sid.at, ace.sid.size, NULL) != 0)
            continue;
        if (ace.object_type && (!right || memcmp(ace.object_type, right, 16) != 0))
            continue;
        if (access_token_has(token, &sid) || (owns && sid_equal(&sid, &owner_rights)))
            return ace.type == 0 || ace.type == 5;
    }
    return false;
}

/* Calls visit with 4000 random descriptors and tokens. */
static void each_random(void (*visit)(struct world *world, const char *sddl, const struct sd *sd,
                                      const struct access_token *token))
{
    struct world world = a_world(19);
    for (int round = 0; round < 4000; round++) {
        CLEANUP(bytes_free) struct bytes text = {0};
        CLEANUP(free_pointer) uint8_t *bytes = NULL;
        struct sid sids[WORLD];
        struct sd sd;
        size_t size;
        char owner[SID_TEXT_SIZE];
        if (draw(&world, 2))
            bytes_format(&text, "O:%s", sid_text(&world.sids[draw(&world, WORLD)], owner));
        bytes_put_text(&text, "D:");
        for (uint32_t aces = draw(&world, 8); aces; aces--)
            put_random_ace(&world, &text);
        assert_int_equal(sddl_parse((char *)text.at, NULL, &bytes, &size, NULL), 0);
        assert_int_equal(sd_open(&sd, bytes, size, NULL), 0);
        struct access_token token = random_token(&world, sids);
        visit(&world, (char *)text.at, &sd, &token);
    }
}

static void compare_bit_by_bit(struct world *world, const char *sddl, const struct sd *sd,
                               const struct access_token *token)
{
    static const uint32_t wants[] = {ACCESS_READ, ACCESS_CONTROL, 0x40000, 0x60194};
    (void)world;
    const uint8_t *const rights[] = {NULL, sd_apply_right};
    for (size_t i = 0; i < 2 * sizeof wants / sizeof *wants; i++) {
        const uint8_t *right = rights[i % 2];
        bool expected = true;
        for (uint32_t bit = 1; bit; bit <<= 1)
            if (wants[i / 2] & bit)
                expected &= bit_is_granted(sd, token, bit, right);
        if ((access_check(sd, token, wants[i / 2], right, NULL) == ACCESS_GRANTED) != expected)
            fail_msg("%s: 0x%x", sddl, wants[i / 2]);
    }
}

static void of_each_bit_the_first_ace_about_it_decides(void **state)
{
    (void)state;
    each_random(compare_bit_by_bit);
}

/* Puts an ACE before the others and checks again. */
static enum access_why with_first(const char *sddl, const char *ace,
                                  const struct access_token *token)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    struct sd sd;
    size_t size;
    const char *dacl = strstr(sddl, "D:") + 2;
    bytes_format(&text, "%.*s%s%s", (int)(dacl - sddl), sddl, ace, dacl);
    assert_int_equal(sddl_parse((char *)text.at, NULL, &bytes, &size, NULL), 0);
    assert_int_equal(sd_open(&sd, bytes, size, NULL), 0);
    return access_check(&sd, token, ACCESS_CONTROL, sd_apply_right, NULL);
}

static void add_first_aces(struct world *world, const char *sddl, const struct sd *sd,
                           const struct access_token *token)
{
    enum access_why before = access_check(sd, token, ACCESS_CONTROL, sd_apply_right, NULL);
    char ace[256], sid[SID_TEXT_SIZE];
    if (!token->count)
        return;
    /* Owner rights count for an owner only; every other SID of the token counts at once. */
    const struct sid *one = &token->sids[draw(world, (uint32_t)token->count)];
    snprintf(ace, sizeof ace, "(D;;CR;;;%s)", sid_text(one, sid));
    assert_int_equal(with_first(sddl, ace, token), ACCESS_DENIED);
    snprintf(ace, sizeof ace, "(A;;CR;;;%s)", sid);
    assert_int_equal(with_first(sddl, ace, token), ACCESS_GRANTED);
    assert_int_equal(with_first(sddl, "(D;;CR;;;S-1-5-99)", token), before);
    snprintf(ace, sizeof ace, "(D;CIIO;CR;;;%s)", sid);
    assert_int_equal(with_first(sddl, ace, token), before);
    snprintf(ace, sizeof ace, "(OD;;CR;" OTHER_GUID ";;%s)", sid);
    assert_int_equal(with_first(sddl, ace, token), before);
}

static void a_first_ace_for_the_token_wins_and_one_for_others_changes_nothing(void **state)
{
    (void)state;
    each_random(add_first_aces);
}

/* Where nothing denies, more groups never mean less. */
static void add_groups(struct world *world, const char *sddl, const struct sd *sd,
                       const struct access_token *token)
{
    struct access_token all = {WORLD, world->sids};
    if (strstr(sddl, "(D;") || strstr(sddl, "(OD;"))
        return;
    if (access_check(sd, token, ACCESS_READ, NULL, NULL) == ACCESS_GRANTED)
        assert_int_equal(access_check(sd, &all, ACCESS_READ, NULL, NULL), ACCESS_GRANTED);
}

static void without_denials_more_groups_never_mean_less(void **state)
{
    (void)state;
    each_random(add_groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_of_the_check_gives_what_windows_gives),
        cmocka_unit_test(a_denial_names_its_ace),
        cmocka_unit_test(a_condition_never_grants_and_always_denies),
        cmocka_unit_test(of_each_bit_the_first_ace_about_it_decides),
        cmocka_unit_test(a_first_ace_for_the_token_wins_and_one_for_others_changes_nothing),
        cmocka_unit_test(without_denials_more_groups_never_mean_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
