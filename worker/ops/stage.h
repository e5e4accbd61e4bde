/*
 * stage.h - the files of a backup or of a live GPO, streamed into a change of a domain.
 *
 * A file goes piece by piece, whatever its size; only one that a rewriting step (a migration
 * table) wants is held in memory, within STAGE_REWRITE_MAX, and goes as that step gives it back.
 *
 * Progress: 100 units for the directory half, for each extension handler of the source, and for
 * the commit: 100 * (extension_count + 2). stage_files() moves it from the first to the last.
 */
#ifndef GPMQ_STAGE_H
#define GPMQ_STAGE_H

#include "bytes.h"
#include "repository.h"
#include "run.h"

#define STAGE_PART        100         /* units of progress of one part */
#define STAGE_REWRITE_MAX (32u << 20) /* bytes of a file that is rewritten */

/* Where files come from; everything is borrowed while they are staged. */
struct stage_source {
    const struct gpo *gpo; /* its list of files */
    size_t extension_count;
    const struct backup_extension *extensions; /* handlers, to tell whose file one is */
    struct repository *repository;             /* of a backup; NULL: the files are a live GPO's */
    struct gpmq_guid backup;
    struct domain *domain; /* of a live GPO that read() has read with this very handle */
};

/* A step between source and change. */
struct stage_rewrite {
    void *arg;
    /* Whether the file of that path (inside the GPT, any case) goes through rewrite(). */
    bool (*wants)(void *arg, const char *path);
    /* Appends to the empty *out what the file shall hold. An error ends the operation; its text
     * need not name the file. */
    int (*rewrite)(void *arg, const char *path, const struct bytes *in, struct bytes *out,
                   struct gpmq_error *err);
    /* Asked behind the last file whether all was well; an error ends the operation. NULL: it is. */
    int (*settle)(void *arg, struct gpmq_error *err);
};

/* Sees what is written: every file begins with a piece of size 0. */
typedef void stage_watcher(void *watcher_arg, const char *path, const void *bytes, size_t size);

struct stage {
    struct run *run;
    const struct stage_source *source;
    const struct stage_rewrite *rewrite; /* NULL: every file as it is */
    struct domain_change *change;        /* what the files go into */
    stage_watcher *watcher;              /* NULL: nobody watches */
    void *watcher_arg;
};

/* Tells that the first part is done: the source's directory half is read. */
void stage_tell_read(struct run *run, const struct stage_source *source);

/* Writes every file and makes every folder of the source. A failure blames the file
 * (run_blame()); GPMQ_ESTOPPED between files, and after the last. GPMQ_ETOOBIG: a file to rewrite
 * is larger than STAGE_REWRITE_MAX, or gpo_sizes_check() says so, before a byte is read. Other
 * errors: those of the source, the change and the step. */
int stage_files(const struct stage *stage, struct gpmq_error *err) GPMQ_CHECKED;

#endif
