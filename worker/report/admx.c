/* admx.c - administrative templates and their texts. */
#include "admx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"

/* Something with an id: a text, a presentation, a category, a supportedOn definition. */
struct named {
    const char *scope; /* namespace, "" within a file */
    const char *id;
    const struct xml_element *element;
    const struct admx_file *file;
};

struct table {
    struct named *items;
    size_t count, room;
    bool sorted;
};

struct admx_file {
    struct xml_document *definitions;
    struct xml_document *texts; /* or NULL */
    const char *target;         /* its namespace */
    const struct xml_element *namespaces;
    struct table strings;
    struct table presentations;
};

struct admx {
    struct admx_file **files;
    size_t file_count, file_room;
    size_t bytes;
    struct admx_policy *policies;
    size_t policy_count, policy_room;
    struct table categories;
    struct table supported;
};

/* ---- tables --------------------------------------------------------------------------------- */

/* Room for one more item of `size` bytes in an array. */
static int make_room(void *items_p, size_t count, size_t *room, size_t size, struct gpmq_error *err)
{
    void **items = items_p;
    if (count < *room)
        return 0;
    size_t more = *room ? *room * 2 : 32;
    void *grown = reallocarray(*items, more, size);
    if (!grown)
        return fail(err, GPMQ_ENOMEM, "no memory for administrative templates");
    *items = grown;
    *room = more;
    return 0;
}

static int compare_named(const void *a, const void *b)
{
    const struct named *one = a, *two = b;
    int order = strcasecmp(one->scope, two->scope);
    return order ? order : strcasecmp(one->id, two->id);
}

static int table_add(struct table *table, const struct named *item, struct gpmq_error *err)
{
    int rc = make_room(&table->items, table->count, &table->room, sizeof *table->items, err);
    if (rc)
        return rc;
    table->items[table->count++] = *item;
    table->sorted = false;
    return 0;
}

static void table_sort(struct table *table)
{
    if (!table->sorted && table->count)
        qsort(table->items, table->count, sizeof *table->items, compare_named);
    table->sorted = true;
}

static const struct named *table_find(const struct table *table, const char *scope, const char *id)
{
    const struct named key = {.scope = scope, .id = id};
    if (!table->count)
        return NULL;
    return bsearch(&key, table->items, table->count, sizeof key, compare_named);
}

/* Children of `parent` with that name and an attribute that is their id. */
static int table_fill(struct table *table, const struct admx_file *file,
                      const struct xml_element *parent, const char *name, const char *id,
                      struct gpmq_error *err)
{
    int rc = 0;
    for (const struct xml_element *e = xml_child(parent, name); e && !rc; e = xml_next(e, name)) {
        const struct named item = {file->target, xml_attribute(e, id), e, file};
        if (item.id)
            rc = table_add(table, &item, err);
    }
    return rc;
}

/* ---- files ---------------------------------------------------------------------------------- */

static void file_free(struct admx_file **file_p)
{
    struct admx_file *file = STEAL(*file_p);
    if (!file)
        return;
    xml_free(&file->definitions);
    xml_free(&file->texts);
    free(file->strings.items);
    free(file->presentations.items);
    free(file);
}

int admx_new(struct admx **out, struct gpmq_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for administrative templates");
}

void admx_free(struct admx **admx_p)
{
    struct admx *admx = STEAL(*admx_p);
    if (!admx)
        return;
    for (size_t i = 0; i < admx->file_count; i++)
        file_free(&admx->files[i]);
    free(admx->files);
    free(admx->policies);
    free(admx->categories.items);
    free(admx->supported.items);
    free(admx);
}

/* The schema has had several namespaces; what counts is the root's name. */
static const struct xml_element *root_of(const struct xml_document *document, const char *name)
{
    const struct xml_element *root = xml_top(document);
    return root && !strcmp(xml_name(root), name) ? root : NULL;
}

