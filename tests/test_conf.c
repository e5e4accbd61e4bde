/* test_conf.c - a worker's settings: the file, the command line over it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ad_files.h"
#include "cleanup.h"
#include "worker_config.h"

#define ARGUMENTS_MAX 16

/* The path of tests/data/worker/NAME. */
static const char *sample(const char *name, char path[PATH_MAX])
{
    const char *source = getenv("GPMQ_SOURCE_DIR");
    snprintf(path, PATH_MAX, "%s/tests/data/worker/%s", source ? source : "..", name);
    return path;
}

/* Reads the arguments, up to a NULL. */
static int read_config(struct worker_config *config, const char *const *arguments,
                       struct gpmq_error *err)
{
    char *argv[ARGUMENTS_MAX + 2] = {(char *)"gpmq-worker"};
    int argc = 1;
    while (*arguments && argc <= ARGUMENTS_MAX)
        argv[argc++] = (char *)*arguments++;
    return worker_config_read(config, argc, argv, err);
}

#define READ(config, err, ...) read_config(config, (const char *[]){__VA_ARGS__, NULL}, err)

static void a_file_says_everything(void **state)
{
    (void)state;
    CLEANUP(worker_config_free) struct worker_config config;
    struct gpmq_error err;
    char path[PATH_MAX];
    if (READ(&config, &err, "--config", sample("good.yaml", path)))
        fail_msg("%s", err.text);
    const struct worker_settings *settings = &config.settings;
    assert_string_equal(settings->broker, "tcp://broker.example.org:5671");
    assert_string_equal(settings->name, "worker-1");
    assert_string_equal(settings->server_file, "/etc/gpmq/broker.pub");
    assert_int_equal(settings->executors.count, 3);
    assert_int_equal(settings->executors.sandbox, SANDBOX_REQUIRED);
    assert_int_equal(settings->executors.memory_max_bytes, 512 << 20);
    assert_int_equal(settings->drain_s, 60);
    assert_int_equal(settings->executors.domain_count, 1);
    assert_int_equal(settings->executors.repository_count, 2);
    assert_string_equal(settings->executors.repositories[1].name, "weekly");
    assert_string_equal(settings->executors.plugins[0], "/usr/lib/gpmq/greet.so");
    assert_string_equal(settings->executors.templates, "/usr/share/gpmq/PolicyDefinitions");
    assert_int_equal(settings->executors.program_count, 2);
    const struct executor_program *program = &settings->executors.programs[0];
    assert_string_equal(program->kind, "site.snapshot");
    assert_string_equal(program->words[1], "--quick");
    assert_string_equal(program->folders[0], "/srv/snapshots");
    assert_int_equal(program->memory_max_bytes, 256 << 20);
    assert_int_equal(program->sandbox, SANDBOX_REQUIRED);
    assert_true(program->repeatable);
    assert_int_equal(settings->executors.programs[1].folder_count, 0);
}

static void the_command_line_stands_over_the_file(void **state)
{
    (void)state;
    CLEANUP(worker_config_free) struct worker_config config;
    struct gpmq_error err;
    char path[PATH_MAX];
    if (READ(&config, &err, "--executors", "7", "--config", sample("good.yaml", path), "--name",
             "other", "--domain", "lab=/srv/lab", "--templates", "/srv/admx"))
        fail_msg("%s", err.text);
    assert_int_equal(config.settings.executors.count, 7);
    assert_string_equal(config.settings.name, "other");
    assert_string_equal(config.settings.executors.templates, "/srv/admx");
    assert_int_equal(config.settings.executors.domain_count, 2);
    assert_string_equal(config.settings.executors.domains[1].url, "/srv/lab");
}

static void without_a_file_there_are_defaults(void **state)
{
    (void)state;
    CLEANUP(worker_config_free) struct worker_config config;
    struct gpmq_error err;
    if (READ(&config, &err, "--broker", "ipc:///tmp/w"))
        fail_msg("%s", err.text);
    assert_int_equal(config.settings.executors.count, 4);
    assert_null(config.settings.executors.templates);
    assert_int_equal(config.settings.executors.sandbox, SANDBOX_AUTO);
    assert_true(strlen(config.settings.name) > 0);
    assert_int_equal(config.parent_fd, -1);
}

