/* fuzz_decode.c - whatever decode.c accepts, encode.c gives back, and decode.c reads again alike.
 */
#include <assert.h>
#include <string.h>

#include "cleanup.h"
#include "codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void same_again(const struct message *message)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct message again;
    msgpack_sbuffer first, second;
    msgpack_sbuffer_init(&first);
    msgpack_sbuffer_init(&second);
    assert(message_encode(&first, message) == 0);
    if (first.size <= MESSAGE_MAX) {
        assert(message_decode(&again, &arena, first.data, first.size, NULL) == 0);
        assert(message_encode(&second, &again) == 0);
        assert(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    }
    msgpack_sbuffer_destroy(&first);
    msgpack_sbuffer_destroy(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(arena_free) struct arena arena = {.limit_bytes = 8u << 20};
    struct message message;
    struct gpmq_status status;
    struct gpmq_request request;
    struct gpmq_result result;

    if (message_decode(&message, &arena, bytes, size, NULL) == 0)
        same_again(&message);
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    if (status_decode(&status, &arena, bytes, size, NULL) == 0)
        assert(status_encode(&buffer, &status) == 0);
    if (request_decode(&request, &arena, bytes, size, NULL) == 0)
        assert(request_encode(&buffer, &request) == 0);
    if (result_decode(&result, &arena, bytes, size, NULL) == 0)
        assert(result_encode(&buffer, &result) == 0);
    msgpack_sbuffer_destroy(&buffer);
    return 0;
}
