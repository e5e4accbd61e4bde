/*
 * conf_scalars.c - numbers and truth values in a settings file, judged by their text.
 *
 * libcyaml takes what strtoll() can read of a number and forgets the rest ("30s" is 30, "010" is
 * 8), and takes every word that it does not know for true.
 */
#include "conf_scalars.h"

#include <string.h>

#include <yaml.h>

#include "cleanup.h"
#include "fail.h"

struct walk {
    const char *path;
    yaml_document_t *document;
    struct gpmq_error *err;
};

static const char *text_of(const yaml_node_t *node)
{
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

static bool is_whole_number(const char *text)
{
    const char *digits = text + (*text == '-');
    size_t count = strspn(digits, "0123456789");
    return count && !digits[count] && (digits[0] != '0' || count == 1);
}

static bool is_truth_value(const char *text)
{
    static const char *const known[] = {"true", "false", "yes", "no"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i]) == 0)
            return true;
    return false;
}

static const struct {
    cyaml_type_e type;
    bool (*is_good)(const char *text);
    const char *wanted;
} judges[] = {
    {CYAML_INT, is_whole_number, "a whole number in decimal digits, without a unit"},
    {CYAML_UINT, is_whole_number, "a whole number in decimal digits, without a unit"},
    {CYAML_BOOL, is_truth_value, "true or false"},
};

static int judge_scalar(const struct walk *walk, const char *key, const yaml_node_t *node,
                        const cyaml_schema_value_t *schema)
{
    for (size_t i = 0; i < sizeof judges / sizeof *judges; i++)
        if (judges[i].type == schema->type && !judges[i].is_good(text_of(node)))
            return fail(walk->err, GPMQ_EMALFORMED, "%s:%zu: %s is '%s'; it is %s", walk->path,
                        node->start_mark.line + 1, key, text_of(node), judges[i].wanted);
    return 0;
}

static int judge_node(const struct walk *walk, const char *key, const yaml_node_t *node,
                      const cyaml_schema_value_t *schema);

static const cyaml_schema_value_t *value_of(const cyaml_schema_value_t *schema, const char *key)
{
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key; field++)
        if (strcmp(field->key, key) == 0)
            return &field->value;
    return NULL;
}

static int judge_mapping(const struct walk *walk, const yaml_node_t *node,
                         const cyaml_schema_value_t *schema)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    int rc = 0;
    for (; pair < node->data.mapping.pairs.top && !rc; pair++) {
        const char *key = text_of(yaml_document_get_node(walk->document, pair->key));
        const cyaml_schema_value_t *value = value_of(schema, key);
        if (value)
            rc = judge_node(walk, key, yaml_document_get_node(walk->document, pair->value), value);
    }
    return rc;
}

static int judge_sequence(const struct walk *walk, const char *key, const yaml_node_t *node,
                          const cyaml_schema_value_t *schema)
{
    const yaml_node_item_t *item = node->data.sequence.items.start;
    int rc = 0;
    for (; item < node->data.sequence.items.top && !rc; item++)
        rc = judge_node(walk, key, yaml_document_get_node(walk->document, *item),
                        schema->sequence.entry);
    return rc;
}

/* As deep as the schema is. */
static int judge_node(const struct walk *walk, const char *key, const yaml_node_t *node,
                      const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING && node->type == YAML_MAPPING_NODE)
        return judge_mapping(walk, node, schema);
    if (schema->type == CYAML_SEQUENCE && node->type == YAML_SEQUENCE_NODE)
        return judge_sequence(walk, key, node, schema);
    return judge_scalar(walk, key, node, schema);
}

int conf_judge_scalars(const char *path, const char *text, size_t size,
                       const cyaml_schema_value_t *schema, struct gpmq_error *err)
{
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser))
        return fail(err, GPMQ_ENOMEM, "no memory for the settings '%s'", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    int rc = 0;
    if (yaml_parser_load(&parser, &document)) {
        const yaml_node_t *root = yaml_document_get_root_node(&document);
        const struct walk walk = {path, &document, err};
        rc = root ? judge_node(&walk, "", root, schema) : 0;
        yaml_document_delete(&document);
    } else {
        rc = fail(err, GPMQ_EMALFORMED, "%s:%zu: %s", path, parser.problem_mark.line + 1,
                  parser.problem ? parser.problem : "it cannot be read");
    }
    yaml_parser_delete(&parser);
    return rc;
}
