/* cli_queue.c - the queue itself: workers, stats, pause, resume, drain. */
#include "cli_queue.h"

#include <stdio.h>

#include "cleanup.h"
#include "cli_config.h"
#include "cli_output.h"
#include "clock.h"

/* A connected command. */
struct asking {
    struct cli_options options;
    struct cli_config *config;
    struct gpmq_client *client;
};

static void asking_close(struct asking *asking)
{
    gpmq_client_close(&asking->client);
    cli_config_free(&asking->config);
}

static int asking_open(struct asking *asking, struct gpmq_error *err)
{
    int rc = cli_config_load(&asking->config, asking->options.config, err);
    return rc ? rc : cli_connect(&asking->client, &asking->options, asking->config, err);
}

/* ---- workers ------------------------------------------------------------------------------- */

static json_t *json_names(const struct gpmq_names *names)
{
    json_t *array = json_array();
    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(array, json_string(names->items[i]));
    return array;
}

static json_t *json_worker(const struct gpmq_worker_info *worker)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:o, s:o, s:o}", "name",
                     worker->name, "key", worker->key, "executors", (json_int_t)worker->executors,
                     "credit", (json_int_t)worker->credit, "leases", (json_int_t)worker->leases,
                     "running", (json_int_t)worker->running, "draining", worker->draining,
                     "silent_ms", (json_int_t)worker->silent_ms, "kinds",
                     json_names(&worker->kinds), "domains", json_names(&worker->domains),
                     "repositories", json_names(&worker->repositories));
}

static void show_names(const struct cli_options *options, const char *what,
                       const struct gpmq_names *names)
{
    char joined[OUT_LINE_SIZE] = "", line[OUT_LINE_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < names->count && used < sizeof joined - 1; i++)
        used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s", i ? ", " : "",
                                 names->items[i]);
    if (names->count)
        out_text(options, "  %-12s %s", what, out_line(joined, line));
}

static void show_worker(const struct cli_options *options, const struct gpmq_worker_info *worker)
{
    char name[OUT_LINE_SIZE], key[OUT_LINE_SIZE];
    if (options->json) {
        out_json("worker", json_worker(worker));
        return;
    }
    out_text(options, "%s  %u of %u busy, %u waiting there, heard %.1f s ago%s, key %s",
             out_line(worker->name, name), worker->running, worker->executors,
             worker->leases - worker->running, (double)worker->silent_ms / 1000,
             worker->draining ? ", draining" : "", out_line(worker->key, key));
    show_names(options, "kinds", &worker->kinds);
    show_names(options, "domains", &worker->domains);
    show_names(options, "repositories", &worker->repositories);
}

int cli_command_workers(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    CLEANUP(gpmq_workers_free) struct gpmq_workers *workers = NULL;
    int rc = asking_open(&asking, &err);
    if (!rc)
        rc = gpmq_ask_workers(asking.client, &workers, &err);
    if (rc)
        return out_error(options, &err);
    for (size_t i = 0; i < workers->count; i++)
        show_worker(options, &workers->items[i]);
    if (!workers->count)
        out_note(options, "no worker is here");
    return 0;
}

/* ---- stats --------------------------------------------------------------------------------- */

static json_t *json_depths(const struct gpmq_stats *stats)
{
    json_t *depths = json_object();
    for (enum gpmq_state state = 1; !gpmq_state_is_final(state); state++)
        json_object_set_new(depths, gpmq_state_name(state), json_integer(stats->depths[state]));
    return depths;
}

static json_t *json_pauses(const struct gpmq_stats *stats)
{
    json_t *pauses = json_array();
    for (size_t i = 0; i < stats->pause_count; i++) {
        const struct gpmq_pause_info *pause = &stats->pauses[i];
        json_array_append_new(pauses,
                              json_pack("{s:s, s:s, s:s, s:o}", "kind", pause->kind, "domain",
                                        pause->domain, "repository", pause->repository, "since",
                                        out_time(pause->since_unix_ms)));
    }
    return pauses;
}

static json_t *json_stats(const struct gpmq_stats *stats)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"epoch", stats->epoch},
        {"open", stats->open},
        {"open_max", stats->open_max},
        {"client_open_max", stats->client_open_max},
        {"workers", stats->workers},
        {"workers_max", stats->workers_max},
        {"executors", stats->executors},
        {"watches", stats->watches},
        {"watches_max", stats->watches_max},
        {"clients", stats->clients},
        {"stored_open", stats->stored_open},
        {"stored_ended", stats->stored_ended},
        {"blob_bytes", stats->blob_bytes},
        {"free_bytes", stats->free_bytes},
    };
    json_t *json =
        json_pack("{s:o, s:o}", "depths", json_depths(stats), "pauses", json_pauses(stats));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(json, numbers[i].name, json_integer((json_int_t)numbers[i].value));
    return json;
}