static int read_texts(struct admx_file *file, const char *name, const void *texts, size_t size,
                      struct gpmq_error *err)
{
    int rc = xml_read(&file->texts, texts, size, name, err);
    if (rc)
        return rc;
    const struct xml_element *root = root_of(file->texts, "policyDefinitionResources");
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "the texts of %s are no policyDefinitionResources", name);
    const struct xml_element *resources = xml_child(root, "resources");
    const struct admx_file scope = {.target = ""};
    rc = table_fill(&file->strings, &scope, xml_child(resources, "stringTable"), "string", "id",
                    err);
    if (!rc)
        rc = table_fill(&file->presentations, &scope, xml_child(resources, "presentationTable"),
                        "presentation", "id", err);
    table_sort(&file->strings);
    table_sort(&file->presentations);
    return rc;
}

static int read_file(struct admx_file **out, const char *name, const void *definitions, size_t size,
                     const void *texts, size_t texts_size, struct gpmq_error *err)
{
    CLEANUP(file_free) struct admx_file *file = calloc(1, sizeof *file);
    if (!file)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", name);
    int rc = xml_read(&file->definitions, definitions, size, name, err);
    if (rc)
        return rc;
    const struct xml_element *root = root_of(file->definitions, "policyDefinitions");
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "%s is no policyDefinitions", name);
    file->namespaces = xml_child(root, "policyNamespaces");
    const struct xml_element *target = xml_child(file->namespaces, "target");
    const char *space = target ? xml_attribute(target, "namespace") : NULL;
    file->target = space ? space : "";
    if (texts)
        rc = read_texts(file, name, texts, texts_size, err);
    if (!rc)
        *out = STEAL(file);
    return rc;
}

static int add_policy(struct admx *admx, const struct admx_file *file,
                      const struct xml_element *element, struct gpmq_error *err)
{
    const char *sort = xml_attribute(element, "class");
    const char *key = xml_attribute(element, "key");
    const char *value_name = xml_attribute(element, "valueName");
    if (!sort || !key)
        return 0; /* it cannot set anything */
    if (admx->policy_count >= ADMX_POLICIES_MAX)
        return fail(err, GPMQ_ETOOBIG, "more than %d policies", ADMX_POLICIES_MAX);
    int rc = make_room(&admx->policies, admx->policy_count, &admx->policy_room,
                       sizeof *admx->policies, err);
    if (rc)
        return rc;
    admx->policies[admx->policy_count++] = (struct admx_policy){
        .file = file,
        .element = element,
        .key = key,
        .value_name = value_name && *value_name ? value_name : NULL,
        .machine = strcasecmp(sort, "User") != 0,
        .user = strcasecmp(sort, "Machine") != 0,
    };
    return 0;
}

static int add_parts(struct admx *admx, const struct admx_file *file, struct gpmq_error *err)
{
    const struct xml_element *root = xml_top(file->definitions);
    const struct xml_element *supported = xml_child(root, "supportedOn");
    const struct xml_element *policies = xml_child(root, "policies");
    int rc =
        table_fill(&admx->categories, file, xml_child(root, "categories"), "category", "name", err);
    if (!rc)
        rc = table_fill(&admx->supported, file, xml_child(supported, "definitions"), "definition",
                        "name", err);
    for (const struct xml_element *e = xml_child(policies, "policy"); e && !rc;
         e = xml_next(e, "policy"))
        rc = add_policy(admx, file, e, err);
    table_sort(&admx->categories);
    table_sort(&admx->supported);
    return rc;
}

/* Takes what belongs to the last file out again: it was refused half way. */
static void forget(struct table *table, const struct admx_file *file)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].file != file)
            table->items[kept++] = table->items[i];
    table->count = kept;
}

