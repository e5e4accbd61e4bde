/*
 * fuzz_executor_talk.c - whatever an executor says on its socket, the worker takes it or breaks the
 * talk off: what parsed foreign files may have taken the executor over.
 *
 * The input is a list of packets, each with two bytes of length before it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "executor_state.h"

#define PACKETS_MAX 16
#define FENCE       7

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct gpmq_id op = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/* What reaches the rest of the worker is about the operation that runs, and is whole. */
static void take_report(void *arg, const struct report *report, void *content)
{
    (void)arg;
    if (!gpmq_id_equal(&op, &report->op) || report->fence != FENCE ||
        (content && (!report->result || report->result->data_size > GPMQ_BLOB_MAX)))
        abort();
    free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct executor_pool pool;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return 0;
    pool.listener.report = take_report;
    struct executor executor = {
        .process = {.socket = ends[0]}, .busy = true, .op = op, .fence = FENCE};
    for (int i = 0; i < PACKETS_MAX && size > 2; i++) {
        size_t length = (size_t)bytes[0] << 8 | bytes[1];
        bytes += 2, size -= 2;
        if (length > size)
            length = size;
        if (length && send(ends[1], bytes, length, 0) < 0)
            break;
        bytes += length, size -= length;
        if (!executor_talk_take(&pool, &executor, 2))
            break;
    }
    executor_talk_forget(&executor);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
