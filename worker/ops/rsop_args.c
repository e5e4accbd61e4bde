/* rsop_args.c - the args of gpo.rsop. */
#include "rsop_args.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

static const char *const side_words[RSOP_SIDES] = {"computer", "user"};
static const char *const answers[2] = {"false", "true"};

void rsop_args_free(struct rsop_args *args)
{
    for (int side = 0; side < RSOP_SIDES; side++)
        for (int answer = 0; answer < 2; answer++)
            free(args->filters[side][answer]);
    json_decref(args->json);
    *args = (struct rsop_args){0};
}

/* ---- members --------------------------------------------------------------------------------- */

/* A text, not empty; NULL stays what it was. */
static int take_text(const json_t *json, const char *name, const char **out, struct gpmq_error *err)
{
    const json_t *value = json_object_get(json, name);
    if (!value)
        return 0;
    if (!json_is_string(value) || !*json_string_value(value))
        return fail(err, GPMQ_EINVAL, "args: '%s' is no text", name);
    *out = json_string_value(value);
    return 0;
}

static int take_side_text(const json_t *json, enum rsop_side side, const char *suffix,
                          const char **out, struct gpmq_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", side_words[side], suffix);
    return take_text(json, name, out, err);
}

static int take_groups(struct rsop_args *args, enum rsop_side side, struct gpmq_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s_groups", side_words[side]);
    const json_t *list = json_object_get(args->json, name);
    struct rsop_ask_subject *subject = &args->ask.subjects[side];
    if (!list)
        return 0;
    if (!json_is_array(list))
        return fail(err, GPMQ_EINVAL, "args: '%s' is no list", name);
    if (json_array_size(list) > RSOP_GROUPS_MAX)
        return fail(err, GPMQ_EINVAL, "args: '%s' has more than %d groups", name, RSOP_GROUPS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        args->groups[side][i] = json_string_value(json_array_get(list, i));
        if (!args->groups[side][i])
            return fail(err, GPMQ_EINVAL, "args: '%s' holds what is no text", name);
    }
    subject->replace_groups = true;
    subject->group_count = json_array_size(list);
    subject->groups = args->groups[side];
    return 0;
}

/* {"true": "all" or list, "false": list} */
static int check_answers(const json_t *wmi, const char *name, struct gpmq_error *err)
{
    const char *key;
    json_t *list;
    if (!json_is_object(wmi))
        return fail(err, GPMQ_EINVAL, "args: '%s' is no object", name);
    json_object_foreach((json_t *)wmi, key, list)
    {
        bool all = strcmp(key, "true") == 0 && json_is_string(list) &&
                   strcmp(json_string_value(list), "all") == 0;
        if (strcmp(key, "true") != 0 && strcmp(key, "false") != 0)
            return fail(err, GPMQ_EINVAL, "args: '%s' has no '%s'", name, key);
        if (!all && !json_is_array(list))
            return fail(err, GPMQ_EINVAL, "args: '%s' in '%s' is no list", key, name);
        for (size_t i = 0; !all && i < json_array_size(list); i++)
            if (!json_is_string(json_array_get(list, i)))
                return fail(err, GPMQ_EINVAL, "args: '%s' in '%s' holds what is no text", key,
                            name);
        if (!all && json_array_size(list) > RSOP_FILTERS_MAX)
            return fail(err, GPMQ_EINVAL, "args: '%s' in '%s' has more than %d filters", key, name,
                        RSOP_FILTERS_MAX);
    }
    return 0;
}

static int take_wmi(struct rsop_args *args, enum rsop_side side, struct gpmq_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s_wmi", side_words[side]);
    const json_t *own = json_object_get(args->json, name);
    const json_t *wmi = own ? own : json_object_get(args->json, "wmi");
    struct rsop_wmi *out = &args->ask.subjects[side].wmi;
    int rc = wmi ? check_answers(wmi, own ? name : "wmi", err) : 0;
    args->wmi[side] = wmi;
    out->otherwise = !json_is_array(json_object_get(wmi, "true"));
    return rc;
}

static int take_side(struct rsop_args *args, enum rsop_side side, struct gpmq_error *err)
{
    struct rsop_ask_subject *subject = &args->ask.subjects[side];
    int rc = take_side_text(args->json, side, "", &subject->account, err);
    if (!rc)
        rc = take_side_text(args->json, side, "_container", &subject->container, err);
    if (!rc)
        rc = take_groups(args, side, err);
    return rc ? rc : take_wmi(args, side, err);
}

static int take_word(const json_t *json, const char *name, const char *const *words, size_t count,
                     int *out, struct gpmq_error *err)
{
    const char *text = NULL;
    int rc = take_text(json, name, &text, err);
    if (rc || !text)
        return rc;
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0) {
            *out = (int)i;
            return 0;
        }
    return fail(err, GPMQ_EINVAL, "args: '%s' cannot be '%s'", name, text);
}

