/*
 * settings_look.h - is everything that a report says in its settings?
 */
#ifndef GPMQ_SETTINGS_LOOK_H
#define GPMQ_SETTINGS_LOOK_H

#include "settings.h"

/* Looks for every text and attribute of every section of the report in the one setting that it
 * belongs to, but for what settings_rules.h ignores; ends the test where one is missing. Returns
 * how many there were. path: of the report, for the text. */
size_t settings_look(const struct xml_document *report, const struct settings *list,
                     const char *path);

#endif
