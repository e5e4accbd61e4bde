/* test_store.c - every store is held to the promises of store.h. */
#include "store_fixture.h"

#include <string.h>

static void what_was_submitted_is_read_back(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1);
    put(store, &row);
    struct seen_row seen = read_row(store, &row.id);
    assert_true(gpmq_id_equal(&seen.row.id, &row.id));
    assert_string_equal(seen.client, "desk");
    assert_memory_equal(seen.request, "request", 7);
    assert_false(seen.has_result);
}

static struct op_row a_full_row(void)
{
    struct op_row row = a_row(2);
    row.batch = a_row(3).id;
    row.closed = row.cancel_requested = row.is_batch = true;
    row.priority = 7;
    row.state = GPMQ_RUNNING;
    row.reason = GPMQ_REASON_KEY;
    row.fence = UINT64_MAX;
    row.seq = 0;
    row.report_n = UINT64_MAX - 1;
    row.attempt = row.crashes = row.losses = row.weight = UINT32_MAX;
    row.fate = GPMQ_FATE_DROPPED;
    row.progress_numerator = INT32_MIN;
    row.progress_denominator = INT32_MAX;
    row.hr_status = GPMQ_HR_CANCELLED;
    row.code = GPMQ_ESTOPPED;
    row.started_unix_ms = INT64_MAX;
    row.finished_unix_ms = INT64_MIN;
    row.due_unix_ms = -1;
    row.total = row.succeeded = row.failed = row.cancelled = UINT32_MAX;
    return row;
}

static void assert_same_row(const struct seen_row *seen, const struct op_row *row)
{
    struct op_row have = seen->row;
    have.client = row->client;
    have.worker = row->worker;
    assert_memory_equal(&have, row, sizeof have);
    assert_string_equal(seen->client, row->client);
    assert_string_equal(seen->worker, row->worker);
}

static void a_row_keeps_the_extremes_of_every_field(void **state)
{
    struct op_row row;
    char name[GPMQ_NAME_MAX + 1];
    memset(&row, 0, sizeof row); /* also what lies between the fields */
    struct op_row full = a_full_row();
    memcpy(&row, &full, sizeof row);
    memset(name, 'w', GPMQ_NAME_MAX);
    name[GPMQ_NAME_MAX] = 0;
    row.worker = name;
    put(STORE(state), &row);
    commit(STORE(state));
    store_fixture_crash(state);
    struct seen_row seen = read_row(STORE(state), &row.id);
    assert_same_row(&seen, &row);
}

static void an_id_is_submitted_once(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1);
    struct gpmq_error err;
    put(store, &row);
    assert_int_equal(store->ops->submit(store, &row, bytes_of("other"), &err), GPMQ_EEXIST);
    commit(store);
    assert_int_equal(store->ops->submit(store, &row, bytes_of("other"), &err), GPMQ_EEXIST);
    assert_non_null(strstr(err.text, "is known already"));
    assert_memory_equal(read_row(store, &row.id).request, "request", 7);
    commit(store);
}

static void a_change_replaces_the_row(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1);
    put(store, &row);
    struct op_row before = row;
    row.state = GPMQ_ASSIGNED;
    row.fence = 9;
    row.worker = "w1";
    struct store_change change = {.from = before.state, .from_fence = 0, .row = &row};
    assert_int_equal(store->ops->change(store, &change, NULL), 0);
    commit(store);
    struct seen_row seen = read_row(store, &row.id);
    assert_int_equal(seen.row.state, GPMQ_ASSIGNED);
    assert_int_equal(seen.row.fence, 9);
    assert_string_equal(seen.worker, "w1");
}

/* A refused change says why and leaves the row as it was. */
static void refuse(struct store *store, const struct store_change *change, int code,
                   const char *text)
{
    struct gpmq_error err;
    assert_int_equal(store->ops->change(store, change, &err), code);
    assert_non_null(strstr(err.text, text));
}

