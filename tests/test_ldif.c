/* test_ldif.c - LDIF content records: what is read, what is refused, and that a rewrite keeps all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ldif.h"

static struct ldif *parsed(const char *text)
{
    struct ldif *ldif = NULL;
    struct gpmq_error err = {0};
    if (ldif_parse(text, strlen(text), 0, &ldif, &err))
        fail_msg("%s", err.text);
    return ldif;
}

static int refused(const char *text)
{
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    struct gpmq_error err = {0};
    int rc = ldif_parse(text, strlen(text), 0, &ldif, &err);
    assert_true(rc < 0);
    assert_null(ldif);
    assert_non_null(strstr(err.text, "line"));
    return rc;
}

static void records_are_read_with_comments_folds_and_base64(void **state)
{
    (void)state;
    CLEANUP(ldif_free)
    struct ldif *ldif =
        parsed("version: 1\n# a comment\n  that goes on\n\ndn: CN=a,DC=x\nobjectClass: top\r\n"
               "displayName: one \n two\nempty:\nbinary:: AAEC/w==\nbase64dn:: w6Q=\n\n\n"
               "dn:: Q049w6QsREM9eA==\ncn: ä\n");
    const struct ldif_record *record = ldif_find(ldif, "cn=A,dc=X");
    assert_int_equal(ldif->count, 2);
    assert_non_null(record);
    assert_string_equal(ldif_text(record, "DISPLAYNAME"), "one two");
    assert_string_equal(ldif_text(record, "empty"), "");
    assert_int_equal(ldif_get(record, "binary")->size, 4);
    assert_null(ldif_text(record, "binary")); /* it holds a NUL */
    assert_non_null(ldif_find(ldif, "CN=Ä,DC=x"));
}

