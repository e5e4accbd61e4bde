/*
 * test_rsop_topology.c - scenarios whose outcome was recorded on Windows clients
 * (samples/rsop-topology): each is built as a real domain, planned, and compared: what applies,
 * what does not and why, and which value of each setting wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cleanup.h"
#include "rsop_lab.h"
#include "samples.h"

struct tally {
    size_t scenarios, applied, denied, winners, absent;
};

struct scene {
    const char *path;
    json_t *topology;
    json_t *expected;
    struct lab lab;
    struct lab_plan plan;
    struct tally *tally;
};

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- build ----------------------------------------------------------------------------------- */

static void build_soms(struct scene *scene)
{
    json_t *som;
    size_t i;
    json_array_foreach(json_object_get(scene->topology, "som"), i, som)
    {
        const char *kind = string_of(som, "kind");
        if (strcmp(kind, "site") == 0)
            lab_site(&scene->lab, string_of(som, "id"));
        else if (strcmp(kind, "ou") == 0)
            lab_ou(&scene->lab, string_of(som, "id"), string_of(som, "parent"),
                   json_is_true(json_object_get(som, "block_inheritance")));
        else
            assert_string_equal(kind, "domain");
    }
}

/* "LabUser1 in ou-studio-filter": the word behind " in ", or the domain. */
static const char *place_of(const struct scene *scene, const char *who)
{
    const char *text = string_of(json_object_get(scene->topology, "target"), who);
    const char *in = strstr(text, " in ");
    return in ? in + 4 : "domain";
}

/* "LabComp1$" is an account, "studio test computer" is anybody. */
static bool is_account(const struct scene *scene, const char *name)
{
    json_t *principal;
    size_t i;
    json_array_foreach(json_object_get(scene->topology, "principals"), i,
                       principal) if (strcmp(string_of(principal, "name"), name) == 0) return true;
    return false;
}

static void name_of(const struct scene *scene, const char *who, char name[64])
{
    const char *text = string_of(json_object_get(scene->topology, "target"), who);
    snprintf(name, 64, "%.*s", (int)strcspn(text, " "), text);
    if (!is_account(scene, name))
        snprintf(name, 64, "Any%s", who);
}

static void build_accounts(struct scene *scene)
{
    json_t *principal, *member;
    size_t i, k;
    json_array_foreach(json_object_get(scene->topology, "principals"), i, principal)
    {
        char name[64];
        const char *kind = string_of(principal, "kind");
        const char *place = place_of(scene, strcmp(kind, "computer") == 0 ? "computer" : "user");
        snprintf(name, sizeof name, "%.*s", (int)strcspn(string_of(principal, "name"), "$"),
                 string_of(principal, "name"));
        lab_account(&scene->lab, kind, name, place);
        json_array_foreach(json_object_get(principal, "members"), k, member)
            lab_member(&scene->lab, json_string_value(member), place_of(scene, "user"));
    }
    static const char *const sides[] = {"computer", "user"};
    for (int side = 0; side < 2; side++) {
        char name[64];
        name_of(scene, sides[side], name);
        if (!is_account(scene, name))
            lab_account(&scene->lab, sides[side], name, place_of(scene, sides[side]));
    }
}

/* Principals are the first accounts of the lab, in their order. */
static int rid_of(const struct scene *scene, const char *name)
{
    json_t *principal;
    size_t i;
    json_array_foreach(json_object_get(scene->topology, "principals"), i,
                       principal) if (strcmp(string_of(principal, "name"), name) == 0) return 1101 +
        (int)i;
    fail_msg("no principal %s", name);
    return 0;
}

static bool says(const json_t *filter, const char *right, const char *what)
{
    const char *text = string_of(filter, right);
    return text && strcmp(text, what) == 0;
}

/* Denials first, as Windows orders them. */
static void put_aces(const struct scene *scene, const json_t *gpo, bool denials, struct bytes *sddl)
{
    json_t *filter;
    size_t i;
    json_array_foreach(json_object_get(gpo, "filter"), i, filter)
    {
        int rid = rid_of(scene, string_of(filter, "principal"));
        if (denials && says(filter, "apply", "deny"))
            bytes_format(sddl, "(OD;CI;CR;" LAB_APPLY ";;" LAB_SID "-%d)", rid);
        if (!denials && says(filter, "apply", "allow"))
            bytes_format(sddl, "(OA;CI;CR;" LAB_APPLY ";;" LAB_SID "-%d)", rid);
        if (!denials && says(filter, "read", "allow"))
            bytes_format(sddl, "(A;CI;LCRPLORC;;;" LAB_SID "-%d)", rid);
    }
}

