/* test_html.c - what is written into a page is what is read from it, whatever it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "html.h"
#include "html_label.h"
#include "page_read.h"

/* ---- hostile text --------------------------------------------------------------------------- */

/* A byte at a time from a small generator: the same texts on every machine. */
static uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* clang-format off */
static const char *const pieces[] = {
    "<script>alert(1)</script>", "</title>", "</style>", "</main>", "\"", "'", "<", ">", "&",
    "&lt;", "&#60;", "onload=x ", "javascript:x", "<!--", "-->", "]]>", "\\", "\xE2\x80\xAE",
    "\xE2\x81\xA6", "\x01", "\x1B[31m", "\x7F", "\xC2\x9B", "\xEF\xBB\xBF", "\xFF", "\xC3",
    "\xF0\x9F\x98\x80", "caf\xC3\xA9", "\xD7\xA9", "\xEF\xBF\xBE", " ", "\n", "\t", "x",
};
/* clang-format on */

static void make_text(uint32_t *seed, char text[512])
{
    size_t length = 0;
    for (size_t i = next_number(seed) % 12; i > 0; i--) {
        const char *piece = pieces[next_number(seed) % (sizeof pieces / sizeof pieces[0])];
        memcpy(text + length, piece, strlen(piece));
        length += strlen(piece);
    }
    text[length] = 0;
}

/* What a reader sees of a text: numbers instead of what is hidden or broken. */
static void put_expected(const char *text, bool in_tag, struct bytes *out)
{
    while (*text) {
        static const struct {
            const char *bytes, *shown;
        } shown[] = {
            {"\xE2\x80\xAE", "U+202E"}, {"\xE2\x81\xA6", "U+2066"}, {"\x01", "U+0001"},
            {"\x1B", "U+001B"},         {"\x7F", "U+007F"},         {"\xC2\x9B", "U+009B"},
            {"\xEF\xBB\xBF", "U+FEFF"}, {"\xFF", "byte FF"},        {"\xEF\xBF\xBE", "U+FFFE"}};
        size_t i = 0;
        while (i < sizeof shown / sizeof shown[0] &&
               strncmp(text, shown[i].bytes, strlen(shown[i].bytes)) != 0)
            i++;
        bool known = i < sizeof shown / sizeof shown[0];
        bool cut = *text == '\xC3' && text[1] != '\xA9';
        if (known || cut)
            bytes_format(out, in_tag ? "[%s]" : "%s", cut ? "byte C3" : shown[i].shown);
        else
            bytes_put_char(out, *text);
        text += known ? strlen(shown[i].bytes) : 1;
    }
    bytes_put_char(out, 0);
}

static void the_text_that_went_in_is_the_text_that_comes_out(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        __attribute__((cleanup(html_free))) struct html html = {0};
        __attribute__((cleanup(bytes_free))) struct bytes text = {0}, value = {0};
        CLEANUP(free_pointer) char *page = NULL;
        struct gpmq_error err;
        char in[512];
        uint32_t number = seed;
        make_text(&number, in);
        html_open(&html, "html", NULL);
        html_open(&html, "body", NULL);
        html_open(&html, "p", "title", in, NULL);
        html_text(&html, in);
        html_close(&html, "p");
        html_close(&html, "body");
        html_close(&html, "html");
        size_t size;
        assert_int_equal(html_end(&html, &page, &size, &err), 0);

        CLEANUP(page_free) htmlDocPtr tree = page_read(page, size, "a text");
        xmlNode *p = page_element(tree->children, "p");
        CLEANUP(free_pointer) char *shown = (char *)xmlNodeGetContent(p);
        CLEANUP(free_pointer) char *title = (char *)xmlGetProp(p, (const xmlChar *)"title");
        put_expected(in, false, &text);
        put_expected(in, true, &value);
        assert_string_equal(shown, (const char *)text.at);
        assert_string_equal(title, (const char *)value.at);
        assert_int_equal(page_count(tree->children, "p"), 1);
        assert_int_equal(page_count(tree->children, "script"), 0);
    }
}

/* ---- limits --------------------------------------------------------------------------------- */

static void elements_within_each_other_have_a_limit(void **state)
{
    (void)state;
    struct html html = {0};
    struct gpmq_error err;
    char *page;
    size_t size;
    for (int i = 0; i <= HTML_DEPTH_MAX; i++)
        html_open(&html, "div", NULL);
    for (int i = 0; i <= HTML_DEPTH_MAX; i++)
        html_close(&html, "div");
    assert_int_equal(html_end(&html, &page, &size, &err), GPMQ_ETOOBIG);
    html_free(&html);
}

static void a_page_has_a_largest_size(void **state)
{
    (void)state;
    struct html html = {0};
    struct gpmq_error err;
    char *page;
    size_t size;
    CLEANUP(free_pointer) char *text = malloc((1 << 20) + 1);
    assert_non_null(text);
    memset(text, '<', 1 << 20);
    text[1 << 20] = 0;
    for (size_t i = 0; i <= HTML_BYTES_MAX >> 20; i++)
        html_text(&html, text);
    assert_true(html.out.size < HTML_BYTES_MAX + 16);
    assert_int_equal(html_end(&html, &page, &size, &err), GPMQ_ETOOBIG);
    html_free(&html);
}

static void names_become_words(void **state)
{
    (void)state;
    char out[HTML_LABEL_SIZE];
    assert_string_equal(html_label("targetPath", out), "Target path");
    assert_string_equal(html_label("DisplayInARP", out), "Display in ARP");
    assert_string_equal(html_label("uid", out), "Item id");
    assert_string_equal(html_label("", out), "");
    char longest[400];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_true(strlen(html_label(longest, out)) < HTML_LABEL_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_that_went_in_is_the_text_that_comes_out),
        cmocka_unit_test(elements_within_each_other_have_a_limit),
        cmocka_unit_test(a_page_has_a_largest_size),
        cmocka_unit_test(names_become_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
