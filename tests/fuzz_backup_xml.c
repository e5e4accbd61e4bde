/*
 * Whatever Backup.xml, bkupInfo.xml or manifest.xml is read, it is written and read again to the
 * same bytes. The first byte says which of the three the rest is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backup_info_xml.h"
#include "backup_xml.h"
#include "cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must_equal(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size != b_size || memcmp(a, b, a_size) != 0)
        abort();
}

static char *write_backup(const struct backup *backup, size_t *size)
{
    char *text = NULL;
    if (backup_xml_write(&text, size, backup, NULL))
        abort();
    return text;
}

static void try_backup(const uint8_t *bytes, size_t size)
{
    CLEANUP(backup_free) struct backup *first = NULL;
    CLEANUP(backup_free) struct backup *second = NULL;
    size_t a_size, b_size;
    if (backup_xml_parse(&first, bytes, size, "Backup.xml", NULL))
        return;
    CLEANUP(free_pointer) char *a = write_backup(first, &a_size);
    if (backup_xml_parse(&second, a, a_size, "Backup.xml", NULL))
        abort();
    CLEANUP(free_pointer) char *b = write_backup(second, &b_size);
    must_equal(a, a_size, b, b_size);
}

static void try_info(const uint8_t *bytes, size_t size)
{
    CLEANUP(backup_info_free) struct backup_info first = {0};
    CLEANUP(backup_info_free) struct backup_info second = {0};
    CLEANUP(free_pointer) char *a = NULL;
    CLEANUP(free_pointer) char *b = NULL;
    size_t a_size, b_size;
    if (backup_info_parse(&first, bytes, size, "bkupInfo.xml", NULL))
        return;
    if (backup_info_write(&a, &a_size, &first, NULL) ||
        backup_info_parse(&second, a, a_size, "bkupInfo.xml", NULL) ||
        backup_info_write(&b, &b_size, &second, NULL))
        abort();
    must_equal(a, a_size, b, b_size);
}

static void try_manifest(const uint8_t *bytes, size_t size)
{
    CLEANUP(backup_infos_free) struct backup_infos first = {0};
    CLEANUP(backup_infos_free) struct backup_infos second = {0};
    CLEANUP(free_pointer) char *a = NULL;
    CLEANUP(free_pointer) char *b = NULL;
    size_t a_size, b_size;
    if (backup_manifest_parse(&first, bytes, size, "manifest.xml", NULL))
        return;
    if (backup_manifest_write(&a, &a_size, &first, NULL) ||
        backup_manifest_parse(&second, a, a_size, "manifest.xml", NULL) ||
        backup_manifest_write(&b, &b_size, &second, NULL))
        abort();
    must_equal(a, a_size, b, b_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const tries[])(const uint8_t *bytes, size_t size) = {try_backup, try_info,
                                                                       try_manifest};
    if (size)
        tries[*bytes % 3](bytes + 1, size - 1);
    return 0;
}
