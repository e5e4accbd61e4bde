/* test_store_copy.c - a store is checked and copied from outside, also while it is written. */
#include "store_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "store_copy.h"

enum { OPERATIONS = 20, KILLS = 30 };

static void add_frame(struct store *store, const struct gpmq_id *id, uint64_t seq)
{
    assert_int_equal(store->ops->frame(store, id, seq, bytes_of("a frame"), NULL), 0);
}

static void add_blob(struct store *store, const char *content, const struct gpmq_id *id)
{
    uint8_t digest[32];
    uint64_t next;
    crypto_generichash(digest, sizeof digest, (const uint8_t *)content, strlen(content), NULL, 0);
    assert_int_equal(store->ops->blob_write(store, digest, strlen(content), 0, bytes_of(content),
                                            NULL, 1, &next, NULL),
                     0);
    assert_int_equal(store->ops->blob_link(store, id, digest, NULL), 0);
}

/* One committed round with some of everything. */
static void fill_store(struct store *store)
{
    for (unsigned n = 1; n <= OPERATIONS; n++) {
        struct op_row row = a_row(n);
        put(store, &row);
        row.seq = 2;
        move(store, &row, GPMQ_ASSIGNED);
        add_frame(store, &row.id, 1);
        add_frame(store, &row.id, 2);
    }
    struct op_row first = a_row(1);
    assert_int_equal(store->ops->result(store, &first.id, bytes_of("a result"), NULL), 0);
    add_blob(store, "the content of a result", &first.id);
    assert_int_equal(store->ops->mark(store, "a mark", 7, NULL), 0);
    commit(store);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void name_copy(const struct store_fixture *fixture, char path[128], char url[160])
{
    snprintf(path, 128, "%s.copy", fixture->path);
    snprintf(url, 160, "sqlite:%s", path);
}

static void remove_copy(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock", ".part"};
    char name[160];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static void assert_absent(const char *path, const char *suffix)
{
    char name[160];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    assert_int_equal(access(name, F_OK), -1);
    assert_int_equal(errno, ENOENT);
}

/* ---- checking -------------------------------------------------------------------------------- */

static void a_whole_store_is_counted_while_its_owner_has_it(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    struct op_row open_round = a_row(OPERATIONS + 1);
    fill_store(fixture->store);
    put(fixture->store, &open_round);
    assert_int_equal(store_check(fixture->url, NULL, NULL, &summary, NULL), 0);
    assert_int_equal(summary.operations, OPERATIONS);
    assert_int_equal(summary.open, OPERATIONS);
    assert_int_equal(summary.frames, 2 * OPERATIONS);
    assert_int_equal(summary.blobs, 1);
    assert_int_equal(summary.blob_bytes, strlen("the content of a result"));
    assert_int_equal(summary.damages, 0);
    commit(fixture->store); /* it is as it was */
}

struct heard {
    unsigned count;
    char first[256];
};

static void hear(void *arg, const char *text)
{
    struct heard *heard = arg;
    if (heard->count++ == 0)
        snprintf(heard->first, sizeof heard->first, "%s", text);
}

/* What somebody changes by hand, and what is said of it. */
static const struct {
    const char *sql;
    const char *text;
} damages[] = {
    {"UPDATE op SET priority = 1 WHERE op = 3", "table op"},
    {"UPDATE request SET bytes = x'00' WHERE op = 3", "table request"},
    {"UPDATE result SET bytes = x'00'", "table result"},
    {"UPDATE frame SET bytes = x'00' WHERE op = 3 AND seq = 2", "table frame"},
    {"DELETE FROM frame WHERE op = 3 AND seq = 1", "frame 1 of operation"},
    {"DELETE FROM frame WHERE op = 3 AND seq = 2", "frame 2 of operation"},
    {"DELETE FROM request WHERE op = 3", "table request"},
    {"UPDATE blob SET size = 24", "table blob"},
    {"UPDATE blob_piece SET bytes = x'00'", "table blob_piece"},
    {"DELETE FROM blob_piece", "table blob_piece"},
    {"DELETE FROM op WHERE op = 3", "belong to no operation"},
    {"UPDATE meta SET value = 3 WHERE name = 'epoch'", "table meta"},
    {"UPDATE meta SET value = 3 WHERE name = 'mark:a mark'", "table meta"},
    {"DELETE FROM meta WHERE name = 'fence'", "table meta"},
};

static void every_damage_is_found_and_named(void **state)
{
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct store_fixture *fixture = *state;
        struct store_summary summary;
        struct heard heard = {0};
        struct gpmq_error err;
        fill_store(fixture->store);
        store_close(&fixture->store);
        run_sql(fixture->path, damages[i].sql);
        if (store_check(fixture->url, hear, &heard, &summary, &err) != GPMQ_EDAMAGED)
            fail_msg("not found: %s", damages[i].sql);
        assert_in_range(heard.count, 1, 20);
        assert_int_equal(heard.count, summary.damages);
        assert_string_equal(heard.first, err.text);
        if (!strstr(heard.first, damages[i].text))
            fail_msg("%s: %s", damages[i].sql, heard.first);
        unlink(fixture->path);
        store_fixture_open(fixture);
    }
}

static void the_check_goes_on_behind_a_damage(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    fill_store(fixture->store);
    store_close(&fixture->store);
    run_sql(fixture->path, "UPDATE op SET priority = 1 WHERE op IN (3, 5)");
    run_sql(fixture->path, "UPDATE frame SET bytes = x'00' WHERE op = 20 AND seq = 1");
    assert_int_equal(store_check(fixture->url, NULL, NULL, &summary, NULL), GPMQ_EDAMAGED);
    assert_int_equal(summary.damages, 3);
    assert_int_equal(summary.operations, OPERATIONS);
    store_fixture_open(fixture);
}

static void what_is_no_store_is_not_checked(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    char path[128], url[160];
    name_copy(fixture, path, url);
    assert_int_equal(store_check(url, NULL, NULL, &summary, NULL), GPMQ_ENOTFOUND);
    assert_absent(path, "");
    assert_int_equal(store_check("memory:", NULL, NULL, &summary, NULL), GPMQ_EUNSUPPORTED);
    run_sql(path, "CREATE TABLE recipe(name TEXT)");
    assert_int_equal(store_check(url, NULL, NULL, &summary, NULL), GPMQ_EDAMAGED);
    run_sql(path, "DROP TABLE recipe; PRAGMA application_id = 1735421297; PRAGMA user_version = 1");
    assert_int_equal(store_check(url, NULL, NULL, &summary, NULL), GPMQ_EVERSION);
    remove_copy(path);
}

/* ---- copying --------------------------------------------------------------------------------- */

static void a_copy_of_a_store_in_use_has_all_that_was_committed(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    struct op_row later = a_row(OPERATIONS + 1), item = a_row(3);
    char path[128], url[160];
    CLEANUP(store_close) struct store *copy = NULL;
    name_copy(fixture, path, url);
    fill_store(fixture->store);
    put(fixture->store, &later); /* of a round that is open */
    assert_int_equal(store_backup(fixture->url, path, &summary, NULL), 0);
    commit(fixture->store);
    assert_int_equal(summary.operations, OPERATIONS);
    assert_absent(path, ".part");
    assert_absent(path, "-wal");

    assert_int_equal(store_open(&copy, url, NULL), 0);
    struct seen_row seen = read_row(copy, &item.id);
    assert_int_equal(seen.row.state, GPMQ_ASSIGNED);
    assert_string_equal(read_frames(copy, &item.id, 1).text, "a framea frame");
    put(copy, &later); /* the copy goes its own way */
    commit(copy);
    store_close(&copy);
    remove_copy(path);
}

static void a_file_that_is_there_is_left_alone(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    char path[128], url[160];
    name_copy(fixture, path, url);
    fill_store(fixture->store);
    assert_int_equal(store_backup(fixture->url, path, &summary, NULL), 0);
    assert_int_equal(store_backup(fixture->url, path, &summary, NULL), GPMQ_EEXIST);
    assert_int_equal(store_check(url, NULL, NULL, &summary, NULL), 0);
    remove_copy(path);
}

static void a_damaged_store_has_no_copy(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    char path[128], url[160];
    name_copy(fixture, path, url);
    fill_store(fixture->store);
    store_close(&fixture->store);
    run_sql(fixture->path, "UPDATE request SET bytes = x'00' WHERE op = 3");
    assert_int_equal(store_backup(fixture->url, path, &summary, NULL), GPMQ_EDAMAGED);
    assert_absent(path, "");
    assert_absent(path, ".part");
    store_fixture_open(fixture);
}

static void a_full_disk_leaves_no_copy(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    char path[128], url[160];
    name_copy(fixture, path, url);
    fill_store(fixture->store);
    store_fixture_limit_files(16384);
    int rc = store_backup(fixture->url, path, &summary, NULL);
    store_fixture_limit_files(0);
    assert_int_equal(rc, GPMQ_ENOSPACE);
    assert_absent(path, "");
    assert_absent(path, ".part");
}

/* Whatever the moment: the copy is there and whole, or is not there. */
static void a_copy_that_was_killed_is_whole_or_absent(void **state)
{
    struct store_fixture *fixture = *state;
    struct store_summary summary;
    char path[128], url[160];
    name_copy(fixture, path, url);
    fill_store(fixture->store);
    store_close(&fixture->store); /* a database is not carried over a fork */
    unsigned whole = 0;
    for (unsigned i = 0; i < KILLS; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(store_backup(fixture->url, path, &summary, NULL) == 0 ? 0 : 1);
        usleep(i * 400); /* a moment of its own for each; no matter which */
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        if (access(path, F_OK) != 0)
            continue;
        whole++;
        assert_int_equal(store_check(url, NULL, NULL, &summary, NULL), 0);
        assert_int_equal(summary.operations, OPERATIONS);
        unlink(path);
    }
    if (!whole) /* what a killed one left is no hindrance */
        assert_int_equal(store_backup(fixture->url, path, &summary, NULL), 0);
    remove_copy(path);
    store_fixture_open(fixture);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        PROMISE(a_whole_store_is_counted_while_its_owner_has_it),
        PROMISE(every_damage_is_found_and_named),
        PROMISE(the_check_goes_on_behind_a_damage),
        PROMISE(what_is_no_store_is_not_checked),
        PROMISE(a_copy_of_a_store_in_use_has_all_that_was_committed),
        PROMISE(a_file_that_is_there_is_left_alone),
        PROMISE(a_damaged_store_has_no_copy),
        PROMISE(a_full_disk_leaves_no_copy),
        PROMISE(a_copy_that_was_killed_is_whole_or_absent),
    };
    return store_fixture_run_kind("sqlite", tests, sizeof tests / sizeof tests[0]);
}
