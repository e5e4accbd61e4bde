/* sim_client.h - clients: submit, cancel, follow, and ask again for what they missed. */
#ifndef GPMQ_SIM_CLIENT_H
#define GPMQ_SIM_CLIENT_H

#include "sim_state.h"

void sim_client_take(struct sim *sim, uint32_t index, const struct sim_packet *packet);
void sim_client_step(struct sim *sim, uint32_t index);
int64_t sim_client_next_ms(const struct sim *sim, uint32_t index);

#endif
