/*
 * settings_rules.h - the tables of settings.c: which elements of a report are settings, and what
 * identifies them.
 *
 * A template is text with {PATH} in it, which stands for the text that is found there: names of
 * child elements with '/' between them, "@name" at the end for an attribute; {A|B} is the first one
 * that is there; {:element} the element's own name, {:value} the value name of a RegistrySetting
 * (also of a command about a value), with a '\' before it. A path that leads nowhere is empty.
 */
#ifndef GPMQ_SETTINGS_RULES_H
#define GPMQ_SETTINGS_RULES_H

#include "bytes.h"
#include "xml.h"

#define SETTINGS_TARGET_IS_KEY "="

struct setting_rule {
    const char *area;    /* of report_area.h; NULL: every one */
    const char *parent;  /* the element it must be in: the name of a group, or NULL: none */
    const char *element; /* its name; NULL: every one */
    const char *has;     /* a path that must lead to something; NULL: nothing asked */
    const char *key;     /* template */
    const char *name;    /* template */
    const char *target;  /* template, SETTINGS_TARGET_IS_KEY, or NULL: it adds to other GPOs' */
    bool group;          /* no setting but a group of them; its key begins theirs */
    bool sorted;         /* the order of its lines means nothing */
};

/* The rule of an element of an area; parent is the group it is in, or NULL. There always is one. */
const struct setting_rule *settings_rule_of(const char *area, const char *parent,
                                            const struct xml_element *element);
/* The same for an item of a preference area, or a group of such (what has a clsid). */
const struct setting_rule *settings_rule_of_preference(const struct xml_element *element);

/* Whether a part of a setting is none of its value: how it looks, what follows from the rest; of
 * some only when they are empty. A name that begins with '@' is an attribute's. */
bool settings_is_ignored(const char *area, const char *name, bool empty);
/* Whether its name adds nothing to the text in it ("SettingNumber"). */
bool settings_is_silent(const char *name);

/* Puts what template says of an element. */
void settings_expand(struct bytes *out, const char *template, const struct xml_element *element);
/* Whether that path, "@name" or "Name", without '/', is one that template is made from. */
bool settings_template_has(const char *template, const char *path);
/* The text at a path; NULL: it leads nowhere. */
const char *settings_text_at(const struct xml_element *element, const char *path, size_t length);

#endif
