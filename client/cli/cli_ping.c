/* cli_ping.c - is the broker there? The cheapest question there is, for health checks. */
#include "cli_ping.h"

#include "cleanup.h"
#include "cli_config.h"
#include "cli_output.h"
#include "clock.h"

#define PING_MS 3000 /* a broker that is there answers within this */

int cli_command_ping(const struct cli_options *options)
{
    struct gpmq_error err;
    struct cli_options used = *options;
    CLEANUP(cli_config_free) struct cli_config *config = NULL;
    CLEANUP(gpmq_client_close) struct gpmq_client *client = NULL;
    used.folders = NULL; /* our own broker would only be there because we ask */
    int rc = cli_config_load(&config, options->config, &err);
    if (!rc)
        rc = cli_connect(&client, &used, config, &err);
    int64_t asked_ms = clock_now_ms(); /* connecting, with its handshake, is not counted */
    if (!rc)
        rc = gpmq_ping(client, PING_MS, &err);
    if (rc)
        return out_error(options, &err);
    int64_t took_ms = clock_now_ms() - asked_ms;
    if (options->json)
        out_json("pong",
                 json_pack("{s:s, s:I}", "broker", used.broker, "took_ms", (json_int_t)took_ms));
    out_text(options, "%s answered in %lld ms", used.broker, (long long)took_ms);
    return 0;
}
