/*
 * settings_general.h - what a report says of the GPO itself, as settings of the side
 * SETTING_GENERAL, so that it is compared like them.
 *
 * | Area       | Settings, by their keys                                                    |
 * |------------|----------------------------------------------------------------------------|
 * | General    | Name, Description, Computer settings, User settings, WMI filter            |
 * | Delegation | Owner; for each trustee "SID/Allow" and "SID/Deny": who may do what, and   |
 * |            | with "Apply Group Policy" the security filter                              |
 * | Links      | the path of each container, with whether it is enabled and enforced        |
 * | SETTINGS_OTHER | the paths of files beside both sides that nothing in the report is about   |
 *
 * What changes by itself (times, versions) and the GUID are no settings.
 */
#ifndef GPMQ_SETTINGS_GENERAL_H
#define GPMQ_SETTINGS_GENERAL_H

#include "settings.h"

/* What not every report tells: a backup without gpreport.xml knows neither owner nor links. */
#define SETTINGS_OWNER (1u << 0)
#define SETTINGS_LINKS (1u << 1)

/* As settings_read(); `told` says which of the two above are wanted. */
int settings_read_general(struct settings *out, const struct xml_document *report, unsigned told,
                          struct gpmq_error *err) GPMQ_CHECKED;

#endif
