/* executor_tickets.c - the folder of a pool's Kerberos tickets: none outlives the executor it is
 * of. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ad_settings.h"
#include "cleanup.h"
#include "executor_state.h"
#include "fail.h"

/* Below the folder that systemd gave us for this, else in /tmp. */
int executor_tickets_make(struct executor_pool *pool, struct gpmq_error *err)
{
    const char *runtime = getenv("RUNTIME_DIRECTORY");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/gpmq-tickets-XXXXXX", runtime ? runtime : "/tmp");
    if (!mkdtemp(path))
        return fail_errno(err, "cannot make a folder for Kerberos tickets, '%s'", path);
    pool->tickets = strdup(path);
    return pool->tickets ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a path");
}

/* Tickets are files right in the folder. */
static void remove_named(const char *folder, const char *prefix)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries)
        closedir(entries);
}

void executor_tickets_forget(const struct executor_pool *pool, pid_t pid)
{
    char prefix[AD_TICKET_PREFIX_SIZE];
    snprintf(prefix, sizeof prefix, AD_TICKET_PREFIX, (int)pid);
    if (pool->tickets)
        remove_named(pool->tickets, prefix);
}

void executor_tickets_remove(struct executor_pool *pool)
{
    CLEANUP(free_pointer) char *path = STEAL(pool->tickets);
    if (!path)
        return;
    remove_named(path, "");
    rmdir(path);
}
