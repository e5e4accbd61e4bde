/* html_table.c - tables, pairs and values. */
#include "html_table.h"

#include <stdio.h>
#include <string.h>

void html_table_begin(struct html_page *page, const char *css_class, const char *const *columns)
{
    char heading[HTML_ANCHOR_SIZE];
    snprintf(heading, sizeof heading, "s%zu", page->heading);
    html_open(page->html, "table", "aria-labelledby", heading, "class", css_class, NULL);
    html_open(page->html, "thead", NULL);
    html_open(page->html, "tr", NULL);
    for (; *columns; columns++) {
        html_open(page->html, "th", "scope", "col", NULL);
        html_text(page->html, *columns);
        html_close(page->html, "th");
    }
    html_close(page->html, "tr");
    html_close(page->html, "thead");
    html_open(page->html, "tbody", NULL);
}

void html_table_end(struct html_page *page)
{
    html_close(page->html, "tbody");
    html_close(page->html, "table");
}

void html_row_begin(struct html_page *page)
{
    page->items++;
    html_open(page->html, "tr", "class", "item", NULL);
}

void html_row_end(struct html_page *page)
{
    html_close(page->html, "tr");
    html_constant(page->html, "\n");
}

void html_cell_name(struct html_page *page, const char *name, const char *detail)
{
    html_open(page->html, "th", "scope", "row", NULL);
    html_value(page, name);
    if (detail && *detail) {
        bool sentence = strchr(detail, ' ') && !strchr(detail, '\\');
        html_open(page->html, "div", "class", "detail", NULL);
        if (sentence)
            html_value(page, detail);
        else
            html_code(page, detail);
        html_close(page->html, "div");
    }
    html_close(page->html, "th");
}

void html_cell(struct html_page *page, const char *text)
{
    html_open(page->html, "td", NULL);
    if (text && *text)
        html_value(page, text);
    html_close(page->html, "td");
}

void html_pairs_begin(struct html_page *page, bool items)
{
    html_open(page->html, "dl", "class", items ? "pairs wide" : "pairs", NULL);
}

void html_pairs_end(struct html_page *page)
{
    html_close(page->html, "dl");
}

void html_pair_begin(struct html_page *page, bool item, const char *name)
{
    page->items += item;
    html_open(page->html, "div", "class", item ? "item" : NULL, NULL);
    html_put(page->html, "dt", NULL, name);
    html_open(page->html, "dd", NULL);
}

void html_pair_end(struct html_page *page)
{
    html_close(page->html, "dd");
    html_close(page->html, "div");
}

void html_pair(struct html_page *page, bool item, const char *name, const char *value)
{
    html_pair_begin(page, item, name);
    html_value(page, value);
    html_pair_end(page);
}

/* A certificate, a blob: nothing that anybody reads. Scripts without spaces are not ASCII. */
static bool is_long_word(const char *text)
{
    size_t length = 0;
    while (length < HTML_LONG_WORD && text[length] > 0x20 && text[length] < 0x7F)
        length++;
    return length == HTML_LONG_WORD;
}

/* A path that is too long for its place breaks behind a separator. */
static void put_path(struct html *html, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\\/");
        size += text[size] != 0;
        html_text_size(html, text, size);
        text += size;
        if (*text && size > 1)
            html_void(html, "wbr", NULL);
    }
}

void html_value(struct html_page *page, const char *text)
{
    size_t size = strlen(text);
    if (size == 0) {
        html_put(page->html, "span", "none", "(empty)");
        return;
    }
    if (!is_long_word(text)) {
        put_path(page->html, text);
        return;
    }
    html_open(page->html, "details", "class", "long", NULL);
    html_open(page->html, "summary", NULL);
    html_text_size(page->html, text, 24);
    html_format(page->html, " ... (%zu bytes)", size);
    html_close(page->html, "summary");
    html_put(page->html, "code", NULL, text);
    html_close(page->html, "details");
}

void html_code(struct html_page *page, const char *text)
{
    if (!*text)
        return;
    if (is_long_word(text)) {
        html_value(page, text);
        return;
    }
    html_open(page->html, "code", NULL);
    put_path(page->html, text);
    html_close(page->html, "code");
}

/* clang-format off */
static const struct {
    const char *word;
    const char *css_class;
} states[] = {
    {"Enabled", "state on"}, {"Allow", "state on"}, {"On", "state on"}, {"Applied", "state on"},
    {"Disabled", "state off"}, {"Deny", "state off"}, {"Block", "state off"}, {"Off", "state off"},
    {"Not applied", "state off"}, {"Not processed", "state off"},
};
/* clang-format on */

void html_state(struct html_page *page, const char *word)
{
    const char *css_class = "state plain";
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (!strcmp(states[i].word, word))
            css_class = states[i].css_class;
    html_put(page->html, "span", css_class, word);
}

void html_time(struct html_page *page, const char *time)
{
    size_t size = strlen(time);
    if (size < 19 || time[10] != 'T') {
        html_value(page, time);
        return;
    }
    html_open(page->html, "time", "datetime", time, NULL);
    html_text_size(page->html, time, 10);
    html_text(page->html, " ");
    html_text_size(page->html, time + 11, 8);
    if (time[size - 1] == 'Z')
        html_text(page->html, " UTC");
    html_close(page->html, "time");
}

const char *html_yes_no(const char *text)
{
    if (!strcmp(text, "true") || !strcmp(text, "1"))
        return "Yes";
    if (!strcmp(text, "false") || !strcmp(text, "0"))
        return "No";
    return text;
}

void html_trustee(struct html_page *page, const struct xml_element *trustee)
{
    const char *name = xml_child_text(trustee, "Name");
    const char *sid = xml_child_text(trustee, "SID");
    if (name && *name)
        html_text(page->html, name);
    if (sid && *sid) {
        html_open(page->html, "span", "class", name && *name ? "sid" : NULL, NULL);
        html_code(page, sid);
        html_close(page->html, "span");
    }
    if (!(name && *name) && !(sid && *sid))
        html_put(page->html, "span", "none", "(no name)");
}

void html_trustees(struct html_page *page, const struct xml_element *first, const char *name)
{
    if (!first) {
        html_put(page->html, "span", "none", "(nobody)");
        return;
    }
    html_open(page->html, "ul", "class", "plain", NULL);
    for (; first; first = xml_next(first, name)) {
        html_open(page->html, "li", NULL);
        html_trustee(page, first);
        html_close(page->html, "li");
    }
    html_close(page->html, "ul");
}

void html_texts(struct html_page *page, const struct xml_element *first, const char *name)
{
    html_open(page->html, "ul", "class", "plain", NULL);
    for (; first; first = xml_next(first, name)) {
        html_open(page->html, "li", NULL);
        html_value(page, xml_text(first));
        html_close(page->html, "li");
    }
    html_close(page->html, "ul");
}
