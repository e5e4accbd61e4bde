/*
 * bench_store.c - what a store costs: whole operations per second, by operations per round.
 *
 * An operation is a submit, two changes to running, one to its end, four frames and a result; each
 * of these three steps is in a round of its own, as in the broker. Beside it, in the same folder
 * and the same run: how often the disk can sync a page. Usage: bench_store [FOLDER [OPERATIONS]]
 */
#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "store.h"

enum { REQUEST_SIZE = 200, FRAME_SIZE = 120, RESULT_SIZE = 200, FRAMES = 4, SYNCS = 2000 };

static const char filler[256];
static const unsigned round_sizes[] = {1, 64, 1000};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of this process: what other processes do to the clock does not count. */
static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void must(int rc, const struct gpmq_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_store: %s\n", err->text);
    exit(1);
}

static struct op_row a_row(uint64_t n)
{
    uint8_t random[10] = {0};
    uint64_t big_endian = htobe64(n);
    memcpy(random + 2, &big_endian, sizeof big_endian);
    return (struct op_row){
        .id = gpmq_id_make(1700000000000 + (int64_t)n / 100, random),
        .state = GPMQ_QUEUED,
        .weight = 1,
        .submitted_unix_ms = 1700000000000,
        .client = "desk",
    };
}

static void change(struct store *store, struct op_row *row, enum gpmq_state to)
{
    struct gpmq_error err;
    struct store_change change = {.from = row->state, .from_fence = row->fence, .row = row};
    row->state = to;
    must(store->ops->change(store, &change, &err), &err);
}

static void frame(struct store *store, struct op_row *row)
{
    struct gpmq_error err;
    struct store_bytes bytes = {filler, FRAME_SIZE};
    must(store->ops->frame(store, &row->id, ++row->seq, bytes, &err), &err);
}

static void step_submit(struct store *store, struct op_row *row)
{
    struct gpmq_error err;
    must(store->ops->submit(store, row, (struct store_bytes){filler, REQUEST_SIZE}, &err), &err);
    frame(store, row);
}

static void step_run(struct store *store, struct op_row *row)
{
    row->worker = "w1";
    change(store, row, GPMQ_ASSIGNED);
    frame(store, row);
    change(store, row, GPMQ_RUNNING);
    frame(store, row);
}

static void step_end(struct store *store, struct op_row *row)
{
    struct gpmq_error err;
    struct store_bytes bytes = {filler, RESULT_SIZE};
    frame(store, row);
    must(store->ops->result(store, &row->id, bytes, &err), &err);
    row->finished_unix_ms = 1700000001000;
    change(store, row, GPMQ_SUCCEEDED);
}

typedef void step(struct store *store, struct op_row *row);
static step *const steps[] = {step_submit, step_run, step_end};
enum { STEPS = sizeof steps / sizeof steps[0] };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, unsigned round, uint64_t ops, double seconds, double cpu,
                   double *rounds, size_t count)
{
    qsort(rounds, count, sizeof *rounds, by_size);
    printf("%-8s %5u per round: %8.0f operations/s %7.1f us CPU   round p50 %7.3f  p99 %7.3f  "
           "max %7.3f ms\n",
           name, round, (double)ops / seconds, 1e6 * cpu / (double)ops, 1e3 * rounds[count / 2],
           1e3 * rounds[count * 99 / 100], 1e3 * rounds[count - 1]);
}

static void measure(const char *name, const char *url, unsigned round, uint64_t first, uint64_t ops)
{
    struct gpmq_error err;
    CLEANUP(store_close) struct store *store = NULL;
    must(store_open(&store, url, &err), &err);
    CLEANUP(free_pointer) struct op_row *rows = calloc(round, sizeof *rows);
    CLEANUP(free_pointer) double *rounds = calloc(STEPS * (ops / round + 1), sizeof *rounds);
    size_t count = 0;
    double start = now_s(), cpu = cpu_s();
    for (uint64_t done = 0; done < ops; done += round)
        for (int i = 0; i < STEPS; i++) {
            double began = now_s();
            for (unsigned at = 0; at < round; at++) {
                if (i == 0)
                    rows[at] = a_row(first + done + at);
                steps[i](store, &rows[at]);
            }
            must(store->ops->commit(store, &err), &err);
            rounds[count++] = now_s() - began;
        }
    report(name, round, (ops + round - 1) / round * round, now_s() - start, cpu_s() - cpu, rounds,
           count);
}

static void measure_disk(const char *path)
{
    CLEANUP(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char page[4096] = {1};
    double start = now_s();
    for (int i = 0; i < SYNCS; i++)
        if (pwrite(fd, page, sizeof page, 4096 * (i % 64)) != sizeof page || fdatasync(fd))
            perror("bench_store: fdatasync");
    printf("disk     %29.0f fdatasync/s of 4 KiB\n", SYNCS / (now_s() - start));
    unlink(path);
}

static int ignore(void *arg, const struct op_row *row, struct store_bytes request,
                  struct store_bytes result, struct gpmq_error *err)
{
    (void)arg, (void)row, (void)request, (void)result, (void)err;
    return 0;
}

/* How long it takes until a store that holds much is open and read. */
static void measure_load(const char *url)
{
    struct gpmq_error err;
    CLEANUP(store_close) struct store *store = NULL;
    struct store_stat stat;
    double start = now_s();
    must(store_open(&store, url, &err), &err);
    must(store->ops->stat(store, &stat, &err), &err);
    double opened = now_s();
    must(store->ops->load(store, ignore, NULL, &err), &err);
    printf("opening a store of %" PRIu64 " operations: %.3f s, loading %.3f s\n",
           stat.final_count + stat.open_count, opened - start, now_s() - opened);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "/tmp";
    uint64_t ops = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
    char path[256], url[300];
    snprintf(path, sizeof path, "%s/bench-%ld.db", folder, (long)getpid());
    snprintf(url, sizeof url, "sqlite:%s", path);
    for (size_t i = 0; i < sizeof round_sizes / sizeof round_sizes[0]; i++) {
        unsigned round = round_sizes[i];
        uint64_t some = round == 1 ? ops / 20 : ops;
        measure_disk(path);
        measure("memory", "memory:", round, 1, some);
        measure("sqlite", url, round, 1, some);
        measure_load(url);
        static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
        for (int at = 0; at < 4; at++) {
            char name[320];
            snprintf(name, sizeof name, "%s%s", path, suffixes[at]);
            unlink(name);
        }
    }
    return 0;
}
