/*
 * fuzz_program_line.c - whatever a program of the worker's owner writes to descriptor 3, in
 * whatever pieces, what is told of it is within its limits, and it ends in one report.
 */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "program_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t told, ends;

static void take_report(struct run_channel *channel, const struct report *report)
{
    (void)channel;
    told += report->status_msg_count;
    ends += report->kind == REPORT_DONE || report->kind == REPORT_FAILED;
    if (report->kind == REPORT_PROGRESS &&
        report->progress_numerator >= report->progress_denominator)
        abort();
}

static void take_content(struct run_channel *channel, uint64_t offset, const void *bytes,
                         uint32_t size)
{
    (void)channel;
    (void)bytes;
    if (offset + size > GPMQ_BLOB_MAX)
        abort();
}

static bool is_stopped(struct run_channel *channel, int64_t wait_ms)
{
    (void)channel;
    (void)wait_ms;
    return false;
}

static void take_in_pieces(struct program_talk *talk, const uint8_t *bytes, size_t size)
{
    size_t piece = size ? 1 + bytes[0] : 1;
    for (size_t at = 0; at < size; at += piece)
        program_talk_take(talk, (const char *)bytes + at, size - at < piece ? size - at : piece);
    program_talk_end(talk);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct run_channel channel = {
        .report = take_report, .content = take_content, .stopped = is_stopped};
    struct gpmq_request request = {.kind = "site.test"};
    struct msg_exec_start start = {.fence = 1, .attempt = 1, .request = &request};
    CLEANUP(run_free) struct run *run = run_new(&channel, &start);
    CLEANUP(program_talk_free) struct program_talk talk = {0};
    told = ends = 0;
    if (!run || program_talk_begin(&talk, run, NULL) != 0)
        return 0;
    take_in_pieces(&talk, bytes, size);
    run_finish(run, 0, NULL, false);
    if (ends != 1 || told > RUN_MESSAGES_MAX + 1)
        abort();
    return 0;
}
