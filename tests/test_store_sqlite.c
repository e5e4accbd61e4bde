/* test_store_sqlite.c - what only a store in a file can suffer: damage, a second owner, a full
 * disk, a process that is killed. */
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"

enum { ROUND_ROWS = 4 };

static int open_again(struct store_fixture *fixture, struct gpmq_error *err)
{
    store_close(&fixture->store);
    return store_open(&fixture->store, fixture->url, err);
}

/* Somebody changes the closed file by hand. */
static void tamper(struct store_fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    store_close(&fixture->store);
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void a_second_owner_is_told_who_the_first_is(void **state)
{
    struct store_fixture *fixture = *state;
    struct store *second = NULL;
    struct gpmq_error err;
    char who[64];
    assert_int_equal(store_open(&second, fixture->url, &err), GPMQ_EBUSY);
    snprintf(who, sizeof who, "belongs to process %ld", (long)getpid());
    assert_non_null(strstr(err.text, who));
    assert_null(second);
    store_close(&fixture->store);
    assert_int_equal(store_open(&second, fixture->url, &err), 0);
    store_close(&second);
}

static void another_name_of_the_file_has_the_same_owner(void **state)
{
    struct store_fixture *fixture = *state;
    struct store *second = NULL;
    char other[128], url[160];
    snprintf(other, sizeof other, "%s.other", fixture->path);
    snprintf(url, sizeof url, "sqlite:%s", other);
    assert_int_equal(symlink(fixture->path, other), 0);
    assert_int_equal(store_open(&second, url, NULL), GPMQ_EBUSY);
}

static void only_its_owner_may_read_the_file(void **state)
{
    struct store_fixture *fixture = *state;
    struct op_row row = a_row(1);
    static const char *const suffixes[] = {"", "-wal", ".lock"};
    put(fixture->store, &row);
    commit(fixture->store);
    for (int i = 0; i < 3; i++) {
        char name[128];
        struct stat file;
        snprintf(name, sizeof name, "%s%s", fixture->path, suffixes[i]);
        assert_int_equal(stat(name, &file), 0);
        assert_int_equal(file.st_mode & 07777, 0600);
    }
}

static void what_cannot_be_opened_says_why(void **state)
{
    struct store *store = NULL;
    struct gpmq_error err;
    (void)state;
    assert_int_equal(store_open(&store, "sqlite:/nowhere/at/all.db", &err), GPMQ_ENOTFOUND);
    assert_non_null(strstr(err.text, "/nowhere/at/all.db"));
    assert_int_equal(store_open(&store, "sqlite:/tmp", &err), GPMQ_EIO);
    assert_null(store);
}

/* A table, how to damage one of its records, and the question that finds out. */
struct damage {
    const char *sql;
    const char *text;
    int (*ask)(struct store *store, const struct op_row *row, struct gpmq_error *err);
};

static int ask_row(struct store *store, const struct op_row *row, struct gpmq_error *err)
{
    return try_read(store, &row->id, err);
}

static int ask_load(struct store *store, const struct op_row *row, struct gpmq_error *err)
{
    struct seen_row seen = {0};
    (void)row;
    int rc = store->ops->load(store, see_row, &seen, err);
    assert_int_equal(seen.count, 1); /* the other one */
    return rc;
}

static int ask_frames(struct store *store, const struct op_row *row, struct gpmq_error *err)
{
    struct seen_frames seen = {0};
    return store->ops->frames(store, &row->id, 1, see_frame, &seen, err);
}

static const uint8_t no_digest[32];

static int ask_blob(struct store *store, const struct op_row *row, struct gpmq_error *err)
{
    uint64_t next;
    (void)row;
    return store->ops->blob_write(store, no_digest, 9, 4, bytes_of("more!"), NULL, 1, &next, err);
}

static const struct damage damages[] = {
    {"UPDATE op SET priority = 9 WHERE op = 1", "table op", ask_row},
    {"UPDATE op SET priority = 9 WHERE op = 1", "table op", ask_load},
    {"UPDATE op SET client = 'desl' WHERE op = 1", "table op", ask_row},
    {"UPDATE op SET worker = '' WHERE op = 1", "table op", ask_row},
    {"UPDATE op SET sum = sum + 1 WHERE op = 1", "table op", ask_frames},
    {"UPDATE op SET id = x'017f' WHERE op = 1", "there is no operation", ask_row},
    {"UPDATE request SET bytes = x'01' WHERE op = 1", "table request", ask_row},
    {"UPDATE request SET bytes = x'01' WHERE op = 1", "table request", ask_load},
    {"DELETE FROM request WHERE op = 1", "table request", ask_row},
    {"UPDATE result SET bytes = x'00'", "table result", ask_row},
    {"UPDATE frame SET bytes = x'' WHERE seq = 2", "frame 2", ask_frames},
    {"UPDATE frame SET seq = 9 WHERE seq = 2", "frame 2", ask_frames},
    {"DELETE FROM frame WHERE seq = 1", "frame 1", ask_frames},
    {"UPDATE blob SET received = 5", "table blob", ask_blob},
    {"UPDATE blob_piece SET bytes = x'00000000'", "table blob_piece", ask_blob},
};

static void a_damaged_record_names_its_table_and_id(void **state)
{
    struct store_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct op_row row = a_row(1), other = a_row(2);
        struct gpmq_error err = {0};
        uint64_t next;
        put(fixture->store, &row);
        put(fixture->store, &other);
        put_frame(fixture->store, &row, 1, "one");
        put_frame(fixture->store, &row, 2, "two");
        fixture->store->ops->result(fixture->store, &row.id, bytes_of("result"), NULL);
        fixture->store->ops->blob_write(fixture->store, no_digest, 9, 0, bytes_of("four"), NULL, 1,
                                        &next, NULL);
        commit(fixture->store);
        tamper(fixture, damages[i].sql);
        assert_int_equal(open_again(fixture, &err), 0);
        int rc = damages[i].ask(fixture->store, &row, &err);
        assert_true(rc == GPMQ_EDAMAGED || rc == GPMQ_ENOTFOUND);
        if (!strstr(err.text, damages[i].text))
            fail_msg("%s: %s", damages[i].sql, err.text);
        store_close(&fixture->store);
        unlink(fixture->path);
        store_fixture_open(fixture);
    }
}

