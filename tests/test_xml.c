/* XML from outside is judged before libxml2 sees it; what is written can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "xml.h"
#include "xml_scan.h"

static int read_text(struct xml_document **out, const char *text, struct gpmq_error *err)
{
    return xml_read(out, text, strlen(text), "test.xml", err);
}

/* The text of the root <a xmlns="n">. */
static void assert_root_text(const void *bytes, size_t size, const char *wanted)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    struct gpmq_error err;
    if (xml_read(&document, bytes, size, "test.xml", &err))
        fail_msg("%s", err.text);
    const struct xml_element *root = xml_root(document, "a", "n");
    assert_non_null(root);
    assert_string_equal(xml_text(root), wanted);
}

static void the_bytes_decide_the_encoding_not_the_declaration(void **state)
{
    (void)state;
    static const char utf8[] =
        "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-16\"?><a xmlns='n'>\xC3\xBC</a>";
    static const char utf16[] = "\xFF\xFE<\0a\0 \0x\0m\0l\0n\0s\0=\0'\0n\0'\0>\0\xFC\0<\0/\0a\0>\0";
    static const char unmarked[] = "<\0a\0 \0x\0m\0l\0n\0s\0=\0'\0n\0'\0>\0\xFC\0<\0/\0a\0>\0";
    assert_root_text(utf8, sizeof utf8 - 1, "\xC3\xBC");
    assert_root_text(utf16, sizeof utf16 - 1, "\xC3\xBC");
    assert_root_text(unmarked, sizeof unmarked - 1, "\xC3\xBC");
}

/* Elsewhere one becomes U+FFFD; here it might be part of a name. */
static void half_of_a_surrogate_pair_is_refused(void **state)
{
    (void)state;
    static const char *const halves[] = {"\x00\xD8", "\xFF\xDB", "\x00\xDC", "\xFF\xDF"};
    for (size_t i = 0; i < 4; i++) {
        char text[] = "\xFF\xFE<\0a\0>\0??x\0<\0/\0a\0>\0";
        CLEANUP(xml_free) struct xml_document *document = NULL;
        struct gpmq_error err;
        memcpy(text + 8, halves[i], 2);
        assert_int_equal(xml_read(&document, text, sizeof text - 1, "t", &err), GPMQ_EMALFORMED);
        assert_non_null(strstr(err.text, "half of a surrogate pair"));
    }
    static const char pair[] = "\xFF\xFE<\0a\0 \0x\0m\0l\0n\0s\0=\0'\0n\0'\0>\0\x3D\xD8\x00\xDE"
                               "<\0/\0a\0>\0";
    assert_root_text(pair, sizeof pair - 1, "\xF0\x9F\x98\x80");
}

static void names_are_local_and_namespaces_count_at_the_root(void **state)
{
    (void)state;
    CLEANUP(xml_free) struct xml_document *document = NULL;
    assert_int_equal(
        read_text(&document, "<p:a xmlns:p='n' p:x='1' y='2'><p:b/><b/><c/></p:a>", NULL), 0);
    assert_null(xml_root(document, "a", "other"));
    const struct xml_element *root = xml_root(document, "a", "n");
    assert_non_null(root);
    assert_string_equal(xml_attribute(root, "x"), "1");
    assert_string_equal(xml_attribute(root, "y"), "2");
    assert_null(xml_attribute(root, "z"));
    assert_int_equal(xml_count(root, "b"), 2);
    assert_int_equal(xml_count(root, NULL), 3);
    assert_null(xml_child_text(root, "d"));
    assert_string_equal(xml_child_text(root, "c"), "");
}

static void comments_and_sections_are_text_in_one_piece(void **state)
{
    (void)state;
    static const char text[] = "<a xmlns='n'>x<!-- y --><![CDATA[<&]]>]<?z?>&amp;&#65;</a>";
    assert_root_text(text, sizeof text - 1, "x<&]&A");
}

static void what_is_not_well_formed_is_refused_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        const char *reason;
    } cases[] = {
        {"", GPMQ_EMALFORMED, ""},
        {"text", GPMQ_EMALFORMED, ""},
        {"<a>", GPMQ_EMALFORMED, "within 1 elements"},
        {"</a>", GPMQ_EMALFORMED, "an end tag without its start"},
        {"<a", GPMQ_EMALFORMED, "a tag that does not end"},
        {"<a b='", GPMQ_EMALFORMED, "an attribute that does not end"},
        {"<a><!-- </a>", GPMQ_EMALFORMED, "a comment that does not end"},
        {"<a><![CDATA[ </a>", GPMQ_EMALFORMED, "a CDATA section that does not end"},
        {"<a><b></a></b>", GPMQ_EMALFORMED, "line 1"},
        {"<!DOCTYPE a><a/>", GPMQ_EMALFORMED, "DOCTYPE"},
        {"<a><!DOCTYPE b></a>", GPMQ_EMALFORMED, "DOCTYPE"},
        {"<a>&x;</a>", GPMQ_EMALFORMED, "Entity 'x' not defined"},
        {"<a>\xFC</a>", GPMQ_EMALFORMED, "neither UTF-8 nor UTF-16"},
        {"<a b='1' b='2'/>", GPMQ_EMALFORMED, "line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xml_document *document = NULL;
        struct gpmq_error err = {0};
        assert_int_equal(read_text(&document, cases[i].text, &err), cases[i].code);
        if (!strstr(err.text, cases[i].reason))
            fail_msg("'%s' gives '%s'", cases[i].text, err.text);
        assert_null(document);
    }
}

