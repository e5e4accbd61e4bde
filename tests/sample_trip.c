/* sample_trip.c - the table of differences. */
#include "sample_trip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "backup_diff.h"
#include "backup_payload.h"
#include "cleanup.h"

void trip_complain(struct trip *trip, const char *what, const char *a, const char *b)
{
    print_error("%s: %s: '%.400s' and '%.400s'\n", trip->label, what, a, b);
    trip->wrong++;
}

/* ---- the differences that must be ------------------------------------------------------------ */

static bool is_none(const struct trip *trip, const char *a, const char *b)
{
    (void)trip, (void)a;
    return strcmp(b, "(none)") == 0;
}

static bool is_zero(const struct trip *trip, const char *a, const char *b)
{
    (void)trip, (void)a;
    return strcmp(b, "0") == 0;
}

static bool is_one(const struct trip *trip, const char *a, const char *b)
{
    (void)trip, (void)a;
    return strcmp(b, "1") == 0;
}

static bool is_guid(const struct gpmq_guid *id, const char *text)
{
    char expected[GPMQ_GUID_TEXT_SIZE];
    return strcmp(text, gpmq_guid_text(id, expected)) == 0;
}

static bool is_copy_id(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_guid(&trip->copy_id, b);
}

static bool is_gpo_id(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_guid(&trip->gpo_id, b);
}

static const struct domain_info *target(const struct trip *trip)
{
    return trip->desk->domain->ops->info(trip->desk->domain);
}

static bool is_domain_guid(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_guid(&target(trip)->guid, b);
}

static bool is_domain(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return strcmp(b, target(trip)->dns_name) == 0;
}

static bool is_controller(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return strcmp(b, target(trip)->controller) == 0;
}

static bool is_later(const struct trip *trip, const char *a, const char *b)
{
    (void)trip;
    return strtoll(b, NULL, 10) > strtoll(a, NULL, 10);
}

/* A restore counts up from the larger number of directory and SYSVOL. */
static bool is_counted_from(const struct trip *trip, const struct gpo_version *version,
                            const char *b)
{
    unsigned larger = version->ds > version->sysvol ? version->ds : version->sysvol;
    return strtoul(b, NULL, 10) == larger + trip->steps;
}

static bool is_user_counted(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_counted_from(trip, &trip->original->gpo->user, b);
}

static bool is_machine_counted(const struct trip *trip, const char *a, const char *b)
{
    (void)a;
    return is_counted_from(trip, &trip->original->gpo->machine, b);
}

/* That of a new GPO, and whole whatever the original had. */
static bool is_default_descriptor(const struct trip *trip, const char *a, const char *b)
{
    (void)a, (void)b;
    CLEANUP(gpo_free) struct gpo *gpo = desk_read(trip->desk, &trip->gpo_id);
    const struct gpo *copy = trip->copy->gpo;
    return !trip->copy->security_descriptor_damaged && copy->security_descriptor_size > 100 &&
           gpo->security_descriptor != NULL;
}

/* What follows the GPO's GUID, which is where the place of a GPO ends. */
static const char *behind_guid(const char *path, const struct gpmq_guid *id)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    const char *found = strcasestr(path, gpmq_guid_text(id, guid));
    return found ? found + strlen(guid) : NULL;
}

/* The UNC path of the new GPO, with the same tail but for case: where the original was read from
 * "MACHINE" or "USER", its own locations say "Machine" and "User". */
static bool is_moved(const struct trip *trip, const char *a, const char *b)
{
    const char *x = behind_guid(a, &trip->original->gpo->id);
    const char *y = behind_guid(b, &trip->gpo_id);
    return x && y && strcasecmp(x, y) == 0 && strcasestr(b, target(trip)->dns_name) &&
           strncmp(b, "\\\\", 2) == 0;
}

/* "LDAP://dc/cn=Class Store,CN=Machine,CN={GUID},..." and the new GPO's, with the same head. */
static bool is_moved_object(const struct trip *trip, const char *a, const char *b)
{
    return behind_guid(a, &trip->original->gpo->id) && behind_guid(b, &trip->gpo_id) &&
           strcasestr(b, target(trip)->dn);
}

