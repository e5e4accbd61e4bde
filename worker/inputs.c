#include "inputs.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <unistd.h>

#include "cleanup.h"
#include "codec.h"
#include "fail.h"

struct input {
    TAILQ_ENTRY(input) in_list;
    struct gpmq_id op;
    uint64_t fence;
    uint32_t attempt;
    uint64_t size;
    uint64_t offset; /* of the piece that comes next */
    uint8_t digest[32];
    crypto_generichash_state hash; /* of what is here */
    int64_t ask_ms;                /* when to ask (again) */
    int fd;
    char trace[GPMQ_NAME_MAX + 1];
    size_t request_size;
    char request[]; /* encoded */
};

struct inputs {
    struct inputs_listener listener;
    TAILQ_HEAD(, input) list;
};

struct inputs *inputs_new(const struct inputs_listener *listener)
{
    struct inputs *inputs = calloc(1, sizeof *inputs);
    if (!inputs)
        return NULL;
    inputs->listener = *listener;
    TAILQ_INIT(&inputs->list);
    return inputs;
}

static void forget(struct inputs *inputs, struct input *input)
{
    TAILQ_REMOVE(&inputs->list, input, in_list);
    close_fd(&input->fd);
    free(input);
}

void inputs_free(struct inputs **inputs_p)
{
    struct inputs *inputs = STEAL(*inputs_p);
    if (!inputs)
        return;
    while (!TAILQ_EMPTY(&inputs->list))
        forget(inputs, TAILQ_FIRST(&inputs->list));
    free(inputs);
}

static struct input *find(const struct inputs *inputs, const struct gpmq_id *op, uint64_t fence)
{
    struct input *input;
    TAILQ_FOREACH(input, &inputs->list, in_list)
    if (input->fence == fence && gpmq_id_equal(&input->op, op))
        return input;
    return NULL;
}

bool inputs_drop(struct inputs *inputs, const struct gpmq_id *op, uint64_t fence)
{
    struct input *input = find(inputs, op, fence);
    if (input)
        forget(inputs, input);
    return input != NULL;
}

/* ---- begin ---------------------------------------------------------------------------------- */

static struct input *new_input(const struct gpmq_request *request)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    struct input *input = NULL;
    if (request_encode(&buffer, request) == 0)
        input = calloc(1, sizeof *input + buffer.size);
    if (input) {
        input->request_size = buffer.size;
        memcpy(input->request, buffer.data, buffer.size);
        input->fd = -1;
    }
    msgpack_sbuffer_destroy(&buffer);
    return input;
}

int inputs_begin(struct inputs *inputs, const struct gpmq_request *request, uint64_t fence,
                 uint32_t attempt, struct gpmq_error *err)
{
    struct input *input = new_input(request);
    if (!input)
        return fail(err, GPMQ_ENOMEM, "no memory for an operation's input");
    input->op = request->id;
    input->fence = fence;
    input->attempt = attempt;
    input->size = request->input_size;
    snprintf(input->trace, sizeof input->trace, "%s", request->trace ? request->trace : "");
    memcpy(input->digest, request->input_digest, sizeof input->digest);
    crypto_generichash_init(&input->hash, NULL, 0, sizeof input->digest);
    input->ask_ms = INT64_MIN;
    TAILQ_INSERT_TAIL(&inputs->list, input, in_list);
    input->fd = memfd_create("gpmq-input", MFD_CLOEXEC);
    if (input->fd >= 0)
        return 0;
    int rc = fail_errno(err, "cannot hold an operation's input");
    forget(inputs, input);
    return rc;
}

/* ---- pieces --------------------------------------------------------------------------------- */

static bool put_piece(struct input *input, const struct msg_input_chunk *chunk)
{
    for (size_t done = 0; done < chunk->bytes_size;) {
        ssize_t written = pwrite(input->fd, chunk->bytes + done, chunk->bytes_size - done,
                                 (off_t)(input->offset + done));
        if (written <= 0)
            return false;
        done += (size_t)written;
    }
    crypto_generichash_update(&input->hash, chunk->bytes, chunk->bytes_size);
    input->offset += chunk->bytes_size;
    return true;
}

static void give_up(struct inputs *inputs, struct input *input, int code, const char *why)
{
    struct gpmq_error err;
    struct gpmq_id op = input->op;
    uint64_t fence = input->fence;
    char trace[sizeof input->trace];
    memcpy(trace, input->trace, sizeof trace);
    const struct log_about about = {&op, input->attempt, *trace ? trace : NULL};
    forget(inputs, input);
    fail(&err, code, "%s", why);
    inputs->listener.failed(inputs->listener.arg, &about, fence, &err);
}

/* It is complete: is it what it should be? */
static void hand_over(struct inputs *inputs, struct input *input)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct gpmq_request request;
    uint8_t digest[32];
    crypto_generichash_final(&input->hash, digest, sizeof digest);
    if (memcmp(digest, input->digest, sizeof digest) != 0) {
        give_up(inputs, input, GPMQ_EDAMAGED, "the input does not have the digest of its request");
        return;
    }
    if (request_decode(&request, &arena, input->request, input->request_size, NULL) != 0) {
        give_up(inputs, input, GPMQ_ENOMEM, "no memory for a request");
        return;
    }
    int fd = steal_fd(&input->fd);
    uint64_t fence = input->fence;
    uint32_t attempt = input->attempt;
    forget(inputs, input);
    inputs->listener.ready(inputs->listener.arg, &request, fence, attempt, fd);
}

void inputs_take(struct inputs *inputs, const struct msg_input_chunk *chunk, int64_t now_ms)
{
    struct input *input = find(inputs, &chunk->op, chunk->fence);
    if (!input || chunk->offset != input->offset)
        return;
    if (chunk->size != input->size || !chunk->bytes_size ||
        chunk->bytes_size > input->size - input->offset) {
        give_up(inputs, input, GPMQ_EDAMAGED, "the broker does not have the operation's input");
        return;
    }
    if (!put_piece(input, chunk)) {
        give_up(inputs, input, GPMQ_ENOMEM, "no memory for the operation's input");
        return;
    }
    input->ask_ms = now_ms;
    if (input->offset == input->size)
        hand_over(inputs, input);
}

/* ---- time ----------------------------------------------------------------------------------- */

void inputs_tick(struct inputs *inputs, int64_t now_ms)
{
    struct input *input;
    TAILQ_FOREACH(input, &inputs->list, in_list)
    {
        if (now_ms < input->ask_ms)
            continue;
        const struct message message = {.type = MSG_INPUT,
                                        .input = {input->op, input->fence, input->offset}};
        inputs->listener.ask(inputs->listener.arg, &message);
        input->ask_ms = now_ms + INPUTS_ASK_MS;
    }
}

int64_t inputs_next_ms(const struct inputs *inputs)
{
    int64_t next_ms = INT64_MAX;
    const struct input *input;
    TAILQ_FOREACH(input, &inputs->list, in_list)
    if (input->ask_ms < next_ms)
        next_ms = input->ask_ms;
    return next_ms;
}
