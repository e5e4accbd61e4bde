/* make_report.c - makes the HTML page of an XML report: make_report REPORT.xml PAGE.html ... */
#include <stdio.h>

#include "cleanup.h"
#include "report_html.h"

static int read_file(const char *path, char **out, size_t *size)
{
    CLEANUP(close_file) FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        return -1;
    long length = ftell(file);
    rewind(file);
    *out = length < 0 ? NULL : malloc((size_t)length + 1);
    *size = (size_t)length;
    return *out && fread(*out, 1, *size, file) == *size ? 0 : -1;
}

static int convert(const char *from, const char *to)
{
    CLEANUP(xml_free) struct xml_document *report = NULL;
    CLEANUP(free_pointer) char *xml = NULL;
    CLEANUP(free_pointer) char *page = NULL;
    struct gpmq_error err = {0};
    size_t size, length;
    if (read_file(from, &xml, &size)) {
        perror(from);
        return 1;
    }
    if (xml_read(&report, xml, size, from, &err) || report_html(&page, &length, report, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    CLEANUP(close_file) FILE *file = fopen(to, "wb");
    if (!file || fwrite(page, 1, length, file) != length || fflush(file)) {
        perror(to);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int rc = argc < 3;
    for (int i = 1; !rc && i + 1 < argc; i += 2)
        rc = convert(argv[i], argv[i + 1]);
    return rc;
}
