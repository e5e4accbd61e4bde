/* test_store_blobs.c - what every store promises of blobs, and of what it forgets on purpose. */
#include "store_fixture.h"

#include <sodium.h>
#include <string.h>

enum { PIECE = 1000, WHOLE = 2500 };

struct content {
    uint8_t bytes[WHOLE];
    uint8_t digest[32];
};

static struct content some_content(uint8_t first)
{
    struct content content;
    for (size_t i = 0; i < sizeof content.bytes; i++)
        content.bytes[i] = (uint8_t)(first + i * 7);
    crypto_generichash(content.digest, 32, content.bytes, sizeof content.bytes, NULL, 0);
    return content;
}

/* Sends one piece; what is the next? */
static int write_at(struct store *store, const struct content *content, uint64_t offset,
                    size_t size, int64_t now_unix_ms, uint64_t *next)
{
    struct store_bytes piece = {content->bytes + offset, size};
    return store->ops->blob_write(store, content->digest, WHOLE, offset, piece, NULL, now_unix_ms,
                                  next, NULL);
}

static void write_all(struct store *store, const struct content *content, int64_t now_unix_ms)
{
    uint64_t next = 0;
    while (next < WHOLE) {
        size_t size = WHOLE - next < PIECE ? WHOLE - (size_t)next : PIECE;
        assert_int_equal(write_at(store, content, next, size, now_unix_ms, &next), 0);
    }
}

static int read_at(struct store *store, const uint8_t digest[32], uint64_t offset, void *buffer,
                   size_t *size)
{
    uint64_t total = 0;
    int rc = store->ops->blob_read(store, digest, offset, buffer, size, &total, NULL);
    if (!rc)
        assert_int_equal(total, WHOLE);
    return rc;
}

static bool is_there(struct store *store, const struct content *content)
{
    uint8_t byte;
    size_t size = 1;
    return read_at(store, content->digest, 0, &byte, &size) == 0;
}

static void a_blob_is_read_once_its_last_byte_has_come(void **state)
{
    struct store *store = STORE(state);
    struct content content = some_content(1);
    uint64_t next = 99;
    assert_int_equal(write_at(store, &content, 0, PIECE, 1, &next), 0);
    assert_int_equal(next, PIECE);
    assert_false(is_there(store, &content));
    commit(store);
    store_fixture_crash(state);
    store = STORE(state);
    assert_int_equal(write_at(store, &content, PIECE, WHOLE - PIECE, 1, &next), 0);
    assert_int_equal(next, WHOLE);
    assert_true(is_there(store, &content));
}

static void every_window_of_a_blob_is_right(void **state)
{
    struct store *store = STORE(state);
    struct content content = some_content(2);
    uint8_t buffer[WHOLE + 1];
    write_all(store, &content, 1);
    for (size_t offset = 0; offset <= WHOLE + 100; offset += 499)
        for (size_t want = 0; want <= WHOLE; want += 357) {
            size_t left = offset < WHOLE ? WHOLE - offset : 0;
            size_t size = want;
            assert_int_equal(read_at(store, content.digest, offset, buffer, &size), 0);
            assert_int_equal(size, want < left ? want : left);
            assert_memory_equal(buffer, content.bytes + (size ? offset : 0), size);
        }
}

static void a_piece_at_another_place_writes_nothing_and_says_where(void **state)
{
    struct store *store = STORE(state);
    struct content content = some_content(3);
    uint64_t next;
    assert_int_equal(write_at(store, &content, PIECE, PIECE, 1, &next), 0);
    assert_int_equal(next, 0);
    assert_int_equal(write_at(store, &content, 0, PIECE, 1, &next), 0);
    assert_int_equal(write_at(store, &content, 0, PIECE, 1, &next), 0);
    assert_int_equal(next, PIECE);
    write_all(store, &content, 1);
    assert_int_equal(write_at(store, &content, 0, PIECE, 1, &next), 0);
    assert_int_equal(next, WHOLE);
    assert_true(is_there(store, &content));
}

static void content_that_is_not_its_digest_is_dropped(void **state)
{
    struct store *store = STORE(state);
    struct content content = some_content(4), forged = content;
    uint64_t next;
    struct gpmq_error err;
    forged.bytes[WHOLE - 1] ^= 1;
    assert_int_equal(write_at(store, &forged, 0, PIECE, 1, &next), 0);
    struct store_bytes rest = {forged.bytes + PIECE, WHOLE - PIECE};
    assert_int_equal(
        store->ops->blob_write(store, content.digest, WHOLE, PIECE, rest, NULL, 1, &next, &err),
        GPMQ_EDAMAGED);
    assert_non_null(strstr(err.text, "another content"));
    assert_false(is_there(store, &content));
    commit(store);
    write_all(store, &content, 1);
    assert_true(is_there(store, &content));
}

