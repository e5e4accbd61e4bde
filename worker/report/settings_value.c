#include "settings_value.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "settings.h"

#define INDENT 2

struct rendering {
    struct bytes out; /* lines, each with its newline */
    const char *area;
    const struct setting_rule *rule;
    const struct xml_element *item;
    bool (*skips)(const struct xml_element *child);
    bool bare;      /* accounts have no names, numbers no words */
    bool has_words; /* there was something that is left out then */
};

static void put_part(struct rendering *rendering, const struct xml_element *element, int depth);

/* ---- lines ---------------------------------------------------------------------------------- */

static bool is_full(const struct rendering *rendering)
{
    return rendering->out.size > SETTINGS_BYTES_MAX;
}

static void indent(struct rendering *rendering, int depth)
{
    bytes_format(&rendering->out, "%*s", depth * INDENT, "");
}

/* Text of several lines goes on below its beginning, one step further in. */
static void put_text(struct rendering *rendering, const char *text, int depth)
{
    while (*text && !is_full(rendering)) {
        size_t line = strcspn(text, "\r\n");
        bytes_put(&rendering->out, text, line);
        text += line;
        if (!*text)
            return;
        text += *text == '\r' && text[1] == '\n' ? 2 : 1;
        bytes_put_char(&rendering->out, '\n');
        indent(rendering, depth + 1);
    }
}

/* label NULL: the text alone. */
static void put_line(struct rendering *rendering, const char *label, const char *text, int depth)
{
    indent(rendering, depth);
    if (label)
        bytes_format(&rendering->out, "%s:%s", label, *text ? " " : "");
    put_text(rendering, text, depth);
    bytes_put_char(&rendering->out, '\n');
}

/* A group whose content is one line becomes "label: line". */
static void join_only_line(struct rendering *rendering, size_t content)
{
    struct bytes *out = &rendering->out;
    const char *newline = memchr(out->at + content, '\n', out->size - content);
    if (!newline || (const uint8_t *)newline + 1 != out->at + out->size)
        return;
    size_t from = content;
    while (out->at[from] == ' ')
        from++;
    memmove(out->at + content, out->at + from, out->size - from);
    out->at[content - 1] = ' '; /* where the label's newline was */
    bytes_cut(out, out->size - (from - content));
}

/* ---- attributes ----------------------------------------------------------------------------- */

static const char *shown(const char *name, const char *value)
{
    return strcasecmp(name, "cpassword") || !*value ? value : "(a password, not shown)";
}

static bool is_shown(const struct rendering *rendering, const struct xml_element *element,
                     const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "@%s", name);
    return !settings_is_ignored(rendering->area, path, false) &&
           (element != rendering->item || !settings_template_has(rendering->rule->key, path));
}

static void put_attribute_lines(struct rendering *rendering, const struct xml_element *element,
                                int depth)
{
    const char *name, *value;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        if (is_shown(rendering, element, name))
            put_line(rendering, name, shown(name, value), depth);
}

/* "a=1, b=2" behind a label. */
static size_t put_attributes(struct rendering *rendering, const struct xml_element *element,
                             int depth)
{
    const char *name, *value;
    size_t count = 0;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++) {
        if (!is_shown(rendering, element, name))
            continue;
        bytes_format(&rendering->out, "%s%s=", count++ ? ", " : " ", name);
        put_text(rendering, shown(name, value), depth);
    }
    return count;
}

/* ---- elements ------------------------------------------------------------------------------- */

static bool is_leaf(const struct xml_element *element)
{
    const char *name, *value;
    return !xml_child(element, NULL) && !xml_attribute_at(element, 0, &name, &value);
}

static void put_children(struct rendering *rendering, const struct xml_element *element, int depth)
{
    bool is_item = element == rendering->item;
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        if (!is_item || !rendering->skips || !rendering->skips(e))
            put_part(rendering, e, depth);
}

/* A user or group: SID and Name and nothing else. */
static bool is_principal(const struct xml_element *element)
{
    size_t known = xml_count(element, "SID") + xml_count(element, "Name");
    return xml_child(element, "SID") && known <= 2 && known == xml_count(element, NULL);
}

