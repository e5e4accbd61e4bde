/*
 * store_fixture.h - a fresh store for each test, of every kind there is.
 */
#ifndef GPMQ_STORE_FIXTURE_H
#define GPMQ_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store.h"

struct store_fixture;

/* A kind of store, and what it takes to hurt it. */
struct store_kind {
    const char *name;
    const char *url; /* with %s for the test's folder */
    /* The process dies in its round and another opens the store. */
    void (*crash)(struct store_fixture *fixture);
    /* Commits, on a medium that fails. */
    int (*fail_commit)(struct store_fixture *fixture, struct gpmq_error *err);
};
extern const struct store_kind store_kinds[];
extern const size_t store_kinds_count;

struct store_fixture {
    const struct store_kind *kind;
    char folder[64];
    char path[96]; /* of a store in a file */
    char url[128];
    struct store *store;
};

/* The store of a test. */
#define STORE(state) (((struct store_fixture *)*(state))->store)

/* A test with a fresh store. */
#define PROMISE(name)                                                                              \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

/* Runs the tests against every kind of store; returns how many failed. */
int store_fixture_run(struct CMUnitTest *tests, size_t count);
int store_fixture_run_kind(const char *name, struct CMUnitTest *tests, size_t count);

/* For cmocka: *state is a struct store_kind before, a struct store_fixture afterwards. */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);
void store_fixture_open(struct store_fixture *fixture);
/* The process dies in its round and another opens the store. */
void store_fixture_crash(void **state);
/* Limits how long a file may get, till it is called with 0. */
void store_fixture_limit_files(size_t size);

/* Operation n (1..): another id for each; queued. */
struct op_row a_row(unsigned n);
struct store_bytes bytes_of(const char *text);

/* What a sink was given last, and how often. */
struct seen_row {
    unsigned count;
    struct op_row row; /* its names are below */
    char client[GPMQ_NAME_MAX + 1];
    char worker[GPMQ_NAME_MAX + 1];
    char request[4096];
    size_t request_size;
    char result[4096];
    size_t result_size;
    bool has_result;
    uint8_t order[64]; /* the last byte of each id */
    int answer;        /* what the sink returns */
};
int see_row(void *arg, const struct op_row *row, struct store_bytes request,
            struct store_bytes result, struct gpmq_error *err);

struct seen_frames {
    unsigned count;
    uint64_t first;
    uint64_t last;
    char text[256]; /* all of them, one after the other */
};
int see_frame(void *arg, uint64_t seq, struct store_bytes frame, struct gpmq_error *err);

/* Calls that have to succeed. */
void put(struct store *store, const struct op_row *row);
void put_frame(struct store *store, const struct op_row *row, uint64_t seq, const char *text);
/* From the state and fence that `row` says to a state; *row follows. */
void move(struct store *store, struct op_row *row, enum gpmq_state to);
void end_at(struct store *store, struct op_row *row, int64_t finished_unix_ms);
void commit(struct store *store);
struct seen_row read_row(struct store *store, const struct gpmq_id *id);
int try_read(struct store *store, const struct gpmq_id *id, struct gpmq_error *err);
struct seen_frames read_frames(struct store *store, const struct gpmq_id *id, uint64_t from);

#endif
