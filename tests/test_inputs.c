/* Inputs come piece by piece, whatever is lost on the way, or not at all. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "inputs.h"

#define SIZE  700000u
#define FENCE 7u

struct fixture {
    struct inputs *inputs;
    uint8_t content[SIZE];
    struct gpmq_request request;
    /* what the listener was told */
    size_t asked;
    uint64_t asked_offset;
    size_t ready;
    size_t failed;
    int code;
    uint8_t got[SIZE];
};

static void on_ready(void *arg, const struct gpmq_request *request, uint64_t fence,
                     uint32_t attempt, int fd)
{
    struct fixture *fixture = arg;
    CLEANUP(close_fd) int input = fd;
    assert_int_equal(fence, FENCE);
    assert_int_equal(attempt, 2);
    assert_string_equal(request->kind, "gpo.import");
    assert_int_equal(pread(input, fixture->got, SIZE, 0), SIZE);
    fixture->ready++;
}

static void on_failed(void *arg, const struct log_about *about, uint64_t fence,
                      const struct gpmq_error *why)
{
    struct fixture *fixture = arg;
    assert_true(gpmq_id_equal(about->op, &fixture->request.id));
    assert_int_equal(about->attempt, 2);
    assert_int_equal(fence, FENCE);
    fixture->failed++;
    fixture->code = why->code;
}

static void on_ask(void *arg, const struct message *message)
{
    struct fixture *fixture = arg;
    assert_int_equal(message->type, MSG_INPUT);
    assert_int_equal(message->input.fence, FENCE);
    fixture->asked++;
    fixture->asked_offset = message->input.offset;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    uint8_t random[10] = {1};
    const struct inputs_listener listener = {on_ready, on_failed, on_ask, fixture};
    for (size_t i = 0; i < SIZE; i++)
        fixture->content[i] = (uint8_t)(i * 31 >> 3);
    fixture->request = (struct gpmq_request){
        .id = gpmq_id_make(1700000000000, random), .kind = "gpo.import", .input_size = SIZE};
    crypto_generichash(fixture->request.input_digest, 32, fixture->content, SIZE, NULL, 0);
    fixture->inputs = inputs_new(&listener);
    assert_int_equal(inputs_begin(fixture->inputs, &fixture->request, FENCE, 2, NULL), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    inputs_free(&fixture->inputs);
    free(fixture);
    return 0;
}

static struct msg_input_chunk piece(const struct fixture *fixture, uint64_t offset)
{
    uint64_t left = SIZE - offset;
    return (struct msg_input_chunk){
        .op = fixture->request.id,
        .fence = FENCE,
        .offset = offset,
        .size = SIZE,
        .bytes = fixture->content + offset,
        .bytes_size = (uint32_t)(left < GPMQ_BLOB_CHUNK ? left : GPMQ_BLOB_CHUNK)};
}

static void take(struct fixture *fixture, uint64_t offset, int64_t now_ms)
{
    const struct msg_input_chunk chunk = piece(fixture, offset);
    inputs_take(fixture->inputs, &chunk, now_ms);
    inputs_tick(fixture->inputs, now_ms);
}

static void an_input_comes_piece_by_piece(void **state)
{
    struct fixture *fixture = *state;
    inputs_tick(fixture->inputs, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fixture->asked, i + 1);
        assert_int_equal(fixture->asked_offset, i * GPMQ_BLOB_CHUNK);
        take(fixture, fixture->asked_offset, 0);
    }
    assert_int_equal(fixture->ready, 1);
    assert_memory_equal(fixture->got, fixture->content, SIZE);
    assert_int_equal(inputs_next_ms(fixture->inputs), INT64_MAX);
    assert_false(inputs_drop(fixture->inputs, &fixture->request.id, FENCE));
}

static void what_does_not_come_is_asked_for_again(void **state)
{
    struct fixture *fixture = *state;
    inputs_tick(fixture->inputs, 0);
    assert_int_equal(inputs_next_ms(fixture->inputs), INPUTS_ASK_MS);
    inputs_tick(fixture->inputs, INPUTS_ASK_MS - 1);
    assert_int_equal(fixture->asked, 1);
    inputs_tick(fixture->inputs, INPUTS_ASK_MS);
    assert_int_equal(fixture->asked, 2);
    assert_int_equal(fixture->asked_offset, 0);
}

static void a_piece_that_was_not_asked_for_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    inputs_tick(fixture->inputs, 0);
    take(fixture, GPMQ_BLOB_CHUNK, 1);
    take(fixture, 0, 2);
    take(fixture, 0, 3); /* a second answer to a second question */
    struct msg_input_chunk other = piece(fixture, GPMQ_BLOB_CHUNK);
    other.fence = FENCE + 1;
    inputs_take(fixture->inputs, &other, 4);
    assert_int_equal(fixture->ready + fixture->failed, 0);
    take(fixture, GPMQ_BLOB_CHUNK, 5);
    take(fixture, 2 * GPMQ_BLOB_CHUNK, 6);
    assert_int_equal(fixture->ready, 1);
    assert_memory_equal(fixture->got, fixture->content, SIZE);
}

static void what_is_not_what_the_request_says_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->content[SIZE - 1] ^= 1;
    take(fixture, 0, 0);
    take(fixture, GPMQ_BLOB_CHUNK, 0);
    take(fixture, 2 * GPMQ_BLOB_CHUNK, 0);
    assert_int_equal(fixture->ready, 0);
    assert_int_equal(fixture->failed, 1);
    assert_int_equal(fixture->code, GPMQ_EDAMAGED);
}

static void a_broker_without_the_input_fails_the_operation(void **state)
{
    struct fixture *fixture = *state;
    const struct msg_input_chunk none = {.op = fixture->request.id, .fence = FENCE};
    inputs_take(fixture->inputs, &none, 0);
    assert_int_equal(fixture->failed, 1);
    assert_int_equal(fixture->code, GPMQ_EDAMAGED);
}

static void a_piece_that_is_too_long_fails_it_as_well(void **state)
{
    struct fixture *fixture = *state;
    struct msg_input_chunk chunk = piece(fixture, 0);
    take(fixture, 0, 0);
    take(fixture, GPMQ_BLOB_CHUNK, 0);
    chunk.offset = 2 * GPMQ_BLOB_CHUNK;
    inputs_take(fixture->inputs, &chunk, 0);
    assert_int_equal(fixture->failed, 1);
}

static void a_stopped_one_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    take(fixture, 0, 0);
    assert_true(inputs_drop(fixture->inputs, &fixture->request.id, FENCE));
    take(fixture, GPMQ_BLOB_CHUNK, 0);
    assert_int_equal(fixture->ready + fixture->failed, 0);
    assert_int_equal(inputs_next_ms(fixture->inputs), INT64_MAX);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_input_comes_piece_by_piece),
        TEST(what_does_not_come_is_asked_for_again),
        TEST(a_piece_that_was_not_asked_for_is_passed_over),
        TEST(what_is_not_what_the_request_says_is_refused),
        TEST(a_broker_without_the_input_fails_the_operation),
        TEST(a_piece_that_is_too_long_fails_it_as_well),
        TEST(a_stopped_one_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
