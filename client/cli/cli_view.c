/* cli_view.c - what a command shows of the operations it follows. */
#include "cli_view.h"

#include <langinfo.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <unistd.h>

#include "cleanup.h"
#include "cli_bars.h"
#include "cli_output.h"
#include "clock.h"
#include "fail.h"

#define DRAW_MS       100 /* bars are redrawn at most this often */
#define VIEW_BARS_MAX 8   /* operations with a bar of their own */

struct view_op {
    struct gpmq_id id; /* first: an id alone can be looked for */
    TAILQ_ENTRY(view_op) order;
    char *label;
    int32_t numerator;
    int32_t denominator;
    enum gpmq_state state;
    bool ended;
};

struct view {
    const struct cli_options *options;
    const char *verb;
    struct view_counts counts;
    void *tree;
    TAILQ_HEAD(, view_op) ops;
    bool has_batch;
    struct gpmq_id batch;
    double batch_fraction;
    int64_t began_ms;
    int64_t drawn_ms;
    unsigned drawn_lines;
    bool bars;
    bool served;   /* something has begun or ended */
    bool unserved; /* something waits for a worker that serves it */
    bool leaves_good_ends;
    struct bars_style style;
};

/* ---- exit codes ---------------------------------------------------------------------------- */

int view_exit(const struct view_counts *counts)
{
    size_t bad = counts->failed + counts->damaged + counts->expired;
    if (counts->damaged > 0)
        return 9;
    if (bad == 0)
        return counts->cancelled > 0 ? 4 : 0;
    if (counts->succeeded > 0)
        return 3;
    return counts->expired == bad ? 8 : 1;
}

/* ---- open and close ------------------------------------------------------------------------ */

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct gpmq_id));
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

static bool wants_bars(const struct cli_options *options)
{
    const char *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 && !options->json &&
           !options->quiet && !options->no_progress;
}

int view_new(struct view **out, const struct cli_options *options, const char *verb,
             struct gpmq_error *err)
{
    const char *no_color = getenv("NO_COLOR");
    struct view *view = calloc(1, sizeof *view);
    if (!view)
        return fail(err, GPMQ_ENOMEM, "cannot follow operations");
    TAILQ_INIT(&view->ops);
    view->options = options;
    view->verb = verb;
    view->began_ms = clock_now_ms();
    view->bars = wants_bars(options);
    view->style = (struct bars_style){.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                                      .colour = !no_color || !*no_color};
    *out = view;
    return 0;
}

static void keep_node(void *node)
{
    (void)node; /* belongs to the list */
}

void view_free(struct view **view_p)
{
    struct view *view = STEAL(*view_p);
    if (!view)
        return;
    view_clear(view);
    tdestroy(view->tree, keep_node);
    struct view_op *op;
    while ((op = TAILQ_FIRST(&view->ops))) {
        TAILQ_REMOVE(&view->ops, op, order);
        free(op->label);
        free(op);
    }
    free(view);
}

/* ---- the operations ------------------------------------------------------------------------ */

static struct view_op *find(const struct view *view, const struct gpmq_id *id)
{
    struct view_op **found = tfind(id, &view->tree, compare);
    return found ? *found : NULL;
}

static struct view_op *add(struct view *view, const struct gpmq_id *id, const char *label)
{
    struct view_op *op = calloc(1, sizeof *op);
    if (!op)
        return NULL;
    op->id = *id;
    op->label = strdup(label);
    if (!op->label || !tsearch(op, &view->tree, compare)) {
        free(op->label);
        free(op);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&view->ops, op, order);
    view->counts.expected++;
    return op;
}

int view_expect(struct view *view, const struct gpmq_id *op, const char *label,
                struct gpmq_error *err)
{
    char id[GPMQ_ID_TEXT_SIZE];
    if (find(view, op))
        return 0;
    if (!add(view, op, label && *label ? label : gpmq_id_text(op, id)))
        return fail(err, GPMQ_ENOMEM, "cannot follow one more operation");
    return 0;
}

void view_batch(struct view *view, const struct gpmq_id *batch)
{
    view->has_batch = true;
    view->batch = *batch;
}

void view_refused(struct view *view, const char *label, const struct gpmq_error *err)
{
    char line[OUT_LINE_SIZE], text[OUT_LINE_SIZE];
    view_clear(view);
    view->counts.expected++;
    view->counts.failed++;
    view->counts.refused++;
    fprintf(stderr, "gpmq: %s of '%s': %s\n", view->verb, out_line(label, line),
            out_line(err->text, text));
    if (view->options->json)
        out_json("refused", json_pack("{s:s, s:s, s:s}", "label", label, "code",
                                      gpmq_code_name(err->code), "text", err->text));
}

void view_damaged(struct view *view, size_t count)
{
    view->counts.expected += count;
    view->counts.damaged += count;
}

void view_leave_good_ends(struct view *view)
{
    view->leaves_good_ends = true;
}

/* ---- a status ------------------------------------------------------------------------------ */

