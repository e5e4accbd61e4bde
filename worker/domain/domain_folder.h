/*
 * domain_folder.h - inside a folder domain: what its source files share. Others use domain.h.
 *
 *     PATH/domain.ldif             domain, OUs, sites, WMI filters, users, groups, computers
 *     PATH/Policies/{GUID}/        the GPT, as in SYSVOL, with GPT.INI
 *     PATH/Policies/{GUID}.ldif    the GPC and what lies below it
 *     PATH/.gpmq/{GUID}/           of one GPO: locks, the highest fence, a change being made:
 *         write.lock               held from the beginning of a change to its end
 *         read.lock                shared: by readers; exclusive: while a commit moves things
 *         fence                    the highest fence that was here
 *         gpt/  gpc.ldif           staged: what the change will put in place
 *         intent                   is there while a commit moves things
 *
 * A commit stages gpt/ and gpc.ldif, writes the intent, exchanges gpt/ with Policies/{GUID},
 * renames gpc.ldif over Policies/{GUID}.ldif (from here on the change is made), and drops the
 * intent. An intent that nobody holds the lock for is rolled forward: which steps were done shows
 * from gpc.ldif, gone after the last, and from the version in GPT.INI, which the first one changes.
 */
#ifndef GPMQ_DOMAIN_FOLDER_H
#define GPMQ_DOMAIN_FOLDER_H

#include <sys/stat.h>
#include <time.h>

#include "domain.h"
#include "domain_records.h"
#include "gpc.h"
#include "gpt_ini.h"
#include "ldif.h"
#include "sid.h"

#define FOLDER_LDIF_MAX    (64u << 20) /* bytes of one GPO's LDIF */
#define FOLDER_OPS_MAX     32          /* committed operations that a GPO remembers */
#define FOLDER_RECOVER_MS  5000        /* a reader's wait for one who ends an interrupted commit */
#define FOLDER_POLL_MS     5           /* between two tries to get a lock */
#define FOLDER_PIECE_BYTES (256u << 10)

/* Attributes of our own in a GPC's record. */
#define FOLDER_ATTR_CREATOR   "gpmqCreator"   /* id of the operation that made it */
#define FOLDER_ATTR_OPERATION "gpmqOperation" /* ids of those that changed it, newest last */
#define FOLDER_ATTR_FENCE     "gpmqFence"     /* of the newest */

/* Tells one state of a GPO's LDIF from the next. */
struct folder_stamp {
    struct gpmq_guid id;
    ino_t inode;
    struct timespec changed;
};

/* A principal's record in domain.ldif. */
struct folder_account {
    struct sid sid;
    const struct ldif_record *record;
};

/* Somebody is a member of a group. */
struct folder_member {
    uint64_t hash;  /* dn_hash() of */
    const char *dn; /* the member, borrowed from its record */
    size_t group;   /* in accounts */
};

struct folder_domain {
    struct domain base;
    char *path;      /* as given; for texts */
    int root_fd;     /* PATH */
    int policies_fd; /* PATH/Policies */
    char *dns_name;
    char *netbios_name;
    char *dn;
    char *controller;
    struct sid sid;
    char sid_text[SID_TEXT_SIZE];
    struct domain_info info;
    struct ldif *directory; /* domain.ldif */
    size_t account_count;
    struct folder_account *accounts;     /* sorted by SID */
    const struct folder_account **names; /* the same, sorted by account name without case */
    size_t member_count;
    struct folder_member *members; /* sorted by hash; NULL: nobody has asked yet */
    struct folder_stamp seen;      /* what read() saw last */
};

/* Where a GPO lies: names as they are on disk, which need not be spelled as we would. */
struct folder_place {
    struct gpmq_guid id;
    char guid[GPMQ_GUID_TEXT_SIZE];
    char gpt[GPMQ_GUID_TEXT_SIZE];
    char ldif[GPMQ_GUID_TEXT_SIZE + sizeof ".ldif"];
    bool exists; /* the LDIF is there */
    int trouble; /* 0, or the errno that kept us from looking: then it may be there */
};

extern const struct domain_ops domain_folder;

/* ---- domain_folder.c: the domain itself ---------------------------------------------------- */

struct folder_place folder_locate(const struct folder_domain *domain, const struct gpmq_guid *id);
/* The error of a place that does not exist: GPMQ_ENOTFOUND, or that of its trouble. */
int folder_absent(struct gpmq_error *err, const struct folder_domain *domain,
                  const struct folder_place *place);
int64_t folder_now_unix_ms(void);
/* As beneath_fail(), for a path below Policies. */
int folder_fail(struct gpmq_error *err, const char *doing, const struct folder_domain *domain,
                const char *path);

/* ---- domain_folder_lock.c: who may read and who may change ---------------------------------- */

