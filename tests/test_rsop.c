/* test_rsop.c - which GPOs apply, in which order, and why others do not. The scenarios are ours;
 * those that were recorded on Windows are in test_rsop_topology.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "rsop_lab.h"

/* The usual lab: Top above Mid above Low (users) and Desk (computers); a group that Ada is in
 * through another; GPOs are added by each test. */
static int set_up(void **state)
{
    struct lab *lab = malloc(sizeof *lab);
    lab_begin(lab);
    lab_site(lab, "Here");
    lab_ou(lab, "Top", "domain", false);
    lab_ou(lab, "Mid", "Top", false);
    lab_ou(lab, "Low", "Mid", false);
    lab_ou(lab, "Desk", "Top", false);
    lab_account(lab, "user", "Ada", "Low");
    lab_account(lab, "computer", "PC1", "Desk");
    lab_account(lab, "group", "Inner", "Low");
    lab_member(lab, "Ada", "Low");
    lab_account(lab, "group", "Outer", "Low");
    lab_member(lab, "Inner", "Low");
    lab_account(lab, "group", "Machines", "Desk");
    lab_member(lab, "PC1", "Desk");
    *state = lab;
    return 0;
}

static int tear_down(void **state)
{
    lab_end(*state);
    free(*state);
    return 0;
}

#define OUTER    LAB_SID "-1104" /* the fourth account of set_up() */
#define MACHINES LAB_SID "-1105"
#define PC1      LAB_SID "-1102"
#define ADA      LAB_SID "-1101"

static struct rsop_ask ask_for(const char *computer, const char *user)
{
    struct rsop_ask ask = {0};
    ask.subjects[RSOP_COMPUTER].account = computer;
    ask.subjects[RSOP_USER].account = user;
    ask.subjects[RSOP_COMPUTER].wmi.otherwise = ask.subjects[RSOP_USER].wmi.otherwise = true;
    return ask;
}

static void expect_applied(struct lab *lab, const struct rsop_ask *ask, enum rsop_side side,
                           const char *names)
{
    struct lab_plan plan;
    lab_plan(lab, ask, &plan);
    CLEANUP(free_pointer) char *applied = lab_applied(&plan, side);
    assert_string_equal(applied, names);
    lab_plan_free(&plan);
}

static unsigned reasons_of(struct lab *lab, const struct rsop_ask *ask, enum rsop_side side,
                           const char *gpo)
{
    struct lab_plan plan;
    lab_plan(lab, ask, &plan);
    const struct rsop_entry *entry = lab_entry(&plan, side, gpo);
    if (!entry)
        fail_msg("%s is not in the list", gpo);
    unsigned reasons = entry->reasons;
    lab_plan_free(&plan);
    return reasons;
}

/* GPOs of these names, each linked to the SOM behind the '@': "a@domain b@Top!"; '!' enforces. */
static void link_all(struct lab *lab, const char *text)
{
    while (*text) {
        char name[64], som[64];
        size_t name_length = strcspn(text, "@"), length = strcspn(text, " ");
        bool enforced = text[length - 1] == '!';
        snprintf(name, sizeof name, "%.*s", (int)name_length, text);
        snprintf(som, sizeof som, "%.*s", (int)(length - name_length - 1 - enforced),
                 text + name_length + 1);
        lab_gpo(lab, name);
        lab_link_last(lab, som, name, enforced);
        text += length + (text[length] == ' ');
    }
}

static void the_nearest_som_wins_and_in_it_the_first_link(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    link_all(lab, "d1@domain d2@domain t1@Top m1@Mid m2@Mid l1@Low s1@Here k1@Desk");
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "d2 d1 t1 m2 m1 l1");
    expect_applied(lab, &ask, RSOP_COMPUTER, "d2 d1 t1 k1");
    ask.site = "here";
    expect_applied(lab, &ask, RSOP_USER, "s1 d2 d1 t1 m2 m1 l1");
    expect_applied(lab, &ask, RSOP_COMPUTER, "s1 d2 d1 t1 k1");
}

static void an_enforced_link_beats_all_others_and_the_highest_one_beats_the_rest(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    link_all(lab, "d1@domain! d2@domain! d3@domain t1@Top! m1@Mid l1@Low! s1@Here!");
    lab_build(lab);
    ask.site = "Here";
    expect_applied(lab, &ask, RSOP_USER, "d3 m1 l1 t1 d2 d1 s1");
}

