/*
 * test_access.c - every role at every socket of a real broker, over CURVE on loopback: who gets an
 * answer is exactly who may.
 */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "broker.h"
#include "cleanup.h"
#include "codec.h"
#include "curve.h"
#include "frames.h"

#define ANSWER_MS                                                                                  \
    3000 /* an answer comes in far less; a refusal is seen by the handshake's failure */

static struct {
    char folder[64];
    char keys[80];
    void *context;
    struct broker *broker;
    int stop_fd;
    pthread_t thread;
    struct curve_key server, client, admin, worker, stranger;
} fixture;

static void *run_broker(void *arg)
{
    (void)arg;
    struct gpmq_error err;
    return (void *)(intptr_t)broker_run(fixture.broker, fixture.stop_fd, &err);
}

static void make_key(struct curve_key *out, const char *name, enum curve_role role, bool admitted)
{
    char path[256], target[256];
    struct gpmq_error err = {0};
    if (curve_create(NULL, fixture.folder, name, role, &err) != 0)
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/%s.key", fixture.folder, name);
    assert_int_equal(curve_load(out, path, CURVE_SECRET, &err), 0);
    snprintf(path, sizeof path, "%s/%s.pub", fixture.folder, name);
    snprintf(target, sizeof target, "%s/%s.pub", fixture.keys, name);
    if (admitted)
        assert_int_equal(rename(path, target), 0);
}

