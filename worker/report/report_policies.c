/* report_policies.c - registry values as the policies that administrative templates name. */
#include "report_policies.h"

#include <stdlib.h>
#include <string.h>

#include "admx_comments.h"
#include "admx_match.h"
#include "cleanup.h"
#include "fail.h"

/* A policy that is set. */
struct match {
    const struct admx_policy *policy;
    enum admx_state state;
    size_t first; /* of its values, by which policies are in order */
};

/* One side's policies while they are written. */
struct policies {
    struct report *report;
    const struct admx *admx;
    struct admx_values values;
    struct admx_comments comments;
    struct match *matches;
    size_t count, room;
};

static void policies_close(struct policies *policies)
{
    admx_values_close(&policies->values);
    admx_comments_free(&policies->comments);
    free(policies->matches);
}

static const char *state_name(enum admx_state state)
{
    static const char *const names[] = {"NotConfigured", "Enabled", "Disabled"};
    return names[state];
}

/* ---- values of elements --------------------------------------------------------------------- */

static struct report_pol_value *value_at(const struct policies *policies, size_t at)
{
    return &policies->report->pol.values[at];
}

/* A number or text, in whatever element is open. */
static int put_scalar(const struct policies *policies, const char *name,
                      const struct report_pol_value *value, struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    CLEANUP(free_pointer) char *text = NULL;
    uint64_t number;
    int rc = report_pol_text(&text, value, err);
    if (!rc && text) {
        report_text(write, name, text);
    } else if (!rc && report_pol_number(value, &number)) {
        report_number(write, name, number);
    } else if (!rc) {
        rc = report_hex(&text, value->content, value->size, err);
        if (!rc)
            report_text(write, name, text);
    }
    return rc;
}

static int put_strings(const struct policies *policies, const struct report_pol_value *value,
                       struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    int rc = 0;
    report_open(write, "Value");
    for (size_t at = 0; !rc;) {
        CLEANUP(free_pointer) char *text = NULL;
        rc = report_pol_next_text(&text, value, &at, err);
        if (rc || !text)
            break;
        report_text(write, "string", text);
    }
    report_close(write);
    return rc;
}

/* The name of the item that holds; of none, the value itself. */
static int put_choice(const struct policies *policies, const struct match *match,
                      const struct xml_element *element, const struct report_pol_value *value,
                      struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    const char *name;
    const char *key = admx_element_key(match->policy, element, &name);
    const struct xml_element *item = xml_child(element, "item");
    while (item && !admx_value_is(&policies->values, key, name, xml_child(item, "value")))
        item = xml_next(item, "item");
    report_open(write, "Value");
    int rc = 0;
    if (item)
        report_text(write, "Name",
                    admx_text(match->policy->file, xml_attribute(item, "displayName")));
    else
        rc = put_scalar(policies, "Name", value, err);
    report_close(write);
    return rc;
}

static bool says(const struct xml_element *element, const char *attribute)
{
    const char *value = xml_attribute(element, attribute);
    return value && (!strcmp(value, "true") || !strcmp(value, "1"));
}

static int put_list(const struct policies *policies, const struct match *match,
                    const struct xml_element *list, struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    const char *name, *prefix = xml_attribute(list, "valuePrefix");
    size_t first;
    size_t count =
        admx_values_of_key(&policies->values, admx_element_key(match->policy, list, &name), &first);
    int rc = 0;
    report_bool(write, "ExplicitValue", says(list, "explicitValue"));
    report_bool(write, "Additive", says(list, "additive"));
    if (prefix)
        report_text(write, "ValuePrefix", prefix);
    report_open(write, "Value");
    for (size_t i = first; i < first + count && !rc; i++) {
        const struct report_pol_value *value = value_at(policies, policies->values.order[i]);
        if (!admx_list_has(list, value))
            continue;
        report_open(write, "Element");
        if (says(list, "explicitValue"))
            report_text(write, "Name", value->name);
        rc = put_scalar(policies, "Data", value, err);
        report_close(write);
    }
    report_close(write);
    return rc;
}

/* ---- elements ------------------------------------------------------------------------------- */

