/* worker_file.c - the schema of the worker's settings. docs/man: gpmq.yaml(5). */
#include "worker_file.h"

#include "ad_settings.h"
#include "cleanup.h"
#include "conf.h"
#include "executor.h"
#include "message.h"

#define TEXT(key, field)                                                                           \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct worker_file,      \
                           field, 1, MESSAGE_TEXT_MAX)
#define NUMBER(key, field) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, struct worker_file, field)
#define PLACES(key, field, value)                                                                  \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct worker_file, field, \
                         value, 0, MESSAGE_NAMES_MAX)
#define AD_TEXT(key, field)                                                                        \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct worker_file_ad,   \
                           field, 1, AD_VALUE_MAX)

static const cyaml_schema_field_t place_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct worker_file_place, name, 1,
                           GPMQ_NAME_MAX),
    CYAML_FIELD_STRING_PTR("url", CYAML_FLAG_POINTER, struct worker_file_place, url, 1,
                           MESSAGE_TEXT_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t place_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct worker_file_place, place_fields),
};

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, MESSAGE_TEXT_MAX),
};

#define TEXTS(key, type, field, least, most)                                                       \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | (least ? 0 : CYAML_FLAG_OPTIONAL), type, field, \
                         &text_value, least, most)

static const cyaml_schema_field_t ad_fields[] = {
    AD_TEXT("domain", domain),
    TEXTS("servers", struct worker_file_ad, servers, 0, AD_SERVERS_MAX),
    AD_TEXT("user", user),
    AD_TEXT("keytab", keytab),
    AD_TEXT("password_file", password_file),
    AD_TEXT("ccache", ccache),
    AD_TEXT("auth", auth),
    AD_TEXT("tls", tls),
    AD_TEXT("ca", ca),
    AD_TEXT("sysvol", sysvol),
    CYAML_FIELD_UINT("timeout_s", CYAML_FLAG_OPTIONAL, struct worker_file_ad, timeout_s),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t domain_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct worker_file_domain, name, 1,
                           GPMQ_NAME_MAX),
    CYAML_FIELD_STRING_PTR("url", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                           struct worker_file_domain, url, 1, MESSAGE_TEXT_MAX),
    CYAML_FIELD_MAPPING_PTR("ad", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct worker_file_domain, ad, ad_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t domain_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct worker_file_domain, domain_fields),
};

static const cyaml_schema_field_t program_fields[] = {
    CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct worker_file_program, kind, 1,
                           GPMQ_KIND_MAX),
    TEXTS("command", struct worker_file_program, command, 1, EXECUTOR_WORDS_MAX),
    TEXTS("folders", struct worker_file_program, folders, 0, EXECUTOR_FOLDERS_MAX),
    CYAML_FIELD_UINT("memory_mb", CYAML_FLAG_OPTIONAL, struct worker_file_program, memory_mb),
    CYAML_FIELD_STRING_PTR("sandbox", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                           struct worker_file_program, sandbox, 1, MESSAGE_TEXT_MAX),
    CYAML_FIELD_BOOL("repeatable", CYAML_FLAG_OPTIONAL, struct worker_file_program, repeatable),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t program_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct worker_file_program, program_fields),
};

static const cyaml_schema_field_t file_fields[] = {
    TEXT("broker", broker),
    TEXT("name", name),
    TEXT("key", key),
    TEXT("server_key", server_key),
    TEXT("executor", executor),
    TEXT("templates", templates),
    TEXT("sandbox", sandbox),
    TEXT("log_level", log_level),
    NUMBER("executors", executors),
    NUMBER("credit", credit),
    NUMBER("memory_mb", memory_mb),
    NUMBER("cpu_s", cpu_s),
    NUMBER("open_files", open_files),
    NUMBER("drain_s", drain_s),
    PLACES("domains", domains, &domain_value),
    PLACES("repositories", repositories, &place_value),
    TEXTS("plugins", struct worker_file, plugins, 0, EXECUTOR_PLUGINS_MAX),
    CYAML_FIELD_SEQUENCE("programs", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct worker_file,
                         programs, &program_value, 0, EXECUTOR_PROGRAMS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct worker_file, file_fields),
};

int worker_file_load(struct worker_file **out, const char *path, struct gpmq_error *err)
{
    void *file = NULL;
    int rc = conf_load(path, &file_value, &file, err);
    if (!rc)
        *out = file;
    return rc;
}

void worker_file_free(struct worker_file **file_p)
{
    void *file = STEAL(*file_p);
    conf_free(&file_value, &file);
}
