/* test_beneath.c - nothing is opened outside of a folder, with openat2() and on kernels without. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "beneath.h"
#include "cleanup.h"
#include "scratch.h"

/* openat2() is called through syscall(), which domain.cmake makes the linker lead here. */
static bool old_kernel;

long __real_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d)
{
    if (old_kernel) {
        errno = ENOSYS;
        return -1;
    }
    return __real_syscall(number, a, b, c, d);
}

struct fixture {
    struct scratch scratch;
    int dir;
};

/* secret beside in/, and in in/ links to it, upwards and to the root. */
static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct scratch *scratch = &fixture->scratch;
    char path[SCRATCH_PATH_SIZE];
    scratch_make(scratch);
    scratch_write(scratch, "secret", "x", 1);
    assert_int_equal(mkdir(scratch_path(scratch, "in", path), 0777), 0);
    assert_int_equal(mkdir(scratch_path(scratch, "in/a", path), 0777), 0);
    scratch_write(scratch, "in/a/good", "x", 1);
    assert_int_equal(symlink("../secret", scratch_path(scratch, "in/link", path)), 0);
    assert_int_equal(symlink("../..", scratch_path(scratch, "in/a/up", path)), 0);
    assert_int_equal(symlink("/", scratch_path(scratch, "in/a/root", path)), 0);
    fixture->dir = open(scratch_path(scratch, "in", path), O_RDONLY | O_DIRECTORY);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->dir);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static void judge_opens(const struct fixture *fixture)
{
    static const char *const bad[] = {"../secret",   "/etc/passwd", "a/../../secret",   "link",
                                      "a/up/secret", "a/root",      "a/root/etc/passwd"};
    CLEANUP(close_fd) int good = beneath_open(fixture->dir, "a/good", O_RDONLY, 0);
    assert_true(good >= 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(beneath_open(fixture->dir, bad[i], O_RDONLY, 0), -1);
        assert_true(errno == EXDEV || errno == ELOOP || errno == ENOTDIR);
    }
    assert_int_equal(beneath_open(fixture->dir, "a/none", O_RDONLY, 0), -1);
    assert_int_equal(errno, ENOENT);
}

static void nothing_is_opened_outside_a_folder(void **state)
{
    old_kernel = false;
    judge_opens(*state);
}

static void the_same_holds_without_openat2(void **state)
{
    old_kernel = true;
    judge_opens(*state);
}

static void names_are_found_without_case_and_the_exact_one_first(void **state)
{
    struct fixture *fixture = *state;
    char found[GPO_PATH_MAX + 1];
    old_kernel = false;
    assert_int_equal(beneath_find(fixture->dir, "A/GOOD", found), 6);
    assert_string_equal(found, "a/good");
    scratch_write(&fixture->scratch, "in/a/GOOD", "x", 1);
    assert_int_equal(beneath_find(fixture->dir, "A/GOOD", found), 6);
    assert_string_equal(found, "a/GOOD");
    assert_int_equal(beneath_find(fixture->dir, "A/none/x", found), 2);
    assert_string_equal(found, "a");
}

/* What cannot be looked for is not taken for absent. */
static void a_folder_that_cannot_be_looked_into_says_why(void **state)
{
    struct fixture *fixture = *state;
    char found[GPO_PATH_MAX + 1];
    struct rlimit usual, none;
    assert_int_equal(beneath_find(fixture->dir, "a/nobody", found), 2);
    assert_int_equal(errno, 0);
    assert_int_equal(beneath_find(fixture->dir, "a/good", found), 6);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = (struct rlimit){0, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    size_t length = beneath_find(fixture->dir, "a/good", found);
    int why = errno;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(length, 0);
    assert_int_equal(why, EMFILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_opened_outside_a_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_holds_without_openat2, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_found_without_case_and_the_exact_one_first,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_looked_into_says_why, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