static int take_flags(struct rsop_args *args, struct gpmq_error *err)
{
    static const char *const loopbacks[] = {"none", "merge", "replace"};
    static const char *const formats[] = {"xml", "html"};
    const json_t *slow = json_object_get(args->json, "slow_link");
    int loopback = 0, format = 0;
    if (slow && !json_is_boolean(slow))
        return fail(err, GPMQ_EINVAL, "args: 'slow_link' is neither true nor false");
    int rc = take_word(args->json, "loopback", loopbacks, 3, &loopback, err);
    if (!rc)
        rc = take_word(args->json, "format", formats, 2, &format, err);
    if (!rc)
        rc = take_text(args->json, "site", &args->ask.site, err);
    args->slow_link = json_is_true(slow);
    args->ask.loopback = (enum rsop_loopback)loopback;
    args->html = format == 1;
    return rc;
}

/* What is misspelled must not be passed over: the answer would be to another question. */
static int check_names(const json_t *json, struct gpmq_error *err)
{
    static const char *const known[] = {
        "computer",
        "user",
        "computer_container",
        "user_container",
        "computer_groups",
        "user_groups",
        "site",
        "loopback",
        "slow_link",
        "wmi",
        "computer_wmi",
        "user_wmi",
        "format",
    };
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], name) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            return fail(err, GPMQ_EINVAL, "args: nobody knows '%s'", name);
    }
    return 0;
}

static int check_subjects(const struct rsop_ask *ask, struct gpmq_error *err)
{
    const struct rsop_ask_subject *computer = &ask->subjects[RSOP_COMPUTER];
    const struct rsop_ask_subject *user = &ask->subjects[RSOP_USER];
    bool has_computer = computer->account || computer->container;
    if (!has_computer && !user->account && !user->container)
        return fail(err, GPMQ_EINVAL, "args: neither a computer nor a user to plan for");
    if (ask->loopback != RSOP_LOOPBACK_NONE && !has_computer)
        return fail(err, GPMQ_EINVAL, "args: loopback needs a computer or its container");
    return 0;
}

int rsop_args_read(struct rsop_args *out, const char *text, struct gpmq_error *err)
{
    json_error_t why;
    *out = (struct rsop_args){
        .json = json_loads(text && *text ? text : "{}", JSON_REJECT_DUPLICATES, &why)};
    if (!out->json)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    if (!json_is_object(out->json))
        return fail(err, GPMQ_EINVAL, "args is no JSON object");
    int rc = check_names(out->json, err);
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        rc = take_side(out, (enum rsop_side)side, err);
    if (!rc)
        rc = take_flags(out, err);
    return rc ? rc : check_subjects(&out->ask, err);
}

/* ---- WMI filters ----------------------------------------------------------------------------- */

static int find_filter(const struct domain_wmi_filters *filters, const char *word,
                       struct gpmq_guid *out, struct gpmq_error *err)
{
    bool by_guid = gpmq_guid_parse(out, word) == 0, found = by_guid;
    for (size_t i = 0; !by_guid && i < filters->count; i++) {
        if (fold_compare(filters->items[i].name, word) != 0)
            continue;
        if (found)
            return fail(err, GPMQ_EAMBIGUOUS, "several WMI filters are called '%s'", word);
        *out = filters->items[i].id;
        found = true;
    }
    return found ? 0 : fail(err, GPMQ_ENOTFOUND, "there is no WMI filter '%s'", word);
}

static int find_list(struct rsop_args *args, enum rsop_side side, int answer,
                     const struct domain_wmi_filters *filters, struct gpmq_error *err)
{
    struct rsop_wmi *wmi = &args->ask.subjects[side].wmi;
    const json_t *list = json_object_get(args->wmi[side], answers[answer]);
    size_t count = json_is_array(list) ? json_array_size(list) : 0;
    struct gpmq_guid *ids = count ? calloc(count, sizeof *ids) : NULL;
    if (count && !ids)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu WMI filters", count);
    args->filters[side][answer] = ids;
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++)
        rc = find_filter(filters, json_string_value(json_array_get(list, i)), &ids[i], err);
    *(answer ? &wmi->is_true : &wmi->is_false) = ids;
    *(answer ? &wmi->true_count : &wmi->false_count) = count;
    return rc;
}

int rsop_args_filters(struct rsop_args *args, struct domain *domain, struct gpmq_error *err)
{
    CLEANUP(domain_wmi_filters_free) struct domain_wmi_filters filters = {0};
    int rc = domain->ops->wmi_filters(domain, &filters, err);
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        for (int answer = 0; !rc && answer < 2; answer++)
            rc = find_list(args, (enum rsop_side)side, answer, &filters, err);
    return rc;
}
