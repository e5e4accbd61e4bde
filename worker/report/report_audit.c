/*
 * The Advanced Audit Configuration section: audit.csv ([MS-GPAC] 2.2.1).
 *
 * Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,
 * Setting Value
 *
 * As Windows does it, the GUID alone says which subcategory a row is of: names come from the table
 * below and rows stand in its order, whatever the file calls them. Other rows (options, global
 * object access, subcategories of a later Windows) follow in the file's order.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "csv.h"
#include "fail.h"
#include "report_parts.h"

#define AUDIT_FILE     "Microsoft/Windows NT/Audit/audit.csv"
#define AUDIT_ROWS_MAX 65536

#define GUID_TAIL "-69ae-11d9-bed3-505054503030}"

/* [MS-GPAC] 2.2.1.2: the first part of the GUID tells; by category, then by name. */
/* clang-format off */
static const struct subcategory {
    const char *guid, *name;
} subcategories[] = {
    {"{0cce923f", "Audit Credential Validation"},
    {"{0cce9242", "Audit Kerberos Authentication Service"},
    {"{0cce9240", "Audit Kerberos Service Ticket Operations"},
    {"{0cce9241", "Audit Other Account Logon Events"},

    {"{0cce9239", "Audit Application Group Management"},
    {"{0cce9236", "Audit Computer Account Management"},
    {"{0cce9238", "Audit Distribution Group Management"},
    {"{0cce923a", "Audit Other Account Management Events"},
    {"{0cce9237", "Audit Security Group Management"},
    {"{0cce9235", "Audit User Account Management"},

    {"{0cce922d", "Audit DPAPI Activity"},
    {"{0cce9248", "Audit PNP Activity"},
    {"{0cce922b", "Audit Process Creation"},
    {"{0cce922c", "Audit Process Termination"},
    {"{0cce922e", "Audit RPC Events"},
    {"{0cce924a", "Audit Token Right Adjusted"},

    {"{0cce923e", "Audit Detailed Directory Service Replication"},
    {"{0cce923b", "Audit Directory Service Access"},
    {"{0cce923c", "Audit Directory Service Changes"},
    {"{0cce923d", "Audit Directory Service Replication"},

    {"{0cce9217", "Audit Account Lockout"},
    {"{0cce9247", "Audit User / Device Claims"},
    {"{0cce9249", "Audit Group Membership"},
    {"{0cce921a", "Audit IPsec Extended Mode"},
    {"{0cce9218", "Audit IPsec Main Mode"},
    {"{0cce9219", "Audit IPsec Quick Mode"},
    {"{0cce9216", "Audit Logoff"},
    {"{0cce9215", "Audit Logon"},
    {"{0cce9243", "Audit Network Policy Server"},
    {"{0cce921c", "Audit Other Logon/Logoff Events"},
    {"{0cce921b", "Audit Special Logon"},

    {"{0cce9222", "Audit Application Generated"},
    {"{0cce9221", "Audit Certification Services"},
    {"{0cce9244", "Audit Detailed File Share"},
    {"{0cce9224", "Audit File Share"},
    {"{0cce921d", "Audit File System"},
    {"{0cce9226", "Audit Filtering Platform Connection"},
    {"{0cce9225", "Audit Filtering Platform Packet Drop"},
    {"{0cce9223", "Audit Handle Manipulation"},
    {"{0cce9227", "Audit Other Object Access Events"},
    {"{0cce921f", "Audit Kernel Object"},
    {"{0cce921e", "Audit Registry"},
    {"{0cce9245", "Audit Removable Storage"},
    {"{0cce9220", "Audit SAM"},
    {"{0cce9246", "Audit Central Access Policy Staging"},

    {"{0cce922f", "Audit Audit Policy Change"},
    {"{0cce9230", "Audit Authentication Policy Change"},
    {"{0cce9231", "Audit Authorization Policy Change"},
    {"{0cce9233", "Audit Filtering Platform Policy Change"},
    {"{0cce9232", "Audit MPSSVC Rule-Level Policy Change"},
    {"{0cce9234", "Audit Other Policy Change Events"},

    {"{0cce9229", "Audit Non Sensitive Privilege Use"},
    {"{0cce922a", "Audit Other Privilege Use Events"},
    {"{0cce9228", "Audit Sensitive Privilege Use"},

    {"{0cce9213", "Audit IPsec Driver"},
    {"{0cce9214", "Audit Other System Events"},
    {"{0cce9210", "Audit Security State Change"},
    {"{0cce9211", "Audit Security System Extension"},
    {"{0cce9212", "Audit System Integrity"},
};
/* clang-format on */
#define SUBCATEGORIES (sizeof subcategories / sizeof *subcategories)

