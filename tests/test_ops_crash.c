/*
 * test_ops_crash.c - the executor is killed inside of every operation that changes a GPO, at each
 * call that changes a disk: who reads then sees the old GPO or the new one, whole; the next
 * attempt, with a higher fence, ends as if nothing had happened, also when it is killed itself on
 * the way.
 *
 * Ends as if nothing had happened: every byte of the domain is that of an undisturbed run but for
 * times and the number of the attempt. With GPMQ_FULL=1 and real backups the same for each of them,
 * with kills in every part of the operation and at each call of its end.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "crash_calls.h"
#include "hex.h"
#include "ops_look.h"
#include "repository_fixture.h"

#define FENCE     (DESK_FENCE + 10)
#define CALLS_MAX 100000

/* ---- the operations -------------------------------------------------------------------------- */

/* What an operation works on: a domain as it was before, and the GPO that it changes. */
struct scene {
    char label[512];
    struct desk desk;
    char before[SCRATCH_PATH_SIZE]; /* a copy of the domain */
    struct gpmq_request request;
    char backup_text[GPMQ_GUID_TEXT_SIZE]; /* which the request points to */
    char gpo_text[GPMQ_GUID_TEXT_SIZE];
    struct gpmq_guid gpo;
    char *old; /* what a reader sees of that GPO before and after; "" nothing */
    char *new;
    struct bytes whole; /* the domain after an undisturbed run */
};

