/*
 * sysvol_smb.h - SYSVOL by libsmbclient, from inside: what sysvol_smb*.c share. Others use
 * sysvol.h.
 */
#ifndef GPMQ_SYSVOL_SMB_H
#define GPMQ_SYSVOL_SMB_H

#include <libsmbclient.h>

#include "sysvol.h"

#define SMB_URL_SIZE (3 * (GPO_PATH_MAX + 512))

struct smb {
    struct sysvol base;
    SMBCCTX *context;
    const struct ad_settings *settings;
    char *password; /* NULL: Kerberos */
    char *user;     /* without the realm */
    char *root;     /* "smb://dc1.example.org/sysvol/example.org/Policies" */
    uint8_t *piece; /* SYSVOL_PIECE_BYTES */
    bool broken;
};

static inline struct smb *smb_of(struct sysvol *sysvol)
{
    return (struct smb *)sysvol;
}

/* root/path with everything but plain characters percent-encoded. GPMQ_ETOOBIG. */
int smb_url(const struct smb *smb, const char *path, char url[SMB_URL_SIZE],
            struct gpmq_error *err) GPMQ_CHECKED;
/* "cannot DOING root/path: why", with the code that errno means. */
int smb_fail(struct smb *smb, struct gpmq_error *err, const char *doing, const char *path);

/* Names of files or folders, in the order in which they were met. */
struct smb_names {
    size_t count;
    char **items;
};
void smb_free_names(struct smb_names *names);
int smb_keep_name(struct smb_names *names, const char *name, struct gpmq_error *err) GPMQ_CHECKED;

/* ---- sysvol_smb_read.c, sysvol_smb_write.c: of sysvol_ops ---- */
int smb_list(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
             struct gpmq_error *err);
int smb_names(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
              struct gpmq_error *err);
int smb_stat(struct sysvol *sysvol, const char *path, struct sysvol_stat *out,
             struct gpmq_error *err);
int smb_read(struct sysvol *sysvol, const char *path, const struct sysvol_stat *expected,
             domain_sink *sink, void *sink_arg, struct gpmq_error *err);
int smb_mkdir(struct sysvol *sysvol, const char *path, struct gpmq_error *err);
int smb_create(struct sysvol *sysvol, const char *path, struct sysvol_file **out,
               struct gpmq_error *err);
int smb_rename(struct sysvol *sysvol, const char *from, const char *to, struct gpmq_error *err);
int smb_remove(struct sysvol *sysvol, const char *path, struct gpmq_error *err);
int smb_lock(struct sysvol *sysvol, const char *path, struct sysvol_lock **out,
             struct gpmq_error *err);

#endif