/* Opens .gpmq/{GUID}, making it. -1 with errno. */
int folder_open_state(const struct folder_domain *domain, const struct folder_place *place);
/* Takes write.lock. GPMQ_EBUSY: another holds it longer than wait_ms. */
int folder_lock_write(const struct folder_domain *domain, const struct folder_place *place,
                      int state_fd, int64_t wait_ms, int *out, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes read.lock alone, which waits for the readers that are there. */
int folder_lock_swap(const struct folder_domain *domain, const struct folder_place *place,
                     int state_fd, int *out, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes read.lock with other readers, after an interrupted commit was brought to its end.
 * *out is -1 where the state folder cannot be written: then nobody of us changes anything either.
 */
int folder_lock_read(const struct folder_domain *domain, const struct folder_place *place, int *out,
                     struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_folder_commit.c: put in place, roll forward -------------------------------------- */

/* Writes the intent and puts gpt/ and gpc.ldif in place; both locks are held. *intended tells,
 * after a failure, whether the intent may be on disk: then the staged files must stay. */
int folder_put_in_place(const struct folder_domain *domain, const struct folder_place *place,
                        int state_fd, uint32_t version, bool *intended,
                        struct gpmq_error *err) GPMQ_CHECKED;
/* Ends what a crash interrupted, and removes what it left; both locks are held. */
int folder_recover(const struct folder_domain *domain, const struct folder_place *place,
                   int state_fd, struct gpmq_error *err) GPMQ_CHECKED;
/* As folder_recover(), taking both locks; GPMQ_EBUSY after wait_ms. */
int folder_recover_locked(const struct folder_domain *domain, const struct folder_place *place,
                          int state_fd, int64_t wait_ms, struct gpmq_error *err) GPMQ_CHECKED;
/* Removes staged files; write.lock is held, and there is no intent. */
int folder_remove_staged(const struct folder_domain *domain, const struct folder_place *place,
                         int state_fd, struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_folder_gpc.c: Policies/{GUID}.ldif ------------------------------------------------
 */

/* Reads and judges the LDIF of a GPO: one GPC, of this GUID. *stamp may be NULL. */
int folder_load(const struct folder_domain *domain, const struct folder_place *place,
                struct ldif **out, struct folder_stamp *stamp, struct gpmq_error *err) GPMQ_CHECKED;
/* Version of GPT.INI in the folder `name` below dir; 0 when there is no such file or line. */
int folder_gpt_version(const struct folder_domain *domain, int dir, const char *name, uint32_t *out,
                       struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_folder_wmi.c: WMI filters ---------------------------------------------------------
 */

/* The record of the filter that a link means; NULL: this domain has none such. */
const struct ldif_record *folder_find_filter(const struct folder_domain *domain, const char *link);
int folder_wmi_filter(struct domain *base, const char *link, char **name, struct gpmq_error *err);
/* Fills in what the directory knows of a GPO. */
int folder_read_gpc(const struct folder_domain *domain, const struct ldif *ldif, struct gpo *gpo,
                    struct gpmq_error *err) GPMQ_CHECKED;

/* ---- domain_folder_read.c, _change.c, _principal.c, _named.c, _tree.c, _token.c: of domain_ops -
 */

/* Adds the files and folders below the open folder gpt to a GPO; root names it in texts. */
int folder_list_files(int gpt, const char *root, struct gpo *gpo,
                      struct gpmq_error *err) GPMQ_CHECKED;
int folder_list(struct domain *base, struct domain_gpos *out, struct gpmq_error *err);
int folder_read(struct domain *base, const struct gpmq_guid *id, struct gpo **out,
                struct gpmq_error *err);
int folder_read_file(struct domain *base, const struct gpmq_guid *id, const char *path,
                     domain_sink *sink, void *sink_arg, struct gpmq_error *err);
int folder_principal(struct domain *base, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err);
int folder_find_principal(struct domain *base, const char *name, struct domain_principal *out,
                          struct gpmq_error *err);
int folder_soms(struct domain *base, struct domain_soms *out, struct gpmq_error *err);
int folder_templates(struct domain *base, struct domain_templates *out,
                     struct gpmq_error *err) GPMQ_CHECKED;
int folder_read_template(struct domain *base, const char *path, domain_sink *sink, void *sink_arg,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* Feeds an open file in pieces. */
int folder_feed(const struct folder_domain *domain, int fd, const char *path, domain_sink *sink,
                void *sink_arg, struct gpmq_error *err) GPMQ_CHECKED;
int folder_wmi_filters(struct domain *base, struct domain_wmi_filters *out, struct gpmq_error *err);
int folder_account(struct domain *base, const char *word, struct domain_account *out,
                   struct gpmq_error *err);
/* Sorts the accounts of domain.ldif by SID. */
int folder_index_accounts(struct folder_domain *domain, struct gpmq_error *err) GPMQ_CHECKED;
/* Sorts them by name, too. */
int folder_index_names(struct folder_domain *domain, struct gpmq_error *err) GPMQ_CHECKED;
int folder_change_begin(struct domain *base, const struct domain_change_request *request,
                        int64_t wait_ms, struct domain_change **out,
                        struct domain_change_answer *answer, struct gpmq_error *err);
int folder_change_mkdir(struct domain_change *base, const char *path, struct gpmq_error *err);
int folder_change_write(struct domain_change *base, const char *path, const void *bytes,
                        size_t size, struct gpmq_error *err);
int folder_change_set(struct domain_change *base, unsigned fields, const struct gpo *values,
                      struct gpmq_error *err);
int folder_change_read(struct domain_change *base, struct gpo **out, struct gpmq_error *err);
int folder_change_commit(struct domain_change **change_p, uint32_t *version,
                         struct gpmq_error *err);
void folder_change_abort(struct domain_change **change_p);

#endif