static int start(void **state)
{
    (void)state;
    strcpy(fixture.folder, "/tmp/gpmq-access-XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    snprintf(fixture.keys, sizeof fixture.keys, "%s/admitted", fixture.folder);
    assert_int_equal(mkdir(fixture.keys, 0700), 0);
    make_key(&fixture.server, "broker", CURVE_BROKER, false);
    make_key(&fixture.client, "anna", CURVE_CLIENT, true);
    make_key(&fixture.admin, "root", CURVE_ADMIN, true);
    make_key(&fixture.worker, "w1", CURVE_WORKER, true);
    make_key(&fixture.stranger, "stranger", CURVE_CLIENT, false);

    char key_file[128];
    snprintf(key_file, sizeof key_file, "%s/broker.key", fixture.folder);
    struct broker_settings settings = {.control = "tcp://127.0.0.1:*",
                                       .worker = "tcp://127.0.0.1:*",
                                       .status = "tcp://127.0.0.1:*",
                                       .store = "memory:",
                                       .key_file = key_file,
                                       .keys = fixture.keys,
                                       .core = core_config_default};
    struct gpmq_error err = {0};
    fixture.context = zmq_ctx_new();
    fixture.stop_fd = eventfd(0, EFD_CLOEXEC);
    if (broker_open(&fixture.broker, &settings, fixture.context, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(pthread_create(&fixture.thread, NULL, run_broker, NULL), 0);
    return 0;
}

static void remove_files(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static int stop(void **state)
{
    (void)state;
    uint64_t one = 1;
    assert_int_equal(write(fixture.stop_fd, &one, sizeof one), sizeof one);
    void *rc;
    pthread_join(fixture.thread, &rc);
    assert_null(rc);
    broker_close(&fixture.broker);
    zmq_ctx_term(fixture.context);
    close(fixture.stop_fd);
    remove_files(fixture.keys);
    remove_files(fixture.folder);
    return 0;
}

static const struct frames_options socket_options = {10, 10, MESSAGE_MAX, 0};

/* Connects and sends `message`; true if an answer comes, false if the connection is refused. The
 * socket's monitor tells of the refusal, so neither case waits for a time-out. */
static bool gets_an_answer(const struct curve_key *key, const struct curve_key *server,
                           const char *url, const struct message *message)
{
    void *socket = frames_socket(fixture.context, ZMQ_DEALER, &socket_options);
    void *monitor = zmq_socket(fixture.context, ZMQ_PAIR);
    int refused = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                  ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED;
    static unsigned number; /* a monitor's name is free again only some time after it ended */
    char name[64];
    msgpack_sbuffer buffer;
    snprintf(name, sizeof name, "inproc://monitor-%u", number++);
    msgpack_sbuffer_init(&buffer);
    assert_int_equal(message_encode(&buffer, message), 0);
    assert_int_equal(zmq_socket_monitor(socket, name, refused), 0);
    assert_int_equal(zmq_connect(monitor, name), 0);
    if (key)
        assert_int_equal(curve_client(socket, key, server, NULL), 0);
    assert_int_equal(zmq_connect(socket, url), 0);

    zmq_pollitem_t items[] = {{socket, 0, ZMQ_POLLIN | ZMQ_POLLOUT, 0},
                              {monitor, 0, ZMQ_POLLIN, 0}};
    bool answered = false;
    while (zmq_poll(items, 2, ANSWER_MS) > 0 && !items[1].revents && !answered) {
        if (items[0].revents & ZMQ_POLLOUT) {
            assert_int_equal(frames_send(socket, NULL, 0, buffer.data, buffer.size), 0);
            items[0].events = ZMQ_POLLIN;
        }
        answered = items[0].revents & ZMQ_POLLIN;
    }
    zmq_socket_monitor(socket, NULL, 0);
    zmq_close(monitor);
    zmq_close(socket);
    msgpack_sbuffer_destroy(&buffer);
    return answered;
}

static struct message ping(void)
{
    return (struct message){.type = MSG_PING, .req = 1};
}

static struct message worker_hello(const char *name)
{
    return (struct message){
        .type = MSG_WORKER_HELLO,
        .worker_hello = {
            .v = 1, .name = name, .incarnation = gpmq_id_new(), .executors = 1, .credit = 1}};
}

static void each_role_opens_its_sockets_and_no_other(void **state)
{
    (void)state;
    const char *control = broker_control_url(fixture.broker);
    const char *worker = broker_worker_url(fixture.broker);
    struct message hello = worker_hello("w1"), question = ping();
    const struct {
        const struct curve_key *key;
        bool control, worker;
    } rows[] = {
        {&fixture.client, true, false},
        {&fixture.admin, true, false},
        {&fixture.worker, false, true},
        {&fixture.stranger, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(gets_an_answer(rows[i].key, &fixture.server, control, &question),
                         rows[i].control);
        assert_int_equal(gets_an_answer(rows[i].key, &fixture.server, worker, &hello),
                         rows[i].worker);
    }
}

static void who_has_no_key_gets_no_answer(void **state)
{
    (void)state;
    struct message question = ping();
    assert_false(gets_an_answer(NULL, NULL, broker_control_url(fixture.broker), &question));
}

static void who_takes_another_for_the_broker_gets_no_answer(void **state)
{
    (void)state;
    struct message question = ping();
    assert_false(gets_an_answer(&fixture.client, &fixture.admin, broker_control_url(fixture.broker),
                                &question));
}

static void a_folder_of_keys_that_anybody_may_write_to_is_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/gpmq-open-keys-XXXXXX";
    CLEANUP(broker_close) struct broker *broker = NULL;
    struct gpmq_error err;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0777), 0);
    struct broker_settings settings = {.control = "inproc://open-control",
                                       .worker = "inproc://open-worker",
                                       .status = "inproc://open-status",
                                       .store = "memory:",
                                       .keys = folder,
                                       .core = core_config_default};
    assert_int_equal(broker_open(&broker, &settings, NULL, &err), GPMQ_EACCESS);
    assert_non_null(strstr(err.text, "anybody may write"));
    rmdir(folder);
}

static void without_keys_only_private_addresses_are_bound(void **state)
{
    (void)state;
    static const char *const others[] = {"tcp://*:5999", "tcp://0.0.0.0:5999",
                                         "tcp://127.evil.example:5999", "tcp://[::]:5999"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct broker_settings settings = {.control = others[i],
                                           .worker = "inproc://other-worker",
                                           .status = "inproc://other-status",
                                           .store = "memory:",
                                           .core = core_config_default};
        CLEANUP(broker_close) struct broker *broker = NULL;
        struct gpmq_error err;
        assert_int_equal(broker_open(&broker, &settings, NULL, &err), GPMQ_EDENIED);
        assert_non_null(strstr(err.text, "without keys"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_opens_its_sockets_and_no_other),
        cmocka_unit_test(who_has_no_key_gets_no_answer),
        cmocka_unit_test(who_takes_another_for_the_broker_gets_no_answer),
        cmocka_unit_test(a_folder_of_keys_that_anybody_may_write_to_is_refused),
        cmocka_unit_test(without_keys_only_private_addresses_are_bound),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
