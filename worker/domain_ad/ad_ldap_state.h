/* ad_ldap_state.h - a connection from inside; for ad_ldap*.c only. */
#ifndef GPMQ_AD_LDAP_STATE_H
#define GPMQ_AD_LDAP_STATE_H

#include <ldap.h>
#include <stdbool.h>
#include <sys/time.h>

#include "ad_ldap.h"

struct ad_ldap {
    LDAP *handle;
    char *server;
    struct timeval wait;
    bool broken;
};

/* "cannot DOING 'WHAT' on SERVER: why", with the code that an LDAP result means. */
int ad_ldap_fail(struct ad_ldap *ldap, int result, struct gpmq_error *err, const char *doing,
                 const char *what);

#endif