/* A GPO that the others are made of or changed to. */
static struct gpmq_guid make_gpo(struct desk *desk, const char *name, unsigned number)
{
    static const char *const files[] = {"Machine/Registry.pol", "User/Scripts/Logon/logon.cmd",
                                        "GPO.cmt"};
    const struct domain_ops *ops = desk->domain->ops;
    const struct domain_change_request request = {
        .create = true, .display_name = name, .op = desk_request("make", number).id, .fence = 1};
    struct gpo values = {.options = 1,
                         .machine_extensions = (char *)"[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
                                                       "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    uint32_t version;
    assert_int_equal(ops->change_begin(desk->domain, &request, 0, &change, &answer, NULL), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(ops->change_write(change, files[i], name, strlen(name), NULL), 0);
    assert_int_equal(ops->change_mkdir(change, "User/Empty", NULL), 0);
    assert_int_equal(ops->change_set(change, DOMAIN_OPTIONS | DOMAIN_EXTENSIONS, &values, NULL), 0);
    assert_int_equal(ops->change_commit(&change, &version, NULL), 0);
    return gpmq_guid_derive(&request.op, "gpo");
}

/* The GPO that is backed up, or a real backup in the desk's other repository. */
struct origin {
    struct gpmq_guid gpo;
    struct gpmq_guid backup;
    const char *repository;
};

static void import_into(struct scene *scene, const struct origin *origin)
{
    scene->gpo = make_gpo(&scene->desk, "Target", 2);
    scene->request = desk_request("gpo.import", 3);
    scene->request.repository = origin->repository;
    scene->request.backup = gpmq_guid_text(&origin->backup, scene->backup_text);
    scene->request.gpo = gpmq_guid_text(&scene->gpo, scene->gpo_text);
}

static void import_create(struct scene *scene, const struct origin *origin)
{
    scene->request = desk_request("gpo.import", 4);
    scene->request.repository = origin->repository;
    scene->request.backup = gpmq_guid_text(&origin->backup, scene->backup_text);
    scene->request.create = true;
    scene->request.name = "Imported";
    scene->gpo = gpmq_guid_derive(&scene->request.id, "gpo");
}

static void restore_over(struct scene *scene, const struct origin *origin)
{
    struct gpo values = {.display_name = (char *)"Spoilt", .options = 2};
    scene->gpo = origin->gpo;
    scene->request = desk_request("gpo.restore", 5);
    struct gpmq_guid backup = desk_back_up(&scene->desk, look_text(origin->gpo), 6);
    scene->request.backup = gpmq_guid_text(&backup, scene->backup_text);
    scene->request.gpo = gpmq_guid_text(&scene->gpo, scene->gpo_text);
    desk_edit(&scene->desk, &scene->gpo,
              DOMAIN_DISPLAY_NAME | DOMAIN_OPTIONS | DOMAIN_EXTENSIONS | DOMAIN_DS_OBJECTS, &values,
              7);
}

static void restore_deleted(struct scene *scene, const struct origin *origin)
{
    restore_over(scene, origin);
    desk_delete(&scene->desk, &scene->gpo);
}

static void copy(struct scene *scene, const struct origin *origin)
{
    scene->request = desk_request("gpo.copy", 8);
    scene->request.gpo = gpmq_guid_text(&origin->gpo, scene->gpo_text);
    scene->request.name = "Copied";
    scene->request.args = "{\"copy_acl\": true}";
    scene->gpo = gpmq_guid_derive(&scene->request.id, "gpo");
}

struct operation {
    const char *name;
    void (*set)(struct scene *scene, const struct origin *origin);
};

static const struct operation operations[] = {
    {"import into a GPO", import_into},
    {"import into a new GPO", import_create},
    {"restore over a GPO", restore_over},
    {"restore of a deleted GPO", restore_deleted},
    {"copy", copy},
};
#define OPERATIONS (sizeof operations / sizeof *operations)

/* ---- what is seen ---------------------------------------------------------------------------- */

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

/* Everything that a reader can see of a GPO, but for its times; "" when it is not there. */
static char *seen(struct domain *domain, const struct gpmq_guid *id)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    CLEANUP(bytes_free) struct bytes text = {0};
    struct gpmq_error err = {0};
    void *taken = NULL;
    int rc = domain->ops->read(domain, id, &gpo, &err);
    if (rc && rc != GPMQ_ENOTFOUND)
        fail_msg("read after a crash: %s", err.text);
    if (!rc) {
        CLEANUP(free_pointer)
        char *sd = hex_text(gpo->security_descriptor, gpo->security_descriptor_size);
        bytes_format(&text, "%s|%u|%u.%u %u.%u|%s|%s|%s|%s\n", gpo->display_name, gpo->options,
                     gpo->user.ds, gpo->user.sysvol, gpo->machine.ds, gpo->machine.sysvol,
                     gpo->machine_extensions, gpo->user_extensions,
                     gpo->wmi_filter ? gpo->wmi_filter : "", sd);
        bytes_format(&text, "%zu directory objects\n", gpo->ds_object_count);
    }
    for (size_t i = 0; !rc && i < gpo->file_count; i++) {
        bytes_format(&text, "%s%s=", gpo->files[i].path, gpo->files[i].directory ? "/" : "");
        if (!gpo->files[i].directory)
            assert_int_equal(
                domain->ops->read_file(domain, id, gpo->files[i].path, append, &text, NULL), 0);
        bytes_put_text(&text, "\n");
    }
    assert_int_equal(bytes_take(&text, &taken, NULL, NULL), 0);
    return taken;
}

static char *seen_at(const struct scene *scene)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    struct gpmq_error err;
    if (domain_open(&domain, scene->desk.domain_path, &err))
        fail_msg("%s", err.text);
    return seen(domain, &scene->gpo);
}

/* Every byte of the domain without the lines that tell times and the number of the attempt. */
static struct bytes whole_domain(const struct scene *scene)
{
    static const char *const masked[] = {"\nwhenChanged: ", "\nwhenCreated: ", "\ngpmqFence: "};
    struct bytes whole = look_snapshot(&scene->desk);
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
        size_t length = strlen(masked[i]);
        for (uint8_t *at = whole.at, *end = whole.at + whole.size;
             (at = memmem(at, (size_t)(end - at), masked[i], length));)
            for (at += length; at < end && *at != '\n'; at++)
                *at = '*';
    }
    return whole;
}

/* ---- the places ------------------------------------------------------------------------------ */

