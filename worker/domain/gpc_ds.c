/*
 * gpc_ds.c - directory objects below a GPC (class store, packages) as LDIF records.
 *
 * What Backup.xml knows and LDAP does not travels in attribute options: the element's type in
 * "msiFileList;x-gpmq-MultiString", and ";x-gpmq-none" on an attribute that has no value. An
 * attribute without these, as ldapsearch gives it, gets its type from the table below.
 */
#include "gpc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "hex.h"

#define TYPE_PREFIX "DSAttribute"
#define TYPE_OPTION ";x-gpmq-"
#define NONE_OPTION ";x-gpmq-none"
#define TYPE_MAX    32

/* Path variables of Backup.xml, and the container below the GPC that each stands for. */
struct side {
    const char *variable;
    const char *container; /* "" is the GPC itself */
};

static const struct side sides[] = {
    {"%GPO_MACH_DSPATH%", "CN=Machine,"},
    {"%GPO_USER_DSPATH%", "CN=User,"},
    {"%GPO_DSPATH%", ""},
};
#define SIDES (sizeof sides / sizeof *sides)

struct attribute_type {
    const char *name;
    const char *type; /* behind TYPE_PREFIX; NULL: not carried, the directory makes it itself */
};

/* [MS-GPSI] 2.2 and what every object has; whatever is not here is a String. */
static const struct attribute_type attribute_types[] = {
    {"appSchemaVersion", "DWORD"},
    {"canUpgradeScript", "MultiString"},
    {"categories", "MultiString"},
    {"cn", NULL},
    {"cOMClassID", "MultiString"},
    {"cOMProgID", "MultiString"},
    {"distinguishedName", NULL},
    {"dSCorePropagationData", NULL},
    {"fileExtPriority", "MultiString"},
    {"installUiLevel", "DWORD"},
    {"instanceType", NULL},
    {"localeID", "MultiDWORD"},
    {"machineArchitecture", "MultiDWORD"},
    {"msiFileList", "MultiString"},
    {"msiScript", "Binary"},
    {"msiScriptSize", "DWORD"},
    {"name", NULL},
    {"nTSecurityDescriptor", NULL},
    {"objectCategory", NULL},
    {"objectClass", NULL},
    {"objectGUID", "Binary"},
    {"packageFlags", "DWORD"},
    {"packageType", "DWORD"},
    {"productCode", "Binary"},
    {"revision", "DWORD"},
    {"showInAdvancedViewOnly", NULL},
    {"upgradeProductCode", "Binary"},
    {"url", "MultiString"},
    {"uSNChanged", NULL},
    {"uSNCreated", NULL},
    {"versionNumberHi", "DWORD"},
    {"versionNumberLo", "DWORD"},
    {"whenChanged", NULL},
    {"whenCreated", NULL},
};

/* What an LDIF attribute name says: the plain name, the type, whether there is no value. */
struct described {
    char name[LDIF_NAME_MAX + 1];
    char type[TYPE_MAX + sizeof TYPE_PREFIX];
    bool none;
};

/* False: not carried. */
static bool describe(const char *ldif_name, struct described *out)
{
    size_t length = strcspn(ldif_name, ";");
    memcpy(out->name, ldif_name, length);
    out->name[length] = 0;
    const char *option = strcasestr(ldif_name, TYPE_OPTION);
    out->none = strcasestr(ldif_name, NONE_OPTION) != NULL;
    if (option) {
        option += strlen(TYPE_OPTION);
        size_t size = strcspn(option, ";");
        if (size > TYPE_MAX)
            return false;
        snprintf(out->type, sizeof out->type, TYPE_PREFIX "%.*s", (int)size, option);
        return true;
    }
    const char *type = "String";
    for (size_t i = 0; i < sizeof attribute_types / sizeof *attribute_types; i++)
        if (strcasecmp(attribute_types[i].name, out->name) == 0)
            type = attribute_types[i].type;
    if (type)
        snprintf(out->type, sizeof out->type, TYPE_PREFIX "%s", type);
    return type != NULL;
}

static bool is_binary(const char *type)
{
    return strcmp(type, TYPE_PREFIX "Binary") == 0;
}

/* ---- LDIF -> struct gpo ---------------------------------------------------------------------- */

static int add_value(struct gpo_ds_attribute *attribute, const struct ldif_value *value,
                     struct gpmq_error *err)
{
    char **values = reallocarray(attribute->values, attribute->value_count + 1, sizeof *values);
    if (values)
        attribute->values = values;
    char *text = !values                      ? NULL
                 : is_binary(attribute->type) ? hex_text(value->bytes, value->size)
                                              : strdup((const char *)value->bytes);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for a value of %s", value->name);
    attribute->values[attribute->value_count++] = text;
    return 0;
}