static void show_pause(const struct cli_options *options, const struct gpmq_pause_info *pause)
{
    char words[OUT_LINE_SIZE], line[OUT_LINE_SIZE], since[CLOCK_TEXT_SIZE];
    bool all = !*pause->kind && !*pause->domain && !*pause->repository;
    snprintf(words, sizeof words, "%s%s%s%s%s%s%s", all ? "everything" : "",
             *pause->kind ? " kind " : "", pause->kind, *pause->domain ? " domain " : "",
             pause->domain, *pause->repository ? " repository " : "", pause->repository);
    out_text(options, "%-12s %s, since %.19s", "paused", out_line(words + (*words == ' '), line),
             clock_text(pause->since_unix_ms, since));
}

static void show_stats(const struct cli_options *options, const struct gpmq_stats *stats)
{
    for (enum gpmq_state state = 1; !gpmq_state_is_final(state); state++)
        out_text(options, "%-12s %u", gpmq_state_name(state), stats->depths[state]);
    out_text(options, "%-12s %llu of at most %llu, %llu of one client", "open",
             (unsigned long long)stats->open, (unsigned long long)stats->open_max,
             (unsigned long long)stats->client_open_max);
    out_text(options, "%-12s %llu of at most %llu, with %llu executors", "workers",
             (unsigned long long)stats->workers, (unsigned long long)stats->workers_max,
             (unsigned long long)stats->executors);
    out_text(options, "%-12s %llu, %llu watches of at most %llu", "clients",
             (unsigned long long)stats->clients, (unsigned long long)stats->watches,
             (unsigned long long)stats->watches_max);
    out_text(options, "%-12s %llu open, %llu ended, %llu bytes of content", "stored",
             (unsigned long long)stats->stored_open, (unsigned long long)stats->stored_ended,
             (unsigned long long)stats->blob_bytes);
    if (stats->free_bytes)
        out_text(options, "%-12s %llu MiB", "disk free",
                 (unsigned long long)(stats->free_bytes >> 20));
    out_text(options, "%-12s %llu", "epoch", (unsigned long long)stats->epoch);
    for (size_t i = 0; i < stats->pause_count; i++)
        show_pause(options, &stats->pauses[i]);
}

int cli_command_stats(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    CLEANUP(gpmq_stats_free) struct gpmq_stats *stats = NULL;
    int rc = asking_open(&asking, &err);
    if (!rc)
        rc = gpmq_ask_stats(asking.client, &stats, &err);
    if (rc)
        return out_error(options, &err);
    if (options->json)
        out_json("stats", json_stats(stats));
    show_stats(options, stats);
    return 0;
}

/* ---- pause, resume, drain ------------------------------------------------------------------ */

static int pause_or_resume(const struct cli_options *options, bool resume)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    const struct gpmq_pause_options words = {options->kind, options->domain, options->repository};
    int rc = asking_open(&asking, &err);
    if (!rc && resume)
        rc = gpmq_resume(asking.client, &words, &err);
    else if (!rc)
        rc = gpmq_pause(asking.client, &words, &err);
    if (rc)
        return out_error(options, &err);
    if (options->json)
        out_json(resume ? "resumed" : "paused", NULL);
    out_text(options, resume ? "resumed" : "paused: what runs goes on, nothing new begins");
    return 0;
}

int cli_command_pause(const struct cli_options *options)
{
    return pause_or_resume(options, false);
}

int cli_command_resume(const struct cli_options *options)
{
    return pause_or_resume(options, true);
}

int cli_command_drain(const struct cli_options *options)
{
    struct gpmq_error err;
    char line[OUT_LINE_SIZE];
    uint32_t leases = 0;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    int rc = asking_open(&asking, &err);
    if (!rc)
        rc = gpmq_drain(asking.client, options->words[0], options->resume, &leases, &err);
    if (rc)
        return out_error(options, &err);
    if (options->json)
        out_json(
            options->resume ? "undrained" : "draining",
            json_pack("{s:s, s:I}", "worker", options->words[0], "leases", (json_int_t)leases));
    out_text(options, "%s %s, %u operations there", out_line(options->words[0], line),
             options->resume ? "gets work again" : "gets nothing new", leases);
    return 0;
}
