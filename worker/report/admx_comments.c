/* admx_comments.c - what an administrator wrote beside policies. */
#include "admx_comments.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"

static const struct xml_element *list_of(const struct admx_comments *comments)
{
    const struct xml_element *root = xml_top(comments->document);
    return xml_child(xml_child(root, "comments"), "admTemplate");
}

int admx_comments_read(struct admx_comments *out, const void *bytes, size_t size,
                       struct gpmq_error *err)
{
    struct admx_comments comments = {0};
    int rc = xml_read(&comments.document, bytes, size, "comment.cmtx", err);
    if (rc)
        return rc;
    if (strcmp(xml_name(xml_top(comments.document)), "policyComments") != 0) {
        xml_free(&comments.document);
        return fail(err, GPMQ_EMALFORMED, "comment.cmtx is no policyComments");
    }
    comments.count = xml_count(list_of(&comments), "comment");
    *out = comments;
    return 0;
}

void admx_comments_free(struct admx_comments *comments)
{
    xml_free(&comments->document);
    *comments = (struct admx_comments){0};
}

/* Whether "prefix:Name" means the policy, by the file's own prefixes. */
static bool means(const struct admx_comments *comments, const char *reference,
                  const struct admx_policy *policy)
{
    const char *colon = strchr(reference, ':'), *name = xml_attribute(policy->element, "name");
    const struct xml_element *spaces = xml_child(xml_top(comments->document), "policyNamespaces");
    if (!colon || !name || strcasecmp(colon + 1, name) != 0)
        return false;
    for (const struct xml_element *e = xml_child(spaces, "using"); e; e = xml_next(e, "using")) {
        const char *prefix = xml_attribute(e, "prefix"), *space = xml_attribute(e, "namespace");
        if (prefix && space && strlen(prefix) == (size_t)(colon - reference) &&
            !strncmp(prefix, reference, strlen(prefix)))
            return !strcasecmp(space, admx_namespace(policy->file));
    }
    return false;
}

/* "$(resource.Id)" is a text of the file; anything else is itself. */
static const char *text_of(const struct admx_comments *comments, const char *reference)
{
    static const char begin[] = "$(resource.";
    const struct xml_element *strings =
        xml_child(xml_child(xml_top(comments->document), "resources"), "stringTable");
    size_t prefix = sizeof begin - 1, size = strlen(reference);
    if (size <= prefix || strncmp(reference, begin, prefix) != 0 || reference[size - 1] != ')')
        return reference;
    for (const struct xml_element *e = xml_child(strings, "string"); e; e = xml_next(e, "string")) {
        const char *id = xml_attribute(e, "id");
        if (id && strlen(id) == size - prefix - 1 &&
            !strncmp(id, reference + prefix, size - prefix - 1))
            return xml_text(e);
    }
    return reference;
}

const char *admx_comment(struct admx_comments *comments, const struct admx_policy *policy)
{
    if (!comments->document)
        return NULL;
    for (const struct xml_element *e = xml_child(list_of(comments), "comment"); e;
         e = xml_next(e, "comment")) {
        const char *reference = xml_attribute(e, "policyRef");
        const char *text = xml_attribute(e, "commentText");
        if (!reference || !text || !means(comments, reference, policy))
            continue;
        comments->given++;
        return text_of(comments, text);
    }
    return NULL;
}
