/* migration_table_write.c - a table becomes a file that GPMC's editor opens. */
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "migration_table_file.h"
#include "migration_table_xml.h"
#include "text.h"
#include "xml.h"

static void put_destination(struct xml_writer *writer, const struct migration_entry *entry)
{
    const char *element = migration_option_element(entry->option);
    if (entry->option == MIGRATION_SET) {
        xml_put_text(writer, element, entry->destination);
        return;
    }
    /* As Microsoft's serializer writes an empty element. */
    xml_put_raw(writer, "<");
    xml_put_raw(writer, element);
    xml_put_raw(writer, " />");
}

static void put_mapping(struct xml_writer *writer, const struct migration_entry *entry)
{
    xml_put_raw(writer, "\r\n  ");
    xml_open(writer, "Mapping");
    xml_put_raw(writer, "\r\n    ");
    xml_put_text(writer, "Type", migration_type_name(entry->type));
    xml_put_raw(writer, "\r\n    ");
    xml_put_text(writer, "Source", entry->source);
    xml_put_raw(writer, "\r\n    ");
    put_destination(writer, entry);
    xml_put_raw(writer, "\r\n  ");
    xml_close(writer);
}

static int write_utf8(char **out, size_t *size, const struct migration_table *table,
                      struct gpmq_error *err)
{
    CLEANUP(xml_writer_free) struct xml_writer *writer = xml_writer_begin();
    if (!writer)
        return fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    xml_put_raw(writer, "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n");
    xml_open(writer, "MigrationTable");
    xml_put_attribute(writer, "xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
    xml_put_attribute(writer, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    xml_put_attribute(writer, "xmlns", MIGRATION_NAMESPACE);
    for (size_t i = 0; i < migration_table_count(table); i++)
        put_mapping(writer, migration_table_at(table, i));
    if (migration_table_count(table))
        xml_put_raw(writer, "\r\n");
    xml_close(writer);
    return xml_writer_end(&writer, out, size, err);
}

int migration_table_write(void **out, size_t *size, const struct migration_table *table,
                          struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(bytes_free) struct bytes file = {0};
    size_t length;
    int rc = write_utf8(&text, &length, table, err);
    if (rc)
        return rc;
    text_put_mark(&file, TEXT_UTF16_LE);
    rc = text_put(&file, TEXT_UTF16_LE, text, length, err);
    return rc ? rc : bytes_take(&file, out, size, err);
}
