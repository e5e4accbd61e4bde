/* migration_dacl.c - the accounts of a DACL in its binary form. */
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_settings.h"
#include "sd.h"

#define ACL_HEAD       8 /* revision, sbz1, size, count, sbz2 */
#define ACL_MAX        0xFFFFu
#define DOMAIN_ACCOUNT "S-1-5-21-"

/* A DACL while it is rewritten. */
struct rewriting {
    const struct migration_walk *walk;
    struct bytes aces;
    unsigned count;
    bool changed;
};

static int ask(const struct rewriting *acl, struct sd_part part, struct migration_answer *answer,
               struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    struct sid sid;
    if (!part.at || sid_read(&sid, part.at, part.size, NULL) != 0)
        return 0;
    sid_text(&sid, text);
    if (strncmp(text, DOMAIN_ACCOUNT, strlen(DOMAIN_ACCOUNT)) != 0)
        return 0;
    const struct migration_name name = {
        .what = MIGRATION_ACCOUNT,
        .text = text,
        .object_path = acl->walk->object_path,
        .extension_name = acl->walk->extension_name,
        .settings_name = "DACL",
        .acl = true,
    };
    return acl->walk->visit(acl->walk->visit_arg, &name, answer, err);
}

/* Puts the ACE of `size` bytes at `at` with another SID. What follows the SID stays. */
static int put_ace(struct rewriting *acl, const uint8_t *at, size_t size, struct sd_part old,
                   const char *text, struct gpmq_error *err)
{
    struct sid sid;
    int rc = sid_parse(&sid, text, err);
    if (rc)
        return rc;
    size_t begin = (size_t)(old.at - at), rest = begin + old.size;
    size_t whole = size - old.size + sid.size;
    bytes_put(&acl->aces, at, 2);
    bytes_put_u16(&acl->aces, (uint16_t)whole);
    bytes_put(&acl->aces, at + 4, begin - 4);
    bytes_put(&acl->aces, sid.bytes, sid.size);
    bytes_put(&acl->aces, at + rest, size - rest);
    if (whole > ACL_MAX || acl->aces.size > ACL_MAX - ACL_HEAD)
        return fail(err, GPMQ_ETOOBIG, "the DACL would have more than %u bytes", ACL_MAX);
    return 0;
}

static int rewrite_ace(struct rewriting *acl, const uint8_t *at, size_t size,
                       const struct sd_ace *ace, struct gpmq_error *err)
{
    CLEANUP(migration_answer_free) struct migration_answer answer = {0};
    int rc = ask(acl, ace->sid, &answer, err);
    if (rc)
        return rc;
    acl->changed |= answer.fate != MIGRATION_KEEP;
    acl->count += answer.fate != MIGRATION_DROP;
    if (answer.fate == MIGRATION_REPLACE)
        return put_ace(acl, at, size, ace->sid, answer.text, err);
    if (answer.fate == MIGRATION_KEEP)
        bytes_put(&acl->aces, at, size);
    return 0;
}

static int rewrite(struct rewriting *acl, struct sd_part dacl, struct gpmq_error *err)
{
    struct sd_walk walk = sd_walk(dacl);
    struct sd_ace ace;
    int rc = 0;
    for (const uint8_t *at = walk.at; !rc && sd_next(&walk, &ace); at = walk.at)
        rc = rewrite_ace(acl, at, (size_t)(walk.at - at), &ace, err);
    return rc;
}

/* The descriptor with the rewritten DACL in the place of its own. */
static int build(struct rewriting *acl, const struct sd *sd, uint8_t **out, size_t *out_size,
                 struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes dacl = {0};
    bytes_put(&dacl, sd->dacl.at, 2);
    bytes_put_u16(&dacl, (uint16_t)(ACL_HEAD + acl->aces.size));
    bytes_put_u16(&dacl, (uint16_t)acl->count);
    bytes_put_u16(&dacl, 0);
    bytes_put(&dacl, acl->aces.at, acl->aces.size);
    if (dacl.failed || acl->aces.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a DACL");
    struct sd with = {.control = sd->control, .dacl = {dacl.at, dacl.size}};
    return sd_replace_dacl(sd, &with, out, out_size, err);
}

int migration_dacl(const struct migration_walk *walk, const void *descriptor, size_t size,
                   uint8_t **out, size_t *out_size, struct gpmq_error *err)
{
    struct rewriting acl = {.walk = walk};
    struct sd sd;
    *out = NULL;
    int rc = sd_open(&sd, descriptor, size, err);
    if (!rc)
        rc = rewrite(&acl, sd.dacl, err);
    if (!rc && acl.changed)
        rc = build(&acl, &sd, out, out_size, err);
    bytes_free(&acl.aces);
    return rc;
}
