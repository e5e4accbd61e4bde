/* broker_config.c - the table of the broker's settings. */
#include "broker_config.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>

#include "fail.h"

const char *argp_program_version = "gpmq-broker 0.1.0";

enum {
    OPT_CONTROL = 256,
    OPT_WORKER,
    OPT_STATUS,
    OPT_STORE,
    OPT_KEY,
    OPT_KEYS,
    OPT_LEASE,
    OPT_RETENTION,
    OPT_KEEPALIVE,
};

static const struct argp_option options[] = {
    {"control", OPT_CONTROL, "URL", 0, "listen here for clients (" BROKER_CONTROL_DEFAULT ")", 1},
    {"worker", OPT_WORKER, "URL", 0, "listen here for workers (" BROKER_WORKER_DEFAULT ")", 1},
    {"status", OPT_STATUS, "URL", 0, "publish status here (" BROKER_STATUS_DEFAULT ")", 1},
    {"store", OPT_STORE, "URL", 0, "keep the queue here: sqlite:FILE or memory: (required)", 2},
    {"key", OPT_KEY, "FILE", 0, "the broker's secret key; without it only loopback and ipc", 3},
    {"keys", OPT_KEYS, "FOLDER", 0, "public keys (*.pub) of the clients and workers to admit", 3},
    {"lease-ms", OPT_LEASE, "MS", 0, "a worker silent this long has lost what it runs (30000)", 4},
    {"retention-days", OPT_RETENTION, "N", 0, "keep what has ended this long (30)", 4},
    {"keepalive-ms", OPT_KEEPALIVE, "MS", 0, "tell watchers the newest frame this often (5000)", 4},
    {0},
};

static const char doc[] =
    "Keeps a durable queue of Group Policy operations, gives them to workers and publishes their "
    "progress.\v"
    "Examples:\n"
    "  gpmq-broker --store sqlite:/var/lib/gpmq/queue.db\n"
    "  gpmq-broker --store sqlite:queue.db --control tcp://*:5670 --worker tcp://*:5671 \\\n"
    "      --status tcp://*:5672 --key broker.key --keys admitted/\n";

struct reading {
    struct broker_settings *settings;
    struct gpmq_error *err;
    int rc;
};

static int64_t number(struct reading *reading, const char *option, const char *text, int64_t least,
                      int64_t most)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        reading->rc =
            fail(reading->err, GPMQ_EINVAL, "--%s takes a number from %lld to %lld, not '%s'",
                 option, (long long)least, (long long)most, text);
    return value;
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct broker_settings *settings = reading->settings;
    switch (key) {
    case OPT_CONTROL:
        settings->control = arg;
        return 0;
    case OPT_WORKER:
        settings->worker = arg;
        return 0;
    case OPT_STATUS:
        settings->status = arg;
        return 0;
    case OPT_STORE:
        settings->store = arg;
        return 0;
    case OPT_KEY:
        settings->key_file = arg;
        return 0;
    case OPT_KEYS:
        settings->keys = arg;
        return 0;
    case OPT_LEASE:
        settings->core.lease_ms = number(reading, "lease-ms", arg, 500, 3600000);
        settings->core.slack_ms = settings->core.lease_ms / 6;
        settings->core.offer_ms = settings->core.lease_ms / 3;
        return 0;
    case OPT_RETENTION:
        settings->retention_ms =
            number(reading, "retention-days", arg, 1, 36500) * 24 * 3600 * 1000;
        return 0;
    case OPT_KEEPALIVE:
        settings->core.keepalive_ms = number(reading, "keepalive-ms", arg, 100, 3600000);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", arg);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int broker_config_read(struct broker_settings *out, int argc, char **argv, struct gpmq_error *err)
{
    static const struct argp argp = {.options = options, .parser = take, .doc = doc};
    *out = (struct broker_settings){.core = core_config_default};
    struct reading reading = {out, err, 0};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &reading);
    if (!reading.rc && !out->store)
        return fail(err, GPMQ_EINVAL,
                    "--store is missing: where is the queue kept? for example "
                    "--store sqlite:/var/lib/gpmq/queue.db");
    return reading.rc;
}