static bool has_folder(const struct backup_object *objects, size_t count, const char *location,
                       size_t length)
{
    for (size_t i = 0; i < count; i++)
        if ((objects[i].location && strncmp(objects[i].location, location, length) == 0) ||
            has_folder(objects[i].children, objects[i].child_count, location, length))
            return true;
    return false;
}

/* Differs in case only, and the original knows the folder by this spelling too. */
static bool is_other_spelling(const struct trip *trip, const char *a, const char *b)
{
    const char *name = strrchr(b, '\\');
    const struct backup *original = trip->original;
    for (size_t i = 0; name && i < original->extension_count; i++)
        if (has_folder(original->extensions[i].objects, original->extensions[i].object_count, b,
                       (size_t)(name - b)))
            return strcasecmp(a, b) == 0;
    return false;
}

#define IMPORT   WAY_IMPORT
#define RESTORED (WAY_RESTORE | WAY_UNDELETE | WAY_HOME)
#define MOVED    (WAY_IMPORT | WAY_HOME) /* read from a controller of Windows, written by us */

static const struct {
    unsigned ways; /* on which it may be */
    const char *what;
    const char *why;
    bool (*is_lawful)(const struct trip *trip, const char *a, const char *b);
} differences[] = {
    {~0u, "info.id", "every backup has its own id", is_copy_id},
    {IMPORT, "info.gpo_id", "an import makes a new GPO: its GUID", is_gpo_id},
    {IMPORT, "core.id", "the same", is_gpo_id},
    {IMPORT, "info.domain_guid", "it is another domain", is_domain_guid},
    {IMPORT, "info.domain", "it is another domain", is_domain},
    {IMPORT, "core.domain", "it is another domain", is_domain},
    {MOVED, "info.domain_controller", "it is another controller", is_controller},
    {~0u, "info.time", "it was backed up now", is_later},
    {IMPORT, "core.user_version.ds", "a new GPO begins with 1, whatever the backup has", is_one},
    {IMPORT, "core.user_version.sysvol", "the same", is_one},
    {IMPORT, "core.machine_version.ds", "the same", is_one},
    {IMPORT, "core.machine_version.sysvol", "the same", is_one},
    {RESTORED, "core.user_version.ds", "a restore counts up, so that clients notice",
     is_user_counted},
    {RESTORED, "core.user_version.sysvol", "the same", is_user_counted},
    {RESTORED, "core.machine_version.ds", "the same", is_machine_counted},
    {RESTORED, "core.machine_version.sysvol", "the same", is_machine_counted},
    {IMPORT, "core.options", "an import leaves options to its target", is_zero},
    {IMPORT, "core.wmi_filter", "an import leaves the WMI link to its target", is_none},
    {IMPORT, "core.wmi_filter_name", "the same", is_none},
    {IMPORT, "core.security_descriptor", "an import leaves the DACL to its target",
     is_default_descriptor},
    {IMPORT, "core.damaged_descriptor", "the same, and it is whole", is_none},
    {MOVED, "object.source_path", "where it was read from: another domain and GPO, or controller",
     is_moved},
    {MOVED, "ds_object.source_path", "the same", is_moved_object},
    {MOVED, "object.location", "Windows has a folder in two spellings; on disk it has one",
     is_other_spelling},
};

static void judge(void *arg, const char *what, const char *a, const char *b)
{
    struct trip *trip = arg;
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if ((differences[i].ways & trip->way) && strcmp(differences[i].what, what) == 0 &&
            differences[i].is_lawful(trip, a, b))
            return;
    trip_complain(trip, what, a, b);
}

/* ---- principals ------------------------------------------------------------------------------ */

static const char *key_of(const struct domain_principal *principal)
{
    return principal->sid ? principal->sid : principal->sam_account_name;
}

static const struct backup_principal *find(const struct backup *backup, const char *key)
{
    for (size_t i = 0; i < backup->principal_count; i++)
        if (strcasecmp(key_of(&backup->principals[i].principal), key) == 0)
            return &backup->principals[i];
    return NULL;
}

/* Those of settings are the same; the new domain, which does not know the old one's accounts,
 * knows of a SID no more than the SID. */
