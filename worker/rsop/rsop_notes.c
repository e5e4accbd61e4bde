/* rsop_notes.c - what a reader of a plan must know of how it came about. */
#include "rsop_notes.h"

#include <stdlib.h>
#include <string.h>

#define LOOPBACK_KEY "Software\\Policies\\Microsoft\\Windows\\System\\UserPolicyMode"
/* Its name in Microsoft's GroupPolicy.admx, in English. */
#define LOOPBACK_NAME "Configure user Group Policy loopback processing mode"

static const char *const side_words[RSOP_SIDES] = {"computer", "user"};

/* Whether an earlier entry of the side has the same filter. */
static bool is_repeated(const struct rsop_list *list, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (list->entries[k].wmi_filter == list->entries[i].wmi_filter)
            return true;
    return false;
}

static int note_filter(struct rsop *rsop, enum rsop_side side, const struct rsop_entry *entry,
                       struct gpmq_error *err)
{
    struct rsop_notes *notes = &rsop->knowledge.notes;
    switch (entry->wmi) {
    case RSOP_WMI_ASSUMED_TRUE:
    case RSOP_WMI_ASSUMED_FALSE:
        return rsop_note(notes, err, "WMI filter '%s' is assumed to be %s for the %s.",
                         entry->wmi_filter->name,
                         entry->wmi == RSOP_WMI_ASSUMED_TRUE ? "true" : "false", side_words[side]);
    case RSOP_WMI_DAMAGED:
        return rsop_note(notes, err, "WMI filter '%s' is damaged, which makes it false: %s.",
                         entry->wmi_filter->name, entry->wmi_filter->damage);
    case RSOP_WMI_GONE:
        return rsop_note(notes, err,
                         "The WMI filter of GPO '%s' is not in the domain: the GPO is allowed.",
                         entry->gpo->gpo->display_name);
    case RSOP_WMI_NONE:
    case RSOP_WMI_GIVEN_TRUE:
    case RSOP_WMI_GIVEN_FALSE:
        return 0;
    }
    return 0;
}

static int note_entries(struct rsop *rsop, enum rsop_side side, struct gpmq_error *err)
{
    const struct rsop_list *list = &rsop->plan.sides[side];
    int rc = 0;
    for (size_t i = 0; !rc && i < list->count; i++) {
        const struct rsop_entry *entry = &list->entries[i];
        if (entry->wmi != RSOP_WMI_NONE && (!entry->wmi_filter || !is_repeated(list, i)))
            rc = note_filter(rsop, side, entry, err);
        if (!rc && entry->no_descriptor)
            rc = rsop_note(&rsop->knowledge.notes, err,
                           "The domain holds no security descriptor of GPO '%s': taken as if "
                           "everybody may apply it.",
                           entry->gpo->gpo->display_name);
    }
    return rc;
}

/* The value of UserPolicyMode, 1 merge and 2 replace, plain or as a template's drop-down list. */
static enum rsop_loopback mode_of(const struct xml_element *element)
{
    const char *number = xml_child_text(xml_child(element, "Value"), "Number");
    const struct xml_element *list = xml_child(element, "DropDownList");
    const char *word = list ? xml_child_text(xml_child(list, "Value"), "Name") : NULL;
    const char *mode = number ? number : word ? word : "";
    if (!strcmp(mode, "1") || !strcmp(mode, "Merge"))
        return RSOP_LOOPBACK_MERGE;
    if (!strcmp(mode, "2") || !strcmp(mode, "Replace"))
        return RSOP_LOOPBACK_REPLACE;
    return RSOP_LOOPBACK_NONE;
}

/* What the computer's own policy sets; *by is NULL where it sets nothing. */
static enum rsop_loopback loopback_of(const struct rsop *rsop, const struct rsop_value **by)
{
    const struct rsop_settings *merged = &rsop->merged[RSOP_COMPUTER];
    for (size_t i = 0; i < merged->count; i++) {
        const struct rsop_value *value = &merged->items[i].values[0];
        if (value->standing != RSOP_WINS || (strcasecmp(value->setting->key, LOOPBACK_KEY) != 0 &&
                                             strcasecmp(value->setting->name, LOOPBACK_NAME) != 0))
            continue;
        *by = value;
        return mode_of(value->setting->element);
    }
    return RSOP_LOOPBACK_NONE;
}

static int note_loopback(struct rsop *rsop, struct gpmq_error *err)
{
    static const char *const words[] = {"no loopback", "loopback merge", "loopback replace"};
    const struct rsop_value *by = NULL;
    enum rsop_loopback sets = loopback_of(rsop, &by), asked = rsop->knowledge.request.loopback;
    if (!by || sets == asked || !rsop->plan.sides[RSOP_USER].planned)
        return 0;
    return rsop_note(&rsop->knowledge.notes, err,
                     "The computer's policy sets %s (GPO '%s'); planned is %s, as was asked.",
                     words[sets], by->entry->gpo->gpo->display_name, words[asked]);
}

static int note_targeting(struct rsop *rsop, struct gpmq_error *err)
{
    size_t items = 0;
    for (int side = 0; side < RSOP_SIDES; side++)
        for (size_t i = 0; i < rsop->merged[side].count; i++)
            for (size_t k = 0; k < rsop->merged[side].items[i].value_count; k++) {
                const char *note = rsop->merged[side].items[i].values[k].note;
                items += note && strstr(note, "targeting") != NULL;
            }
    return items
               ? rsop_note(&rsop->knowledge.notes, err,
                           "Item-level targeting of %zu preference items is taken as true.", items)
               : 0;
}

static int note_reports(struct rsop *rsop, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < rsop->reports.count; i++)
        if (rsop->reports.too_large[i])
            rc = rsop_note(&rsop->knowledge.notes, err,
                           "GPO '%s' has more settings than a report may have: they are missing.",
                           rsop->knowledge.gpos[i].gpo->display_name);
    return rc;
}

static int note_templates(struct rsop *rsop, struct gpmq_error *err)
{
    const struct rsop_reports *reports = &rsop->reports;
    return reports->templates_unusable
               ? rsop_note(
                     &rsop->knowledge.notes, err,
                     "%zu administrative templates cannot be used, and their values are shown "
                     "as they are; the first: %s",
                     reports->templates_unusable, reports->complaint.text)
               : 0;
}

int rsop_note_findings(struct rsop *rsop, struct gpmq_error *err)
{
    int rc = 0;
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        rc = note_entries(rsop, (enum rsop_side)side, err);
    if (!rc)
        rc = note_loopback(rsop, err);
    if (!rc)
        rc = note_reports(rsop, err);
    if (!rc)
        rc = note_templates(rsop, err);
    return rc ? rc : note_targeting(rsop, err);
}
