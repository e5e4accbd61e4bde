/* cli_config.c - gpmq.yaml and the environment. */
#include "cli_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_alone.h"
#include "conf.h"
#include "fail.h"

#define CONFIG_VALUE_MAX 4096
#define CONNECT_MS       3000 /* a broker that is there answers a ping within this */

/* clang-format off */
#define VALUE(key_) \
    CYAML_FIELD_STRING_PTR(#key_, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct cli_config, \
                           key_, 0, CONFIG_VALUE_MAX)
static const cyaml_schema_field_t fields[] = {
    VALUE(broker), VALUE(key_file), VALUE(server_key_file), VALUE(domain), VALUE(repository),
    VALUE(templates), CYAML_FIELD_END
};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct cli_config, fields)
};
/* clang-format on */

void cli_config_free(struct cli_config **config_p)
{
    void *config = STEAL(*config_p);
    conf_free(&schema, &config);
}

static bool default_path(char *out, size_t size)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (base && *base == '/')
        snprintf(out, size, "%s/gpmq/gpmq.yaml", base);
    else if (home && *home)
        snprintf(out, size, "%s/.config/gpmq/gpmq.yaml", home);
    else
        return false;
    return access(out, F_OK) == 0;
}

int cli_config_load(struct cli_config **out, const char *path, struct gpmq_error *err)
{
    char place[4096];
    void *loaded = NULL;
    *out = NULL;
    if (!path && !default_path(place, sizeof place))
        return 0;
    int rc = conf_load(path ? path : place, &schema, &loaded, err);
    *out = loaded;
    if (rc == GPMQ_EMALFORMED && err)
        err->code = GPMQ_EINVAL; /* the user's to mend, like a wrong option */
    return rc;
}

/* The first that was given. */
static const char *choose(const char *option, const char *environment, const char *file)
{
    if (option)
        return option;
    const char *value = environment ? getenv(environment) : NULL;
    return value && *value ? value : file;
}

static int no_broker(struct gpmq_error *err)
{
    fputs(
        "With a broker on this machine, started with: gpmq-broker --store sqlite:queue.db\n"
        "    gpmq backup --all --to nightly --domain example.test --broker tcp://127.0.0.1:5670\n",
        stderr);
    return fail(err, GPMQ_EINVAL,
                "no broker is named: give --broker URL, set $GPMQ_BROKER, or write 'broker: URL' "
                "into ~/.config/gpmq/gpmq.yaml");
}

int cli_connect(struct gpmq_client **out, struct cli_options *options, struct cli_config *given,
                struct gpmq_error *err)
{
    static const struct cli_config nothing;
    const struct cli_config *config = given ? given : &nothing;
    if (!options->domain)
        options->domain = config->domain;
    struct gpmq_client_options client = {
        .broker = choose(options->broker, "GPMQ_BROKER", config->broker),
        .key_file = choose(options->key_file, "GPMQ_KEY", config->key_file),
        .server_key_file =
            choose(options->server_key_file, "GPMQ_SERVER_KEY", config->server_key_file),
        .name = "gpmq",
    };
    if (!client.broker)
        return options->folders ? cli_alone_connect(out, options, given, err) : no_broker(err);
    options->broker = client.broker;
    CLEANUP(gpmq_client_close) struct gpmq_client *opened = NULL;
    int rc = gpmq_client_open(&opened, &client, err);
    if (!rc)
        rc = gpmq_ping(opened, CONNECT_MS, err);
    if (!rc)
        *out = STEAL(opened);
    return rc;
}
