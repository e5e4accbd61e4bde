/*
 * admx_comments.h - what an administrator wrote beside policies: comment.cmtx of a side.
 */
#ifndef GPMQ_ADMX_COMMENTS_H
#define GPMQ_ADMX_COMMENTS_H

#include "admx.h"

struct admx_comments {
    struct xml_document *document; /* NULL: there are none */
    size_t count;
    size_t given; /* by admx_comment(), each once */
};

/* Reads the file's bytes. GPMQ_EMALFORMED: no XML, or no policyComments. */
int admx_comments_read(struct admx_comments *out, const void *bytes, size_t size,
                       struct gpmq_error *err) GPMQ_CHECKED;
void admx_comments_free(struct admx_comments *comments);

/* The comment on a policy, or NULL. Borrowed from the comments. */
const char *admx_comment(struct admx_comments *comments, const struct admx_policy *policy);

#endif
