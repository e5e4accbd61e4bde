/* sim_net.h - messages on their way. */
#ifndef GPMQ_SIM_NET_H
#define GPMQ_SIM_NET_H

#include "sim_state.h"

/* Sends one, which may be lost, doubled and late. */
void sim_net_send(struct sim *sim, struct sim_node from, struct sim_node to, uint64_t peer,
                  const struct message *message);
void sim_net_publish(struct sim *sim, const struct core_action *action);
/* When the next one arrives; INT64_MAX: none is on its way. */
int64_t sim_net_next_ms(const struct sim *sim);
/* Takes the next one that has arrived by now; the caller frees it. NULL: none has. */
struct sim_packet *sim_net_take(struct sim *sim);
/* Back on its way, until packet->at_ms. */
void sim_net_put_back(struct sim *sim, struct sim_packet *packet);
void sim_net_free(struct sim *sim);

#endif
