/* test_report_html.c - pages of reports: whole, well formed, and harmless whatever is in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "fold.h"
#include "html.h"
#include "page_read.h"
#include "report_area.h"
#include "report_html.h"
#include "samples.h"

/* Text for comparison: runs of white space are one space, none at the ends. */
static char *squeezed(const char *text)
{
    char *out = malloc(strlen(text) + 1);
    size_t length = 0;
    assert_non_null(out);
    for (; *text; text++) {
        bool space = strchr(" \t\r\n", *text);
        if (space && (length == 0 || out[length - 1] == ' '))
            continue;
        out[length++] = space ? ' ' : *text;
    }
    if (length && out[length - 1] == ' ')
        length--;
    out[length] = 0;
    return out;
}

static char *text_of_node(xmlNode *node)
{
    xmlChar *content = xmlNodeGetContent(node);
    char *out = squeezed((const char *)content);
    xmlFree(content);
    return out;
}

/* ---- what must be in it --------------------------------------------------------------------- */

struct page {
    const char *path;
    char *bytes;
    size_t size;
    char *text; /* of <main>, squeezed */
    size_t texts, items, missing;
};

/* These are said in words, or are how Windows draws an item. */
static bool is_said_in_words(const char *name, const char *text)
{
    static const char *const names[] = {
        "clsid",       "image",        "action",        "bool",         "not",
        "userContext", "removePolicy", "bypassErrors",  "SettingValue", "Dir",
        "RunOrder",    "State",        "ExplicitValue", "Additive",     "nil",
        "type",        "Type",         "cpassword",     "disabled",     NULL};
    for (const char *const *n = names; *n; n++)
        if (!strcmp(*n, name))
            return strcmp(name, "type") || strchr(text, ':') || !strcmp(text, "PermissionType");
    return !strcmp(text, "true") || !strcmp(text, "false");
}

/* What a page shows of a text: the number of a character that could not be seen. */
static char *as_shown(const char *text)
{
    struct bytes out = {0};
    uint32_t character;
    for (size_t length; *text; text += length) {
        length = fold_read(text, strlen(text), &character);
        assert_true(length > 0);
        if (html_shows(character))
            bytes_put(&out, text, length);
        else
            bytes_format(&out, "U+%04X", character);
    }
    bytes_put(&out, "", 0);
    return (char *)out.at;
}

static void expect(struct page *page, const char *name, const char *text)
{
    CLEANUP(free_pointer) char *shown = as_shown(text);
    CLEANUP(free_pointer) char *wanted = squeezed(shown);
    if (!*wanted || is_said_in_words(name, text))
        return;
    page->texts++;
    size_t size = strlen(wanted);
    if (size >= 19 && wanted[10] == 'T' && wanted[size - 1] == 'Z') { /* a time is for people */
        wanted[10] = ' ';
        wanted[19] = 0;
    }
    if (strstr(page->text, wanted))
        return;
    page->missing++;
    print_message("%s: %s is not on the page: '%.200s'\n", page->path, name, wanted);
}

static void expect_all(struct page *page, const struct xml_element *element)
{
    const char *name, *value;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        expect(page, name, value);
    expect(page, xml_name(element), xml_text(element));
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        expect_all(page, e);
}

static void expect_settings(struct page *page, const struct xml_element *side)
{
    for (const struct xml_element *e = xml_child(side, "ExtensionData"); e;
         e = xml_next(e, "ExtensionData"))
        for (const struct xml_element *x = xml_child(e, "Extension"); x;
             x = xml_next(x, "Extension"))
            expect_all(page, x);
}

/* ---- one row for each setting --------------------------------------------------------------- */

/* The rows of a page that are settings. */
struct rows {
    char **texts; /* squeezed */
    bool *taken;
    size_t count;
};

static void add_rows(struct rows *rows, xmlNode *node)
{
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        xmlChar *css_class = xmlGetProp(node, (const xmlChar *)"class");
        if (css_class && !strcmp((const char *)css_class, "item")) {
            rows->texts = realloc(rows->texts, (rows->count + 1) * sizeof *rows->texts);
            assert_non_null(rows->texts);
            rows->texts[rows->count++] = text_of_node(node);
        } else {
            add_rows(rows, node->children);
        }
        xmlFree(css_class);
    }
}

static void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->texts[i]);
    free(rows->texts);
    free(rows->taken);
}

/* Whether a row has all that an element says, but for what headings say of several rows. */
static bool row_has(const char *row, const struct xml_element *element)
{
    CLEANUP(free_pointer) char *shown = as_shown(xml_text(element));
    CLEANUP(free_pointer) char *wanted = squeezed(shown);
    const char *name = xml_name(element), *value;
    if (!strcmp(name, "Category"))
        return true;
    if (strlen(wanted) >= 19 && wanted[10] == 'T' && wanted[strlen(wanted) - 1] == 'Z')
        wanted[10] = 0; /* the date of a time that is written for people */
    if (*wanted && !is_said_in_words(name, wanted) && !strstr(row, wanted))
        return false;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++) {
        CLEANUP(free_pointer) char *attribute = squeezed(value);
        if (*attribute && !is_said_in_words(name, value) && !strstr(row, attribute))
            return false;
    }
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        if (!row_has(row, e))
            return false;
    return true;
}