static void lost_records_are_noticed_at_the_door(void **state)
{
    struct store_fixture *fixture = *state;
    struct op_row row = a_row(1);
    struct gpmq_error err;
    put(fixture->store, &row);
    commit(fixture->store);
    tamper(fixture, "DELETE FROM meta WHERE name = 'fence'");
    assert_int_equal(open_again(fixture, &err), GPMQ_EDAMAGED);
    tamper(fixture, "DELETE FROM meta");
    assert_int_equal(open_again(fixture, &err), GPMQ_EDAMAGED);
    tamper(fixture, "INSERT INTO meta VALUES ('epoch', 1, 1)");
    assert_int_equal(open_again(fixture, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "'epoch'"));
}

/* ---- bytes that flip ---- */

enum { FLIP_ROWS = 40, FLIP_STEP = 131 };

/* What row n of the flipped store must say, if it says anything. */
static int judge_flipped(void *arg, const struct op_row *row, struct store_bytes request,
                         struct store_bytes result, struct gpmq_error *err)
{
    (void)err;
    (void)result;
    unsigned n = (unsigned)row->id.bytes[15];
    struct op_row right = a_row(n);
    assert_in_range(n, 1, FLIP_ROWS);
    assert_true(gpmq_id_equal(&row->id, &right.id));
    assert_int_equal(row->state, right.state);
    assert_int_equal(row->submitted_unix_ms, right.submitted_unix_ms);
    assert_string_equal(row->client, right.client);
    assert_int_equal(request.size, 7);
    assert_memory_equal(request.bytes, "request", 7);
    ++*(unsigned *)arg;
    return 0;
}

/* All or a complaint: a store never hands out less without saying so. */
static void read_flipped(struct store *store, size_t at)
{
    unsigned count = 0;
    struct gpmq_error err = {0};
    int rc = store->ops->load(store, judge_flipped, &count, &err);
    assert_true(rc == 0 || rc == GPMQ_EDAMAGED || rc == GPMQ_ESTORE);
    assert_true(rc || count == FLIP_ROWS);
    bool complained = rc != 0;
    for (unsigned n = 1; n <= FLIP_ROWS; n++) {
        struct op_row row = a_row(n);
        struct seen_frames seen = {0};
        rc = store->ops->read(store, &row.id, judge_flipped, &count, &err);
        if (rc == GPMQ_ENOTFOUND && !complained)
            fail_msg("byte %zu: operation %u is gone, and nobody said so", at, n);
        rc = store->ops->frames(store, &row.id, 1, see_frame, &seen, &err);
        assert_true(rc || strcmp(seen.text, "onetwo") == 0);
    }
}

