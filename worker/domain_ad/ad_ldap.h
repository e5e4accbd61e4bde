/*
 * ad_ldap.h - LDAP to one domain controller: bind, search, add, modify, delete ([MS-ADTS] 3.1.1).
 *
 * Kerberos binds by SASL/GSSAPI on ldap:// and is signed and sealed; a password goes inside TLS
 * with a checked certificate only. Searches are paged and read owner, group and DACL of security
 * descriptors (LDAP_SERVER_SD_FLAGS_OID with 7: an account without the right to the SACL gets no
 * descriptor otherwise). Referrals are not followed. Entries come as LDIF records.
 *
 * Errors.  GPMQ_EUNREACHABLE: the controller is not there, or did not answer in time; the
 *          connection is then of no more use. GPMQ_EDENIED: it does not accept us. GPMQ_EACCESS:
 * the account lacks a right, GPMQ_EBUSY: the controller is busy; otherwise as each call says.
 * Threads. One at a time.
 */
#ifndef GPMQ_AD_LDAP_H
#define GPMQ_AD_LDAP_H

#include "ad_settings.h"
#include "ldif.h"

#define AD_PAGE_SIZE   500
#define AD_ENTRIES_MAX LDIF_RECORDS_MAX

struct ad_ldap;

enum ad_scope { AD_BASE, AD_CHILDREN, AD_SUBTREE };

struct ad_search {
    const char *base;
    enum ad_scope scope;
    const char *filter;            /* NULL: everything */
    const char *const *attributes; /* NULL behind the last; NULL: all */
};

/* Connects and binds to `server` ("dc1.example.org", "dc1:1389", "[::1]"). */
int ad_ldap_open(struct ad_ldap **out, const struct ad_settings *settings, const char *server,
                 struct gpmq_error *err) GPMQ_CHECKED;
void ad_ldap_close(struct ad_ldap **ldap_p);
/* Whether an answer stayed away, so that it is of no more use. */
bool ad_ldap_is_broken(const struct ad_ldap *ldap);
/* The controller's certificate as DER, which the login has judged; free() *der. False: there is
 * none, since nothing went through TLS. */
bool ad_ldap_certificate(struct ad_ldap *ldap, uint8_t **der, size_t *size);
const char *ad_ldap_server(const struct ad_ldap *ldap);

/* Appends what is found to *out. GPMQ_ENOTFOUND: there is no such base. GPMQ_ETOOBIG. */
int ad_ldap_search(struct ad_ldap *ldap, const struct ad_search *search, struct ldif *out,
                   struct gpmq_error *err) GPMQ_CHECKED;

/* Adds an entry with all values of the record. GPMQ_EEXIST. GPMQ_ENOTFOUND: its parent. */
int ad_ldap_add(struct ad_ldap *ldap, const struct ldif_record *record,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Deletes an entry and all below it. GPMQ_ENOTFOUND. */
int ad_ldap_delete_tree(struct ad_ldap *ldap, const char *dn, struct gpmq_error *err) GPMQ_CHECKED;

/* What one modify does: all of it, or nothing. */
enum ad_edit_kind {
    AD_EDIT_ADD,     /* this value comes */
    AD_EDIT_DELETE,  /* this value goes; GPMQ_ESTALE where it is not there */
    AD_EDIT_REPLACE, /* these are the values now; bytes NULL: none is left */
};

struct ad_edit {
    enum ad_edit_kind kind;
    const char *name;
    const void *bytes;
    size_t size;
};

/* Deleting the old and adding the new value of an attribute is compare and swap: GPMQ_ESTALE when
 * another was faster. GPMQ_ENOTFOUND: there is no such entry. Edits of one attribute that follow
 * each other with the same kind are one with several values. */
int ad_ldap_modify(struct ad_ldap *ldap, const char *dn, const struct ad_edit *edits, size_t count,
                   struct gpmq_error *err) GPMQ_CHECKED;

/* Appends text to a filter as [RFC 4515] 3 wants it; bytes as \xx. False: no room. */
bool ad_filter_put(char *filter, size_t room, const char *text);
bool ad_filter_put_bytes(char *filter, size_t room, const void *bytes, size_t size);

#endif