static void what_makes_no_sense_is_refused_with_file_and_line(void **state)
{
    static const struct {
        const char *file;
        int code;
        const char *where;
        const char *what;
    } cases[] = {
        {"unknown-key.yaml", GPMQ_EMALFORMED, "unknown-key.yaml:4:", "'retention_days'"},
        {"unknown-place-key.yaml", GPMQ_EMALFORMED, "unknown-place-key.yaml:5:", "'password'"},
        {"no-number.yaml", GPMQ_EMALFORMED, "no-number.yaml:2:", "'many'"},
        {"number-and-unit.yaml", GPMQ_EMALFORMED, "number-and-unit.yaml:6:", "memory_mb is '256m'"},
        {"octal.yaml", GPMQ_EMALFORMED, "octal.yaml:3:", "drain_s is '010'"},
        {"two-words.yaml", GPMQ_EMALFORMED, "two-words.yaml:2:", "executors is '4 workers'"},
        {"no-truth.yaml", GPMQ_EMALFORMED, "no-truth.yaml:5:", "repeatable is 'off'"},
        {"twice.yaml", GPMQ_EINVAL, "twice.yaml", "'example.test'"},
        {"empty.yaml", GPMQ_EMALFORMED, "empty.yaml", "no settings"},
        {"missing.yaml", GPMQ_ENOTFOUND, "missing.yaml", "No such file"},
        {"ad-unknown-key.yaml", GPMQ_EMALFORMED, "ad-unknown-key.yaml:6:", "'password'"},
        {"ad-timeout.yaml", GPMQ_EINVAL, "ad-timeout.yaml: the domain 'corp'", "timeout: '601'"},
        {"ad-path.yaml", GPMQ_EINVAL, "ad-path.yaml: the domain 'corp'",
         "keytab: 'gpmq.keytab' is no absolute path"},
        {"ad-simple.yaml", GPMQ_EINVAL, "ad-simple.yaml: the domain 'corp'",
         "auth=simple needs user and password-file"},
        {"ad-and-url.yaml", GPMQ_EINVAL, "ad-and-url.yaml: the domain 'corp'",
         "needs 'url' or 'ad', and not both"},
        {"ad-url.yaml", GPMQ_EINVAL, "ad-url.yaml: the domain 'corp'", "there is no key 'pasword'"},
        {"ad-credential.yaml", GPMQ_EINVAL, "ad-credential.yaml: the domain 'corp'",
         "$CREDENTIALS_DIRECTORY is not set"},
        {"relative-program.yaml", GPMQ_EINVAL, "relative-program.yaml", "absolute path"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(worker_config_free) struct worker_config config;
        struct gpmq_error err = {0};
        char path[PATH_MAX];
        assert_int_equal(READ(&config, &err, "--config", sample(cases[i].file, path)),
                         cases[i].code);
        if (!strstr(err.text, cases[i].where) || !strstr(err.text, cases[i].what))
            fail_msg("'%s' does not say %s %s", err.text, cases[i].where, cases[i].what);
    }
}

static void bad_options_say_what_is_wrong(void **state)
{
    static const struct {
        const char *arguments[4];
        const char *what;
    } cases[] = {
        {{"--name", "w", NULL}, "no broker"},
        {{"--broker=ipc:///w", "--executors=0", NULL}, "--executors takes a number from 1"},
        {{"--broker=ipc:///w", "--executors=two", NULL}, "'two'"},
        {{"--broker=ipc:///w", "--domain=folder", NULL}, "'folder' is not NAME=PLACE"},
        {{"--broker=ipc:///w", "--domain==x", NULL}, "needs a name"},
        {{"--broker=ipc:///w", "--domain=corp=ad:corp.example?auth=ntlm", NULL},
         "the domain 'corp': domain 'ad:corp.example': auth is 'ntlm'"},
        {{"--broker=ipc:///w", "--sandbox=maybe", NULL}, "'maybe'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(worker_config_free) struct worker_config config;
        struct gpmq_error err = {0};
        assert_int_equal(read_config(&config, cases[i].arguments, &err), GPMQ_EINVAL);
        if (!strstr(err.text, cases[i].what))
            fail_msg("'%s' does not say %s", err.text, cases[i].what);
    }
}

static const char *url_of(const struct worker_config *config, uint32_t index)
{
    return config->settings.executors.domains[index].url;
}

static void a_directory_is_said_by_keys_or_by_its_url(void **state)
{
    (void)state;
    CLEANUP(worker_config_free) struct worker_config config;
    struct gpmq_error err;
    char path[PATH_MAX];
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/gpmq-worker@main.service", 1);
    int rc = READ(&config, &err, "--config", sample("ad-good.yaml", path));
    unsetenv("CREDENTIALS_DIRECTORY");
    if (rc)
        fail_msg("%s", err.text);
    assert_int_equal(config.settings.executors.domain_count, 4);
    assert_string_equal(url_of(&config, 0),
                        "ad:contoso.example?server=dc1.contoso.example,[::1]:1389&user=gpmq"
                        "&sysvol=/var/lib/samba/sysvol&timeout=30"
                        "&keytab=/run/credentials/gpmq-worker@main.service/keytab");
    assert_string_equal(url_of(&config, 1),
                        "ad:lab.example?auth=simple&tls=ldaps&user=J%C3%BCrgen%20%26%25%3F"
                        "&password-file=/run/credentials/gpmq-worker@main.service/lab%20word"
                        "&ca=/etc/ssl/lab.pem");
    assert_string_equal(url_of(&config, 2), "ad:third.example?ccache=FILE:/run/gpmq/krb5cc");
    assert_string_equal(url_of(&config, 3), "ad:fourth.example?timeout=5");
}

/* What a worker's settings of one domain lack on this disk, or "". */
static void check_places(const char *url, struct gpmq_error *err)
{
    const struct place place = {"corp", url};
    const struct worker_settings settings = {.executors = {.domain_count = 1, .domains = &place}};
    *err = (struct gpmq_error){0};
    int rc = worker_check_places(&settings, err);
    assert_int_equal(rc, err->code);
}

static void what_a_directory_needs_is_looked_for(void **state)
{
    char path[] = "/tmp/gpmq-conf-XXXXXX", url[256];
    struct gpmq_error err;
    (void)state;
    CLEANUP(close_fd) int fd = mkstemp(path);
    assert_true(fd >= 0);
    snprintf(url, sizeof url, "ad:corp.example?user=gpmq&password-file=%s", path);
    check_places(url, &err);
    assert_int_equal(err.code, 0);
    assert_int_equal(fchmod(fd, 0640), 0);
    check_places(url, &err);
    assert_int_equal(err.code, GPMQ_EACCESS);
    assert_non_null(strstr(err.text, "the domain 'corp': others can read the password in"));
    assert_non_null(strstr(err.text, "chmod 600"));
    assert_int_equal(unlink(path), 0);
    check_places(url, &err);
    assert_int_equal(err.code, GPMQ_ENOTFOUND);
    assert_non_null(strstr(err.text, "password-file: cannot read"));
    check_places("ad:corp.example?user=gpmq&keytab=/nowhere/keytab", &err);
    assert_int_equal(err.code, GPMQ_ENOTFOUND);
    assert_non_null(strstr(err.text, "the domain 'corp': keytab: cannot read '/nowhere/keytab'"));
    check_places("ad:corp.example?ca=/", &err);
    assert_int_equal(err.code, GPMQ_EINVAL);
    assert_non_null(strstr(err.text, "ca: '/' is no file"));
    check_places("ad:corp.example?sysvol=/dev/null", &err);
    assert_int_equal(err.code, GPMQ_EINVAL);
    assert_non_null(strstr(err.text, "sysvol: '/dev/null' is no folder"));
}

/* As systemd shows one that an access list gives to a unit's account. */
static void a_credential_of_systemd_is_a_secret(void **state)
{
    static const struct {
        uid_t uid;
        gid_t gid;
        mode_t mode;
        int code;
    } cases[] = {
        {0, 0, S_IFREG | 0440, 0},
        {5, 5, S_IFREG | 0400, 0},
        {5, 5, S_IFREG | 0600, 0},
        {5, 0, S_IFREG | 0440, GPMQ_EACCESS},
        {0, 5, S_IFREG | 0440, GPMQ_EACCESS},
        {0, 0, S_IFREG | 0444, GPMQ_EACCESS},
        {0, 0, S_IFREG | 0640, GPMQ_EACCESS},
        {5, 5, S_IFREG | 0604, GPMQ_EACCESS},
        {0, 0, S_IFCHR | 0400, GPMQ_EINVAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stat stat = {
            .st_uid = cases[i].uid, .st_gid = cases[i].gid, .st_mode = cases[i].mode};
        assert_int_equal(ad_secret_judge(&stat, "/p", NULL), cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_everything),
        cmocka_unit_test(the_command_line_stands_over_the_file),
        cmocka_unit_test(without_a_file_there_are_defaults),
        cmocka_unit_test(what_makes_no_sense_is_refused_with_file_and_line),
        cmocka_unit_test(a_directory_is_said_by_keys_or_by_its_url),
        cmocka_unit_test(what_a_directory_needs_is_looked_for),
        cmocka_unit_test(a_credential_of_systemd_is_a_secret),
        cmocka_unit_test(bad_options_say_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
