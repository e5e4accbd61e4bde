/* rsop_xml_data.c - the settings of a side in the XML of a plan. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "report_area.h"
#include "rsop_xml_parts.h"

#define NS_ROOM 256

/* What became of the elements of the GPOs' reports, by their address. */
struct index {
    size_t count;
    const struct rsop_value **items;
};

static void free_index(struct index *index)
{
    free(index->items);
}

static int by_address(const void *a, const void *b)
{
    const struct rsop_value *const *left = a, *const *right = b;
    uintptr_t first = (uintptr_t)(*left)->setting->element;
    uintptr_t second = (uintptr_t)(*right)->setting->element;
    return first < second ? -1 : first > second;
}

static int make_index(struct index *index, const struct rsop_settings *merged,
                      struct gpmq_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < merged->count; i++)
        most += merged->items[i].value_count;
    index->items = calloc(most + 1, sizeof *index->items);
    if (!index->items)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu settings", most);
    for (size_t i = 0; i < merged->count; i++)
        for (size_t k = 0; k < merged->items[i].value_count; k++)
            if (merged->items[i].values[k].standing != RSOP_UNUSED)
                index->items[index->count++] = &merged->items[i].values[k];
    if (index->count)
        qsort(index->items, index->count, sizeof *index->items, by_address);
    return 0;
}

static const struct rsop_value *find_value(const struct index *index,
                                           const struct xml_element *element)
{
    const struct setting setting = {.element = element};
    const struct rsop_value wanted = {.setting = &setting}, *key = &wanted;
    const struct rsop_value *const *found =
        index->count ? bsearch(&key, index->items, index->count, sizeof *index->items, by_address)
                     : NULL;
    return found ? *found : NULL;
}

/* ---- ExtensionData --------------------------------------------------------------------------- */

struct copying {
    struct rsop_writing *writing;
    const struct index *index;
    const char *namespace_uri; /* of the extension: its elements get the prefix */
};

static void open_copy(struct copying *copying, const struct xml_element *element)
{
    struct report_write *write = &copying->writing->write;
    const char *name, *value, *nil = xml_attribute(element, "nil");
    if (strcmp(xml_namespace(element), copying->namespace_uri) == 0)
        report_open(write, xml_name(element));
    else
        report_open_in(write, xml_name(element), xml_namespace(element));
    if (nil)
        report_attribute(write, "xsi:nil", nil);
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        report_attribute(write, name, value);
}

/* Copies what is in an element. */
static void copy_content(struct copying *copying, const struct xml_element *element)
{
    const struct xml_element *child = xml_child(element, NULL);
    if (!child) {
        report_content(&copying->writing->write, xml_text(element));
        return;
    }
    for (; child; child = xml_next(child, NULL)) {
        open_copy(copying, child);
        copy_content(copying, child);
        report_close(&copying->writing->write);
    }
}

/* Which GPO says it, and its precedence: 1 for what adds to others. */
static void put_origin(struct copying *copying, const struct rsop_value *value)
{
    struct report_write *write = &copying->writing->write;
    char id[GPMQ_GUID_TEXT_SIZE], precedence[16];
    snprintf(precedence, sizeof precedence, "%u", value->precedence ? value->precedence : 1);
    report_open_in(write, "GPO", REPORT_NS_BASE);
    report_text_in(write, "Identifier", REPORT_NS_TYPES,
                   gpmq_guid_text(&value->entry->gpo->id, id));
    report_text_in(write, "Domain", REPORT_NS_TYPES, value->entry->gpo->gpo->domain);
    report_close(write);
    report_text_in(write, "Precedence", REPORT_NS_BASE, precedence);
}

static bool holds_settings(const struct index *index, const struct xml_element *element)
{
    for (const struct xml_element *child = xml_child(element, NULL); child;
         child = xml_next(child, NULL))
        if (find_value(index, child) || holds_settings(index, child))
            return true;
    return false;
}

/* Settings are copied with their origin, groups around them opened, all else left out. */
static void copy_settings(struct copying *copying, const struct xml_element *parent)
{
    struct report_write *write = &copying->writing->write;
    for (const struct xml_element *child = xml_child(parent, NULL); child;
         child = xml_next(child, NULL)) {
        const struct rsop_value *value = find_value(copying->index, child);
        if (!value && !holds_settings(copying->index, child))
            continue;
        open_copy(copying, child);
        if (value) {
            put_origin(copying, value);
            copy_content(copying, child);
        } else {
            copy_settings(copying, child);
        }
        report_close(write);
    }
}

