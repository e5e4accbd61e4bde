/* test_exec.c - programs of the worker's owner in real executors: what they read, what they say,
 * how they end and how they are stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "cleanup.h"
#include "clock.h"
#include "executor.h"
#include "scratch.h"

#define WAIT_MAX_MS  20000 /* then something is wrong */
#define MESSAGES_MAX 64
#define TEXT_SIZE    512

struct heard {
    uint32_t message_count;
    char messages[MESSAGES_MAX][TEXT_SIZE];
    int32_t numerator;
    int32_t denominator;
    enum report_kind end; /* 0: none yet */
    int code;
    bool retryable;
    char type[TEXT_SIZE];
    char properties[TEXT_SIZE]; /* "name=value " */
    char content[TEXT_SIZE];
    char how[TEXT_SIZE]; /* of an executor that ended without telling */
};

struct bench {
    struct scratch scratch;
    struct executor_pool *pool;
    struct executor_program program;
    const char *words[3];
    const char *folders[1];
    struct place place;
    struct heard heard;
    uint64_t fence;
};

static void take_result(struct heard *heard, const struct gpmq_result *result)
{
    snprintf(heard->type, sizeof heard->type, "%s", result->type);
    for (uint32_t i = 0; i < result->property_count; i++)
        snprintf(heard->properties + strlen(heard->properties),
                 sizeof heard->properties - strlen(heard->properties), "%s=%s ",
                 result->properties[i].name, result->properties[i].value);
    if (result->data)
        snprintf(heard->content, sizeof heard->content, "%.*s", (int)result->data_size,
                 (const char *)result->data);
}

static void on_report(void *arg, const struct report *report, void *content)
{
    struct heard *heard = arg;
    for (uint32_t i = 0; i < report->status_msg_count && heard->message_count < MESSAGES_MAX; i++)
        snprintf(heard->messages[heard->message_count++], TEXT_SIZE, "%s",
                 report->status_msgs[i].message);
    if (report->kind == REPORT_PROGRESS) {
        heard->numerator = report->progress_numerator;
        heard->denominator = report->progress_denominator;
    }
    if (report->kind >= REPORT_DONE) {
        heard->end = report->kind;
        heard->code = report->code;
        heard->retryable = report->retryable;
        take_result(heard, report->result);
    }
    free(content);
}

static void on_ended(void *arg, const struct gpmq_id *op, uint64_t fence, const char *how)
{
    struct heard *heard = arg;
    (void)op;
    (void)fence;
    snprintf(heard->how, sizeof heard->how, "%s", how);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    scratch_make(&bench->scratch);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    executor_pool_free(&bench->pool);
    scratch_remove(&bench->scratch);
    free(bench);
    return 0;
}

/* A pool whose only program, kind "site.test", is a shell script. */
static void serve_in(struct bench *bench, const char *script, bool shut_in)
{
    static char path[SCRATCH_PATH_SIZE];
    static char program[4096];
    struct gpmq_error err;
    snprintf(program, sizeof program, "%s/bin/gpmq-executor", getenv("GPMQ_BUILD_DIR"));
    scratch_write(&bench->scratch, "script", script, strlen(script));
    bench->words[0] = "/bin/sh";
    bench->words[1] = scratch_path(&bench->scratch, "script", path);
    bench->words[2] = bench->scratch.path;
    bench->folders[0] = bench->scratch.path;
    bench->place = (struct place){"nightly", bench->scratch.path};
    bench->program = (struct executor_program){
        .kind = "site.test",
        .words = bench->words,
        .word_count = 3,
        .folders = bench->folders,
        .folder_count = shut_in,
        .repeatable = true,
    };
    struct executor_pool_config config = {
        .program = program,
        .count = 1,
        .cpu_max_s = 60,
        .programs = &bench->program,
        .program_count = 1,
        .repositories = &bench->place,
        .repository_count = 1,
    };
    struct executor_listener listener = {on_report, on_ended, NULL, &bench->heard};
    if (executor_pool_new(&bench->pool, &config, &listener, &err))
        fail_msg("%s", err.text);
}

static void serve(struct bench *bench, const char *script)
{
    serve_in(bench, script, false);
}

