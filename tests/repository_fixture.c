#include "repository_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "sd.h"

/* ---- folders -------------------------------------------------------------------------------- */

void fixture_folder(char path[FIXTURE_PATH_MAX])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, FIXTURE_PATH_MAX, "%s/gpmq-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(path))
        abort();
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat, (void)kind, (void)ftw;
    return remove(path);
}

void fixture_remove(const char *path)
{
    nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

void fixture_write(const char *root, const char *path, const void *bytes, size_t size)
{
    char whole[FIXTURE_PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(whole, 0700);
        *slash = '/';
    }
    CLEANUP(close_file) FILE *file = fopen(whole, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size)
        abort();
}

char *fixture_read(const char *root, const char *path, size_t *size)
{
    char whole[FIXTURE_PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    CLEANUP(close_file) FILE *file = fopen(whole, "rb");
    struct stat stat;
    if (!file || fstat(fileno(file), &stat))
        return NULL;
    char *content = calloc(1, (size_t)stat.st_size + 1);
    *size = content ? fread(content, 1, (size_t)stat.st_size, file) : 0;
    return content;
}

bool fixture_exists(const char *root, const char *path)
{
    char whole[FIXTURE_PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    return !access(whole, F_OK);
}

/* ---- a domain ------------------------------------------------------------------------------- */

static const struct {
    const char *rid, *name, *type;
} accounts[] = {
    {"-500", "Administrator", "User"},
    {"-512", "Domain Admins", "GlobalGroup"},
    {"-519", "Enterprise Admins", "UniversalGroup"},
};

static int principal(struct domain *domain, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err)
{
    (void)domain, (void)err;
    *out = (struct domain_principal){.sid = strdup(sid)};
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
        const char *tail = strrchr(sid, '-');
        if (strcmp(tail, accounts[i].rid) != 0)
            continue;
        out->sam_account_name = strdup(accounts[i].name);
        out->type = strdup(accounts[i].type);
        out->netbios_domain_name = strdup("EXAMPLE");
        out->dns_domain_name = strdup("example.test");
        if (asprintf(&out->upn, "%s@example.test", accounts[i].name) < 0)
            abort();
    }
    return 0;
}

struct domain *fixture_domain(void)
{
    static const struct domain_ops ops = {.scheme = "fixture", .principal = principal};
    static struct domain domain = {.ops = &ops};
    return &domain;
}

/* ---- a GPO ---------------------------------------------------------------------------------- */

#define RIGHTS                                                                                     \
    "[Privilege Rights]\r\nSeShutdownPrivilege = *S-1-5-21-1-2-3-500,*S-1-5-32-544,Guests\r\n"

static const struct {
    const char *path;
    const char *content;
    size_t size;
} files[] = {
    {"GPO.cmt", "a\0b", 4},
    {"Machine", NULL, 0},
    {"Machine/Microsoft", NULL, 0},
    {"Machine/Microsoft/Windows NT", NULL, 0},
    {"Machine/Microsoft/Windows NT/SecEdit", NULL, 0},
    {"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", RIGHTS, sizeof RIGHTS - 1},
    {"Machine/Registry.pol", "PReg\1\0\0\0", 8},
    {"Machine/Scripts", NULL, 0},
    {"Machine/Scripts/Startup", NULL, 0},
    {"User", NULL, 0},
};
#define FILE_COUNT (sizeof files / sizeof *files)

const char *fixture_content(const char *path, size_t *size)
{
    for (size_t i = 0; i < FILE_COUNT; i++)
        if (!strcmp(files[i].path, path)) {
            *size = files[i].size;
            return files[i].content;
        }
    return NULL;
}

static void give_descriptor(struct gpo *gpo)
{
    struct sid domain;
    if (sid_parse(&domain, "S-1-5-21-1-2-3", NULL) ||
        sd_default_gpo(&domain, &gpo->security_descriptor, &gpo->security_descriptor_size, NULL))
        abort();
}

struct gpo *fixture_gpo(void)
{
    struct gpo *gpo = calloc(1, sizeof *gpo);
    if (!gpo || gpmq_guid_parse(&gpo->id, "{11111111-2222-3333-4444-555555555555}") ||
        gpmq_guid_parse(&gpo->domain_guid, "{AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE}"))
        abort();
    gpo->display_name = strdup("Desktops & <laptops> ]]> \xC3\xBC");
    gpo->domain = strdup("example.test");
    gpo->domain_controller = strdup("dc1.example.test");
    gpo->options = 1;
    gpo->user = (struct gpo_version){.ds = 1, .sysvol = 2};
    gpo->machine = (struct gpo_version){.ds = 7, .sysvol = 7};
    gpo->machine_extensions =
        strdup("[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
               "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}]");
    gpo->user_extensions = strdup("");
    gpo->wmi_filter = strdup("[example.test;{99999999-2222-3333-4444-555555555555};0]");
    gpo->wmi_filter_name = strdup("Laptops only");
    give_descriptor(gpo);
    for (size_t i = 0; i < FILE_COUNT; i++)
        if (gpo_add_file(gpo, files[i].path, !files[i].content, files[i].size, NULL))
            abort();
    gpo_sort_files(gpo);
    return gpo;
}

struct backup_info fixture_info(const struct gpmq_guid *id, const char *comment)
{
    CLEANUP(gpo_free) struct gpo *gpo = fixture_gpo();
    return (struct backup_info){
        .id = *id,
        .gpo_id = gpo->id,
        .domain_guid = gpo->domain_guid,
        .domain = strdup(gpo->domain),
        .domain_controller = strdup(gpo->domain_controller),
        .time_unix_ms = 1678381443000,
        .comment = strdup(comment),
        .display_name = strdup(gpo->display_name),
    };
}

int fixture_fill(struct backup_writer *writer, const struct gpo *gpo, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < gpo->file_count; i++) {
        size_t size = 0;
        const char *content = fixture_content(gpo->files[i].path, &size);
        if (content)
            rc = backup_write(writer, gpo->files[i].path, content, size, err);
    }
    return rc;
}

struct gpmq_id fixture_op(unsigned number)
{
    uint8_t random[10] = {[8] = (uint8_t)(number >> 8), [9] = (uint8_t)number};
    return gpmq_id_make(1700000000000, random);
}

struct gpmq_guid fixture_id(unsigned number)
{
    struct gpmq_id op = fixture_op(number);
    return gpmq_guid_derive(&op, "backup");
}

int fixture_backup(struct repository *repository, unsigned number, uint64_t fence,
                   struct gpmq_error *err)
{
    static const char report[] = "<GPO xmlns=\"http://www.microsoft.com/GroupPolicy/Settings\"/>";
    struct backup_begin_request request = {
        .id = fixture_id(number), .op = fixture_op(number), .fence = fence};
    struct backup_begin_answer answer;
    CLEANUP(gpo_free) struct gpo *gpo = fixture_gpo();
    CLEANUP(backup_abort) struct backup_writer *writer = NULL;
    int rc = backup_begin(repository, &request, &writer, &answer, err);
    if (rc || answer.done)
        return rc;
    CLEANUP(backup_info_free) struct backup_info info = fixture_info(&request.id, "nightly");
    rc = fixture_fill(writer, gpo, err);
    if (!rc)
        rc = backup_write_report(writer, report, sizeof report - 1, err);
    return rc ? rc : backup_publish(&writer, &info, gpo, fixture_domain(), err);
}

/* ---- real backups --------------------------------------------------------------------------- */

static struct samples *found; /* nftw() hands nothing through */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct sample *)a)->repository, ((const struct sample *)b)->repository);
}

