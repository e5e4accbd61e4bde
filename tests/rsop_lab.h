/*
 * rsop_lab.h - small domains for planning tests: a tree, accounts, GPOs that set registry values,
 * links, filters; made as text, then as a real folder domain.
 *
 * Names are plain words: an OU or site by its own name, "domain" for the domain. Whatever fails
 * fails the test.
 */
#ifndef GPMQ_RSOP_LAB_H
#define GPMQ_RSOP_LAB_H

#include "bytes.h"
#include "domain.h"
#include "rsop_gather.h"
#include "rsop_reports.h"
#include "scratch.h"

#define LAB_DN      "DC=studio,DC=test"
#define LAB_SID     "S-1-5-21-1000-2000-3000"
#define LAB_GPOS    32
#define LAB_SOMS    16
#define LAB_LINKS   64
#define LAB_FILES   4
#define LAB_DN_SIZE 256

/* Everybody may read it, nobody apply it: what is left when a filter replaces the usual one. */
#define LAB_READ_ONLY                                                                              \
    "D:PAI(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;CI;LCRPLORC;;;ED)(A;CI;LCRPLORC;;;AU)"              \
    "(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)"
#define LAB_APPLY "edacfd8f-ffb3-11d1-b41d-00a0c968f939"

struct lab_file {
    char *path; /* "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf" */
    char *text;
};

struct lab_gpo {
    char name[64];
    struct bytes text[RSOP_SIDES]; /* of registry.pol, for make_pol() */
    struct lab_file files[LAB_FILES];
    int file_count;
    const char *extensions[RSOP_SIDES]; /* besides that of registry.pol; NULL: none */
    uint32_t options;
    char *sddl; /* NULL: as a new GPO */
    const char *filter;
};

struct lab_link {
    int som;
    int gpo;
    int order;
    bool enabled;
    bool enforced;
};

struct lab_som {
    char name[64];
    char dn[LAB_DN_SIZE];
    bool site;
    bool blocks;
};

struct lab {
    struct scratch scratch;
    struct bytes accounts; /* LDIF */
    int account_count;
    int som_count;
    struct lab_som soms[LAB_SOMS]; /* [0] is the domain */
    int gpo_count;
    struct lab_gpo gpos[LAB_GPOS];
    int link_count;
    struct lab_link links[LAB_LINKS];
    struct domain *domain; /* after lab_build() */
};

void lab_begin(struct lab *lab);
void lab_end(struct lab *lab);

void lab_ou(struct lab *lab, const char *name, const char *parent, bool blocks);
void lab_site(struct lab *lab, const char *name);
/* class: "user", "computer" (name without '$') or "group". Gives it the next RID from 1101.
 * where: an OU. */
void lab_account(struct lab *lab, const char *class, const char *name, const char *where);
/* Of the group that lab_account() was called for last. */
void lab_member(struct lab *lab, const char *name, const char *where);
/* A WMI filter; its GUID is that of lab_filter_id(name). */
void lab_filter(struct lab *lab, const char *name, bool damaged);
struct gpmq_guid lab_filter_id(const char *name);

/* A GPO with a version of 1 on both sides, linked nowhere. */
struct lab_gpo *lab_gpo(struct lab *lab, const char *name);
struct gpmq_guid lab_gpo_id(const struct lab *lab, const char *name);
/* Text value `name` below Software\Policies\StudioLab. */
void lab_set(struct lab_gpo *gpo, enum rsop_side side, const char *name, const char *value);
/* Any line of registry.pol, as make_pol() takes it. */
void lab_set_line(struct lab_gpo *gpo, enum rsop_side side, const char *line);
/* A file in UTF-8, with the extension "[{CSE}{tool}]" that makes it count. */
void lab_file(struct lab_gpo *gpo, enum rsop_side side, const char *extension, const char *path,
              const char *text);
/* Its descriptor; trustees by LAB_SID. */
void lab_security(struct lab_gpo *gpo, const char *sddl);
/* order counts within the SOM, from 1, without gaps. */
void lab_link(struct lab *lab, const char *som, const char *gpo, int order, bool enabled,
              bool enforced);
/* The same: enabled, order behind those that are there, so that it is the weakest. */
void lab_link_last(struct lab *lab, const char *som, const char *gpo, bool enforced);

/* Makes the domain and opens it. */
void lab_build(struct lab *lab);
const char *lab_dn(const struct lab *lab, const char *som);

/* A plan and what it borrows; after lab_merge() also what comes out of it. */
struct lab_plan {
    struct rsop_knowledge knowledge;
    struct rsop_plan plan;
    struct rsop_reports reports;
    struct rsop_settings merged[RSOP_SIDES];
};
void lab_plan(struct lab *lab, const struct rsop_ask *ask, struct lab_plan *out);
void lab_plan_free(struct lab_plan *plan);
/* Makes the plan, reads the reports of the GPOs that apply, and merges their settings. */
void lab_merge(struct lab *lab, const struct rsop_ask *ask,
               const struct rsop_conditions *conditions, struct lab_plan *out);
/* What was said of the setting with that key (of settings.h) or name, or NULL. */
const struct rsop_setting *lab_setting(const struct lab_plan *plan, enum rsop_side side,
                                       const char *key);
/* The names of the GPOs that apply, first to last, with ' ' between them; free() it. */
char *lab_applied(const struct lab_plan *plan, enum rsop_side side);
/* The first entry of that GPO, or NULL. */
const struct rsop_entry *lab_entry(const struct lab_plan *plan, enum rsop_side side,
                                   const char *gpo);

#endif
