/* sim_net.c - a heap of packets, and what becomes of each. */
#include "sim_net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_before(const struct sim_packet *a, const struct sim_packet *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void push(struct sim *sim, struct sim_packet *packet)
{
    if (sim->packet_count == sim->packet_room) {
        sim->packet_room = sim->packet_room ? 2 * sim->packet_room : 64;
        sim->packets = realloc(sim->packets, sim->packet_room * sizeof *sim->packets);
        assert(sim->packets);
    }
    size_t at = sim->packet_count++;
    for (; at && is_before(packet, sim->packets[(at - 1) / 2]); at = (at - 1) / 2)
        sim->packets[at] = sim->packets[(at - 1) / 2];
    sim->packets[at] = packet;
}

static struct sim_packet *pop(struct sim *sim)
{
    struct sim_packet *first = sim->packets[0];
    struct sim_packet *last = sim->packets[--sim->packet_count];
    size_t at = 0;
    for (size_t below; (below = 2 * at + 1) < sim->packet_count; at = below) {
        if (below + 1 < sim->packet_count &&
            is_before(sim->packets[below + 1], sim->packets[below]))
            below++;
        if (!is_before(sim->packets[below], last))
            break;
        sim->packets[at] = sim->packets[below];
    }
    if (sim->packet_count)
        sim->packets[at] = last;
    return first;
}

int64_t sim_net_next_ms(const struct sim *sim)
{
    return sim->packet_count ? sim->packets[0]->at_ms : INT64_MAX;
}

struct sim_packet *sim_net_take(struct sim *sim)
{
    if (!sim->packet_count || sim->packets[0]->at_ms > sim->now_ms)
        return NULL;
    return pop(sim);
}

void sim_net_put_back(struct sim *sim, struct sim_packet *packet)
{
    push(sim, packet);
}

void sim_net_free(struct sim *sim)
{
    while (sim->packet_count)
        free(pop(sim));
    free(sim->packets);
    sim->packets = NULL;
}

static bool is_cut(const struct sim *sim, struct sim_node from, struct sim_node to)
{
    if (from.role == SIM_WORKER)
        return sim->now_ms < sim->workers[from.index].cut_out_ms;
    if (to.role == SIM_WORKER)
        return sim->now_ms < sim->workers[to.index].cut_in_ms;
    return sim->now_ms < sim->clients[from.role == SIM_CLIENT ? from.index : to.index].cut_ms;
}

static int64_t delay_ms(struct sim *sim)
{
    if (!sim_is_calm(sim) && sim_chance(sim, sim->rates.late))
        return 1 + sim_below(sim, (uint32_t)sim->rates.late_ms);
    return 1 + sim_below(sim, 3);
}

/* Sends the packet `model` with this content once or twice, or not at all. */
static void carry(struct sim *sim, const struct sim_packet *model, const void *bytes, size_t size,
                  uint32_t lost)
{
    uint32_t copies = 1;
    if (is_cut(sim, model->from, model->to))
        copies = 0;
    else if (!sim_is_calm(sim))
        copies = sim_chance(sim, lost) ? 0 : sim_chance(sim, sim->rates.doubled) ? 2 : 1;
    for (; copies; copies--) {
        struct sim_packet *packet = malloc(sizeof *packet + size);
        assert(packet);
        *packet = *model;
        packet->size = size;
        memcpy(packet->bytes, bytes, size);
        packet->order = sim->packet_order++;
        packet->at_ms = sim->now_ms + delay_ms(sim);
        push(sim, packet);
    }
}

void sim_net_send(struct sim *sim, struct sim_node from, struct sim_node to, uint64_t peer,
                  const struct message *message)
{
    sim->buffer.size = 0;
    int rc = message_encode(&sim->buffer, message);
    assert(rc == 0);
    (void)rc;
    sim_trace(sim, "%d.%u -> %d.%u %s", from.role, from.index, to.role, to.index,
              message_type_name(message->type));
    carry(sim, &(struct sim_packet){.from = from, .to = to, .peer = peer}, sim->buffer.data,
          sim->buffer.size, sim->rates.lost);
}

void sim_net_publish(struct sim *sim, const struct core_action *action)
{
    struct sim_node broker = {SIM_BROKER, 0};
    int index = sim_find(sim, &action->op);
    if (index < 0)
        return;
    struct sim_node client = {SIM_CLIENT, sim->ops[index].client};
    carry(sim,
          &(struct sim_packet){.from = broker,
                               .to = client,
                               .number = action->number,
                               .is_status = true,
                               .op = action->op},
          action->bytes.bytes, action->bytes.size, sim->rates.status_lost);
}