static void a_change_names_state_fence_and_batch_it_starts_from(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1), other = a_row(1), unknown = a_row(2);
    row.state = GPMQ_ASSIGNED;
    row.fence = 5;
    put(store, &row);
    commit(store);
    other.batch = a_row(7).id;
    refuse(store, &(struct store_change){GPMQ_QUEUED, 5, &row}, GPMQ_ESTATE,
           "it is assigned, not queued");
    refuse(store, &(struct store_change){GPMQ_ASSIGNED, 4, &row}, GPMQ_ESTATE,
           "its fence is 5, not 4");
    refuse(store, &(struct store_change){GPMQ_ASSIGNED, 5, &other}, GPMQ_EINVAL, "batch");
    refuse(store, &(struct store_change){GPMQ_QUEUED, 0, &unknown}, GPMQ_ENOTFOUND,
           "there is no operation");
    commit(store);
    assert_int_equal(read_row(store, &row.id).row.state, GPMQ_ASSIGNED);
}

/* One of everything that a round can hold. */
static void do_everything(struct store *store, struct op_row *row, unsigned n)
{
    static const uint8_t digest[32] = {1};
    uint64_t next;
    struct op_row fresh = a_row(n);
    put(store, &fresh);
    move(store, row, GPMQ_ASSIGNED);
    put_frame(store, row, 1, "one");
    assert_int_equal(store->ops->result(store, &row->id, bytes_of("result"), NULL), 0);
    assert_int_equal(store->ops->blob_link(store, &row->id, digest, NULL), 0);
    assert_int_equal(
        store->ops->blob_write(store, digest, 9, 0, bytes_of("half"), NULL, 1, &next, NULL), 0);
    assert_int_equal(store->ops->reserve_fences(store, 100 * n, NULL), 0);
}

static void assert_nothing_was_done(struct store *store, const struct op_row *row, unsigned n)
{
    struct op_row fresh = a_row(n);
    struct store_stat stat;
    struct seen_row seen = read_row(store, &row->id);
    assert_int_equal(seen.row.state, GPMQ_QUEUED);
    assert_false(seen.has_result);
    assert_int_equal(read_frames(store, &row->id, 1).count, 0);
    assert_int_equal(try_read(store, &fresh.id, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(store->ops->stat(store, &stat, NULL), 0);
    assert_int_equal(stat.open_count, 1);
    assert_int_equal(stat.blob_bytes, 0);
    assert_int_equal(store->ops->fence(store), 1);
}

static void reads_see_the_open_round(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1), fresh = a_row(2);
    put(store, &row);
    commit(store);
    do_everything(store, &row, 2);
    assert_int_equal(read_row(store, &row.id).row.state, GPMQ_ASSIGNED);
    assert_true(read_row(store, &row.id).has_result);
    assert_int_equal(read_frames(store, &row.id, 1).count, 1);
    assert_int_equal(read_row(store, &fresh.id).request_size, 7);
}

static void a_round_that_was_not_committed_never_happened(void **state)
{
    struct op_row row = a_row(1);
    put(STORE(state), &row);
    commit(STORE(state));
    do_everything(STORE(state), &row, 2);
    store_fixture_crash(state);
    assert_nothing_was_done(STORE(state), &row, 2);
}

static void a_round_that_was_committed_survives(void **state)
{
    struct op_row row = a_row(1), fresh = a_row(2);
    struct store_stat stat;
    put(STORE(state), &row);
    do_everything(STORE(state), &row, 2);
    commit(STORE(state));
    commit(STORE(state)); /* an empty one */
    store_fixture_crash(state);
    struct store *store = STORE(state);
    struct seen_row seen = read_row(store, &row.id);
    assert_int_equal(seen.row.state, GPMQ_ASSIGNED);
    assert_memory_equal(seen.result, "result", 6);
    assert_string_equal(read_frames(store, &row.id, 1).text, "one");
    assert_int_equal(try_read(store, &fresh.id, NULL), 0);
    assert_int_equal(store->ops->stat(store, &stat, NULL), 0);
    assert_int_equal(stat.open_count, 2);
    assert_int_equal(stat.blob_bytes, 4);
    assert_int_equal(store->ops->fence(store), 200);
}

static void after_a_failed_commit_only_opening_again_helps(void **state)
{
    struct store_fixture *fixture = *state;
    struct op_row row = a_row(1), late = a_row(9);
    struct gpmq_error err;
    put(fixture->store, &row);
    commit(fixture->store);
    do_everything(fixture->store, &row, 2);
    int rc = fixture->kind->fail_commit(fixture, &err);
    assert_true(rc == GPMQ_ESTORE || rc == GPMQ_ENOSPACE);
    struct store *store = fixture->store;
    assert_int_equal(store->ops->commit(store, NULL), GPMQ_ESTORE);
    assert_int_equal(store->ops->submit(store, &late, bytes_of("late"), &err), GPMQ_ESTORE);
    assert_int_equal(try_read(store, &row.id, &err), GPMQ_ESTORE);
    store_fixture_crash(state);
    row.state = GPMQ_QUEUED;
    assert_nothing_was_done(STORE(state), &row, 2);
    put(STORE(state), &late);
    commit(STORE(state));
}

static void frames_are_dense_from_one_and_replayed_in_order(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1), unknown = a_row(2);
    struct store_bytes frame = bytes_of("x");
    struct gpmq_error err;
    put(store, &row);
    assert_int_equal(store->ops->frame(store, &row.id, 0, frame, &err), GPMQ_EINVAL);
    assert_int_equal(store->ops->frame(store, &row.id, 2, frame, &err), GPMQ_EINVAL);
    assert_non_null(strstr(err.text, "cannot follow frame 0"));
    put_frame(store, &row, 1, "a");
    put_frame(store, &row, 2, "b");
    put_frame(store, &row, 3, "c");
    assert_int_equal(store->ops->frame(store, &row.id, 3, frame, &err), GPMQ_EEXIST);
    assert_int_equal(store->ops->frame(store, &row.id, 5, frame, &err), GPMQ_EINVAL);
    assert_int_equal(store->ops->frame(store, &unknown.id, 1, frame, &err), GPMQ_ENOTFOUND);
    assert_string_equal(read_frames(store, &row.id, 0).text, "abc");
    assert_string_equal(read_frames(store, &row.id, 2).text, "bc");
    assert_int_equal(read_frames(store, &row.id, 2).first, 2);
    assert_int_equal(read_frames(store, &row.id, 4).count, 0);
    assert_int_equal(store->ops->frames(store, &unknown.id, 1, see_frame, NULL, &err),
                     GPMQ_ENOTFOUND);
}

