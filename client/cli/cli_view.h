/*
 * cli_view.h - what a command shows of the operations it follows, and how it ends.
 *
 * Each end is a line: on stdout if it went well, on stderr if not. On a terminal bars stand below
 * the lines and are redrawn in place; with --json every status is an object.
 */
#ifndef GPMQ_CLI_VIEW_H
#define GPMQ_CLI_VIEW_H

#include "cli_options.h"

/* How the operations ended, as far as they have. */
struct view_counts {
    size_t expected; /* known of */
    size_t succeeded;
    size_t failed; /* with those that were never accepted */
    size_t damaged;
    size_t cancelled;
    size_t expired;
    size_t refused;
};

/* The exit code that these ends make (docs/protocol.md, section 8). */
int view_exit(const struct view_counts *counts);

struct view;

/* verb: "backup", for the lines. */
int view_new(struct view **out, const struct cli_options *options, const char *verb,
             struct gpmq_error *err) GPMQ_CHECKED;
void view_free(struct view **view_p);

/* An operation that will be followed, and what people call it. GPMQ_ENOMEM. */
int view_expect(struct view *view, const struct gpmq_id *op, const char *label,
                struct gpmq_error *err) GPMQ_CHECKED;
/* The batch whose own frames tell the progress of all. */
void view_batch(struct view *view, const struct gpmq_id *batch);
/* Something that was to be done and was not even accepted. */
void view_refused(struct view *view, const char *label, const struct gpmq_error *err);

/* Things that were found damaged before anything was done with them; told of already. */
void view_damaged(struct view *view, size_t count);

/* The command itself shows what a good end brought: it gets neither a line nor a summary here. */
void view_leave_good_ends(struct view *view);

/* The callback for gpmq_watch() and gpmq_watch_batch(); user is the view. */
gpmq_status_fn view_status;

/* Whether all that was heard until now is that no worker serves these operations. */
bool view_unserved(const struct view *view);

/* Draws the bars, where there are any; not more often than it helps. */
void view_draw(struct view *view);
/* Takes the bars away, before something else is written. */
void view_clear(struct view *view);

const struct view_counts *view_counts_of(const struct view *view);
/* The last line: how many ended how, and how long it took. */
void view_summary(struct view *view);

#endif
