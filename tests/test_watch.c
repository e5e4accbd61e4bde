/* test_watch.c - who follows which operation, and is told its end until it says that it knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "peers.h"
#include "watch.h"

static const struct gpmq_id op = {{1}};
static const struct limits limits = {.watches_max = 1000, .connection_watches_max = 10};

struct sent {
    unsigned count;
    uint64_t peer;
    size_t size;
    bool gone; /* what send answers next */
};

static bool send(void *arg, uint64_t peer, const struct gpmq_id *id, const void *frame, size_t size)
{
    struct sent *sent = arg;
    assert_true(gpmq_id_equal(id, &op));
    assert_memory_equal(frame, "end", 3);
    sent->count++;
    sent->peer = peer;
    sent->size = size;
    return !sent->gone;
}

static void the_end_is_sent_again_until_it_is_acknowledged(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    struct sent sent = {0};
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
    watch_resend(watch, 1000, send, &sent);
    assert_int_equal(sent.count, 0);

    watch_final(watch, &op, "end", 3, 1000);
    assert_int_equal(watch_next_ms(watch), 1000);
    watch_resend(watch, 1000, send, &sent);
    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.peer, 7);
    watch_resend(watch, 1999, send, &sent);
    assert_int_equal(sent.count, 1);
    watch_resend(watch, 2000, send, &sent);
    assert_int_equal(sent.count, 2);
    assert_int_equal(watch_next_ms(watch), 4000); /* the pause doubles */

    watch_remove(watch, &op, 7);
    assert_int_equal(watch_count(watch), 0);
    assert_true(watch_next_ms(watch) == INT64_MAX);
}

static void a_peer_that_is_gone_is_not_told_again(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    struct sent sent = {.gone = true};
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
    watch_final(watch, &op, "end", 3, 0);
    watch_resend(watch, 0, send, &sent);
    assert_int_equal(sent.count, 1);
    assert_int_equal(watch_count(watch), 0);
}

static void nobody_is_told_forever(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    struct sent sent = {0};
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
    watch_final(watch, &op, "end", 3, 0);
    for (int64_t now_ms = 0; watch_count(watch) && now_ms < 3600 * 1000; now_ms += 500)
        watch_resend(watch, now_ms, send, &sent);
    assert_int_equal(watch_count(watch), 0);
    assert_int_equal(sent.count, WATCH_TRIES_MAX);
}

static void watching_twice_is_watching_once(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
    assert_int_equal(watch_count(watch), 1);
}

static void watching_has_a_limit(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    struct gpmq_id id = {{0}};
    for (uint32_t i = 0; i < limits.watches_max; i++) {
        memcpy(id.bytes, &i, sizeof i);
        assert_int_equal(watch_add(watch, &id, 1 + i / limits.connection_watches_max, &limits), 0);
    }
    assert_int_equal(watch_add(watch, &op, 7777, &limits), GPMQ_EFULL);
}

static void one_connection_has_a_share_of_the_watches_and_no_more(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    struct gpmq_id id = {{0}};
    for (uint8_t i = 0; i < limits.connection_watches_max; i++) {
        id.bytes[1] = i;
        assert_int_equal(watch_add(watch, &id, 7, &limits), 0);
    }
    assert_int_equal(watch_add(watch, &op, 7, &limits), GPMQ_EFULL);
    assert_int_equal(watch_add(watch, &op, 8, &limits), 0);
    watch_remove(watch, &id, 7);
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
}

static void who_is_gone_watches_nothing(void **state)
{
    (void)state;
    CLEANUP(watch_free) struct watch *watch = watch_new();
    const struct gpmq_id other = {{2}};
    struct sent sent = {0};
    assert_int_equal(watch_add(watch, &op, 7, &limits), 0);
    assert_int_equal(watch_add(watch, &other, 7, &limits), 0);
    assert_int_equal(watch_add(watch, &op, 8, &limits), 0);
    watch_gone(watch, 7);
    assert_int_equal(watch_count(watch), 1);
    watch_final(watch, &op, "end", 3, 0);
    watch_resend(watch, 0, send, &sent);
    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.peer, 8);
    watch_gone(watch, 8);
    watch_gone(watch, 9);
    assert_int_equal(watch_count(watch), 0);
}

static void a_route_keeps_its_number_and_a_silent_one_is_forgotten(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(2);
    uint64_t first = peers_heard(peers, "\0abcd", 5, "anna", 0)->number;
    assert_int_equal(first, 2);
    assert_int_equal(peers_heard(peers, "\0abcd", 5, "anna", 10)->number, 2);
    assert_int_equal(peers_heard(peers, "\0abce", 5, "anna", 10)->number, 4);
    assert_string_equal(peers_find(peers, 2)->user, "anna");
    assert_int_equal(peers_heard(peers, "\0abcf", 5, "anna", PEER_IDLE_MS + 11)->number, 6);
    assert_null(peers_find(peers, 2));
    assert_null(peers_find(peers, 4));
}

static void the_same_route_under_another_key_is_another_peer(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(1);
    uint64_t anna = peers_heard(peers, "route", 5, "anna", 0)->number;
    uint64_t bert = peers_heard(peers, "route", 5, "bert", 0)->number;
    assert_int_not_equal(anna, bert);
    assert_string_equal(peers_find(peers, anna)->user, "anna");
}

static void at_the_limit_the_longest_silent_peer_goes(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(2);
    for (uint32_t i = 0; i <= PEERS_MAX; i++)
        peers_heard(peers, &i, sizeof i, "anna", i);
    assert_int_equal(peers_count(peers), PEERS_MAX);
    assert_null(peers_find(peers, 2));
    assert_non_null(peers_find(peers, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_is_sent_again_until_it_is_acknowledged),
        cmocka_unit_test(a_peer_that_is_gone_is_not_told_again),
        cmocka_unit_test(nobody_is_told_forever),
        cmocka_unit_test(watching_twice_is_watching_once),
        cmocka_unit_test(watching_has_a_limit),
        cmocka_unit_test(one_connection_has_a_share_of_the_watches_and_no_more),
        cmocka_unit_test(who_is_gone_watches_nothing),
        cmocka_unit_test(a_route_keeps_its_number_and_a_silent_one_is_forgotten),
        cmocka_unit_test(the_same_route_under_another_key_is_another_peer),
        cmocka_unit_test(at_the_limit_the_longest_silent_peer_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
