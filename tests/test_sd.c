/* test_sd.c - SIDs and security descriptors, ours and those of real backups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "hex.h"
#include "samples.h"
#include "sd.h"

#define DOMAIN_SID "S-1-5-21-1-2-4294967295"

/* D:P(A;;full;;;SY), DACL only. */
static const char *const system_only =
    "01 00 04 90 00 00 00 00 00 00 00 00 00 00 00 00 14 00 00 00 "
    "02 00 1c 00 01 00 00 00 00 00 14 00 ff 00 0f 00 "
    "01 01 00 00 00 00 00 05 12 00 00 00";

static struct sid a_sid(const char *text)
{
    struct sid sid;
    assert_int_equal(sid_parse(&sid, text, NULL), 0);
    return sid;
}

static void sids_have_one_text_each(void **state)
{
    static const char *const texts[] = {"S-1-5-18",
                                        "S-1-5-32-544",
                                        DOMAIN_SID,
                                        "S-1-3-0",
                                        "S-1-0",
                                        "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
                                        "S-1-0x010000000000-7"};
    char text[SID_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sid sid = a_sid(texts[i]), again;
        assert_string_equal(sid_text(&sid, text), texts[i]);
        assert_int_equal(sid_read(&again, sid.bytes, sid.size, NULL), 0);
        assert_true(sid_equal(&sid, &again));
        assert_true(sid_read(&again, sid.bytes, sid.size - 1, NULL) < 0);
    }
}

static void what_is_no_sid_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "S-1",
                                        "S-2-5-18",
                                        "S-1-5-",
                                        "S-1-5-x",
                                        "S-1-5--1",
                                        "S-1-5-18 ",
                                        "S-1-5-4294967296",
                                        "S-1-281474976710656",
                                        "X-1-5-18",
                                        "S-1-5-+1",
                                        "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"};
    struct sid sid;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(sid_parse(&sid, texts[i], NULL), GPMQ_EINVAL);
}

static void a_new_gpo_has_the_descriptor_that_windows_gives_it(void **state)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) struct sid *sids = NULL;
    struct sid domain = a_sid(DOMAIN_SID);
    size_t size, count;
    struct sd sd;
    struct sd_ace ace;
    char text[SID_TEXT_SIZE];
    (void)state;
    assert_int_equal(sd_default_gpo(&domain, &bytes, &size, NULL), 0);
    assert_int_equal(sd_open(&sd, bytes, size, NULL), 0);
    assert_int_equal(sd.control, 0x9C04);
    struct sd_walk walk = sd_walk(sd.dacl);
    assert_int_equal(walk.left, 8);
    assert_true(sd_next(&walk, &ace));
    assert_int_equal(ace.type, 5);
    assert_int_equal(ace.mask, 0x100);
    assert_int_equal(ace.object_type[0], 0x8f);
    assert_int_equal(sd_dacl_sids(&sd, &sids, &count, NULL), 0);
    assert_int_equal(count, 6); /* Domain Admins and Authenticated Users stand there twice */
    assert_string_equal(sid_text(&sids[0], text), "S-1-5-11");
    assert_string_equal(sid_text(&sids[1], text), DOMAIN_SID "-512");
    struct sid owner;
    assert_int_equal(sid_read(&owner, sd.owner.at, sd.owner.size, NULL), 0);
    assert_string_equal(sid_text(&owner, text), DOMAIN_SID "-512");
}

static void a_backup_carries_the_dacl_alone(void **state)
{
    CLEANUP(free_pointer) uint8_t *full = NULL;
    CLEANUP(free_pointer) uint8_t *bare = NULL;
    CLEANUP(free_pointer) uint8_t *again = NULL;
    struct sid domain = a_sid(DOMAIN_SID);
    size_t full_size, bare_size, again_size;
    struct sd sd, only;
    (void)state;
    assert_int_equal(sd_default_gpo(&domain, &full, &full_size, NULL), 0);
    assert_int_equal(sd_open(&sd, full, full_size, NULL), 0);
    assert_int_equal(sd_dacl_only(&sd, &bare, &bare_size, NULL), 0);
    assert_int_equal(sd_open(&only, bare, bare_size, NULL), 0);
    assert_null(only.owner.at);
    assert_null(only.sacl.at);
    assert_int_equal(only.control, 0x9C04);
    assert_int_equal(only.dacl.size, sd.dacl.size);
    assert_memory_equal(only.dacl.at, sd.dacl.at, sd.dacl.size);
    assert_int_equal(sd_replace_dacl(&sd, &only, &again, &again_size, NULL), 0);
    assert_int_equal(again_size, full_size);
    assert_memory_equal(again, full, full_size);
}

