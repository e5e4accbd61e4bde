/* retry.c - the tables of retries. */
#include "retry.h"

#include <stddef.h>
#include <string.h>

/* How often a kind may fail. Kinds that read or change one GPO meet others at it and are `busy`
 * more often. A kind that is not here is one of somebody's own: GPMQ_ATTEMPTS_DEFAULT. */
/* clang-format off */
static const struct {
    const char *kind;
    int32_t attempts;
} by_kind[] = {
    {"gpo.backup",  5},
    {"gpo.copy",    5},
    {"gpo.import",  5},
    {"gpo.restore", 5},
};

/* Failures that may pass by themselves: the first wait, and how often if the kind's attempts do not
 * fit (0: they do). What is not here is the end, whatever the worker says. */
static const struct {
    int32_t code;
    int64_t backoff_ms;
    int32_t attempts;
} by_code[] = {
    {GPMQ_EBUSY,         1000, 0},
    {GPMQ_EIO,           1000, 0},
    {GPMQ_ENOMEM,        5000, 0},
    {GPMQ_ENOSPACE,     30000, 0},  /* somebody has to make room */
    {GPMQ_ETIMEOUT,      1000, 2},  /* each costs its whole limit */
    {GPMQ_EUNREACHABLE,  5000, 10}, /* a domain controller that restarts takes minutes */
    {GPMQ_ESTORE,        5000, 0},
    {GPMQ_EFULL,         5000, 0},
    {GPMQ_ELOST,         1000, 0},
};
/* clang-format on */

#define CODE_COUNT (sizeof by_code / sizeof by_code[0])

/* Its row in by_code, or CODE_COUNT. */
static size_t row_of(int32_t code)
{
    size_t row = 0;
    while (row < CODE_COUNT && by_code[row].code != code)
        row++;
    return row;
}

static int32_t kind_attempts(const char *kind)
{
    for (size_t i = 0; kind && i < sizeof by_kind / sizeof by_kind[0]; i++)
        if (strcmp(by_kind[i].kind, kind) == 0)
            return by_kind[i].attempts;
    return GPMQ_ATTEMPTS_DEFAULT;
}

struct retry_policy retry_policy_of(const struct gpmq_request *request)
{
    return (struct retry_policy){
        .attempts = kind_attempts(request->kind),
        .asked_attempts = request->attempts,
        .asked_backoff_ms = request->backoff_ms,
        .jitter_percent = request->jitter_percent ? request->jitter_percent : RETRY_JITTER_DEFAULT,
    };
}

bool retry_again(const struct retry_policy *policy, int32_t code, int32_t failures)
{
    size_t row = row_of(code);
    if (row == CODE_COUNT)
        return false;
    int32_t attempts = by_code[row].attempts ? by_code[row].attempts : policy->attempts;
    return failures < (policy->asked_attempts ? policy->asked_attempts : attempts);
}

/* splitmix64 */
static uint64_t scatter(const struct gpmq_id *id, uint32_t attempt)
{
    uint64_t parts[2], x;
    memcpy(parts, id->bytes, sizeof parts);
    x = (parts[0] ^ parts[1]) + attempt * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

int64_t retry_wait_ms(const struct retry_policy *policy, const struct gpmq_id *id, int32_t code,
                      uint32_t attempt)
{
    size_t row = row_of(code);
    int64_t ms = policy->asked_backoff_ms;
    if (!ms)
        ms = row < CODE_COUNT ? by_code[row].backoff_ms : GPMQ_BACKOFF_DEFAULT_MS;
    for (uint32_t at = 1; at < attempt && ms < RETRY_WAIT_MAX_MS; at++)
        ms *= 2;
    if (ms > RETRY_WAIT_MAX_MS)
        ms = RETRY_WAIT_MAX_MS;
    int64_t most_ms = ms * policy->jitter_percent / 100;
    return ms - most_ms + (int64_t)(scatter(id, attempt) % (uint64_t)(2 * most_ms + 1));
}
