#include "backup_xml_objects.h"

#include <string.h>

#include "backup_xml.h"
#include "cleanup.h"
#include "fail.h"

#define FILE_ELEMENT      "FSObjectFile"
#define DIRECTORY_ELEMENT "FSObjectDir"
#define DS_ELEMENT        "DSObject"
#define DS_ATTRIBUTE      "DSAttribute" /* DSAttributeString, DSAttributeBinary ... */

static int no_memory(struct gpmq_error *err)
{
    return fail(err, GPMQ_ENOMEM, "no memory for the objects of an extension");
}

/* A copy of an attribute's value; NULL stays NULL. */
static int take_attribute(char **out, const struct xml_element *element, const char *name,
                          struct gpmq_error *err)
{
    const char *value = xml_attribute(element, name);
    if (!value)
        return 0;
    if (strlen(value) > BACKUP_TEXT_MAX)
        return fail(err, GPMQ_ETOOBIG, "line %d, element %s: %s has more than %d bytes",
                    xml_line(element), xml_name(element), name, BACKUP_TEXT_MAX);
    *out = strdup(value);
    return *out ? 0 : no_memory(err);
}

static bool is_file_object(const struct xml_element *element)
{
    return !strcmp(xml_name(element), FILE_ELEMENT) ||
           !strcmp(xml_name(element), DIRECTORY_ELEMENT);
}

/* ---- files ---------------------------------------------------------------------------------- */

static int take_objects(struct backup_object **out, size_t *count, const struct xml_element *parent,
                        int depth, struct gpmq_error *err);

static int take_object(struct backup_object *out, const struct xml_element *element, int depth,
                       struct gpmq_error *err)
{
    out->directory = !strcmp(xml_name(element), DIRECTORY_ELEMENT);
    int rc = take_attribute(&out->path, element, "Path", err);
    if (!rc)
        rc = take_attribute(&out->source_path, element, "SourceExpandedPath", err);
    if (!rc)
        rc = take_attribute(&out->location, element, "Location", err);
    if (!rc)
        rc = take_attribute(&out->reevaluate, element, "ReEvaluateFunction", err);
    if (!rc && !out->path)
        rc = fail(err, GPMQ_EMALFORMED, "line %d, element %s: it has no Path", xml_line(element),
                  xml_name(element));
    return rc ? rc : take_objects(&out->children, &out->child_count, element, depth + 1, err);
}

static int take_objects(struct backup_object **out, size_t *count, const struct xml_element *parent,
                        int depth, struct gpmq_error *err)
{
    size_t room = xml_count(parent, FILE_ELEMENT) + xml_count(parent, DIRECTORY_ELEMENT);
    if (!room)
        return 0;
    if (depth > BACKUP_OBJECT_DEPTH_MAX)
        return fail(err, GPMQ_ETOOBIG, "line %d: patterns more than %d deep", xml_line(parent),
                    BACKUP_OBJECT_DEPTH_MAX);
    *out = calloc(room, sizeof **out);
    if (!*out)
        return no_memory(err);
    for (const struct xml_element *e = xml_child(parent, NULL); e; e = xml_next(e, NULL)) {
        if (!is_file_object(e))
            continue;
        int rc = take_object(&(*out)[(*count)++], e, depth, err);
        if (rc)
            return rc;
    }
    return 0;
}

static void put_object(struct xml_writer *writer, const struct backup_object *object)
{
    xml_open(writer, object->directory ? DIRECTORY_ELEMENT : FILE_ELEMENT);
    xml_put_attribute(writer, "bkp:Path", object->path);
    xml_put_attribute(writer, "bkp:SourceExpandedPath", object->source_path);
    xml_put_attribute(writer, "bkp:ReEvaluateFunction", object->reevaluate);
    xml_put_attribute(writer, "bkp:Location", object->location);
    for (size_t i = 0; i < object->child_count; i++)
        put_object(writer, &object->children[i]);
    xml_close(writer);
}

/* ---- directory objects ---------------------------------------------------------------------- */

