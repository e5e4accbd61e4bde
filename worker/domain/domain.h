/*
 * domain.h - a domain that holds Group Policy objects: find, read, create and change them.
 *
 * Implementations: a folder that is a domain (domain_folder.c); Active Directory over LDAP and SMB
 * later. tests/test_domain.c holds every one of them to what is written here.
 *
 * All or nothing. Who reads a GPO sees it as it was before a change or after it, never between.
 *           A change is staged, the version number rises last, and an intent record lets the next
 *           change (or domain open) roll a half-made commit forward or back.
 * At most once. A change carries the operation's id and its fence. A second attempt of an operation
 *           whose change was committed finds that out (struct domain_change_answer.done) and
 *           changes nothing. A fence lower than one the GPO has seen is refused: GPMQ_ESTALE.
 * Owning.   What is handed out through **out is the caller's; info() is borrowed until close.
 * Threads.  One thread at a time may use a domain. Several processes may use the same one.
 * Trust.    Whatever a domain stores (LDIF, files, names, links) is judged before it is used, and
 * no path leads outside the domain: opened beneath its root, symbolic links refused.
 */
#ifndef GPMQ_DOMAIN_H
#define GPMQ_DOMAIN_H

#include "domain_tree.h"
#include "gpo.h"

struct domain;
struct domain_change;

struct domain_info {
    const char *dns_name;     /* "example.test" */
    const char *netbios_name; /* "EXAMPLE" */
    const char *dn;           /* "DC=example,DC=test" */
    const char *sid;          /* "S-1-5-21-..." */
    struct gpmq_guid guid;    /* objectGUID of the domain */
    const char *controller;   /* DNS name of the DC, or of this machine for a folder */
};

/* One GPO of a list; `modified` and the versions as far as the directory tells. */
struct domain_gpo {
    struct gpmq_guid id;
    char *display_name;
    uint32_t options;
    uint16_t user_version;
    uint16_t machine_version;
    int64_t created_unix_ms;
    int64_t modified_unix_ms;
};

struct domain_gpos {
    size_t count;
    struct domain_gpo *items; /* sorted by display name without case, then GUID */
};
void domain_gpos_free(struct domain_gpos *gpos);

/* A principal as Backup.xml lists it. Fields not known are NULL. */
struct domain_principal {
    char *sid;
    char *sam_account_name;
    char *type; /* User, Computer, LocalGroup, GlobalGroup, UniversalGroup, Unknown */
    char *netbios_domain_name;
    char *dns_domain_name;
    char *upn; /* name@dns.domain, built */
};
void domain_principal_free(struct domain_principal *principal);

/* Takes the next piece of a file; anything but 0 stops the reading and is handed on. */
typedef int domain_sink(void *sink_arg, const void *bytes, size_t size, struct gpmq_error *err);

#define DOMAIN_TEMPLATES_MAX 20000

struct domain_templates {
    size_t count;
    char **paths; /* below the store, '/' between folder and name, in byte order */
};
void domain_templates_free(struct domain_templates *templates);
/* For implementations: adds a file of the store, by its path in it, if it is a template: "X.admx",
 * or "LANGUAGE/X.adml". GPMQ_ETOOBIG: DOMAIN_TEMPLATES_MAX. */
int domain_templates_add(struct domain_templates *templates, const char *path,
                         struct gpmq_error *err) GPMQ_CHECKED;
/* Adds all that are below an open folder; no link is followed. root is for error texts.
 * GPMQ_ETOOBIG: as domain_templates_add(), or too deep. */
int domain_templates_walk(struct domain_templates *templates, int dir, const char *root,
                          struct gpmq_error *err) GPMQ_CHECKED;

struct domain_change_request {
    struct gpmq_guid gpo;     /* the GPO to change or make */
    bool create;              /* make it; gpo zero: its GUID is derived from op and "gpo" */
    bool or_change;           /* with create: one that is there is changed, not refused; one whose
                               * record is damaged is made anew */
    const char *display_name; /* of a GPO to make; ignored otherwise */
    struct gpmq_id op;        /* the operation, and the fence of this attempt */
    uint64_t fence;
};

struct domain_change_answer {
    bool done;   /* this operation committed its change before: nothing left to do */
    bool remade; /* with or_change: its record is damaged, and what it told (its owner) is lost */
};

