/*
 * ops_desk.h - runs operations in this process, as an executor would: a folder with a domain and a
 * repository under the names "demo" and "store", another repository and domain where the test says,
 * and a channel that remembers what was told.
 */
#ifndef GPMQ_OPS_DESK_H
#define GPMQ_OPS_DESK_H

#include "bytes.h"
#include "handler.h"
#include "repository.h"
#include "scratch.h"

#define DESK_DOMAIN     "demo"
#define DESK_REPOSITORY "store"
#define DESK_OTHER      "other"
#define DESK_SECOND     "second"
#define DESK_FENCE      (1ull << 33)

struct desk {
    struct scratch scratch;
    char domain_path[SCRATCH_PATH_SIZE];
    char repository_path[SCRATCH_PATH_SIZE];
    const char *other_path;  /* of the other repository; NULL: there is none */
    const char *templates;   /* folder for domains without a central store; NULL: none */
    const char *second_path; /* of a second domain; NULL: there is none */
    struct domain *domain;   /* the same places, to look at what the operations did */
    struct repository *repository;
    int input_fd; /* of the requests that run; 0: they bring nothing */
};

/* With the demo domain of tests/data, or with an empty domain. Ends the test where that fails. */
void desk_make_demo(struct desk *desk);
void desk_make_empty(struct desk *desk);
void desk_remove(struct desk *desk);

/* For cmocka: a desk with the demo domain before each test, and its end. */
int desk_set_up(void **state);
int desk_tear_down(void **state);
struct desk *desk_of(void **state);

struct told_progress {
    int32_t numerator;
    int32_t denominator;
};

struct told_message {
    char *object_path;
    char *extension_name;
    char *settings_name;
    char *text;
    int32_t error_code;
    int32_t operation_code;
};

/* What one attempt told. */
struct told {
    struct run_channel channel;
    unsigned stop_at; /* the question "whether to stop" that is answered with yes; 0: none */
    unsigned asked;   /* how often it was asked */
    int input_fd;

    size_t progress_count;
    struct told_progress *progress;
    size_t message_count;
    struct told_message *messages;

    bool ended;
    enum report_kind end;
    int32_t code;
    int32_t hr_status;
    bool retryable;
    char *type; /* of the result */
    int32_t overall_status;
    size_t property_count;
    struct told_property {
        char *name;
        char *value;
    } properties[GPMQ_PROPERTIES_MAX];
    struct bytes content; /* always NUL-terminated */
};

/* Runs one attempt and holds it to the contract of IGPMAsyncProgress: the numerator never falls and
 * is below the denominator, which never changes for the worse; there is one end, and nothing after
 * it. stop_at: see struct told. told_free() what it tells. */
struct told desk_run(struct desk *desk, const struct gpmq_request *request, uint64_t fence,
                     unsigned stop_at);
void told_free(struct told *told);

/* The value of a property of the result; "(none)" where there is no such. */
const char *told_property(const struct told *told, const char *name);
/* The words of the newest message; "" where there is none. */
const char *told_last(const struct told *told);
/* Ends the test unless it ended well, or with that code. */
void told_ended_well(const struct told *told);
void told_failed_with(const struct told *told, int code);

/* A request of that kind for the demo domain and its repository; its id tells `number`. */
struct gpmq_request desk_request(const char *kind, unsigned number);
/* The GUID of the GPO with that name, in a buffer that the next eight calls leave alone. */
const char *desk_gpo(const struct desk *desk, const char *name);
/* A live GPO; gpo_free() it. */
struct gpo *desk_read(const struct desk *desk, const struct gpmq_guid *id);
/* Backs up a GPO; the id of its backup. */
struct gpmq_guid desk_back_up(struct desk *desk, const char *name, unsigned number);
/* Changes a GPO as an administrator would: its files are gone but for Machine/edited.txt, and the
 * named fields (enum domain_field) are those of *values. `number` tells the operation; its fence
 * is DESK_FENCE, which later operations need as well. */
void desk_edit(struct desk *desk, const struct gpmq_guid *id, unsigned fields,
               const struct gpo *values, unsigned number);
/* Deletes a GPO, both halves; the folder of locks keeps what it knows. */
void desk_delete(struct desk *desk, const struct gpmq_guid *id);
/* How many entries the repository's folder has, leftovers and manifest.xml among them. */
size_t desk_entries(const struct desk *desk);
/* The content of a file of a GPO, NUL-terminated; bytes_free() it. */
struct bytes desk_file(const struct desk *desk, const struct gpmq_guid *id, const char *path);

#endif
