/*
 * test_domain_crash.c - a change of a folder domain is killed at each of its mutating calls;
 * whoever comes next finds the old state or the new one, whole, and a second attempt ends as if
 * nothing had happened.
 *
 * The calls are counted by wrapping them at link time (crash_calls.h).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "crash_calls.h"
#include "domain.h"
#include "scratch.h"

/* ---- the changes ----------------------------------------------------------------------------- */

#define CALLS_MAX    2000 /* more than any change here makes */
#define TWICE_WITHIN 11   /* calls that an interrupted commit still needs, at most */

static const struct gpmq_guid target = {{0xA1, 0xB2, 0xC3, 0xD4, 1, 2, 0x40, 4, 0x80, 6, 7, 8}};

static struct gpmq_id an_op(uint8_t number)
{
    uint8_t random[10] = {[9] = number};
    return gpmq_id_make(1700000000000, random);
}

/* A change that is killed: what it does, and what is there before. */
struct scene {
    bool create;
    bool exchange;
};

static int write_text(struct domain_change *change, const char *path, const char *text)
{
    return change->ops->change_write(change, path, text, strlen(text), NULL);
}

/* Runs a change with its op and fence; 0 also when it was done before. */
static int run_change(struct domain *domain, bool create, uint8_t op, uint64_t fence)
{
    struct domain_change_request request = {
        .gpo = target, .create = create, .display_name = "Old", .op = an_op(op), .fence = fence};
    struct domain_change_answer answer = {0};
    struct domain_change *change = NULL;
    struct gpo values = {.display_name = (char *)(op == 1 ? "Old" : "New"), .options = op};
    uint32_t version;
    int rc = domain->ops->change_begin(domain, &request, 0, &change, &answer, NULL);
    if (rc || answer.done)
        return rc;
    rc = write_text(change, "Machine/common.txt", op == 1 ? "old" : "new");
    if (!rc)
        rc = write_text(change, op == 1 ? "User/Old/only.txt" : "User/New/only.txt", "x");
    if (!rc)
        rc = change->ops->change_mkdir(change, "User/Empty", NULL);
    if (!rc)
        rc = change->ops->change_set(change, DOMAIN_DISPLAY_NAME | DOMAIN_OPTIONS, &values, NULL);
    if (rc)
        domain->ops->change_abort(&change);
    return rc ? rc : domain->ops->change_commit(&change, &version, NULL);
}

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

/* Everything that a reader can see of the GPO, but for its times, as text; "" when it is not
 * there. */
static char *seen(struct domain *domain)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    CLEANUP(bytes_free) struct bytes text = {0};
    struct gpmq_error err = {0};
    void *taken = NULL;
    int rc = domain->ops->read(domain, &target, &gpo, &err);
    if (rc && rc != GPMQ_ENOTFOUND)
        fail_msg("read after a crash: %s", err.text);
    if (!rc)
        bytes_format(&text, "%s|%u|%u.%u %u.%u\n", gpo->display_name, gpo->options, gpo->user.ds,
                     gpo->user.sysvol, gpo->machine.ds, gpo->machine.sysvol);
    for (size_t i = 0; !rc && i < gpo->file_count; i++) {
        bytes_format(&text, "%s%s=", gpo->files[i].path, gpo->files[i].directory ? "/" : "");
        if (!gpo->files[i].directory)
            assert_int_equal(
                domain->ops->read_file(domain, &target, gpo->files[i].path, append, &text, NULL),
                0);
        bytes_put_text(&text, "\n");
    }
    assert_int_equal(bytes_take(&text, &taken, NULL, NULL), 0);
    return taken;
}

/* Nothing staged is left, and no intent. */
static void assert_clean(const char *path)
{
    static const char *const names[] = {"gpt", "gpt.old", "gpc.ldif", "intent"};
    char guid[GPMQ_GUID_TEXT_SIZE], full[2 * SCRATCH_PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(full, sizeof full, "%s/.gpmq/%s/%s", path, gpmq_guid_text(&target, guid),
                 names[i]);
        assert_int_equal(access(full, F_OK), -1);
    }
}

/* A child opens the domain and changes it, and dies at call `kill_at` (0: it lives). Returns
 * whether it lived. */
