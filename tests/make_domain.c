/*
 * make_domain.c - builds a folder domain from text: make_domain SOURCE_DIR DEST_DOMAIN_PATH
 *
 * SOURCE_DIR/domain.ldif  its first "nETBIOSName:" and domainDNS object name the domain
 * SOURCE_DIR/ *.gpo       one GPO each, made in the order of the file names (UTF-8, LF):
 *
 *     guid: {...}                    required, first
 *     name: display name             required
 *     options: 1                     1 user side off, 2 computer side off
 *     wmi: {guid of a filter}
 *     security: 01 00 04 9c ...      a descriptor whose DACL it gets, else that of a new GPO
 *     machine-extension: {CSE}{tool} more than the files ask for; so does user-extension
 *     description: text              becomes GPO.cmt
 *     folder: User/Scripts/Logon     an empty folder
 *     == Machine/registry.pol        what follows, up to the next "== ", is a file:
 *
 *     *.pol                          a record a line: key | value | REG_type | data (see
 * make_pol.c)
 *     *.inf, scripts.ini, psscripts.ini, fdeploy*.ini: UTF-16LE with BOM
 *     *.cmtx                         UTF-8 with BOM
 *     everything else                UTF-8
 *
 * Lines of every file but the last end in CRLF. Extension names follow from the files
 * (make_extensions.c), as Group Policy's editors would register them.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "domain.h"
#include "fail.h"
#include "fold.h"
#include "hex.h"
#include "make_extensions.h"
#include "make_pol.h"

#define OPTIONS_MAX 3

/* One GPO while it is made. */
struct recipe {
    struct gpmq_guid guid;
    struct gpo values;
    struct make_extensions extensions;
    const struct domain_info *info;
    struct domain *domain;
    struct domain_change *change;
};

static void free_recipe(struct recipe *recipe)
{
    if (recipe->change)
        recipe->domain->ops->change_abort(&recipe->change);
    make_extensions_free(&recipe->extensions);
    free(recipe->values.display_name);
    free(recipe->values.machine_extensions);
    free(recipe->values.user_extensions);
    free(recipe->values.wmi_filter);
    free(recipe->values.security_descriptor);
}

/* ---- encodings ------------------------------------------------------------------------------- */

enum encoding { AS_UTF8, AS_UTF8_BOM, AS_UTF16, AS_POL };

struct naming {
    const char *end; /* of a file's name */
    enum encoding encoding;
};

static const struct naming namings[] = {
    {".pol", AS_POL},
    {".inf", AS_UTF16},
    {"/scripts.ini", AS_UTF16},
    {"/psscripts.ini", AS_UTF16},
    {"/fdeploy1.ini", AS_UTF16},
    {"/fdeploy.ini", AS_UTF16},
    {".cmtx", AS_UTF8_BOM},
};

static enum encoding encoding_of(const char *path)
{
    for (size_t i = 0; i < sizeof namings / sizeof *namings; i++) {
        size_t length = strlen(path), end = strlen(namings[i].end);
        if (length >= end && strcasecmp(path + length - end, namings[i].end) == 0)
            return namings[i].encoding;
    }
    return AS_UTF8;
}

