/*
 * settings.h - the settings of a GPO as one flat, sorted list, read from an XML report: what diff
 * compares and RSoP merges.
 *
 * A setting is the smallest part of a report that a person would call one: a registry value, a user
 * right with its members, a drive map. What no rule of settings_rules.h knows becomes a setting of
 * its own, so nothing of a report is lost but what the tables there name as no part of a setting.
 *
 * Identity. Within one GPO over time: side, area and key. Keys are compared without case. Several
 *           settings of one GPO may have the same key (two firewall rules of one name): they keep
 *           the order that they have in the report.
 *           Between GPOs: side, area and target. Two settings with the same target say what one
 *           thing of the computer or user is to be, so one of them wins and is all that counts.
 *           target NULL: it is added to what other GPOs say and beats nothing.
 *
 *           | Area                     | key                            | target |
 *           |--------------------------|--------------------------------|--------------------------|
 *           | Registry                 | key path and value name, or    | the key | | | category
 * and name of a policy  |                          | | Security                 | kind and name,
 * path or SID     | the key                  | | Advanced Audit           | policy target and
 * subcategory  | the key                  | | preferences              | uid; without one: element,
 * | what it is about: letter,| |                          | name and action                | path,
 * key and value ...  | | firewall rules, scripts, | direction and name, type and   | NULL | |
 * certificates, AppLocker  | command, names and date, id    |                          | | rules |
 * |                          | | profiles, modes, options | name of the element            | the
 * key                  | | anything else            | element, its id or name        | the key |
 *
 *           The command of a registry value ("**del.NAME") has the key of the value it is about.
 *
 * Values.   Text for comparing and for people: lines of UTF-8, "label: text", nested ones indented
 *           by two blanks. An account is "name (SID)"; what it is called depends on who was asked,
 * so values are compared by SIDs, and without the words that Windows has for a number
 *           (setting_compared()). Equal settings have equal values in two
 * reports, whatever order lists without order have. A password (cpassword) is never in it. Order.
 * A preference's place among its neighbours is no part of its value.
 */
#ifndef GPMQ_SETTINGS_H
#define GPMQ_SETTINGS_H

#include "xml.h"

#define SETTINGS_BYTES_MAX (64u << 20) /* bytes of all keys, targets, names and values together */

/* The area of what our own reports list beside the sections: files and extensions that none of them
 * tells of (REPORT_NS_GPMQ). */
#define SETTINGS_OTHER "Other files"

enum setting_side { SETTING_GENERAL, SETTING_COMPUTER, SETTING_USER };

struct setting {
    enum setting_side side;
    const char *area; /* ExtensionData/Name, as in report_area.h; borrowed, also of the document */
    char *key;
    char *target;   /* or NULL */
    char *name;     /* for people: "Maximum password age" */
    char *value;    /* "" when there is nothing to say but that it is there */
    char *compared; /* the value without what others would call it; NULL: as value */
    const struct xml_element *element; /* of the document that it was read from: borrowed */
    size_t rank;                       /* of its area in report_areas(); unknown ones: its size */
    size_t order;                      /* its place in the report */
    bool placed; /* a preference: its place among the others of its area decides who is the last */
};

/* Sorted by side, area (as report_areas() has them, others behind them by name), key, order. */
struct settings {
    size_t count;
    struct setting *items;
};

/* Reads the settings of both sides. *out lives no longer than *report; settings_free() it.
 * GPMQ_EMALFORMED: it is no report of a GPO. GPMQ_ETOOBIG: over SETTINGS_BYTES_MAX. */
int settings_read(struct settings *out, const struct xml_document *report,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void settings_free(struct settings *settings);

/* What a list of settings is sorted by but for the order: 0 means that it is the same setting. */
int settings_compare(const struct setting *a, const struct setting *b);
/* What of a value is compared. */
const char *setting_compared(const struct setting *setting);
/* "General", "Computer", "User". */
const char *setting_side_name(enum setting_side side);

#endif
