/* test_notify.c - what a daemon tells its service manager, and that it minds nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "notify.h"
#include "scratch.h"

/* A service manager that listens. */
struct manager {
    struct scratch scratch;
    char path[SCRATCH_PATH_SIZE];
    int fd;
};

static void listen_at(struct manager *manager, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    assert_true(length < sizeof address.sun_path);
    memcpy(address.sun_path, path, length);
    if (*path == '@')
        address.sun_path[0] = '\0';
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    assert_int_equal(bind(manager->fd, (struct sockaddr *)&address, size), 0);
}

static void manager_start(struct manager *manager)
{
    scratch_make(&manager->scratch);
    listen_at(manager, scratch_path(&manager->scratch, "notify", manager->path));
}

static void manager_stop(struct manager *manager)
{
    close_fd(&manager->fd);
    scratch_remove(&manager->scratch);
}

/* The next that it was told; "" for nothing. */
static const char *heard(struct manager *manager, char text[NOTIFY_TEXT_MAX])
{
    ssize_t length = recv(manager->fd, text, NOTIFY_TEXT_MAX - 1, 0);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

static void a_manager_hears_ready_status_and_stopping(void **state)
{
    (void)state;
    CLEANUP(manager_stop) struct manager manager;
    CLEANUP(notify_close) struct notify notify;
    char text[NOTIFY_TEXT_MAX];
    manager_start(&manager);
    notify_open(&notify, &(struct notify_place){.socket = manager.path});
    notify_ready(&notify);
    notify_status(&notify, "2 leases\nMAINPID=1");
    notify_stopping(&notify);
    assert_string_equal(heard(&manager, text), "READY=1");
    assert_string_equal(heard(&manager, text), "STATUS=2 leases");
    assert_string_equal(heard(&manager, text), "STOPPING=1");
    assert_string_equal(heard(&manager, text), "");
}

static void an_abstract_name_is_a_place_too(void **state)
{
    (void)state;
    struct manager manager;
    CLEANUP(notify_close) struct notify notify;
    char name[64], text[NOTIFY_TEXT_MAX];
    snprintf(name, sizeof name, "@gpmq-test-notify-%d", (int)getpid());
    listen_at(&manager, name);
    notify_open(&notify, &(struct notify_place){.socket = name});
    notify_ready(&notify);
    assert_string_equal(heard(&manager, text), "READY=1");
    close_fd(&manager.fd);
}

static void a_sign_of_life_comes_twice_in_the_watchdogs_time(void **state)
{
    (void)state;
    CLEANUP(manager_stop) struct manager manager;
    CLEANUP(notify_close) struct notify notify;
    char text[NOTIFY_TEXT_MAX], pid[16];
    manager_start(&manager);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    notify_open(&notify, &(struct notify_place){manager.path, "30000000", pid});
    for (int64_t now_ms = 1000; now_ms <= 61000; now_ms += 100)
        notify_tick(&notify, now_ms);
    for (int i = 0; i < 5; i++) /* at 1, 16, 31, 46 and 61 s */
        assert_string_equal(heard(&manager, text), "WATCHDOG=1");
    assert_string_equal(heard(&manager, text), "");
    assert_int_equal(notify_next_ms(&notify), 76000);
}

static void a_watchdog_of_another_or_none_is_never_due(void **state)
{
    static const struct notify_place places[] = {
        {NULL, "30000000", "1"}, {NULL, "30000000", "x"}, {NULL, NULL, NULL},
        {NULL, "", NULL},        {NULL, "-5", NULL},      {NULL, "99999999999999999999", NULL},
        {NULL, "12x", NULL},     {NULL, "0", NULL},
    };
    (void)state;
    CLEANUP(manager_stop) struct manager manager;
    manager_start(&manager);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        CLEANUP(notify_close) struct notify notify;
        struct notify_place place = places[i];
        char text[NOTIFY_TEXT_MAX];
        place.socket = manager.path;
        notify_open(&notify, &place);
        notify_tick(&notify, 1000000);
        assert_int_equal(notify_next_ms(&notify), INT64_MAX);
        assert_string_equal(heard(&manager, text), "");
    }
}

static void where_nobody_listens_nothing_happens(void **state)
{
    char too_long[300];
    memset(too_long, 'x', sizeof too_long);
    too_long[0] = '/';
    too_long[sizeof too_long - 1] = '\0';
    const char *const places[] = {NULL, "", "/", "@", "relative", "/nowhere/at/all", too_long};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct notify notify;
        notify_open(&notify, &(struct notify_place){places[i], "30000000", NULL});
        assert_int_equal(notify.fd, -1);
        notify_ready(&notify);
        notify_tick(&notify, 1000);
        assert_int_equal(notify_next_ms(&notify), INT64_MAX);
        notify_close(&notify);
    }
    notify_ready(NULL);
    notify_tick(NULL, 1000);
    assert_int_equal(notify_next_ms(NULL), INT64_MAX);
}

static void a_manager_that_went_away_or_is_slow_stops_nobody(void **state)
{
    (void)state;
    struct manager manager;
    CLEANUP(notify_close) struct notify notify;
    manager_start(&manager);
    notify_open(&notify, &(struct notify_place){.socket = manager.path});
    for (int i = 0; i < 10000; i++) /* until its queue is full, and beyond */
        notify_ready(&notify);
    manager_stop(&manager);
    notify_stopping(&notify);
}

static void children_do_not_inherit_the_place(void **state)
{
    (void)state;
    setenv("NOTIFY_SOCKET", "/run/here", 1);
    setenv("WATCHDOG_USEC", "1000", 1);
    setenv("WATCHDOG_PID", "7", 1);
    struct notify_place place = notify_environment();
    assert_string_equal(place.socket, "/run/here");
    assert_string_equal(place.watchdog_usec, "1000");
    assert_string_equal(place.watchdog_pid, "7");
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manager_hears_ready_status_and_stopping),
        cmocka_unit_test(an_abstract_name_is_a_place_too),
        cmocka_unit_test(a_sign_of_life_comes_twice_in_the_watchdogs_time),
        cmocka_unit_test(a_watchdog_of_another_or_none_is_never_due),
        cmocka_unit_test(where_nobody_listens_nothing_happens),
        cmocka_unit_test(a_manager_that_went_away_or_is_slow_stops_nobody),
        cmocka_unit_test(children_do_not_inherit_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