static const struct gpmq_id an_id = {{1, 0x93, 0xa1, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

static void start_request(struct bench *bench, const struct gpmq_request *request)
{
    struct gpmq_error err = {0};
    bench->heard = (struct heard){0};
    if (executor_run(bench->pool, request, ++bench->fence, 1, &err))
        fail_msg("%s", err.text);
}

static void start(struct bench *bench, const char *kind, const char *args)
{
    struct gpmq_request request = {
        .id = an_id, .kind = kind, .args = args, .repository = "nightly", .label = "a label"};
    start_request(bench, &request);
}

static void round_of(struct bench *bench)
{
    int64_t left_ms = executor_pool_next_ms(bench->pool) - clock_now_ms();
    struct pollfd item = {executor_pool_fd(bench->pool), POLLIN, 0};
    poll(&item, 1, left_ms < 0 ? 0 : left_ms > 1000 ? 1000 : (int)left_ms + 1);
    executor_pool_take(bench->pool, clock_now_ms());
}

static bool is_over(const struct bench *bench)
{
    return bench->heard.end || bench->heard.how[0];
}

static int64_t wait_for_end(struct bench *bench)
{
    int64_t start_ms = clock_now_ms();
    while (!is_over(bench) && clock_now_ms() - start_ms < WAIT_MAX_MS)
        round_of(bench);
    assert_true(is_over(bench));
    return clock_now_ms() - start_ms;
}

static void wait_for_message(struct bench *bench)
{
    while (!bench->heard.message_count && !is_over(bench))
        round_of(bench);
    assert_false(is_over(bench));
}

/* The number that a message "pid N" tells, as shells write it. */
static pid_t pid_told(const struct bench *bench, uint32_t message)
{
    assert_true(bench->heard.message_count > message);
    return (pid_t)strtol(bench->heard.messages[message], NULL, 10);
}

/* Waits until nobody has this number: it is killed and reaped by another than us. */
static bool goes_away(pid_t pid)
{
    int64_t end_ms = clock_now_ms() + WAIT_MAX_MS;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    while (clock_now_ms() < end_ms) {
        char line[256] = "";
        CLEANUP(close_file) FILE *file = fopen(path, "re");
        if (!file || !fgets(line, sizeof line, file) || strstr(line, ") Z "))
            return true;
        poll(NULL, 0, 5);
    }
    return false;
}

static void a_program_tells_progress_messages_and_its_result(void **state)
{
    struct bench *bench = *state;
    serve(bench, "echo 'progress 3 10' >&3\n"
                 "echo 'message \"half way\"' >&3\n"
                 "echo 'message {\"message\":\"odd\",\"error_code\":2147942402}' >&3\n"
                 "echo 'result {\"type\":\"snapshot\",\"properties\":{\"id\":\"a1\",\"files\":42,"
                 "\"new\":true},\"content\":\"all of it\"}' >&3\n");
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    assert_int_equal(bench->heard.numerator, 3);
    assert_int_equal(bench->heard.denominator, 10);
    assert_int_equal(bench->heard.message_count, 2);
    assert_string_equal(bench->heard.messages[0], "half way");
    assert_string_equal(bench->heard.type, "snapshot");
    assert_string_equal(bench->heard.properties, "id=a1 files=42 new=true ");
    assert_string_equal(bench->heard.content, "all of it");
}

static void a_program_reads_its_request_and_finds_nothing_else_open(void **state)
{
    struct bench *bench = *state;
    serve(bench, "read -r line\n"
                 "test \"$line\" = '{\"args\":{\"a\":[1,2]},\"attempt\":1,\"fence\":1,\"kind\":"
                 "\"site.test\",\"label\":\"a label\",\"op\":\"0193a1000000700080000000000000"
                 "01\",\"repository\":\"nightly\",\"repository_url\":\"'$1'\"}' || exit 1\n"
                 "ls /proc/$$/fd >$1/open\n"
                 "! grep '^[4-9]$' $1/open || exit 2\n"); /* from 10 on they are the shell's own */
    start(bench, "site.test", "{\"a\": [1, 2]}");
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
}

/* So that it finds what it had made. */
static void a_dead_operation_that_runs_again_reads_the_id_of_the_first(void **state)
{
    struct bench *bench = *state;
    struct gpmq_request again = {
        .id = gpmq_id_derive(&an_id, "retry"), .kind = "site.test", .retry_of = an_id};
    serve(bench, "read -r line\n"
                 "case $line in\n"
                 "*'\"op\":\"0193a100000070008000000000000001\"'*) exit 0;;\n"
                 "esac\n"
                 "exit 1\n");
    start_request(bench, &again);
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
}

static void an_exit_code_is_the_end(void **state)
{
    static const struct {
        const char *script;
        int code;
        bool retryable;
        const char *text;
    } cases[] = {
        {"exit 3", GPMQ_EIO, true, "'/bin/sh' ended with exit code 3"},
        {"exit 64", GPMQ_EINVAL, false, "'/bin/sh' ended with exit code 64"},
        {"exit 75", GPMQ_EBUSY, true, "'/bin/sh' ended with exit code 75"},
        {"kill -9 $$", GPMQ_EIO, true, "'/bin/sh' was killed by signal 9 (Killed)"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve(bench, cases[i].script);
        start(bench, "site.test", NULL);
        wait_for_end(bench);
        assert_int_equal(bench->heard.end, REPORT_FAILED);
        assert_int_equal(bench->heard.code, cases[i].code);
        assert_int_equal(bench->heard.retryable, cases[i].retryable);
        assert_string_equal(bench->heard.messages[0], cases[i].text);
        executor_pool_free(&bench->pool);
    }
}

static void wrong_lines_are_told_and_not_trusted(void **state)
{
    static const struct {
        const char *line;
        const char *why;
    } cases[] = {
        {"progress 5", "not 'progress N D'"},
        {"progress -1 5", "not 'progress N D'"},
        {"progress 1 99999999999", "not 'progress N D'"},
        {"progress 6 5", "6 parts of 5"},
        {"progress 0 0", "0 parts of 0"},
        {"message", "none of progress"},
        {"message {", "no JSON"},
        {"message {\"message\":1}", "string"},
        {"message {\"message\":\"x\",\"secret\":\"y\"}", "unpacked"},
        {"result {\"properties\":{\"x\":[1]}}", "'x' is no string"},
        {"result {\"type\":\"\"}", "a result's type"},
        {"result 5", "object"},
        {"rm -rf /", "none of progress"},
        {"", "none of progress"},
    };
    struct bench *bench = *state;
    char script[4096] = "";
    size_t count = sizeof cases / sizeof cases[0];
    for (size_t i = 0; i < count; i++)
        snprintf(script + strlen(script), sizeof script - strlen(script), "echo '%s' >&3\n",
                 cases[i].line);
    serve(bench, script);
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    assert_int_equal(bench->heard.message_count, count);
    for (size_t i = 0; i < count; i++)
        if (!strstr(bench->heard.messages[i], cases[i].why))
            fail_msg("'%s' gives: %s", cases[i].line, bench->heard.messages[i]);
    assert_string_equal(bench->heard.type, "none");
    assert_int_equal(bench->heard.numerator, 0);
}

static void many_wrong_lines_are_counted(void **state)
{
    struct bench *bench = *state;
    serve(bench, "for i in $(seq 500); do echo nonsense; done >&3; printf 'message \"end\"' >&3");
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.message_count, 22);
    assert_string_equal(bench->heard.messages[20], "end"); /* a line without its newline */
    assert_string_equal(bench->heard.messages[21],
                        "480 further lines of the program are ignored as well");
}

static void a_line_over_the_limit_is_passed_over_as_a_whole(void **state)
{
    struct bench *bench = *state;
    serve(bench, "printf 'message \"' >&3; head -c 3000000 /dev/zero | tr '\\0' a >&3\n"
                 "echo '\"' >&3; echo 'progress 1 2' >&3");
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.message_count, 1);
    assert_non_null(strstr(bench->heard.messages[0], "longer than 1048575 bytes"));
    assert_int_equal(bench->heard.numerator, 1);
}

static void a_second_result_is_a_wrong_line(void **state)
{
    struct bench *bench = *state;
    serve(bench, "echo 'result {\"type\":\"one\"}' >&3; echo 'result {\"type\":\"two\"}' >&3");
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_string_equal(bench->heard.type, "one");
    assert_non_null(strstr(bench->heard.messages[0], "there is a result already"));
}

static void sigterm_reaches_the_program_and_what_it_started(void **state)
{
    struct bench *bench = *state;
    serve(bench, "trap 'kill %1 2>/dev/null; exit 1' TERM\n"
                 "sleep 600 & echo \"message \\\"$!\\\"\" >&3; wait");
    start(bench, "site.test", NULL);
    wait_for_message(bench);
    pid_t sleeper = pid_told(bench, 0);
    executor_stop(bench->pool, &an_id, bench->fence, 10000, clock_now_ms());
    assert_true(wait_for_end(bench) < 8000);
    assert_int_equal(bench->heard.end, REPORT_CANCELLED);
    assert_true(goes_away(sleeper));
}

static void a_program_that_ends_well_although_it_is_stopped_has_ended_well(void **state)
{
    struct bench *bench = *state;
    serve(bench, "trap 'echo \"result {\\\"type\\\":\\\"saved\\\"}\" >&3; exit 0' TERM\n"
                 "sleep 600 & echo \"message \\\"$!\\\"\" >&3; wait");
    start(bench, "site.test", NULL);
    wait_for_message(bench);
    executor_stop(bench->pool, &an_id, bench->fence, 10000, clock_now_ms());
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    assert_string_equal(bench->heard.type, "saved");
}

static void a_program_deaf_to_sigterm_is_killed_with_all_that_it_started(void **state)
{
    struct bench *bench = *state;
    serve(bench, "trap '' TERM; sleep 600 & echo \"message \\\"$!\\\"\" >&3; wait");
    start(bench, "site.test", NULL);
    wait_for_message(bench);
    pid_t sleeper = pid_told(bench, 0);
    executor_stop(bench->pool, &an_id, bench->fence, 200, clock_now_ms());
    int64_t took_ms = wait_for_end(bench);
    assert_int_equal(bench->heard.end, 0);
    assert_non_null(strstr(bench->heard.how, "signal 9"));
    assert_in_range(took_ms, 200 + EXECUTOR_KILL_AFTER_MS - 50, 200 + 5000);
    assert_true(goes_away(sleeper));
}

static void what_a_program_leaves_behind_goes_with_it(void **state)
{
    struct bench *bench = *state;
    serve(bench, "sleep 600 & echo \"message \\\"$!\\\"\" >&3");
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    assert_true(goes_away(pid_told(bench, 0)));
}

static void an_executor_serves_programs_and_handlers_in_turn(void **state)
{
    struct bench *bench = *state;
    serve(bench, "exit 0");
    static const char *const kinds[] = {"noop", "site.test", "site.test", "noop"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        start(bench, kinds[i], NULL);
        wait_for_end(bench);
        assert_int_equal(bench->heard.end, REPORT_DONE);
        assert_string_equal(bench->heard.type, i % 3 ? "none" : "noop");
    }
}

static void a_program_that_is_not_there_is_named(void **state)
{
    struct bench *bench = *state;
    serve(bench, "exit 0");
    bench->words[0] = "/nowhere/program";
    executor_pool_free(&bench->pool);
    bench->program.sandbox = SANDBOX_OFF;
    struct executor_pool_config config = {
        .count = 1, .programs = &bench->program, .program_count = 1};
    struct executor_listener listener = {on_report, on_ended, NULL, &bench->heard};
    char program[4096];
    snprintf(program, sizeof program, "%s/bin/gpmq-executor", getenv("GPMQ_BUILD_DIR"));
    config.program = program;
    assert_int_equal(executor_pool_new(&bench->pool, &config, &listener, NULL), 0);
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    assert_int_equal(bench->heard.code, GPMQ_ENOTFOUND);
    assert_non_null(strstr(bench->heard.messages[0], "cannot start '/nowhere/program'"));
}

static void a_program_with_folders_is_shut_into_them(void **state)
{
    struct bench *bench = *state;
    char outside[] = "/tmp/gpmq-outside-XXXXXX";
    char script[1024];
    int fd = mkstemp(outside);
    assert_true(fd >= 0);
    close(fd);
    snprintf(script, sizeof script,
             "echo inside >$1/made || exit 1\n"
             "if cat %s 2>/dev/null; then echo 'message \"it is open\"' >&3; fi\n",
             outside);
    serve_in(bench, script, true);
    start(bench, "site.test", NULL);
    wait_for_end(bench);
    unlink(outside);
    assert_int_equal(bench->heard.end, REPORT_DONE);
    if (bench->heard.message_count)
        skip(); /* a kernel without Landlock */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_program_tells_progress_messages_and_its_result),
        TEST(a_program_reads_its_request_and_finds_nothing_else_open),
        TEST(a_dead_operation_that_runs_again_reads_the_id_of_the_first),
        TEST(an_exit_code_is_the_end),
        TEST(wrong_lines_are_told_and_not_trusted),
        TEST(many_wrong_lines_are_counted),
        TEST(a_line_over_the_limit_is_passed_over_as_a_whole),
        TEST(a_second_result_is_a_wrong_line),
        TEST(sigterm_reaches_the_program_and_what_it_started),
        TEST(a_program_that_ends_well_although_it_is_stopped_has_ended_well),
        TEST(a_program_deaf_to_sigterm_is_killed_with_all_that_it_started),
        TEST(what_a_program_leaves_behind_goes_with_it),
        TEST(an_executor_serves_programs_and_handlers_in_turn),
        TEST(a_program_that_is_not_there_is_named),
        TEST(a_program_with_folders_is_shut_into_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
