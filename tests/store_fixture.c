/* store_fixture.c - a fresh store for each test. */
#include "store_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store_memory.h"

void store_fixture_open(struct store_fixture *fixture)
{
    struct gpmq_error err = {0};
    int rc = store_open(&fixture->store, fixture->url, &err);
    if (rc)
        fail_msg("%s", err.text);
}

void store_fixture_limit_files(size_t size)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size ? size : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void crash_memory(struct store_fixture *fixture)
{
    store_memory_crash(fixture->store);
}

static int fail_memory(struct store_fixture *fixture, struct gpmq_error *err)
{
    store_memory_fail_commit(fixture->store);
    return fixture->store->ops->commit(fixture->store, err);
}

/* What the system keeps of a process that dies are its files: closing drops the round alike. */
static void crash_sqlite(struct store_fixture *fixture)
{
    store_close(&fixture->store);
    store_fixture_open(fixture);
}

static int fail_sqlite(struct store_fixture *fixture, struct gpmq_error *err)
{
    store_fixture_limit_files(1);
    int rc = fixture->store->ops->commit(fixture->store, err);
    store_fixture_limit_files(0);
    return rc;
}

const struct store_kind store_kinds[] = {
    {"memory", "memory:%.0s", crash_memory, fail_memory},
    {"sqlite", "sqlite:%s/queue.db", crash_sqlite, fail_sqlite},
};
const size_t store_kinds_count = sizeof store_kinds / sizeof store_kinds[0];

int store_fixture_setup(void **state)
{
    struct store_fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->kind = *state;
    const char *parent = getenv("TMPDIR");
    snprintf(fixture->folder, sizeof fixture->folder, "%s/gpmq-store-XXXXXX",
             parent && strlen(parent) < 40 ? parent : "/tmp");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof fixture->path, "%s/queue.db", fixture->folder);
    const char *colon = strchr(fixture->kind->url, ':');
    snprintf(fixture->url, sizeof fixture->url, "%.*s:%s", (int)(colon - fixture->kind->url),
             fixture->kind->url, strstr(colon, "%s") ? fixture->path : "");
    store_fixture_open(fixture);
    *state = fixture;
    return 0;
}

int store_fixture_teardown(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock", ".other", ".other.lock"};
    struct store_fixture *fixture = *state;
    store_close(&fixture->store);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", fixture->path, suffixes[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

void store_fixture_crash(void **state)
{
    struct store_fixture *fixture = *state;
    fixture->kind->crash(fixture);
}

static int run_kind(struct CMUnitTest *tests, size_t count, const struct store_kind *kind)
{
    for (size_t i = 0; i < count; i++)
        tests[i].initial_state = (void *)(uintptr_t)kind;
    return _cmocka_run_group_tests(kind->name, tests, count, NULL, NULL);
}

int store_fixture_run_kind(const char *name, struct CMUnitTest *tests, size_t count)
{
    for (size_t kind = 0; kind < store_kinds_count; kind++)
        if (strcmp(store_kinds[kind].name, name) == 0)
            return run_kind(tests, count, &store_kinds[kind]);
    fail_msg("no store is called %s", name);
    return 1;
}

int store_fixture_run(struct CMUnitTest *tests, size_t count)
{
    int failures = 0;
    for (size_t kind = 0; kind < store_kinds_count; kind++)
        failures += run_kind(tests, count, &store_kinds[kind]);
    return failures;
}

struct op_row a_row(unsigned n)
{
    uint8_t random[10] = {0};
    random[8] = (uint8_t)(n >> 8);
    random[9] = (uint8_t)n;
    return (struct op_row){
        .id = gpmq_id_make(1700000000000, random),
        .state = GPMQ_QUEUED,
        .priority = GPMQ_PRIORITY_DEFAULT,
        .weight = 1,
        .submitted_unix_ms = 1700000000000 + (int64_t)n,
        .client = "desk",
    };
}

struct store_bytes bytes_of(const char *text)
{
    return (struct store_bytes){text, strlen(text)};
}

int see_row(void *arg, const struct op_row *row, struct store_bytes request,
            struct store_bytes result, struct gpmq_error *err)
{
    struct seen_row *seen = arg;
    if (seen->answer && err)
        *err = (struct gpmq_error){seen->answer, "the sink has seen enough"};
    if (seen->answer)
        return seen->answer;
    assert_true(request.size <= sizeof seen->request && result.size <= sizeof seen->result);
    if (seen->count < sizeof seen->order)
        seen->order[seen->count] = row->id.bytes[15];
    seen->count++;
    seen->row = *row;
    snprintf(seen->client, sizeof seen->client, "%s", row->client ? row->client : "");
    snprintf(seen->worker, sizeof seen->worker, "%s", row->worker ? row->worker : "");
    memcpy(seen->request, request.size ? request.bytes : "", request.size);
    memcpy(seen->result, result.size ? result.bytes : "", result.size);
    seen->request_size = request.size;
    seen->result_size = result.size;
    seen->has_result = result.bytes != NULL;
    return 0;
}

int see_frame(void *arg, uint64_t seq, struct store_bytes frame, struct gpmq_error *err)
{
    struct seen_frames *seen = arg;
    size_t length = strlen(seen->text);
    (void)err;
    if (!seen->count++)
        seen->first = seq;
    seen->last = seq;
    snprintf(seen->text + length, sizeof seen->text - length, "%.*s", (int)frame.size,
             (const char *)frame.bytes);
    return 0;
}

void put(struct store *store, const struct op_row *row)
{
    assert_int_equal(store->ops->submit(store, row, bytes_of("request"), NULL), 0);
}

void put_frame(struct store *store, const struct op_row *row, uint64_t seq, const char *text)
{
    assert_int_equal(store->ops->frame(store, &row->id, seq, bytes_of(text), NULL), 0);
}

void move(struct store *store, struct op_row *row, enum gpmq_state to)
{
    struct store_change change = {.from = row->state, .from_fence = row->fence, .row = row};
    struct gpmq_error err = {0};
    row->state = to;
    if (store->ops->change(store, &change, &err))
        fail_msg("%s", err.text);
}

void end_at(struct store *store, struct op_row *row, int64_t finished_unix_ms)
{
    row->finished_unix_ms = finished_unix_ms;
    move(store, row, GPMQ_SUCCEEDED);
}

void commit(struct store *store)
{
    assert_int_equal(store->ops->commit(store, NULL), 0);
}

struct seen_row read_row(struct store *store, const struct gpmq_id *id)
{
    struct seen_row seen = {0};
    struct gpmq_error err = {0};
    if (store->ops->read(store, id, see_row, &seen, &err))
        fail_msg("%s", err.text);
    assert_int_equal(seen.count, 1);
    return seen;
}

int try_read(struct store *store, const struct gpmq_id *id, struct gpmq_error *err)
{
    struct seen_row seen = {0};
    return store->ops->read(store, id, see_row, &seen, err);
}

struct seen_frames read_frames(struct store *store, const struct gpmq_id *id, uint64_t from)
{
    struct seen_frames seen = {0};
    struct gpmq_error err = {0};
    if (store->ops->frames(store, id, from, see_frame, &seen, &err))
        fail_msg("%s", err.text);
    return seen;
}
