/*
 * test_store_power.c - what a commit has said is there after a power cut: of each file there is
 * then what was synced last, and nothing that was written since.
 */
#include "store_fixture.h"

#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

/* ---- a disk that remembers what was synced ------------------------------------------------- */

enum { FILES_MAX = 256, PATH_SIZE = 512 };

/* The files that SQLite has open, by its own handle. */
static struct {
    sqlite3_file *file;
    char path[PATH_SIZE];
    sqlite3_io_methods methods;
    int (*sync)(sqlite3_file *file, int flags);
} opened[FILES_MAX];

static sqlite3_vfs *disk, power;

static void copy_file(const char *from, const char *to)
{
    char buffer[65536];
    CLEANUP(close_file) FILE *in = fopen(from, "r");
    CLEANUP(close_file) FILE *out = fopen(to, "w");
    size_t size;
    if (!in || !out)
        fail_msg("cannot copy '%s' to '%s'", from, to);
    while ((size = fread(buffer, 1, sizeof buffer, in)))
        assert_int_equal(fwrite(buffer, 1, size, out), size);
}

static int sync_and_remember(sqlite3_file *file, int flags)
{
    char synced[PATH_SIZE + 8];
    int i = 0;
    while (opened[i].file != file)
        i++;
    int rc = opened[i].sync(file, flags);
    snprintf(synced, sizeof synced, "%s.synced", opened[i].path);
    copy_file(opened[i].path, synced);
    return rc;
}

static int open_and_note(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                         int *out_flags)
{
    (void)vfs;
    int rc = disk->xOpen(disk, path, file, flags, out_flags), i = 0;
    if (rc || !path)
        return rc;
    while (i < FILES_MAX && opened[i].file && opened[i].file != file)
        i++;
    assert_true(i < FILES_MAX);
    opened[i].file = file;
    snprintf(opened[i].path, PATH_SIZE, "%s", path);
    opened[i].methods = *file->pMethods; /* a log has others than the file */
    opened[i].sync = file->pMethods->xSync;
    opened[i].methods.xSync = sync_and_remember;
    file->pMethods = &opened[i].methods;
    return 0;
}

/* The system's disk, but for these two. */
static void use_power(void)
{
    disk = sqlite3_vfs_find(NULL);
    power = *disk;
    power.zName = "power";
    power.xOpen = open_and_note;
    assert_int_equal(sqlite3_vfs_register(&power, 1), SQLITE_OK);
}

/* ---- the cut ------------------------------------------------------------------------------- */

/* Opens what the disk would have, in a folder beside. */
static void cut_power(const struct store_fixture *fixture, struct store **out)
{
    static const char *const files[] = {"", "-wal"};
    char from[PATH_SIZE], to[PATH_SIZE], url[PATH_SIZE + 16];
    struct gpmq_error err;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(from, sizeof from, "%s%s.synced", fixture->path, files[i]);
        snprintf(to, sizeof to, "%s.cut%s", fixture->path, files[i]);
        copy_file(from, to);
    }
    snprintf(url, sizeof url, "sqlite:%s.cut", fixture->path);
    if (store_open(out, url, &err) != 0)
        fail_msg("after the power cut: %s", err.text);
}

static void every_round_that_was_committed_survives_a_power_cut(void **state)
{
    const struct store_fixture *fixture = *state;
    for (unsigned n = 1; n <= 24; n++) {
        struct op_row row = a_row(n);
        put(fixture->store, &row);
        put_frame(fixture->store, &row, 1, "one");
        row.seq = 1;
        move(fixture->store, &row, GPMQ_ASSIGNED);
        commit(fixture->store);

        CLEANUP(store_close) struct store *after = NULL;
        cut_power(fixture, &after);
        for (unsigned k = 1; k <= n; k++) {
            struct op_row there = a_row(k);
            assert_int_equal(read_row(after, &there.id).row.state, GPMQ_ASSIGNED);
            assert_string_equal(read_frames(after, &there.id, 1).text, "one");
        }
    }
}

/* Half a round is none: what was not committed is not there, and nothing of it. */
static void a_round_that_was_not_committed_is_gone_as_a_whole(void **state)
{
    const struct store_fixture *fixture = *state;
    struct op_row first = a_row(1), second = a_row(2);
    put(fixture->store, &first);
    commit(fixture->store);
    put(fixture->store, &second);
    CLEANUP(store_close) struct store *after = NULL;
    cut_power(fixture, &after);
    read_row(after, &first.id);
    struct seen_row seen = {0};
    assert_int_equal(after->ops->read(after, &second.id, see_row, &seen, NULL), GPMQ_ENOTFOUND);
}

/* What lies beside the store goes first. */
static int clean_up(void **state)
{
    struct store_fixture *fixture = *state;
    store_close(&fixture->store); /* which syncs once more */
    char pattern[PATH_SIZE];
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s*.synced", fixture->path);
    glob(pattern, 0, NULL, &found);
    snprintf(pattern, sizeof pattern, "%s.cut*", fixture->path);
    glob(pattern, GLOB_APPEND, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        unlink(found.gl_pathv[i]);
    globfree(&found);
    return store_fixture_teardown(state);
}

#define POWER(name) cmocka_unit_test_setup_teardown(name, store_fixture_setup, clean_up)

int main(void)
{
    struct CMUnitTest tests[] = {
        POWER(every_round_that_was_committed_survives_a_power_cut),
        POWER(a_round_that_was_not_committed_is_gone_as_a_whole),
    };
    use_power();
    return store_fixture_run_kind("sqlite", tests, sizeof tests / sizeof tests[0]);
}