static void a_replaced_dacl_leaves_owner_and_group(void **state)
{
    CLEANUP(free_pointer) uint8_t *full = NULL;
    CLEANUP(free_pointer) uint8_t *given = NULL;
    CLEANUP(free_pointer) uint8_t *mixed = NULL;
    struct sid domain = a_sid(DOMAIN_SID);
    size_t full_size, given_size, mixed_size;
    struct sd sd, other, result;
    (void)state;
    assert_int_equal(sd_default_gpo(&domain, &full, &full_size, NULL), 0);
    assert_int_equal(hex_parse(system_only, &given, &given_size, NULL), 0);
    assert_int_equal(sd_open(&sd, full, full_size, NULL), 0);
    assert_int_equal(sd_open(&other, given, given_size, NULL), 0);
    assert_int_equal(sd_replace_dacl(&sd, &other, &mixed, &mixed_size, NULL), 0);
    assert_int_equal(sd_open(&result, mixed, mixed_size, NULL), 0);
    assert_memory_equal(result.owner.at, sd.owner.at, sd.owner.size);
    assert_memory_equal(result.group.at, sd.group.at, sd.group.size);
    assert_int_equal(result.dacl.size, 28);
    assert_int_equal(result.control, 0x9804); /* the DACL was not inherited, says the given one */
}

/* Whatever byte is changed and wherever it is cut, the walk stays within its bounds (ASan). */
static void damaged_descriptors_are_recognised(void **state)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    struct sid domain = a_sid(DOMAIN_SID);
    size_t size;
    struct sd sd;
    (void)state;
    assert_int_equal(sd_default_gpo(&domain, &bytes, &size, NULL), 0);
    assert_int_equal(sd_open(&sd, bytes, 8, NULL), GPMQ_EDAMAGED);
    for (size_t cut = 0; cut < size; cut++) {
        CLEANUP(free_pointer) uint8_t *part = malloc(cut ? cut : 1);
        memcpy(part, bytes, cut);
        assert_int_equal(sd_open(&sd, part, cut, NULL), GPMQ_EDAMAGED);
    }
    for (size_t at = 0; at < size; at++) {
        for (int value = 0; value < 256; value += 15) {
            CLEANUP(free_pointer) struct sid *sids = NULL;
            uint8_t before = bytes[at];
            size_t count;
            bytes[at] = (uint8_t)value;
            if (sd_open(&sd, bytes, size, NULL) == 0)
                assert_int_equal(sd_dacl_sids(&sd, &sids, &count, NULL), 0);
            bytes[at] = before;
        }
    }
}

struct tally {
    size_t whole;
    size_t damaged;
};

/* Every descriptor of a real Backup.xml is DACL only already: taking the DACL changes no byte. */
static void judge_sample(void *arg, const char *path, const char *text, size_t size)
{
    struct tally *tally = arg;
    static const char open_tag[] = "<SecurityDescriptor>";
    const char *at = memmem(text, size, open_tag, strlen(open_tag));
    const char *end = at ? strstr(at, "</SecurityDescriptor>") : NULL;
    if (!end)
        return;
    at += strlen(open_tag);
    CLEANUP(free_pointer) char *hex = strndup(at, (size_t)(end - at));
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    CLEANUP(free_pointer) uint8_t *bare = NULL;
    CLEANUP(free_pointer) char *again = NULL;
    size_t bytes_size, bare_size;
    struct sd sd;
    assert_int_equal(hex_parse(hex, &bytes, &bytes_size, NULL), 0);
    if (sd_open(&sd, bytes, bytes_size, NULL) != 0) {
        assert_int_equal(bytes_size, 8);
        tally->damaged++;
        return;
    }
    tally->whole++;
    assert_int_equal(sd_dacl_only(&sd, &bare, &bare_size, NULL), 0);
    again = hex_text(bare, bare_size);
    if (strcmp(hex, again) != 0)
        fail_msg("%s: the descriptor changed", path);
}

static void descriptors_of_real_backups_come_out_as_they_went_in(void **state)
{
    struct tally tally = {0};
    (void)state;
    if (!samples_each("Backup.xml", judge_sample, &tally))
        skip();
    print_message("%zu whole, %zu damaged\n", tally.whole, tally.damaged);
    assert_true(tally.whole > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sids_have_one_text_each),
        cmocka_unit_test(what_is_no_sid_is_refused),
        cmocka_unit_test(a_new_gpo_has_the_descriptor_that_windows_gives_it),
        cmocka_unit_test(a_backup_carries_the_dacl_alone),
        cmocka_unit_test(a_replaced_dacl_leaves_owner_and_group),
        cmocka_unit_test(damaged_descriptors_are_recognised),
        cmocka_unit_test(descriptors_of_real_backups_come_out_as_they_went_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