static void expect_row(struct page *page, struct rows *rows, const struct xml_element *item)
{
    page->items++;
    for (size_t i = 0; i < rows->count; i++)
        if (!rows->taken[i] && row_has(rows->texts[i], item)) {
            rows->taken[i] = true;
            return;
        }
    page->missing++;
    print_message("%s, line %d: no row for this %s\n", page->path, xml_line(item), xml_name(item));
}

/* What is one setting each, by the element's name. */
static bool is_setting(const struct xml_element *element)
{
    static const char *const names[] = {"Policy",
                                        "RegistrySetting",
                                        "Account",
                                        "Audit",
                                        "SecurityOptions",
                                        "UserRightsAssignment",
                                        "EventLog",
                                        "RestrictedGroups",
                                        "SystemServices",
                                        "AuditSetting",
                                        "FilePathRule",
                                        "InboundFirewallRules",
                                        "Script",
                                        "RootCertificate",
                                        "IntermediateCACertificate",
                                        "FilePublisherRule",
                                        "OutboundFirewallRules",
                                        NULL};
    if (xml_child(element, "Properties"))
        return true; /* of preferences */
    for (const char *const *n = names; *n; n++)
        if (!strcmp(*n, xml_name(element)))
            return true;
    return false;
}

static void expect_rows(struct page *page, struct rows *rows, const struct xml_element *parent)
{
    for (const struct xml_element *e = xml_child(parent, NULL); e; e = xml_next(e, NULL)) {
        if (is_setting(e))
            expect_row(page, rows, e);
        else
            expect_rows(page, rows, e);
    }
}

static void judge_rows(struct page *page, xmlNode *tree, const struct xml_element *root)
{
    CLEANUP(rows_free) struct rows rows = {0};
    add_rows(&rows, tree);
    rows.taken = calloc(rows.count + 1, sizeof *rows.taken);
    assert_non_null(rows.taken);
    for (const struct xml_element *side = xml_child(root, NULL); side; side = xml_next(side, NULL))
        for (const struct xml_element *e = xml_child(side, "ExtensionData"); e;
             e = xml_next(e, "ExtensionData"))
            expect_rows(page, &rows, xml_child(e, "Extension"));
}

struct seen {
    size_t reports, texts, items, missing;
};

static void judge_report(void *arg, const char *path, const char *bytes, size_t size)
{
    CLEANUP(xml_free) struct xml_document *report = NULL;
    struct seen *seen = arg;
    struct gpmq_error err;
    struct page page = {.path = path};
    if (xml_read(&report, bytes, size, path, &err) ||
        report_html(&page.bytes, &page.size, report, &err))
        fail_msg("%s", err.text);
    assert_int_equal(strlen(page.bytes), page.size);

    CLEANUP(page_free) htmlDocPtr tree = page_read(page.bytes, page.size, path);
    page.text = text_of_node(page_element(tree->children, "main"));
    const struct xml_element *root = xml_root(report, "GPO", REPORT_NS);
    expect_settings(&page, xml_child(root, "Computer"));
    expect_settings(&page, xml_child(root, "User"));
    judge_rows(&page, tree->children, root);
    assert_int_equal(page_count(tree->children, "script"), 1);
    seen->reports++;
    seen->texts += page.texts;
    seen->items += page.items;
    seen->missing += page.missing;
    free(page.text);
    free(page.bytes);
}

static void every_setting_of_every_sample_is_on_its_page(void **state)
{
    (void)state;
    struct seen seen = {0};
    if (!samples_each("gpreport.xml", judge_report, &seen))
        skip();
    print_message("%zu reports, %zu settings with a row of their own, %zu texts, %zu missing\n",
                  seen.reports, seen.items, seen.texts, seen.missing);
    assert_int_equal(seen.missing, 0);
    assert_true(seen.reports >= 48);
    assert_true(seen.texts > 10000);
    assert_true(seen.items > 2000);
}

/* ---- one of each area ----------------------------------------------------------------------- */

static char *read_data(const char *name, size_t *size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/data/report_html/%s", getenv("GPMQ_SOURCE_DIR"), name);
    CLEANUP(close_file) FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(1 << 20);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (1 << 20) - 1, file);
    bytes[*size] = 0;
    return bytes;
}

static char *page_of(const char *xml, size_t size, size_t *length)
{
    CLEANUP(xml_free) struct xml_document *report = NULL;
    struct gpmq_error err;
    char *page = NULL;
    if (xml_read(&report, xml, size, "a report", &err) || report_html(&page, length, report, &err))
        fail_msg("%s", err.text);
    return page;
}

