/* test_subscriptions.c - who subscribed to how much, and what was sent to who does not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "cleanup.h"
#include "peers.h"
#include "subscriptions.h"

enum { ANNA_1 = 11, ANNA_2 = 12, BERT = 13 };

static const struct limits limits = {
    .subscriptions_max = 10, .user_subscriptions_max = 6, .connection_subscriptions_max = 4};

static const char *want(struct subscriptions *subscriptions, int connection, const char *user,
                        int number)
{
    char topic[16];
    int size = snprintf(topic, sizeof topic, "gpmq1.%d", number);
    return subscriptions_add(subscriptions, connection, user, topic, (size_t)size, &limits);
}

static void want_all(struct subscriptions *subscriptions, int connection, const char *user,
                     int first, int count)
{
    for (int i = 0; i < count; i++)
        assert_null(want(subscriptions, connection, user, first + i));
}

static void a_connection_has_a_share_and_no_more(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    want_all(subscriptions, ANNA_1, "anna", 0, 4);
    assert_string_equal(want(subscriptions, ANNA_1, "anna", 4),
                        "too_many_subscriptions_of_connection");
    assert_null(want(subscriptions, BERT, "bert", 4));
    assert_int_equal(subscriptions_count(subscriptions), 5);
}

static void a_key_has_a_share_whatever_its_connections(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    want_all(subscriptions, ANNA_1, "anna", 0, 4);
    want_all(subscriptions, ANNA_2, "anna", 0, 2);
    assert_string_equal(want(subscriptions, ANNA_2, "anna", 3), "too_many_subscriptions_of_user");
    want_all(subscriptions, BERT, "bert", 0, 4);
}

static void without_keys_only_connections_have_a_share(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    want_all(subscriptions, ANNA_1, NULL, 0, 4);
    want_all(subscriptions, ANNA_2, NULL, 0, 4);
}

static void all_together_have_a_limit(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    want_all(subscriptions, 1, "a", 0, 4);
    want_all(subscriptions, 2, "b", 0, 4);
    want_all(subscriptions, 3, "c", 0, 2);
    assert_string_equal(want(subscriptions, 3, "c", 2), "too_many_subscriptions");
    subscriptions_drop(subscriptions, 1);
    assert_null(want(subscriptions, 3, "c", 2));
}

static void wanting_twice_is_wanting_once_and_an_end_makes_room(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    want_all(subscriptions, ANNA_1, "anna", 0, 4);
    want_all(subscriptions, ANNA_1, "anna", 0, 4);
    subscriptions_remove(subscriptions, ANNA_1, "gpmq1.77", 8); /* was never wanted */
    subscriptions_remove(subscriptions, BERT, "gpmq1.0", 7);    /* by somebody else */
    assert_int_equal(subscriptions_count(subscriptions), 4);
    assert_non_null(want(subscriptions, ANNA_1, "anna", 4));
    subscriptions_remove(subscriptions, ANNA_1, "gpmq1.0", 7);
    assert_null(want(subscriptions, ANNA_1, "anna", 4));
}

static void a_connection_that_is_gone_leaves_nothing(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    want_all(subscriptions, ANNA_1, "anna", 0, 4);
    want_all(subscriptions, ANNA_2, "anna", 0, 2);
    subscriptions_drop(subscriptions, ANNA_1);
    subscriptions_drop(subscriptions, ANNA_1);
    assert_int_equal(subscriptions_count(subscriptions), 2);
    want_all(subscriptions, ANNA_1, "bert", 0, 4); /* the descriptor is somebody else's now */
    want_all(subscriptions, ANNA_2, "anna", 2, 2);
}