static void a_block_keeps_what_is_above_it_but_not_what_is_enforced(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct lab_plan plan;
    lab->soms[3].blocks = true; /* Mid */
    link_all(lab, "s1@Here s2@Here! d1@domain d2@domain! t1@Top m1@Mid l1@Low");
    lab_build(lab);
    ask.site = "Here";
    expect_applied(lab, &ask, RSOP_USER, "m1 l1 d2 s2");
    expect_applied(lab, &ask, RSOP_COMPUTER, "s1 d1 t1 d2 s2");
    lab_plan(lab, &ask, &plan);
    const struct rsop_entry *blocked = lab_entry(&plan, RSOP_USER, "d1");
    assert_int_equal(blocked->reasons, RSOP_BLOCKED);
    assert_string_equal(blocked->blocked_by->name, "Mid");
    const struct rsop_list *list = &plan.plan.sides[RSOP_USER];
    assert_int_equal(list->searched_count, 5);
    for (size_t i = 0; i < list->searched_count; i++) {
        static const char *const names[] = {"Here", "studio", "Top", "Mid", "Low"};
        assert_string_equal(list->searched[i].som->name, names[i]);
        assert_int_equal(list->searched[i].order, i + 2);
        assert_int_equal(list->searched[i].blocked, i < 3);
    }
    lab_plan_free(&plan);
}

static void a_disabled_link_does_nothing_even_enforced(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    lab_gpo(lab, "off");
    lab_link(lab, "Low", "off", 1, false, true);
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "");
    assert_int_equal(reasons_of(lab, &ask, RSOP_USER, "off"), RSOP_LINK_DISABLED);
}

static void a_disabled_side_disables_that_side_alone(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    lab_gpo(lab, "u")->options = 1;
    lab_gpo(lab, "c")->options = 2;
    lab_gpo(lab, "both")->options = 3;
    lab_link_last(lab, "Top", "u", false);
    lab_link_last(lab, "Top", "c", false);
    lab_link_last(lab, "Top", "both", false);
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "c");
    expect_applied(lab, &ask, RSOP_COMPUTER, "u");
    assert_int_equal(reasons_of(lab, &ask, RSOP_USER, "both"), RSOP_SIDE_DISABLED);
}

static void add_filtered(struct lab *lab, const char *name, const char *aces)
{
    char sddl[1024];
    snprintf(sddl, sizeof sddl, "D:%s%s", aces, &LAB_READ_ONLY[strlen("D:PAI")]);
    lab_security(lab_gpo(lab, name), sddl);
    lab_link_last(lab, "Top", name, false);
}

static void the_right_to_apply_is_judged_by_the_targets_own_token(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct lab_plan plan;
    char text[SID_TEXT_SIZE];
    add_filtered(lab, "nobody", "");
    add_filtered(lab, "nested", "(OA;;CR;" LAB_APPLY ";;" OUTER ")");
    add_filtered(lab, "machines", "(OA;;CR;" LAB_APPLY ";;" MACHINES ")");
    add_filtered(lab, "denied", "(OD;;CR;" LAB_APPLY ";;" OUTER ")(OA;;CR;" LAB_APPLY ";;AU)");
    add_filtered(lab, "full", "(A;;GA;;;" ADA ")");
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "full nested");
    expect_applied(lab, &ask, RSOP_COMPUTER, "denied machines");
    assert_int_equal(reasons_of(lab, &ask, RSOP_USER, "nobody"), RSOP_APPLY_ABSENT);
    lab_plan(lab, &ask, &plan);
    const struct rsop_entry *denied = lab_entry(&plan, RSOP_USER, "denied");
    assert_int_equal(denied->reasons, RSOP_APPLY_DENIED);
    assert_string_equal(sid_text(&denied->denied_by, text), OUTER);
    lab_plan_free(&plan);
}

