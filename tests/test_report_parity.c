/* Our reports of the 48 real backups, held against those that Windows wrote of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "report_area.h"
#include "report_backup.h"
#include "report_compare.h"
#include "report_kept.h"
#include "repository_fixture.h"
#include "xml.h"

static struct samples samples;

struct pair {
    struct xml_document *theirs;
    struct xml_document *ours;
    char name[128];
};

static void free_pair(struct pair *pair)
{
    xml_free(&pair->theirs);
    xml_free(&pair->ours);
}

static void fail_with(const struct gpmq_error *err)
{
    fail_msg("%s", err->text);
}

static struct xml_document *their_report(const struct sample *sample)
{
    char id[GPMQ_GUID_TEXT_SIZE], path[GPMQ_GUID_TEXT_SIZE + 16];
    struct xml_document *document = NULL;
    struct gpmq_error err;
    size_t size;
    snprintf(path, sizeof path, "%s/gpreport.xml", gpmq_guid_text(&sample->id, id));
    CLEANUP(free_pointer) char *bytes = fixture_read(sample->repository, path, &size);
    assert_non_null(bytes);
    if (xml_read(&document, bytes, size, path, &err))
        fail_with(&err);
    return document;
}

/* keep: with what the backup's gpreport.xml tells beside the backup's own files. */
static struct xml_document *our_report(const struct sample *sample, bool keep, char name[128])
{
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_free) struct backup *backup = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct xml_document *document = NULL;
    struct gpmq_error err;
    size_t size;
    if (repository_open(&repository, sample->repository, false, &err) ||
        repository_read(repository, &sample->id, &backup, &err))
        fail_with(&err);
    if (keep && report_kept_read(&kept, repository, backup, &err))
        fail_with(&err);
    struct report_backup from = {
        .repository = repository, .backup = backup, .kept = keep ? &kept : NULL};
    struct report_source source;
    report_backup_source(&source, &from);
    snprintf(name, 128, "%s", backup->info.display_name);
    if (report_xml(&text, &size, &source, &err) ||
        xml_read(&document, text, size, "our report", &err))
        fail_with(&err);
    return document;
}

static struct pair pair_of(const struct sample *sample, bool keep)
{
    struct pair pair = {.theirs = their_report(sample)};
    pair.ours = our_report(sample, keep, pair.name);
    return pair;
}

static void every_item_is_in_both_reports_or_an_exception_with_a_name(void **state)
{
    (void)state;
    static struct report_scores scores;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        CLEANUP(free_pair) struct pair pair = pair_of(&samples.items[i], false);
        report_compare(&scores, pair.name, pair.theirs, pair.ours);
    }
    report_scores_print(&scores);
    assert_int_equal(scores.wrong, 0);
    /* Registry puts what ADMX describes first. */
    for (size_t i = 0; i < scores.count; i++)
        assert_true(!scores.items[i].moved || !strcmp(scores.items[i].area, "Registry"));
}

/* ---- the head ------------------------------------------------------------------------------- */

/* "D:PAI(...)" of SDDL: all that Backup.xml holds of a security descriptor. */
static void dacl_of(const char *sddl, char *out, size_t room)
{
    const char *begin = strstr(sddl, "D:P"), *end = begin ? strstr(begin, "S:") : NULL;
    assert_non_null(begin);
    snprintf(out, room, "%.*s", end ? (int)(end - begin) : (int)strlen(begin), begin);
}

static void same_dacl(const struct xml_element *theirs, const struct xml_element *ours)
{
    char a[16384], b[16384];
    dacl_of(xml_child_text(theirs, "SDDL"), a, sizeof a);
    dacl_of(xml_child_text(ours, "SDDL"), b, sizeof b);
    assert_string_equal(a, b);
}

static const struct xml_element *trustee(const struct xml_element *permissions, const char *sid)
{
    for (const struct xml_element *e = xml_child(permissions, "TrusteePermissions"); e;
         e = xml_next(e, "TrusteePermissions"))
        if (!strcmp(xml_child_text(xml_child(e, "Trustee"), "SID"), sid))
            return e;
    return NULL;
}

/* Trustees with rights that have no name of their own: Windows leaves them out, we do not. */
static size_t count_custom(const struct xml_element *permissions)
{
    size_t count = 0;
    for (const struct xml_element *e = xml_child(permissions, "TrusteePermissions"); e;
         e = xml_next(e, "TrusteePermissions"))
        count +=
            !strcmp(xml_child_text(xml_child(e, "Standard"), "GPOGroupedAccessEnum"), "Custom");
    return count;
}

