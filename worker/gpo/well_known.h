/*
 * well_known.h - accounts that have the same SID everywhere, by the names an English Windows gives.
 */
#ifndef GPMQ_WELL_KNOWN_H
#define GPMQ_WELL_KNOWN_H

/* The name of a well-known SID without its authority ("Administrators", "NETWORK SERVICE"), or
 * NULL. sid: text as sid_text() writes it. Static. */
const char *well_known_name(const char *sid);
/* The SID that such a name means, or NULL: without case, alone ("Everyone", "Administrators") or
 * behind its authority ("BUILTIN\\Administrators", "NT AUTHORITY\\SYSTEM"). Static. */
const char *well_known_sid(const char *name);

#endif