enum column { MACHINE, TARGET, SUBCATEGORY, GUID, INCLUSION, EXCLUSION, VALUE, COLUMNS };

struct row {
    size_t place; /* in the table, or behind it */
    const char *fields[COLUMNS];
};

struct rows {
    size_t count;
    struct row *items;
};

static void free_rows(struct rows *rows)
{
    free(rows->items);
}

static size_t place_of(const char *guid)
{
    for (size_t i = 0; i < SUBCATEGORIES; i++) {
        size_t length = strlen(subcategories[i].guid);
        if (!strncasecmp(subcategories[i].guid, guid, length) &&
            !strcasecmp(guid + length, GUID_TAIL))
            return i;
    }
    return SUBCATEGORIES;
}

/* The header has a word where others have a GUID, or nothing. */
static bool is_setting(char *const fields[COLUMNS], size_t count)
{
    return count > GUID && *fields[SUBCATEGORY] && (*fields[GUID] == '{' || !*fields[GUID]);
}

static int add_row(struct rows *rows, size_t *room, char *const fields[COLUMNS], size_t count,
                   struct gpmq_error *err)
{
    if (rows->count == AUDIT_ROWS_MAX)
        return fail(err, GPMQ_ETOOBIG, "it has more than %d rows", AUDIT_ROWS_MAX);
    if (rows->count == *room) {
        *room = *room ? 2 * *room : 64;
        struct row *items = realloc(rows->items, *room * sizeof *items);
        if (!items)
            return fail(err, GPMQ_ENOMEM, "no memory for %zu rows", *room);
        rows->items = items;
    }
    struct row *row = &rows->items[rows->count++];
    for (size_t i = 0; i < COLUMNS; i++)
        row->fields[i] = i < count ? fields[i] : "";
    row->place = place_of(row->fields[GUID]);
    if (row->place == SUBCATEGORIES)
        row->place += rows->count;
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    if (left->place != right->place)
        return left->place < right->place ? -1 : 1;
    return strcmp(left->fields[VALUE], right->fields[VALUE]);
}

static int read_rows(struct rows *out, char *text, struct gpmq_error *err)
{
    char *fields[COLUMNS];
    size_t room = 0, count;
    int rc = 0;
    while (!rc && (count = csv_row(&text, fields, COLUMNS)))
        if (is_setting(fields, count))
            rc = add_row(out, &room, fields, count, err);
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_place);
    return rc;
}

static void put_row(struct report_write *write, const struct row *row)
{
    bool known = row->place < SUBCATEGORIES;
    char guid[GPMQ_GUID_TEXT_SIZE];
    if (known)
        snprintf(guid, sizeof guid, "%s%s", subcategories[row->place].guid, GUID_TAIL);
    report_open(write, "AuditSetting");
    report_text(write, "PolicyTarget", row->fields[TARGET]);
    report_text(write, "SubcategoryName",
                known ? subcategories[row->place].name : row->fields[SUBCATEGORY]);
    report_text(write, "SubcategoryGuid", known ? guid : row->fields[GUID]);
    report_text(write, "SettingValue", row->fields[VALUE]);
    report_close(write);
}

int report_audit(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    CLEANUP(free_rows) struct rows rows = {0};
    CLEANUP(free_pointer) char *text = NULL;
    int rc = report_read_text(report, AUDIT_FILE, &text, err);
    if (rc || !text)
        return rc;
    rc = read_rows(&rows, text, err);
    if (rc)
        return rc;
    report_begin_area(report, area);
    for (size_t i = 0; i < rows.count; i++)
        put_row(&report->write, &rows.items[i]);
    report_end_area(report, area);
    report_told(report, AUDIT_FILE);
    return 0;
}