static void frames_that_end_before_the_rows_seq_are_damage(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1);
    struct seen_frames seen = {0};
    struct gpmq_error err;
    row.seq = 2;
    put(store, &row);
    put_frame(store, &row, 1, "a");
    assert_int_equal(store->ops->frames(store, &row.id, 1, see_frame, &seen, &err), GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "frame 2"));
    put_frame(store, &row, 2, "b");
    assert_string_equal(read_frames(store, &row.id, 1).text, "ab");
}

static void a_result_is_set_once(void **state)
{
    struct store *store = STORE(state);
    struct op_row row = a_row(1), unknown = a_row(2);
    put(store, &row);
    assert_int_equal(store->ops->result(store, &row.id, bytes_of("first"), NULL), 0);
    assert_int_equal(store->ops->result(store, &row.id, bytes_of("second"), NULL), GPMQ_EEXIST);
    assert_int_equal(store->ops->result(store, &unknown.id, bytes_of("x"), NULL), GPMQ_ENOTFOUND);
    assert_memory_equal(read_row(store, &row.id).result, "first", 5);
}

static void load_gives_what_has_not_ended_oldest_first(void **state)
{
    struct store *store = STORE(state);
    struct seen_row seen = {0};
    for (unsigned n = 5; n >= 1; n--) {
        struct op_row row = a_row(n);
        put(store, &row);
        if (n == 3)
            end_at(store, &row, 10);
    }
    assert_int_equal(store->ops->load(store, see_row, &seen, NULL), 0);
    assert_int_equal(seen.count, 4);
    assert_memory_equal(seen.order, "\5\4\2\1", 4);
    assert_memory_equal(seen.request, "request", 7);
}

static void a_sink_can_end_the_reading(void **state)
{
    struct store *store = STORE(state);
    struct seen_row seen = {.answer = GPMQ_ESTOPPED};
    struct op_row row = a_row(1);
    struct gpmq_error err;
    put(store, &row);
    assert_int_equal(store->ops->load(store, see_row, &seen, &err), GPMQ_ESTOPPED);
    assert_string_equal(err.text, "the sink has seen enough");
    assert_int_equal(store->ops->read(store, &row.id, see_row, &seen, NULL), GPMQ_ESTOPPED);
}

static struct seen_row list(struct store *store, struct store_filter filter)
{
    struct seen_row seen = {0};
    assert_int_equal(store->ops->list(store, &filter, see_row, &seen, NULL), 0);
    return seen;
}