static void show_messages(struct view *view, const struct view_op *op,
                          const struct gpmq_status_msgs *msgs)
{
    char label[OUT_LINE_SIZE], text[OUT_LINE_SIZE], path[OUT_LINE_SIZE], setting[OUT_LINE_SIZE];
    for (uint32_t i = 0; msgs && i < msgs->count; i++) {
        const struct gpmq_status_msg *msg = &msgs->items[i];
        bool error = msg->error_code != 0 || msg->operation_code != 0;
        if (view->options->quiet && !error)
            continue;
        bool has_path = msg->object_path && *msg->object_path;
        bool has_setting = has_path && msg->settings_name && *msg->settings_name;
        view_clear(view);
        fprintf(stderr, "gpmq: %s of '%s': %s%s%s%s%s%s\n", view->verb, out_line(op->label, label),
                out_line(msg->message, text), has_path ? " (" : "",
                has_path ? out_line(msg->object_path, path) : "", has_setting ? ": " : "",
                has_setting ? out_line(msg->settings_name, setting) : "", has_path ? ")" : "");
    }
}

static void count_end(struct view_counts *counts, const struct gpmq_status *status)
{
    int32_t overall = status->result ? status->result->overall_status : GPMQ_S_OK;
    bool damaged = status->hr_status == GPMQ_HR_INVALID_DATA || overall == GPMQ_HR_INVALID_DATA;
    if (status->state == GPMQ_SUCCEEDED && overall == GPMQ_S_OK)
        counts->succeeded++;
    else if (status->state == GPMQ_CANCELLED || status->state == GPMQ_CANCELLED_UNCONFIRMED)
        counts->cancelled++;
    else if (status->state == GPMQ_EXPIRED)
        counts->expired++;
    else if (damaged)
        counts->damaged++;
    else
        counts->failed++;
}

static void show_end(struct view *view, const struct view_op *op, const struct gpmq_status *status)
{
    char label[OUT_LINE_SIZE], id[OUT_LINE_SIZE];
    const char *made = gpmq_result_property(status->result, "id");
    int32_t overall = status->result ? status->result->overall_status : GPMQ_S_OK;
    view_clear(view);
    out_line(op->label, label);
    bool good = status->state == GPMQ_SUCCEEDED && overall == GPMQ_S_OK;
    if (good && (view->leaves_good_ends || view->options->dry_run))
        return; /* of a dry run the preview says it (cli_preview.h) */
    if (good)
        out_text(view->options, "%s  %s%s%s", gpmq_state_name(status->state), label,
                 made ? "  " : "", made ? out_line(made, id) : "");
    else
        fprintf(stderr,
                "gpmq: %s of '%s' ended %s (status 0x%08x, overall 0x%08x); see: gpmq show %s\n",
                view->verb, label, gpmq_state_name(status->state), (unsigned)status->hr_status,
                (unsigned)overall, gpmq_id_text(&op->id, id));
}

static json_t *json_of(const struct view *view, const struct view_op *op,
                       const struct gpmq_status *status, const struct gpmq_status_msgs *msgs)
{
    (void)view;
    return json_pack("{s:o, s:o, s:s*, s:I, s:s, s:i, s:i, s:o, s:o, s:o}", "op",
                     out_id(&status->op), "batch", out_id(&status->batch), "label",
                     op ? op->label : NULL, "seq", (json_int_t)status->seq, "state",
                     gpmq_state_name(status->state), "progress_numerator",
                     status->progress_numerator, "progress_denominator",
                     status->progress_denominator, "hr_status", out_hresult(status->hr_status),
                     "result", out_result(status->result), "status_msgs", out_status_msgs(msgs));
}

static void take_batch(struct view *view, const struct gpmq_status *status)
{
    if (status->progress_denominator > 0)
        view->batch_fraction =
            (double)status->progress_numerator / (double)status->progress_denominator;
}

/* Why each of many waits would be too much; that nobody serves it is told by cli_wait.c, once. */
static bool waits_quietly(const struct view *view, const struct gpmq_status *status)
{
    return status->state == GPMQ_WAITING &&
           (view->has_batch || status->reason == GPMQ_REASON_NO_WORKER);
}

static void take_op(struct view *view, struct view_op *op, const struct gpmq_status *status,
                    const struct gpmq_status_msgs *msgs)
{
    op->numerator = status->progress_numerator;
    op->denominator = status->progress_denominator;
    op->state = status->state;
    view->served |= status->fence > 0 || status->kind == GPMQ_FRAME_FINAL;
    view->unserved |= status->reason == GPMQ_REASON_NO_WORKER;
    if (!waits_quietly(view, status))
        show_messages(view, op, msgs);
    if (status->kind != GPMQ_FRAME_FINAL || op->ended)
        return;
    op->ended = true;
    count_end(&view->counts, status);
    show_end(view, op, status);
}

