/* test_core_fair.c - one who asks for much does not keep the others waiting. */
#include "core_desk.h"
#include "fair.h"

#include <stdlib.h>

#define POLITE    10
#define EXECUTORS 4
#define TICKS     1200
#define TICK_MS   10

/* Operation n, of as many as a test likes. */
static struct gpmq_id nth_id(uint32_t n)
{
    uint8_t random[10] = {(uint8_t)n, (uint8_t)(n >> 8)};
    return gpmq_id_make(1700000000000 + n, random);
}

static void submit_as(struct desk *desk, const char *client, uint32_t n, int32_t priority)
{
    struct gpmq_request ops[1] = {{.id = nth_id(n), .kind = "noop", .priority = priority}};
    struct message message = {.type = MSG_SUBMIT, .req = 7, .submit = {1, ops}};
    desk_client(desk, client, &message);
    const struct message *reply = desk_reply(desk, MSG_SUBMITTED);
    assert_non_null(reply);
    assert_int_equal(reply->submitted.answers[0].code, 0);
}

static void finish(struct desk *desk, const struct op_row *row)
{
    struct report report = {
        .op = row->id, .fence = row->fence, .n = row->report_n + 1, .kind = REPORT_DONE};
    report.after = row->report_n;
    desk_report(desk, &report);
}

static enum gpmq_state state_of(const struct desk *desk, uint32_t n)
{
    struct gpmq_id id = nth_id(n);
    return desk_row(desk, &id)->state;
}

static void clients_take_turns(void **state)
{
    (void)state;
    struct desk *desk = desk_new(NULL);
    desk_hello(desk, 1);
    for (uint32_t n = 0; n < 50; n++)
        submit_as(desk, "greedy", n, 3);
    submit_as(desk, "polite", 50, 3);
    assert_int_equal(state_of(desk, 0), GPMQ_ASSIGNED);
    finish(desk, &desk->rows[0]);
    assert_int_equal(state_of(desk, 50), GPMQ_ASSIGNED);
    finish(desk, &desk->rows[50]);
    assert_int_equal(state_of(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

static void what_is_urgent_goes_first_and_what_is_not_in_the_end(void **state)
{
    (void)state;
    struct core_config config = core_config_default;
    config.offer_ms = config.lease_ms = INT64_C(1000) * 60 * 60; /* nothing is lost here */
    struct desk *desk = desk_new(&config);
    desk_hello(desk, 1);
    submit_as(desk, "a", 0, 0);
    submit_as(desk, "b", 1, 7);
    submit_as(desk, "a", 2, 0);
    finish(desk, &desk->rows[0]);
    assert_int_equal(state_of(desk, 2), GPMQ_ASSIGNED);
    submit_as(desk, "a", 3, 0);
    desk_pass(desk, 6 * FAIR_AGE_MS);
    finish(desk, &desk->rows[2]);
    assert_int_equal(state_of(desk, 3), GPMQ_ASSIGNED); /* 7 has become 1 */
    submit_as(desk, "a", 4, 0);
    desk_pass(desk, FAIR_AGE_MS);
    finish(desk, &desk->rows[3]);
    assert_int_equal(state_of(desk, 1), GPMQ_ASSIGNED);
    desk_free(&desk);
}

/* ---- one greedy client beside ten polite ones ----------------------------------------------- */

struct crowd {
    struct desk *desk;
    uint32_t random;
    int busy_until[DESK_ROWS_MAX];
    int asked_at[DESK_ROWS_MAX];
    int waits[DESK_ROWS_MAX];
    uint32_t wait_count;
    int next_at[POLITE];
    uint32_t running[POLITE]; /* row + 1 of what it has asked for; 0: nothing */
};

static uint32_t below(struct crowd *crowd, uint32_t limit)
{
    crowd->random = crowd->random * 1664525u + 1013904223u;
    return (crowd->random >> 8) % limit;
}

static void ask(struct crowd *crowd, const char *client, int tick)
{
    uint32_t n = crowd->desk->row_count;
    crowd->asked_at[n] = tick;
    submit_as(crowd->desk, client, n, 3);
}

static void ask_politely(struct crowd *crowd, int tick)
{
    for (uint32_t i = 0; i < POLITE; i++) {
        char name[16];
        snprintf(name, sizeof name, "polite-%u", i);
        if (crowd->running[i] || tick < crowd->next_at[i])
            continue;
        ask(crowd, name, tick);
        crowd->running[i] = crowd->desk->row_count;
    }
}

/* What has been begun runs for a while; what is over is noted. */
static void work(struct crowd *crowd, int tick)
{
    for (uint32_t n = 0; n < crowd->desk->row_count; n++) {
        const struct op_row *row = &crowd->desk->rows[n];
        if (row->state == GPMQ_ASSIGNED && !crowd->busy_until[n]) {
            crowd->busy_until[n] = tick + 1 + (int)below(crowd, 4);
            if (row->client[0] == 'p')
                crowd->waits[crowd->wait_count++] = tick - crowd->asked_at[n];
        } else if (row->state == GPMQ_ASSIGNED && tick >= crowd->busy_until[n]) {
            finish(crowd->desk, row);
        }
    }
    for (uint32_t i = 0; i < POLITE; i++) {
        if (!crowd->running[i] ||
            !gpmq_state_is_final(crowd->desk->rows[crowd->running[i] - 1].state))
            continue;
        crowd->running[i] = 0;
        crowd->next_at[i] = tick + 20 + (int)below(crowd, 40);
    }
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The 99th percentile of how long the polite wait, in ticks. */
static int polite_wait(bool with_greedy)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    crowd->desk = desk_new(NULL);
    desk_hello(crowd->desk, EXECUTORS);
    for (int i = 0; with_greedy && i < 100; i++)
        ask(crowd, "greedy", 0);
    for (int tick = 1; tick < TICKS && crowd->desk->row_count < DESK_ROWS_MAX - 20; tick++) {
        ask_politely(crowd, tick);
        work(crowd, tick);
        if (with_greedy)
            ask(crowd, "greedy", tick);
        desk_pass(crowd->desk, TICK_MS);
    }
    qsort(crowd->waits, crowd->wait_count, sizeof *crowd->waits, by_value);
    assert_true(crowd->wait_count > 50);
    int wait = crowd->waits[crowd->wait_count * 99 / 100];
    desk_free(&crowd->desk);
    free(crowd);
    return wait;
}

static void a_greedy_client_does_not_keep_the_polite_ones_waiting(void **state)
{
    (void)state;
    int quiet = polite_wait(false), beside = polite_wait(true);
    assert_true(beside <= 3 * (quiet + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_take_turns),
        cmocka_unit_test(what_is_urgent_goes_first_and_what_is_not_in_the_end),
        cmocka_unit_test(a_greedy_client_does_not_keep_the_polite_ones_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