static void lists_are_newest_first_filtered_and_paged(void **state)
{
    struct store *store = STORE(state);
    struct gpmq_id batch = a_row(100).id;
    for (unsigned n = 1; n <= 6; n++) {
        struct op_row row = a_row(n);
        if (n % 2)
            row.batch = batch;
        put(store, &row);
        if (n == 5)
            end_at(store, &row, 10);
    }
    assert_memory_equal(list(store, (struct store_filter){.limit = 3}).order, "\6\5\4", 3);
    assert_int_equal(list(store, (struct store_filter){.limit = 3}).count, 3);
    struct seen_row page = list(store, (struct store_filter){.limit = 9, .after = a_row(4).id});
    assert_memory_equal(page.order, "\3\2\1\0", 4);
    page = list(store, (struct store_filter){.limit = 9, .batch = batch});
    assert_memory_equal(page.order, "\5\3\1\0", 4);
    page = list(store, (struct store_filter){.limit = 1, .batch = batch, .open_only = true});
    assert_memory_equal(page.order, "\3\0", 2);
    page = list(store, (struct store_filter){.limit = 9, .batch = batch, .after = a_row(2).id});
    assert_memory_equal(page.order, "\1\0", 2);
    struct store_filter lost = {.limit = 9, .after = a_row(77).id};
    assert_int_equal(store->ops->list(store, &lost, see_row, &page, NULL), GPMQ_ENOTFOUND);
}

static void the_list_of_the_dead_leaves_out_what_has_a_fate(void **state)
{
    struct store *store = STORE(state);
    struct gpmq_id batch = a_row(100).id;
    for (unsigned n = 1; n <= 5; n++) {
        struct op_row row = a_row(n);
        row.batch = n == 1 ? batch : row.batch;
        put(store, &row);
        if (n == 5)
            end_at(store, &row, 10);
        else if (n != 4)
            move(store, &row, GPMQ_DEAD);
    }
    struct store_filter dead = {.limit = 9, .dead_only = true};
    assert_memory_equal(list(store, dead).order, "\3\2\1\0", 4);
    struct op_row dropped = a_row(2);
    dropped.state = GPMQ_DEAD;
    dropped.fate = GPMQ_FATE_DROPPED;
    move(store, &dropped, GPMQ_DEAD);
    commit(store);
    store_fixture_crash(state);
    store = STORE(state);
    assert_memory_equal(list(store, dead).order, "\3\1\0", 3);
    assert_int_equal(read_row(store, &dropped.id).row.fate, GPMQ_FATE_DROPPED);
    dead.after = a_row(3).id;
    assert_memory_equal(list(store, dead).order, "\1\0", 2);
    dead = (struct store_filter){.limit = 9, .dead_only = true, .batch = batch};
    assert_memory_equal(list(store, dead).order, "\1\0", 2);
}

static void every_open_is_a_new_epoch(void **state)
{
    uint64_t epoch = STORE(state)->ops->epoch(STORE(state));
    assert_true(epoch >= 1);
    store_fixture_crash(state);
    assert_int_equal(STORE(state)->ops->epoch(STORE(state)), epoch + 1);
}

static void fences_are_never_given_out_again(void **state)
{
    struct store *store = STORE(state);
    assert_int_equal(store->ops->fence(store), 1);
    assert_int_equal(store->ops->reserve_fences(store, 4096, NULL), 0);
    assert_int_equal(store->ops->reserve_fences(store, 10, NULL), 0);
    commit(store);
    assert_int_equal(store->ops->reserve_fences(store, 9999, NULL), 0);
    store_fixture_crash(state);
    assert_int_equal(STORE(state)->ops->fence(STORE(state)), 4096);
}

static void the_counts_follow_every_change(void **state)
{
    struct store *store = STORE(state);
    struct store_stat stat;
    struct op_row rows[3] = {a_row(1), a_row(2), a_row(3)};
    for (int i = 0; i < 3; i++)
        put(store, &rows[i]);
    end_at(store, &rows[1], 5);
    assert_int_equal(store->ops->stat(store, &stat, NULL), 0);
    assert_int_equal(stat.open_count, 2);
    assert_int_equal(stat.final_count, 1);
    assert_true(stat.free_bytes > 0);
    commit(store);
    store_fixture_crash(state);
    assert_int_equal(STORE(state)->ops->stat(STORE(state), &stat, NULL), 0);
    assert_int_equal(stat.open_count, 2);
    assert_int_equal(stat.final_count, 1);
}

