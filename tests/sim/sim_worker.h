/* sim_worker.h - workers: the real lease book, and executors that do as the dice say. */
#ifndef GPMQ_SIM_WORKER_H
#define GPMQ_SIM_WORKER_H

#include "sim_state.h"

void sim_worker_start(struct sim *sim, uint32_t index);
void sim_worker_crash(struct sim *sim, uint32_t index);
void sim_worker_take(struct sim *sim, uint32_t index, const struct sim_packet *packet);
/* Everything that is due. */
void sim_worker_step(struct sim *sim, uint32_t index);
int64_t sim_worker_next_ms(const struct sim *sim, uint32_t index);
void sim_worker_free(struct sim *sim, uint32_t index);

#endif