static bool lives(const char *path, const struct scene *scene, uint8_t op, long kill_at)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct domain *domain = NULL;
        crash_without_exchange(!scene->exchange);
        crash_at(kill_at);
        if (domain_open(&domain, path, NULL) != 0)
            _exit(1);
        _exit(run_change(domain, scene->create, op, op) == 0 ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    else
        assert_int_equal(WTERMSIG(status), SIGKILL);
    return WIFEXITED(status);
}

static void make_before(const char *path, const struct scene *scene)
{
    struct domain_create_options options = {.dns_name = "example.test"};
    CLEANUP(domain_close) struct domain *domain = NULL;
    assert_int_equal(domain_create(path, &options, NULL), 0);
    assert_int_equal(domain_open(&domain, path, NULL), 0);
    if (!scene->create)
        assert_int_equal(run_change(domain, true, 1, 1), 0);
}

static char *seen_at(const char *path)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    assert_int_equal(domain_open(&domain, path, NULL), 0);
    return seen(domain);
}

/* One round: killed at call n, and with `twice` again in the first calls of the one who comes next,
 * who ends what the first one left. A reader that had the domain open before the crash and one that
 * opens it afterwards see old or new; the second attempt ends in the new state. */
static bool round_lives(const struct scene *scene, long n, bool twice, const char *old,
                        const char *new)
{
    struct scratch scratch;
    char path[SCRATCH_PATH_SIZE];
    CLEANUP(domain_close) struct domain *reader = NULL;
    scratch_make(&scratch);
    make_before(scratch_path(&scratch, "domain", path), scene);
    assert_int_equal(domain_open(&reader, path, NULL), 0);
    bool lived = lives(path, scene, 2, n);
    if (twice)
        lives(path, scene, 2, n % TWICE_WITHIN + 1);

    CLEANUP(free_pointer) char *by_reader = seen(reader);
    CLEANUP(free_pointer) char *by_next = seen_at(path);
    if (strcmp(by_reader, old) != 0)
        assert_string_equal(by_reader, new);
    assert_string_equal(by_next, *by_reader ? by_reader : by_next);
    if (strcmp(by_next, old) != 0)
        assert_string_equal(by_next, new);

    CLEANUP(domain_close) struct domain *again = NULL;
    assert_int_equal(domain_open(&again, path, NULL), 0);
    assert_int_equal(run_change(again, scene->create, 2, 3), 0);
    CLEANUP(free_pointer) char *after = seen(again);
    assert_string_equal(after, new);
    assert_clean(path);
    scratch_remove(&scratch);
    return lived;
}

/* The states that an undisturbed run begins and ends with. */
static void undisturbed(const struct scene *scene, char **old, char **new)
{
    struct scratch scratch;
    char path[SCRATCH_PATH_SIZE];
    scratch_make(&scratch);
    make_before(scratch_path(&scratch, "domain", path), scene);
    *old = seen_at(path);
    assert_true(lives(path, scene, 2, 0));
    *new = seen_at(path);
    scratch_remove(&scratch);
}

static void kill_everywhere(const struct scene *scene)
{
    CLEANUP(free_pointer) char *old = NULL;
    CLEANUP(free_pointer) char *new = NULL;
    long n = 1;
    undisturbed(scene, &old, &new);
    assert_string_not_equal(old, new);
    while (!round_lives(scene, n, false, old, new)) {
        round_lives(scene, n, true, old, new);
        assert_true(++n < CALLS_MAX);
    }
    print_message("killed at each of %ld calls\n", n - 1);
    assert_true(n > 20);
}

static void a_killed_edit_is_old_or_new_and_is_finished_once(void **state)
{
    (void)state;
    kill_everywhere(&(struct scene){.create = false, .exchange = true});
}

static void a_killed_creation_is_absent_or_whole_and_is_finished_once(void **state)
{
    (void)state;
    kill_everywhere(&(struct scene){.create = true, .exchange = true});
}

static void the_same_holds_where_names_cannot_be_exchanged(void **state)
{
    (void)state;
    kill_everywhere(&(struct scene){.create = false, .exchange = false});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_edit_is_old_or_new_and_is_finished_once),
        cmocka_unit_test(a_killed_creation_is_absent_or_whole_and_is_finished_once),
        cmocka_unit_test(the_same_holds_where_names_cannot_be_exchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
