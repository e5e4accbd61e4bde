/* migration_table_read.c - a file of somebody else's becomes a table. */
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_table_file.h"
#include "migration_table_xml.h"
#include "xml.h"

_Static_assert(MIGRATION_FILE_MAX == XML_BYTES_MAX, "what the header says");

/* One Mapping while it is read; texts are the document's. */
struct mapping {
    const struct xml_element *type;
    const struct xml_element *source;
    const struct xml_element *destination;
    enum migration_option option;
};

static bool is_ours(const struct xml_element *element)
{
    return !strcmp(xml_namespace(element), MIGRATION_NAMESPACE);
}

static int unknown(const char *name, const struct xml_element *element, const char *parent,
                   struct gpmq_error *err)
{
    return fail(err, GPMQ_EMALFORMED, "%s, line %d: no element '%.64s'%s belongs in %s", name,
                xml_line(element), xml_name(element), is_ours(element) ? "" : " of that namespace",
                parent);
}

static int take_once(const struct xml_element **slot, const char *name,
                     const struct xml_element *element, struct gpmq_error *err)
{
    if (*slot)
        return fail(err, GPMQ_EMALFORMED, "%s, line %d: a Mapping with %s and %s", name,
                    xml_line(element), xml_name(*slot), xml_name(element));
    if (xml_child(element, NULL))
        return unknown(name, xml_child(element, NULL), xml_name(element), err);
    *slot = element;
    return 0;
}

static int take_element(struct mapping *mapping, const char *name,
                        const struct xml_element *element, struct gpmq_error *err)
{
    const char *word = xml_name(element);
    if (is_ours(element) && !strcmp(word, "Type"))
        return take_once(&mapping->type, name, element, err);
    if (is_ours(element) && !strcmp(word, "Source"))
        return take_once(&mapping->source, name, element, err);
    if (is_ours(element) && migration_option_find(&mapping->option, word))
        return take_once(&mapping->destination, name, element, err);
    return unknown(name, element, "Mapping", err);
}

/* The text of an element without spaces around it; free() it. NULL: no memory. */
static char *trimmed(const struct xml_element *element)
{
    static const char blanks[] = " \t\r\n";
    const char *text = xml_text(element);
    text += strspn(text, blanks);
    size_t length = strlen(text);
    while (length && strchr(blanks, text[length - 1]))
        length--;
    return strndup(text, length);
}

static int take_type(enum migration_type *out, const char *name, const struct xml_element *element,
                     struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = trimmed(element);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", name);
    if (!migration_type_find(out, text))
        return fail(err, GPMQ_EMALFORMED,
                    "%s, line %d: no Type '%.64s': User, Computer, LocalGroup, GlobalGroup, "
                    "UniversalGroup, UNCPath or Unknown",
                    name, xml_line(element), text);
    return 0;
}

/* A table that breaks a rule is a malformed file. */
static int blame_line(const char *name, const struct xml_element *element, int rc,
                      struct gpmq_error *err)
{
    int code = rc == GPMQ_EINVAL || rc == GPMQ_EEXIST ? GPMQ_EMALFORMED : rc;
    fail_in(err, "%s, line %d", name, xml_line(element));
    if (err)
        err->code = code;
    return code;
}

static int add_mapping(struct migration_table *table, const char *name,
                       const struct mapping *mapping, struct gpmq_error *err)
{
    struct migration_entry entry = {.option = mapping->option};
    CLEANUP(free_pointer) char *source = trimmed(mapping->source);
    CLEANUP(free_pointer) char *destination = trimmed(mapping->destination);
    int rc = take_type(&entry.type, name, mapping->type, err);
    if (rc)
        return rc;
    if (!source || !destination)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", name);
    entry.source = source;
    entry.destination = entry.option == MIGRATION_SET || *destination ? destination : NULL;
    rc = migration_table_add(table, &entry, err);
    return rc ? blame_line(name, mapping->source, rc, err) : 0;
}

static int take_mapping(struct migration_table *table, const char *name,
                        const struct xml_element *element, struct gpmq_error *err)
{
    struct mapping mapping = {0};
    if (!is_ours(element) || strcmp(xml_name(element), "Mapping") != 0)
        return unknown(name, element, "MigrationTable", err);
    int rc = 0;
    for (const struct xml_element *e = xml_child(element, NULL); !rc && e; e = xml_next(e, NULL))
        rc = take_element(&mapping, name, e, err);
    if (rc)
        return rc;
    const char *missing = !mapping.type          ? "Type"
                          : !mapping.source      ? "Source"
                          : !mapping.destination ? "Destination, nor one of the three others"
                                                 : NULL;
    if (missing)
        return fail(err, GPMQ_EMALFORMED, "%s, line %d: a Mapping without %s", name,
                    xml_line(element), missing);
    return add_mapping(table, name, &mapping, err);
}

int migration_table_read(struct migration_table **out, const void *bytes, size_t size,
                         const char *name, struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(migration_table_free) struct migration_table *table = migration_table_new();
    if (!table)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", name);
    int rc = xml_read(&document, bytes, size, name, err);
    if (rc)
        return rc;
    const struct xml_element *root = xml_root(document, "MigrationTable", MIGRATION_NAMESPACE);
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "%s: its root is no MigrationTable of GPMC", name);
    for (const struct xml_element *e = xml_child(root, NULL); !rc && e; e = xml_next(e, NULL))
        rc = take_mapping(table, name, e, err);
    if (!rc)
        *out = STEAL(table);
    return rc;
}
