/* report_policies.c - registry values as the policies that administrative templates name. */
#include "report_policies.h"

#include <stdlib.h>
#include <string.h>

#include "admx_comments.h"
#include "admx_match.h"
#include "cleanup.h"
#include "fail.h"

/* A policy that is set. */
struct match {
    const struct admx_policy *policy;
    enum admx_state state;
    size_t first; /* of its values, by which policies are in order */
};

/* One side's policies while they are written. */
struct policies {
    struct report *report;
    const struct admx *admx;
    struct admx_values values;
    struct admx_comments comments;
    struct match *matches;
    size_t count, room;
};

static void policies_close(struct policies *policies)
{
    admx_values_close(&policies->values);
    admx_comments_free(&policies->comments);
    free(policies->matches);
}

const char *report_policy_state(enum admx_state state)
{
    static const char *const names[] = {"NotConfigured", "Enabled", "Disabled"};
    return names[state];
}

static int put_policy(struct policies *policies, const struct match *match, struct gpmq_error *err)
{
    struct report_write *write = &policies->report->write;
    const struct admx_policy *policy = match->policy;
    CLEANUP(bytes_free) struct bytes category = {0};
    admx_category(policies->admx, policy, &category);
    if (category.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for the name of a category");
    report_open(write, "Policy");
    report_text(write, "Name",
                admx_text(policy->file, xml_attribute(policy->element, "displayName")));
    report_text(write, "State", report_policy_state(match->state));
    report_text(write, "Explain",
                admx_text(policy->file, xml_attribute(policy->element, "explainText")));
    report_text(write, "Supported", admx_supported(policies->admx, policy));
    report_text(write, "Category", (const char *)category.at);
    const char *comment = admx_comment(&policies->comments, policy);
    if (comment && *comment)
        report_text(write, "Comment", comment);
    int rc = match->state == ADMX_ENABLED
                 ? report_policy_elements(policies->report, &policies->values, policy, err)
                 : 0;
    report_close(write);
    return rc;
}

static int add_match(struct policies *policies, const struct match *match, struct gpmq_error *err)
{
    if (policies->count == policies->room) {
        size_t room = policies->room ? policies->room * 2 : 64;
        struct match *grown = reallocarray(policies->matches, room, sizeof *grown);
        if (!grown)
            return fail(err, GPMQ_ENOMEM, "no memory for %zu policies", room);
        policies->matches = grown;
        policies->room = room;
    }
    policies->matches[policies->count++] = *match;
    return 0;
}

static struct report_pol_value *value_at(const struct policies *policies, size_t at)
{
    return &policies->report->pol.values[at];
}

/* Takes a policy that is set, unless others have all of its values already. */
static int judge(struct policies *policies, const struct admx_policy *policy,
                 struct gpmq_error *err)
{
    CLEANUP(admx_touched_free) struct admx_touched touched = {0};
    struct match match = {.policy = policy, .first = SIZE_MAX};
    bool fresh = false;
    match.state = admx_state_of(&policies->values, policy, &touched);
    if (touched.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for the values of a policy");
    for (size_t i = 0; i < touched.count; i++) {
        fresh = fresh || !value_at(policies, touched.at[i])->told;
        match.first = touched.at[i] < match.first ? touched.at[i] : match.first;
    }
    if (match.state == ADMX_NOT_CONFIGURED || !fresh)
        return 0;
    for (size_t i = 0; i < touched.count; i++)
        value_at(policies, touched.at[i])->told = true;
    return add_match(policies, &match, err);
}

static int by_first(const void *a, const void *b)
{
    const struct match *one = a, *two = b;
    if (one->first != two->first)
        return one->first < two->first ? -1 : 1;
    return one->policy < two->policy ? -1 : one->policy > two->policy;
}

/* Comments are beside the matter: those that cannot be read are left to the list of files. */
static int read_comments(struct policies *policies, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    int rc = report_read(policies->report, "comment.cmtx", &bytes, &size, err);
    if (!rc && bytes)
        rc = admx_comments_read(&policies->comments, bytes, size, err);
    policies->report->failed_file = NULL;
    return report_is_content(rc) ? 0 : rc;
}

int report_policies(struct report *report, const struct admx *admx, bool computer,
                    struct gpmq_error *err)
{
    CLEANUP(policies_close) struct policies policies = {.report = report, .admx = admx};
    if (!admx)
        return 0;
    int rc = admx_values_open(&policies.values, &report->pol, err);
    if (!rc)
        rc = read_comments(&policies, err);
    for (size_t i = 0; i < admx_count(admx) && !rc; i++) {
        const struct admx_policy *policy = admx_policy(admx, i);
        if (computer ? policy->machine : policy->user)
            rc = judge(&policies, policy, err);
    }
    if (!rc && policies.count)
        qsort(policies.matches, policies.count, sizeof *policies.matches, by_first);
    for (size_t i = 0; i < policies.count && !rc; i++)
        rc = put_policy(&policies, &policies.matches[i], err);
    if (!rc && policies.comments.document && policies.comments.given == policies.comments.count)
        report_told(report, "comment.cmtx");
    return rc;
}
