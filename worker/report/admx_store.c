/* admx_store.c - the administrative templates of a domain's central store. */
#include "admx_store.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"

/* One file is held to what xml_read() takes before it is whole in memory. */
static int take(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct bytes *content = arg;
    if (content->size + size > XML_BYTES_MAX)
        return fail(err, GPMQ_ETOOBIG, "an administrative template of more than %u bytes",
                    XML_BYTES_MAX);
    bytes_put(content, bytes, size);
    return content->failed ? fail(err, GPMQ_ENOMEM, "no memory for administrative templates") : 0;
}

/* 0: no texts for that .admx; the more, the better the language. */
static int fitness(const char *texts, const char *definitions)
{
    const char *slash = strchr(texts, '/');
    size_t stem = strlen(definitions) - strlen(".admx");
    if (!slash || strlen(slash + 1) != stem + strlen(".adml") ||
        strncasecmp(slash + 1, definitions, stem) != 0)
        return 0;
    if (!strncasecmp(texts, "en-US/", 6))
        return 3;
    return strncasecmp(texts, "en", 2) ? 1 : 2;
}

/* The languages' folders are few: each is looked through once for each template. */
static const char *texts_for(const struct domain_templates *templates, const char *definitions)
{
    const char *best = NULL;
    int most = 0;
    for (size_t i = 0; i < templates->count; i++) {
        int fit = fitness(templates->paths[i], definitions);
        if (fit > most) {
            most = fit;
            best = templates->paths[i];
        }
    }
    return best;
}

static bool is_content(int code)
{
    return code == GPMQ_EMALFORMED || code == GPMQ_ETOOBIG || code == GPMQ_EINVAL ||
           code == GPMQ_EACCESS || code == GPMQ_EDAMAGED;
}

static int add(struct admx *admx, struct domain *domain, const char *path, const char *texts,
               struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes definitions = {0};
    CLEANUP(bytes_free) struct bytes words = {0};
    int rc = domain->ops->read_template(domain, path, take, &definitions, err);
    if (!rc && texts)
        rc = domain->ops->read_template(domain, texts, take, &words, err);
    if (!rc)
        rc = admx_add(admx, path, definitions.at ? (const char *)definitions.at : "",
                      definitions.size, words.at, words.size, err);
    return rc;
}

/* A template whose texts are damaged is better than none: its ids are shown then. */
static int add_best(struct admx *admx, struct domain *domain, const char *path, const char *texts,
                    struct gpmq_error *why)
{
    struct gpmq_error again;
    int rc = add(admx, domain, path, texts, why);
    if (!is_content(rc) || !texts)
        return rc;
    int bare = add(admx, domain, path, NULL, &again);
    return bare && !is_content(bare) ? bare : rc;
}

static int add_all(struct admx *admx, struct domain *domain,
                   const struct domain_templates *templates, admx_complaint *complain, void *arg,
                   struct gpmq_error *err)
{
    for (size_t i = 0; i < templates->count; i++) {
        const char *path = templates->paths[i];
        struct gpmq_error why;
        if (strchr(path, '/'))
            continue;
        int rc = add_best(admx, domain, path, texts_for(templates, path), &why);
        if (rc && !is_content(rc)) {
            if (err)
                *err = why;
            return rc;
        }
        if (rc && complain)
            complain(arg, path, &why);
    }
    return 0;
}

int admx_store_read(struct admx **out, struct domain *domain, admx_complaint *complain, void *arg,
                    struct gpmq_error *err)
{
    CLEANUP(domain_templates_free) struct domain_templates templates = {0};
    CLEANUP(admx_free) struct admx *admx = NULL;
    *out = NULL;
    int rc = domain->ops->templates(domain, &templates, err);
    if (rc || !templates.count)
        return rc;
    rc = admx_new(&admx, err);
    if (!rc)
        rc = add_all(admx, domain, &templates, complain, arg, err);
    if (!rc)
        *out = STEAL(admx);
    return rc;
}
