/* judge.c - the rules of a request that hold for every kind. */
#include "judge.h"

#include <string.h>

#include "fail.h"

static bool fits(const char *text, size_t max)
{
    return !text || strnlen(text, max + 1) <= max;
}

/* Of UTF-8: every byte but those that continue one. */
static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static int judge_text(const struct gpmq_request *request, struct gpmq_error *err)
{
    const struct {
        const char *what;
        const char *text;
        size_t max;
    } rules[] = {
        {"kind", request->kind, GPMQ_KIND_MAX},
        {"domain", request->domain, GPMQ_NAME_MAX},
        {"target_domain", request->target_domain, GPMQ_NAME_MAX},
        {"repository", request->repository, GPMQ_NAME_MAX},
        {"gpo", request->gpo, GPMQ_NAME_MAX},
        {"backup", request->backup, GPMQ_NAME_MAX},
        {"name", request->name, GPMQ_LABEL_MAX},
        {"label", request->label, GPMQ_LABEL_MAX},
        {"args", request->args, GPMQ_ARGS_MAX},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!fits(rules[i].text, rules[i].max))
            return fail(err, GPMQ_EINVAL, "the request's %s is longer than %zu bytes",
                        rules[i].what, rules[i].max);
    if (request->comment && characters(request->comment) > GPMQ_COMMENT_MAX)
        return fail(err, GPMQ_EINVAL, "the request's comment is longer than %d characters",
                    GPMQ_COMMENT_MAX);
    return 0;
}

static int judge_numbers(const struct gpmq_request *request, struct gpmq_error *err)
{
    const struct {
        const char *what;
        int64_t value, max;
    } rules[] = {
        {"priority", request->priority, GPMQ_PRIORITY_MAX},
        {"not_before_unix_ms", request->not_before_unix_ms, JUDGE_DEADLINE_MAX_MS},
        {"deadline_unix_ms", request->deadline_unix_ms, JUDGE_DEADLINE_MAX_MS},
        {"run_ms", request->run_ms, JUDGE_TIME_MAX_MS},
        {"grace_ms", request->grace_ms, JUDGE_GRACE_MAX_MS},
        {"attempts", request->attempts, JUDGE_ATTEMPTS_MAX},
        {"backoff_ms", request->backoff_ms, JUDGE_BACKOFF_MAX_MS},
        {"jitter_percent", request->jitter_percent, 100},
        {"stall_ms", request->stall_ms, JUDGE_TIME_MAX_MS},
        {"after_count", request->after_count, GPMQ_AFTER_MAX},
        {"key_count", request->key_count, GPMQ_KEYS_MAX},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].value < 0 || rules[i].value > rules[i].max)
            return fail(err, GPMQ_EINVAL, "the request's %s is %lld, not within 0 to %lld",
                        rules[i].what, (long long)rules[i].value, (long long)rules[i].max);
    return 0;
}

static int judge_keys(const struct gpmq_request *request, struct gpmq_error *err)
{
    for (uint32_t i = 0; i < request->key_count; i++) {
        const struct gpmq_key *key = &request->keys[i];
        if (!key->name || !*key->name || !fits(key->name, GPMQ_NAME_MAX) || !key->limit)
            return fail(err, GPMQ_EINVAL,
                        "concurrency key %u has no name of 1 to %d bytes, or a limit of 0", i + 1,
                        GPMQ_NAME_MAX);
    }
    return 0;
}

static int judge_input(const struct gpmq_request *request, struct gpmq_error *err)
{
    static const uint8_t no_digest[sizeof request->input_digest];
    bool has_digest = memcmp(request->input_digest, no_digest, sizeof no_digest) != 0;
    if (has_digest != (request->input_size != 0))
        return fail(err, GPMQ_EINVAL, "the request's input has a size or a digest, not both");
    if (request->input_size > GPMQ_BLOB_MAX)
        return fail(err, GPMQ_EINVAL, "the request's input has more than %u bytes", GPMQ_BLOB_MAX);
    return 0;
}

int judge_request(const struct gpmq_request *request, struct gpmq_error *err)
{
    if (gpmq_id_is_none(&request->id))
        return fail(err, GPMQ_EINVAL, "the request has no id: the client chooses it");
    if (!request->kind || !*request->kind)
        return fail(err, GPMQ_EINVAL, "the request has no kind");
    if (!gpmq_id_is_none(&request->retry_of))
        return fail(err, GPMQ_EINVAL,
                    "the request has retry_of, which the broker sets: send 'dead' instead");
    int rc = judge_text(request, err);
    if (rc == 0)
        rc = judge_numbers(request, err);
    if (rc == 0)
        rc = judge_keys(request, err);
    if (rc == 0)
        rc = judge_input(request, err);
    return rc;
}
