/* rsop_judge.c - does one link take effect? */
#include "rsop_judge.h"

#include "wmi_filter.h"

#define FUNCTIONALITY_VERSION 2u

/* In the order of enum rsop_reason. */
static const struct {
    const char *word;
    const char *text;
} reasons[RSOP_REASONS] = {
    {"link_disabled", "the link is disabled"},
    {"blocked", "inheritance is blocked, and the link is not enforced"},
    {"missing", "the link leads to no GPO of this domain"},
    {"unreadable", "the GPO cannot be read"},
    {"functionality_version", "its functionality version is not 2"},
    {"side_disabled", "this side of the GPO is disabled"},
    {"empty", "the GPO is empty: version 0"},
    {"read_denied", "the computer may not read the GPO"},
    {"apply_denied", "the right to apply the GPO is denied"},
    {"apply_absent", "nothing grants the right to apply the GPO"},
    {"wmi_false", "the WMI filter is false"},
};

static int lowest(unsigned set)
{
    int i = 0;
    while (i < RSOP_REASONS && !(set & 1u << i))
        i++;
    return i;
}

const char *rsop_reason_word(unsigned set)
{
    int i = lowest(set);
    return i < RSOP_REASONS ? reasons[i].word : "applied";
}

const char *rsop_reason_text(unsigned set)
{
    int i = lowest(set);
    return i < RSOP_REASONS ? reasons[i].text : "applied";
}

static void judge_access(struct rsop_entry *entry, const struct gpo *gpo,
                         const struct access_token *computer, const struct access_token *target)
{
    struct access_answer answer;
    struct sd sd;
    entry->no_descriptor = !gpo->security_descriptor;
    if (entry->no_descriptor)
        return;
    if (sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, NULL) != 0) {
        entry->reasons |= RSOP_UNREADABLE;
        return;
    }
    if (access_check(&sd, computer, ACCESS_READ, NULL, NULL) != ACCESS_GRANTED)
        entry->reasons |= RSOP_READ_DENIED;
    switch (access_check(&sd, target, ACCESS_CONTROL, sd_apply_right, &answer)) {
    case ACCESS_GRANTED:
        break;
    case ACCESS_NOT_GRANTED:
        entry->reasons |= RSOP_APPLY_ABSENT;
        break;
    case ACCESS_DENIED:
        entry->reasons |= RSOP_APPLY_DENIED;
        entry->denied_by = answer.trustee;
        break;
    }
}

static bool is_listed(const struct gpmq_guid *list, size_t count, const struct gpmq_guid *id)
{
    for (size_t i = 0; i < count; i++)
        if (gpmq_guid_equal(&list[i], id))
            return true;
    return false;
}

static const struct domain_wmi_filter *find_filter(const struct rsop_directory *directory,
                                                   const struct gpmq_guid *id)
{
    for (size_t i = 0; i < directory->filters->count; i++)
        if (gpmq_guid_equal(&directory->filters->items[i].id, id))
            return &directory->filters->items[i];
    return NULL;
}

static enum rsop_wmi_answer answer_of(const struct rsop_wmi *wmi, const struct gpmq_guid *id)
{
    if (is_listed(wmi->is_false, wmi->false_count, id))
        return RSOP_WMI_GIVEN_FALSE;
    if (is_listed(wmi->is_true, wmi->true_count, id))
        return RSOP_WMI_GIVEN_TRUE;
    return wmi->otherwise ? RSOP_WMI_ASSUMED_TRUE : RSOP_WMI_ASSUMED_FALSE;
}

static void judge_wmi(struct rsop_entry *entry, const struct gpo *gpo, const struct rsop_wmi *wmi,
                      const struct rsop_directory *directory)
{
    struct gpmq_guid id;
    if (!wmi_filter_linked(gpo->wmi_filter, &id))
        return;
    entry->wmi_filter = find_filter(directory, &id);
    if (!entry->wmi_filter)
        entry->wmi = RSOP_WMI_GONE;
    else
        entry->wmi = entry->wmi_filter->damage ? RSOP_WMI_DAMAGED : answer_of(wmi, &id);
    if (entry->wmi == RSOP_WMI_GIVEN_FALSE || entry->wmi == RSOP_WMI_ASSUMED_FALSE ||
        entry->wmi == RSOP_WMI_DAMAGED)
        entry->reasons |= RSOP_WMI_FALSE;
}

void rsop_judge(struct rsop_entry *entry, enum rsop_side side,
                const struct rsop_directory *directory, const struct rsop_request *request)
{
    static const uint32_t off[RSOP_SIDES] = {[RSOP_USER] = 1, [RSOP_COMPUTER] = 2};
    const struct gpo *gpo = entry->gpo ? entry->gpo->gpo : NULL;
    if (!gpo) {
        bool missing = !entry->gpo || entry->gpo->missing;
        entry->reasons |= missing ? RSOP_MISSING : RSOP_UNREADABLE;
        return;
    }
    const struct gpo_version *version = side == RSOP_USER ? &gpo->user : &gpo->machine;
    if (gpo->functionality != FUNCTIONALITY_VERSION)
        entry->reasons |= RSOP_VERSION;
    if (gpo->options & off[side])
        entry->reasons |= RSOP_SIDE_DISABLED;
    if (!version->ds)
        entry->reasons |= RSOP_EMPTY;
    judge_access(entry, gpo, &request->subjects[RSOP_COMPUTER].token,
                 &request->subjects[side].token);
    judge_wmi(entry, gpo, &request->subjects[side].wmi, directory);
}