static void put_principal(struct rendering *rendering, const struct xml_element *element,
                          const char *label, int depth)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    const char *name = xml_child_text(element, "Name"), *sid = xml_child_text(element, "SID");
    rendering->has_words |= name && *name && *sid;
    if (name && *name && !(rendering->bare && *sid))
        bytes_format(&text, *sid ? "%s (%s)" : "%s", name, sid);
    else
        bytes_put_text(&text, sid);
    put_line(rendering, label, text.at ? (const char *)text.at : "", depth);
}

/* Opens with a label and the attributes, and closes: without content, with one line, or more. */
static void put_group(struct rendering *rendering, const struct xml_element *element,
                      const char *label, int depth)
{
    size_t start = rendering->out.size;
    indent(rendering, depth);
    bytes_format(&rendering->out, "%s:", label);
    size_t attributes = put_attributes(rendering, element, depth);
    bytes_put_char(&rendering->out, '\n');
    size_t content = rendering->out.size;
    put_children(rendering, element, depth + 1);
    if (rendering->out.failed)
        return;
    if (!attributes && content == rendering->out.size && xml_child(element, NULL))
        bytes_cut(&rendering->out, start); /* all that it holds is ignored */
    else if (!attributes && content < rendering->out.size)
        join_only_line(rendering, content);
}

/* One row of a list: "name = data", or the data alone. */
static void put_row(struct rendering *rendering, const struct xml_element *row, int depth)
{
    const char *name = xml_child_text(row, "Name"), *text = xml_child_text(row, "Data");
    indent(rendering, depth);
    if (name)
        put_text(rendering, name, depth);
    bytes_put_text(&rendering->out, name && text ? " = " : "");
    put_text(rendering, text ? text : "", depth);
    bytes_put_char(&rendering->out, '\n');
}

/* What was chosen: a text, the name of an item, rows. */
static void put_chosen(struct rendering *rendering, const struct xml_element *chosen, int depth)
{
    if (is_leaf(chosen) && *xml_text(chosen))
        put_line(rendering, NULL, xml_text(chosen), depth);
    for (const struct xml_element *e = xml_child(chosen, NULL); e; e = xml_next(e, NULL)) {
        if (!strcmp(xml_name(e), "Name") && is_leaf(e))
            put_line(rendering, NULL, xml_text(e), depth);
        else if (!strcmp(xml_name(e), "Element") && xml_child(e, "Data"))
            put_row(rendering, e, depth);
        else
            put_part(rendering, e, depth);
    }
}

/* What an ADMX file calls an element of a policy: a name, mostly a state, and what was chosen. */
static void put_choice(struct rendering *rendering, const struct xml_element *element,
                       const char *label, int depth)
{
    bool has_more = xml_child(element, "Value");
    size_t length = strlen(label);
    CLEANUP(free_pointer)
    char *name = strndup(label, length - (length && label[length - 1] == ':'));
    if (!name) {
        rendering->out.failed = true;
        return;
    }
    indent(rendering, depth);
    bytes_format(&rendering->out, "%s:\n", name);
    size_t content = rendering->out.size;
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL)) {
        bool is_plain = !strcmp(xml_name(e), "State") && !strcmp(xml_text(e), "Enabled");
        if (!strcmp(xml_name(e), "Value"))
            put_chosen(rendering, e, depth + 1);
        else if (strcmp(xml_name(e), "Name") && !(is_plain && has_more))
            put_part(rendering, e, depth + 1);
    }
    if (!rendering->out.failed && content < rendering->out.size)
        join_only_line(rendering, content);
}

static bool is_key_part(const struct rendering *rendering, const struct xml_element *element)
{
    return settings_template_has(rendering->rule->key, xml_name(element)) && is_leaf(element);
}

/* Of what key or name of the setting say the name. */
static void put_unnamed(struct rendering *rendering, const struct xml_element *element, int depth)
{
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        if (strcmp(xml_name(e), "Name") != 0)
            put_part(rendering, e, depth);
}

/* What Windows has for a security option in words; the number beside it is what is set. */
static void put_display(struct rendering *rendering, const struct xml_element *element, int depth)
{
    rendering->has_words = true;
    if (!rendering->bare)
        put_unnamed(rendering, element, depth);
}

