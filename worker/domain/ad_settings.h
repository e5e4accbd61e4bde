/*
 * ad_settings.h - where an Active Directory domain is and as whom we come: what a URL of the scheme
 * "ad" says. It names files that hold secrets, never a secret.
 *
 *     ad:contoso.example
 *     ad:contoso.example?server=dc1.contoso.example,dc2.contoso.example&user=gpmq&keytab=/etc/gpmq/gpmq.keytab
 *     ad:contoso.example?auth=simple&user=gpmq@contoso.example&password-file=/etc/gpmq/password
 *
 *     server         domain controllers, in the order in which they are tried; without: those that
 *                    DNS names (SRV _ldap._tcp.DOMAIN), else the domain's own name
 *     auth           kerberos (default): SASL/GSSAPI, signed and sealed; simple: a password, inside
 *                    TLS only
 *     user           NAME or NAME@REALM; without a realm: the domain in upper case
 *     keytab         file with the keys of `user`
 *     password-file  file with the password of `user`, its first line; mode 0600
 *     ccache         tickets that somebody else keeps fresh ("FILE:/run/gpmq/krb5cc"); without
 *                    keytab, password-file and ccache: the default one of this account
 *     tls            of simple: starttls (default), ldaps
 *     ca             file with the certificates that are trusted; without: the system's
 *     sysvol         smb (default), or the folder sysvol of a controller that is this machine
 *     timeout        seconds for one answer, 1 to 600; default 15
 *
 * Values are percent-decoded (RFC 3986 2.1); a key that is not known, or that stands there twice,
 * is refused.
 */
#ifndef GPMQ_AD_SETTINGS_H
#define GPMQ_AD_SETTINGS_H

#include <stddef.h>

#include "gpmq/error.h"

/* What the files of a process's Kerberos tickets are named: its pid, then what tells them apart.
 * Who started it and saw it end removes them. */
#define AD_TICKET_PREFIX      "krb5cc-%d-"
#define AD_TICKET_PREFIX_SIZE 24

#define AD_SCHEME            "ad"
#define AD_SERVERS_MAX       16
#define AD_VALUE_MAX         1024 /* bytes of one value */
#define AD_TIMEOUT_DEFAULT_S 15
#define AD_TIMEOUT_MAX_S     600

enum ad_auth { AD_KERBEROS, AD_SIMPLE };
enum ad_tls { AD_STARTTLS, AD_LDAPS };

struct ad_settings {
    char *domain; /* DNS name, lower case */
    char *realm;  /* upper case */
    size_t server_count;
    char *servers[AD_SERVERS_MAX];
    enum ad_auth auth;
    enum ad_tls tls;
    char *user; /* with its realm; NULL: who the tickets say */
    char *keytab;
    char *password_file;
    char *ccache;
    char *ca_file;
    char *sysvol; /* NULL: by SMB */
    int timeout_s;
};

/* Reads what stands behind "ad:". GPMQ_EINVAL names the key that is wrong, and why. Let *out go
 * with ad_settings_free(). */
int ad_settings_parse(struct ad_settings **out, const char *text,
                      struct gpmq_error *err) GPMQ_CHECKED;
void ad_settings_free(struct ad_settings **settings_p);

#endif
