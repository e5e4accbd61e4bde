/*
 * domain_folder_change.h - a change of a GPO in a folder domain while it is open.
 */
#ifndef GPMQ_DOMAIN_FOLDER_CHANGE_H
#define GPMQ_DOMAIN_FOLDER_CHANGE_H

#include "domain_folder.h"

struct folder_change {
    struct domain_change base;
    const struct folder_domain *domain;
    struct folder_place place;
    char op[GPMQ_ID_TEXT_SIZE];
    uint64_t fence;
    bool create;
    bool remade;     /* its record is damaged */
    bool intended;   /* an intent may be on disk: staged files are not ours to remove */
    int state_fd;    /* .gpmq/{GUID} */
    int write_lock;  /* held until the change ends */
    int stage_fd;    /* .gpmq/{GUID}/gpt */
    char *file_path; /* the file written last, open in file_fd */
    int file_fd;
    uint64_t file_size;
    struct ldif *ldif;      /* what the commit will write */
    struct gpc_floor floor; /* the version counts up from it at least */
};

/* The packed version that a commit gives. */
int folder_next_version(const struct folder_change *change, uint32_t *out,
                        struct gpmq_error *err) GPMQ_CHECKED;

/* Drops staged files unless they are part of a commit, and lets go of the lock. For CLEANUP(). */
void folder_end_change(struct folder_change **change_p);

#endif
