/* test_file_sd.c - permissions of a directory object as permissions of a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file_sd.h"
#include "sddl.h"

#define DOMAIN     "S-1-5-21-1-2-3"
#define ENTERPRISE DOMAIN "-519"

static struct sid domain;

/* The folder's descriptor of a directory object's, both as SDDL; free() it. */
static char *folder_of(const char *ds_text)
{
    CLEANUP(free_pointer) uint8_t *ds_bytes = NULL;
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    struct gpmq_error err = {0};
    struct sd ds, sd;
    size_t ds_size, size;
    char *text = NULL;
    if (sddl_parse(ds_text, &domain, &ds_bytes, &ds_size, &err) != 0 ||
        sd_open(&ds, ds_bytes, ds_size, &err) != 0 ||
        file_sd_from_ds(&ds, &bytes, &size, &err) != 0 || sd_open(&sd, bytes, size, &err) != 0 ||
        sddl_text(&sd, &domain, &text, &err) != 0)
        fail_msg("%s: %s", ds_text, err.text);
    return text;
}

/* What Samba 4.17 makes of a fresh GPO, and its aclcheck wants: doubles and the object entry stay,
 * in their order. CREATOR OWNER's entry is for what is made below only. */
static void a_fresh_gpo_gets_what_aclcheck_wants(void **state)
{
    (void)state;
    CLEANUP(free_pointer)
    char *text = folder_of("O:DAG:DAD:P(A;CI;RPWPCCDCLCLOLORCWOWDSDDTSW;;;DA)"
                           "(A;CI;RPWPCCDCLCLOLORCWOWDSDDTSW;;;EA)"
                           "(A;CIIO;RPWPCCDCLCLORCWOWDSDDTSW;;;CO)"
                           "(A;;RPWPCCDCLCLORCWOWDSDDTSW;;;DA)"
                           "(A;CI;RPWPCCDCLCLORCWOWDSDDTSW;;;SY)"
                           "(A;CI;RPLCLORC;;;AU)"
                           "(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)"
                           "(A;CI;RPLCLORC;;;ED)");
    assert_string_equal(text, "O:DAG:DAD:P(A;OICI;FA;;;DA)(A;OICI;FA;;;" ENTERPRISE ")"
                              "(A;OICIIO;FA;;;CO)(A;OICI;FA;;;DA)(A;OICI;FA;;;SY)"
                              "(A;OICI;0x1200a9;;;AU)"
                              "(OA;OICI;;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)"
                              "(A;OICI;0x1200a9;;;ED)");
}

static void each_right_of_the_directory_has_its_counterpart(void **state)
{
    static const struct {
        uint32_t ds, file;
    } cases[] = {
        {0, 0},
        {0x00000001, 0x00000006}, /* create child: add file, add folder */
        {0x00000002, 0x00000040}, /* delete child */
        {0x00000004, 0},          /* list, and */
        {0x00000010, 0},          /* read property, alone: nothing */
        {0x00000014, 0x001000A9}, /* both: read */
        {0x00000020, 0x00100116}, /* write property */
        {0x00000008, 0},          /* self write */
        {0x00000040, 0},          /* delete tree */
        {0x00000080, 0},          /* list object */
        {0x00000100, 0},          /* control access */
        {0x00010000, 0x00010000}, /* DELETE */
        {0x00020000, 0x00020000}, /* READ_CONTROL */
        {0x00040000, 0x00040000}, /* WRITE_DAC */
        {0x00080000, 0x00080000}, /* WRITE_OWNER */
        {0x10000000, 0},          /* generic rights are not mapped */
        {0x00020094, 0x001200A9}, /* what readers have */
        {0x000F00FF, 0x001F01FF}, /* what administrators have */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (file_sd_mask(cases[i].ds) != cases[i].file)
            fail_msg("0x%08x gives 0x%08x, not 0x%08x", cases[i].ds, file_sd_mask(cases[i].ds),
                     cases[i].file);
}

static void the_order_of_entries_is_kept(void **state)
{
    (void)state;
    CLEANUP(free_pointer)
    char *text =
        folder_of("O:DAG:DAD:(A;;RC;;;SY)(A;CI;SD;;;AU)(A;;RC;;;SY)(A;;WD;;;DA)(A;;RC;;;AU)");
    assert_string_equal(text, "O:DAG:DAD:P(A;OICI;RC;;;SY)(A;OICI;SD;;;AU)(A;OICI;RC;;;SY)"
                              "(A;OICI;WD;;;DA)(A;OICI;RC;;;AU)");
}

static void what_denies_and_what_is_for_old_systems_is_left_out(void **state)
{
    (void)state;
    CLEANUP(free_pointer)
    char *text = folder_of("O:DAG:DAD:AI(D;;RC;;;AU)(A;;RC;;;RU)(A;;RC;;;SY)"
                           "(OD;;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)");
    assert_string_equal(text, "O:DAG:DAD:PARAI(A;OICI;RC;;;SY)");
}

static void an_empty_dacl_stays_one(void **state)
{
    (void)state;
    CLEANUP(free_pointer) char *text = folder_of("O:DAG:DAD:");
    assert_string_equal(text, "O:DAG:DAD:P");
}

static void a_descriptor_that_is_not_whole_gives_none(void **state)
{
    static const char *const texts[] = {"G:DAD:(A;;RC;;;SY)", "O:DAD:(A;;RC;;;SY)", "O:DAG:DA"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CLEANUP(free_pointer) uint8_t *bytes = NULL;
        uint8_t *out = NULL;
        struct gpmq_error err = {0};
        struct sd sd;
        size_t size;
        assert_int_equal(sddl_parse(texts[i], &domain, &bytes, &size, &err), 0);
        assert_int_equal(sd_open(&sd, bytes, size, &err), 0);
        assert_int_equal(file_sd_from_ds(&sd, &out, &size, &err), GPMQ_EINVAL);
        assert_non_null(strstr(err.text, "without owner, group or DACL"));
        assert_null(out);
    }
}

static int read_domain(void **state)
{
    (void)state;
    return sid_parse(&domain, DOMAIN, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_gpo_gets_what_aclcheck_wants),
        cmocka_unit_test(each_right_of_the_directory_has_its_counterpart),
        cmocka_unit_test(the_order_of_entries_is_kept),
        cmocka_unit_test(what_denies_and_what_is_for_old_systems_is_left_out),
        cmocka_unit_test(an_empty_dacl_stays_one),
        cmocka_unit_test(a_descriptor_that_is_not_whole_gives_none),
    };
    return cmocka_run_group_tests(tests, read_domain, NULL);
}
