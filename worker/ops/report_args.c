#include "report_args.h"

#include <string.h>

#include <jansson.h>

#include "fail.h"

static const char *const names[REPORT_FORMAT_END] = {
    [REPORT_XML] = "xml",
    [REPORT_HTML] = "html",
};

const char *report_format_name(enum report_format format)
{
    return names[format];
}

static int find_format(struct report_args *out, const char *format, struct gpmq_error *err)
{
    for (enum report_format f = 0; f < REPORT_FORMAT_END; f++)
        if (!strcmp(names[f], format)) {
            out->format = f;
            return 0;
        }
    return fail(err, GPMQ_EINVAL, "args: '%s' is no format of a report: xml, html", format);
}

int report_args_read(struct report_args *out, const char *text, struct gpmq_error *err)
{
    json_error_t why;
    const char *format = names[REPORT_XML];
    *out = (struct report_args){0};
    json_t *json = json_loads(text && *text ? text : "{}", JSON_REJECT_DUPLICATES, &why);
    if (!json)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    int rc = json_unpack_ex(json, &why, JSON_STRICT, "{s?s}", "format", &format)
                 ? fail(err, GPMQ_EINVAL, "args: %s", why.text)
                 : find_format(out, format, err);
    json_decref(json);
    return rc;
}
