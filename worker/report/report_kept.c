#include "report_kept.h"

#include <string.h>
#include <strings.h>

#include "backup_time.h"
#include "cleanup.h"
#include "fail.h"
#include "report_area.h"
#include "sd.h"
#include "sddl.h"
#include "xml.h"

void report_kept_free(struct report_kept *kept)
{
    xml_free(&kept->document);
    free(kept->descriptor);
    free(kept->links);
    free(kept->names);
    *kept = (struct report_kept){0};
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool is_types(const struct xml_element *element, const char *name)
{
    return element && !strcmp(xml_name(element), name) &&
           !strcmp(xml_namespace(element), REPORT_NS_TYPES);
}

/* Every element with a SID and a Name beside it. */
static void collect_names(struct report_kept *kept, const struct xml_element *element)
{
    const struct xml_element *sid = xml_child(element, "SID");
    const struct xml_element *name = xml_child(element, "Name");
    if (is_types(sid, "SID") && is_types(name, "Name") && kept->name_count < REPORT_KEPT_NAMES_MAX)
        kept->names[kept->name_count++] = (struct report_kept_name){xml_text(sid), xml_text(name)};
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        collect_names(kept, e);
}

static int by_sid(const void *a, const void *b)
{
    const struct report_kept_name *left = a, *right = b;
    return strcasecmp(left->sid, right->sid);
}

static int find_names(struct report_kept *kept, struct gpmq_error *err)
{
    kept->names = calloc(REPORT_KEPT_NAMES_MAX, sizeof *kept->names);
    if (!kept->names)
        return fail(err, GPMQ_ENOMEM, "no memory for the accounts of a report");
    collect_names(kept, xml_top(kept->document));
    qsort(kept->names, kept->name_count, sizeof *kept->names, by_sid);
    return 0;
}

const char *report_kept_name(const struct report_kept *kept, const char *sid)
{
    const struct report_kept_name wanted = {.sid = sid};
    const struct report_kept_name *found =
        kept->name_count
            ? bsearch(&wanted, kept->names, kept->name_count, sizeof *kept->names, by_sid)
            : NULL;
    return found ? found->name : NULL;
}

/* ---- links, times --------------------------------------------------------------------------- */

static bool is_true(const struct xml_element *parent, const char *name)
{
    const char *text = xml_child_text(parent, name);
    return text && !strcmp(text, "true");
}

static const char *text_or_none(const struct xml_element *parent, const char *name)
{
    const char *text = xml_child_text(parent, name);
    return text ? text : "";
}

static int find_links(struct report_kept *kept, const struct xml_element *root,
                      struct gpmq_error *err)
{
    kept->links = calloc(REPORT_KEPT_LINKS_MAX, sizeof *kept->links);
    if (!kept->links)
        return fail(err, GPMQ_ENOMEM, "no memory for the links of a report");
    for (const struct xml_element *e = xml_child(root, "LinksTo");
         e && kept->link_count < REPORT_KEPT_LINKS_MAX; e = xml_next(e, "LinksTo"))
        kept->links[kept->link_count++] = (struct report_link){
            .som_name = text_or_none(e, "SOMName"),
            .som_path = text_or_none(e, "SOMPath"),
            .enabled = is_true(e, "Enabled"),
            .enforced = is_true(e, "NoOverride"),
        };
    return 0;
}

static void find_time(int64_t *out, const struct xml_element *root, const char *name)
{
    int64_t unix_ms;
    const char *text = xml_child_text(root, name);
    if (text && !backup_time_parse(&unix_ms, text))
        *out = unix_ms;
}

/* ---- security ------------------------------------------------------------------------------- */

/* The domain of the owner, or of whoever the text can be read with: "S-1-5-21-...". */
static bool find_domain(const struct xml_element *security, struct sid *out)
{
    static const char *const holders[] = {"Owner", "Group"};
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++) {
        const char *sid = xml_child_text(xml_child(security, holders[i]), "SID");
        const char *tail = sid ? strrchr(sid, '-') : NULL;
        char text[SID_TEXT_SIZE];
        if (!tail || strncmp(sid, "S-1-5-21-", 9) != 0 || tail - sid >= SID_TEXT_SIZE)
            continue;
        snprintf(text, sizeof text, "%.*s", (int)(tail - sid), sid);
        if (!sid_parse(out, text, NULL))
            return true;
    }
    return false;
}

