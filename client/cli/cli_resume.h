/* cli_resume.h - finish what a crash, or an impatient user, has interrupted. */
#ifndef GPMQ_CLI_RESUME_H
#define GPMQ_CLI_RESUME_H

#include "cli_options.h"
#include "standalone.h"

/* Starts our worker for `places`; if the broker is ours, also for the places of what had not ended,
 * which is then finished first. GPMQ_ESTOPPED: the user left before. Takes *places over. */
int cli_resume(struct gpmq_client *client, const struct cli_options *options,
               struct standalone_places *places, struct gpmq_error *err) GPMQ_CHECKED;

#endif
