#include "diff_side.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "verify_data.h"

#define CONTENT_AREA "File content"
#define DIGEST_BYTES 16

void diff_side_free(struct diff_side *side)
{
    settings_free(&side->settings);
    settings_free(&side->contents);
    xml_free(&side->report);
    report_domain_free(&side->from_domain);
    report_kept_free(&side->kept);
    backup_free(&side->backup);
    gpo_free(&side->live);
}

/* ---- files that are no settings ------------------------------------------------------------- */

struct digest {
    crypto_generichash_state state;
    uint64_t size;
};

static int take(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct digest *digest = arg;
    (void)err;
    crypto_generichash_update(&digest->state, bytes, size);
    digest->size += size;
    return 0;
}

/* "123 bytes, BLAKE2b 0a1b...". */
static int describe(char **out, struct digest *digest, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    unsigned char hash[DIGEST_BYTES];
    void *taken;
    crypto_generichash_final(&digest->state, hash, sizeof hash);
    bytes_format(&text, "%llu bytes, BLAKE2b ", (unsigned long long)digest->size);
    for (size_t i = 0; i < sizeof hash; i++)
        bytes_format(&text, "%02x", hash[i]);
    int rc = bytes_take(&text, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}

static enum setting_side side_of(const char *path)
{
    if (!strncasecmp(path, "Machine/", strlen("Machine/")))
        return SETTING_COMPUTER;
    return strncasecmp(path, "User/", strlen("User/")) ? SETTING_GENERAL : SETTING_USER;
}

static int add_content(struct diff_side *side, const char *path, struct gpmq_error *err)
{
    struct digest digest = {.size = 0};
    struct setting *setting = &side->contents.items[side->contents.count];
    if (side->contents.count == side->gpo->file_count)
        return fail(err, GPMQ_EDAMAGED, "the report lists more files than the GPO has");
    crypto_generichash_init(&digest.state, NULL, 0, DIGEST_BYTES);
    int rc = side->source.read_file(side->source.arg, path, take, &digest, err);
    if (rc)
        return rc;
    *setting = (struct setting){.side = side_of(path),
                                .area = CONTENT_AREA,
                                .rank = SIZE_MAX, /* behind the settings */
                                .order = side->contents.count,
                                .key = strdup(path),
                                .name = strdup(path)};
    side->contents.count++;
    if (!setting->key || !setting->name)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
    return describe(&setting->value, &digest, err);
}

static int by_key(const void *a, const void *b)
{
    const struct setting *left = a, *right = b;
    int order = settings_compare(left, right);
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

/* Files of a known format that no section tells of: the report may say why. */
static int add_untold(struct diff_side *side, const struct xml_element *of, diff_unparsed *unparsed,
                      void *arg, struct gpmq_error *err)
{
    const struct xml_element *other = xml_child(of, "Other");
    int rc = 0;
    for (const struct xml_element *e = xml_child(other, "File"); e && !rc;
         e = xml_next(e, "File")) {
        const char *path = xml_child_text(e, "Path"), *reason = xml_child_text(e, "Reason");
        if (!path || !verify_format_of(path) || !gpo_find_file(side->gpo, path))
            continue; /* the others are compared anyway */
        if (reason && unparsed)
            unparsed(arg, path, reason);
        rc = add_content(side, path, err);
    }
    return rc;
}

static int add_all_untold(struct diff_side *side, diff_unparsed *unparsed, void *arg,
                          struct gpmq_error *err)
{
    const struct xml_element *root = xml_any_root(side->report);
    const struct xml_element *const parts[] = {root, xml_child(root, "Computer"),
                                               xml_child(root, "User")};
    int rc = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !rc; i++)
        rc = add_untold(side, parts[i], unparsed, arg, err);
    return rc;
}

/* Scripts, templates, packages ...: what the report's settings cannot tell the content of. */
static int read_contents(struct diff_side *side, diff_unparsed *unparsed, void *arg,
                         struct gpmq_error *err)
{
    const struct gpo *gpo = side->gpo;
    side->contents.items = calloc(gpo->file_count + 1, sizeof *side->contents.items);
    if (!side->contents.items)
        return fail(err, GPMQ_ENOMEM, "no memory for a list of files");
    int rc = 0;
    for (size_t i = 0; i < gpo->file_count && !rc; i++)
        if (!gpo->files[i].directory && !verify_format_of(gpo->files[i].path))
            rc = add_content(side, gpo->files[i].path, err);
    if (!rc)
        rc = add_all_untold(side, unparsed, arg, err);
    if (!rc)
        qsort(side->contents.items, side->contents.count, sizeof *side->contents.items, by_key);
    return rc;
}

/* ---- the report ----------------------------------------------------------------------------- */

static int open_backup(struct diff_side *side, const struct diff_place *place,
                       struct gpmq_error *err)
{
    int rc = repository_read(place->repository, &place->id, &side->backup, err);
    if (!rc)
        rc = gpo_sizes_check(side->backup->gpo, err);
    if (!rc)
        rc = report_kept_read(&side->kept, place->repository, side->backup, err);
    if (rc)
        return rc;
    side->gpo = side->backup->gpo;
    side->told = side->kept.document ? SETTINGS_LINKS : 0;
    side->from_backup = (struct report_backup){
        .repository = place->repository, .backup = side->backup, .kept = &side->kept};
    report_backup_source(&side->source, &side->from_backup);
    return 0;
}

static int open_live(struct diff_side *side, const struct diff_place *place, struct gpmq_error *err)
{
    int rc = place->domain->ops->read(place->domain, &place->id, &side->live, err);
    if (!rc)
        rc = gpo_sizes_check(side->live, err);
    if (rc)
        return rc;
    side->gpo = side->live;
    side->told = SETTINGS_LINKS;
    return report_domain_source(&side->source, &side->from_domain, place->domain, side->live,
                                clock_unix_ms(), err);
}

static bool tells_owner(const struct xml_document *report)
{
    return xml_child(xml_child(xml_any_root(report), "SecurityDescriptor"), "Owner");
}

int diff_side_read(struct diff_side *side, const struct diff_place *place, diff_unparsed *unparsed,
                   void *arg, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = place->repository ? open_backup(side, place, err) : open_live(side, place, err);
    if (!rc)
        rc = report_xml(&text, &size, &side->source, err);
    if (!rc)
        rc = xml_read(&side->report, text, size, "the report", err);
    if (!rc && tells_owner(side->report))
        side->told |= SETTINGS_OWNER;
    if (!rc)
        rc = settings_read(&side->settings, side->report, err);
    return rc ? rc : read_contents(side, unparsed, arg, err);
}