static void what_is_no_content_record_is_refused_with_its_line(void **state)
{
    static const char *const texts[] = {
        "dn: a\nchangetype: add\n",
        "dn: a\njpegPhoto:< file:///etc/passwd\n",
        "cn: a\n",
        "dn: a\nno colon\n",
        "dn: a\n: no name\n",
        "dn: a\nb:: not base64!\n",
        "dn: a\nb:: QQ\n",
        "dn: a\nb: \xff\n",
        "dn: a\nb c: d\n",
        "dn: a\n-b: c\n",
        "version: 2\n",
        "dn: a\ncontrol: 1.2.3\n",
        "dn: a\ndn: b\n",
        "dn:: /w==\n",
        " starts with a space\n",
        "search: 2\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(texts[i]);
    assert_int_equal(refused("version: 2\n"), GPMQ_EVERSION);
}

static void what_ldapsearch_prints_around_records_is_passed_over(void **state)
{
    static const char text[] =
        "# extended LDIF\n#\n# LDAPv3\n\ndn: DC=x\ndc: x\n\n# search reference\n"
        "ref: ldap://other/DC=x\n\n# search result\nsearch: 2\n"
        "result: 0 Success\n\n# numResponses: 3\n";
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    (void)state;
    assert_int_equal(ldif_parse(text, strlen(text), LDIF_SEARCH_OUTPUT, &ldif, NULL), 0);
    assert_int_equal(ldif->count, 1);
}

static void a_rewrite_keeps_unknown_attributes_and_their_order(void **state)
{
    static const char text[] =
        "version: 1\n\ndn: CN=a\nunknownAttribute;lang-de: x\ncn: b\n"
        "unknownAttribute;lang-de: y\nfolded: "
        "01234567890123456789012345678901234567890123456789012345678901234567"
        "\n 89\n";
    CLEANUP(ldif_free) struct ldif *ldif = parsed(text);
    CLEANUP(free_pointer) char *again = NULL;
    size_t size;
    (void)state;
    assert_int_equal(ldif_format(ldif, &again, &size, NULL), 0);
    assert_string_equal(again, text);
    assert_int_equal(size, strlen(text));
}

static void values_that_text_cannot_carry_go_as_base64(void **state)
{
    static const char *const values[] = {" leading",   "trailing ", ":colon", "<less",   "ä",
                                         "two\nlines", "",          "plain",  "tab\tin", "#hash"};
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    CLEANUP(ldif_free) struct ldif *again = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct ldif_record *record;
    size_t size, count = sizeof values / sizeof *values;
    (void)state;
    assert_int_equal(ldif_add(ldif, "CN=ä, with a comma\\, here ", &record, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(ldif_put_text(record, "v", values[i], NULL), 0);
    assert_int_equal(ldif_format(ldif, &text, &size, NULL), 0);
    assert_int_equal(ldif_parse(text, size, 0, &again, NULL), 0);
    assert_string_equal(again->records[0].dn, "CN=ä, with a comma\\, here ");
    for (size_t i = 0; i < count; i++)
        assert_string_equal((char *)again->records[0].values[i].bytes, values[i]);
}

static void setting_a_value_replaces_all_in_the_place_of_the_first(void **state)
{
    CLEANUP(ldif_free) struct ldif *ldif = parsed("dn: a\na: 1\nb: 2\na: 3\nA: 4\nc: 5\n");
    struct ldif_record *record = &ldif->records[0];
    (void)state;
    assert_int_equal(ldif_set_text(record, "a", "new", NULL), 0);
    assert_int_equal(record->count, 3);
    assert_string_equal((char *)record->values[0].bytes, "new");
    ldif_unset(record, "B");
    assert_int_equal(record->count, 2);
    assert_int_equal(ldif_set_text(record, "d", "added", NULL), 0);
    assert_string_equal(ldif_text(record, "d"), "added");
    assert_int_equal(ldif_put_text(record, "no name", "x", NULL), GPMQ_EINVAL);
    assert_true(ldif_has(record, "C", "5"));
}

static void limits_are_reached_and_named(void **state)
{
    char dn[LDIF_DN_MAX + 2], name[LDIF_NAME_MAX + 2];
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    CLEANUP(free_pointer) uint8_t *large = calloc(1, LDIF_VALUE_MAX + 1);
    struct ldif_record *record;
    struct gpmq_error err;
    (void)state;
    memset(dn, 'a', sizeof dn);
    dn[sizeof dn - 1] = 0;
    assert_int_equal(ldif_add(ldif, dn, &record, NULL), GPMQ_ETOOBIG);
    dn[LDIF_DN_MAX] = 0;
    assert_int_equal(ldif_add(ldif, dn, &record, NULL), 0);
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = 0;
    assert_int_equal(ldif_put_text(record, name, "x", NULL), GPMQ_EINVAL);
    assert_int_equal(ldif_put(record, "large", large, LDIF_VALUE_MAX, NULL), 0);
    assert_int_equal(ldif_put(record, "large", large, LDIF_VALUE_MAX + 1, &err), GPMQ_ETOOBIG);
    assert_int_equal(ldif_parse("", (size_t)LDIF_SIZE_MAX + 1, 0, &ldif, NULL), GPMQ_ETOOBIG);
    for (int i = 1; i < LDIF_VALUES_MAX; i++)
        assert_int_equal(ldif_put(record, "v", "", 0, NULL), 0);
    assert_int_equal(ldif_put(record, "v", "", 0, NULL), GPMQ_ETOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_with_comments_folds_and_base64),
        cmocka_unit_test(what_is_no_content_record_is_refused_with_its_line),
        cmocka_unit_test(what_ldapsearch_prints_around_records_is_passed_over),
        cmocka_unit_test(a_rewrite_keeps_unknown_attributes_and_their_order),
        cmocka_unit_test(values_that_text_cannot_carry_go_as_base64),
        cmocka_unit_test(setting_a_value_replaces_all_in_the_place_of_the_first),
        cmocka_unit_test(limits_are_reached_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
