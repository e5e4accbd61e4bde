/* sim_turns.h - who may run: never too many at once, and nobody before his turn. */
#ifndef GPMQ_SIM_TURNS_H
#define GPMQ_SIM_TURNS_H

#include "sim_state.h"

/* Never more leases of a key than it allows, counted in the rows of the committed round. */
void sim_turns_check_rows(struct sim *sim);
/* The same of the executors that live, and never two for one operation. */
void sim_turns_check_live(struct sim *sim);
/* Something was given out: the polite client may not have been passed over again and again. */
void sim_turns_assigned(struct sim *sim, int index);
/* The broker is new: it knows nothing of earlier turns. */
void sim_turns_forget(struct sim *sim);

#endif
