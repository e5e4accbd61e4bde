/* test_client.c - libgpmq against a broker that loses, doubles, swaps, restarts and is not there.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "fake_broker.h"
#include "gpmq/client.h"
#include "link.h"

#define WAIT_MS 20000 /* far more than anything here takes */

/* A broker, a client of it, and what the callback was told. */
struct scene {
    char folder[64];
    char control[128];
    char status[128];
    struct fake_broker *broker;
    struct gpmq_client *client;
    uint64_t seqs[FAKE_FRAMES + 8];
    size_t count;
    unsigned results;
    unsigned messages;
    unsigned equal; /* frames whose numerator is their denominator */
};

static void open_scene(struct scene *scene, const struct fake_faults *faults, int64_t timeout_ms)
{
    const char *base = getenv("TMPDIR");
    *scene = (struct scene){0};
    snprintf(scene->folder, sizeof scene->folder, "%.40s/gpmq-client-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->control, sizeof scene->control, "ipc://%s/control", scene->folder);
    snprintf(scene->status, sizeof scene->status, "ipc://%s/status", scene->folder);
    if (faults)
        scene->broker = fake_broker_start(scene->control, scene->status, faults);
    const struct gpmq_client_options options = {.broker = scene->control, .timeout_ms = timeout_ms};
    assert_int_equal(gpmq_client_open(&scene->client, &options, NULL), 0);
}

static void close_scene(struct scene *scene)
{
    gpmq_client_close(&scene->client);
    fake_broker_stop(&scene->broker);
    unlink(scene->control + strlen("ipc://"));
    unlink(scene->status + strlen("ipc://"));
    rmdir(scene->folder);
}

static void on_status(int32_t lProgressNumerator, int32_t lProgressDenominator, int32_t hrStatus,
                      const struct gpmq_result *pResult,
                      const struct gpmq_status_msgs *ppIGPMStatusMsgCollection,
                      const struct gpmq_status *status, void *user)
{
    struct scene *scene = user;
    assert_int_equal(hrStatus, GPMQ_S_OK);
    assert_true(scene->count < FAKE_FRAMES);
    scene->seqs[scene->count++] = status->seq;
    scene->results += pResult != NULL;
    scene->messages += ppIGPMStatusMsgCollection != NULL;
    scene->equal += lProgressNumerator == lProgressDenominator;
}

static struct gpmq_id submitted(struct scene *scene)
{
    const struct gpmq_request request = {.kind = "noop"};
    struct gpmq_id op;
    assert_int_equal(gpmq_submit(scene->client, &request, &op, NULL), 0);
    return op;
}

/* Whatever goes wrong on the way: the callback sees each frame once, in order, and the end. */
static void follows_whole_history(const struct fake_faults *faults)
{
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, faults, WAIT_MS);
    struct gpmq_id op = submitted(&scene);
    assert_int_equal(gpmq_watch(scene.client, &op, on_status, &scene, NULL), 0);
    assert_int_equal(gpmq_wait(scene.client, &op, 1, GPMQ_WAIT_ALL, WAIT_MS, NULL), 0);
    assert_int_equal(scene.count, FAKE_FRAMES);
    for (size_t i = 0; i < FAKE_FRAMES; i++)
        assert_int_equal(scene.seqs[i], i + 1);
    assert_int_equal(scene.results, 1);
    assert_int_equal(scene.messages, 1);
    assert_int_equal(scene.equal, 1);
    assert_int_equal(gpmq_outcome(scene.client, &op)->state, GPMQ_SUCCEEDED);
}

static void an_undisturbed_follower_sees_everything(void **state)
{
    (void)state;
    follows_whole_history(&(struct fake_faults){0});
}

static void lost_frames_are_asked_for(void **state)
{
    (void)state;
    follows_whole_history(&(struct fake_faults){.lose_some = true});
}

static void doubled_and_swapped_frames_are_put_right(void **state)
{
    (void)state;
    follows_whole_history(&(struct fake_faults){.double_some = true, .swap_some = true});
}

static void all_at_once_and_a_final_only_on_the_control_socket(void **state)
{
    (void)state;
    follows_whole_history(&(struct fake_faults){
        .lose_some = true, .double_some = true, .swap_some = true, .final_on_control = true});
}

static void nothing_published_is_noticed_by_silence(void **state)
{
    (void)state;
    follows_whole_history(&(struct fake_faults){.publish_nothing = true});
}