static void only_what_can_be_a_topic_may_be_wanted(void **state)
{
    (void)state;
    CLEANUP(subscriptions_free) struct subscriptions *subscriptions = subscriptions_new();
    char topic[71];
    memset(topic, '0', sizeof topic);
    assert_null(subscriptions_add(subscriptions, 1, NULL, "", 0, &limits));
    assert_null(subscriptions_add(subscriptions, 1, NULL, topic, 70, &limits));
    assert_string_equal(subscriptions_add(subscriptions, 1, NULL, topic, 71, &limits),
                        "topic_too_long");
}

/* ---- what was sent --------------------------------------------------------------------------- */

static void what_is_sent_counts_until_the_other_side_has_taken_it(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(2);
    int pair[2];
    char bytes[100] = "";
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const struct peer *peer = peers_heard(peers, "route", 5, "anna", 0);
    peers_came_by(peers, peer, pair[0]);
    assert_int_equal(write(pair[0], bytes, sizeof bytes), sizeof bytes);
    peers_sent(peers, peer, sizeof bytes, 0);
    assert_int_equal(peers_unread(peers, peer, 1000), sizeof bytes);
    assert_int_equal(read(pair[1], bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(peers_unread(peers, peer, 0), sizeof bytes); /* it may not be written yet */
    assert_int_equal(peers_unread(peers, NULL, 1), 0);
    assert_int_equal(peers_unread_most(peers), 0);
    close(pair[0]);
    close(pair[1]);
}

static void who_reads_all_the_time_is_never_far_behind(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(2);
    int pair[2];
    char bytes[100] = "";
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const struct peer *peer = peers_heard(peers, "route", 5, "anna", 0);
    peers_came_by(peers, peer, pair[0]);
    for (uint64_t round = 0; round < 1000; round++) { /* without a pause */
        assert_int_equal(write(pair[0], bytes, sizeof bytes), sizeof bytes);
        peers_sent(peers, peer, sizeof bytes, round);
        assert_int_equal(read(pair[1], bytes, sizeof bytes), sizeof bytes);
        assert_in_range(peers_unread(peers, peer, round), 0, 3 * sizeof bytes);
    }
    close(pair[0]);
    close(pair[1]);
}

static void who_is_gone_has_nothing_to_read(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(2);
    const struct peer *peer = peers_heard(peers, "route", 5, "anna", 0);
    peers_came_by(peers, peer, 1000);
    peers_sent(peers, peer, 50, 0);
    peers_sent(peers, peers_heard(peers, "other", 5, "anna", 0), 7, 0);
    assert_int_equal(peers_unread_most(peers), 57);
    assert_int_equal(peers_gone(peers, 1000), 2);
    assert_int_equal(peers_gone(peers, 1000), 0);
    assert_null(peers_find(peers, 2));
    assert_int_equal(peers_unread(peers, NULL, 1000), 7);
}

static void a_descriptor_is_the_last_one_s_who_came_by_it(void **state)
{
    (void)state;
    CLEANUP(peers_free) struct peers *peers = peers_new(2);
    peers_came_by(peers, peers_heard(peers, "first", 5, "anna", 0), 9);
    peers_came_by(peers, peers_heard(peers, "later", 5, "anna", 0), 9);
    assert_int_equal(peers_gone(peers, 9), 4);
    assert_non_null(peers_find(peers, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_has_a_share_and_no_more),
        cmocka_unit_test(a_key_has_a_share_whatever_its_connections),
        cmocka_unit_test(without_keys_only_connections_have_a_share),
        cmocka_unit_test(all_together_have_a_limit),
        cmocka_unit_test(wanting_twice_is_wanting_once_and_an_end_makes_room),
        cmocka_unit_test(a_connection_that_is_gone_leaves_nothing),
        cmocka_unit_test(only_what_can_be_a_topic_may_be_wanted),
        cmocka_unit_test(what_is_sent_counts_until_the_other_side_has_taken_it),
        cmocka_unit_test(who_reads_all_the_time_is_never_far_behind),
        cmocka_unit_test(who_is_gone_has_nothing_to_read),
        cmocka_unit_test(a_descriptor_is_the_last_one_s_who_came_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
