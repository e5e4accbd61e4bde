/* test_codec.c - messages there and back, and what decode.c refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "check.h"
#include "cleanup.h"
#include "codec.h"

static struct gpmq_id an_id(uint8_t last)
{
    struct gpmq_id id = {{1, 0x93, 0xa1, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}};
    return id;
}

static struct gpmq_request a_request(void)
{
    struct gpmq_request request = {
        .id = an_id(1),
        .kind = "gpo.backup",
        .domain = "example.test",
        .repository = "nightly",
        .gpo = "{31B2F340-016D-11D2-945F-00C04FB984F9}",
        .comment = "vor dem Umbau äöü",
        .priority = 3,
        .grace_ms = 10000,
        .key_count = 2,
        .keys = {{"dc1", 4}, {"repository", 1}},
        .label = "Default Domain Policy",
    };
    return request;
}

static void encoded(msgpack_sbuffer *buffer, const struct message *message)
{
    msgpack_sbuffer_init(buffer);
    assert_int_equal(message_encode(buffer, message), 0);
}

static void a_submit_comes_back_as_it_was(void **state)
{
    (void)state;
    struct gpmq_request request = a_request();
    struct message sent = {.type = MSG_SUBMIT, .req = 7, .submit = {1, &request}};
    CLEANUP(arena_free) struct arena arena = {0};
    msgpack_sbuffer buffer;
    struct message got;
    encoded(&buffer, &sent);

    assert_int_equal(message_decode(&got, &arena, buffer.data, buffer.size, NULL), 0);
    assert_int_equal(got.type, MSG_SUBMIT);
    assert_int_equal(got.req, 7);
    assert_int_equal(got.submit.op_count, 1);
    struct gpmq_request *back = &got.submit.ops[0];
    assert_true(gpmq_id_equal(&back->id, &request.id));
    assert_string_equal(back->kind, request.kind);
    assert_string_equal(back->comment, request.comment);
    assert_null(back->backup);
    assert_int_equal(back->key_count, 2);
    assert_string_equal(back->keys[1].name, "repository");
    assert_int_equal(back->keys[0].limit, 4);
    msgpack_sbuffer_destroy(&buffer);
}

static void a_final_frame_comes_back_as_it_was(void **state)
{
    (void)state;
    struct gpmq_property properties[] = {{"id", "{...}"}, {"comment", ""}};
    struct gpmq_result result = {.type = "backup",
                                 .overall_status = GPMQ_HR_CANCELLED,
                                 .property_count = 2,
                                 .properties = properties,
                                 .data = "abc",
                                 .data_size = 3};
    struct gpmq_status_msg message = {.object_path = "Machine/registry.pol",
                                      .error_code = GPMQ_HR_ACCESS_DENIED,
                                      .operation_code = GPMQ_EACCESS,
                                      .message = "cannot read"};
    struct gpmq_status sent = {.op = an_id(2),
                               .seq = 9,
                               .fence = 4711,
                               .time_unix_ms = 1700000000000,
                               .kind = GPMQ_FRAME_FINAL,
                               .state = GPMQ_CANCELLED,
                               .progress_numerator = 5,
                               .progress_denominator = 5,
                               .hr_status = GPMQ_HR_CANCELLED,
                               .result = &result,
                               .status_msg_count = 1,
                               .status_msgs = &message};
    CLEANUP(arena_free) struct arena arena = {0};
    msgpack_sbuffer buffer;
    struct gpmq_status got;
    msgpack_sbuffer_init(&buffer);

    assert_int_equal(status_encode(&buffer, &sent), 0);
    assert_int_equal(status_decode(&got, &arena, buffer.data, buffer.size, NULL), 0);
    assert_int_equal(got.kind, GPMQ_FRAME_FINAL);
    assert_int_equal(got.hr_status, GPMQ_HR_CANCELLED);
    assert_int_equal(got.result->overall_status, GPMQ_HR_CANCELLED);
    assert_int_equal(got.result->property_count, 2);
    assert_string_equal(got.result->properties[1].name, "comment");
    assert_int_equal(got.result->data_size, 3);
    assert_memory_equal(got.result->data, "abc", 3);
    assert_int_equal(got.status_msg_count, 1);
    assert_int_equal(got.status_msgs[0].operation_code, GPMQ_EACCESS);
    msgpack_sbuffer_destroy(&buffer);
}

static void no_messages_is_nil_on_the_wire(void **state)
{
    (void)state;
    struct gpmq_status sent = {
        .op = an_id(2), .seq = 1, .kind = GPMQ_FRAME_STATE, .state = GPMQ_QUEUED};
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    assert_int_equal(status_encode(&buffer, &sent), 0);
    /* fixstr "status_msgs", nil */
    assert_non_null(memmem(buffer.data, buffer.size, "\xabstatus_msgs\xc0", 13));
    assert_non_null(memmem(buffer.data, buffer.size, "\xa6result\xc0", 8));
    msgpack_sbuffer_destroy(&buffer);
}