/* MS16-072: GPOs are read by the computer, also those of a user. */
static void a_gpo_that_the_computer_may_not_read_applies_to_neither(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    const char *apply = "(OA;;CR;" LAB_APPLY ";;AU)";
    char aces[512];
    snprintf(aces, sizeof aces, "(D;;RP;;;" PC1 ")%s", apply);
    add_filtered(lab, "computer", aces);
    snprintf(aces, sizeof aces, "(D;;RP;;;" ADA ")%s", apply);
    add_filtered(lab, "user", aces);
    lab_security(lab_gpo(lab, "only-ada"), "D:(A;;GA;;;" ADA ")");
    lab_link_last(lab, "Top", "only-ada", false);
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "user");
    expect_applied(lab, &ask, RSOP_COMPUTER, "user");
    assert_int_equal(reasons_of(lab, &ask, RSOP_USER, "computer"), RSOP_READ_DENIED);
    assert_int_equal(reasons_of(lab, &ask, RSOP_USER, "only-ada"), RSOP_READ_DENIED);
}

static void groups_can_be_replaced(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    static const char *const outer[] = {"STUDIO\\Machines"};
    add_filtered(lab, "nested", "(OA;;CR;" LAB_APPLY ";;" OUTER ")");
    add_filtered(lab, "machines", "(OA;;CR;" LAB_APPLY ";;" MACHINES ")");
    add_filtered(lab, "everyone", "(OA;;CR;" LAB_APPLY ";;WD)");
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "everyone nested");
    ask.subjects[RSOP_USER].replace_groups = true;
    expect_applied(lab, &ask, RSOP_USER, "everyone");
    ask.subjects[RSOP_USER].groups = outer;
    ask.subjects[RSOP_USER].group_count = 1;
    expect_applied(lab, &ask, RSOP_USER, "everyone machines");
}

static void containers_stand_for_somebody_in_them(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for(NULL, NULL);
    char elsewhere[LAB_DN_SIZE + 16];
    link_all(lab, "d1@domain t1@Top l1@Low k1@Desk");
    add_filtered(lab, "ada", "(OA;;CR;" LAB_APPLY ";;" ADA ")");
    lab_build(lab);
    ask.subjects[RSOP_COMPUTER].container = lab_dn(lab, "Desk");
    expect_applied(lab, &ask, RSOP_COMPUTER, "d1 t1 k1");
    expect_applied(lab, &ask, RSOP_USER, "");
    ask.subjects[RSOP_USER].container = "CN=Users," LAB_DN; /* no SOM: the domain is */
    expect_applied(lab, &ask, RSOP_USER, "d1");
    ask.subjects[RSOP_USER].account = "Ada";
    ask.subjects[RSOP_USER].container = lab_dn(lab, "Desk"); /* as if Ada were moved there */
    expect_applied(lab, &ask, RSOP_USER, "d1 ada t1 k1");
    snprintf(elsewhere, sizeof elsewhere, "CN=x,%s", lab_dn(lab, "Top"));
    ask.subjects[RSOP_USER].container = elsewhere;
    expect_applied(lab, &ask, RSOP_USER, "d1 ada t1");
}

static void loopback_takes_the_users_gpos_from_the_computers_place(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    link_all(lab, "d1@domain l1@Low! k1@Desk k2@Desk!");
    add_filtered(lab, "ada", "(OA;;CR;" LAB_APPLY ";;" ADA ")");
    add_filtered(lab, "pc", "(OA;;CR;" LAB_APPLY ";;" PC1 ")");
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "d1 ada l1");
    ask.loopback = RSOP_LOOPBACK_REPLACE;
    expect_applied(lab, &ask, RSOP_USER, "d1 ada k1 k2"); /* filtered by the user's token */
    expect_applied(lab, &ask, RSOP_COMPUTER, "d1 pc k1 k2");
    ask.loopback = RSOP_LOOPBACK_MERGE; /* the computer's come last, also against enforced ones */
    expect_applied(lab, &ask, RSOP_USER, "d1 ada l1 d1 ada k1 k2");
}

