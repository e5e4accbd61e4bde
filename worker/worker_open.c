/* worker_open.c - a worker's parts: made in order, let go in the other. */
#include <stdlib.h>
#include <zmq.h>

#include "ad_files.h"
#include "cleanup.h"
#include "fail.h"
#include "worker_state.h"

/* The files that an "ad:" URL names. */
static int check_ad(const char *url, struct gpmq_error *err)
{
    CLEANUP(ad_settings_free) struct ad_settings *settings = NULL;
    const char *text = executor_ad(url);
    int rc = text ? ad_settings_parse(&settings, text, err) : 0;
    return rc || !text ? rc : ad_files_check(settings, err);
}

static int check_places(const char *what, const struct place *places, uint32_t count,
                        struct gpmq_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *folder = executor_folder(places[i].url);
        if (folder && access(folder, R_OK | X_OK) != 0)
            return fail_errno(err,
                              "the %s '%s' has no folder '%s': make it, or correct the "
                              "settings",
                              what, places[i].name, folder);
        if (check_ad(places[i].url, err) != 0)
            return fail_in(err, "the %s '%s'", what, places[i].name);
    }
    return 0;
}

int worker_check_places(const struct worker_settings *settings, struct gpmq_error *err)
{
    const struct executor_pool_config *pool = &settings->executors;
    int rc = check_places("domain", pool->domains, pool->domain_count, err);
    return rc ? rc : check_places("repository", pool->repositories, pool->repository_count, err);
}

static int load_keys(struct worker *worker, struct gpmq_error *err)
{
    const struct worker_settings *settings = worker->settings;
    if (!settings->key_file != !settings->server_file)
        return fail(err, GPMQ_EINVAL,
                    "a key needs the broker's public key, and the other way "
                    "round: give both or none");
    if (!settings->key_file)
        return 0;
    int rc = curve_load(&worker->key, settings->key_file, CURVE_SECRET, err);
    return rc ? rc : curve_load(&worker->server, settings->server_file, CURVE_PUBLIC, err);
}

static struct name_list names_of(const struct place *places, uint32_t count, const char **names)
{
    for (uint32_t i = 0; i < count; i++)
        names[i] = places[i].name;
    return (struct name_list){count, names};
}

static void make_book(struct worker *worker)
{
    const struct worker_settings *settings = worker->settings;
    const struct executor_pool_config *pool = &settings->executors;
    struct lease_book_config config = lease_book_config_default;
    config.name = settings->name;
    config.incarnation = gpmq_id_new();
    config.executors = pool->count;
    config.credit = settings->credit ? settings->credit : 2 * pool->count;
    config.kinds = (struct name_list){worker->kinds.count, worker->kinds.names};
    config.domains = names_of(pool->domains, pool->domain_count, worker->domains);
    config.repositories =
        names_of(pool->repositories, pool->repository_count, worker->repositories);
    worker->book = lease_book_new(&config);
    worker->actions = book_actions_new();
}

int worker_reload(struct worker *worker, const struct worker_settings *settings,
                  struct gpmq_error *err)
{
    const struct executor_pool_config *pool = &settings->executors;
    struct executor_kinds kinds;
    int rc = executor_kinds_read(&kinds, pool, err);
    if (!rc)
        rc = executor_pool_reload(worker->pool, pool, err);
    if (rc) {
        executor_kinds_free(&kinds);
        return rc;
    }
    executor_kinds_free(&worker->kinds);
    worker->kinds = kinds;
    worker->drain_s = settings->drain_s;
    struct name_list served = {worker->kinds.count, worker->kinds.names};
    struct name_list domains = names_of(pool->domains, pool->domain_count, worker->domains);
    struct name_list repositories =
        names_of(pool->repositories, pool->repository_count, worker->repositories);
    lease_book_serve(worker->book, &served, &domains, &repositories);
    return 0;
}

static int open_parts(struct worker *worker, struct gpmq_error *err)
{
    const struct worker_settings *settings = worker->settings;
    struct executor_listener listener = worker_listener(worker);
    int rc = executor_pool_new(&worker->pool, &settings->executors, &listener, err);
    if (!rc)
        rc = executor_kinds_read(&worker->kinds, &settings->executors, err);
    if (rc)
        return rc;
    struct session_options options = {
        .context = worker->context,
        .broker = settings->broker,
        .key = settings->key_file ? &worker->key : NULL,
        .server = &worker->server,
    };
    rc = session_open(&worker->session, &options, err);
    if (rc)
        return rc;
    const struct inputs_listener inputs = worker_inputs_listener(worker);
    worker->inputs = inputs_new(&inputs);
    make_book(worker);
    return worker->inputs ? 0 : fail(err, GPMQ_ENOMEM, "no memory for inputs");
}

int worker_open(struct worker **out, const struct worker_settings *settings, void *context,
                struct gpmq_error *err)
{
    CLEANUP(worker_close) struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return fail(err, GPMQ_ENOMEM, "no memory for a worker");
    worker->settings = settings;
    worker->drain_s = settings->drain_s;
    worker->reconnect_ms = worker->leave_ms = worker->end_ms = INT64_MAX;
    int rc = load_keys(worker, err);
    if (rc)
        return rc;
    worker->owns_context = !context;
    worker->context = context ? context : zmq_ctx_new();
    if (!worker->context)
        return fail_zmq(err, "cannot start ZeroMQ");
    rc = open_parts(worker, err);
    if (rc)
        return rc;
    *out = STEAL(worker);
    return 0;
}

void worker_close(struct worker **worker_p)
{
    struct worker *worker = STEAL(*worker_p);
    if (!worker)
        return;
    executor_pool_free(&worker->pool);
    inputs_free(&worker->inputs);
    session_close(&worker->session);
    lease_book_free(&worker->book);
    book_actions_free(&worker->actions);
    executor_kinds_free(&worker->kinds);
    arena_free(&worker->arena);
    curve_forget(&worker->key);
    curve_forget(&worker->server);
    if (worker->owns_context && worker->context)
        zmq_ctx_term(worker->context);
    free(worker);
}
