#include "report_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

const char *const report_all_extensions =
    "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
    "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}][{F3CCC681-B74C-4060-9F26-CD84525DCA2A}]"
    "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}][{25537BA6-77A8-11D2-9B6C-0000F8080861}]"
    "[{C6DC5466-785A-11D2-84D0-00C04FB169F7}][{3060E8D0-7020-11D2-842D-00C04FA372D4}]"
    "[{17D89FEC-5C44-4972-B12D-241CAEF74509}][{AADCED64-746C-4633-A97C-D61349046527}]"
    "[{B087BE9D-ED37-454F-AF9C-04291E351182}]";

struct content {
    const struct report_file *files;
    size_t count;
};

static int read_file(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err)
{
    const struct content *content = arg;
    for (size_t i = 0; i < content->count; i++) {
        const struct report_file *file = &content->files[i];
        if (!strcmp(file->path, path))
            return sink(sink_arg, file->content, file->size ? file->size : strlen(file->content),
                        err);
    }
    snprintf(err->text, sizeof err->text, "no %s", path);
    err->code = GPMQ_ENOTFOUND;
    return GPMQ_ENOTFOUND;
}

void report_fixture(struct report_made *made, const struct report_file *files, size_t count)
{
    struct content *content = calloc(1, sizeof *content);
    assert_non_null(content);
    *content = (struct content){files, count};
    *made = (struct report_made){.gpo = calloc(1, sizeof *made->gpo)};
    assert_non_null(made->gpo);
    struct gpo *gpo = made->gpo;
    assert_int_equal(gpmq_guid_parse(&gpo->id, "{31B2F340-016D-11D2-945F-00C04FB984F9}"), 0);
    gpo->display_name = strdup("A policy");
    gpo->domain = strdup("example.test");
    gpo->machine_extensions = strdup(report_all_extensions);
    gpo->user_extensions = strdup(report_all_extensions);
    gpo->machine = (struct gpo_version){3, 3};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(gpo_add_file(gpo, files[i].path, false, 7, NULL), 0);
    gpo_sort_files(gpo);
    made->source = (struct report_source){
        .gpo = gpo, .read_file = read_file, .arg = content, .read_unix_ms = 1609459200123};
}

void report_make(struct report_made *made)
{
    struct gpmq_error err;
    if (report_xml(&made->text, &made->size, &made->source, &err) ||
        xml_read(&made->document, made->text, made->size, "report", &err))
        fail_msg("%s", err.text);
}

void report_made_free(struct report_made *made)
{
    xml_free(&made->document);
    free(made->text);
    free(made->source.arg);
    gpo_free(&made->gpo);
}

const struct xml_element *report_at(const struct report_made *made, const char *path)
{
    const struct xml_element *element = xml_top(made->document);
    CLEANUP(free_pointer) char *copy = strdup(path);
    assert_non_null(copy);
    char *rest = copy;
    for (char *name; element && (name = strsep(&rest, "/"));)
        element = xml_child(element, name);
    return element;
}

const struct xml_element *report_area_of(const struct report_made *made, const char *side,
                                         const char *area)
{
    const struct xml_element *parent = xml_child(xml_top(made->document), side);
    for (const struct xml_element *e = xml_child(parent, "ExtensionData"); e;
         e = xml_next(e, "ExtensionData"))
        if (!strcmp(xml_child_text(e, "Name"), area))
            return xml_child(e, "Extension");
    return NULL;
}
