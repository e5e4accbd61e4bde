/* answer_queue.c - the workers that are here, and the numbers of the queue and its store. */
#include "answer_queue.h"

void answer_workers(struct parts *parts, const struct question *question)
{
    struct message reply = {.type = MSG_WORKER_LIST};
    core_workers(parts->core, question->message.workers.after, &parts->arena, &reply.worker_list);
    questions_reply(parts, question, &reply);
}

void answer_stats(struct parts *parts, const struct question *question)
{
    struct message reply = {.type = MSG_STATS_ANSWER};
    struct msg_stats_answer *stats = &reply.stats_answer;
    struct store_stat stat;
    struct gpmq_error err;

    if (parts->store->ops->stat(parts->store, &stat, &err) != 0) {
        questions_fail(parts, question, &err);
        return;
    }
    core_stats(parts->core, &parts->arena, stats);
    stats->watches = watch_count(parts->watch);
    stats->watches_max = (uint64_t)parts->limits.watches_max;
    stats->clients = peers_count(parts->clients);
    stats->stored_open = stat.open_count;
    stats->stored_ended = stat.final_count;
    stats->blob_bytes = stat.blob_bytes;
    stats->free_bytes = stat.free_bytes == UINT64_MAX ? 0 : stat.free_bytes;
    questions_reply(parts, question, &reply);
}