static void a_blob_has_limits(void **state)
{
    struct store *store = STORE(state);
    struct content content = some_content(5);
    struct store_bytes piece = {content.bytes, PIECE};
    uint64_t next;
    assert_int_equal(store->ops->blob_write(store, content.digest, GPMQ_BLOB_MAX + 1, 0, piece,
                                            NULL, 1, &next, NULL),
                     GPMQ_ETOOBIG);
    assert_int_equal(
        store->ops->blob_write(store, content.digest, PIECE - 1, 0, piece, NULL, 1, &next, NULL),
        GPMQ_EINVAL);
    assert_int_equal(
        store->ops->blob_write(store, content.digest, 9, UINT64_MAX, piece, NULL, 1, &next, NULL),
        GPMQ_EINVAL);
    assert_int_equal(write_at(store, &content, 0, PIECE, 1, &next), 0);
    assert_int_equal(store->ops->blob_write(store, content.digest, WHOLE + 1, PIECE, piece, NULL, 1,
                                            &next, NULL),
                     GPMQ_EINVAL);
}

static void a_blob_may_be_empty(void **state)
{
    struct store *store = STORE(state);
    uint8_t digest[32];
    uint64_t next = 1, total = 1;
    size_t size = 0;
    crypto_generichash(digest, sizeof digest, NULL, 0, NULL, 0);
    assert_int_equal(
        store->ops->blob_write(store, digest, 0, 0, (struct store_bytes){0}, NULL, 1, &next, NULL),
        0);
    assert_int_equal(next, 0);
    assert_int_equal(store->ops->blob_read(store, digest, 0, NULL, &size, &total, NULL), 0);
    assert_int_equal(total, 0);
}

static uint32_t retain(struct store *store, int64_t before_unix_ms, uint32_t most)
{
    uint32_t removed = 77;
    assert_int_equal(store->ops->retain(store, before_unix_ms, most, &removed, NULL), 0);
    return removed;
}