static void wmi_filters_answer_what_the_caller_says(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct rsop_wmi *wmi = &ask.subjects[RSOP_USER].wmi;
    const struct gpmq_guid one = lab_filter_id("one"), two = lab_filter_id("two");
    struct lab_plan plan;
    lab_filter(lab, "one", false);
    lab_filter(lab, "two", false);
    lab_filter(lab, "odd", true);
    link_all(lab, "f0@Top f1@Top f2@Top odd@Top gone@Top");
    lab->gpos[1].filter = "one";
    lab->gpos[2].filter = "two";
    lab->gpos[3].filter = "odd";
    lab->gpos[4].filter = "three"; /* there is no such filter: [MS-GPOL] allows the GPO */
    lab_build(lab);
    expect_applied(lab, &ask, RSOP_USER, "gone f2 f1 f0");
    wmi->is_false = &one;
    wmi->false_count = 1;
    expect_applied(lab, &ask, RSOP_USER, "gone f2 f0");
    expect_applied(lab, &ask, RSOP_COMPUTER, "gone f2 f1 f0");
    wmi->otherwise = false;
    expect_applied(lab, &ask, RSOP_USER, "gone f0");
    wmi->is_true = &two;
    wmi->true_count = 1;
    lab_plan(lab, &ask, &plan);
    assert_int_equal(lab_entry(&plan, RSOP_USER, "f0")->wmi, RSOP_WMI_NONE);
    assert_int_equal(lab_entry(&plan, RSOP_USER, "f1")->wmi, RSOP_WMI_GIVEN_FALSE);
    assert_int_equal(lab_entry(&plan, RSOP_USER, "f1")->reasons, RSOP_WMI_FALSE);
    assert_int_equal(lab_entry(&plan, RSOP_USER, "f2")->wmi, RSOP_WMI_GIVEN_TRUE);
    assert_int_equal(lab_entry(&plan, RSOP_USER, "odd")->wmi, RSOP_WMI_DAMAGED);
    assert_int_equal(lab_entry(&plan, RSOP_USER, "gone")->wmi, RSOP_WMI_GONE);
    assert_int_equal(lab_entry(&plan, RSOP_COMPUTER, "f1")->wmi, RSOP_WMI_ASSUMED_TRUE);
    lab_plan_free(&plan);
}

static void a_link_to_nothing_says_so(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct lab_plan plan;
    link_all(lab, "gone@Low");
    lab->gpo_count = 0; /* linked, and never made */
    lab_build(lab);
    lab_plan(lab, &ask, &plan);
    assert_int_equal(plan.plan.sides[RSOP_USER].count, 1);
    assert_int_equal(plan.plan.sides[RSOP_USER].entries[0].reasons, RSOP_MISSING);
    lab_plan_free(&plan);
}

/* What no change of a domain can set is judged on a GPO in memory. */
static void version_and_functionality_are_judged_per_side(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct lab_plan plan;
    struct rsop_plan again;
    link_all(lab, "a@Top");
    lab_build(lab);
    lab_plan(lab, &ask, &plan);
    struct gpo *gpo = plan.knowledge.read[0];
    assert_int_equal(gpo->functionality, 2);
    gpo->user.ds = 0;
    assert_int_equal(rsop_plan(&again, &plan.knowledge.directory, &plan.knowledge.request, NULL),
                     0);
    assert_int_equal(again.sides[RSOP_USER].entries[0].reasons, RSOP_EMPTY);
    assert_int_equal(again.sides[RSOP_COMPUTER].entries[0].reasons, 0);
    rsop_plan_free(&again);
    gpo->functionality = 1;
    gpo->options = 3;
    assert_int_equal(rsop_plan(&again, &plan.knowledge.directory, &plan.knowledge.request, NULL),
                     0);
    unsigned reasons = again.sides[RSOP_USER].entries[0].reasons;
    assert_int_equal(reasons, RSOP_VERSION | RSOP_SIDE_DISABLED | RSOP_EMPTY);
    assert_string_equal(rsop_reason_word(reasons), "functionality_version");
    rsop_plan_free(&again);
    lab_plan_free(&plan);
}

static int plan_again(struct lab_plan *plan, struct rsop_plan *out)
{
    return rsop_plan(out, &plan->knowledge.directory, &plan->knowledge.request, NULL);
}

static void damaged_links_on_the_way_end_it_and_elsewhere_do_not_matter(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for(NULL, "Ada");
    struct lab_plan plan;
    struct rsop_plan again;
    link_all(lab, "a@Top");
    lab_build(lab);
    lab_plan(lab, &ask, &plan);
    struct domain_soms *soms = &plan.knowledge.soms;
    for (size_t i = 0; i < soms->count; i++) {
        struct domain_som *som = &soms->items[i];
        bool elsewhere = som->type == DOMAIN_SOM_SITE || strcmp(som->name, "Desk") == 0;
        som->damage = strdup("damaged gPLink");
        assert_int_equal(plan_again(&plan, &again), elsewhere ? 0 : GPMQ_EDAMAGED);
        if (elsewhere)
            rsop_plan_free(&again);
        free_pointer(&som->damage);
    }
    lab_plan_free(&plan);
}

