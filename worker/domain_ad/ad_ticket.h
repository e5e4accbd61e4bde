/*
 * ad_ticket.h - secrets and Kerberos tickets of an AD domain.
 *
 * A ticket is got with the keytab or password that the settings name, and kept in a file that only
 * this account can read, in the folder of ad_ticket_folder(); libldap and libsmbclient find it by
 * KRB5CCNAME (two Kerberos libraries: a cache in memory would be seen by one of them only). It is
 * got anew when a tenth of its life, or less than ten minutes, is left.
 */
#ifndef GPMQ_AD_TICKET_H
#define GPMQ_AD_TICKET_H

#include "ad_settings.h"

#define AD_PASSWORD_MAX 1024 /* bytes of a password */

/* Where tickets are kept: a folder with mode 0700; borrowed for good. Without it, tickets of a
 * keytab or password cannot be got. */
void ad_ticket_folder(const char *path);
/* Sees to a valid ticket and points KRB5CCNAME to it. Does nothing for auth=simple.
 * GPMQ_EDENIED: wrong password, key or account. GPMQ_EUNREACHABLE: no KDC answers. GPMQ_EACCESS: a
 * file that cannot be read, or that others can read. GPMQ_EINVAL: clock skew, named so. */
int ad_ticket_get(const struct ad_settings *settings, struct gpmq_error *err) GPMQ_CHECKED;
/* When the ticket ends, Unix seconds; 0: there is none. */
int64_t ad_ticket_ends(const struct ad_settings *settings);

/* The first line of the password file; free() *out with ad_password_free(). GPMQ_EACCESS: it cannot
 * be read, or others than its owner can read it. GPMQ_EINVAL: it is empty or too long. */
int ad_password_read(const struct ad_settings *settings, char **out,
                     struct gpmq_error *err) GPMQ_CHECKED;
/* Wipes it first. */
void ad_password_free(char **password_p);

#endif