static bool same_dacl(const struct sd *kept, const struct gpo *gpo)
{
    struct sd own;
    return gpo->security_descriptor &&
           !sd_open(&own, gpo->security_descriptor, gpo->security_descriptor_size, NULL) &&
           own.dacl.size == kept->dacl.size && own.dacl.at && kept->dacl.at &&
           !memcmp(own.dacl.at, kept->dacl.at, own.dacl.size);
}

static int find_descriptor(struct report_kept *kept, const struct xml_element *root,
                           struct gpmq_error *err)
{
    const struct xml_element *security = xml_child(root, "SecurityDescriptor");
    const char *sddl = security ? xml_child_text(security, "SDDL") : NULL;
    struct sid domain;
    struct sd sd;
    size_t size;
    bool known = security && find_domain(security, &domain);
    int rc = sddl ? sddl_parse(sddl, known ? &domain : NULL, &kept->descriptor, &size, err) : 0;
    if (rc == GPMQ_ENOMEM)
        return rc;
    if (rc || !sddl || sd_open(&sd, kept->descriptor, size, NULL) || !same_dacl(&sd, &kept->gpo))
        return 0;
    kept->gpo.security_descriptor = kept->descriptor;
    kept->gpo.security_descriptor_size = size;
    return 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool is_of(const struct xml_element *root, const struct gpmq_guid *id)
{
    struct gpmq_guid guid;
    const struct xml_element *identifier = xml_child(root, "Identifier");
    const char *text = identifier ? xml_child_text(identifier, "Identifier") : NULL;
    return text && !gpmq_guid_parse(&guid, text) && gpmq_guid_equal(&guid, id);
}

static int take_over(struct report_kept *kept, const struct xml_element *root,
                     struct gpmq_error *err)
{
    find_time(&kept->gpo.created_unix_ms, root, "CreatedTime");
    find_time(&kept->gpo.modified_unix_ms, root, "ModifiedTime");
    kept->filter_description = xml_child_text(root, "FilterDescription");
    int rc = find_links(kept, root, err);
    if (!rc)
        rc = find_names(kept, err);
    return rc ? rc : find_descriptor(kept, root, err);
}

/* A report that cannot be used is none. */
static int or_none(int rc, struct gpmq_error *err)
{
    bool fatal = rc == GPMQ_ENOMEM || rc == GPMQ_EIO || rc == GPMQ_EACCESS;
    if (!fatal && err)
        *err = (struct gpmq_error){0};
    return fatal ? rc : 0;
}

int report_kept_parse(struct report_kept *out, const void *bytes, size_t size,
                      const struct gpo *gpo, struct gpmq_error *err)
{
    *out = (struct report_kept){.gpo = *gpo};
    int rc = xml_read(&out->document, bytes, size, "gpreport.xml", err);
    if (rc)
        return or_none(rc, err);
    const struct xml_element *root = xml_root(out->document, "GPO", REPORT_NS);
    return root && is_of(root, &gpo->id) ? take_over(out, root, err) : 0;
}

int report_kept_read(struct report_kept *out, struct repository *repository,
                     const struct backup *backup, struct gpmq_error *err)
{
    CLEANUP(free_pointer) void *bytes = NULL;
    size_t size;
    *out = (struct report_kept){.gpo = *backup->gpo};
    int rc = repository_read_report(repository, &backup->info.id, &bytes, &size, err);
    return rc ? or_none(rc, err) : report_kept_parse(out, bytes, size, backup->gpo, err);
}