static void judge_settings_principal(struct trip *trip, const struct backup_principal *original)
{
    const char *key = key_of(&original->principal);
    const struct backup_principal *copy = find(trip->copy, key);
    if (!copy || copy->from_dacl)
        trip_complain(trip, "principal of settings", key, copy ? "FromDACL" : "(none)");
    else if (original->principal.sid && copy->principal.sam_account_name)
        trip_complain(trip, "principal's name", key, copy->principal.sam_account_name);
}

/* Those of the DACL are the new domain's own. */
static void judge_dacl_principal(struct trip *trip, const struct backup_principal *copy)
{
    const struct domain_principal *principal = &copy->principal;
    if (!principal->dns_domain_name ||
        strcmp(principal->dns_domain_name, target(trip)->dns_name) != 0 ||
        strncmp(principal->sid, target(trip)->sid, strlen(target(trip)->sid)) != 0)
        trip_complain(trip, "principal of the DACL", "of the domain", key_of(principal));
}

static void judge_imported_principals(struct trip *trip)
{
    const struct backup *a = trip->original, *b = trip->copy;
    for (size_t i = 0; i < a->principal_count; i++)
        if (!a->principals[i].from_dacl)
            judge_settings_principal(trip, &a->principals[i]);
    for (size_t i = 0; i < b->principal_count; i++) {
        const struct backup_principal *copy = &b->principals[i];
        const struct backup_principal *original = find(a, key_of(&copy->principal));
        if (copy->from_dacl)
            judge_dacl_principal(trip, copy);
        else if (!original)
            trip_complain(trip, "principal", "(none)", key_of(&copy->principal));
    }
}

static const char *or_none(const char *text)
{
    return text ? text : "(none)";
}

/* Of the accounts that the domain has, everything is the same but for the letter case of the DNS
 * name in a UPN, which is built: one domain of the samples has it in upper case. */
static void judge_same_principal(struct trip *trip, const struct backup_principal *original)
{
    const struct backup_principal *copy = find(trip->copy, key_of(&original->principal));
    if (!copy) {
        trip_complain(trip, "principal", key_of(&original->principal), "(none)");
        return;
    }
    const struct domain_principal *x = &original->principal, *y = &copy->principal;
    bool ours = x->dns_domain_name && strcasecmp(x->dns_domain_name, target(trip)->dns_name) == 0;
    const char *const pairs[][2] = {
        {original->from_dacl ? "FromDACL" : "", copy->from_dacl ? "FromDACL" : ""},
        {or_none(x->sam_account_name), or_none(y->sam_account_name)},
        {or_none(x->type), or_none(y->type)},
        {or_none(x->netbios_domain_name), or_none(y->netbios_domain_name)},
        {or_none(x->dns_domain_name), or_none(y->dns_domain_name)},
    };
    if (ours && strcasecmp(or_none(x->upn), or_none(y->upn)) != 0)
        trip_complain(trip, "UPN", or_none(x->upn), or_none(y->upn));
    for (size_t i = 0; i < (ours ? sizeof pairs / sizeof *pairs : 1); i++)
        if (strcmp(pairs[i][0], pairs[i][1]) != 0)
            trip_complain(trip, key_of(x), pairs[i][0], pairs[i][1]);
}

static void judge_same_principals(struct trip *trip)
{
    const struct backup *a = trip->original, *b = trip->copy;
    for (size_t i = 0; i < a->principal_count; i++)
        judge_same_principal(trip, &a->principals[i]);
    for (size_t i = 0; i < b->principal_count; i++)
        if (!find(a, key_of(&b->principals[i].principal)))
            trip_complain(trip, "principal", "(none)", key_of(&b->principals[i].principal));
}

/* ---- all of it ------------------------------------------------------------------------------- */

size_t trip_judge(struct trip *trip)
{
    const struct backup_diff diff = {judge, trip};
    const struct backup_on_disk original = {trip->original, trip->from_path};
    const struct backup_on_disk copy = {trip->copy, trip->desk->repository_path};
    backup_diff(&diff, trip->original, trip->copy);
    if (trip->way == WAY_IMPORT)
        judge_imported_principals(trip);
    else
        judge_same_principals(trip);
    return backup_payload_diff(&diff, &original, &copy);
}