static int take_sample(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    struct gpmq_guid id;
    (void)stat;
    if (kind != FTW_D || path[ftw->base] != '{' || gpmq_guid_parse(&id, path + ftw->base) ||
        !fixture_exists(path, "Backup.xml"))
        return 0;
    found->items = realloc(found->items, (found->count + 1) * sizeof *found->items);
    if (!found->items)
        abort();
    found->items[found->count++] = (struct sample){
        .repository = strndup(path, (size_t)ftw->base - 1),
        .id = id,
    };
    return 0;
}

struct samples fixture_samples(void)
{
    char root[FIXTURE_PATH_MAX];
    const char *given = getenv("GPMQ_SAMPLES"), *source = getenv("GPMQ_SOURCE_DIR");
    if (given)
        snprintf(root, sizeof root, "%s/gpmc-backups", given);
    else
        snprintf(root, sizeof root, "%s/../shared/samples/gpmc-backups", source ? source : ".");
    struct samples samples = {0};
    found = &samples;
    nftw(root, take_sample, 32, FTW_PHYS);
    if (samples.count)
        qsort(samples.items, samples.count, sizeof *samples.items, by_path);
    return samples;
}

void fixture_samples_free(struct samples *samples)
{
    for (size_t i = 0; i < samples->count; i++)
        free(samples->items[i].repository);
    free(samples->items);
    *samples = (struct samples){0};
}
