/* worker_file.h - the worker's settings as a YAML file has them. */
#ifndef GPMQ_WORKER_FILE_H
#define GPMQ_WORKER_FILE_H

#include "gpmq/error.h"

struct worker_file_place {
    char *name;
    char *url;
};

/* An Active Directory domain, by the keys of ad_settings.h. */
struct worker_file_ad {
    char *domain;
    char **servers;
    uint32_t servers_count;
    char *user;
    char *keytab;
    char *password_file;
    char *ccache;
    char *auth;
    char *tls;
    char *ca;
    char *sysvol;
    uint32_t timeout_s;
};

/* url or ad. */
struct worker_file_domain {
    char *name;
    char *url;
    struct worker_file_ad *ad;
};

struct worker_file_program {
    char *kind;
    char **command;
    uint32_t command_count;
    char **folders;
    uint32_t folders_count;
    uint32_t memory_mb;
    char *sandbox;
    bool repeatable;
};

/* Zero and NULL: not given. */
struct worker_file {
    char *broker;
    char *name;
    char *key;
    char *server_key;
    char *executor;
    char *templates;
    char *sandbox;
    char *log_level;
    uint32_t executors;
    uint32_t credit;
    uint32_t memory_mb;
    uint32_t cpu_s;
    uint32_t open_files;
    uint32_t drain_s;
    struct worker_file_domain *domains;
    uint32_t domains_count;
    struct worker_file_place *repositories;
    uint32_t repositories_count;
    char **plugins;
    uint32_t plugins_count;
    struct worker_file_program *programs;
    uint32_t programs_count;
};

/* Let *out go with worker_file_free(). As conf_load(). */
int worker_file_load(struct worker_file **out, const char *path,
                     struct gpmq_error *err) GPMQ_CHECKED;
void worker_file_free(struct worker_file **file_p);

#endif
