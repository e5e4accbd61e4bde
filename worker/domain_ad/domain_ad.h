/*
 * domain_ad.h - an Active Directory domain: LDAP for the directory half of its GPOs, SYSVOL for the
 * files. The promises are those of domain.h; what source files of this folder share is below.
 *
 * Of one GPO, in SYSVOL below Policies:
 *     {GUID}/                    the GPT
 *     .gpmq-{GUID}.lock          held from the beginning of a change to its end, by a share mode
 *     .gpmq-{GUID}-OP.new/       staged: what the change of operation OP will put in place
 *     .gpmq-{GUID}.intent        LDIF of the objects as they will be; is there while a commit is
 * made .gpmq-{GUID}.old/          the GPT that a commit has replaced and in the directory, as the
 * adminDescription of the GPC, which nobody else uses ([MS-ADA1] 2.9): gpmq1 fence=N creator=ID
 * ops=ID,ID...
 *
 * A commit says so in the note ("commit"), so that a reader, who loads the GPC before and looks at
 * its uSNChanged after it has listed the files, never takes a mixture; it writes the intent,
 * renames {GUID} to .old and .new to {GUID}, then changes the directory: objects below the GPC
 * first, the GPC last and in one modify, which deletes the adminDescription that the change began
 * with: compare and swap, so that two controllers cannot both commit. An intent that nobody holds
 * the lock for is rolled forward by whoever meets it.
 */
#ifndef GPMQ_DOMAIN_AD_H
#define GPMQ_DOMAIN_AD_H

#include "ad_ldap.h"
#include "domain.h"
#include "gpc.h"
#include "sysvol.h"

#define AD_OPS_MAX        16     /* committed operations that a GPO remembers */
#define AD_POLL_MS        20     /* between two tries to get a lock */
#define AD_READERS_MS     10000  /* a commit's wait for those who read the old files */
#define AD_RECOVER_MS     5000   /* a reader's wait for one who commits */
#define AD_KEEP_MS        300000 /* a connection that was not used so long is made anew */
#define AD_PROBE_MS       2000 /* one that was not used so long is asked whether it still stands */
#define AD_SOMS_MS        5000 /* SOMs that were read so long ago are read again */
#define AD_DN_MAX         4096
#define AD_NOTE_MAX       1024 /* bytes of the adminDescription ([MS-ADA1] 2.9: rangeUpper) */
#define AD_PRINCIPALS_MAX 4096 /* principals that are remembered */
#define AD_ATTR_NOTE      "adminDescription"
#define AD_FILTER_SIZE    8192

/* A file of the GPO that read() saw last. */
struct ad_seen_file {
    char *path;
    struct sysvol_stat stat;
};

struct ad_principal {
    struct sid sid;
    struct domain_principal principal;
};

struct ad_domain {
    struct domain base;
    char *url; /* as it was opened */
    struct ad_settings *settings;
    struct ad_ldap *ldap;
    struct sysvol *sysvol;
    int64_t used_ms; /* when it was closed last */
    char *dn;        /* "DC=example,DC=org" */
    char *config_dn; /* of the forest's configuration */
    char *netbios_name;
    char *controller;
    char sid_text[SID_TEXT_SIZE];
    struct domain_info info;
    struct gpmq_guid seen; /* the GPO that read() saw last, and its files, sorted by path */
    size_t seen_count;
    struct ad_seen_file *seen_files;
    size_t principal_count;
    struct ad_principal *principals; /* sorted by SID */
    struct ldif *soms;               /* as they were at soms_ms; NULL: not asked for yet */
    int64_t soms_ms;
};

extern const struct domain_ops domain_ad;

/* Lets go of the connections that are kept between operations. */
void domain_ad_forget(void);

/* ---- names ---- */

#define AD_PLACE_MAX 160
/* Names of one GPO's files, below Policies. */
struct ad_place {
    struct gpmq_guid id;
    char guid[GPMQ_GUID_TEXT_SIZE];
    char lock[AD_PLACE_MAX];
    char intent[AD_PLACE_MAX];
    char old[AD_PLACE_MAX];
};
struct ad_place ad_locate(const struct gpmq_guid *id);
/* "CN={GUID},CN=Policies,CN=System,DC=..." */
void ad_gpc_dn(const struct ad_domain *domain, const struct ad_place *place, char dn[AD_DN_MAX]);

/* ---- domain_ad_gpc.c: the directory half ---- */

/* The GPC and all below it. GPMQ_ENOTFOUND: no such GPO. *usn (may be NULL): the GPC's uSNChanged.
 */
int ad_load(struct ad_domain *domain, const struct ad_place *place, struct ldif **out,
            uint64_t *usn, struct gpmq_error *err) GPMQ_CHECKED;
int ad_list(struct domain *base, struct domain_gpos *out, struct gpmq_error *err);