static enum admx_state element_state(const struct policies *policies, const struct match *match,
                                     const struct xml_element *element, size_t *at)
{
    const char *name;
    const char *key = admx_element_key(match->policy, element, &name);
    size_t first;
    if (!strcmp(xml_name(element), "list"))
        return admx_values_of_key(&policies->values, key, &first) ? ADMX_ENABLED
                                                                  : ADMX_NOT_CONFIGURED;
    enum admx_found found =
        name ? admx_values_find(&policies->values, key, name, at, NULL) : ADMX_ABSENT;
    return found == ADMX_SET       ? ADMX_ENABLED
           : found == ADMX_DELETED ? ADMX_DISABLED
                                   : ADMX_NOT_CONFIGURED;
}

/* A check box: what its value says, not whether there is one. */
static enum admx_state box_state(const struct policies *policies, const struct match *match,
                                 const struct xml_element *box, enum admx_state state, size_t at)
{
    const struct xml_element *on = xml_child(box, "trueValue");
    const char *name;
    uint64_t number = 0;
    const char *key = admx_element_key(match->policy, box, &name);
    if (state != ADMX_ENABLED)
        return on && name && admx_value_is(&policies->values, key, name, on) ? ADMX_ENABLED : state;
    if (on)
        return admx_value_is(&policies->values, key, name, on) ? ADMX_ENABLED : ADMX_DISABLED;
    return report_pol_number(value_at(policies, at), &number) && number ? ADMX_ENABLED
                                                                        : ADMX_DISABLED;
}

/* How the elements of a policy are called in a report. */
static const struct {
    const char *element;
    const char *report;
} kinds[] = {
    {"boolean", "CheckBox"}, {"decimal", "Numeric"},     {"longDecimal", "Numeric"},
    {"text", "EditText"},    {"multiText", "MultiText"}, {"enum", "DropDownList"},
    {"list", "ListBox"},
};

static const char *kind_of(const struct xml_element *element)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].element, xml_name(element)))
            return kinds[i].report;
    return NULL;
}

static int put_value(const struct policies *policies, const struct match *match,
                     const struct xml_element *element, size_t at, struct gpmq_error *err)
{
    const char *kind = xml_name(element);
    if (!strcmp(kind, "list"))
        return put_list(policies, match, element, err);
    if (!strcmp(kind, "enum"))
        return put_choice(policies, match, element, value_at(policies, at), err);
    if (!strcmp(kind, "multiText"))
        return put_strings(policies, value_at(policies, at), err);
    if (!strcmp(kind, "boolean"))
        return 0;
    return put_scalar(policies, "Value", value_at(policies, at), err);
}

static int put_element(const struct policies *policies, const struct match *match,
                       const struct xml_element *element, const char *label, struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    const char *kind = kind_of(element);
    size_t at = 0;
    if (!kind)
        return 0;
    enum admx_state state = element_state(policies, match, element, &at);
    bool there = state == ADMX_ENABLED;
    if (!strcmp(xml_name(element), "boolean"))
        state = box_state(policies, match, element, state, at);
    report_open(write, kind);
    report_text(write, "Name", label);
    report_text(write, "State", state_name(state));
    int rc = there ? put_value(policies, match, element, at, err) : 0;
    report_close(write);
    return rc;
}

/* A presentation's label: the element's text, or that of a <label> in it. */
static const char *label_of(const struct xml_element *shown)
{
    const char *label = xml_child_text(shown, "label");
    return label ? label : xml_text(shown);
}

static bool is_shown(const struct xml_element *presentation, const char *id)
{
    for (const struct xml_element *e = xml_child(presentation, NULL); e; e = xml_next(e, NULL)) {
        const char *shown = xml_attribute(e, "refId");
        if (shown && id && !strcasecmp(shown, id))
            return true;
    }
    return false;
}

/* As the presentation has them, then what it leaves out, under its id. */
static int put_elements(const struct policies *policies, const struct match *match,
                        struct gpmq_error *err)
{
    const struct xml_element *presentation = admx_presentation(match->policy);
    const struct xml_element *elements = xml_child(match->policy->element, "elements");
    int rc = 0;
    for (const struct xml_element *e = xml_child(presentation, NULL); e && !rc;
         e = xml_next(e, NULL)) {
        const struct xml_element *element = admx_element(match->policy, xml_attribute(e, "refId"));
        if (element) {
            rc = put_element(policies, match, element, label_of(e), err);
        } else if (!strcmp(xml_name(e), "text")) {
            report_open(&policies->report->write, "Text");
            report_text(&policies->report->write, "Name", xml_text(e));
            report_close(&policies->report->write);
        }
    }
    for (const struct xml_element *e = xml_child(elements, NULL); e && !rc; e = xml_next(e, NULL)) {
        const char *id = xml_attribute(e, "id");
        if (!is_shown(presentation, id))
            rc = put_element(policies, match, e, id ? id : "", err);
    }
    return rc;
}