static void the_same_request_has_the_same_bytes(void **state)
{
    (void)state;
    struct gpmq_request request = a_request();
    CLEANUP(arena_free) struct arena arena = {0};
    msgpack_sbuffer first, second;
    struct gpmq_request back;
    msgpack_sbuffer_init(&first);
    msgpack_sbuffer_init(&second);
    assert_int_equal(request_encode(&first, &request), 0);
    assert_int_equal(request_decode(&back, &arena, first.data, first.size, NULL), 0);
    assert_int_equal(request_encode(&second, &back), 0);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    msgpack_sbuffer_destroy(&first);
    msgpack_sbuffer_destroy(&second);
}

static void ids_and_frames_stand_bare_in_their_lists(void **state)
{
    (void)state;
    struct gpmq_id ids[2] = {an_id(1), an_id(2)};
    struct message sent = {.type = MSG_ACK, .ack = {2, ids}};
    CLEANUP(arena_free) struct arena arena = {0};
    msgpack_sbuffer buffer;
    struct message got;
    encoded(&buffer, &sent);
    assert_non_null(memmem(buffer.data, buffer.size, "\xa3ids\x92\xc4\x10", 7));
    assert_int_equal(message_decode(&got, &arena, buffer.data, buffer.size, NULL), 0);
    assert_int_equal(got.ack.id_count, 2);
    assert_true(gpmq_id_equal(&got.ack.ids[1], &ids[1]));
    msgpack_sbuffer_destroy(&buffer);
}

struct refusal {
    const char *what;
    const char *bytes;
    size_t size;
    int code;
    const char *text;
};

#define BYTES(literal) literal, sizeof literal - 1

static const struct refusal refusals[] = {
    {"no byte at all", BYTES(""), GPMQ_EMALFORMED, "the message ends too early"},
    {"a list that claims 4 billion items", BYTES("\xdd\xff\xff\xff\xff"), GPMQ_EMALFORMED,
     "a list claims 4294967295 values, 0 bytes are left"},
    {"a map that claims 134 million pairs", BYTES("\xdf\x07\xff\xff\xff"), GPMQ_EMALFORMED, NULL},
    {"bytes behind the message", BYTES("\x80\x80"), GPMQ_EMALFORMED, "1 bytes behind the message"},
    {"a key that is a number", BYTES("\x81\x01\x01"), GPMQ_EMALFORMED, "a key of a map is no text"},
    {"an extension type", BYTES("\x81\xa1x\xd4\x01\x01"), GPMQ_EMALFORMED,
     "a type that messages do not have"},
    {"text that is not UTF-8", BYTES("\x81\xa1x\xa2\xc3\x28"), GPMQ_EMALFORMED,
     "a text is not UTF-8, or has a NUL"},
    {"text with a NUL", BYTES("\x81\xa1x\xa1\x00"), GPMQ_EMALFORMED, NULL},
    {"text with a surrogate", BYTES("\x81\xa1x\xa3\xed\xa0\x80"), GPMQ_EMALFORMED, NULL},
    {"nested too deep", BYTES("\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01"), GPMQ_ETOOBIG,
     "lists nested deeper than 8"},
    {"a list, not a map", BYTES("\x90"), GPMQ_EMALFORMED, "the message is not a map"},
    {"no type", BYTES("\x80"), GPMQ_EMALFORMED, "the message has no 'type'"},
    {"an unknown type", BYTES("\x81\xa4type\xa3xyz"), GPMQ_EUNSUPPORTED,
     "'xyz' is no type of message here"},
    {"a required field missing", BYTES("\x81\xa4type\xa6replay"), GPMQ_EMALFORMED,
     "'replay' lacks 'op'"},
    {"an id of 15 bytes",
     BYTES("\x82\xa4type\xa6replay\xa2op\xc4\x0f"
           "0123456789abcde"),
     GPMQ_EMALFORMED, "'op' is not 16 bytes"},
    {"a number below zero where none can be", BYTES("\x82\xa4type\xa4list\xa5limit\xff"),
     GPMQ_EMALFORMED, "'limit' is not a number from 0 on"},
    {"a number over its limit", BYTES("\x82\xa4type\xa4list\xa5limit\xcd\x03\xe9"), GPMQ_ETOOBIG,
     "'limit' is 1001, the limit is 1000"},
};