/* A value that a winner names below HKCU belongs to the user's side. */
static enum rsop_side side_of(const struct scene *scene, const char *value)
{
    json_t *winner;
    size_t i;
    json_array_foreach(json_object_get(scene->expected, "winners"), i, winner)
    {
        const char *key = string_of(winner, "key"), *last = strrchr(key, '\\') + 1;
        if (strcmp(last, value) == 0)
            return strncmp(key, "HKCU", 4) == 0 ? RSOP_USER : RSOP_COMPUTER;
    }
    return RSOP_COMPUTER;
}

static void build_gpo(struct scene *scene, const json_t *described)
{
    CLEANUP(bytes_free) struct bytes sddl = {0};
    struct lab_gpo *gpo = lab_gpo(&scene->lab, string_of(described, "name"));
    json_t *value;
    const char *name;
    json_object_foreach(json_object_get(described, "sets"), name, value)
        lab_set(gpo, side_of(scene, name), name, json_string_value(value));
    json_object_foreach(json_object_get(described, "sets_user"), name, value)
        lab_set(gpo, RSOP_USER, name, json_string_value(value));
    gpo->options = json_is_false(json_object_get(described, "user_enabled")) ? 1 : 0;
    if (!json_object_get(described, "filter"))
        return;
    bytes_put_text(&sddl, "D:PAI");
    put_aces(scene, described, true, &sddl);
    put_aces(scene, described, false, &sddl);
    bytes_put_text(&sddl, &LAB_READ_ONLY[strlen("D:PAI")]);
    lab_security(gpo, (char *)sddl.at);
}

static void build(struct scene *scene)
{
    json_t *gpo, *link;
    size_t i;
    build_soms(scene);
    build_accounts(scene);
    json_array_foreach(json_object_get(scene->topology, "gpos"), i, gpo) build_gpo(scene, gpo);
    json_array_foreach(json_object_get(scene->topology, "links"), i, link)
        lab_link(&scene->lab, string_of(link, "som"), string_of(link, "gpo"),
                 (int)json_integer_value(json_object_get(link, "order")),
                 json_is_true(json_object_get(link, "enabled")),
                 json_is_true(json_object_get(link, "enforced")));
    lab_build(&scene->lab);
}

static void plan(struct scene *scene)
{
    const struct rsop_conditions conditions = {0};
    struct rsop_ask ask = {0};
    char computer[64], user[64];
    name_of(scene, "computer", computer);
    name_of(scene, "user", user);
    ask.subjects[RSOP_COMPUTER].account = computer;
    ask.subjects[RSOP_USER].account = user;
    for (int i = 0; i < scene->lab.som_count; i++)
        if (scene->lab.soms[i].site)
            ask.site = scene->lab.soms[i].name;
    lab_merge(&scene->lab, &ask, &conditions, &scene->plan);
}

/* ---- compare --------------------------------------------------------------------------------- */

/* Whether the GPO applies on some side. */
static bool applies(const struct scene *scene, const char *gpo)
{
    for (int side = 0; side < RSOP_SIDES; side++) {
        const struct rsop_entry *entry = lab_entry(&scene->plan, (enum rsop_side)side, gpo);
        if (entry && entry->applied_order)
            return true;
    }
    return false;
}

static bool is_expected(const struct scene *scene, const char *gpo)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(scene->expected, "applied"), i,
                       one) if (strcmp(json_string_value(one), gpo) == 0) return true;
    json_array_foreach(json_object_get(scene->expected, "winners"), i,
                       one) if (string_of(one, "source_gpo") &&
                                strcmp(string_of(one, "source_gpo"), gpo) == 0) return true;
    return false;
}

static void compare_applied(struct scene *scene)
{
    for (int i = 0; i < scene->lab.gpo_count; i++) {
        const char *name = scene->lab.gpos[i].name;
        if (applies(scene, name) != is_expected(scene, name))
            fail_msg("%s: %s %s", scene->path, name, applies(scene, name) ? "applies" : "does not");
        scene->tally->applied += applies(scene, name);
    }
}