static void a_restart_of_the_broker_is_survived(void **state)
{
    (void)state;
    follows_whole_history(&(struct fake_faults){.restart = true, .lose_some = true});
}

static void a_submit_whose_answers_are_lost_is_sent_again_under_the_same_id(void **state)
{
    (void)state;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){.lose_answers = 2}, WAIT_MS);
    struct gpmq_request request = {.kind = "noop", .id = gpmq_id_new()};
    struct gpmq_id op;
    assert_int_equal(gpmq_submit(scene.client, &request, &op, NULL), 0);
    assert_true(gpmq_id_equal(&op, &request.id));
    assert_true(fake_broker_count(scene.broker, MSG_SUBMIT) >= 3);
}

static void a_refusal_says_when_to_try_again(void **state)
{
    (void)state;
    CLEANUP(close_scene) struct scene scene;
    struct gpmq_error err;
    open_scene(&scene, &(struct fake_faults){.refuse = true}, WAIT_MS);
    const struct gpmq_request request = {.kind = "noop"};
    assert_int_equal(gpmq_submit(scene.client, &request, NULL, &err), GPMQ_EFULL);
    assert_string_equal(err.text, "the queue is full; try again in 1.0 s");
}

static void no_broker_is_unreachable_and_a_mute_one_too(void **state)
{
    (void)state;
    struct gpmq_error err;
    CLEANUP(close_scene) struct scene nobody;
    open_scene(&nobody, NULL, 300);
    assert_int_equal(gpmq_ping(nobody.client, 0, &err), GPMQ_EUNREACHABLE);
    assert_non_null(strstr(err.text, "is it running"));
    CLEANUP(close_scene) struct scene mute;
    open_scene(&mute, &(struct fake_faults){.mute = true}, 300);
    assert_int_equal(gpmq_ping(mute.client, 0, &err), GPMQ_EUNREACHABLE);
    assert_non_null(strstr(err.text, "does not answer as a gpmq broker"));
}

static void a_broker_that_is_there_but_does_not_answer_is_a_time_out(void **state)
{
    (void)state;
    struct gpmq_error err;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){.lose_answers = 1000}, 300);
    assert_int_equal(gpmq_ping(scene.client, 0, &err), GPMQ_ETIMEOUT);
}

static void an_unknown_operation_cannot_be_watched(void **state)
{
    (void)state;
    struct gpmq_error err;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){.unknown = true}, WAIT_MS);
    struct gpmq_id op = gpmq_id_new();
    assert_int_equal(gpmq_watch(scene.client, &op, NULL, NULL, &err), GPMQ_ENOTFOUND);
    assert_null(gpmq_outcome(scene.client, &op));
}

static void waiting_stops_in_time_and_nothing_is_lost_by_it(void **state)
{
    (void)state;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){0}, WAIT_MS);
    struct gpmq_id op = submitted(&scene);
    assert_int_equal(gpmq_watch(scene.client, &op, on_status, &scene, NULL), 0);
    int rc;
    while ((rc = gpmq_wait(scene.client, &op, 1, GPMQ_WAIT_ANY, 5, NULL)) == GPMQ_ETIMEOUT)
        continue;
    assert_int_equal(rc, 0);
    assert_int_equal(scene.count, FAKE_FRAMES);
}

static void the_descriptor_alone_leads_to_the_end(void **state)
{
    (void)state;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){.lose_some = true}, WAIT_MS);
    struct gpmq_id op = submitted(&scene);
    assert_int_equal(gpmq_watch(scene.client, &op, on_status, &scene, NULL), 0);
    struct pollfd poll_fd = {.fd = gpmq_client_fd(scene.client), .events = POLLIN};
    while (!gpmq_outcome(scene.client, &op)) {
        assert_int_equal(poll(&poll_fd, 1, WAIT_MS), 1);
        int rc = gpmq_dispatch(scene.client, 0, NULL);
        assert_true(rc == 0 || rc == GPMQ_ETIMEOUT);
    }
    assert_int_equal(scene.count, FAKE_FRAMES);
}

static void a_cancel_has_an_answer_with_a_deadline(void **state)
{
    (void)state;
    struct gpmq_cancel_answer answer;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){0}, WAIT_MS);
    struct gpmq_id op = submitted(&scene);
    assert_int_equal(gpmq_cancel(scene.client, &op, 1, 0, &answer, NULL), 0);
    assert_int_equal(answer.disposition, GPMQ_CANCEL_PENDING);
    assert_int_equal(answer.deadline_ms, 15000);
}

