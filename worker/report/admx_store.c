/* admx_store.c - the administrative templates of a domain's central store, or of a folder. */
#include "admx_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"

/* Where templates are read from. */
struct store {
    struct domain *domain; /* NULL: from the folder */
    const char *folder;
    int dir; /* the folder, open */
};

static int too_large(struct gpmq_error *err)
{
    return fail(err, GPMQ_ETOOBIG, "an administrative template of more than %u bytes",
                XML_BYTES_MAX);
}

/* One file is held to what xml_read() takes before it is whole in memory. */
static int take(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct bytes *content = arg;
    if (content->size + size > XML_BYTES_MAX)
        return too_large(err);
    bytes_put(content, bytes, size);
    return content->failed ? fail(err, GPMQ_ENOMEM, "no memory for administrative templates") : 0;
}

static int read_one(const struct store *store, const char *path, struct bytes *out,
                    struct gpmq_error *err)
{
    if (store->domain)
        return store->domain->ops->read_template(store->domain, path, take, out, err);
    if (beneath_read(store->dir, path, XML_BYTES_MAX, out) == 0)
        return 0;
    return errno == EFBIG ? too_large(err) : beneath_fail(err, "read", store->folder, path);
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

/* What leaves one template out; anything else ends the reading. Of a folder nothing is worth that:
 * it is there for names alone. */
static bool is_content(const struct store *store, int code)
{
    if (!store->domain)
        return code != 0 && code != GPMQ_ENOMEM;
    return code == GPMQ_EMALFORMED || code == GPMQ_ETOOBIG || code == GPMQ_EINVAL ||
           code == GPMQ_EACCESS || code == GPMQ_EDAMAGED;
}

static int add(struct admx *admx, const struct store *store, const char *path, const char *texts,
               struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes definitions = {0};
    CLEANUP(bytes_free) struct bytes words = {0};
    int rc = read_one(store, path, &definitions, err);
    if (!rc && texts)
        rc = read_one(store, texts, &words, err);
    if (!rc)
        rc = admx_add(admx, path, definitions.at ? (const char *)definitions.at : "",
                      definitions.size, words.at, words.size, err);
    return rc;
}

/* A template whose texts are damaged is better than none: its ids are shown then. */
static int add_best(struct admx *admx, const struct store *store, const char *path,
                    const char *texts, struct gpmq_error *why)
{
    struct gpmq_error again;
    int rc = add(admx, store, path, texts, why);
    if (!is_content(store, rc) || !texts)
        return rc;
    int bare = add(admx, store, path, NULL, &again);
    return bare && !is_content(store, bare) ? bare : rc;
}

static int add_all(struct admx *admx, const struct store *store,
                   const struct domain_templates *templates, admx_complaint *complain, void *arg,
                   struct gpmq_error *err)
{
    for (size_t i = 0; i < templates->count; i++) {
        const char *path = templates->paths[i];
        struct gpmq_error why;
        if (strchr(path, '/'))
            continue;
        int rc = add_best(admx, store, path, texts_for(templates, path), &why);
        if (rc && !is_content(store, rc)) {
            if (err)
                *err = why;
            return rc;
        }
        if (rc && complain)
            complain(arg, path, &why);
    }
    return 0;
}

static int read_all(struct admx **out, const struct store *store,
                    const struct domain_templates *templates, admx_complaint *complain, void *arg,
                    struct gpmq_error *err)
{
    CLEANUP(admx_free) struct admx *admx = NULL;
    int rc = admx_new(&admx, err);
    if (!rc)
        rc = add_all(admx, store, templates, complain, arg, err);
    if (!rc)
        *out = STEAL(admx);
    return rc;
}

static int list_folder(const struct store *store, struct domain_templates *templates,
                       struct gpmq_error *err)
{
    if (store->dir < 0)
        return fail_errno(err, "cannot open the folder '%s'", store->folder);
    int rc = domain_templates_walk(templates, store->dir, store->folder, err);
    return rc || templates->count
               ? rc
               : fail(err, GPMQ_ENOTFOUND, "the folder '%s' has no administrative templates",
                      store->folder);
}

static int read_folder(struct admx **out, const char *folder, admx_complaint *complain, void *arg,
                       struct gpmq_error *err)
{
    CLEANUP(domain_templates_free) struct domain_templates templates = {0};
    CLEANUP(close_fd) int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct store store = {.folder = folder, .dir = dir};
    struct gpmq_error why;
    int rc = list_folder(&store, &templates, &why);
    if (!rc)
        rc = read_all(out, &store, &templates, complain, arg, &why);
    if (rc == GPMQ_ENOMEM)
        return fail(err, rc, "%s", why.text);
    if (rc && complain)
        complain(arg, "templates", &why);
    return 0;
}

int admx_store_read(struct admx **out, struct domain *domain, const char *folder,
                    admx_complaint *complain, void *arg, struct gpmq_error *err)
{
    CLEANUP(domain_templates_free) struct domain_templates templates = {0};
    const struct store store = {.domain = domain, .dir = -1};
    *out = NULL;
    int rc = domain->ops->templates(domain, &templates, err);
    if (!rc && templates.count)
        return read_all(out, &store, &templates, complain, arg, err);
    return rc || !folder ? rc : read_folder(out, folder, complain, arg, err);
}