static void what_is_no_message_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        CLEANUP(arena_free) struct arena arena = {0};
        struct message got;
        struct gpmq_error err;
        int rc = message_decode(&got, &arena, refusals[i].bytes, refusals[i].size, &err);
        if (rc != refusals[i].code)
            fail_msg("%s: %s", refusals[i].what, rc ? err.text : "taken");
        if (refusals[i].text)
            assert_string_equal(err.text, refusals[i].text);
    }
}

static void an_unknown_key_is_ignored(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = {0};
    struct message got;
    assert_int_equal(
        message_decode(&got, &arena, BYTES("\x82\xa4type\xa4ping\xa3new\x93\x01\x02\x03"), NULL),
        0);
    assert_int_equal(got.type, MSG_PING);
}

static void an_unknown_type_still_tells_its_request_number(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = {0};
    struct message got;
    assert_int_equal(message_decode(&got, &arena, BYTES("\x82\xa4type\xa3xyz\xa3req\x05"), NULL),
                     GPMQ_EUNSUPPORTED);
    assert_int_equal(got.req, 5);
}

static void every_prefix_of_a_message_is_refused(void **state)
{
    (void)state;
    struct gpmq_request request = a_request();
    struct message sent = {.type = MSG_SUBMIT, .req = 7, .submit = {1, &request}};
    msgpack_sbuffer buffer;
    encoded(&buffer, &sent);
    for (size_t size = 0; size < buffer.size; size++) {
        CLEANUP(arena_free) struct arena arena = {0};
        struct message got;
        assert_int_equal(message_decode(&got, &arena, buffer.data, size, NULL), GPMQ_EMALFORMED);
    }
    msgpack_sbuffer_destroy(&buffer);
}

static void a_message_may_not_take_more_than_its_arena(void **state)
{
    (void)state;
    struct gpmq_request request = a_request();
    struct message sent = {.type = MSG_SUBMIT, .submit = {1, &request}};
    CLEANUP(arena_free) struct arena arena = {.limit_bytes = 64};
    struct message got;
    msgpack_sbuffer buffer;
    encoded(&buffer, &sent);
    assert_int_equal(message_decode(&got, &arena, buffer.data, buffer.size, NULL), GPMQ_ENOMEM);
    msgpack_sbuffer_destroy(&buffer);
}

static void a_topic_is_batch_then_operation(void **state)
{
    (void)state;
    struct gpmq_id batch = an_id(0xab), op = an_id(0xcd);
    char topic[TOPIC_SIZE];
    assert_string_equal(status_topic(&batch, &op, topic),
                        "gpmq1.0193a1000000700080000000000000ab0193a1000000700080000000000000cd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_submit_comes_back_as_it_was),
        cmocka_unit_test(a_final_frame_comes_back_as_it_was),
        cmocka_unit_test(no_messages_is_nil_on_the_wire),
        cmocka_unit_test(the_same_request_has_the_same_bytes),
        cmocka_unit_test(ids_and_frames_stand_bare_in_their_lists),
        cmocka_unit_test(what_is_no_message_is_refused_with_its_reason),
        cmocka_unit_test(an_unknown_key_is_ignored),
        cmocka_unit_test(an_unknown_type_still_tells_its_request_number),
        cmocka_unit_test(every_prefix_of_a_message_is_refused),
        cmocka_unit_test(a_message_may_not_take_more_than_its_arena),
        cmocka_unit_test(a_topic_is_batch_then_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
