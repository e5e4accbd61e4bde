/* sim_broker.h - the driver of the core: as the real one, but that it can die anywhere. */
#ifndef GPMQ_SIM_BROKER_H
#define GPMQ_SIM_BROKER_H

#include "sim_state.h"

void sim_broker_start(struct sim *sim);
void sim_broker_crash(struct sim *sim);
void sim_broker_pause(struct sim *sim, int64_t until_ms);
/* Its wall clock is set to so much beside the true time. */
void sim_broker_set_clock(struct sim *sim, int64_t wall_ms);
void sim_broker_take(struct sim *sim, const struct sim_packet *packet);
/* Ends the open round, if there is one or something is due. */
void sim_broker_round(struct sim *sim);
int64_t sim_broker_next_ms(const struct sim *sim);
void sim_broker_free(struct sim *sim);

#endif
