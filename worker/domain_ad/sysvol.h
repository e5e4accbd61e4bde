/*
 * sysvol.h - the SYSVOL share of one domain controller, from its folder Policies down: by SMB, or
 * as a local folder on the controller itself.
 *
 * Paths use '/', begin below Policies ("{GUID}/Machine/registry.pol") and were judged by
 * gpo_path_check(); they are found without case. No path leads outside.
 *
 * Errors.  GPMQ_ENOTFOUND, GPMQ_EACCESS, GPMQ_EEXIST, GPMQ_ENOSPACE, GPMQ_EBUSY (another has it
 *          open), GPMQ_EUNREACHABLE (the controller is not there: the connection is of no more
 *          use), GPMQ_EIO. The text names the full path.
 * Threads. One at a time; by SMB one connection for a whole process (libsmbclient).
 */
#ifndef GPMQ_SYSVOL_H
#define GPMQ_SYSVOL_H

#include "ad_settings.h"
#include "bytes.h"
#include "domain.h"

#define SYSVOL_PIECE_BYTES (256u << 10)
#define SYSVOL_SMALL_MAX   65536 /* bytes of a file that is read at once */

struct sysvol;
struct sysvol_file; /* one that is being written */
struct sysvol_lock;

struct sysvol_stat {
    bool directory;
    uint64_t size_bytes;
    int64_t modified_ns; /* since 1970; as exact as the server tells */
};

/* Told for each file and folder, a folder before its content; path begins below the folder that is
 * listed. Anything but 0 ends the listing. */
typedef int sysvol_visit(void *arg, const char *path, const struct sysvol_stat *stat,
                         struct gpmq_error *err);

struct sysvol_ops {
    void (*close)(struct sysvol **sysvol_p);
    /* Whether an answer stayed away. */
    bool (*is_broken)(const struct sysvol *sysvol);
    /* Everything below a folder. GPMQ_EDAMAGED: something is neither file nor folder. GPMQ_ETOOBIG:
     * deeper than GPO_DEPTH_MAX. */
    int (*list)(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
                struct gpmq_error *err);
    /* The names in a folder, not below it. */
    int (*names)(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
                 struct gpmq_error *err);
    int (*stat)(struct sysvol *sysvol, const char *path, struct sysvol_stat *out,
                struct gpmq_error *err);
    /* Feeds a file to sink in pieces of at most SYSVOL_PIECE_BYTES. With `expected`, GPMQ_EBUSY
     * when size or time differ from it. */
    int (*read)(struct sysvol *sysvol, const char *path, const struct sysvol_stat *expected,
                domain_sink *sink, void *sink_arg, struct gpmq_error *err);
    int (*mkdir)(struct sysvol *sysvol, const char *path, struct gpmq_error *err);
    /* Makes a file, or opens one to append. */
    int (*create)(struct sysvol *sysvol, const char *path, struct sysvol_file **out,
                  struct gpmq_error *err);
    int (*write)(struct sysvol_file *file, const void *bytes, size_t size, struct gpmq_error *err);
    /* Ends the writing; takes NULL; leaves NULL. */
    int (*close_file)(struct sysvol_file **file_p, struct gpmq_error *err);
    /* GPMQ_EEXIST: `to` is there. */
    int (*rename)(struct sysvol *sysvol, const char *from, const char *to, struct gpmq_error *err);
    /* Removes a file or a folder with all in it; nothing there is no error. */
    int (*remove)(struct sysvol *sysvol, const char *path, struct gpmq_error *err);
    /* Opens a file that nobody else may open meanwhile, making it; the death of this process lets
     * it go. GPMQ_EBUSY: another has it. */
    int (*lock)(struct sysvol *sysvol, const char *path, struct sysvol_lock **out,
                struct gpmq_error *err);
    void (*unlock)(struct sysvol_lock **lock_p);
};

/* The first member of every implementation's own struct. */
struct sysvol {
    const struct sysvol_ops *ops;
};

/* The share of `server`, or the local folder that the settings name. */
int sysvol_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Takes NULL; leaves NULL. */
void sysvol_close(struct sysvol **sysvol_p);

/* A whole small file, with a NUL behind it. GPMQ_ETOOBIG: over SYSVOL_SMALL_MAX. */
int sysvol_read_small(struct sysvol *sysvol, const char *path, struct bytes *out,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Makes a file with that content in place of another one. */
int sysvol_put(struct sysvol *sysvol, const char *path, const void *bytes, size_t size,
               struct gpmq_error *err) GPMQ_CHECKED;

/* ---- implementations, for sysvol.c ---- */
int sysvol_smb_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                    struct gpmq_error *err) GPMQ_CHECKED;
int sysvol_local_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                      struct gpmq_error *err) GPMQ_CHECKED;
int sysvol_smb_write(struct sysvol_file *file, const void *bytes, size_t size,
                     struct gpmq_error *err);
int sysvol_smb_close_file(struct sysvol_file **file_p, struct gpmq_error *err);
void sysvol_smb_unlock(struct sysvol_lock **lock_p);

#endif
