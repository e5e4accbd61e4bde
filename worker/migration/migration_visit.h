/*
 * migration_visit.h - how the settings of a GPO are walked for what a migration table can change:
 * accounts and UNC paths. One walk serves both ends: to list what there is (the visitor keeps
 * everything) and to rewrite it.
 */
#ifndef GPMQ_MIGRATION_VISIT_H
#define GPMQ_MIGRATION_VISIT_H

#include "bytes.h"
#include "sid.h"

enum migration_what { MIGRATION_ACCOUNT, MIGRATION_PATH };

/* What was found, and where; holds for the visit. */
struct migration_name {
    enum migration_what what;
    const char *text;        /* an account's SID, else its name as it stands there; or the path */
    const char *object_path; /* the file inside the GPT, or what else it stands in */
    const char *extension_name; /* as in Backup.xml: "Security" */
    const char *settings_name;  /* "SeDebugPrivilege" */
    bool acl;                   /* of the DACL of the GPO or of a package */
};

enum migration_fate {
    MIGRATION_KEEP,
    MIGRATION_REPLACE, /* by `text` */
    MIGRATION_DROP,    /* an account only: the setting goes on without it */
};

/* What becomes of it. */
struct migration_answer {
    enum migration_fate fate;
    char *text; /* of MIGRATION_REPLACE: an account's SID, or the new path; the walk free()s it */
};

/* Decides on one name; *answer is zero before: keep it. Anything but 0 ends the walk. */
typedef int migration_visit(void *visit_arg, const struct migration_name *name,
                            struct migration_answer *answer, struct gpmq_error *err);

/* One walk, over one file or object; everything is borrowed. */
struct migration_walk {
    migration_visit *visit;
    void *visit_arg;
    const struct sid *domain; /* of the source: whose Domain Admins DA is; NULL: not known */
    const char *object_path;
    const char *extension_name;
};

/* Asks the visitor; free() answer->text. For the walks in this folder. */
int migration_ask(const struct migration_walk *walk, enum migration_what what, const char *text,
                  const char *settings_name, struct migration_answer *answer,
                  struct gpmq_error *err) GPMQ_CHECKED;

/* For CLEANUP(). */
void migration_answer_free(struct migration_answer *answer);

#endif
