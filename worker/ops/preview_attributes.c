/* preview_attributes.c - what a GPO's directory object says, each attribute as one text. */
#include "preview_attributes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "hex.h"
#include "run_text.h"
#include "sddl.h"

/* ---- one function for each attribute: its text into *out; nothing when there is none ----------
 */

typedef int attribute_text(struct bytes *out, const struct domain_info *domain,
                           const struct gpo *gpo, struct gpmq_error *err);

static int put_text(struct bytes *out, const char *text)
{
    bytes_put_text(out, text ? text : "");
    return 0;
}

static int put_name(struct bytes *out, const struct domain_info *domain, const struct gpo *gpo,
                    struct gpmq_error *err)
{
    (void)domain, (void)err;
    return put_text(out, gpo->display_name);
}

static int put_options(struct bytes *out, const struct domain_info *domain, const struct gpo *gpo,
                       struct gpmq_error *err)
{
    static const char *const words[] = {"all enabled", "user settings disabled",
                                        "computer settings disabled", "all settings disabled"};
    (void)domain, (void)err;
    return put_text(out, words[gpo->options & 3]);
}

static int put_machine(struct bytes *out, const struct domain_info *domain, const struct gpo *gpo,
                       struct gpmq_error *err)
{
    (void)domain, (void)err;
    return put_text(out, gpo->machine_extensions);
}

static int put_user(struct bytes *out, const struct domain_info *domain, const struct gpo *gpo,
                    struct gpmq_error *err)
{
    (void)domain, (void)err;
    return put_text(out, gpo->user_extensions);
}

static int put_filter(struct bytes *out, const struct domain_info *domain, const struct gpo *gpo,
                      struct gpmq_error *err)
{
    (void)domain, (void)err;
    if (gpo->wmi_filter)
        bytes_format(out, "%s%s%s", gpo->wmi_filter_name ? gpo->wmi_filter_name : "",
                     gpo->wmi_filter_name ? " " : "", gpo->wmi_filter);
    return 0;
}

/* SDDL, or hex where an ACE has no words. */
static int put_dacl(struct bytes *out, const struct domain_info *domain, const uint8_t *dacl,
                    size_t size, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    struct sid sid;
    struct sd sd;
    int rc = sd_open(&sd, dacl, size, err);
    if (!rc)
        rc = sid_parse(&sid, domain->sid, err);
    if (rc)
        return rc;
    rc = sddl_text(&sd, &sid, &text, err);
    if (rc == GPMQ_EUNSUPPORTED) {
        text = hex_text(dacl, size);
        rc = text ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a security descriptor");
    }
    return rc ? rc : put_text(out, text);
}

static int put_permissions(struct bytes *out, const struct domain_info *domain,
                           const struct gpo *gpo, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *dacl = NULL;
    struct sd sd;
    size_t size;
    if (!gpo->security_descriptor)
        return 0;
    int rc = sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, err);
    if (!rc)
        rc = sd_dacl_only(&sd, &dacl, &size, err);
    return rc ? rc : put_dacl(out, domain, dacl, size, err);
}

static size_t put_objects(struct bytes *out, const struct gpo_ds_object *objects, size_t count)
{
    size_t sum = count;
    for (size_t i = 0; i < count; i++) {
        const struct gpo_ds_object *object = &objects[i];
        bytes_format(out, "\n%s %s", object->path, object->object_class);
        for (size_t k = 0; k < object->attribute_count; k++)
            for (size_t n = 0; n < object->attributes[k].value_count; n++)
                bytes_format(out, "\n%s: %s", object->attributes[k].name,
                             object->attributes[k].values[n]);
        sum += put_objects(out, object->children, object->child_count);
    }
    return sum;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    attribute_text *put;
} attributes[] = {
    {"display_name", put_name},    {"options", put_options},   {"machine_extensions", put_machine},
    {"user_extensions", put_user}, {"wmi_filter", put_filter}, {"permissions", put_permissions},
};

/* Text from a file as a JSON string: jansson takes valid UTF-8 only. */
static json_t *text_json(const struct bytes *text)
{
    if (!text->size)
        return json_null();
    CLEANUP(free_pointer) char *fit = malloc(text->size + 4);
    return fit ? json_string(run_text(fit, text->size + 4, (char *)text->at)) : NULL;
}

static int put_change(json_t *list, const char *name, json_t *from, json_t *to,
                      struct gpmq_error *err)
{
    json_t *item =
        from && to ? json_pack("{s:s, s:o, s:o}", "name", name, "from", from, "to", to) : NULL;
    if (!item || json_array_append_new(list, item) != 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    return 0;
}

static int compare(json_t *list, size_t at, const struct domain_info *domain,
                   const struct gpo *live, const struct gpo *staged, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes from = {0};
    CLEANUP(bytes_free) struct bytes to = {0};
    int rc = live ? attributes[at].put(&from, domain, live, err) : 0;
    if (!rc)
        rc = attributes[at].put(&to, domain, staged, err);
    if (!rc && (from.failed || to.failed))
        rc = fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    if (rc || (from.size == to.size && (!from.size || memcmp(from.at, to.at, to.size) == 0)))
        return rc;
    return put_change(list, attributes[at].name, text_json(&from), text_json(&to), err);
}

static int compare_objects(json_t *list, const struct gpo *live, const struct gpo *staged,
                           struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes from = {0};
    CLEANUP(bytes_free) struct bytes to = {0};
    size_t before = live ? put_objects(&from, live->ds_objects, live->ds_object_count) : 0;
    size_t after = put_objects(&to, staged->ds_objects, staged->ds_object_count);
    if (from.failed || to.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of changes");
    if (from.size == to.size && (!from.size || memcmp(from.at, to.at, to.size) == 0))
        return 0;
    return put_change(list, "directory_objects", live ? json_sprintf("%zu", before) : json_null(),
                      json_sprintf("%zu", after), err);
}

int preview_attributes(json_t *list, const struct domain_info *domain, const struct gpo *live,
                       const struct gpo *staged, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof attributes / sizeof *attributes; i++)
        rc = compare(list, i, domain, live, staged, err);
    return rc ? rc : compare_objects(list, live, staged, err);
}