/* Which fields of struct gpo change_set() takes over. */
enum domain_field {
    DOMAIN_DISPLAY_NAME = 1 << 0,
    DOMAIN_OPTIONS = 1 << 1,
    DOMAIN_EXTENSIONS = 1 << 2, /* both sides */
    DOMAIN_WMI_FILTER = 1 << 3,
    DOMAIN_SECURITY = 1 << 4,   /* the DACL; owner and group stay */
    DOMAIN_DS_OBJECTS = 1 << 5, /* replaces all objects below CN=Machine and CN=User */
    DOMAIN_VERSION = 1 << 6,    /* each half counts up from the larger of the GPO's and this one */
};

struct domain_ops {
    const char *scheme; /* "folder" */

    /* Opens url (what follows "scheme:", a path for a folder) and finishes or undoes commits that a
     * crash interrupted. GPMQ_ENOTFOUND: nothing there. GPMQ_EDAMAGED: it is no domain. */
    int (*open)(struct domain **out, const char *url, struct gpmq_error *err);
    void (*close)(struct domain **domain_p);
    const struct domain_info *(*info)(const struct domain *domain);

    /* A GPO whose record is damaged is listed with its GUID as display name, so that the others can
     * be worked on; reading it says what is wrong. */
    int (*list)(struct domain *domain, struct domain_gpos *out, struct gpmq_error *err);
    /* Reads one GPO with the list of its files. GPMQ_ENOTFOUND. GPMQ_EDAMAGED names the record.
     * GPMQ_EACCESS and GPMQ_EIO name the file. */
    int (*read)(struct domain *domain, const struct gpmq_guid *id, struct gpo **out,
                struct gpmq_error *err);
    /* Feeds one file of a GPO to sink in pieces of at most 256 KiB. path is compared without case.
     * After a read() of this GPO the file is that of the state which read() saw; GPMQ_EBUSY: the
     * GPO was changed since, read it again.
     * GPMQ_EACCESS, GPMQ_EIO: the text names the file's full path. */
    int (*read_file)(struct domain *domain, const struct gpmq_guid *id, const char *path,
                     domain_sink *sink, void *sink_arg, struct gpmq_error *err);
    /* The principal behind a SID. An unknown one is no error: only ->sid is filled in. */
    int (*principal)(struct domain *domain, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err);
    /* The principal that a name means here: "DOMAIN\\name" with either name of the domain,
     * "name@dns.domain", a userPrincipalName, a plain account name, or a SID in text; without case.
     * What has the same SID everywhere is known by its English name ("Everyone",
     * "BUILTIN\\Administrators") and of type Unknown where the domain has no account for it.
     * GPMQ_ENOTFOUND: this domain knows nobody of that name; a SID counts when it is known.
     * GPMQ_EAMBIGUOUS: two accounts have it. */
    int (*find_principal)(struct domain *domain, const char *name, struct domain_principal *out,
                          struct gpmq_error *err);

    /* The display name of the WMI filter that a link (gPCWQLFilter, "[dns;{guid};0]") means, or its
     * GUID where it has none; free() *name. GPMQ_ENOTFOUND: this domain has no such filter. */
    int (*wmi_filter)(struct domain *domain, const char *link, char **name, struct gpmq_error *err);
    /* The files of the domain's central store of administrative templates (PolicyDefinitions beside
     * the GPOs): "name.admx", and "en-US/name.adml" for each language; count 0: it has no store.
     * GPMQ_ETOOBIG: more than DOMAIN_TEMPLATES_MAX. */
    int (*templates)(struct domain *domain, struct domain_templates *out, struct gpmq_error *err);
    /* Feeds one of them to sink, as read_file() does; path as templates() names it. */
    int (*read_template)(struct domain *domain, const char *path, domain_sink *sink, void *sink_arg,
                         struct gpmq_error *err);
    /* Where GPOs can be linked: the domain, its OUs, the sites of its forest, with their links. */
    int (*soms)(struct domain *domain, struct domain_soms *out, struct gpmq_error *err);
    int (*wmi_filters)(struct domain *domain, struct domain_wmi_filters *out,
                       struct gpmq_error *err);
    /* A user or computer by DN, by a name or SID as find_principal() takes it, or by a computer's
     * name without '$', with all its groups. GPMQ_ENOTFOUND. GPMQ_EAMBIGUOUS. GPMQ_EINVAL: it is a
     * group. GPMQ_ETOOBIG: over DOMAIN_GROUPS_MAX. */
    int (*account)(struct domain *domain, const char *word, struct domain_account *out,
                   struct gpmq_error *err);