static void put_times(struct bytes *bytes, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        bytes_put_text(bytes, text);
}

static int scan_repeated(const char *before, const char *piece, size_t times, const char *after)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    bytes_put_text(&text, before);
    put_times(&text, piece, times);
    bytes_put_text(&text, after);
    assert_false(text.failed);
    return xml_scan((const char *)text.at, text.size, NULL);
}

static void every_limit_lets_the_last_one_pass_and_no_more(void **state)
{
    (void)state;
    CLEANUP(bytes_free) struct bytes ends = {0};
    put_times(&ends, "</a>", XML_DEPTH_MAX);
    assert_int_equal(scan_repeated("", "<a>", XML_DEPTH_MAX, (const char *)ends.at), 0);
    assert_int_equal(scan_repeated("", "<a>", XML_DEPTH_MAX + 1, ""), GPMQ_ETOOBIG);
    assert_int_equal(scan_repeated("<a", " b=''", XML_ATTRIBUTES_MAX, "/>"), 0);
    assert_int_equal(scan_repeated("<a", " b=''", XML_ATTRIBUTES_MAX + 1, "/>"), GPMQ_ETOOBIG);
    assert_int_equal(
        scan_repeated("<a>", "<b c='' d='' e='' f=''/>", XML_ATTRIBUTES_ALL_MAX / 4, "</a>"), 0);
    assert_int_equal(
        scan_repeated("<a b=''>", "<b c='' d='' e='' f=''/>", XML_ATTRIBUTES_ALL_MAX / 4, "</a>"),
        GPMQ_ETOOBIG);
    assert_int_equal(scan_repeated("<a>", "<b/>", XML_NODES_MAX - 2, "</a>"), 0);
    assert_int_equal(scan_repeated("<a>", "<b/>", XML_NODES_MAX, "</a>"), GPMQ_ETOOBIG);
    assert_int_equal(scan_repeated("<a>", "<b></b>", XML_NODES_MAX - 1, "</a>"), 0);
    assert_int_equal(scan_repeated("<a>", "<b></b>", XML_NODES_MAX, "</a>"), GPMQ_ETOOBIG);
    assert_int_equal(scan_repeated("<a>", "<!---->", XML_NODES_MAX, "</a>"), GPMQ_ETOOBIG);
    assert_int_equal(scan_repeated("<a>", "x", XML_TEXT_MAX, "</a>"), 0);
    assert_int_equal(scan_repeated("<a>", "x", XML_TEXT_MAX + 1, "</a>"), GPMQ_ETOOBIG);
}

static void a_document_over_the_limit_of_bytes_is_not_looked_at(void **state)
{
    (void)state;
    struct xml_document *document = NULL;
    assert_int_equal(xml_read(&document, "", (size_t)XML_BYTES_MAX + 1, "x", NULL), GPMQ_ETOOBIG);
}

/* ---- writing -------------------------------------------------------------------------------- */

static const char *const awkward[] = {
    "", "plain", "a & b < c > d", "]]>", "]]]>]]>", "\r\n\t", "\xC3\xBC \xF0\x9F\x98\x80", "'\"",
};

static void every_text_comes_back_from_each_way_of_writing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++) {
        struct xml_writer *writer = xml_writer_begin();
        CLEANUP(free_pointer) char *text = NULL;
        CLEANUP(xml_free) struct xml_document *document = NULL;
        struct gpmq_error err;
        size_t size;
        xml_open(writer, "a");
        xml_put_attribute(writer, "xmlns", "n");
        xml_put_attribute(writer, "attribute", awkward[i]);
        xml_put_cdata(writer, "cdata", awkward[i]);
        xml_put_cdata_always(writer, "always", awkward[i]);
        xml_put_text(writer, "text", awkward[i]);
        xml_close(writer);
        assert_int_equal(xml_writer_end(&writer, &text, &size, NULL), 0);
        if (xml_read(&document, text, size, "written", &err))
            fail_msg("%s", err.text);
        const struct xml_element *root = xml_root(document, "a", "n");
        assert_string_equal(xml_attribute(root, "attribute"), awkward[i]);
        assert_string_equal(xml_child_text(root, "cdata"), awkward[i]);
        assert_string_equal(xml_child_text(root, "always"), awkward[i]);
        assert_string_equal(xml_child_text(root, "text"), awkward[i]);
    }
}

static void a_text_that_xml_cannot_hold_is_told_at_the_end(void **state)
{
    (void)state;
    static const char *const impossible[] = {"\x01", "\xFF", "\xEF\xBF\xBF"};
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        struct xml_writer *writer = xml_writer_begin();
        char *text = NULL;
        size_t size;
        xml_put_cdata(writer, "a", impossible[i]);
        assert_int_equal(xml_writer_end(&writer, &text, &size, NULL), GPMQ_EINVAL);
        assert_null(writer);
        assert_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_decide_the_encoding_not_the_declaration),
        cmocka_unit_test(half_of_a_surrogate_pair_is_refused),
        cmocka_unit_test(names_are_local_and_namespaces_count_at_the_root),
        cmocka_unit_test(comments_and_sections_are_text_in_one_piece),
        cmocka_unit_test(what_is_not_well_formed_is_refused_with_its_reason),
        cmocka_unit_test(every_limit_lets_the_last_one_pass_and_no_more),
        cmocka_unit_test(a_document_over_the_limit_of_bytes_is_not_looked_at),
        cmocka_unit_test(every_text_comes_back_from_each_way_of_writing),
        cmocka_unit_test(a_text_that_xml_cannot_hold_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