/* The attribute at the end of the object when it has that name, or a new one. NULL: no memory. */
static struct gpo_ds_attribute *last_or_new(struct gpo_ds_object *object,
                                            const struct described *described)
{
    size_t count = object->attribute_count;
    if (count && strcasecmp(object->attributes[count - 1].name, described->name) == 0)
        return &object->attributes[count - 1];
    struct gpo_ds_attribute *attributes =
        reallocarray(object->attributes, count + 1, sizeof *attributes);
    if (!attributes)
        return NULL;
    object->attributes = attributes;
    attributes[count] =
        (struct gpo_ds_attribute){.name = strdup(described->name), .type = strdup(described->type)};
    object->attribute_count++;
    return attributes[count].name && attributes[count].type ? &attributes[count] : NULL;
}

static int read_attributes(const struct ldif_record *record, struct gpo_ds_object *object,
                           struct gpmq_error *err)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct ldif_value *value = &record->values[i];
        struct described described;
        if (!describe(value->name, &described))
            continue;
        struct gpo_ds_attribute *attribute = last_or_new(object, &described);
        if (!attribute)
            return fail(err, GPMQ_ENOMEM, "no memory for attributes of '%s'", record->dn);
        int rc = described.none ? 0 : add_value(attribute, value, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* A class store's object class is the last, most special one. */
static const char *last_class(const struct ldif_record *record)
{
    const char *last = "top";
    for (size_t i = 0; i < record->count; i++)
        if (strcasecmp(record->values[i].name, "objectClass") == 0)
            last = (const char *)record->values[i].bytes;
    return last;
}

/* A walk down the tree of records. */
struct tree {
    const struct ldif *ldif;
    const char *variable;
    size_t container_length; /* of the DN that the variable stands for */
    size_t left;             /* how many objects may still come */
    int depth;
};

/* Whether a record lies directly below a DN. */
static bool is_child(const char *dn, const char *parent)
{
    const char *comma = dn;
    while ((comma = strchr(comma, ',')) && comma > dn && comma[-1] == '\\')
        comma++;
    return comma && fold_compare(comma + 1, parent) == 0;
}

/* CN=Machine and CN=User are no objects of their own. */
static bool is_side(const char *dn)
{
    return strncasecmp(dn, "CN=Machine,CN={", 15) == 0 || strncasecmp(dn, "CN=User,CN={", 12) == 0;
}

static int read_children(struct tree *tree, const char *parent, struct gpo_ds_object **out,
                         size_t *count, struct gpmq_error *err);

static int read_object(struct tree *tree, const struct ldif_record *record,
                       struct gpo_ds_object *object, struct gpmq_error *err)
{
    const struct ldif_value *sd = ldif_get(record, "nTSecurityDescriptor");
    size_t own = strlen(record->dn) - tree->container_length;
    if (asprintf(&object->path, "%.*s%s", (int)own, record->dn, tree->variable) < 0)
        object->path = NULL;
    object->object_class = strdup(last_class(record));
    object->source_path = strdup(record->dn);
    object->security_descriptor = sd ? hex_text(sd->bytes, sd->size) : NULL;
    if (!object->path || !object->object_class || !object->source_path ||
        (sd && !object->security_descriptor))
        return fail(err, GPMQ_ENOMEM, "no memory for '%s'", record->dn);
    int rc = read_attributes(record, object, err);
    return rc ? rc : read_children(tree, record->dn, &object->children, &object->child_count, err);
}

static int read_children(struct tree *tree, const char *parent, struct gpo_ds_object **out,
                         size_t *count, struct gpmq_error *err)
{
    if (++tree->depth > GPC_DS_DEPTH)
        return fail(err, GPMQ_ETOOBIG, "'%s': more than %d objects in one another", parent,
                    GPC_DS_DEPTH);
    int rc = 0;
    for (size_t i = 0; !rc && i < tree->ldif->count; i++) {
        const struct ldif_record *record = &tree->ldif->records[i];
        if (!is_child(record->dn, parent) || is_side(record->dn))
            continue;
        if (!tree->left--)
            return fail(err, GPMQ_ETOOBIG, "more than %d objects below a GPO", GPC_DS_MAX);
        struct gpo_ds_object *objects = reallocarray(*out, *count + 1, sizeof *objects);
        if (!objects)
            return fail(err, GPMQ_ENOMEM, "no memory for '%s'", record->dn);
        *out = objects;
        objects[*count] = (struct gpo_ds_object){0};
        rc = read_object(tree, record, &objects[(*count)++], err);
    }
    tree->depth--;
    return rc;
}

int gpc_read_ds(const struct ldif *ldif, struct gpo *gpo, struct gpmq_error *err)
{
    const char *gpc_dn = gpc_find(ldif)->dn;
    struct tree tree = {.ldif = ldif, .left = GPC_DS_MAX};
    int rc = 0;
    for (size_t i = 0; !rc && i < SIDES; i++) {
        char parent[LDIF_DN_MAX + 16];
        tree.container_length =
            (size_t)snprintf(parent, sizeof parent, "%s%s", sides[i].container, gpc_dn);
        tree.variable = sides[i].variable;
        rc = read_children(&tree, parent, &gpo->ds_objects, &gpo->ds_object_count, err);
    }
    return rc;
}

/* ---- struct gpo -> LDIF ---------------------------------------------------------------------- */

static int put_hex(struct ldif_record *record, const char *name, const char *hex,
                   struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    int rc = hex_parse(hex, &bytes, &size, err);
    if (rc)
        return fail_in(err, "%s of '%s'", name, record->dn);
    return ldif_put(record, name, bytes, size, err);
}

static int put_attribute(struct ldif_record *record, const struct gpo_ds_attribute *attribute,
                         struct gpmq_error *err)
{
    char name[LDIF_NAME_MAX + 1];
    size_t prefix = strlen(TYPE_PREFIX);
    if (strncmp(attribute->type, TYPE_PREFIX, prefix) != 0 ||
        strlen(attribute->type) > prefix + TYPE_MAX)
        return fail(err, GPMQ_EINVAL, "%s of '%s': no type %s", attribute->name, record->dn,
                    attribute->type);
    int length = snprintf(name, sizeof name, "%s" TYPE_OPTION "%s%s", attribute->name,
                          attribute->type + prefix, attribute->value_count ? "" : NONE_OPTION);
    if (length < 0 || (size_t)length >= sizeof name)
        return fail(err, GPMQ_ETOOBIG, "attribute name '%s' is too long", attribute->name);
    int rc = attribute->value_count ? 0 : ldif_put_text(record, name, "", err);
    for (size_t i = 0; !rc && i < attribute->value_count; i++)
        rc = is_binary(attribute->type) ? put_hex(record, name, attribute->values[i], err)
                                        : ldif_put_text(record, name, attribute->values[i], err);
    return rc;
}

/* The DN that a path with a variable stands for. */
static int expand(const char *path, const char *gpc_dn, char *dn, size_t room,
                  struct gpmq_error *err)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < SIDES; i++) {
        size_t tail = strlen(sides[i].variable);
        if (length <= tail + 1 || path[length - tail - 1] != ',' ||
            strcasecmp(path + length - tail, sides[i].variable) != 0)
            continue;
        int size =
            snprintf(dn, room, "%.*s%s%s", (int)(length - tail), path, sides[i].container, gpc_dn);
        if (size < 0 || (size_t)size >= room)
            return fail(err, GPMQ_ETOOBIG, "'%s' gives a DN of more than %d bytes", path,
                        LDIF_DN_MAX);
        return 0;
    }
    return fail(err, GPMQ_EINVAL, "directory object '%s' does not lie below the GPO", path);
}

