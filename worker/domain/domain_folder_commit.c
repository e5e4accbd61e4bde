/* domain_folder_commit.c - the moves that make a change visible, and what ends them after a crash.
 * The order and what each crash leaves behind are told in domain_folder.h. */
#include "domain_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"

#define INTENT_MAX  4096
#define INTENT_HEAD "gpmq intent 1\nversion "

static int fail_move(struct gpmq_error *err, const struct folder_domain *domain,
                     const struct folder_place *place, const char *doing)
{
    return fail_errno(err, "GPO %s of %s: cannot %s", place->guid, domain->path, doing);
}

/* Where the file system cannot exchange two names: the old folder steps aside first. */
static int swap_in_two_steps(const struct folder_domain *domain, const struct folder_place *place,
                             int state_fd)
{
    if (renameat(domain->policies_fd, place->gpt, state_fd, "gpt.old") != 0 && errno != ENOENT)
        return -1;
    return renameat(state_fd, "gpt", domain->policies_fd, place->gpt);
}

static int swap(const struct folder_domain *domain, const struct folder_place *place, int state_fd,
                struct gpmq_error *err)
{
    int rc = renameat2(state_fd, "gpt", domain->policies_fd, place->gpt, RENAME_EXCHANGE);
    if (rc != 0 && errno == ENOENT)
        rc = renameat(state_fd, "gpt", domain->policies_fd, place->gpt);
    else if (rc != 0 && (errno == EINVAL || errno == ENOSYS))
        rc = swap_in_two_steps(domain, place, state_fd);
    if (rc != 0 || fsync(domain->policies_fd) != 0 || fsync(state_fd) != 0)
        return fail_move(err, domain, place, "put its new folder in place");
    return 0;
}

/* Does what is left of a commit whose intent is on disk. */
static int roll_forward(const struct folder_domain *domain, const struct folder_place *place,
                        int state_fd, uint32_t version, struct gpmq_error *err)
{
    if (beneath_exists(state_fd, "gpc.ldif")) {
        uint32_t live;
        int rc = folder_gpt_version(domain, domain->policies_fd, place->gpt, &live, err);
        if (!rc && live != version)
            rc = swap(domain, place, state_fd, err);
        if (rc)
            return rc;
        if (renameat(state_fd, "gpc.ldif", domain->policies_fd, place->ldif) != 0)
            return fail_move(err, domain, place, "put its new directory object in place");
    }
    if (fsync(domain->policies_fd) != 0 || fsync(state_fd) != 0 ||
        unlinkat(state_fd, "intent", 0) != 0 || fsync(state_fd) != 0)
        return fail_move(err, domain, place, "end its commit");
    return 0;
}

int folder_put_in_place(const struct folder_domain *domain, const struct folder_place *place,
                        int state_fd, uint32_t version, bool *intended, struct gpmq_error *err)
{
    char text[sizeof INTENT_HEAD + 16];
    int length = snprintf(text, sizeof text, INTENT_HEAD "%" PRIu32 "\n", version);
    *intended = true;
    if (beneath_replace(state_fd, "intent", text, (size_t)length) != 0) {
        *intended = beneath_exists(state_fd, "intent");
        return fail_move(err, domain, place, "write the intent of its commit");
    }
    return roll_forward(domain, place, state_fd, version, err);
}

/* GPMQ_ENOTFOUND: there is none. */
static int read_intent(const struct folder_domain *domain, const struct folder_place *place,
                       int state_fd, uint32_t *version, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    if (beneath_read(state_fd, "intent", INTENT_MAX, &text) != 0)
        return errno == ENOENT ? GPMQ_ENOTFOUND
                               : fail_move(err, domain, place, "read the intent of a commit");
    const char *head = text.at ? (const char *)text.at : "";
    size_t head_length = strlen(INTENT_HEAD);
    char *end = NULL;
    unsigned long number = 0;
    if (strncmp(head, INTENT_HEAD, head_length) == 0)
        number = strtoul(head + head_length, &end, 10);
    if (!end || *end != '\n' || number > UINT32_MAX)
        return fail(err, GPMQ_EDAMAGED, "%s/.gpmq/%s/intent is damaged", domain->path, place->guid);
    *version = (uint32_t)number;
    return 0;
}

int folder_remove_staged(const struct folder_domain *domain, const struct folder_place *place,
                         int state_fd, struct gpmq_error *err)
{
    static const char *const names[] = {"gpt", "gpt.old", "gpc.ldif", "gpc.ldif.new"};
    (void)place;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int rc = beneath_remove(state_fd, domain->path, names[i], err);
        if (rc)
            return rc;
    }
    return 0;
}

int folder_recover(const struct folder_domain *domain, const struct folder_place *place,
                   int state_fd, struct gpmq_error *err)
{
    uint32_t version = 0;
    int rc = read_intent(domain, place, state_fd, &version, err);
    if (rc == 0)
        rc = roll_forward(domain, place, state_fd, version, err);
    if (rc == 0 || rc == GPMQ_ENOTFOUND)
        rc = folder_remove_staged(domain, place, state_fd, err);
    return rc;
}

int folder_recover_locked(const struct folder_domain *domain, const struct folder_place *place,
                          int state_fd, int64_t wait_ms, struct gpmq_error *err)
{
    CLEANUP(close_fd) int write_lock = -1;
    CLEANUP(close_fd) int swap_lock = -1;
    int rc = folder_lock_write(domain, place, state_fd, wait_ms, &write_lock, err);
    if (!rc)
        rc = folder_lock_swap(domain, place, state_fd, &swap_lock, err);
    return rc ? rc : folder_recover(domain, place, state_fd, err);
}
