/*
 * fuzz_conf.c - settings from any file: taken whole or refused with the file's name, never a crash.
 * The first byte says whose settings they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "broker_config.h"
#include "cleanup.h"
#include "worker_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_worker(char **argv)
{
    CLEANUP(worker_config_free) struct worker_config config = {0};
    struct gpmq_error err = {0};
    int rc = worker_config_read(&config, 3, argv, &err);
    if (rc && !err.text[0])
        abort();
}

static void read_broker(char **argv)
{
    CLEANUP(broker_config_free) struct broker_config config = {0};
    struct gpmq_error err = {0};
    int rc = broker_config_read(&config, 3, argv, &err);
    if (rc && !err.text[0])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    char *argv[] = {(char *)"gpmq", (char *)"--config", path, NULL};
    int fd = size ? memfd_create("settings", MFD_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    if (write(fd, bytes + 1, size - 1) == (ssize_t)(size - 1)) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        (*bytes & 1 ? read_worker : read_broker)(argv);
    }
    close(fd);
    return 0;
}