static int put_objects(struct ldif *ldif, const char *gpc_dn, const struct gpo_ds_object *objects,
                       size_t count, int depth, struct gpmq_error *err)
{
    int rc = 0;
    if (depth > GPC_DS_DEPTH || ldif->count > GPC_DS_MAX)
        return fail(err, GPMQ_ETOOBIG,
                    "too many directory objects below a GPO: at most %d, %d deep", GPC_DS_MAX,
                    GPC_DS_DEPTH);
    for (size_t i = 0; !rc && i < count; i++) {
        const struct gpo_ds_object *object = &objects[i];
        struct ldif_record *record = NULL;
        char dn[LDIF_DN_MAX + 1];
        rc = expand(object->path, gpc_dn, dn, sizeof dn, err);
        if (!rc)
            rc = ldif_add(ldif, dn, &record, err);
        if (!rc)
            rc = ldif_put_text(record, "objectClass", "top", err);
        if (!rc)
            rc = ldif_put_text(record, "objectClass", object->object_class, err);
        if (!rc && object->security_descriptor)
            rc = put_hex(record, "nTSecurityDescriptor", object->security_descriptor, err);
        for (size_t k = 0; !rc && k < object->attribute_count; k++)
            rc = put_attribute(record, &object->attributes[k], err);
        if (!rc)
            rc = put_objects(ldif, gpc_dn, object->children, object->child_count, depth + 1, err);
    }
    return rc;
}

static bool is_ds_object(const struct ldif_record *record, void *arg)
{
    (void)arg;
    return !is_side(record->dn) && !ldif_has(record, "objectClass", "groupPolicyContainer");
}

int gpc_set_ds(struct ldif *ldif, const struct gpo *values, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *gpc_dn = strdup(gpc_find(ldif)->dn);
    if (!gpc_dn)
        return fail(err, GPMQ_ENOMEM, "no memory for a DN");
    ldif_remove(ldif, is_ds_object, NULL);
    return put_objects(ldif, gpc_dn, values->ds_objects, values->ds_object_count, 1, err);
}