static int encode(const char *path, const char *text, struct bytes *out, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes windows = {0};
    for (const char *at = text; *at; at++) {
        if (*at == '\n')
            bytes_put_char(&windows, '\r');
        bytes_put_char(&windows, *at);
    }
    bytes_put(&windows, "", 0);
    if (windows.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for %s", path);
    switch (encoding_of(path)) {
    case AS_POL:
        return make_pol(text, out, err);
    case AS_UTF16:
        bytes_put_u16(out, 0xFEFF);
        return make_utf16((const char *)windows.at, windows.size, out, err);
    case AS_UTF8_BOM:
        bytes_put_text(out, "\xEF\xBB\xBF");
        bytes_put(out, windows.at, windows.size);
        return 0;
    case AS_UTF8:
        bytes_put(out, windows.at, windows.size);
        return 0;
    }
    return 0;
}

static int put_file(struct recipe *recipe, const char *path, const char *text,
                    struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    int rc = encode(path, text, &bytes, err);
    if (!rc && bytes.failed)
        rc = fail(err, GPMQ_ENOMEM, "no memory for %s", path);
    if (!rc)
        rc = recipe->domain->ops->change_write(recipe->change, path, bytes.at, bytes.size, err);
    return rc ? rc : make_extensions_add_file(&recipe->extensions, path, err);
}

/* ---- the head of a recipe -------------------------------------------------------------------- */

static int take_guid(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    return gpmq_guid_parse(&recipe->guid, value) == 0
               ? 0
               : fail(err, GPMQ_EINVAL, "'%s' is no GUID", value);
}

/* The change begins with the name; the operation's id comes from the GUID. */
static int take_name(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    static const struct gpmq_id none;
    char guid[GPMQ_GUID_TEXT_SIZE];
    struct domain_change_answer answer;
    struct domain_change_request request = {
        .gpo = recipe->guid,
        .create = true,
        .display_name = value,
        .op = gpmq_id_derive(&none, gpmq_guid_text(&recipe->guid, guid)),
        .fence = 1,
    };
    return recipe->domain->ops->change_begin(recipe->domain, &request, 0, &recipe->change, &answer,
                                             err);
}

static int take_options(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    char *end;
    unsigned long options = strtoul(value, &end, 10);
    if (*end || options > OPTIONS_MAX)
        return fail(err, GPMQ_EINVAL, "options '%s': 0 to %d", value, OPTIONS_MAX);
    recipe->values.options = (uint32_t)options;
    return 0;
}

static int take_filter(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    if (asprintf(&recipe->values.wmi_filter, "[%s;%s;0]", recipe->info->dns_name, value) >= 0)
        return 0;
    recipe->values.wmi_filter = NULL;
    return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
}

static int take_security(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    return hex_parse(value, &recipe->values.security_descriptor,
                     &recipe->values.security_descriptor_size, err);
}

static int take_machine_extension(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    return make_extensions_add(&recipe->extensions, 0, value, "", err);
}

static int take_user_extension(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    return make_extensions_add(&recipe->extensions, 1, value, "", err);
}

/* UTF-16 without BOM and end. */
static int take_description(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    int rc = make_utf16(value, strlen(value), &bytes, err);
    return rc ? rc
              : recipe->domain->ops->change_write(recipe->change, "GPO.cmt", bytes.at, bytes.size,
                                                  err);
}

static int take_folder(struct recipe *recipe, const char *value, struct gpmq_error *err)
{
    return recipe->domain->ops->change_mkdir(recipe->change, value, err);
}

struct head_line {
    const char *name;
    int (*take)(struct recipe *recipe, const char *value, struct gpmq_error *err);
    bool before_name; /* may stand before the change has begun */
};

static const struct head_line head_lines[] = {
    {"guid", take_guid, true},
    {"name", take_name, true},
    {"options", take_options, false},
    {"wmi", take_filter, false},
    {"security", take_security, false},
    {"machine-extension", take_machine_extension, false},
    {"user-extension", take_user_extension, false},
    {"description", take_description, false},
    {"folder", take_folder, false},
};

static int take_head_line(struct recipe *recipe, const char *line, struct gpmq_error *err)
{
    size_t length = strcspn(line, ":");
    if (!*line || *line == '#')
        return 0;
    for (size_t i = 0; line[length] && i < sizeof head_lines / sizeof *head_lines; i++) {
        const struct head_line *known = &head_lines[i];
        const char *value = line + length + 1;
        if (strlen(known->name) != length || strncmp(known->name, line, length) != 0)
            continue;
        if (!known->before_name && !recipe->change)
            return fail(err, GPMQ_EMALFORMED, "'%s' stands before 'name'", known->name);
        return known->take(recipe, value + strspn(value, " "), err);
    }
    return fail(err, GPMQ_EMALFORMED, "'%s' is no line of a GPO's head", line);
}

/* ---- a whole recipe -------------------------------------------------------------------------- */

/* Files follow the head, each up to the next "== ". */
static int take_files(struct recipe *recipe, char *at, struct gpmq_error *err)
{
    int rc = 0;
    while (!rc && *at) {
        char *path = at + 3;
        char *content = strchr(path, '\n');
        if (!content)
            return fail(err, GPMQ_EMALFORMED, "'%s' has no content", at);
        *content++ = 0;
        char *next = strncmp(content, "== ", 3) == 0 ? content : strstr(content, "\n== ");
        if (next && next != content)
            *next++ = 0;
        CLEANUP(free_pointer) char *text = NULL;
        size_t length = next == content ? 0 : strlen(content);
        if (asprintf(&text, "%.*s%s", (int)length, content, next && length ? "\n" : "") < 0)
            return fail(err, GPMQ_ENOMEM, "no memory for %s", path);
        rc = put_file(recipe, path, text, err);
        if (rc)
            fail_in(err, "%s", path);
        at = next ? next : at + strlen(at);
        if (!next)
            break;
    }
    return rc;
}

static int take_recipe(struct recipe *recipe, char *text, struct gpmq_error *err)
{
    for (size_t line = 1; *text && strncmp(text, "== ", 3) != 0; line++) {
        char *end = strchr(text, '\n');
        if (end)
            *end = 0;
        int rc = take_head_line(recipe, text, err);
        if (rc)
            return fail_in(err, "line %zu", line);
        text = end ? end + 1 : text + strlen(text);
    }
    if (!recipe->change)
        return fail(err, GPMQ_EMALFORMED, "it has no 'guid' and 'name'");
    return take_files(recipe, text, err);
}

static int finish(struct recipe *recipe, struct gpmq_error *err)
{
    unsigned fields = DOMAIN_OPTIONS | DOMAIN_EXTENSIONS | DOMAIN_WMI_FILTER;
    uint32_t version;
    int rc = make_extensions_join(&recipe->extensions, 0, &recipe->values.machine_extensions, err);
    if (!rc)
        rc = make_extensions_join(&recipe->extensions, 1, &recipe->values.user_extensions, err);
    if (recipe->values.security_descriptor)
        fields |= DOMAIN_SECURITY;
    if (!rc)
        rc = recipe->domain->ops->change_set(recipe->change, fields, &recipe->values, err);
    return rc ? rc : recipe->domain->ops->change_commit(&recipe->change, &version, err);
}

static int read_text(const char *path, char **out, struct gpmq_error *err)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    CLEANUP(bytes_free) struct bytes bytes = {0};
    char piece[4096];
    size_t got;
    if (!file)
        return fail_errno(err, "cannot read %s", path);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        bytes_put(&bytes, piece, got);
    void *taken;
    int rc = bytes_take(&bytes, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}

static int make_gpo(struct domain *domain, const char *path, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(free_recipe)
    struct recipe recipe = {.domain = domain, .info = domain->ops->info(domain)};
    int rc = read_text(path, &text, err);
    if (!rc)
        rc = take_recipe(&recipe, text, err);
    if (!rc)
        rc = finish(&recipe, err);
    return rc ? fail_in(err, "%s", path) : 0;
}

/* ---- the domain ------------------------------------------------------------------------------ */

/* The value behind a name at the beginning of a line of the LDIF. */
static int find_value(const char *ldif, const char *name, char out[256], struct gpmq_error *err)
{
    const char *at = strstr(ldif, name);
    if (!at)
        return fail(err, GPMQ_EINVAL, "domain.ldif has no '%s'", name + 1);
    at += strlen(name) + strspn(at + strlen(name), " ");
    snprintf(out, 256, "%.*s", (int)strcspn(at, "\r\n"), at);
    return 0;
}

static int make_empty(const char *source, const char *dest, struct gpmq_error *err)
{
    char path[4096], dns[256], netbios[256];
    CLEANUP(free_pointer) char *ldif = NULL;
    snprintf(path, sizeof path, "%s/domain.ldif", source);
    int rc = read_text(path, &ldif, err);
    if (!rc)
        rc = find_value(ldif, "\ndnsRoot:", dns, err);
    if (!rc)
        rc = find_value(ldif, "\nnETBIOSName:", netbios, err);
    if (rc)
        return rc;
    struct domain_create_options options = {.dns_name = dns, .ldif = path};
    return domain_create(dest, &options, err);
}

static int is_recipe(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".gpo") == 0;
}

static int make_all(const char *source, const char *dest, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    struct dirent **names = NULL;
    int rc = make_empty(source, dest, err);
    if (!rc)
        rc = domain_open(&domain, dest, err);
    int count = rc ? 0 : scandir(source, &names, is_recipe, alphasort);
    if (count < 0)
        return fail_errno(err, "cannot list %s", source);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", source, names[i]->d_name);
        if (!rc)
            rc = make_gpo(domain, path, err);
        free(names[i]);
    }
    free(names);
    if (!rc)
        printf("%s: %d GPOs\n", dest, count);
    return rc;
}

int main(int argc, char **argv)
{
    struct gpmq_error err = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: make_domain SOURCE_DIR DEST_DOMAIN_PATH\n");
        return 2;
    }
    if (make_all(argv[1], argv[2], &err) == 0)
        return 0;
    fprintf(stderr, "make_domain: %s\n", err.text);
    return 1;
}