void view_status(int32_t lProgressNumerator, int32_t lProgressDenominator, int32_t hrStatus,
                 const struct gpmq_result *pResult,
                 const struct gpmq_status_msgs *ppIGPMStatusMsgCollection,
                 const struct gpmq_status *status, void *user)
{
    (void)lProgressNumerator;
    (void)lProgressDenominator;
    (void)hrStatus;
    (void)pResult;
    struct view *view = user;
    char id[GPMQ_ID_TEXT_SIZE];
    bool of_batch = view->has_batch && gpmq_id_equal(&status->op, &view->batch);
    struct view_op *op = of_batch ? NULL : find(view, &status->op);
    if (!op && !of_batch)
        op = add(view, &status->op, gpmq_id_text(&status->op, id));
    if (view->options->json)
        out_json("status", json_of(view, op, status, ppIGPMStatusMsgCollection));
    if (of_batch)
        take_batch(view, status);
    else if (op)
        take_op(view, op, status, ppIGPMStatusMsgCollection);
    view_draw(view);
}

bool view_unserved(const struct view *view)
{
    return view->unserved && !view->served;
}

/* ---- bars ---------------------------------------------------------------------------------- */

void view_clear(struct view *view)
{
    if (view->drawn_lines > 0)
        printf("\r\x1b[%uA\x1b[J", view->drawn_lines);
    view->drawn_lines = 0;
    view->drawn_ms = 0;
    if (view->bars)
        fflush(stdout);
}

static bool has_bar(const struct view_op *op)
{
    return op->state == GPMQ_RUNNING || op->state == GPMQ_CANCELLING || op->state == GPMQ_ASSIGNED;
}

static size_t ended_of(const struct view_counts *counts)
{
    return counts->succeeded + counts->failed + counts->damaged + counts->cancelled +
           counts->expired;
}

/* Without a batch each operation has the same share. */
static double fraction_of(const struct view *view)
{
    double sum = 0;
    const struct view_op *op;
    if (view->has_batch)
        return view->batch_fraction;
    TAILQ_FOREACH(op, &view->ops, order)
    if (op->denominator > 0)
        sum += (double)op->numerator / (double)op->denominator;
    return view->counts.expected ? sum / (double)view->counts.expected : 0;
}

static void draw_rows(struct view *view)
{
    char line[BARS_LINE_BYTES];
    const struct view_op *op;
    TAILQ_FOREACH(op, &view->ops, order)
    {
        if (!has_bar(op) || view->drawn_lines == VIEW_BARS_MAX)
            continue;
        const struct bars_row row = {op->label, gpmq_state_name(op->state), op->numerator,
                                     op->denominator};
        bars_row_text(line, &view->style, &row);
        printf("%s\x1b[K\n", line);
        view->drawn_lines++;
    }
}

void view_draw(struct view *view)
{
    int64_t now_ms = clock_now_ms();
    if (!view->bars || (view->drawn_ms && now_ms - view->drawn_ms < DRAW_MS))
        return;
    char line[BARS_LINE_BYTES];
    const struct view_counts *counts = &view->counts;
    const struct bars_total total = {.ended = ended_of(counts),
                                     .failed = counts->failed + counts->damaged,
                                     .count = counts->expected,
                                     .fraction = fraction_of(view),
                                     .elapsed_ms = now_ms - view->began_ms};
    view->style.width = terminal_width();
    view_clear(view);
    draw_rows(view);
    bars_total_text(line, &view->style, &total);
    printf("%s\x1b[K\n", line);
    view->drawn_lines++;
    view->drawn_ms = now_ms;
    fflush(stdout);
}

/* ---- the end ------------------------------------------------------------------------------- */

const struct view_counts *view_counts_of(const struct view *view)
{
    return &view->counts;
}

/* ", 2 failed": only what there is. */
static void note_count(char *out, size_t size, size_t count, const char *word)
{
    size_t used = strlen(out);
    if (count > 0)
        snprintf(out + used, size - used, ", %zu %s", count, word);
}

static json_t *summary_json(const struct view *view, double seconds)
{
    const struct view_counts *counts = &view->counts;
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:i}", "verb", view->verb,
                     "count", (json_int_t)counts->expected, "succeeded",
                     (json_int_t)counts->succeeded, "failed", (json_int_t)counts->failed, "damaged",
                     (json_int_t)counts->damaged, "cancelled", (json_int_t)counts->cancelled,
                     "expired", (json_int_t)counts->expired, "refused", (json_int_t)counts->refused,
                     "seconds", seconds, "exit_code", view_exit(counts));
}

void view_summary(struct view *view)
{
    const struct view_counts *counts = &view->counts;
    double seconds = (double)(clock_now_ms() - view->began_ms) / 1000;
    char rest[256] = "";
    view_clear(view);
    if (view->leaves_good_ends && counts->succeeded == counts->expected)
        return;
    if (view->options->json) {
        out_json("summary", summary_json(view, seconds));
        return;
    }
    note_count(rest, sizeof rest, counts->failed, "failed");
    note_count(rest, sizeof rest, counts->damaged, "damaged");
    note_count(rest, sizeof rest, counts->cancelled, "cancelled");
    note_count(rest, sizeof rest, counts->expired, "expired");
    note_count(rest, sizeof rest, counts->expected - ended_of(counts), "not ended");
    if (counts->expected != 1)
        out_note(view->options, "%s: %zu of %zu succeeded%s; %.1f s%s", view->verb,
                 counts->succeeded, counts->expected, rest, seconds,
                 view->options->dry_run ? "; a dry run, nothing was changed" : "");
}
