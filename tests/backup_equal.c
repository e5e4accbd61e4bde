#include "backup_equal.h"

#include <stdio.h>
#include <string.h>

#include "fold.h"

static bool same(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "") && !a == !b;
}

static bool same_text(const char *what, const char *a, const char *b, char *text)
{
    if (same(a, b))
        return true;
    snprintf(text, BACKUP_EQUAL_TEXT_SIZE, "%s: '%.300s' and '%.300s'", what, a ? a : "(none)",
             b ? b : "(none)");
    return false;
}

static bool same_number(const char *what, uint64_t a, uint64_t b, char *text)
{
    if (a == b)
        return true;
    snprintf(text, BACKUP_EQUAL_TEXT_SIZE, "%s: %llu and %llu", what, (unsigned long long)a,
             (unsigned long long)b);
    return false;
}

static bool same_place(const char *what, const char *a, const char *b, bool exact, char *text)
{
    bool folded = !exact && a && b && !fold_compare(a, b);
    return folded || same_text(what, a, b, text);
}

static bool same_objects(const struct backup_object *a, const struct backup_object *b,
                         size_t a_count, size_t b_count, bool exact, char *text)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (!same_text("bkp:Path", a[i].path, b[i].path, text) ||
            !same_number("folder", a[i].directory, b[i].directory, text) ||
            !same_place("bkp:SourceExpandedPath", a[i].source_path, b[i].source_path, exact,
                        text) ||
            !same_text("bkp:ReEvaluateFunction", a[i].reevaluate, b[i].reevaluate, text) ||
            !same_place("bkp:Location", a[i].location, b[i].location, exact, text) ||
            !same_objects(a[i].children, b[i].children, a[i].child_count, b[i].child_count, exact,
                          text))
            return false;
    }
    return same_number("number of files", a_count, b_count, text);
}

static bool same_ds_attribute(const struct gpo_ds_attribute *a, const struct gpo_ds_attribute *b,
                              char *text)
{
    if (!same_text("attribute", a->name, b->name, text) ||
        !same_text("attribute type", a->type, b->type, text) ||
        !same_number("values", a->value_count, b->value_count, text))
        return false;
    for (size_t i = 0; i < a->value_count; i++)
        if (!same_text(a->name, a->values[i], b->values[i], text))
            return false;
    return true;
}

static bool same_ds_objects(const struct gpo_ds_object *a, const struct gpo_ds_object *b,
                            size_t a_count, size_t b_count, char *text)
{
    if (!same_number("directory objects", a_count, b_count, text))
        return false;
    for (size_t i = 0; i < a_count; i++) {
        if (!same_text("directory object", a[i].path, b[i].path, text) ||
            !same_text("class", a[i].object_class, b[i].object_class, text) ||
            !same_text("source", a[i].source_path, b[i].source_path, text) ||
            !same_text("descriptor", a[i].security_descriptor, b[i].security_descriptor, text) ||
            !same_number("attributes", a[i].attribute_count, b[i].attribute_count, text))
            return false;
        for (size_t k = 0; k < a[i].attribute_count; k++)
            if (!same_ds_attribute(&a[i].attributes[k], &b[i].attributes[k], text))
                return false;
        if (!same_ds_objects(a[i].children, b[i].children, a[i].child_count, b[i].child_count,
                             text))
            return false;
    }
    return true;
}

const char *extensions_differ(const struct backup_extensions *a, const struct backup_extensions *b,
                              bool exact_case, char text[BACKUP_EQUAL_TEXT_SIZE])
{
    text[0] = 0;
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const struct backup_extension *x = &a->items[i], *y = &b->items[i];
        if (!same_text("handler", x->id, y->id, text) ||
            !same_text("handler's name", x->name, y->name, text) ||
            !same_objects(x->objects, y->objects, x->object_count, y->object_count, exact_case,
                          text) ||
            !same_ds_objects(x->ds_objects, y->ds_objects, x->ds_object_count, y->ds_object_count,
                             text))
            return text;
    }
    same_number("handlers", a->count, b->count, text);
    return text;
}

static bool same_core(const struct gpo *a, const struct gpo *b, char *text)
{
    char x[GPMQ_GUID_TEXT_SIZE], y[GPMQ_GUID_TEXT_SIZE];
    return same_text("GPO", gpmq_guid_text(&a->id, x), gpmq_guid_text(&b->id, y), text) &&
           same_text("domain", a->domain, b->domain, text) &&
           same_text("display name", a->display_name, b->display_name, text) &&
           same_number("options", a->options, b->options, text) &&
           same_number("user version, AD", a->user.ds, b->user.ds, text) &&
           same_number("user version, SYSVOL", a->user.sysvol, b->user.sysvol, text) &&
           same_number("machine version, AD", a->machine.ds, b->machine.ds, text) &&
           same_number("machine version, SYSVOL", a->machine.sysvol, b->machine.sysvol, text) &&
           same_text("machine extensions", a->machine_extensions, b->machine_extensions, text) &&
           same_text("user extensions", a->user_extensions, b->user_extensions, text) &&
           same_text("WMI filter", a->wmi_filter, b->wmi_filter, text) &&
           same_text("WMI filter's name", a->wmi_filter_name, b->wmi_filter_name, text) &&
           same_number("descriptor's size", a->security_descriptor_size,
                       b->security_descriptor_size, text) &&
           same_number("descriptor differs",
                       a->security_descriptor_size &&
                           memcmp(a->security_descriptor, b->security_descriptor,
                                  a->security_descriptor_size) != 0,
                       0, text);
}

static bool same_principals(const struct backup *a, const struct backup *b, char *text)
{
    if (!same_number("principals", a->principal_count, b->principal_count, text))
        return false;
    for (size_t i = 0; i < a->principal_count; i++) {
        const struct domain_principal *x = &a->principals[i].principal;
        const struct domain_principal *y = &b->principals[i].principal;
        if (!same_number("FromDACL", a->principals[i].from_dacl, b->principals[i].from_dacl,
                         text) ||
            !same_text("Sid", x->sid, y->sid, text) ||
            !same_text("SamAccountName", x->sam_account_name, y->sam_account_name, text) ||
            !same_text("Type", x->type, y->type, text) ||
            !same_text("NetBIOSDomainName", x->netbios_domain_name, y->netbios_domain_name, text) ||
            !same_text("DnsDomainName", x->dns_domain_name, y->dns_domain_name, text) ||
            !same_text("UPN", x->upn, y->upn, text))
            return false;
    }
    return true;
}

const char *backups_differ(const struct backup *a, const struct backup *b,
                           char text[BACKUP_EQUAL_TEXT_SIZE])
{
    text[0] = 0;
    if (!same_core(a->gpo, b->gpo, text) || !same_principals(a, b, text) ||
        !same_text("damaged descriptor", a->security_descriptor_text, b->security_descriptor_text,
                   text) ||
        !same_number("file paths", a->file_path_count, b->file_path_count, text))
        return text;
    for (size_t i = 0; i < a->file_path_count; i++)
        if (!same_text("file path", a->file_paths[i], b->file_paths[i], text))
            return text;
    struct backup_extensions x = {a->extension_count, a->extensions};
    struct backup_extensions y = {b->extension_count, b->extensions};
    return extensions_differ(&x, &y, true, text);
}
