/* cli_alone.c - commands without a broker. */
#include "cli_alone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "cli_output.h"
#include "cli_resume.h"
#include "clock.h"
#include "fail.h"
#include "standalone.h"

#define START_MS 15000 /* a broker of our own answers within this, also after another's end */
#define PING_MS  500

static int give_example(struct gpmq_error *err)
{
    fputs(
        "Without a broker, with folders; or with a broker (gpmq-broker --store sqlite:queue.db):\n"
        "    gpmq backup --all --domain ./contoso --to ./backups\n"
        "    gpmq backup --all --domain contoso.example --to nightly --broker "
        "tcp://127.0.0.1:5670\n",
        stderr);
    return err->code;
}

/* ---- folders ------------------------------------------------------------------------------- */

/* The last folder of the path; says so. */
static int make_folder(const struct cli_options *options, const char *path, struct gpmq_error *err)
{
    char line[OUT_LINE_SIZE];
    if (mkdir(path, 0700) == 0)
        out_note(options, "made the folder '%s'", out_line(path, line));
    else if (errno != EEXIST)
        return fail_errno(err, "cannot make the folder '%s'", path);
    return 0;
}

/* Replaces *path by its absolute form, which is kept in *kept. */
static int resolve(const char **path, char **kept, const char *option, struct gpmq_error *err)
{
    struct stat info;
    char *real = realpath(*path, NULL);
    if (!real || stat(real, &info) != 0 || !S_ISDIR(info.st_mode)) {
        free(real);
        fail(err, GPMQ_EINVAL,
             "%s: there is no folder '%s', and no broker is named that would know this name",
             option, *path);
        return give_example(err);
    }
    free(*kept);
    *kept = real;
    *path = real;
    if (strlen(real) > GPMQ_NAME_MAX)
        return fail(err, GPMQ_EINVAL,
                    "%s: the path '%s' has more than %d bytes; move the folder, or use a broker",
                    option, real, GPMQ_NAME_MAX);
    return 0;
}

/* Names become paths: of the options, else of the configuration. */
static int take_folders(struct cli_options *options, struct cli_config *config,
                        struct gpmq_error *err)
{
    struct cli_folders *folders = options->folders;
    const char *configured = config ? config->repository : NULL;
    int rc = 0;
    if (options->domain)
        rc = resolve(&options->domain, &folders->domain, "--domain", err);
    if (!rc && options->to_domain)
        rc = resolve(&options->to_domain, &folders->to_domain, "--to-domain", err);
    if (!rc && options->to)
        rc = make_folder(options, options->to, err);
    if (!rc && options->to)
        rc = resolve(&options->to, &folders->to, "--to", err);
    if (!rc && options->from)
        rc = resolve(&options->from, &folders->from, "repository", err);
    if (!rc && configured)
        rc = resolve(&configured, &config->repository, "repository of gpmq.yaml", err);
    return rc;
}

static int add_places(struct standalone_places *places, const struct cli_options *options,
                      const struct cli_config *config, struct gpmq_error *err)
{
    int rc = standalone_places_add(places, options->domain, options->to, err);
    if (!rc)
        rc = standalone_places_add(places, NULL, options->from, err);
    if (!rc)
        rc = standalone_places_add(places, options->to_domain, NULL, err);
    if (!rc && config)
        rc = standalone_places_add(places, NULL, config->repository, err);
    if (!rc && config && config->templates && !(places->templates = strdup(config->templates)))
        rc = fail(err, GPMQ_ENOMEM, "no memory for the folders to serve");
    return rc;
}

/* ---- connecting ---------------------------------------------------------------------------- */

static int check_use(const struct cli_options *options, const struct cli_config *config,
                     struct gpmq_error *err)
{
    char folder[PATH_MAX];
    if (options->detach)
        return fail(err, GPMQ_EINVAL,
                    "--detach needs a broker that stays when this command ends: give --broker URL, "
                    "set $GPMQ_BROKER, or write 'broker: URL' into ~/.config/gpmq/gpmq.yaml");
    int rc = standalone_folder_path(folder, err);
    if (rc || options->domain || options->to || options->from || (config && config->repository) ||
        standalone_folder_is_used(folder))
        return rc;
    fail(err, GPMQ_EINVAL,
         "no broker is named (--broker URL, $GPMQ_BROKER, or 'broker: URL' in "
         "~/.config/gpmq/gpmq.yaml), no folder either, and nothing was done here before");
    return give_example(err);
}

static int connect_to(struct gpmq_client **out, struct standalone *standalone,
                      struct gpmq_error *err)
{
    char url[STANDALONE_URL_SIZE];
    standalone_control_url(standalone, url);
    const struct gpmq_client_options client = {.broker = url, .name = "gpmq"};
    int rc = gpmq_client_open(out, &client, err);
    int64_t until_ms = clock_now_ms() + START_MS;
    while (!rc && (rc = gpmq_ping(*out, PING_MS, err)) != 0 && clock_now_ms() < until_ms)
        rc = 0;
    return rc ? standalone_no_answer(standalone, err) : 0;
}

int cli_alone_connect(struct gpmq_client **out, struct cli_options *options,
                      struct cli_config *config, struct gpmq_error *err)
{
    CLEANUP(standalone_places_clear) struct standalone_places places = {.domain_count = 0};
    CLEANUP(gpmq_client_close) struct gpmq_client *client = NULL;
    struct standalone **standalone = &options->folders->standalone;
    int rc = check_use(options, config, err);
    if (!rc)
        rc = take_folders(options, config, err);
    if (!rc)
        rc = add_places(&places, options, config, err);
    if (!rc)
        rc = standalone_open(standalone, err);
    if (!rc)
        rc = connect_to(&client, *standalone, err);
    if (!rc)
        rc = cli_resume(client, options, &places, err);
    if (!rc)
        *out = STEAL(client);
    return rc;
}
