/* sim_plan.h - what will be submitted, by whom and when. */
#ifndef GPMQ_SIM_PLAN_H
#define GPMQ_SIM_PLAN_H

#include "sim_state.h"

/* Makes up requests, batches, dependencies, a greedy client beside a polite one in some worlds, and
 * places for those that run a dead one again. */
void sim_plan(struct sim *sim);

#endif
