/*
 * backup_principals.h - the accounts and the UNC paths that Backup.xml lists: those of the GPO's
 * DACL, of GptTmpl.inf (user rights, group membership) and of fdeploy1.ini (folder redirection).
 *
 * A migration table can change only what is listed here.
 */
#ifndef GPMQ_BACKUP_PRINCIPALS_H
#define GPMQ_BACKUP_PRINCIPALS_H

#include "backup_model.h"

/* What a GPO names, before anybody looked it up. */
struct backup_names;

struct backup_names *backup_names_begin(void);
void backup_names_free(struct backup_names **names_p);

/* Each adds what it finds; the bytes are from outside. A line that makes no sense is passed over,
 * as Windows does it: a policy that cannot be read is still backed up. GPMQ_ENOMEM, GPMQ_ETOOBIG.
 */
int backup_names_from_dacl(struct backup_names *names, const void *descriptor, size_t size,
                           struct gpmq_error *err) GPMQ_CHECKED;
int backup_names_from_security(struct backup_names *names, const void *gpttmpl_inf, size_t size,
                               struct gpmq_error *err) GPMQ_CHECKED;
int backup_names_from_folders(struct backup_names *names, const void *fdeploy1_ini, size_t size,
                              struct gpmq_error *err) GPMQ_CHECKED;

/* Puts the principals and UNC paths into *backup. As Windows does it, names come first, without
 * a SID and of type Unknown: those that settings have, also by a well-known SID; then SIDs, each as
 * the domain knows it. Of the DACL, accounts of domains (S-1-5-21-...) alone are listed. What a
 * setting names is not marked as of the DACL, though the DACL names it too.
 */
int backup_names_resolve(const struct backup_names *names, struct domain *domain,
                         struct backup *backup, struct gpmq_error *err) GPMQ_CHECKED;

#endif