/* A name and a state or value: the name is the label. */
static bool is_choice(const struct xml_element *element)
{
    return xml_child_text(element, "Name") &&
           (xml_child(element, "State") || xml_child(element, "Value"));
}

static void put_part(struct rendering *rendering, const struct xml_element *element, int depth)
{
    const char *name = xml_name(element);
    const char *label = settings_is_silent(name) ? NULL : name;
    bool leaf = is_leaf(element);
    if (is_full(rendering) || rendering->out.failed ||
        settings_is_ignored(rendering->area, name, leaf && !*xml_text(element)))
        return;
    if (leaf)
        put_line(rendering, label, xml_text(element), depth);
    else if (is_principal(element))
        put_principal(rendering, element, label, depth);
    else if (!strcmp(name, "Display"))
        put_display(rendering, element, depth);
    else if (is_choice(element))
        put_choice(rendering, element, xml_child_text(element, "Name"), depth);
    else if (!strcmp(name, "Properties")) {
        put_attribute_lines(rendering, element, depth);
        put_children(rendering, element, depth);
    } else if (label || !xml_child(element, NULL)) {
        put_group(rendering, element, name, depth);
    } else {
        put_children(rendering, element, depth);
    }
}

/* The parts of the item itself: what is in the key is not said again. */
static void put_item(struct rendering *rendering)
{
    const struct xml_element *item = rendering->item;
    bool is_value = strstr(rendering->rule->key, "{:value}");
    put_attribute_lines(rendering, item, 0);
    if (!xml_child(item, NULL) && *xml_text(item))
        put_line(rendering, NULL, xml_text(item), 0);
    for (const struct xml_element *e = xml_child(item, NULL); e; e = xml_next(e, NULL)) {
        if (is_key_part(rendering, e) || (rendering->skips && rendering->skips(e)))
            continue;
        if (is_value && !strcmp(xml_name(e), "Value"))
            put_unnamed(rendering, e, 0);
        else
            put_part(rendering, e, 0);
    }
}

/* ---- order ---------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Puts the lines of a text, which is cut into them, in the order of the alphabet. */
static int sort_lines(char **text_p, struct gpmq_error *err)
{
    char *text = *text_p;
    size_t count = 1, used = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    CLEANUP(free_pointer) char **lines = calloc(count, sizeof *lines);
    if (!lines)
        return fail(err, GPMQ_ENOMEM, "no memory for a setting");
    for (char *rest = text; rest;)
        lines[used++] = strsep(&rest, "\n");
    qsort(lines, count, sizeof *lines, by_text);
    CLEANUP(bytes_free) struct bytes sorted = {0};
    for (size_t i = 0; i < count; i++)
        bytes_format(&sorted, "%s%s", i ? "\n" : "", lines[i]);
    void *taken;
    int rc = bytes_take(&sorted, &taken, NULL, err);
    if (rc)
        return rc;
    free(text);
    *text_p = taken;
    return 0;
}

/* Renders once. */
static int render(struct rendering *rendering, char **out, struct gpmq_error *err)
{
    void *text;
    put_item(rendering);
    if (is_full(rendering)) {
        bytes_free(&rendering->out);
        return fail(err, GPMQ_ETOOBIG, "a setting of '%s' has more than %u bytes of text",
                    rendering->area, SETTINGS_BYTES_MAX);
    }
    if (rendering->out.size) /* the last line needs no newline */
        bytes_cut(&rendering->out, rendering->out.size - 1);
    int rc = bytes_take(&rendering->out, &text, NULL, err);
    if (rc) {
        bytes_free(&rendering->out);
        return rc;
    }
    *out = text;
    return rendering->rule->sorted && strchr(*out, '\n') ? sort_lines(out, err) : 0;
}

int settings_value(char **out, char **compared, const char *area, const struct setting_rule *rule,
                   const struct xml_element *element,
                   bool (*skips)(const struct xml_element *child), struct gpmq_error *err)
{
    struct rendering rendering = {.area = area, .rule = rule, .item = element, .skips = skips};
    int rc = render(&rendering, out, err);
    if (rc || !rendering.has_words)
        return rc;
    rendering.bare = true;
    return render(&rendering, compared, err);
}