static void finals_are_acknowledged(void **state)
{
    (void)state;
    CLEANUP(close_scene) struct scene scene;
    open_scene(&scene, &(struct fake_faults){0}, WAIT_MS);
    struct gpmq_id op = submitted(&scene);
    assert_int_equal(gpmq_wait(scene.client, &op, 1, GPMQ_WAIT_ALL, WAIT_MS, NULL), 0);
    while (fake_broker_count(scene.broker, MSG_ACK) == 0) {
        int rc = gpmq_dispatch(scene.client, 50, NULL);
        assert_true(rc == 0 || rc == GPMQ_ETIMEOUT);
    }
}

static void what_makes_no_sense_is_refused_before_it_leaves(void **state)
{
    (void)state;
    struct gpmq_error err;
    struct gpmq_client *client = NULL;
    char text[GPMQ_NAME_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    struct gpmq_client_options options = {.broker = "nonsense"};
    assert_int_equal(gpmq_client_open(&client, &options, &err), GPMQ_EINVAL);
    assert_null(client);
    options = (struct gpmq_client_options){.broker = "ipc:///tmp/x", .key_file = "a.key"};
    assert_int_equal(gpmq_client_open(&client, &options, &err), GPMQ_EINVAL);
    options.key_file = NULL;
    assert_int_equal(gpmq_client_open(&client, &options, &err), 0);
    assert_int_equal(gpmq_submit(client, &(struct gpmq_request){0}, NULL, &err), GPMQ_EINVAL);
    const struct gpmq_request request = {.kind = "noop", .domain = text};
    assert_int_equal(gpmq_submit(client, &request, NULL, &err), GPMQ_ETOOBIG);
    gpmq_client_close(&client);
    assert_null(client);
    gpmq_client_close(&client);
}

static void the_place_to_subscribe_follows_from_the_welcome(void **state)
{
    (void)state;
    char url[LINK_URL_SIZE];
    static const char *const cases[][3] = {
        {"tcp://broker:5670", "tcp://*:5672", "tcp://broker:5672"},
        {"tcp://broker:5670", "tcp://0.0.0.0:1", "tcp://broker:1"},
        {"tcp://[fe80::1]:5670", "tcp://[::]:9", "tcp://[fe80::1]:9"},
        {"tcp://broker:5670", "", "tcp://broker:5671"},
        {"tcp://broker:5670", NULL, "tcp://broker:5671"},
        {"tcp://broker:5670", "tcp://other:7", "tcp://other:7"},
        {"ipc:///a", "ipc:///b", "ipc:///b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(link_status_url(cases[i][0], cases[i][1], url));
        assert_string_equal(url, cases[i][2]);
    }
    assert_false(link_status_url("ipc:///a", "", url));
    assert_false(link_status_url("ipc:///a", "tcp://*:1", url));
    assert_false(link_status_url("tcp://broker:x", "", url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_undisturbed_follower_sees_everything),
        cmocka_unit_test(lost_frames_are_asked_for),
        cmocka_unit_test(doubled_and_swapped_frames_are_put_right),
        cmocka_unit_test(all_at_once_and_a_final_only_on_the_control_socket),
        cmocka_unit_test(nothing_published_is_noticed_by_silence),
        cmocka_unit_test(a_restart_of_the_broker_is_survived),
        cmocka_unit_test(a_submit_whose_answers_are_lost_is_sent_again_under_the_same_id),
        cmocka_unit_test(a_refusal_says_when_to_try_again),
        cmocka_unit_test(no_broker_is_unreachable_and_a_mute_one_too),
        cmocka_unit_test(a_broker_that_is_there_but_does_not_answer_is_a_time_out),
        cmocka_unit_test(an_unknown_operation_cannot_be_watched),
        cmocka_unit_test(waiting_stops_in_time_and_nothing_is_lost_by_it),
        cmocka_unit_test(the_descriptor_alone_leads_to_the_end),
        cmocka_unit_test(a_cancel_has_an_answer_with_a_deadline),
        cmocka_unit_test(finals_are_acknowledged),
        cmocka_unit_test(what_makes_no_sense_is_refused_before_it_leaves),
        cmocka_unit_test(the_place_to_subscribe_follows_from_the_welcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
