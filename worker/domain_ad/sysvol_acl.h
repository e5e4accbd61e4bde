/*
 * sysvol_acl.h - permissions of folders in SYSVOL, written exactly.
 *
 * libsmbclient damages what it writes (docs/adr/0006-permissions-in-sysvol.md), so a helper program
 * does it, gpmq-sysvol-acl, over Samba's own binding. A sandboxed executor may start no program:
 * sysvol_acl_prepare() is called before and leaves a small process behind that starts the helper
 * when it is first needed, and ends with us.
 *
 * Threads. One at a time.
 */
#ifndef GPMQ_SYSVOL_ACL_H
#define GPMQ_SYSVOL_ACL_H

#include "ad_settings.h"

/* Before the sandbox, once in a process. program: the helper's path. GPMQ_EIO. */
int sysvol_acl_prepare(const char *program, struct gpmq_error *err) GPMQ_CHECKED;

/* Sets owner, group and DACL of a folder; path as sysvol.h has it. GPMQ_EUNSUPPORTED: there is no
 * helper. GPMQ_EACCESS, GPMQ_ENOTFOUND, GPMQ_EUNREACHABLE, GPMQ_EIO say why. */
int sysvol_acl_set(const struct ad_settings *settings, const char *server, const char *path,
                   const void *sd, size_t size, struct gpmq_error *err) GPMQ_CHECKED;
/* What a file or folder has; free() *out. */
int sysvol_acl_get(const struct ad_settings *settings, const char *server, const char *path,
                   uint8_t **out, size_t *size, struct gpmq_error *err) GPMQ_CHECKED;

#endif