/* ---- policies ------------------------------------------------------------------------------- */

static int put_policy(struct policies *policies, const struct match *match, struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    const struct admx_policy *policy = match->policy;
    CLEANUP(bytes_free) struct bytes category = {0};
    admx_category(policies->admx, policy, &category);
    if (category.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for the name of a category");
    report_open(write, "Policy");
    report_text(write, "Name",
                admx_text(policy->file, xml_attribute(policy->element, "displayName")));
    report_text(write, "State", state_name(match->state));
    report_text(write, "Explain",
                admx_text(policy->file, xml_attribute(policy->element, "explainText")));
    report_text(write, "Supported", admx_supported(policies->admx, policy));
    report_text(write, "Category", (const char *)category.at);
    const char *comment = admx_comment(&policies->comments, policy);
    if (comment && *comment)
        report_text(write, "Comment", comment);
    int rc = match->state == ADMX_ENABLED ? put_elements(policies, match, err) : 0;
    report_close(write);
    return rc;
}

static int add_match(struct policies *policies, const struct match *match, struct gpmq_error *err)
{
    if (policies->count == policies->room) {
        size_t room = policies->room ? policies->room * 2 : 64;
        struct match *grown = reallocarray(policies->matches, room, sizeof *grown);
        if (!grown)
            return fail(err, GPMQ_ENOMEM, "no memory for %zu policies", room);
        policies->matches = grown;
        policies->room = room;
    }
    policies->matches[policies->count++] = *match;
    return 0;
}

/* Takes a policy that is set, unless others have all of its values already. */
static int judge(struct policies *policies, const struct admx_policy *policy,
                 struct gpmq_error *err)
{
    CLEANUP(admx_touched_free) struct admx_touched touched = {0};
    struct match match = {.policy = policy, .first = SIZE_MAX};
    bool fresh = false;
    match.state = admx_state_of(&policies->values, policy, &touched);
    if (touched.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for the values of a policy");
    for (size_t i = 0; i < touched.count; i++) {
        fresh = fresh || !value_at(policies, touched.at[i])->told;
        match.first = touched.at[i] < match.first ? touched.at[i] : match.first;
    }
    if (match.state == ADMX_NOT_CONFIGURED || !fresh)
        return 0;
    for (size_t i = 0; i < touched.count; i++)
        value_at(policies, touched.at[i])->told = true;
    return add_match(policies, &match, err);
}

static int by_first(const void *a, const void *b)
{
    const struct match *one = a, *two = b;
    if (one->first != two->first)
        return one->first < two->first ? -1 : 1;
    return one->policy < two->policy ? -1 : one->policy > two->policy;
}

/* Comments are beside the matter: those that cannot be read are left to the list of files. */
static int read_comments(struct policies *policies, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    int rc = report_read(policies->report, "comment.cmtx", &bytes, &size, err);
    if (!rc && bytes)
        rc = admx_comments_read(&policies->comments, bytes, size, err);
    policies->report->failed_file = NULL;
    return report_is_content(rc) ? 0 : rc;
}

int report_policies(struct report *report, const struct admx *admx, bool computer,
                    struct gpmq_error *err)
{
    CLEANUP(policies_close) struct policies policies = {.report = report, .admx = admx};
    if (!admx)
        return 0;
    int rc = admx_values_open(&policies.values, &report->pol, err);
    if (!rc)
        rc = read_comments(&policies, err);
    for (size_t i = 0; i < admx_count(admx) && !rc; i++) {
        const struct admx_policy *policy = admx_policy(admx, i);
        if (computer ? policy->machine : policy->user)
            rc = judge(&policies, policy, err);
    }
    if (!rc && policies.count)
        qsort(policies.matches, policies.count, sizeof *policies.matches, by_first);
    for (size_t i = 0; i < policies.count && !rc; i++)
        rc = put_policy(&policies, &policies.matches[i], err);
    if (!rc && policies.comments.document && policies.comments.given == policies.comments.count)
        report_told(report, "comment.cmtx");
    return rc;
}
