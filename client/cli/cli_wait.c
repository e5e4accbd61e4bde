/* cli_wait.c - follow to the end, or until somebody has had enough. */
#include "cli_wait.h"

#include <signal.h>
#include <stdio.h>

#include "cleanup.h"
#include "cli_output.h"
#include "clock.h"
#include "fail.h"
#include "standalone.h"

#define SLICE_MS   200   /* bars are redrawn this often when nothing comes */
#define UNHEARD_MS 10000 /* then we look whether the broker is still there */
#define PING_MS    2000
#define SERVED_MS  30000 /* until somebody must serve what was submitted */

/* How often Ctrl-C was pressed; written by a signal handler. */
static volatile sig_atomic_t interrupts;

static void on_signal(int number)
{
    interrupts = number == SIGTERM ? 2 : interrupts + 1;
}

static void listen_to_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void show_answer(const struct cli_options *options, const struct gpmq_cancel_answer *answer)
{
    char id[GPMQ_ID_TEXT_SIZE];
    gpmq_id_text(&answer->op, id);
    if (options->json)
        out_json("cancel", json_pack("{s:s, s:s, s:s, s:I}", "op", id, "disposition",
                                     gpmq_disposition_name(answer->disposition), "state",
                                     gpmq_state_name(answer->state), "deadline_ms",
                                     (json_int_t)answer->deadline_ms));
    else if (answer->disposition == GPMQ_CANCEL_PENDING)
        out_note(options,
                 "cancelling %s: it ends within %.0f s; Ctrl-C again leaves it to the broker", id,
                 (double)answer->deadline_ms / 1000);
    else
        out_note(options, "cancel of %s: %s", id, gpmq_disposition_name(answer->disposition));
}

static int ask_to_cancel(const struct cli_waiting *waiting, struct gpmq_error *err)
{
    CLEANUP(free_pointer)
    struct gpmq_cancel_answer *answers = calloc(waiting->count + 1, sizeof *answers);
    if (!answers)
        return fail(err, GPMQ_ENOMEM, "cannot ask for a cancel");
    view_clear(waiting->view);
    int rc = gpmq_cancel(waiting->client, waiting->ids, waiting->count,
                         waiting->options->grace_s * 1000, answers, err);
    for (size_t i = 0; i < waiting->count && !rc; i++)
        show_answer(waiting->options, &answers[i]);
    return rc;
}

/* The state of one waiting. */
struct patience {
    int64_t until_ms;
    int64_t heard_ms;
    int64_t began_ms;
    bool noted;     /* that no worker serves it */
    bool told;      /* that the broker is away */
    bool cancelled; /* we have asked to */
};

static int leave(const struct cli_waiting *waiting, const struct patience *patience, int code)
{
    char id[GPMQ_ID_TEXT_SIZE];
    view_clear(waiting->view);
    gpmq_id_text(&waiting->ids[0], id);
    struct cli_folders *folders = waiting->options->folders;
    const char *what = patience->cancelled ? "the cancel" : "the operations";
    if (cli_is_alone(waiting->options)) {
        standalone_hurry(folders->standalone);
        out_note(waiting->options, "left: the next command goes on with %s; see: gpmq show %s",
                 what, id);
    } else {
        out_note(waiting->options,
                 "left: %s go%s on without us; see: gpmq show %s, or gpmq watch %s", what,
                 patience->cancelled ? "es" : "", id, id);
    }
    view_summary(waiting->view);
    return code;
}

/* Says once that the broker is away, and once that it is back. */
static void look_for_broker(const struct cli_waiting *waiting, struct patience *patience)
{
    struct gpmq_error err;
    if (clock_now_ms() - patience->heard_ms < UNHEARD_MS)
        return;
    int rc = gpmq_ping(waiting->client, PING_MS, &err);
    patience->heard_ms = clock_now_ms();
    bool away = rc == GPMQ_EUNREACHABLE || rc == GPMQ_ETIMEOUT;
    if (away == patience->told)
        return;
    patience->told = away;
    view_clear(waiting->view);
    if (away)
        out_note(waiting->options, "%s We wait for it; Ctrl-C leaves.", err.text);
    else
        out_note(waiting->options, "the broker is back");
}

/* One Ctrl-C more than before. -1: go on waiting. */
static int interrupted(const struct cli_waiting *waiting, struct patience *patience)
{
    struct gpmq_error err;
    if (!waiting->cancel_on_interrupt || interrupts > 1)
        return leave(waiting, patience, 4);
    int rc = ask_to_cancel(waiting, &err);
    if (rc)
        return out_error(waiting->options, &err);
    patience->cancelled = true;
    return -1;
}

static const char *or_any(const char *name)
{
    return name ? name : "(any)";
}

/* Says once that no worker serves what was submitted, and gives up after a while. -1: go on. */
static int look_for_worker(const struct cli_waiting *waiting, struct patience *patience)
{
    const struct gpmq_request *submitted = waiting->submitted;
    struct gpmq_error err;
    if (!submitted || patience->cancelled || !view_unserved(waiting->view))
        return -1;
    bool enough = clock_now_ms() - patience->began_ms >= SERVED_MS;
    if (cli_is_alone(waiting->options) && !enough) /* our worker is on its way */
        return -1;
    if (!patience->noted || enough)
        fail(&err, GPMQ_EUNSUPPORTED,
             "no worker that is connected serves %s with domain '%s' and repository '%s'; start "
             "one, "
             "or check the names; --detach lets it wait in the queue",
             submitted->kind, or_any(submitted->domain), or_any(submitted->repository));
    if (!patience->noted) {
        view_clear(waiting->view);
        out_note(waiting->options, "waiting: %s", err.text);
    }
    patience->noted = true;
    if (!enough)
        return -1;
    struct gpmq_error why;
    if (ask_to_cancel(waiting, &why) != 0)
        return out_error(waiting->options, &why);
    return out_error(waiting->options, &err);
}

int cli_wait(const struct cli_waiting *waiting)
{
    struct gpmq_error err;
    struct patience patience = {
        .heard_ms = clock_now_ms(), .began_ms = clock_now_ms(), .until_ms = INT64_MAX};
    sig_atomic_t seen = 0;
    if (waiting->options->timeout_s > 0)
        patience.until_ms = clock_now_ms() + waiting->options->timeout_s * 1000;
    listen_to_signals();
    for (;;) {
        int rc =
            gpmq_wait(waiting->client, waiting->ids, waiting->count, waiting->what, SLICE_MS, &err);
        if (rc == 0)
            break;
        if (rc != GPMQ_ETIMEOUT && rc != GPMQ_ESTOPPED) {
            view_clear(waiting->view);
            return out_error(waiting->options, &err);
        }
        if (interrupts > seen) {
            seen = interrupts;
            int code = interrupted(waiting, &patience);
            if (code >= 0)
                return code;
        }
        if (clock_now_ms() >= patience.until_ms)
            return leave(waiting, &patience, gpmq_code_exit(GPMQ_ETIMEOUT));
        look_for_broker(waiting, &patience);
        int code = look_for_worker(waiting, &patience);
        if (code >= 0)
            return code;
        view_draw(waiting->view);
    }
    view_clear(waiting->view);
    if (waiting->ended)
        waiting->ended(waiting->ended_arg);
    view_summary(waiting->view);
    return view_exit(view_counts_of(waiting->view));
}