static void fill_for_flips(struct store *store)
{
    for (unsigned n = 1; n <= FLIP_ROWS; n++) {
        struct op_row row = a_row(n);
        row.seq = 2;
        put(store, &row);
        put_frame(store, &row, 1, "one");
        put_frame(store, &row, 2, "two");
    }
    commit(store);
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
    CLEANUP(close_file) FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
}

static void a_flipped_byte_never_gives_a_wrong_answer(void **state)
{
    struct store_fixture *fixture = *state;
    uint8_t bytes[256 * 1024];
    fill_for_flips(fixture->store);
    store_close(&fixture->store);
    CLEANUP(close_file) FILE *file = fopen(fixture->path, "r");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_in_range(size, 1, sizeof bytes - 1);
    size_t step = getenv("GPMQ_FLIP_EVERY_BYTE") ? 1 : FLIP_STEP;
    for (size_t at = 0; at < size; at += step) {
        bytes[at] ^= (uint8_t)(1u << (at % 8));
        write_file(fixture->path, bytes, size);
        if (store_open(&fixture->store, fixture->url, NULL) == 0)
            read_flipped(fixture->store, at);
        store_close(&fixture->store);
        bytes[at] ^= (uint8_t)(1u << (at % 8));
    }
}

/* ---- a full disk ---- */

static bool try_round(struct store *store, unsigned first)
{
    for (unsigned n = first; n < first + ROUND_ROWS; n++) {
        struct op_row row = a_row(n);
        struct gpmq_error err = {0};
        int rc = store->ops->submit(store, &row, bytes_of("request"), &err);
        if (rc && rc != GPMQ_ENOSPACE)
            fail_msg("%s", err.text);
        if (rc)
            return false;
    }
    struct gpmq_error err = {0};
    int rc = store->ops->commit(store, &err);
    if (rc && rc != GPMQ_ENOSPACE)
        fail_msg("%s", err.text);
    return rc == 0;
}

/* How many rounds are there, each whole? */
static unsigned whole_rounds(struct store *store)
{
    struct store_stat stat;
    assert_int_equal(store->ops->stat(store, &stat, NULL), 0);
    assert_int_equal(stat.open_count % ROUND_ROWS, 0);
    for (unsigned n = 1; n <= stat.open_count; n++) {
        struct op_row row = a_row(n);
        assert_int_equal(try_read(store, &row.id, NULL), 0);
    }
    return (unsigned)stat.open_count / ROUND_ROWS;
}

static void a_full_disk_takes_nothing_that_was_committed(void **state)
{
    struct store_fixture *fixture = *state;
    for (size_t size = 64 * 1024; size < 512 * 1024; size += 12 * 1024) {
        unsigned rounds = whole_rounds(fixture->store);
        store_fixture_limit_files(size);
        while (try_round(fixture->store, rounds * ROUND_ROWS + 1))
            rounds++;
        store_fixture_limit_files(0);
        assert_int_equal(open_again(fixture, NULL), 0);
        assert_int_equal(whole_rounds(fixture->store), rounds);
    }
}

/* ---- a process that is killed ---- */

enum { KILLS = 20, ROUNDS_BEFORE_KILL = 10 };

/* Commits rounds and tells of each, until it is killed. */
static void commit_and_tell(struct store_fixture *fixture, int fd)
{
    struct store *store = NULL;
    if (store_open(&store, fixture->url, NULL))
        _exit(1);
    struct store_stat stat;
    if (store->ops->stat(store, &stat, NULL))
        _exit(2);
    unsigned round = (unsigned)stat.open_count / ROUND_ROWS;
    while (try_round(store, round * ROUND_ROWS + 1)) {
        round++;
        if (write(fd, &round, sizeof round) != sizeof round)
            _exit(3);
    }
    _exit(4);
}