static void every_area_and_what_nobody_has_heard_of_is_on_the_page(void **state)
{
    (void)state;
    size_t size;
    CLEANUP(free_pointer) char *xml = read_data("every-area.xml", &size);
    struct seen seen = {0};
    judge_report(&seen, "every-area.xml", xml, size);
    assert_int_equal(seen.missing, 0);

    CLEANUP(free_pointer) char *page = page_of(xml, size, &size);
    static const char *const wanted[] = {"Log on as a batch job",
                                         "Minimum password length (characters)",
                                         "Success, failure",
                                         "Trusted root certification authorities",
                                         "Executable rules",
                                         "Inbound rules",
                                         "TCP (6)",
                                         ">Documents<",
                                         "(value names begin with Host)",
                                         "January, March",
                                         "Versions differ",
                                         "Nobody may apply" /* not */,
                                         NULL};
    for (const char *const *w = wanted; w[1]; w++)
        if (!strstr(page, *w))
            fail_msg("'%s' is not on the page", *w);
    assert_null(strstr(page, "Nobody may apply"));
}

static void a_stored_password_is_flagged_twice_and_printed_nowhere(void **state)
{
    (void)state;
    size_t size, length;
    CLEANUP(free_pointer) char *xml = read_data("every-area.xml", &size);
    CLEANUP(free_pointer) char *page = page_of(xml, size, &length);
    assert_null(strstr(page, "j1Uyj3Vx8TY9LtLZil2uAuZkFQA"));
    assert_non_null(strstr(page, "1 stored password."));
    assert_non_null(strstr(page, "id=\"secret1\""));
}

static void a_side_without_settings_says_so(void **state)
{
    (void)state;
    static const char xml[] = "<GPO xmlns='" REPORT_NS "'><Name>x</Name></GPO>";
    size_t length;
    CLEANUP(free_pointer) char *page = page_of(xml, sizeof xml - 1, &length);
    const char *first = strstr(page, "No settings defined.");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "No settings defined."));
}

static void what_is_no_report_is_refused(void **state)
{
    (void)state;
    CLEANUP(xml_free) struct xml_document *document = NULL;
    static const char xml[] = "<GPO xmlns='urn:other'/>";
    struct gpmq_error err;
    char *page = NULL;
    size_t size;
    assert_int_equal(xml_read(&document, xml, sizeof xml - 1, "x", &err), 0);
    assert_int_equal(report_html(&page, &size, document, &err), GPMQ_EMALFORMED);
    assert_null(page);
}

/* ---- hostile text --------------------------------------------------------------------------- */

/* XML has no control characters, but all of the rest. */
static void put_xml_escaped(struct bytes *out, const char *text)
{
    for (; *text; text++)
        bytes_format(out, "&#%u;", (unsigned char)*text);
}

static void a_gpo_named_by_an_attacker_changes_nothing_but_the_words(void **state)
{
    (void)state;
    static const char name[] = "<script>x</script></title></style>\" onload='y' --> &lt;b&gt;";
    __attribute__((cleanup(bytes_free))) struct bytes xml = {0};
    bytes_put_text(&xml, "<GPO xmlns='" REPORT_NS "'><Name>");
    put_xml_escaped(&xml, name);
    bytes_put_text(&xml, "</Name><Computer><ExtensionData><Name>");
    put_xml_escaped(&xml, name);
    bytes_put_text(&xml, "</Name><Extension a='");
    put_xml_escaped(&xml, name);
    bytes_put_text(&xml, "'/></ExtensionData></Computer></GPO>");
    size_t size;
    CLEANUP(free_pointer) char *page = page_of((const char *)xml.at, xml.size, &size);
    CLEANUP(page_free) htmlDocPtr tree = page_read(page, size, "an attacker's name");
    CLEANUP(free_pointer) char *heading = text_of_node(page_element(tree->children, "h1"));
    CLEANUP(free_pointer) char *title = text_of_node(page_element(tree->children, "title"));
    assert_string_equal(heading, name);
    assert_memory_equal(title, name, strlen(name));
    assert_int_equal(page_count(tree->children, "script"), 1);
    assert_int_equal(page_count(tree->children, "style"), 1);
    assert_int_equal(page_count(tree->children, "b"), 0);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void the_deepest_report_is_a_page(void **state)
{
    (void)state;
    struct bytes xml = {0};
    bytes_put_text(&xml, "<GPO xmlns='" REPORT_NS "'><Computer><ExtensionData><Extension>");
    for (int i = 0; i < XML_DEPTH_MAX - 4; i++)
        bytes_put_text(&xml, "<a b='1'>");
    for (int i = 0; i < XML_DEPTH_MAX - 4; i++)
        bytes_put_text(&xml, "</a>");
    bytes_put_text(&xml, "</Extension></ExtensionData></Computer></GPO>");
    size_t size;
    CLEANUP(free_pointer) char *page = page_of((const char *)xml.at, xml.size, &size);
    assert_non_null(strstr(page, "</html>"));
    bytes_free(&xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_of_every_sample_is_on_its_page),
        cmocka_unit_test(every_area_and_what_nobody_has_heard_of_is_on_the_page),
        cmocka_unit_test(a_stored_password_is_flagged_twice_and_printed_nowhere),
        cmocka_unit_test(a_side_without_settings_says_so),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(a_gpo_named_by_an_attacker_changes_nothing_but_the_words),
        cmocka_unit_test(the_deepest_report_is_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
