/* conf.c - YAML through libcyaml, and what it says when it refuses a file. */
#include "conf.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cleanup.h"
#include "conf_scalars.h"
#include "fail.h"

#define COMPLAINT_SIZE 256
#define UNKNOWN_KEY    "Unexpected key: "

/* What libcyaml said: the reason, and where it was reading. */
struct complaint {
    char text[COMPLAINT_SIZE]; /* "" until it says something */
    unsigned line;             /* 0: unknown */
};

/* libcyaml tells a reason, then "Backtrace:", then places, the innermost first. */
__attribute__((format(printf, 3, 0))) static void take_line(cyaml_log_t level, void *arg,
                                                            const char *format, va_list args)
{
    struct complaint *complaint = arg;
    char line[COMPLAINT_SIZE];
    (void)level;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    const char *text = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
    const char *place = strstr(text, "(line: ");
    if (place && strncmp(text, "  in ", 5) == 0) {
        if (!complaint->line)
            complaint->line = (unsigned)strtoul(place + 7, NULL, 10);
    } else if (!complaint->text[0] && strcmp(text, "Backtrace:") != 0) {
        snprintf(complaint->text, sizeof complaint->text, "%s", text);
    }
}

static cyaml_config_t config_for(struct complaint *complaint)
{
    return (cyaml_config_t){
        .log_fn = take_line,
        .log_ctx = complaint,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

static bool has_key(const char *line, const char *key)
{
    size_t length = strlen(key);
    line += strspn(line, " -\"'");
    return strncmp(line, key, length) == 0 && line[length + strspn(line + length, " \"'")] == ':';
}

/* libcyaml names the line that it read before it met an unknown key. The key itself stands there or
 * below. */
static unsigned line_of_key(const char *text, const char *key, unsigned from)
{
    unsigned number = 1;
    for (const char *line = text; *line; number++) {
        if (number >= from && has_key(line, key))
            return number;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return from;
}

static int refuse(const char *path, const char *text, cyaml_err_t code,
                  const struct complaint *complaint, struct gpmq_error *err)
{
    if (strncmp(complaint->text, UNKNOWN_KEY, strlen(UNKNOWN_KEY)) == 0) {
        const char *key = complaint->text + strlen(UNKNOWN_KEY);
        return fail(err, GPMQ_EMALFORMED, "%s:%u: there is no setting '%s'", path,
                    line_of_key(text, key, complaint->line), key);
    }
    const char *why = complaint->text[0] ? complaint->text : cyaml_strerror(code);
    if (!complaint->line)
        return fail(err, GPMQ_EMALFORMED, "%s: %s", path, why);
    return fail(err, GPMQ_EMALFORMED, "%s:%u: %s", path, complaint->line, why);
}

/* The whole file with a NUL behind it; free() *out. */
static int read_file(const char *path, char **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    if (!file)
        return fail_errno(err, "cannot open the settings '%s'", path);
    CLEANUP(free_pointer) char *text = calloc(1, CONF_FILE_MAX + 2);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for the settings '%s'", path);
    *size = fread(text, 1, CONF_FILE_MAX + 1, file);
    if (ferror(file))
        return fail_errno(err, "cannot read the settings '%s'", path);
    if (*size > CONF_FILE_MAX)
        return fail(err, GPMQ_ETOOBIG, "the settings '%s' have more than %u bytes", path,
                    CONF_FILE_MAX);
    *out = STEAL(text);
    return 0;
}

int conf_load(const char *path, const cyaml_schema_value_t *schema, void **out,
              struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size = 0;
    int rc = read_file(path, &text, &size, err);
    if (rc)
        return rc;
    struct complaint complaint = {0};
    cyaml_config_t config = config_for(&complaint);
    void *conf = NULL;
    cyaml_err_t code = cyaml_load_data((const uint8_t *)text, size, &config, schema, &conf, NULL);
    if (code != CYAML_OK)
        return refuse(path, text, code, &complaint, err);
    rc = conf_judge_scalars(path, text, size, schema, err);
    if (rc) {
        conf_free(schema, &conf);
        return rc;
    }
    if (!conf)
        return fail(err, GPMQ_EMALFORMED, "%s: there are no settings in it", path);
    *out = conf;
    return 0;
}

void conf_free(const cyaml_schema_value_t *schema, void **conf_p)
{
    struct complaint complaint = {0};
    cyaml_config_t config = config_for(&complaint);
    void *conf = STEAL(*conf_p);
    if (conf)
        cyaml_free(&config, schema, conf, 0);
}
