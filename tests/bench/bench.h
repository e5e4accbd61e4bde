/*
 * bench.h - jobs through a queue, one after the other or many at once: what all queues share.
 *
 * A driver submits jobs so that at most `window` are under way, lets a worker in the same process
 * take and complete them at once, and tells each completion that the server has confirmed. One
 * thread; the server is another process.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_PAYLOAD 200 /* bytes of a job's own */
#define BENCH_STALL_S 20  /* without a completion for this long, something is wrong */

struct bench {
    uint32_t jobs;
    uint32_t window;
    uint32_t submitted;
    uint32_t completed;
    double *submitted_at; /* of each job; s */
    double *took;         /* of each job; s, 0: under way */
    double heard_at;      /* of the last completion */
};

void bench_begin(struct bench *bench, uint32_t jobs, uint32_t window);
/* The number of the next job to submit, whose time runs from now. */
uint32_t bench_submit(struct bench *bench);
bool bench_may_submit(const struct bench *bench);
/* Twice is once. */
void bench_complete(struct bench *bench, uint32_t job);
/* Ends the process with a word when nothing has been completed for BENCH_STALL_S. */
bool bench_goes_on(const struct bench *bench);
/* Prints one line of JSON: jobs per second, and the latencies in microseconds. */
void bench_print(struct bench *bench, double start_s);

double bench_now_s(void);
__attribute__((format(printf, 1, 2), noreturn)) void bench_die(const char *format, ...);

/* The drivers. gpmq: its address is "CONTROL WORKER STATUS"; worker NULL: another works. */
void bench_gpmq(struct bench *bench, const char *control, const char *worker, const char *status);
void bench_beanstalkd(struct bench *bench, const char *port);
void bench_redis(struct bench *bench, const char *port);

#endif
