/*
 * admx.h - administrative templates (ADMX) and their texts (ADML): what registry values mean.
 *
 * The files are from outside: a domain's central store, or a folder. They are read by xml_read(),
 * so its limits hold for each; a reference that leads nowhere is shown as it is written, categories
 * that contain each other end at ADMX_CATEGORIES_DEPTH_MAX. Names and ids are compared without
 * case, as Windows does. (Facts: the published schema of ADMX, "PolicyDefinitionFiles".)
 *
 * Known limit: a value that two policies set belongs to the first of them.
 */
#ifndef GPMQ_ADMX_H
#define GPMQ_ADMX_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"
#include "xml.h"

#define ADMX_FILES_MAX            4000
#define ADMX_BYTES_MAX            (96u << 20) /* of all files and their texts */
#define ADMX_POLICIES_MAX         200000
#define ADMX_CATEGORIES_DEPTH_MAX 24

struct admx;
struct admx_file; /* one .admx with its texts */

struct admx_policy {
    const struct admx_file *file;
    const struct xml_element *element; /* <policy> */
    const char *key;                   /* "Software\Policies\..." */
    const char *value_name;            /* NULL: it has elements or lists alone */
    bool machine, user;                /* which side it is of; both may be */
};

/* GPMQ_ENOMEM. */
int admx_new(struct admx **out, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes NULL; leaves NULL. */
void admx_free(struct admx **admx_p);

/* Adds one .admx with its .adml (texts NULL: none was found, then ids are shown). name is for the
 * error's text. A file that is refused has changed nothing: others go on.
 * GPMQ_EMALFORMED: no XML, or no policyDefinitions. GPMQ_ETOOBIG: a limit. */
int admx_add(struct admx *admx, const char *name, const void *definitions, size_t size,
             const void *texts, size_t texts_size, struct gpmq_error *err) GPMQ_CHECKED;

/* The policies, in the order of files and lines. */
size_t admx_count(const struct admx *admx);
const struct admx_policy *admx_policy(const struct admx *admx, size_t at);

/* The namespace that a file's policies are in; "" when it names none. */
const char *admx_namespace(const struct admx_file *file);
/* "$(string.Name)" is a text of the file's ADML; anything else is itself. NULL is "". */
const char *admx_text(const struct admx_file *file, const char *reference);
/* What supportedOn refers to; "" when there is no such definition. */
const char *admx_supported(const struct admx *admx, const struct admx_policy *policy);
/* "Windows Components/Event Log", from the outermost category in. */
void admx_category(const struct admx *admx, const struct admx_policy *policy, struct bytes *out);
/* <presentation> of the policy, or NULL. */
const struct xml_element *admx_presentation(const struct admx_policy *policy);

#endif
