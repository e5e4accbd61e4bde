/* domain_kind_folder.c - a folder for each test. */
#include <stdio.h>

#include "domain_kind.h"

static int make(const struct scratch *scratch, char *url, size_t room, struct gpmq_error *err)
{
    struct domain_create_options options = {.dns_name = "example.test"};
    char path[SCRATCH_PATH_SIZE];
    snprintf(url, room, "folder:%s", scratch_path(scratch, "domain", path));
    return domain_create(path, &options, err);
}

const struct domain_kind domain_kind = {.name = "folder", .carries_patterns = true, .make = make};
