/* fuzz_admx.c - administrative templates from outside: every policy is asked for its names and held
 * against a registry.pol. Input: an .admx, and behind a NUL its .adml. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "admx_match.h"
#include "make_pol.h"

static const char lines[] =
    "Software\\Policies\\Example\\Frob | Enabled | REG_DWORD | 1\n"
    "Software\\Policies\\Example\\Frob | **del.Mode | REG_SZ |\n"
    "Software\\Policies\\Example\\All | Seconds | REG_DWORD | 90\n"
    "Software\\Policies\\Example\\All | Level | REG_DWORD | 2\n"
    "Software\\Policies\\Example\\All\\Also | High | REG_DWORD | 1\n"
    "Software\\Policies\\Example\\All | Server | REG_SZ | frob.example.test\n"
    "Software\\Policies\\Example\\All\\Hosts | **delvals. | REG_SZ |\n"
    "Software\\Policies\\Example\\All\\Hosts | a.test | REG_SZ | flag=1\n"
    "Software\\Policies\\Example\\Lists | A | REG_DWORD | 1\n";

static void open_pol(struct report_pol *pol)
{
    struct bytes bytes = {0};
    void *content;
    size_t size;
    if (make_pol(lines, &bytes, NULL) || bytes_take(&bytes, &content, &size, NULL))
        abort();
    uint8_t *file = content;
    if (report_pol_read(pol, &file, size, NULL))
        abort();
}

static void ask(const struct admx *admx, const struct admx_values *values, size_t at)
{
    const struct admx_policy *policy = admx_policy(admx, at);
    struct admx_touched touched = {0};
    struct bytes category = {0};
    admx_category(admx, policy, &category);
    admx_supported(admx, policy);
    admx_presentation(policy);
    admx_text(policy->file, xml_attribute(policy->element, "displayName"));
    enum admx_state state = admx_state_of(values, policy, &touched);
    if (state == ADMX_NOT_CONFIGURED && touched.count)
        abort();
    for (size_t i = 0; i < touched.count; i++)
        if (touched.at[i] >= values->pol->count)
            abort();
    admx_touched_free(&touched);
    bytes_free(&category);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = size ? memchr(bytes, 0, size) : NULL;
    size_t first = end ? (size_t)(end - bytes) : size;
    struct report_pol pol = {0};
    struct admx_values values;
    struct admx *admx = NULL;
    if (admx_new(&admx, NULL))
        abort();
    if (!admx_add(admx, "fuzz", bytes, first, end ? end + 1 : NULL, end ? size - first - 1 : 0,
                  NULL)) {
        open_pol(&pol);
        if (admx_values_open(&values, &pol, NULL))
            abort();
        for (size_t i = 0; i < admx_count(admx); i++)
            ask(admx, &values, i);
        admx_values_close(&values);
        report_pol_free(&pol);
    }
    admx_free(&admx);
    return 0;
}