/* Returns how many of ours are custom. */
static size_t same_trustees(const struct xml_element *theirs, const struct xml_element *ours)
{
    size_t exceptions[EXCEPT_END] = {0}, custom = count_custom(ours);
    assert_int_equal(xml_count(theirs, NULL) + custom, xml_count(ours, NULL));
    for (const struct xml_element *e = xml_child(theirs, "TrusteePermissions"); e;
         e = xml_next(e, "TrusteePermissions")) {
        const struct xml_element *other =
            trustee(ours, xml_child_text(xml_child(e, "Trustee"), "SID"));
        assert_non_null(other);
        assert_true(report_same(e, other, exceptions));
    }
    for (size_t i = 0; i < EXCEPT_END; i++)
        assert_int_equal(exceptions[i], 0);
    return custom;
}

static void same_child(const struct xml_element *theirs, const struct xml_element *ours,
                       const char *name)
{
    const char *a = xml_child_text(theirs, name), *b = xml_child_text(ours, name);
    assert_int_equal(!a, !b);
    if (a)
        assert_string_equal(a, b);
}

static const struct xml_element *descriptor(const struct xml_element *root)
{
    return xml_child(root, "SecurityDescriptor");
}

/* A backup whose owner took the descriptor out has one of 8 bytes. */
static bool has_descriptor(const struct xml_element *root)
{
    return !strcmp(xml_child_text(descriptor(root), "PermissionsPresent"), "true");
}

static void same_sides(const struct xml_element *theirs, const struct xml_element *ours)
{
    static const char *const sides[] = {"Computer", "User"};
    static const char *const parts[] = {"VersionDirectory", "VersionSysvol", "Enabled"};
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++)
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
            same_child(xml_child(theirs, sides[s]), xml_child(ours, sides[s]), parts[p]);
}

static void the_head_is_that_of_windows_as_far_as_a_backup_holds_it(void **state)
{
    (void)state;
    size_t without = 0, custom = 0;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        CLEANUP(free_pair) struct pair pair = pair_of(&samples.items[i], false);
        const struct xml_element *a = xml_root(pair.theirs, "GPO", REPORT_NS);
        const struct xml_element *b = xml_root(pair.ours, "GPO", REPORT_NS);
        same_child(xml_child(a, "Identifier"), xml_child(b, "Identifier"), "Identifier");
        same_child(xml_child(a, "Identifier"), xml_child(b, "Identifier"), "Domain");
        same_child(a, b, "Name");
        same_child(a, b, "IncludeComments");
        same_child(a, b, "FilterDataAvailable");
        same_child(a, b, "FilterName");
        same_sides(a, b);
        without += !has_descriptor(b);
        if (!has_descriptor(b))
            continue;
        same_dacl(descriptor(a), descriptor(b));
        custom += same_trustees(xml_child(descriptor(a), "Permissions"),
                                xml_child(descriptor(b), "Permissions"));
    }
    print_message("%zu descriptors and their trustees are equal but for %zu trustees with custom "
                  "rights, whom Windows leaves out; %zu backups have no descriptor\n",
                  samples.count - without, custom, without);
}

static bool is_of_head(const struct xml_element *element)
{
    static const char *const others[] = {"ReadTime", "Computer", "User", "Comment", "Other"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(xml_name(element), others[i]))
            return false;
    return true;
}

static const struct xml_element *next_of_head(const struct xml_element *element)
{
    while (element && !is_of_head(element))
        element = xml_next(element, NULL);
    return element;
}

/* What is wrong with a descriptor is no part of the comparison: there is none in the backup. */
static bool same_of_head(const struct xml_element *theirs, const struct xml_element *ours)
{
    size_t exceptions[EXCEPT_END] = {0};
    if (strcmp(xml_name(theirs), "SecurityDescriptor") != 0)
        return report_same(theirs, ours, exceptions);
    if (strcmp(xml_child_text(ours, "PermissionsPresent"), "true") != 0)
        return true;
    static const char *const parts[] = {"SDDL", "Owner", "Group", "PermissionsPresent",
                                        "AuditingPresent"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!report_same(xml_child(theirs, parts[i]), xml_child(ours, parts[i]), exceptions))
            return false;
    same_trustees(xml_child(theirs, "Permissions"), xml_child(ours, "Permissions"));
    return true;
}

static void with_the_report_that_a_backup_keeps_the_head_is_the_same(void **state)
{
    (void)state;
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++) {
        CLEANUP(free_pair) struct pair pair = pair_of(&samples.items[i], true);
        const struct xml_element *a = next_of_head(xml_child(xml_top(pair.theirs), NULL));
        const struct xml_element *b = next_of_head(xml_child(xml_top(pair.ours), NULL));
        for (; a && b; a = next_of_head(xml_next(a, NULL)), b = next_of_head(xml_next(b, NULL)))
            if (!same_of_head(a, b))
                fail_msg("%s: %s in line %d", pair.name, xml_name(a), xml_line(a));
        assert_null(a);
        assert_null(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_is_that_of_windows_as_far_as_a_backup_holds_it),
        cmocka_unit_test(with_the_report_that_a_backup_keeps_the_head_is_the_same),
        cmocka_unit_test(every_item_is_in_both_reports_or_an_exception_with_a_name),
    };
    samples = fixture_samples();
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_samples_free(&samples);
    return rc;
}