    /* Begins a change; only one is open for a GPO at a time, over all processes: another waits up
     * to wait_ms and then gets GPMQ_EBUSY. The staged GPT starts empty: what is not written again
     * is gone after the commit (an import replaces everything); attributes not set stay. When
     * answer->done says that the operation's change was committed before, *out is NULL.
     * GPMQ_ENOTFOUND: no such GPO, and not create. GPMQ_EEXIST: create without or_change, and it
     * exists and was made by another operation. GPMQ_ESTALE: a higher fence was here. */
    int (*change_begin)(struct domain *domain, const struct domain_change_request *request,
                        int64_t wait_ms, struct domain_change **out,
                        struct domain_change_answer *answer, struct gpmq_error *err);
    /* Makes a folder and those above it in the staged GPT; making it twice is making it once. */
    int (*change_mkdir)(struct domain_change *change, const char *path, struct gpmq_error *err);
    /* Appends to a file of the staged GPT, making it and its folders; size 0 makes an empty one. */
    int (*change_write)(struct domain_change *change, const char *path, const void *bytes,
                        size_t size, struct gpmq_error *err);
    /* Takes over the named fields (a set of enum domain_field) of *values on commit. */
    int (*change_set)(struct domain_change *change, unsigned fields, const struct gpo *values,
                      struct gpmq_error *err);
    /* The GPO as a commit now would leave it, with its files and its new version; times are those
     * of now. Nothing changes. */
    int (*change_read)(struct domain_change *change, struct gpo **out, struct gpmq_error *err);
    /* Makes the change visible and durable: files synced, both halves in place, one added to the
     * user and to the machine half of versionNumber and GPT.INI (facts: an import counts both up),
     * beginning with what DOMAIN_VERSION says; extension names sorted by CSE. *version is the new
     * packed version. Ends the change. */
    int (*change_commit)(struct domain_change **change_p, uint32_t *version,
                         struct gpmq_error *err);
    /* Drops the change and its staged files; takes NULL; leaves NULL. */
    void (*change_abort)(struct domain_change **change_p);
};

/* The first member of every implementation's own struct. */
struct domain {
    const struct domain_ops *ops;
    void *kept; /* see domain_keep() */
    void (*free_kept)(void **kept_p);
};

/* Keeps something with a domain, in place of what was kept: parsed templates, say. It lives as long
 * as the connection, which may serve one operation after the other; free_kept takes its address. */
void domain_keep(struct domain *domain, void *kept, void (*free_kept)(void **kept_p));
/* For implementations, at the end of a connection; and to forget it before. */
void domain_let_go(struct domain *domain);

/* The first member of every implementation's change. */
struct domain_change {
    const struct domain_ops *ops;
};

/* The kinds that domain_open() knows, NULL behind the last. A program that wants others than
 * folders defines the list itself; an archive's member (domain_kinds.c) is linked only where none
 * does. */
extern const struct domain_ops *const domain_kinds[];

/* Opens "folder:PATH", or a plain path as a folder. GPMQ_EUNSUPPORTED: an unknown scheme. */
int domain_open(struct domain **out, const char *url, struct gpmq_error *err) GPMQ_CHECKED;
/* Closes; takes NULL; leaves NULL. For CLEANUP(). */
void domain_close(struct domain **domain_p);

/* The GPO that a person means by `word`: a GUID in any case, braces optional, or a display name
 * compared without case. GPMQ_ENOTFOUND. GPMQ_EAMBIGUOUS: the text lists the candidates' GUIDs. */
int domain_find(struct domain *domain, const char *word, struct gpmq_guid *out,
                struct gpmq_error *err) GPMQ_CHECKED;

struct domain_create_options {
    const char *dns_name;     /* required: "example.test" */
    const char *netbios_name; /* NULL: first label of dns_name in upper case, at most 15 bytes */
    const char *ldif;         /* file with `ldapsearch` output to fill it from, or NULL */
    const char *sysvol;       /* folder that holds Policies/{GUID}/..., goes with ldif, or NULL */
};

/* Makes a folder domain at path: empty, with a random domain SID, a domain object, default
 * security and well-known principals; or filled from LDIF and a copy of SYSVOL. Complete or absent.
 * GPMQ_EEXIST: path is there and not an empty folder. GPMQ_EINVAL: not a DNS or NetBIOS name. */
int domain_create(const char *path, const struct domain_create_options *options,
                  struct gpmq_error *err) GPMQ_CHECKED;

#endif
