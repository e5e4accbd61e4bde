/*
 * doctor_ad.h - what is wrong with an Active Directory domain, seen from this machine and account:
 * files, names, ports, clock, ticket, login, certificate, rights, SYSVOL, helper. What depends on
 * something that does not work is left out. Nothing is changed, but for a temporary folder in
 * SYSVOL where doctor->may_write.
 *
 * sysvol_acl_prepare() and ad_ticket_folder() were called before.
 */
#ifndef GPMQ_DOCTOR_AD_H
#define GPMQ_DOCTOR_AD_H

#include "ad_settings.h"
#include "doctor.h"

/* url: what stands behind "ad:". */
void doctor_ad(struct doctor *doctor, const char *url);

/* ---- doctor_ad_reach.c: names, ports and clock, without logging in ---- */

#define DOCTOR_PORT_WAIT_S 5 /* for one port to answer */

/* The first controller that can be used, which is one of settings->servers; NULL: none. Without
 * servers in the settings it puts those there that DNS names. */
const char *doctor_ad_reach(struct doctor *doctor, struct ad_settings *settings);
/* The clock of that controller against ours. */
void doctor_ad_clock(struct doctor *doctor, const struct ad_settings *settings, const char *server);

#endif
