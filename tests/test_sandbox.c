/* test_sandbox.c - what a child can still do inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cleanup.h"
#include "sandbox.h"
#include "scratch.h"

enum { INCOMPLETE = 77 };

/* Runs attempt in a child that is shut into folder; its exit code. */
static int inside(const struct scratch *scratch, int (*attempt)(const struct scratch *scratch))
{
    int status;
    const char *folders[] = {scratch->path};
    struct sandbox_rules rules = {.folders = folders, .folder_count = 1};
    pid_t child = fork();
    if (child == 0)
        _exit(sandbox_enter(&rules, NULL) ? INCOMPLETE : attempt(scratch));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == INCOMPLETE)
        skip();
    return WEXITSTATUS(status);
}

static int write_at_home(const struct scratch *scratch)
{
    char path[SCRATCH_PATH_SIZE];
    int fd = open(scratch_path(scratch, "file", path), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return fd < 0 || write(fd, "x", 1) != 1 ? errno : 0;
}

static int read_elsewhere(const struct scratch *scratch)
{
    (void)scratch;
    return open("/etc/hostname", O_RDONLY) < 0 ? errno : 0;
}

static int write_elsewhere(const struct scratch *scratch)
{
    (void)scratch;
    return open("/tmp/gpmq-test-escaped", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static int call_out(const struct scratch *scratch)
{
    (void)scratch;
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int signal_the_worker(const struct scratch *scratch)
{
    (void)scratch;
    return kill(getppid(), 0) != 0 ? errno : 0;
}

static int start_a_program(const struct scratch *scratch)
{
    (void)scratch;
    char *argv[] = {(char *)"/bin/true", NULL};
    execv(argv[0], argv);
    return errno;
}

static void its_own_folder_is_all_it_can_touch(void **state)
{
    (void)state;
    CLEANUP(scratch_remove) struct scratch scratch;
    scratch_make(&scratch);
    assert_int_equal(inside(&scratch, write_at_home), 0);
    assert_int_equal(inside(&scratch, read_elsewhere), EACCES);
    assert_int_equal(inside(&scratch, write_elsewhere), EACCES);
}

static void it_reaches_no_network_no_other_process_and_no_program(void **state)
{
    (void)state;
    CLEANUP(scratch_remove) struct scratch scratch;
    scratch_make(&scratch);
    assert_int_equal(inside(&scratch, call_out), EPERM);
    assert_int_equal(inside(&scratch, signal_the_worker), EPERM);
    assert_int_equal(inside(&scratch, start_a_program), EPERM);
}

static void a_mode_has_a_word(void **state)
{
    (void)state;
    enum sandbox_mode mode;
    assert_int_equal(sandbox_mode_from_name(&mode, "required"), 0);
    assert_int_equal(mode, SANDBOX_REQUIRED);
    assert_int_equal(sandbox_mode_from_name(&mode, "some"), GPMQ_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_folder_is_all_it_can_touch),
        cmocka_unit_test(it_reaches_no_network_no_other_process_and_no_program),
        cmocka_unit_test(a_mode_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
