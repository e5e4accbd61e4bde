/* ops_look.c - what operations left behind. */
#include "ops_look.h"

#include <fts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "sd.h"

const char *look_text(struct gpmq_guid id)
{
    static char texts[16][GPMQ_GUID_TEXT_SIZE];
    static unsigned next;
    return gpmq_guid_text(&id, texts[next++ % 16]);
}

struct gpo *look_named(const struct desk *desk, const char *name)
{
    struct gpmq_guid id;
    assert_int_equal(gpmq_guid_parse(&id, desk_gpo(desk, name)), 0);
    return desk_read(desk, &id);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

void look_file(struct bytes *out, const char *path)
{
    char piece[4096];
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    assert_non_null(file);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file));)
        bytes_put(out, piece, got);
}

struct bytes look_snapshot(const struct desk *desk)
{
    struct bytes out = {0};
    char root[SCRATCH_PATH_SIZE];
    snprintf(root, sizeof root, "%s", desk->domain_path);
    char *roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL, by_name);
    assert_non_null(walk);
    for (FTSENT *entry; (entry = fts_read(walk));) {
        if (entry->fts_info == FTS_D && strcmp(entry->fts_name, ".gpmq") == 0)
            fts_set(walk, entry, FTS_SKIP);
        else if (entry->fts_info == FTS_D || entry->fts_info == FTS_F)
            bytes_format(&out, "\n== %s\n", entry->fts_path);
        if (entry->fts_info == FTS_F)
            look_file(&out, entry->fts_path);
    }
    fts_close(walk);
    return out;
}

void look_unchanged(const struct desk *desk, const struct bytes *before)
{
    CLEANUP(bytes_free) struct bytes after = look_snapshot(desk);
    assert_int_equal(after.size, before->size);
    assert_memory_equal(after.at, before->at, before->size);
}

bool look_staged(const struct desk *desk, const char *gpo)
{
    static const char *const names[] = {"gpt", "gpc.ldif", "intent"};
    char path[2 * SCRATCH_PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/.gpmq/%s/%s", desk->domain_path, gpo, names[i]);
        if (access(path, F_OK) == 0)
            return true;
    }
    return false;
}

void look_same_settings(const struct desk *desk, const struct gpo *a, const struct gpo *b)
{
    assert_string_equal(a->machine_extensions, b->machine_extensions);
    assert_string_equal(a->user_extensions, b->user_extensions);
    assert_int_equal(a->file_count, b->file_count);
    for (size_t i = 0; i < a->file_count; i++) {
        assert_string_equal(a->files[i].path, b->files[i].path);
        assert_int_equal(a->files[i].directory, b->files[i].directory);
        if (a->files[i].directory)
            continue;
        CLEANUP(bytes_free) struct bytes x = desk_file(desk, &a->id, a->files[i].path);
        CLEANUP(bytes_free) struct bytes y = desk_file(desk, &b->id, b->files[i].path);
        assert_int_equal(x.size, y.size);
        assert_memory_equal(x.at, y.at, x.size);
    }
}

void look_same_dacl(const struct gpo *a, const struct gpo *b)
{
    struct sd x, y;
    assert_int_equal(sd_open(&x, a->security_descriptor, a->security_descriptor_size, NULL), 0);
    assert_int_equal(sd_open(&y, b->security_descriptor, b->security_descriptor_size, NULL), 0);
    assert_int_equal(x.dacl.size, y.dacl.size);
    assert_memory_equal(x.dacl.at, y.dacl.at, x.dacl.size);
}

void look_stopped_anywhere(struct desk *desk, const struct gpmq_request *request, const char *gpo,
                           uint64_t fence)
{
    CLEANUP(bytes_free) struct bytes before = look_snapshot(desk);
    unsigned stops = 0;
    for (bool stopped = true; stopped; stops += stopped) {
        CLEANUP(told_free) struct told told = desk_run(desk, request, fence + stops, stops + 1);
        stopped = told.end == REPORT_CANCELLED;
        if (!stopped) {
            told_ended_well(&told);
            break;
        }
        told_failed_with(&told, GPMQ_ESTOPPED);
        look_unchanged(desk, &before);
        assert_false(look_staged(desk, gpo));
    }
    assert_true(stops > 4); /* one for every file, one before the commit */
}
