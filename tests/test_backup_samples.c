/* The 48 real backups: what Windows wrote is read, planned and written again the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backup_equal.h"
#include "backup_info_xml.h"
#include "backup_plan.h"
#include "backup_principals.h"
#include "backup_xml.h"
#include "bytes.h"
#include "cleanup.h"
#include "fold.h"
#include "repository_fixture.h"

static struct samples samples;

/* Calls check for each sample, which prints what is wrong; fails where it did. */
static void for_each(bool (*check)(const struct sample *sample, struct repository *repository,
                                   struct backup *backup))
{
    size_t wrong = 0;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        CLEANUP(repository_close) struct repository *repository = NULL;
        CLEANUP(backup_free) struct backup *backup = NULL;
        struct gpmq_error err;
        if (repository_open(&repository, samples.items[i].repository, false, &err) ||
            repository_read(repository, &samples.items[i].id, &backup, &err)) {
            print_message("%s: %s\n", samples.items[i].repository, err.text);
            wrong++;
        } else if (!check(&samples.items[i], repository, backup)) {
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static bool tell(const struct sample *sample, const char *text)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    if (!*text)
        return true;
    print_message("%s/%s: %s\n", sample->repository, gpmq_guid_text(&sample->id, id), text);
    return false;
}

static bool reads_the_same_again(const struct sample *sample, struct repository *repository,
                                 struct backup *backup)
{
    (void)repository;
    CLEANUP(free_pointer) char *xml = NULL;
    CLEANUP(backup_free) struct backup *again = NULL;
    char text[BACKUP_EQUAL_TEXT_SIZE];
    struct gpmq_error err;
    size_t size;
    if (backup_xml_write(&xml, &size, backup, &err) ||
        backup_xml_parse(&again, xml, size, "Backup.xml", &err))
        return tell(sample, err.text);
    return tell(sample, backups_differ(backup, again, text));
}

/* Takes out white space between tags: Windows leaves its template's, which means nothing. */
static void squeeze(char *text)
{
    char *to = text;
    for (const char *from = text; *from;) {
        size_t blank = strspn(from, " \t\r\n");
        bool between =
            blank && (to == text || to[-1] == '>') && (!from[blank] || from[blank] == '<');
        if (between)
            from += blank;
        else
            *to++ = *from++;
    }
    *to = 0;
}

static bool same_text_as(const struct sample *sample, const char *file, const char *ours)
{
    char id[GPMQ_GUID_TEXT_SIZE], path[GPMQ_GUID_TEXT_SIZE + 16], text[512];
    size_t size, at = 0;
    snprintf(path, sizeof path, "%s/%s", gpmq_guid_text(&sample->id, id), file);
    CLEANUP(free_pointer) char *theirs = fixture_read(sample->repository, path, &size);
    CLEANUP(free_pointer) char *copy = strdup(ours);
    if (!theirs || !copy)
        return tell(sample, "cannot read it");
    squeeze(theirs);
    squeeze(copy);
    while (theirs[at] && theirs[at] == copy[at])
        at++;
    if (!theirs[at] && !copy[at])
        return true;
    snprintf(text, sizeof text, "%s: '%.120s' and not '%.120s'", file, copy + at, theirs + at);
    return tell(sample, text);
}

static bool writes_the_same_bytes(const struct sample *sample, struct repository *repository,
                                  struct backup *backup)
{
    (void)repository;
    CLEANUP(free_pointer) char *xml = NULL;
    CLEANUP(free_pointer) char *info = NULL;
    struct gpmq_error err;
    size_t size;
    if (backup_xml_write(&xml, &size, backup, &err) ||
        backup_info_write(&info, &size, &backup->info, &err))
        return tell(sample, err.text);
    bool same = same_text_as(sample, "Backup.xml", xml);
    return same_text_as(sample, "bkupInfo.xml", info) && same;
}

static void every_real_description_is_written_byte_for_byte_but_for_white_space(void **state)
{
    (void)state;
    for_each(writes_the_same_bytes);
}

/* SYSVOL had MACHINE where the copy has Machine: nothing in the copy tells. */
static const char odd_case_sample[] = "{866736C0-C9A9-4631-90A0-9B98C7B086B8}";

static bool plans_as_windows_did(const struct sample *sample, struct repository *repository,
                                 struct backup *backup)
{
    (void)repository;
    CLEANUP(backup_extensions_free) struct backup_extensions plan = {0};
    struct backup_extensions theirs = {backup->extension_count, backup->extensions};
    char text[BACKUP_EQUAL_TEXT_SIZE];
    struct gpmq_error err;
    if (backup_plan(&plan, backup->gpo, &err))
        return tell(sample, err.text);
    char id[GPMQ_GUID_TEXT_SIZE];
    bool exact = strcmp(gpmq_guid_text(&sample->id, id), odd_case_sample) != 0;
    return tell(sample, extensions_differ(&plan, &theirs, exact, text));
}

/* What verify finds in real backups, and why that is right. */
struct findings {
    const struct sample *sample;
    size_t unexpected;
};

static void judge_finding(void *arg, const char *object_path, int code, const char *text)
{
    struct findings *findings = arg;
    bool sanitised = strstr(findings->sample->repository, "hraedon-gpo-studio") != NULL;
    if (code == GPMQ_EDAMAGED && sanitised && strstr(text, "security descriptor"))
        return;
    print_message("%s: %s: %s\n", findings->sample->repository, object_path, text);
    findings->unexpected++;
}

static bool verifies(const struct sample *sample, struct repository *repository, bool read_data)
{
    struct findings findings = {.sample = sample};
    struct gpmq_error err;
    size_t count;
    if (repository_verify(repository, &sample->id, read_data, NULL, judge_finding, &findings,
                          &count, &err))
        return tell(sample, err.text);
    return !findings.unexpected;
}

static bool verifies_quickly(const struct sample *sample, struct repository *repository,
                             struct backup *backup)
{
    (void)backup;
    return verifies(sample, repository, false);
}

static bool verifies_wholly(const struct sample *sample, struct repository *repository,
                            struct backup *backup)
{
    (void)backup;
    return verifies(sample, repository, true);
}

static int collect(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

/* Whether `a` has every principal of `b` of that source. */
static bool has_all(const struct backup *a, const struct backup *b, char *text)
{
    for (size_t i = 0; i < b->principal_count; i++) {
        const struct domain_principal *wanted = &b->principals[i].principal;
        const char *name = wanted->sid ? wanted->sid : wanted->sam_account_name;
        bool found = false;
        for (size_t k = 0; k < a->principal_count && !found; k++) {
            const struct domain_principal *have = &a->principals[k].principal;
            const char *other = have->sid ? have->sid : have->sam_account_name;
            found =
                !strcmp(name, other) && a->principals[k].from_dacl == b->principals[i].from_dacl;
        }
        if (!found) {
            snprintf(text, BACKUP_EQUAL_TEXT_SIZE, "principal '%s' is missing", name);
            return false;
        }
    }
    return true;
}

static bool finds_the_principals(const struct sample *sample, struct repository *repository,
                                 struct backup *backup)
{
    static const char path[] = "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf";
    CLEANUP(backup_names_free) struct backup_names *names = backup_names_begin();
    CLEANUP(bytes_free) struct bytes content = {0};
    const struct gpo *gpo = backup->gpo;
    struct gpmq_error err;
    int rc = 0;
    if (backup->security_descriptor_damaged)
        return true; /* nothing to find them in */
    rc = backup_names_from_dacl(names, gpo->security_descriptor, gpo->security_descriptor_size,
                                &err);
    if (!rc && backup_plan_registered(gpo, BACKUP_CSE_SECURITY) && gpo_find_file(gpo, path)) {
        rc = repository_read_file(repository, &sample->id, path, collect, &content, &err);
        if (!rc)
            rc = backup_names_from_security(names, content.at, content.size, &err);
    }
    struct backup ours = {0};
    if (!rc)
        rc = backup_names_resolve(names, fixture_domain(), &ours, &err);
    char text[BACKUP_EQUAL_TEXT_SIZE] = "";
    if (rc)
        snprintf(text, sizeof text, "%s", err.text);
    else if (has_all(&ours, backup, text))
        has_all(backup, &ours, text);
    struct backup_principals principals = {ours.principal_count, ours.principals};
    backup_principals_free(&principals);
    free(ours.file_paths);
    return tell(sample, text);
}

static void every_real_backup_lists_the_principals_that_we_find(void **state)
{
    (void)state;
    for_each(finds_the_principals);
}

static void every_real_backup_verifies_at_both_depths(void **state)
{
    (void)state;
    for_each(verifies_quickly);
    for_each(verifies_wholly);
}

static void every_real_backup_reads_the_same_when_written_again(void **state)
{
    (void)state;
    for_each(reads_the_same_again);
}

static void every_real_backup_is_planned_as_windows_did(void **state)
{
    (void)state;
    for_each(plans_as_windows_did);
}

static void all_48_are_found(void **state)
{
    (void)state;
    if (!samples.count)
        skip();
    assert_int_equal(samples.count, 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_48_are_found),
        cmocka_unit_test(every_real_backup_reads_the_same_when_written_again),
        cmocka_unit_test(every_real_description_is_written_byte_for_byte_but_for_white_space),
        cmocka_unit_test(every_real_backup_is_planned_as_windows_did),
        cmocka_unit_test(every_real_backup_lists_the_principals_that_we_find),
        cmocka_unit_test(every_real_backup_verifies_at_both_depths),
    };
    samples = fixture_samples();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_samples_free(&samples);
    return failed;
}