static int take_values(struct gpo_ds_attribute *out, const struct xml_element *element,
                       struct gpmq_error *err)
{
    out->values = calloc(xml_count(element, "DSValue") + 1, sizeof *out->values);
    if (!out->values)
        return no_memory(err);
    for (const struct xml_element *e = xml_child(element, "DSValue"); e;
         e = xml_next(e, "DSValue")) {
        char *value = strdup(xml_text(e));
        if (!value)
            return no_memory(err);
        out->values[out->value_count++] = value;
    }
    return 0;
}

static int take_ds_attribute(struct gpo_ds_attribute *out, const struct xml_element *element,
                             struct gpmq_error *err)
{
    out->type = strdup(xml_name(element));
    if (!out->type)
        return no_memory(err);
    int rc = take_attribute(&out->name, element, "DSAttrName", err);
    if (!rc && !out->name)
        rc = fail(err, GPMQ_EMALFORMED, "line %d, element %s: it has no DSAttrName",
                  xml_line(element), xml_name(element));
    return rc ? rc : take_values(out, element, err);
}

static int take_ds_object(struct gpo_ds_object *out, const struct xml_element *element, int depth,
                          struct gpmq_error *err);

static int take_ds_children(struct gpo_ds_object *out, const struct xml_element *element, int depth,
                            struct gpmq_error *err)
{
    size_t children = xml_count(element, NULL);
    out->children = calloc(xml_count(element, DS_ELEMENT) + 1, sizeof *out->children);
    out->attributes = calloc(children + 1, sizeof *out->attributes);
    if (!out->children || !out->attributes)
        return no_memory(err);
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL)) {
        int rc = 0;
        if (!strcmp(xml_name(e), DS_ELEMENT))
            rc = take_ds_object(&out->children[out->child_count++], e, depth + 1, err);
        else if (!strncmp(xml_name(e), DS_ATTRIBUTE, strlen(DS_ATTRIBUTE)))
            rc = take_ds_attribute(&out->attributes[out->attribute_count++], e, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int take_ds_object(struct gpo_ds_object *out, const struct xml_element *element, int depth,
                          struct gpmq_error *err)
{
    if (depth > BACKUP_DS_DEPTH_MAX)
        return fail(err, GPMQ_ETOOBIG, "line %d: directory objects more than %d deep",
                    xml_line(element), BACKUP_DS_DEPTH_MAX);
    int rc = take_attribute(&out->path, element, "Path", err);
    if (!rc)
        rc = take_attribute(&out->object_class, element, "ObjectClass", err);
    if (!rc)
        rc = take_attribute(&out->source_path, element, "SourceExpandedPath", err);
    if (rc)
        return rc;
    if (!out->path || !out->object_class)
        return fail(err, GPMQ_EMALFORMED, "line %d, element %s: it has no Path or no ObjectClass",
                    xml_line(element), xml_name(element));
    const char *descriptor = xml_child_text(element, "SecurityDescriptor");
    if (descriptor && !(out->security_descriptor = strdup(descriptor)))
        return no_memory(err);
    return take_ds_children(out, element, depth, err);
}

static void put_ds_attribute(struct xml_writer *writer, const struct gpo_ds_attribute *attribute)
{
    bool expanded = !strcmp(attribute->type, "DSAttributeExpandedString");
    xml_open(writer, attribute->type);
    xml_put_attribute(writer, "bkp:DSAttrName", attribute->name);
    for (size_t i = 0; i < attribute->value_count; i++)
        (expanded ? xml_put_text : xml_put_cdata_always)(writer, "DSValue", attribute->values[i]);
    xml_close(writer);
}

/* As Windows orders them: a package has its descriptor first, a class store its children. */
static void put_ds_object(struct xml_writer *writer, const struct gpo_ds_object *object)
{
    bool package = !strcmp(object->object_class, "packageRegistration");
    xml_open(writer, DS_ELEMENT);
    xml_put_attribute(writer, "bkp:Path", object->path);
    xml_put_attribute(writer, "bkp:ObjectClass", object->object_class);
    xml_put_attribute(writer, "bkp:SourceExpandedPath", object->source_path);
    xml_put_attribute(writer, "bkp:ReEvaluateFunction",
                      package ? "SIProcessAllPackageObjects" : NULL);
    if (object->security_descriptor)
        xml_put_text(writer, "SecurityDescriptor", object->security_descriptor);
    for (size_t i = 0; i < object->child_count; i++)
        put_ds_object(writer, &object->children[i]);
    for (size_t i = 0; i < object->attribute_count; i++)
        put_ds_attribute(writer, &object->attributes[i]);
    xml_close(writer);
}

static int copy_text(char **out, const char *from, struct gpmq_error *err)
{
    *out = from ? strdup(from) : NULL;
    return from && !*out ? no_memory(err) : 0;
}

static int copy_attribute(struct gpo_ds_attribute *out, const struct gpo_ds_attribute *from,
                          struct gpmq_error *err)
{
    int rc = copy_text(&out->name, from->name, err);
    if (!rc)
        rc = copy_text(&out->type, from->type, err);
    out->values = calloc(from->value_count + 1, sizeof *out->values);
    if (!out->values)
        return no_memory(err);
    for (; !rc && out->value_count < from->value_count; out->value_count++)
        rc = copy_text(&out->values[out->value_count], from->values[out->value_count], err);
    return rc;
}

int backup_ds_object_copy(struct gpo_ds_object *out, const struct gpo_ds_object *from,
                          struct gpmq_error *err)
{
    out->attributes = calloc(from->attribute_count + 1, sizeof *out->attributes);
    out->children = calloc(from->child_count + 1, sizeof *out->children);
    if (!out->attributes || !out->children)
        return no_memory(err);
    int rc = copy_text(&out->path, from->path, err);
    if (!rc)
        rc = copy_text(&out->object_class, from->object_class, err);
    if (!rc)
        rc = copy_text(&out->source_path, from->source_path, err);
    if (!rc)
        rc = copy_text(&out->security_descriptor, from->security_descriptor, err);
    while (!rc && out->attribute_count < from->attribute_count) {
        size_t i = out->attribute_count++;
        rc = copy_attribute(&out->attributes[i], &from->attributes[i], err);
    }
    while (!rc && out->child_count < from->child_count) {
        size_t i = out->child_count++;
        rc = backup_ds_object_copy(&out->children[i], &from->children[i], err);
    }
    return rc;
}

/* ---- handlers ------------------------------------------------------------------------------- */

static int take_extension(struct backup_extension *out, const struct xml_element *element,
                          struct gpmq_error *err)
{
    int rc = take_attribute(&out->id, element, "ID", err);
    if (!rc)
        rc = take_attribute(&out->name, element, "DescName", err);
    if (!rc && !out->id)
        rc = fail(err, GPMQ_EMALFORMED, "line %d, element %s: it has no ID", xml_line(element),
                  xml_name(element));
    if (!rc)
        rc = take_objects(&out->objects, &out->object_count, element, 1, err);
    if (rc)
        return rc;
    out->ds_objects = calloc(xml_count(element, DS_ELEMENT) + 1, sizeof *out->ds_objects);
    if (!out->ds_objects)
        return no_memory(err);
    for (const struct xml_element *e = xml_child(element, DS_ELEMENT); !rc && e;
         e = xml_next(e, DS_ELEMENT))
        rc = take_ds_object(&out->ds_objects[out->ds_object_count++], e, 1, err);
    return rc;
}

int backup_extensions_parse(struct backup_extensions *out, const struct xml_element *object,
                            struct gpmq_error *err)
{
    out->items = calloc(xml_count(object, "GroupPolicyExtension") + 1, sizeof *out->items);
    if (!out->items)
        return no_memory(err);
    int rc = 0;
    for (const struct xml_element *e = xml_child(object, "GroupPolicyExtension"); !rc && e;
         e = xml_next(e, "GroupPolicyExtension"))
        rc = take_extension(&out->items[out->count++], e, err);
    return rc;
}

void backup_extensions_write(struct xml_writer *writer, const struct backup_extensions *extensions)
{
    for (size_t i = 0; i < extensions->count; i++) {
        const struct backup_extension *extension = &extensions->items[i];
        xml_open(writer, "GroupPolicyExtension");
        xml_put_attribute(writer, "bkp:ID", extension->id);
        xml_put_attribute(writer, "bkp:DescName", extension->name);
        for (size_t k = 0; k < extension->object_count; k++)
            put_object(writer, &extension->objects[k]);
        for (size_t k = 0; k < extension->ds_object_count; k++)
            put_ds_object(writer, &extension->ds_objects[k]);
        xml_close(writer);
    }
}