static void a_gpo_that_cannot_be_read_says_why_and_stops_nothing(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct lab_plan plan;
    char name[128], guid[GPMQ_GUID_TEXT_SIZE];
    link_all(lab, "a@Top b@Low");
    lab_build(lab);
    struct gpmq_guid id = lab_gpo_id(lab, "a");
    snprintf(name, sizeof name, "domain/Policies/%s.ldif", gpmq_guid_text(&id, guid));
    scratch_write(&lab->scratch, name, "x", 1);
    lab_plan(lab, &ask, &plan);
    const struct rsop_list *list = &plan.plan.sides[RSOP_USER];
    assert_int_equal(list->count, 2);
    assert_int_equal(list->entries[0].reasons, RSOP_UNREADABLE);
    assert_non_null(strstr(list->entries[0].gpo->damage, guid));
    assert_int_equal(list->entries[1].applied_order, 1);
    lab_plan_free(&plan);
}

static void without_a_descriptor_everybody_may_apply_a_gpo_and_that_is_told(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for("PC1", "Ada");
    struct lab_plan plan;
    struct rsop_plan again;
    add_filtered(lab, "nobody", "");
    lab_build(lab);
    lab_plan(lab, &ask, &plan);
    struct gpo *gpo = plan.knowledge.read[0];
    free_pointer(&gpo->security_descriptor);
    assert_int_equal(plan_again(&plan, &again), 0);
    assert_int_equal(again.sides[RSOP_USER].entries[0].reasons, 0);
    assert_true(again.sides[RSOP_USER].entries[0].no_descriptor);
    rsop_plan_free(&again);
    lab_plan_free(&plan);
}

static void what_cannot_be_planned_is_refused(void **state)
{
    struct lab *lab = *state;
    struct rsop_knowledge knowledge;
    struct rsop_plan plan;
    struct rsop_ask ask = ask_for(NULL, NULL);
    lab_build(lab);
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), 0);
    assert_int_equal(rsop_plan(&plan, &knowledge.directory, &knowledge.request, NULL), GPMQ_EINVAL);
    rsop_knowledge_free(&knowledge);
    ask = ask_for(NULL, "Ada");
    ask.loopback = RSOP_LOOPBACK_MERGE;
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), 0);
    assert_int_equal(rsop_plan(&plan, &knowledge.directory, &knowledge.request, NULL), GPMQ_EINVAL);
    rsop_knowledge_free(&knowledge);
    ask = ask_for(NULL, NULL);
    ask.subjects[RSOP_USER].container = "OU=Nowhere," LAB_DN;
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), 0);
    assert_int_equal(rsop_plan(&plan, &knowledge.directory, &knowledge.request, NULL),
                     GPMQ_ENOTFOUND);
    knowledge.request.subjects[RSOP_USER].dn = "DC=other,DC=test";
    assert_int_equal(rsop_plan(&plan, &knowledge.directory, &knowledge.request, NULL), GPMQ_EINVAL);
    rsop_knowledge_free(&knowledge);
    ask = ask_for("Ada", NULL);
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), GPMQ_EINVAL);
    ask = ask_for("PC1", "nobody");
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), GPMQ_ENOTFOUND);
    ask = ask_for("PC1", "Ada");
    ask.site = "Nowhere";
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), GPMQ_ENOTFOUND);
}

static void what_was_assumed_is_told(void **state)
{
    struct lab *lab = *state;
    struct rsop_ask ask = ask_for(NULL, "Ada");
    struct lab_plan plan;
    lab_build(lab);
    lab_plan(lab, &ask, &plan);
    assert_int_equal(plan.knowledge.notes.count, 2);
    assert_non_null(strstr(plan.knowledge.notes.items[0], "No computer"));
    assert_non_null(strstr(plan.knowledge.notes.items[1], "No site"));
    lab_plan_free(&plan);
}

