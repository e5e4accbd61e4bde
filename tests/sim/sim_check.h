/* sim_check.h - what must hold after each step, worked out from what was said and not from the
 * core's own tables. */
#ifndef GPMQ_SIM_CHECK_H
#define GPMQ_SIM_CHECK_H

#include "sim_state.h"

/* An action goes to the store; the round was committed; the round was lost. */
void sim_check_stored(struct sim *sim, const struct core_action *action);
void sim_check_committed(struct sim *sim);
void sim_check_lost(struct sim *sim);
/* The broker is dead or paused: what it said of times no longer binds it. */
void sim_check_excuse(struct sim *sim);
/* An action that tells somebody: what it says must be committed. */
void sim_check_told(struct sim *sim, const struct core_action *action);
/* A worker's message arrives: here the planted bugs of the receiving side are put in. */
void sim_check_reports(struct sim *sim, struct message *message);

/* An executor begins; it wants to take effect, which is refused (false) when another has passed. */
void sim_check_began(struct sim *sim, const struct gpmq_id *op, uint64_t fence);
bool sim_check_effect(struct sim *sim, const struct gpmq_id *op, uint64_t fence);

/* Whether all that was accepted has ended, and everybody knows. */
bool sim_check_settled(const struct sim *sim);
/* At the end: says what is missing. */
void sim_check_end(struct sim *sim);

#endif