static void a_blob_is_kept_as_long_as_an_operation_uses_it(void **state)
{
    struct store *store = STORE(state);
    struct content used = some_content(6), unused = some_content(7), young = some_content(8);
    struct op_row row = a_row(1), unknown = a_row(2);
    uint64_t next;
    put(store, &row);
    write_all(store, &used, 10);
    write_all(store, &unused, 10);
    write_all(store, &young, 10);
    assert_int_equal(write_at(store, &young, 0, PIECE, 60, &next), 0);
    assert_int_equal(store->ops->blob_link(store, &row.id, used.digest, NULL), 0);
    assert_int_equal(store->ops->blob_link(store, &row.id, used.digest, NULL), 0);
    assert_int_equal(store->ops->blob_link(store, &unknown.id, used.digest, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(retain(store, 50, 100), 0);
    assert_true(is_there(store, &used));
    assert_false(is_there(store, &unused));
    assert_true(is_there(store, &young));
    end_at(store, &row, 20);
    assert_int_equal(retain(store, 50, 100), 1);
    assert_false(is_there(store, &used));
    struct store_stat stat;
    assert_int_equal(store->ops->stat(store, &stat, NULL), 0);
    assert_int_equal(stat.blob_bytes, WHOLE);
}

static void only_what_ended_long_ago_is_removed(void **state)
{
    struct store *store = STORE(state);
    struct op_row open = a_row(1), old = a_row(2), recent = a_row(3);
    put(store, &open);
    put(store, &old);
    put_frame(store, &old, 1, "a");
    put(store, &recent);
    end_at(store, &old, 100);
    end_at(store, &recent, 200);
    assert_int_equal(store->ops->result(store, &old.id, bytes_of("result"), NULL), 0);
    assert_int_equal(retain(store, 100, 10), 0);
    assert_int_equal(retain(store, 101, 10), 1);
    commit(store);
    assert_int_equal(try_read(store, &old.id, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(try_read(store, &open.id, NULL), 0);
    assert_int_equal(try_read(store, &recent.id, NULL), 0);
    struct op_row again = a_row(2);
    put(store, &again);
    put_frame(store, &again, 1, "b");
    assert_string_equal(read_frames(store, &again.id, 1).text, "b");
    assert_false(read_row(store, &again.id).has_result);
}

static void no_more_is_removed_than_was_asked_for(void **state)
{
    struct store *store = STORE(state);
    for (unsigned n = 1; n <= 150; n++) {
        struct op_row row = a_row(n);
        put(store, &row);
        end_at(store, &row, 5);
    }
    assert_int_equal(retain(store, 10, 0), 0);
    assert_int_equal(retain(store, 10, 100), 100);
    assert_int_equal(retain(store, 10, 100), 50);
    struct store_stat stat;
    assert_int_equal(store->ops->stat(store, &stat, NULL), 0);
    assert_int_equal(stat.final_count, 0);
}

static void a_removal_that_was_not_committed_never_happened(void **state)
{
    struct content content = some_content(9);
    struct op_row row = a_row(1);
    put(STORE(state), &row);
    put_frame(STORE(state), &row, 1, "a");
    end_at(STORE(state), &row, 5);
    write_all(STORE(state), &content, 5);
    commit(STORE(state));
    assert_int_equal(retain(STORE(state), 10, 10), 1);
    store_fixture_crash(state);
    assert_string_equal(read_frames(STORE(state), &row.id, 1).text, "a");
    assert_true(is_there(STORE(state), &content));
}

static void a_batch_goes_with_the_last_of_its_operations(void **state)
{
    struct store *store = STORE(state);
    struct op_row batch = a_row(1), item = a_row(2), last = a_row(3);
    batch.is_batch = true;
    item.batch = last.batch = batch.id;
    put(store, &batch);
    put(store, &item);
    put(store, &last);
    end_at(store, &item, 10);
    assert_int_equal(retain(store, 50, 10), 0); /* it would run again if the batch came again */
    end_at(store, &last, 20);
    end_at(store, &batch, 20);
    assert_int_equal(retain(store, 15, 10), 0);
    assert_int_equal(retain(store, 50, 1), 1);
    assert_int_equal(try_read(store, &batch.id, NULL), 0);
    assert_int_equal(retain(store, 50, 10), 2);
    assert_int_equal(try_read(store, &batch.id, NULL), GPMQ_ENOTFOUND);
}

/* Begins a blob of a client; what the store says. */
static int begin(struct store *store, uint8_t number, uint64_t size, const char *client)
{
    struct store_quota quota = {.client = client, .client_bytes = 1000, .all_bytes = 1800};
    uint8_t digest[32] = {number};
    uint64_t next;
    return store->ops->blob_write(store, digest, size, 0, (struct store_bytes){0}, &quota, 1, &next,
                                  NULL);
}

static void who_keeps_as_much_as_he_may_begins_nothing_more(void **state)
{
    struct store *store = STORE(state);
    assert_int_equal(begin(store, 1, 600, "anna"), 0);
    assert_int_equal(begin(store, 2, 401, "anna"), GPMQ_EFULL);
    assert_int_equal(begin(store, 2, 400, "anna"), 0);
    assert_int_equal(begin(store, 2, 400, "anna"), 0);          /* has begun already */
    assert_int_equal(begin(store, 3, 801, "bert"), GPMQ_EFULL); /* of all */
    assert_int_equal(begin(store, 3, 700, "bert"), 0);
    assert_int_equal(begin(store, 1, 600, "bert"), 0); /* is anna's */
    assert_int_equal(store->ops->blob_kept(store, "anna"), 1000);
    assert_int_equal(store->ops->blob_kept(store, "bert"), 700);
    assert_int_equal(store->ops->blob_kept(store, NULL), 1700);
}

static void what_a_client_keeps_is_known_after_a_crash_and_gone_with_the_blob(void **state)
{
    struct store *store = STORE(state);
    uint32_t removed;
    assert_int_equal(begin(store, 1, 600, "anna"), 0);
    assert_int_equal(begin(store, 2, 300, NULL), 0);
    commit(store);
    store_fixture_crash(state);
    store = STORE(state);
    assert_int_equal(store->ops->blob_kept(store, "anna"), 600);
    assert_int_equal(store->ops->blob_kept(store, NULL), 900);
    assert_int_equal(begin(store, 3, 401, "anna"), GPMQ_EFULL);
    assert_int_equal(store->ops->retain(store, 100, 100, &removed, NULL), 0);
    assert_int_equal(store->ops->blob_kept(store, "anna"), 0);
    assert_int_equal(store->ops->blob_kept(store, NULL), 0);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        PROMISE(a_blob_is_read_once_its_last_byte_has_come),
        PROMISE(every_window_of_a_blob_is_right),
        PROMISE(a_piece_at_another_place_writes_nothing_and_says_where),
        PROMISE(content_that_is_not_its_digest_is_dropped),
        PROMISE(a_blob_has_limits),
        PROMISE(a_blob_may_be_empty),
        PROMISE(a_blob_is_kept_as_long_as_an_operation_uses_it),
        PROMISE(only_what_ended_long_ago_is_removed),
        PROMISE(no_more_is_removed_than_was_asked_for),
        PROMISE(who_keeps_as_much_as_he_may_begins_nothing_more),
        PROMISE(what_a_client_keeps_is_known_after_a_crash_and_gone_with_the_blob),
        PROMISE(a_removal_that_was_not_committed_never_happened),
        PROMISE(a_batch_goes_with_the_last_of_its_operations),
    };
    return store_fixture_run(tests, sizeof tests / sizeof tests[0]);
}
