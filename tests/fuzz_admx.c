/* fuzz_admx.c - administrative templates from outside: every policy is asked for its names and held
 * against a registry.pol. Input: an .admx, behind a NUL its .adml, behind another a comment.cmtx.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "admx_comments.h"
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

static void ask(const struct admx *admx, const struct admx_values *values,
                struct admx_comments *comments, size_t at)
{
    const struct admx_policy *policy = admx_policy(admx, at);
    struct admx_touched touched = {0};
    struct bytes category = {0};
    admx_category(admx, policy, &category);
    admx_supported(admx, policy);
    admx_presentation(policy);
    admx_comment(comments, policy);
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

/* Cuts the next part off, up to a NUL. at NULL: there was none. */
struct part {
    const uint8_t *at;
    size_t size;
};

static struct part next_part(struct part *rest)
{
    const uint8_t *end = rest->at && rest->size ? memchr(rest->at, 0, rest->size) : NULL;
    struct part part = *rest;
    part.size = end ? (size_t)(end - rest->at) : rest->size;
    *rest = (struct part){end ? end + 1 : NULL, end ? rest->size - part.size - 1 : 0};
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct part rest = {bytes, size};
    struct part definitions = next_part(&rest), texts = next_part(&rest), said = rest;
    struct admx_comments comments = {0};
    struct report_pol pol = {0};
    struct admx_values values;
    struct admx *admx = NULL;
    if (admx_new(&admx, NULL))
        abort();
    if (said.at && admx_comments_read(&comments, said.at, said.size, NULL))
        comments = (struct admx_comments){0};
    if (!admx_add(admx, "fuzz", definitions.at, definitions.size, texts.at, texts.size, NULL)) {
        open_pol(&pol);
        if (admx_values_open(&values, &pol, NULL))
            abort();
        for (size_t i = 0; i < admx_count(admx); i++)
            ask(admx, &values, &comments, i);
        admx_values_close(&values);
        report_pol_free(&pol);
    }
    admx_comments_free(&comments);
    admx_free(&admx);
    return 0;
}
