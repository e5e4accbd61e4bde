/*
 * message_executor.h - what a worker and its executors say, over a socketpair.
 */
#ifndef GPMQ_MESSAGE_EXECUTOR_H
#define GPMQ_MESSAGE_EXECUTOR_H

#include "message_worker.h"

/* A domain or repository as the worker's owner configured it. */
struct place {
    const char *name;
    const char *url;
};

struct msg_exec_start {
    uint64_t fence;
    uint32_t attempt;
    struct gpmq_request *request;
    uint32_t domain_count;
    struct place *domains;
    uint32_t repository_count;
    struct place *repositories;
};

struct msg_exec_stop {
    uint64_t fence;
};

struct msg_exec_report {
    struct report *report; /* op and fence as in the start; n is not used */
};

struct msg_exec_chunk {
    uint64_t offset;
    const uint8_t *bytes;
    uint32_t bytes_size;
};

#endif
