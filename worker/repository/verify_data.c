#include "verify_data.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "gpmq/op.h"
#include "registry_pol.h"
#include "xml.h"

#define COMMENTS_NS "http://www.microsoft.com/GroupPolicy/CommentDefinitions"
#define REPORT_NS   "http://www.microsoft.com/GroupPolicy/Settings"

#define REGISTRY_TYPE_LAST REGISTRY_QWORD

/* ---- which ---------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name; /* of the file; one that begins with '.' is how the name ends */
    const char *below; /* a folder on its path, or NULL */
    verify_format *format;
} formats[] = {
    {"registry.pol", NULL, verify_registry_pol},
    {"GptTmpl.inf", NULL, verify_security},
    {"audit.csv", NULL, verify_audit},
    {"scripts.ini", NULL, verify_scripts},
    {"psscripts.ini", NULL, verify_scripts},
    {"fdeploy.ini", NULL, verify_ini},
    {"fdeploy1.ini", NULL, verify_ini},
    {"oscfilter.ini", NULL, verify_ini},
    {".xml", "Preferences", verify_preferences},
    {"comment.cmtx", NULL, verify_comments},
    {"GPO.cmt", NULL, verify_description},
    {"gpreport.xml", NULL, verify_report},
};
/* clang-format on */

static bool fits(const char *file, const char *name)
{
    size_t length = strlen(file), tail = strlen(name);
    if (*name != '.')
        return !fold_compare(file, name);
    return length > tail && !fold_compare(file + length - tail, name);
}

/* Whether one of the folders of a path has that name. */
static bool is_below(const char *path, const char *folder)
{
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        size_t length = (size_t)(slash - path);
        if (length == strlen(folder) && !strncasecmp(path, folder, length))
            return true;
    }
    return false;
}

verify_format *verify_format_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (fits(slash ? slash + 1 : path, formats[i].name) &&
            (!formats[i].below || is_below(path, formats[i].below)))
            return formats[i].format;
    return NULL;
}

/* ---- registry.pol --------------------------------------------------------------------------- */

static const char *judge_record(const struct registry_record *record)
{
    if (!record->key_units)
        return "it has no key";
    if (record->type > REGISTRY_TYPE_LAST)
        return "there is no such type of a value";
    if (record->type == REGISTRY_DWORD && record->content_size != 4)
        return "a DWORD has four bytes";
    if (record->type == REGISTRY_QWORD && record->content_size != 8)
        return "a QWORD has eight bytes";
    bool is_text = record->type == REGISTRY_SZ || record->type == REGISTRY_EXPAND_SZ ||
                   record->type == REGISTRY_MULTI_SZ;
    return is_text && record->content_size % 2 ? "its text ends in half a character" : NULL;
}

int verify_registry_pol(const void *bytes, size_t size, struct gpmq_error *err)
{
    struct registry_walk walk;
    struct registry_record record;
    bool more = true;
    int rc = registry_pol_open(&walk, bytes, size, err);
    while (!rc && more) {
        rc = registry_pol_next(&walk, &record, &more, err);
        const char *reason = !rc && more ? judge_record(&record) : NULL;
        if (reason)
            return fail(err, GPMQ_EDAMAGED, "record %zu of registry.pol is damaged: %s",
                        walk.number, reason);
    }
    return rc;
}

/* ---- XML ------------------------------------------------------------------------------------ */

static bool has_class(const struct xml_element *element)
{
    struct gpmq_guid guid;
    const char *class = xml_attribute(element, "clsid");
    return class && !gpmq_guid_parse(&guid, class);
}

/* Items, and collections of them, which may lie within each other. */
static int judge_items(const struct xml_element *parent, struct gpmq_error *err)
{
    int rc = 0;
    for (const struct xml_element *e = xml_child(parent, NULL); e && !rc; e = xml_next(e, NULL)) {
        bool is_collection = !strcmp(xml_name(e), "Collection");
        bool is_part = !strcmp(xml_name(e), "Properties") || !strcmp(xml_name(e), "Filters");
        if (is_part && !strcmp(xml_name(parent), "Collection"))
            continue;
        if (!has_class(e))
            rc = fail(err, GPMQ_EDAMAGED, "line %d: item '%.60s' has no clsid that is a GUID",
                      xml_line(e), xml_name(e));
        else if (!is_collection && !xml_child(e, "Properties"))
            rc = fail(err, GPMQ_EDAMAGED, "line %d: item '%.60s' has no Properties", xml_line(e),
                      xml_name(e));
        else if (is_collection)
            rc = judge_items(e, err);
    }
    return rc;
}

int verify_preferences(const void *bytes, size_t size, struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    int rc = xml_read(&document, bytes, size, "XML", err);
    if (rc)
        return rc;
    const struct xml_element *root = xml_any_root(document);
    if (!has_class(root))
        return fail(err, GPMQ_EDAMAGED, "line %d: its root '%.60s' has no clsid that is a GUID",
                    xml_line(root), xml_name(root));
    return judge_items(root, err);
}

static int judge_root(const void *bytes, size_t size, const char *name, const char *ns,
                      struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    int rc = xml_read(&document, bytes, size, "XML", err);
    if (!rc && !xml_root(document, name, ns))
        rc = fail(err, GPMQ_EDAMAGED, "line 1: its root is not '%s' in %s", name, ns);
    return rc;
}

int verify_comments(const void *bytes, size_t size, struct gpmq_error *err)
{
    return judge_root(bytes, size, "policyComments", COMMENTS_NS, err);
}

int verify_report(const void *bytes, size_t size, struct gpmq_error *err)
{
    return judge_root(bytes, size, "GPO", REPORT_NS, err);
}

/* ---- GPO.cmt -------------------------------------------------------------------------------- */

int verify_description(const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)bytes;
    return size % 2 ? fail(err, GPMQ_EDAMAGED, "it is no UTF-16 text: half a character at its end")
                    : 0;
}