static const struct {
    const char *start; /* of the recorded reason */
    unsigned reason;
} reasons[] = {
    {"blocked by inheritance", RSOP_BLOCKED},
    {"link disabled", RSOP_LINK_DISABLED},
    {"filtering: principal lacks", RSOP_APPLY_ABSENT},
    {"filtering: explicit deny", RSOP_APPLY_DENIED},
};

static unsigned reason_of(const char *text)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strncmp(text, reasons[i].start, strlen(reasons[i].start)) == 0)
            return reasons[i].reason;
    fail_msg("an unknown reason: %s", text);
    return 0;
}

/* Denied on both sides, and on one of them for the recorded reason and no other. */
static void compare_denied(struct scene *scene)
{
    json_t *denied;
    size_t i;
    json_array_foreach(json_object_get(scene->expected, "denied"), i, denied)
    {
        const char *name = string_of(denied, "gpo");
        unsigned reason = reason_of(string_of(denied, "reason")), found = 0;
        for (int side = 0; side < RSOP_SIDES; side++) {
            const struct rsop_entry *entry = lab_entry(&scene->plan, (enum rsop_side)side, name);
            assert_non_null(entry);
            assert_int_not_equal(entry->reasons, 0);
            found += entry->reasons == reason;
        }
        if (!found)
            fail_msg("%s: %s is not denied because %s", scene->path, name,
                     string_of(denied, "reason"));
        scene->tally->denied++;
    }
}

static const struct rsop_value *winner_of(const struct scene *scene, const char *key,
                                          enum rsop_side side)
{
    const struct rsop_setting *setting = lab_setting(&scene->plan, side, strchr(key, '\\') + 1);
    return setting && setting->values[0].standing == RSOP_WINS ? &setting->values[0] : NULL;
}

static void compare_winner(struct scene *scene, const json_t *expected)
{
    const char *key = string_of(expected, "key"), *absent = string_of(expected, "value_absent_for");
    enum rsop_side side = strncmp(key, "HKCU", 4) == 0 ? RSOP_USER : RSOP_COMPUTER;
    if (absent || json_is_true(json_object_get(expected, "absent"))) {
        if (absent)
            side = strstr(absent, "computer") ? RSOP_COMPUTER : RSOP_USER;
        assert_null(winner_of(scene, key, side));
        scene->tally->absent++;
        return;
    }
    const struct rsop_value *winner = winner_of(scene, key, side);
    if (!winner)
        fail_msg("%s: nothing sets %s", scene->path, key);
    const struct xml_element *value = xml_child(winner->setting->element, "Value");
    assert_string_equal(xml_child_text(value, "String"), string_of(expected, "value"));
    assert_string_equal(winner->entry->gpo->gpo->display_name, string_of(expected, "source_gpo"));
    scene->tally->winners++;
}

static void judge(void *arg, const char *path, const char *bytes, size_t size)
{
    struct tally *tally = arg;
    json_t *root = json_loadb(bytes, size, 0, NULL), *winner;
    const char *family = string_of(root, "family");
    size_t i;
    if (!family || strcmp(family, "rsop-topology") != 0) {
        json_decref(root);
        return;
    }
    struct scene *scene = calloc(1, sizeof *scene);
    *scene = (struct scene){.path = path, .tally = tally};
    scene->topology = json_object_get(json_object_get(root, "authored_intent"), "topology");
    scene->expected = json_object_get(root, "expected_native");
    lab_begin(&scene->lab);
    build(scene);
    plan(scene);
    if (json_object_get(scene->expected, "applied"))
        compare_applied(scene);
    compare_denied(scene);
    json_array_foreach(json_object_get(scene->expected, "winners"), i, winner)
        compare_winner(scene, winner);
    tally->scenarios++;
    lab_plan_free(&scene->plan);
    lab_end(&scene->lab);
    free(scene);
    json_decref(root);
}

static void recorded_scenarios_have_their_recorded_outcomes(void **state)
{
    struct tally tally = {0};
    (void)state;
    if (!samples_each(".json", judge, &tally))
        skip();
    print_message("%zu scenarios: %zu GPOs that apply, %zu that do not with their reasons, %zu "
                  "winning values, %zu values absent\n",
                  tally.scenarios, tally.applied, tally.denied, tally.winners, tally.absent);
    assert_int_equal(tally.scenarios, 4);
    assert_int_equal(tally.denied, 4);
    assert_int_equal(tally.absent, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_scenarios_have_their_recorded_outcomes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