/* The Extension element of an area in a GPO's report, or NULL. */
static const struct xml_element *find_extension(const struct xml_document *report,
                                                enum rsop_side side, const char *area)
{
    const struct xml_element *root = xml_root(report, "GPO", REPORT_NS);
    const struct xml_element *on =
        root ? xml_child(root, side == RSOP_USER ? "User" : "Computer") : NULL;
    for (const struct xml_element *section = on ? xml_child(on, "ExtensionData") : NULL; section;
         section = xml_next(section, "ExtensionData")) {
        const char *name = xml_child_text(section, "Name");
        if (name && strcmp(name, area) == 0)
            return xml_child(section, "Extension");
    }
    return NULL;
}

static void begin_extension(struct copying *copying, const struct xml_element *extension)
{
    struct rsop_writing *writing = copying->writing;
    const struct xml_element *inside = xml_child(extension, NULL);
    const char *type = xml_attribute(extension, "type"), *colon = type ? strchr(type, ':') : NULL;
    char name[NS_ROOM], value[NS_ROOM];
    unsigned number = ++writing->extensions;
    copying->namespace_uri = inside ? xml_namespace(inside) : "";
    report_open(&writing->write, "ExtensionData");
    report_open(&writing->write, "Extension");
    snprintf(name, sizeof name, "xmlns:q%u", number);
    report_attribute(&writing->write, name, copying->namespace_uri);
    snprintf(value, sizeof value, "q%u:%s", number, colon ? colon + 1 : type ? type : "");
    report_attribute(&writing->write, "xsi:type", value);
    snprintf(writing->write.prefix, sizeof writing->write.prefix, "q%u:", number);
}

/* The section of one area: of every GPO that applies, in the order of application. */
static void put_area(struct copying *copying, enum rsop_side side, const char *area)
{
    const struct rsop *rsop = copying->writing->rsop;
    struct report_write *write = &copying->writing->write;
    bool begun = false;
    for (size_t i = 0; i < rsop->reports.count; i++) {
        const struct xml_element *extension =
            rsop->reports.documents[i] ? find_extension(rsop->reports.documents[i], side, area)
                                       : NULL;
        if (!extension || !holds_settings(copying->index, extension))
            continue;
        if (!begun)
            begin_extension(copying, extension);
        begun = true;
        copy_settings(copying, extension);
    }
    if (!begun)
        return;
    write->prefix[0] = 0;
    report_close(write);
    report_text_in(write, "Name", REPORT_NS, area);
    report_close(write);
}

/* ---- gpmq:Setting ---------------------------------------------------------------------------- */

static void put_value(struct rsop_writing *writing, const struct rsop_value *value)
{
    struct report_write *write = &writing->write;
    char id[GPMQ_GUID_TEXT_SIZE];
    report_open(write, "gpmq:Value");
    report_text(write, "gpmq:Standing", rsop_standing_word(value->standing));
    report_number(write, "gpmq:Precedence", value->precedence);
    report_text(write, "gpmq:Identifier", gpmq_guid_text(&value->entry->gpo->id, id));
    report_text(write, "gpmq:GPO", value->entry->gpo->gpo->display_name);
    report_text(write, "gpmq:SOMPath", value->entry->som->path);
    report_text(write, "gpmq:Text", value->setting->value);
    if (value->note)
        report_text(write, "gpmq:Note", value->note);
    report_close(write);
}

static void put_setting(struct rsop_writing *writing, const struct rsop_setting *setting)
{
    struct report_write *write = &writing->write;
    report_open(write, "gpmq:Setting");
    report_text(write, "gpmq:Area", setting->values[0].setting->area);
    report_text(write, "gpmq:Name", setting->values[0].setting->name);
    for (size_t i = 0; i < setting->value_count; i++)
        put_value(writing, &setting->values[i]);
    report_close(write);
}

int rsop_put_data(struct rsop_writing *writing, enum rsop_side side, struct gpmq_error *err)
{
    const struct rsop_settings *merged = &writing->rsop->merged[side];
    CLEANUP(free_index) struct index index = {0};
    struct copying copying = {.writing = writing, .index = &index};
    const char *last = NULL;
    int rc = make_index(&index, merged, err);
    if (rc)
        return rc;
    for (size_t i = 0; !writing->flat && i < merged->count; i++) {
        const char *area = merged->items[i].values[0].setting->area;
        if (!last || strcmp(last, area) != 0)
            put_area(&copying, side, area);
        last = area;
    }
    for (size_t i = 0; i < merged->count; i++)
        put_setting(writing, &merged->items[i]);
    return 0;
}
