/* html_page.c - parts, sections and contents of a page. */
#include "html_page.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ENTRIES_ROOM_FIRST 32

void html_page_begin(struct html_page *page)
{
    *page = (struct html_page){0};
    page->html = &page->body;
}

void html_page_free(struct html_page *page)
{
    html_free(&page->body);
    free(page->entries);
    *page = (struct html_page){0};
}

/* "2021-12-15T18:31:05.8039377Z": what the page says is of that minute. */
void html_page_when(struct html_page *page, const char *time)
{
    if (time && strlen(time) >= 19 && time[10] == 'T')
        snprintf(page->subtitle, sizeof page->subtitle, "Read on %.10s at %.8s%s", time, time + 11,
                 time[strlen(time) - 1] == 'Z' ? " UTC" : "");
}

void html_page_fact(struct html_page *page, const char *name, const char *value)
{
    if (page->facts_count == HTML_FACTS_MAX)
        return;
    struct html_fact *fact = &page->facts[page->facts_count++];
    fact->name = name;
    size_t size = strlen(value);
    if (size >= sizeof fact->value) {
        size = sizeof fact->value - 1;
        while (size > 0 && ((unsigned char)value[size] & 0xC0) == 0x80)
            size--; /* not within a character */
    }
    memcpy(fact->value, value, size);
    fact->value[size] = 0;
}

/* One more line of the contents; without memory for it the page fails. */
static size_t add_entry(struct html_page *page, enum html_level level, const char *title)
{
    if (page->entries_count == page->entries_room) {
        size_t room = page->entries_room ? page->entries_room * 2 : ENTRIES_ROOM_FIRST;
        struct html_entry *entries = realloc(page->entries, room * sizeof *entries);
        if (!entries) {
            page->html->out.failed = true;
            return SIZE_MAX;
        }
        page->entries = entries;
        page->entries_room = room;
    }
    page->entries[page->entries_count] =
        (struct html_entry){.level = level, .anchor = page->sections, .title = title};
    return page->entries_count++;
}

void html_section_begin(struct html_page *page, struct html_section *section, enum html_level level,
                        const char *title)
{
    page->heading = ++page->sections;
    *section = (struct html_section){
        .outside = page->html,
        .title = title,
        .level = level,
        .number = page->sections,
        .entry = SIZE_MAX,
        .items_before = page->items,
    };
    if (level == HTML_PART || level == HTML_AREA)
        section->entry = add_entry(page, level, title);
    page->html = &section->inside;
}

static void put_heading(struct html *html, const struct html_section *section)
{
    static const char *const tags[] = {
        [HTML_PART] = "h2", [HTML_CHAPTER] = "h3", [HTML_AREA] = "h4", [HTML_GROUP] = "h5"};
    char id[HTML_ANCHOR_SIZE];
    snprintf(id, sizeof id, "s%zu", section->number);
    html_open(html, tags[section->level], "id", id, NULL);
    html_text(html, section->title);
    html_close(html, tags[section->level]);
}

static void put_area(struct html *html, struct html_section *section, size_t items)
{
    html_open(html, "details", "class", "area block", "open", "", NULL);
    html_open(html, "summary", NULL);
    put_heading(html, section);
    if (items) {
        html_open(html, "span", "class", "count", NULL);
        html_format(html, "%zu %s", items, items == 1 ? "setting" : "settings");
        html_close(html, "span");
    }
    html_close(html, "summary");
    html_join(html, &section->inside);
    html_close(html, "details");
}

static void put_section(struct html *html, struct html_section *section)
{
    static const char *const classes[] = {
        [HTML_PART] = "part block", [HTML_CHAPTER] = "chapter block", [HTML_GROUP] = "group block"};
    char id[HTML_ANCHOR_SIZE];
    snprintf(id, sizeof id, "s%zu", section->number);
    /* Only parts are landmarks: several chapters and groups of a page have the same name. */
    html_open(html, "section", "class", classes[section->level],
              section->level == HTML_PART ? "aria-labelledby" : NULL, id, NULL);
    put_heading(html, section);
    html_join(html, &section->inside);
    html_close(html, "section");
}

void html_section_end(struct html_page *page, struct html_section *section, const char *empty)
{
    size_t items = page->items - section->items_before;
    page->html = section->outside;
    bool nothing = section->inside.out.size == 0;
    if (nothing && !empty) {
        html_join(page->html, &section->inside); /* its failure, if it has one */
        if (section->entry != SIZE_MAX)
            page->entries_count = section->entry;
        return;
    }
    if (section->entry != SIZE_MAX)
        page->entries[section->entry].items = items;
    if (nothing)
        html_put(&section->inside, "p", "nothing", empty);
    if (section->level == HTML_AREA)
        put_area(page->html, section, items);
    else
        put_section(page->html, section);
    html_constant(page->html, "\n");
}

bool html_is_secret(const char *name)
{
    return !strcasecmp(name, "cpassword") || !strcasecmp(name, "password");
}

void html_secret(struct html_page *page)
{
    char id[HTML_ANCHOR_SIZE];
    snprintf(id, sizeof id, "secret%zu", ++page->secrets);
    html_open(page->html, "p", "class", "warning", "id", id, NULL);
    html_put(page->html, "strong", NULL, "Stored password.");
    html_text(page->html, " Everyone who may read this GPO can decrypt it: change that password "
                          "and delete the item. It is not shown here.");
    html_close(page->html, "p");
}