static void groups_and_notes_have_a_limit(void **state)
{
    static const char *groups[RSOP_GROUPS_MAX + 1];
    struct lab *lab = *state;
    struct rsop_knowledge knowledge;
    struct rsop_notes notes = {0};
    struct rsop_ask ask = ask_for("PC1", "Ada");
    for (size_t i = 0; i <= RSOP_GROUPS_MAX; i++)
        groups[i] = "S-1-1-0";
    lab_build(lab);
    ask.subjects[RSOP_USER].replace_groups = true;
    ask.subjects[RSOP_USER].groups = groups;
    ask.subjects[RSOP_USER].group_count = RSOP_GROUPS_MAX + 1;
    assert_int_equal(rsop_gather(&knowledge, lab->domain, &ask, NULL), GPMQ_ETOOBIG);
    for (int i = 0; i < RSOP_NOTES_MAX + 9; i++)
        assert_int_equal(rsop_note(&notes, NULL, "%d", i), 0);
    assert_int_equal(notes.count, RSOP_NOTES_MAX);
    rsop_notes_free(&notes);
}

/* Whatever is linked where: each link is in the list once, applied orders count up, a link that
 * applies has no reason, and whatever is enforced comes behind all that is not. */
static void every_random_tree_keeps_the_rules(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++) {
        void *fresh = NULL;
        uint32_t random = seed * 2654435761u;
        assert_int_equal(set_up(&fresh), 0);
        struct lab *lab = fresh;
        struct rsop_ask ask = ask_for("PC1", "Ada");
        struct lab_plan plan;
        for (int i = 0; i < 12; i++) {
            char name[8];
            snprintf(name, sizeof name, "g%d", i);
            lab_gpo(lab, name)->options = (random >> 3) % 8 == 0;
            random = random * 1664525 + 1013904223;
            lab_link_last(lab, lab->soms[(random >> 8) % 6].name, name, (random >> 16) % 3 == 0);
            lab->links[i].enabled = (random >> 20) % 5;
        }
        lab->soms[2 + (random >> 5) % 4].blocks = true;
        lab_build(lab);
        ask.site = "Here";
        ask.loopback = (enum rsop_loopback)(seed % 3);
        lab_plan(lab, &ask, &plan);
        for (int side = 0; side < RSOP_SIDES; side++) {
            const struct rsop_list *list = &plan.plan.sides[side];
            unsigned applied = 0;
            for (size_t i = 0; i < list->count; i++) {
                const struct rsop_entry *entry = &list->entries[i];
                assert_int_equal(entry->link_order, i + 1);
                assert_int_equal(entry->applied_order != 0, entry->reasons == 0);
                applied += entry->reasons == 0;
                if (entry->applied_order)
                    assert_int_equal(entry->applied_order, applied);
                if (entry->reasons & RSOP_BLOCKED)
                    assert_false(entry->link->enforced);
                const struct rsop_entry *before = i ? entry - 1 : NULL;
                if (before && before->loopback == entry->loopback && before->link->enforced)
                    assert_true(entry->link->enforced);
            }
        }
        lab_plan_free(&plan);
        tear_down(&fresh);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_nearest_som_wins_and_in_it_the_first_link),
        TEST(an_enforced_link_beats_all_others_and_the_highest_one_beats_the_rest),
        TEST(a_block_keeps_what_is_above_it_but_not_what_is_enforced),
        TEST(a_disabled_link_does_nothing_even_enforced),
        TEST(a_disabled_side_disables_that_side_alone),
        TEST(the_right_to_apply_is_judged_by_the_targets_own_token),
        TEST(a_gpo_that_the_computer_may_not_read_applies_to_neither),
        TEST(groups_can_be_replaced),
        TEST(containers_stand_for_somebody_in_them),
        TEST(loopback_takes_the_users_gpos_from_the_computers_place),
        TEST(wmi_filters_answer_what_the_caller_says),
        TEST(a_link_to_nothing_says_so),
        TEST(version_and_functionality_are_judged_per_side),
        TEST(damaged_links_on_the_way_end_it_and_elsewhere_do_not_matter),
        TEST(a_gpo_that_cannot_be_read_says_why_and_stops_nothing),
        TEST(without_a_descriptor_everybody_may_apply_a_gpo_and_that_is_told),
        TEST(what_cannot_be_planned_is_refused),
        TEST(what_was_assumed_is_told),
        TEST(groups_and_notes_have_a_limit),
        cmocka_unit_test(every_random_tree_keeps_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