/* ---- domain_ad_note.c: what gpmq notes of a GPO ---- */
struct ad_note {
    uint64_t fence;
    bool committing;                 /* a commit was begun and has not ended */
    char creator[GPMQ_ID_TEXT_SIZE]; /* "": not made by gpmq */
    size_t op_count;
    char ops[AD_OPS_MAX][GPMQ_ID_TEXT_SIZE]; /* newest last */
};
/* Another's text is no note: all zero. */
void ad_note_read(struct ad_note *out, const char *text);
void ad_note_text(const struct ad_note *note, char text[AD_NOTE_MAX + 1]);
/* Adds an operation, and forgets the oldest beyond AD_OPS_MAX. */
void ad_note_add(struct ad_note *note, const char *op);
bool ad_note_has(const struct ad_note *note, const char *op);
/* Writes the note into the directory, in place of the one that *ldif has, which follows: compare
 * and swap. GPMQ_ESTALE: another was faster. */
int ad_note_put(struct ad_domain *domain, struct ldif *ldif, const struct ad_note *note,
                struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_ad_apply.c ---- */
/* Brings the objects in the directory, which are as `before`, to what *after says: those below the
 * GPC, then the GPC in one modify, in which version and note are compared and swapped.
 * GPMQ_ESTALE: another was faster. */
int ad_apply(struct ad_domain *domain, const struct ldif *before, const struct ldif *after,
             struct gpmq_error *err) GPMQ_CHECKED;
/* Makes them: the GPC first, complete with its name. GPMQ_EEXIST: it is there. */
int ad_apply_new(struct ad_domain *domain, const struct ldif *after,
                 struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_ad_read.c ---- */
int ad_read(struct domain *base, const struct gpmq_guid *id, struct gpo **out,
            struct gpmq_error *err);
int ad_read_file(struct domain *base, const struct gpmq_guid *id, const char *path,
                 domain_sink *sink, void *sink_arg, struct gpmq_error *err);
/* The files below a folder of Policies into *gpo, sorted, GPT.INI left out; twins that differ in
 * letter case are refused. *files (may be NULL) gets what tells one state from the next. */
int ad_list_files(struct ad_domain *domain, const char *folder, struct gpo *gpo,
                  struct ad_seen_file **files, size_t *count, struct gpmq_error *err) GPMQ_CHECKED;
void ad_free_seen(struct ad_seen_file *files, size_t count);
/* The version in GPT.INI of a folder; 0 where there is none. */
int ad_gpt_version(struct ad_domain *domain, const char *folder, uint32_t *out,
                   struct gpmq_error *err) GPMQ_CHECKED;
/* The name of the WMI filter that *gpo is linked to. */
int ad_name_filter(struct ad_domain *domain, struct gpo *gpo, struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_ad_principal.c, domain_ad_tree.c ---- */
int ad_principal(struct domain *base, const char *sid, struct domain_principal *out,
                 struct gpmq_error *err);
int ad_find_principal(struct domain *base, const char *name, struct domain_principal *out,
                      struct gpmq_error *err);
void ad_forget_principals(struct ad_domain *domain);
int ad_wmi_filter(struct domain *base, const char *link, char **name, struct gpmq_error *err);
int ad_soms(struct domain *base, struct domain_soms *out, struct gpmq_error *err);
int ad_wmi_filters(struct domain *base, struct domain_wmi_filters *out, struct gpmq_error *err);
int ad_templates(struct domain *base, struct domain_templates *out, struct gpmq_error *err);
int ad_read_template(struct domain *base, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err);
int ad_account(struct domain *base, const char *word, struct domain_account *out,
               struct gpmq_error *err);

/* ---- domain_ad_commit.c ---- */
/* AD_POLL_MS. */
void ad_pause(void);
/* Takes the lock of a GPO, waiting for it. GPMQ_EBUSY. */
int ad_lock(struct ad_domain *domain, const struct ad_place *place, int64_t wait_ms,
            struct sysvol_lock **out, struct gpmq_error *err) GPMQ_CHECKED;
/* Lets go of it, and of its file; takes NULL; leaves NULL. */
void ad_unlock(struct ad_domain *domain, const struct ad_place *place, struct sysvol_lock **lock_p);
/* Ends what a crash interrupted; the lock is held. */
int ad_recover(struct ad_domain *domain, const struct ad_place *place,
               struct gpmq_error *err) GPMQ_CHECKED;
/* Puts the staged folder in place and makes the directory say so; the lock is held. before NULL:
 * the GPO is made. *intended: from now on the commit is rolled forward, also after a failure.
 * GPMQ_ESTALE, GPMQ_EEXIST: another was faster. */
int ad_commit(struct ad_domain *domain, const struct ad_place *place, const char *stage,
              struct ldif *before, const struct ldif *after, bool *intended,
              struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_ad_change.c ---- */
int ad_change_begin(struct domain *base, const struct domain_change_request *request,
                    int64_t wait_ms, struct domain_change **out,
                    struct domain_change_answer *answer, struct gpmq_error *err);
int ad_change_mkdir(struct domain_change *base, const char *path, struct gpmq_error *err);
int ad_change_write(struct domain_change *base, const char *path, const void *bytes, size_t size,
                    struct gpmq_error *err);
int ad_change_set(struct domain_change *base, unsigned fields, const struct gpo *values,
                  struct gpmq_error *err);
int ad_change_read(struct domain_change *base, struct gpo **out, struct gpmq_error *err);
int ad_change_commit(struct domain_change **change_p, uint32_t *version, struct gpmq_error *err);
void ad_change_abort(struct domain_change **change_p);

#endif
