#include "report_names.h"

#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "report_parts.h"
#include "sid.h"
#include "well_known.h"

void report_names_free(struct report_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].sid);
        free(names->items[i].name);
    }
    free(names->items);
    *names = (struct report_names){0};
}

/* What well_known.h leaves out, since no backup lists it. */
static const char *more_known(const char *sid)
{
    /* clang-format off */
    static const struct { const char *sid, *name; } more[] = {
        {"S-1-5-32-548", "Account Operators"},
        {"S-1-5-32-549", "Server Operators"},
        {"S-1-5-32-550", "Print Operators"},
        {"S-1-5-32-575", "RDS Remote Access Servers"},
        {"S-1-5-32-576", "RDS Endpoint Servers"},
        {"S-1-5-32-577", "RDS Management Servers"},
        {"S-1-5-32-578", "Hyper-V Administrators"},
        {"S-1-5-32-579", "Access Control Assistance Operators"},
        {"S-1-5-32-580", "Remote Management Users"},
        {"S-1-5-32-582", "Storage Replica Administrators"},
        {"S-1-5-80-0",   "ALL SERVICES"},
        {"S-1-5-83-0",   "Virtual Machines"},
        {"S-1-5-90-0",   "Window Manager Group"},
        {"S-1-15-2-1",   "ALL APPLICATION PACKAGES"},
        {"S-1-15-2-2",   "ALL RESTRICTED APPLICATION PACKAGES"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (!strcmp(more[i].sid, sid))
            return more[i].name;
    return NULL;
}

/* The authority before a well-known name; the first that fits. */
static const char *authority(const char *sid)
{
    /* clang-format off */
    static const struct { const char *begins, *name; } authorities[] = {
        {"S-1-5-32-", "BUILTIN\\"},
        {"S-1-5-80-", "NT SERVICE\\"},
        {"S-1-5-83-", "NT VIRTUAL MACHINE\\"},
        {"S-1-5-90-", "Window Manager\\"},
        {"S-1-5-",    "NT AUTHORITY\\"},
        {"S-1-15-2-", "APPLICATION PACKAGE AUTHORITY\\"},
        {"",          ""},
    };
    /* clang-format on */
    size_t i = 0;
    while (strncmp(sid, authorities[i].begins, strlen(authorities[i].begins)) != 0)
        i++;
    return authorities[i].name;
}

static int put_known(struct bytes *out, const char *sid)
{
    const char *name = well_known_name(sid);
    if (!name)
        name = more_known(sid);
    if (!name)
        return 0;
    bytes_put_text(out, authority(sid));
    bytes_put_text(out, name);
    return 1;
}

static int look_up(struct bytes *out, const struct report_source *source, const char *sid,
                   struct gpmq_error *err)
{
    struct domain_principal who = {0};
    if (put_known(out, sid) || !source->principal)
        return 0;
    int rc = source->principal(source->arg, sid, &who, err);
    if (report_is_content(rc)) /* what the domain knows of it is damaged: nobody knows it */
        rc = 0;
    if (!rc && who.sam_account_name && *who.sam_account_name &&
        strlen(who.sam_account_name) <= GPO_NAME_MAX) {
        if (who.netbios_domain_name && *who.netbios_domain_name)
            bytes_format(out, "%s\\", who.netbios_domain_name);
        bytes_put_text(out, who.sam_account_name);
    }
    domain_principal_free(&who);
    return rc;
}

/* Where `sid` is, or belongs. */
static size_t place_of(const struct report_names *names, const char *sid)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(names->items[middle].sid, sid) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int insert(struct report_names *names, size_t place, struct report_name *name,
                  struct gpmq_error *err)
{
    if (names->count >= REPORT_NAMES_MAX)
        return fail(err, GPMQ_ETOOBIG, "the GPO names more than %d accounts", REPORT_NAMES_MAX);
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 16;
        struct report_name *items = realloc(names->items, room * sizeof *items);
        if (!items)
            return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
        names->items = items;
        names->room = room;
    }
    memmove(&names->items[place + 1], &names->items[place],
            (names->count - place) * sizeof *names->items);
    names->items[place] = *name;
    *name = (struct report_name){0};
    names->count++;
    return 0;
}

static void free_name(struct report_name *name)
{
    free(name->sid);
    free(name->name);
}

int report_names_find(struct report_names *names, const struct report_source *source,
                      const char *sid, const char **out, struct gpmq_error *err)
{
    size_t place = place_of(names, sid);
    if (place < names->count && !strcmp(names->items[place].sid, sid)) {
        *out = names->items[place].name;
        return 0;
    }
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(free_name) struct report_name name = {.sid = strdup(sid)};
    int rc = name.sid ? look_up(&text, source, sid, err)
                      : fail(err, GPMQ_ENOMEM, "no memory for the accounts of a GPO");
    if (!rc && text.size) {
        void *taken = NULL;
        rc = bytes_take(&text, &taken, NULL, err);
        name.name = taken;
    }
    if (!rc)
        rc = insert(names, place, &name, err);
    if (!rc)
        *out = names->items[place].name;
    return rc;
}
