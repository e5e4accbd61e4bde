/* test_repository_remove.c - a backup is removed whole, and not while somebody reads it. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backup_info_xml.h"
#include "cleanup.h"
#include "repository_fixture.h"

#define BACKUPS 24
#define READERS 3

static char root[FIXTURE_PATH_MAX];

static int set_up(void **state)
{
    (void)state;
    fixture_folder(root);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_remove(root);
    return 0;
}

static struct repository *open_it(void)
{
    struct repository *repository = NULL;
    assert_int_equal(repository_open(&repository, root, false, NULL), 0);
    return repository;
}

static void make(struct repository *repository, unsigned count)
{
    for (unsigned i = 1; i <= count; i++)
        assert_int_equal(fixture_backup(repository, i, 1, NULL), 0);
}

static size_t listed(struct repository *repository)
{
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_int_equal(repository_list(repository, &infos, NULL, NULL, NULL), 0);
    return infos.count;
}

static bool is_in_manifest(const struct gpmq_guid *id)
{
    size_t size;
    CLEANUP(free_pointer) char *text = fixture_read(root, "manifest.xml", &size);
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    assert_int_equal(backup_manifest_parse(&infos, text, size, "manifest.xml", NULL), 0);
    for (size_t i = 0; i < infos.count; i++)
        if (gpmq_guid_equal(&infos.items[i].id, id))
            return true;
    return false;
}

static int read_backup(struct repository *repository, const struct gpmq_guid *id,
                       struct gpmq_error *err)
{
    CLEANUP(backup_free) struct backup *backup = NULL;
    return repository_read(repository, id, &backup, err);
}

static void a_removed_backup_is_gone_and_the_others_stay(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    struct gpmq_guid first = fixture_id(1), second = fixture_id(2);
    (void)state;
    make(repository, 2);
    assert_int_equal(repository_remove(repository, &first, NULL), 0);
    assert_int_equal(repository_tidy(repository, NULL), 0);
    assert_int_equal(listed(repository), 1);
    assert_false(is_in_manifest(&first));
    assert_true(is_in_manifest(&second));
    assert_int_equal(repository_remove(repository, &first, NULL), GPMQ_ENOTFOUND);
    assert_int_equal(read_backup(repository, &second, NULL), 0);
}

static void a_backup_that_was_read_stays_until_the_reader_is_done(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    CLEANUP(repository_close) struct repository *reader = open_it();
    struct gpmq_guid id = fixture_id(1);
    struct gpmq_error err;
    (void)state;
    make(repository, 1);
    assert_int_equal(read_backup(reader, &id, NULL), 0);
    assert_int_equal(repository_remove(repository, &id, &err), GPMQ_EBUSY);
    assert_non_null(strstr(err.text, "is being read"));
    assert_int_equal(listed(repository), 1);
    repository_release(reader, &id);
    assert_int_equal(repository_remove(repository, &id, &err), 0);
}

static void closing_the_repository_lets_go_of_its_backups(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    struct repository *reader = open_it();
    struct gpmq_guid id = fixture_id(1);
    (void)state;
    make(repository, 1);
    assert_int_equal(repository_hold(reader, &id, NULL), 0);
    assert_int_equal(repository_hold(reader, &id, NULL), 0);
    repository_close(&reader);
    assert_int_equal(repository_remove(repository, &id, NULL), 0);
}

static void many_may_read_one_backup(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    CLEANUP(repository_close) struct repository *first = open_it();
    CLEANUP(repository_close) struct repository *second = open_it();
    struct gpmq_guid id = fixture_id(1);
    (void)state;
    make(repository, 1);
    assert_int_equal(repository_hold(first, &id, NULL), 0);
    assert_int_equal(repository_hold(second, &id, NULL), 0);
    repository_release(first, &id);
    assert_int_equal(repository_remove(repository, &id, NULL), GPMQ_EBUSY);
}

static void verifying_holds_a_backup_no_longer_than_it_lasts(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    CLEANUP(repository_close) struct repository *reader = open_it();
    struct gpmq_guid id = fixture_id(1), other = fixture_id(2);
    size_t count;
    (void)state;
    make(repository, 2);
    assert_int_equal(repository_hold(reader, &other, NULL), 0);
    assert_int_equal(repository_verify(reader, &id, true, NULL, NULL, NULL, &count, NULL), 0);
    assert_int_equal(repository_verify(reader, &other, true, NULL, NULL, NULL, &count, NULL), 0);
    assert_int_equal(repository_remove(repository, &id, NULL), 0);
    assert_int_equal(repository_remove(repository, &other, NULL), GPMQ_EBUSY);
}

/* Whether to stop: asked between the files of a verification. */
static bool try_to_remove(void *arg)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    const struct gpmq_guid *id = arg;
    assert_int_equal(repository_remove(repository, id, NULL), GPMQ_EBUSY);
    return false;
}

static void a_backup_that_is_verified_stays(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    struct gpmq_guid id = fixture_id(1);
    size_t count;
    (void)state;
    make(repository, 1);
    assert_int_equal(
        repository_verify(repository, &id, true, try_to_remove, NULL, &id, &count, NULL), 0);
    assert_int_equal(count, 0);
    assert_int_equal(repository_remove(repository, &id, NULL), 0);
}

