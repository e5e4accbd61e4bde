/* What a report tells of a certificate; the certificates are openssl's (tests/data/certificate). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certificate.h"
#include "cleanup.h"

#define BLOB_MAX 4096

/* A blob of tests/data/certificate; its size. */
static size_t blob(const char *name, uint8_t bytes[BLOB_MAX])
{
    char path[1024];
    const char *source = getenv("GPMQ_SOURCE_DIR");
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/tests/data/certificate/%s", source, name);
    CLEANUP(close_file) FILE *file = fopen(path, "rb");
    assert_non_null(file);
    return fread(bytes, 1, BLOB_MAX, file);
}

static void expect(const char *name, const char *to, const char *expires)
{
    CLEANUP(certificate_free) struct certificate certificate = {0};
    uint8_t bytes[BLOB_MAX];
    const uint8_t *der;
    size_t size;
    struct gpmq_error err;
    if (certificate_in_blob(bytes, blob(name, bytes), &der, &size, &err) ||
        certificate_read(&certificate, der, size, &err))
        fail_msg("%s", err.text);
    assert_string_equal(certificate.issued_to, to);
    assert_string_equal(certificate.issued_by, to);
    assert_string_equal(certificate.expires, expires);
}

static void a_common_name_names_a_certificate(void **state)
{
    (void)state;
    expect("c", "Example Root", "2036-11-24T19:29:45Z");
}

static void without_one_the_unit_does_and_years_after_2049_are_read(void **state)
{
    (void)state;
    expect("d",
           "Pr\xC3\xBC"
           "fstelle",
           "2109-01-16T19:29:45Z");
}

/* Each cut of it is refused, and read by nobody beyond its end. */
static void a_blob_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[BLOB_MAX];
    size_t whole = blob("c", bytes);
    for (size_t size = 0; size < whole; size++) {
        CLEANUP(free_pointer) uint8_t *cut = malloc(size + 1);
        const uint8_t *der;
        size_t der_size;
        assert_non_null(cut);
        memcpy(cut, bytes, size);
        assert_int_equal(certificate_in_blob(cut, size, &der, &der_size, NULL), GPMQ_EDAMAGED);
    }
}

static void a_certificate_that_is_cut_anywhere_is_no_crash(void **state)
{
    (void)state;
    uint8_t bytes[BLOB_MAX];
    const uint8_t *der;
    size_t size;
    assert_int_equal(certificate_in_blob(bytes, blob("d", bytes), &der, &size, NULL), 0);
    for (size_t cut = 0; cut < size; cut++) {
        CLEANUP(certificate_free) struct certificate certificate = {0};
        CLEANUP(free_pointer) uint8_t *copy = malloc(cut + 1);
        assert_non_null(copy);
        memcpy(copy, der, cut);
        assert_int_equal(certificate_read(&certificate, copy, cut, NULL), GPMQ_EDAMAGED);
        assert_null(certificate.issued_to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_common_name_names_a_certificate),
        cmocka_unit_test(without_one_the_unit_does_and_years_after_2049_are_read),
        cmocka_unit_test(a_blob_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_certificate_that_is_cut_anywhere_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
