/*
 * html_label.h - words for names: of elements and attributes, and of the codes in some of them.
 */
#ifndef GPMQ_HTML_LABEL_H
#define GPMQ_HTML_LABEL_H

#include <stddef.h>

#define HTML_LABEL_SIZE 128

/* "targetPath" becomes "Target path", "DisplayInARP" "Display in ARP"; a few have words of their
 * own. What does not fit is cut. Returns out. */
const char *html_label(const char *name, char out[HTML_LABEL_SIZE]);

/* What a preference item does by its action attribute: "U" is "Update". NULL: no such action. */
const char *html_action(const char *code);
/* "SeBatchLogonRight" is "Log on as a batch job". NULL: not known. */
const char *html_user_right(const char *name);
/* "MinimumPasswordLength" is "Minimum password length"; NULL: not known. */
const char *html_account_policy(const char *name);
/* An IP protocol by its number: "6" is "TCP". NULL: not known. */
const char *html_protocol(const char *number);
/* A folder of the user's profile by its KNOWNFOLDERID, whatever its case:
 * "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}" is "Documents". NULL: not known. */
const char *html_known_folder(const char *id);
/* The SID of a well-known account: "S-1-1-0" is "Everyone". NULL: not known. */
const char *html_well_known(const char *sid);

#endif