/* The child holds the backup, says so, and waits for its death. */
static pid_t start_holder(const struct gpmq_guid *id)
{
    int pipe_[2];
    char byte;
    assert_int_equal(pipe(pipe_), 0);
    pid_t child = fork();
    if (child == 0) {
        struct repository *repository = open_it();
        if (repository_hold(repository, id, NULL) || write(pipe_[1], "h", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(pipe_[0], &byte, 1), 1);
    close(pipe_[0]);
    close(pipe_[1]);
    return child;
}

static void a_reader_that_is_killed_holds_nothing_any_more(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    struct gpmq_guid id = fixture_id(1);
    (void)state;
    make(repository, 1);
    pid_t child = start_holder(&id);
    assert_int_equal(repository_remove(repository, &id, NULL), GPMQ_EBUSY);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(repository_remove(repository, &id, NULL), 0);
}

static void a_folder_that_a_removal_left_does_not_stop_the_next(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    struct gpmq_guid id = fixture_id(1);
    char name[GPMQ_GUID_TEXT_SIZE], path[GPMQ_GUID_TEXT_SIZE + 32];
    (void)state;
    make(repository, 1);
    snprintf(path, sizeof path, ".gpmq-gone-%s/left", gpmq_guid_text(&id, name));
    fixture_write(root, path, "x", 1);
    assert_int_equal(repository_remove(repository, &id, NULL), 0);
    assert_false(fixture_exists(root, path));
    fixture_write(root, path, "x", 1);
    fixture_write(root, ".gpmq-gone-mine", "x", 1);
    assert_int_equal(repository_tidy(repository, NULL), 0);
    assert_false(fixture_exists(root, path));
    assert_true(fixture_exists(root, ".gpmq-gone-mine"));
}

/* ---- readers beside it ---------------------------------------------------------------------- */

struct taken {
    char bytes[256];
    size_t size;
};

static int take(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct taken *taken = arg;
    (void)err;
    if (taken->size + size <= sizeof taken->bytes)
        memcpy(taken->bytes + taken->size, bytes, size);
    taken->size += size;
    return 0;
}

/* Every file that a backup lists is there with its content, if the backup can be read at all. */
static int read_whole(struct repository *repository, const struct gpmq_guid *id)
{
    CLEANUP(backup_free) struct backup *backup = NULL;
    int rc = repository_read(repository, id, &backup, NULL);
    for (size_t i = 0; !rc && i < backup->gpo->file_count; i++) {
        const struct gpo_file *file = &backup->gpo->files[i];
        struct taken taken = {.size = 0};
        size_t size = 0;
        const char *content = fixture_content(file->path, &size);
        if (file->directory || !content)
            continue;
        rc = repository_read_file(repository, id, file->path, take, &taken, NULL);
        if (!rc && (taken.size != size || memcmp(taken.bytes, content, size)))
            rc = GPMQ_EDAMAGED;
    }
    return rc;
}

/* Reads all backups again and again until none is left. */
static void be_reader(void)
{
    for (unsigned found = 1; found;) {
        struct repository *repository = open_it();
        found = 0;
        for (unsigned i = 1; i <= BACKUPS; i++) {
            struct gpmq_guid id = fixture_id(i);
            int rc = read_whole(repository, &id);
            if (rc && rc != GPMQ_ENOTFOUND)
                _exit(1);
            found += rc == 0;
            repository_release(repository, &id);
        }
        repository_close(&repository);
    }
    _exit(0);
}

static void readers_beside_a_removal_read_all_or_nothing(void **state)
{
    CLEANUP(repository_close) struct repository *repository = open_it();
    pid_t readers[READERS];
    size_t busy = 0;
    (void)state;
    make(repository, BACKUPS);
    for (size_t i = 0; i < READERS; i++)
        if ((readers[i] = fork()) == 0)
            be_reader();
    for (unsigned left = BACKUPS; left;) {
        for (unsigned i = 1; i <= BACKUPS; i++) {
            struct gpmq_guid id = fixture_id(i);
            int rc = repository_remove(repository, &id, NULL);
            assert_true(rc == 0 || rc == GPMQ_EBUSY || rc == GPMQ_ENOTFOUND);
            left -= rc == 0;
            busy += rc == GPMQ_EBUSY;
        }
    }
    for (size_t i = 0; i < READERS; i++) {
        int status;
        assert_int_equal(waitpid(readers[i], &status, 0), readers[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    print_message("%zu removals found a reader\n", busy);
    assert_int_equal(repository_tidy(repository, NULL), 0);
    assert_int_equal(listed(repository), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_removed_backup_is_gone_and_the_others_stay, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_backup_that_was_read_stays_until_the_reader_is_done,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_the_repository_lets_go_of_its_backups, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_may_read_one_backup, set_up, tear_down),
        cmocka_unit_test_setup_teardown(verifying_holds_a_backup_no_longer_than_it_lasts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_backup_that_is_verified_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_is_killed_holds_nothing_any_more, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_a_removal_left_does_not_stop_the_next, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(readers_beside_a_removal_read_all_or_nothing, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