int admx_add(struct admx *admx, const char *name, const void *definitions, size_t size,
             const void *texts, size_t texts_size, struct gpmq_error *err)
{
    CLEANUP(file_free) struct admx_file *file = NULL;
    size_t policies = admx->policy_count;
    if (admx->file_count >= ADMX_FILES_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s: more than %d files", name, ADMX_FILES_MAX);
    if (size > ADMX_BYTES_MAX - admx->bytes || texts_size > ADMX_BYTES_MAX - admx->bytes - size)
        return fail(err, GPMQ_ETOOBIG, "%s: administrative templates of more than %u bytes", name,
                    ADMX_BYTES_MAX);
    int rc = make_room(&admx->files, admx->file_count, &admx->file_room, sizeof *admx->files, err);
    if (!rc)
        rc = read_file(&file, name, definitions, size, texts, texts_size, err);
    if (!rc)
        rc = add_parts(admx, file, err);
    if (rc) {
        admx->policy_count = policies;
        forget(&admx->categories, file);
        forget(&admx->supported, file);
        return rc;
    }
    admx->bytes += size + texts_size;
    admx->files[admx->file_count++] = STEAL(file);
    return 0;
}

/* ---- questions ------------------------------------------------------------------------------ */

size_t admx_count(const struct admx *admx)
{
    return admx->policy_count;
}

const struct admx_policy *admx_policy(const struct admx *admx, size_t at)
{
    return &admx->policies[at];
}

const char *admx_namespace(const struct admx_file *file)
{
    return file->target;
}

/* The id in "$(string.Id)", "$(presentation.Id)": its size, and *id where it begins; 0: none. */
static size_t id_in(const char *reference, const char *what, const char **id)
{
    size_t prefix = strlen(what), size = strlen(reference);
    if (size < prefix + 1 || strncmp(reference, what, prefix) != 0 || reference[size - 1] != ')')
        return 0;
    *id = reference + prefix;
    return size - prefix - 1;
}

#define ID_MAX 1024 /* bytes of an id: a longer one is none */

static const struct named *find_reference(const struct table *table, const char *reference,
                                          const char *what)
{
    char id[ID_MAX];
    const char *from;
    size_t size = reference ? id_in(reference, what, &from) : 0;
    if (!size || size >= sizeof id)
        return NULL;
    memcpy(id, from, size);
    id[size] = 0;
    return table_find(table, "", id);
}

const char *admx_text(const struct admx_file *file, const char *reference)
{
    const struct named *found = find_reference(&file->strings, reference, "$(string.");
    if (found)
        return xml_text(found->element);
    return reference ? reference : "";
}

const struct xml_element *admx_presentation(const struct admx_policy *policy)
{
    const char *reference = xml_attribute(policy->element, "presentation");
    const struct named *found =
        find_reference(&policy->file->presentations, reference, "$(presentation.");
    return found ? found->element : NULL;
}

/* The namespace that a prefix of this file means; NULL: none. */
static const char *space_of(const struct admx_file *file, const char *prefix, size_t size)
{
    for (const struct xml_element *e = xml_child(file->namespaces, NULL); e;
         e = xml_next(e, NULL)) {
        const char *name = xml_attribute(e, "prefix");
        if (name && strlen(name) == size && !strncasecmp(name, prefix, size))
            return xml_attribute(e, "namespace");
    }
    return NULL;
}

/* "windows:WindowsComponents", or "Own" of the file's own namespace. */
static const struct named *follow(const struct table *table, const struct admx_file *file,
                                  const struct xml_element *from, const char *name)
{
    const struct xml_element *link = xml_child(from, name);
    const char *reference = link ? xml_attribute(link, "ref") : NULL;
    if (!reference)
        return NULL;
    const char *colon = strchr(reference, ':');
    const char *space =
        colon ? space_of(file, reference, (size_t)(colon - reference)) : file->target;
    return space ? table_find(table, space, colon ? colon + 1 : reference) : NULL;
}

const char *admx_supported(const struct admx *admx, const struct admx_policy *policy)
{
    const struct named *found =
        follow(&admx->supported, policy->file, policy->element, "supportedOn");
    return found ? admx_text(found->file, xml_attribute(found->element, "displayName")) : "";
}

void admx_category(const struct admx *admx, const struct admx_policy *policy, struct bytes *out)
{
    const char *names[ADMX_CATEGORIES_DEPTH_MAX];
    size_t depth = 0;
    const struct named *at =
        follow(&admx->categories, policy->file, policy->element, "parentCategory");
    while (at && depth < ADMX_CATEGORIES_DEPTH_MAX) {
        names[depth++] = admx_text(at->file, xml_attribute(at->element, "displayName"));
        at = follow(&admx->categories, at->file, at->element, "parentCategory");
    }
    bytes_put(out, "", 0);
    while (depth > 0) {
        bytes_put_text(out, names[--depth]);
        if (depth > 0)
            bytes_put_char(out, '/');
    }
}