/* Runs it until it has told of some rounds, kills it, and returns the last round it told of. */
static unsigned kill_after_rounds(struct store_fixture *fixture, int rounds)
{
    int ends[2];
    unsigned told = 0, round;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        commit_and_tell(fixture, ends[1]);
    close(ends[1]);
    for (int i = 0; i < rounds && read(ends[0], &round, sizeof round) == sizeof round; i++)
        told = round;
    kill(child, SIGKILL);
    while (read(ends[0], &round, sizeof round) == sizeof round)
        told = round;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return told;
}

static void after_kill_9_every_told_round_is_there_and_whole(void **state)
{
    struct store_fixture *fixture = *state;
    unsigned all = 0;
    for (int i = 0; i < KILLS; i++) {
        store_close(&fixture->store);
        unsigned told = kill_after_rounds(fixture, ROUNDS_BEFORE_KILL);
        assert_int_equal(open_again(fixture, NULL), 0);
        unsigned rounds = whole_rounds(fixture->store);
        assert_true(told > all && rounds >= told && rounds <= told + 1);
        all = rounds;
    }
}

enum {
    FLOOD_ROUNDS = 300,
    FLOOD_PIECE = 256 << 10, /* a piece a round: 75 MB through the log */
    LOG_MAX = 32 << 20,      /* twice what starts a checkpoint */
};

static void the_log_is_moved_into_the_file_again_and_again(void **state)
{
    struct store_fixture *fixture = *state;
    static char piece[FLOOD_PIECE];
    char log[128];
    struct stat file;
    snprintf(log, sizeof log, "%s-wal", fixture->path);
    for (uint64_t i = 1; i <= FLOOD_ROUNDS; i++) {
        uint8_t digest[32] = {0};
        uint64_t next;
        memcpy(digest, &i, sizeof i);
        assert_int_equal(fixture->store->ops->blob_write(fixture->store, digest, 2 * FLOOD_PIECE, 0,
                                                         (struct store_bytes){piece, sizeof piece},
                                                         NULL, 1, &next, NULL),
                         0);
        commit(fixture->store);
    }
    assert_int_equal(stat(log, &file), 0);
    assert_true(file.st_size < LOG_MAX);
}

/* So many that one call does not remove them all: none stands in the way of a round for long. */
static void many_blobs_go_a_part_at_a_time_and_all_in_the_end(void **state)
{
    enum { BLOBS = 600 };
    struct store_fixture *fixture = *state;
    struct store *store = fixture->store;
    const struct store_quota quota = {.client = "anna"};
    uint64_t next, kept = BLOBS;
    uint32_t removed;
    for (uint16_t i = 0; i < BLOBS; i++) {
        uint8_t digest[32] = {(uint8_t)i, (uint8_t)(i >> 8)};
        assert_int_equal(store->ops->blob_write(store, digest, 1, 0, (struct store_bytes){0},
                                                &quota, 1, &next, NULL),
                         0);
    }
    commit(store);
    unsigned calls = 0;
    while (kept && calls++ < 10) {
        assert_int_equal(store->ops->retain(store, 100, 100, &removed, NULL), 0);
        commit(store);
        assert_true(store->ops->blob_kept(store, "anna") < kept);
        kept = store->ops->blob_kept(store, NULL);
    }
    assert_int_equal(kept, 0);
    assert_int_equal(calls, 3);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        PROMISE(the_log_is_moved_into_the_file_again_and_again),
        PROMISE(a_second_owner_is_told_who_the_first_is),
        PROMISE(another_name_of_the_file_has_the_same_owner),
        PROMISE(only_its_owner_may_read_the_file),
        PROMISE(what_cannot_be_opened_says_why),
        PROMISE(a_damaged_record_names_its_table_and_id),
        PROMISE(many_blobs_go_a_part_at_a_time_and_all_in_the_end),
        PROMISE(lost_records_are_noticed_at_the_door),
        PROMISE(a_flipped_byte_never_gives_a_wrong_answer),
        PROMISE(a_full_disk_takes_nothing_that_was_committed),
        PROMISE(after_kill_9_every_told_round_is_there_and_whole),
    };
    return store_fixture_run_kind("sqlite", tests, sizeof tests / sizeof tests[0]);
}
