/*
 * A backup that exists is complete: its writer is killed before each call that changes the disk.
 * Those calls are wrapped by the linker (tests/repository.cmake), so that the code is the real one.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

#include <cmocka.h>

#include "backup_info_xml.h"
#include "cleanup.h"
#include "repository_fixture.h"

/* ---- the calls that change the disk --------------------------------------------------------- */

static unsigned calls;   /* made so far by this process */
static unsigned kill_at; /* the call before which it dies; 0: never */

static void step(void)
{
    if (++calls == kill_at)
        kill(getpid(), SIGKILL);
}

int __real_mkdirat(int dir, const char *path, mode_t mode);
int __wrap_mkdirat(int dir, const char *path, mode_t mode);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __real_unlinkat(int dir, const char *path, int flags);
int __wrap_unlinkat(int dir, const char *path, int flags);
long __wrap_syscall(long number, int dir, const char *path, struct open_how *how, size_t size);
long __real_syscall(long number, ...);

int __wrap_mkdirat(int dir, const char *path, mode_t mode)
{
    step();
    return __real_mkdirat(dir, path, mode);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    step();
    return __real_write(fd, bytes, size);
}

int __wrap_fsync(int fd)
{
    step();
    return __real_fsync(fd);
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    step();
    return __real_renameat(from_dir, from, to_dir, to);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    step();
    return __real_renameat2(from_dir, from, to_dir, to, flags);
}

int __wrap_unlinkat(int dir, const char *path, int flags)
{
    step();
    return __real_unlinkat(dir, path, flags);
}

/* openat2() is the only one that is called so. */
long __wrap_syscall(long number, int dir, const char *path, struct open_how *how, size_t size)
{
    assert_int_equal(number, SYS_openat2);
    if (how->flags & (O_CREAT | O_TRUNC))
        step();
    return __real_syscall(number, dir, path, how, size);
}

/* ---- what is left --------------------------------------------------------------------------- */

static char root[FIXTURE_PATH_MAX];

static int make_backup(struct repository *repository, uint64_t fence)
{
    return fixture_backup(repository, 1, fence, NULL);
}

/* Removes backup 2 unless it is gone, and tidies up. */
static int remove_backup(struct repository *repository, uint64_t fence)
{
    struct gpmq_guid id = fixture_id(2);
    (void)fence;
    int rc = repository_remove(repository, &id, NULL);
    return rc && rc != GPMQ_ENOTFOUND ? rc : repository_tidy(repository, NULL);
}

/* Does it in a process that dies before its call number `at`; false: it lived. */
static bool does_and_dies(int (*work)(struct repository *repository, uint64_t fence), unsigned at,
                          uint64_t fence)
{
    pid_t child = fork();
    if (child == 0) {
        CLEANUP(repository_close) struct repository *repository = NULL;
        kill_at = at;
        calls = 0;
        int rc = repository_open(&repository, root, false, NULL);
        if (!rc)
            rc = work(repository, fence);
        _exit(rc ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        return true;
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static bool dies(unsigned at, uint64_t fence)
{
    return does_and_dies(make_backup, at, fence);
}

static size_t visible(void)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    struct gpmq_error err;
    assert_int_equal(repository_open(&repository, root, false, NULL), 0);
    assert_int_equal(repository_list(repository, &infos, NULL, NULL, NULL), 0);
    for (size_t i = 0; i < infos.count; i++) {
        size_t findings = 1;
        if (repository_verify(repository, &infos.items[i].id, true, NULL, NULL, NULL, &findings,
                              &err))
            fail_msg("%s", err.text);
        assert_int_equal(findings, 0);
    }
    return infos.count;
}

static size_t in_manifest(void)
{
    size_t size;
    CLEANUP(free_pointer) char *text = fixture_read(root, "manifest.xml", &size);
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_non_null(text);
    assert_int_equal(backup_manifest_parse(&infos, text, size, "manifest.xml", NULL), 0);
    return infos.count;
}

static void assert_nothing_is_left_over(void)
{
    DIR *dir = opendir(root);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));)
        if (strstr(entry->d_name, "-tmp-") || strstr(entry->d_name, "-trash-") ||
            strstr(entry->d_name, "-gone-"))
            fail_msg("%s is left over", entry->d_name);
    closedir(dir);
}

static void a_writer_killed_at_any_step_leaves_no_half_backup(void **state)
{
    (void)state;
    bool died = true;
    unsigned at = 0;
    while (died) {
        fixture_folder(root);
        died = dies(++at, 1);
        assert_true(visible() <= 1);
        assert_false(dies(0, 2));
        assert_int_equal(visible(), 1);
        assert_int_equal(in_manifest(), 1);
        assert_nothing_is_left_over();
        fixture_remove(root);
    }
    print_message("killed at each of %u steps\n", at - 1);
    assert_true(at > 30);
}

/* The second attempt tidies up after the first and may die while it does. */
static void a_second_attempt_killed_at_any_step_is_finished_by_a_third(void **state)
{
    (void)state;
    bool died = true;
    for (unsigned at = 1; died; at++) {
        fixture_folder(root);
        assert_true(dies(30, 1));
        died = dies(at, 2);
        assert_true(visible() <= 1);
        assert_false(dies(0, 3));
        assert_int_equal(visible(), 1);
        assert_int_equal(in_manifest(), 1);
        assert_nothing_is_left_over();
        fixture_remove(root);
    }
}

static void make_two_backups(void)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    fixture_folder(root);
    assert_int_equal(repository_open(&repository, root, false, NULL), 0);
    assert_int_equal(fixture_backup(repository, 1, 1, NULL), 0);
    assert_int_equal(fixture_backup(repository, 2, 1, NULL), 0);
}

/* visible() finds every backup whole that is listed. */
static void a_removal_killed_at_any_step_leaves_the_backup_complete_or_absent(void **state)
{
    (void)state;
    bool died = true;
    unsigned at = 0;
    while (died) {
        make_two_backups();
        died = does_and_dies(remove_backup, ++at, 1);
        size_t left = visible();
        assert_true(left == 1 || left == 2);
        assert_false(does_and_dies(remove_backup, 0, 1));
        assert_int_equal(visible(), 1);
        assert_int_equal(in_manifest(), 1);
        assert_nothing_is_left_over();
        fixture_remove(root);
    }
    print_message("killed at each of %u steps\n", at - 1);
    assert_true(at > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_killed_at_any_step_leaves_no_half_backup),
        cmocka_unit_test(a_second_attempt_killed_at_any_step_is_finished_by_a_third),
        cmocka_unit_test(a_removal_killed_at_any_step_leaves_the_backup_complete_or_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
