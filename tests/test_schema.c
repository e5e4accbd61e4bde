/* test_schema.c - stores that older versions wrote are opened, newer ones are refused. */
#include "store_fixture.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "schema.h"

/* Runs SQL on the closed file. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static char *read_golden(const char *name)
{
    enum { GOLDEN_SIZE = 64 * 1024 };
    const char *source = getenv("GPMQ_SOURCE_DIR");
    char path[512];
    snprintf(path, sizeof path, "%s/tests/data/stores/%s", source ? source : ".", name);
    CLEANUP(close_file) FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    char *text = calloc(1, GOLDEN_SIZE);
    assert_in_range(fread(text, 1, GOLDEN_SIZE - 1, file), 1, GOLDEN_SIZE - 2);
    return text;
}

/* The test's store becomes what a golden file says. */
static void open_golden(struct store_fixture *fixture, const char *name)
{
    CLEANUP(free_pointer) char *sql = read_golden(name);
    store_close(&fixture->store);
    assert_int_equal(unlink(fixture->path), 0);
    run_sql(fixture->path, sql);
    store_fixture_open(fixture);
}

/* What every golden store holds: operation 1 is queued; 2 is batch, 3 its item, which ended. */
static void assert_golden(struct store *store)
{
    struct op_row queued = a_row(1), batch = a_row(2), item = a_row(3);
    struct seen_row seen = {0};
    assert_int_equal(store->ops->load(store, see_row, &seen, NULL), 0);
    assert_memory_equal(seen.order, "\1\0", 2);
    seen = read_row(store, &queued.id);
    assert_memory_equal(seen.request, "request", 7);
    assert_string_equal(seen.client, "desk");
    assert_true(read_row(store, &batch.id).row.is_batch);
    seen = read_row(store, &item.id);
    assert_true(gpmq_id_equal(&seen.row.batch, &batch.id));
    assert_int_equal(seen.row.state, GPMQ_SUCCEEDED);
    assert_int_equal(seen.row.finished_unix_ms, 1700000001000);
    assert_string_equal(seen.worker, "w1");
    assert_memory_equal(seen.result, "result", 6);
    assert_string_equal(read_frames(store, &item.id, 1).text, "onetwo");
}

static void assert_golden_blob(struct store *store)
{
    uint8_t digest[32];
    char content[8] = "";
    size_t size = sizeof content;
    uint64_t total;
    crypto_generichash(digest, sizeof digest, (const uint8_t *)"content", 7, NULL, 0);
    assert_int_equal(store->ops->blob_read(store, digest, 0, content, &size, &total, NULL), 0);
    assert_int_equal(size, 7);
    assert_string_equal(content, "content");
}

static void a_store_of_version_1_opens_and_reads(void **state)
{
    struct store_fixture *fixture = *state;
    open_golden(fixture, "version1.sql");
    assert_golden(fixture->store);
    assert_golden_blob(fixture->store);
    assert_int_equal(fixture->store->ops->fence(fixture->store), 4096);
    assert_int_equal(fixture->store->ops->epoch(fixture->store), 2);
}

static void a_store_of_version_1_can_be_written(void **state)
{
    struct store_fixture *fixture = *state;
    struct op_row queued = a_row(1), fresh = a_row(4);
    open_golden(fixture, "version1.sql");
    move(fixture->store, &queued, GPMQ_ASSIGNED);
    put(fixture->store, &fresh);
    commit(fixture->store);
    store_fixture_crash(state);
    assert_int_equal(read_row(fixture->store, &queued.id).row.state, GPMQ_ASSIGNED);
    assert_int_equal(read_row(fixture->store, &fresh.id).request_size, 7);
}

/* What was added with version 2: an operation that is dead, and was dropped. */
static void assert_golden_dead(struct store *store)
{
    struct op_row dead = a_row(4);
    struct seen_row seen = read_row(store, &dead.id);
    assert_int_equal(seen.row.state, GPMQ_DEAD);
    assert_int_equal(seen.row.crashes, 3);
    assert_int_equal(seen.row.losses, 2);
    assert_int_equal(seen.row.fate, GPMQ_FATE_DROPPED);
}

static void stores_of_later_versions_open_and_read(void **state)
{
    static const char *const names[] = {"version2.sql", "version3.sql"};
    struct store_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        open_golden(fixture, names[i]);
        assert_golden(fixture->store);
        assert_golden_blob(fixture->store);
        assert_golden_dead(fixture->store);
    }
    assert_int_equal(SCHEMA_VERSION, 1 + sizeof names / sizeof *names); /* each has its file */
}

static void a_file_in_use_elsewhere_is_not_taken_for_a_store(void **state)
{
    struct store_fixture *fixture = *state;
    struct gpmq_error err;
    store_close(&fixture->store);
    unlink(fixture->path);
    run_sql(fixture->path, "CREATE TABLE recipe(name TEXT)");
    assert_int_equal(store_open(&fixture->store, fixture->url, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "is a database, but no store of gpmq"));
    CLEANUP(close_file) FILE *file = fopen(fixture->path, "w");
    fputs("This is a letter, and as long as a header of a database has to be: 100 bytes. "
          "It says nothing else at all.",
          file);
    fflush(file);
    assert_int_equal(store_open(&fixture->store, fixture->url, &err), GPMQ_EDAMAGED);
    assert_null(fixture->store);
}

static void a_newer_store_is_refused_and_left_alone(void **state)
{
    struct store_fixture *fixture = *state;
    struct op_row row = a_row(1);
    struct gpmq_error err;
    put(fixture->store, &row);
    commit(fixture->store);
    store_close(&fixture->store);
    run_sql(fixture->path, "PRAGMA user_version = 999");
    assert_int_equal(store_open(&fixture->store, fixture->url, &err), GPMQ_EVERSION);
    assert_non_null(strstr(err.text, "version 999"));
    char back[64];
    snprintf(back, sizeof back, "PRAGMA user_version = %d", SCHEMA_VERSION);
    run_sql(fixture->path, back);
    store_fixture_open(fixture);
    read_row(fixture->store, &row.id);
}

static void an_empty_file_becomes_a_store(void **state)
{
    struct store_fixture *fixture = *state;
    store_close(&fixture->store);
    unlink(fixture->path);
    CLEANUP(close_file) FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    store_fixture_open(fixture);
    assert_int_equal(fixture->store->ops->epoch(fixture->store), 1);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        PROMISE(a_store_of_version_1_opens_and_reads),
        PROMISE(a_store_of_version_1_can_be_written),
        PROMISE(stores_of_later_versions_open_and_read),
        PROMISE(a_file_in_use_elsewhere_is_not_taken_for_a_store),
        PROMISE(a_newer_store_is_refused_and_left_alone),
        PROMISE(an_empty_file_becomes_a_store),
    };
    return store_fixture_run_kind("sqlite", tests, sizeof tests / sizeof tests[0]);
}