static void run_program(const char *program, const char *a, const char *b, const char *c)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execlp(program, program, a, b, c, NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* The domain is as it was. */
static void reset(const struct scene *scene)
{
    run_program("rm", "-rf", scene->desk.domain_path, NULL);
    run_program("cp", "-a", scene->before, scene->desk.domain_path);
}

static void drop_scene(struct scene *scene)
{
    free(scene->old);
    free(scene->new);
    bytes_free(&scene->whole);
    desk_remove(&scene->desk);
}

/* sample: a real backup, or NULL for the small GPO. */
static void set_scene(struct scene *scene, const struct operation *operation,
                      const struct sample *sample)
{
    struct origin origin = {.repository = DESK_REPOSITORY};
    snprintf(scene->label, sizeof scene->label, "%s, %s/%s", operation->name,
             sample ? sample->repository : "", sample ? look_text(sample->id) : "the small GPO");
    desk_make_empty(&scene->desk);
    if (sample) {
        struct gpmq_request import = desk_request("gpo.import", 20);
        import.repository = origin.repository = DESK_OTHER;
        import.backup = look_text(sample->id);
        import.create = true;
        scene->desk.other_path = sample->repository;
        CLEANUP(told_free) struct told told = desk_run(&scene->desk, &import, 1, 0);
        told_ended_well(&told);
        origin.gpo = gpmq_guid_derive(&import.id, "gpo");
        origin.backup = sample->id;
    } else {
        origin.gpo = make_gpo(&scene->desk, "Small", 1);
        origin.backup = desk_back_up(&scene->desk, "Small", 9);
    }
    operation->set(scene, &origin);
    domain_close(&scene->desk.domain);
    snprintf(scene->before, sizeof scene->before, "%s/before", scene->desk.scratch.path);
    run_program("cp", "-a", scene->desk.domain_path, scene->before);
    scene->old = seen_at(scene);
}

/* ---- kill ------------------------------------------------------------------------------------ */

/* The channel of a child: it may die, and must not fail a test in a process of its own. */
static bool ended_well;

static void take_report(struct run_channel *channel, const struct report *report)
{
    (void)channel;
    ended_well = report->kind == REPORT_DONE;
    for (uint32_t i = 0; i < report->status_msg_count; i++)
        print_error("%s\n", report->status_msgs[i].message);
}

static void take_content(struct run_channel *channel, uint64_t offset, const void *bytes,
                         uint32_t size)
{
    (void)channel, (void)offset, (void)bytes, (void)size;
}

static bool never_stopped(struct run_channel *channel, int64_t wait_ms)
{
    (void)channel, (void)wait_ms;
    return false;
}

/* An executor runs the operation and dies at call `kill_at` (0: it lives). Whether it lived. */
static bool lives(const struct scene *scene, uint64_t fence, long kill_at)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct run_channel channel = {
            .report = take_report, .content = take_content, .stopped = never_stopped};
        struct gpmq_request request = scene->request;
        struct place domain = {DESK_DOMAIN, scene->desk.domain_path};
        struct place repositories[] = {{DESK_REPOSITORY, scene->desk.repository_path},
                                       {DESK_OTHER, scene->desk.other_path}};
        const struct msg_exec_start start = {.fence = fence,
                                             .request = &request,
                                             .domain_count = 1,
                                             .domains = &domain,
                                             .repository_count = scene->desk.other_path ? 2 : 1,
                                             .repositories = repositories};
        struct run *run = run_new(&channel, &start);
        crash_at(kill_at);
        handler_execute(run, &(struct handler_list){0});
        _exit(ended_well ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        fail_msg(
            "%s: the attempt with fence %llu, to be killed at call %ld, ended with status 0x%x",
            scene->label, (unsigned long long)fence, kill_at, (unsigned)status);
    return WIFEXITED(status);
}

/* Nobody sees a mixture: neither who had the domain open before, nor who opens it now. */
static void assert_old_or_new(const struct scene *scene, struct domain *reader)
{
    CLEANUP(free_pointer) char *by_reader = seen(reader, &scene->gpo);
    CLEANUP(free_pointer) char *by_next = seen_at(scene);
    if (strcmp(by_reader, scene->old) != 0)
        assert_string_equal(by_reader, scene->new);
    if (strcmp(by_next, scene->old) != 0)
        assert_string_equal(by_next, scene->new);
}

/* Killed at call n, and with again > 0 once more in the next attempt, at call `again`. Whether the
 * first attempt lived. */
static bool round_lives(const struct scene *scene, long n, long again)
{
    CLEANUP(domain_close) struct domain *reader = NULL;
    reset(scene);
    assert_int_equal(domain_open(&reader, scene->desk.domain_path, NULL), 0);
    bool lived = lives(scene, FENCE, n);
    assert_old_or_new(scene, reader);
    if (again) {
        lives(scene, FENCE + 1, again);
        assert_old_or_new(scene, reader);
    }
    assert_true(lives(scene, FENCE + 2, 0));
    CLEANUP(free_pointer) char *after = seen_at(scene);
    assert_string_equal(after, scene->new);
    CLEANUP(bytes_free) struct bytes whole = whole_domain(scene);
    assert_int_equal(whole.size, scene->whole.size);
    assert_memory_equal(whole.at, scene->whole.at, whole.size);
    assert_false(look_staged(&scene->desk, look_text(scene->gpo)));
    return lived;
}

/* How many calls an undisturbed run makes, found by doubling and halving; keeps what it leaves. */
static void run_undisturbed(struct scene *scene)
{
    assert_true(lives(scene, FENCE, 0));
    scene->new = seen_at(scene);
    scene->whole = whole_domain(scene);
    assert_string_not_equal(scene->old, scene->new);
}

static long count_calls(const struct scene *scene)
{
    long low = 0, high = 1; /* it dies at low, it lives at high */
    for (reset(scene); !lives(scene, FENCE, high); reset(scene), high *= 2)
        low = high;
    while (high - low > 1) {
        long middle = low + (high - low) / 2;
        reset(scene);
        if (lives(scene, FENCE, middle))
            high = middle;
        else
            low = middle;
    }
    assert_true(low < CALLS_MAX);
    return low;
}

static void killed_at_each_call_it_is_old_or_new_and_is_finished_once(void **state)
{
    const struct operation *operation = *state;
    CLEANUP(drop_scene) struct scene scene = {0};
    long n = 1;
    set_scene(&scene, operation, NULL);
    run_undisturbed(&scene);
    while (!round_lives(&scene, n, 0)) {
        round_lives(&scene, n, n * 7 % 61 + 1); /* the next one dies early, late, or not at all */
        assert_true(++n < CALLS_MAX);
    }
    print_message("%s: killed at each of %ld calls\n", operation->name, n - 1);
    assert_true(n > 20);
}

/* ---- real backups ---------------------------------------------------------------------------- */

#define SAMPLE_KILLS 8  /* spread over the staging of files */
#define SAMPLE_END   25 /* and at each of the last calls, where the commit is */

static void kill_sample(const struct operation *operation, const struct sample *sample)
{
    CLEANUP(drop_scene) struct scene scene = {0};
    set_scene(&scene, operation, sample);
    run_undisturbed(&scene);
    long calls = count_calls(&scene), step = calls / SAMPLE_KILLS + 1;
    for (long n = 1; n <= calls; n += n > calls - SAMPLE_END ? 1 : step)
        assert_false(round_lives(&scene, n, 0));
    assert_true(round_lives(&scene, calls + 1, 0));
}

static void the_same_holds_for_every_real_backup(void **state)
{
    const struct operation *operation = *state;
    if (!getenv("GPMQ_FULL"))
        skip();
    struct samples samples = fixture_samples();
    if (!samples.count)
        skip();
    for (size_t i = 0; i < samples.count; i++)
        kill_sample(operation, &samples.items[i]);
    print_message("%s: %zu real backups\n", operation->name, samples.count);
    fixture_samples_free(&samples);
}

int main(void)
{
    static char names[2 * OPERATIONS][160];
    struct CMUnitTest tests[2 * OPERATIONS];
    for (size_t i = 0; i < OPERATIONS; i++) {
        snprintf(names[2 * i], sizeof *names,
                 "%s: killed at each call it is old or new and is finished once",
                 operations[i].name);
        snprintf(names[2 * i + 1], sizeof *names, "%s: the same holds for every real backup",
                 operations[i].name);
        tests[2 * i] = (struct CMUnitTest){
            .name = names[2 * i],
            .test_func = killed_at_each_call_it_is_old_or_new_and_is_finished_once,
            .initial_state = (void *)&operations[i]};
        tests[2 * i + 1] = (struct CMUnitTest){.name = names[2 * i + 1],
                                               .test_func = the_same_holds_for_every_real_backup,
                                               .initial_state = (void *)&operations[i]};
    }
    return cmocka_run_group_tests_name("crash inside", tests, NULL, NULL);
}
