/*
 * bench_queue.c - durable jobs per second and latency of one queue. Usage:
 *
 *     bench_queue gpmq JOBS WINDOW CONTROL STATUS [WORKER]     without WORKER: another works
 *     bench_queue beanstalkd JOBS WINDOW PORT
 *     bench_queue redis JOBS WINDOW PORT
 *
 * scripts/bench starts the servers, runs this in rounds and compares.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

double bench_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void bench_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench_queue: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void bench_begin(struct bench *bench, uint32_t jobs, uint32_t window)
{
    *bench = (struct bench){.jobs = jobs, .window = window};
    bench->submitted_at = calloc(jobs, sizeof *bench->submitted_at);
    bench->took = calloc(jobs, sizeof *bench->took);
    if (!bench->submitted_at || !bench->took)
        bench_die("no memory for %u jobs", jobs);
    bench->heard_at = bench_now_s();
}

bool bench_may_submit(const struct bench *bench)
{
    return bench->submitted < bench->jobs && bench->submitted - bench->completed < bench->window;
}

uint32_t bench_submit(struct bench *bench)
{
    bench->submitted_at[bench->submitted] = bench_now_s();
    return bench->submitted++;
}

void bench_complete(struct bench *bench, uint32_t job)
{
    if (job >= bench->submitted || bench->took[job] > 0)
        return;
    bench->heard_at = bench_now_s();
    bench->took[job] = bench->heard_at - bench->submitted_at[job];
    bench->completed++;
}

bool bench_goes_on(const struct bench *bench)
{
    if (bench_now_s() - bench->heard_at > BENCH_STALL_S)
        bench_die("%u of %u jobs were completed, then nothing came for %d s", bench->completed,
                  bench->jobs, BENCH_STALL_S);
    return bench->completed < bench->jobs;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a;
    double other = *(const double *)b;
    return (one > other) - (one < other);
}

void bench_print(struct bench *bench, double start_s)
{
    double took_s = bench->heard_at - start_s;
    qsort(bench->took, bench->jobs, sizeof *bench->took, compare);
    printf("{\"jobs_s\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n", bench->jobs / took_s,
           bench->took[bench->jobs / 2] * 1e6,
           bench->took[(uint32_t)((double)bench->jobs * 0.99)] * 1e6);
}

static uint32_t number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end || value < 1 || value > 10000000)
        bench_die("'%s' is no number from 1 to 10000000", text);
    return (uint32_t)value;
}

int main(int argc, char **argv)
{
    struct bench bench;
    if (argc < 5)
        bench_die("usage: bench_queue gpmq|beanstalkd|redis JOBS WINDOW ADDRESS...");
    const char *queue = argv[1];
    bench_begin(&bench, number(argv[2]), number(argv[3]));
    double start_s = bench_now_s();
    if (strcmp(queue, "gpmq") == 0 && argc >= 6)
        bench_gpmq(&bench, argv[4], argc > 6 ? argv[6] : NULL, argv[5]);
    else if (strcmp(queue, "beanstalkd") == 0)
        bench_beanstalkd(&bench, argv[4]);
    else if (strcmp(queue, "redis") == 0)
        bench_redis(&bench, argv[4]);
    else
        bench_die("'%s' is no queue, or its address is missing", queue);
    bench_print(&bench, start_s);
    free(bench.submitted_at);
    free(bench.took);
    return 0;
}