static void only_known_schemes_are_opened(void **state)
{
    struct store *store = NULL;
    struct gpmq_error err;
    (void)state;
    assert_int_equal(store_open(&store, "paper:/tmp/x", &err), GPMQ_EUNSUPPORTED);
    assert_non_null(strstr(err.text, "'paper'"));
    assert_int_equal(store_open(&store, "nothing", &err), GPMQ_EINVAL);
    assert_int_equal(store_open(&store, NULL, &err), GPMQ_EINVAL);
    assert_int_equal(store_open(&store, "sqlite:", &err), GPMQ_EINVAL);
    assert_int_equal(store_open(&store, "memory:x", &err), GPMQ_EINVAL);
    assert_null(store);
    store_close(&store);
}

struct seen_marks {
    unsigned count;
    int64_t sum;
};

static int see_mark(void *arg, const char *name, int64_t value, struct gpmq_error *err)
{
    struct seen_marks *seen = arg;
    (void)err;
    assert_true(strcmp(name, "one") == 0 || strcmp(name, "two") == 0);
    seen->count++;
    seen->sum += value;
    return 0;
}

static struct seen_marks read_marks(struct store *store)
{
    struct seen_marks seen = {0};
    assert_int_equal(store->ops->marks(store, see_mark, &seen, NULL), 0);
    return seen;
}

static void marks_are_kept_changed_and_forgotten(void **state)
{
    struct store *store = STORE(state);
    assert_int_equal(read_marks(store).count, 0);
    assert_int_equal(store->ops->mark(store, "one", 1, NULL), 0);
    assert_int_equal(store->ops->mark(store, "two", 10, NULL), 0);
    assert_int_equal(read_marks(store).sum, 11);
    commit(store);
    assert_int_equal(store->ops->mark(store, "one", 0, NULL), 0);
    assert_int_equal(store->ops->mark(store, "two", 30, NULL), 0);
    store_fixture_crash(state);
    assert_int_equal(read_marks(STORE(state)).sum, 11);
    assert_int_equal(STORE(state)->ops->mark(STORE(state), "one", 0, NULL), 0);
    commit(STORE(state));
    store_fixture_crash(state);
    assert_int_equal(read_marks(STORE(state)).count, 1);
}

static void the_name_of_a_mark_has_a_limit(void **state)
{
    struct store *store = STORE(state);
    char name[STORE_MARK_MAX + 2];
    memset(name, 'n', sizeof name);
    name[STORE_MARK_MAX + 1] = 0;
    assert_int_equal(store->ops->mark(store, name, 1, NULL), GPMQ_EINVAL);
    name[STORE_MARK_MAX] = 0;
    assert_int_equal(store->ops->mark(store, name, 1, NULL), 0);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        PROMISE(what_was_submitted_is_read_back),
        PROMISE(marks_are_kept_changed_and_forgotten),
        PROMISE(the_name_of_a_mark_has_a_limit),
        PROMISE(a_row_keeps_the_extremes_of_every_field),
        PROMISE(an_id_is_submitted_once),
        PROMISE(a_change_replaces_the_row),
        PROMISE(a_change_names_state_fence_and_batch_it_starts_from),
        PROMISE(reads_see_the_open_round),
        PROMISE(a_round_that_was_not_committed_never_happened),
        PROMISE(a_round_that_was_committed_survives),
        PROMISE(after_a_failed_commit_only_opening_again_helps),
        PROMISE(frames_are_dense_from_one_and_replayed_in_order),
        PROMISE(frames_that_end_before_the_rows_seq_are_damage),
        PROMISE(a_result_is_set_once),
        PROMISE(load_gives_what_has_not_ended_oldest_first),
        PROMISE(a_sink_can_end_the_reading),
        PROMISE(lists_are_newest_first_filtered_and_paged),
        PROMISE(the_list_of_the_dead_leaves_out_what_has_a_fate),
        PROMISE(every_open_is_a_new_epoch),
        PROMISE(fences_are_never_given_out_again),
        PROMISE(the_counts_follow_every_change),
        PROMISE(only_known_schemes_are_opened),
    };
    return store_fixture_run(tests, sizeof tests / sizeof tests[0]);
}
