/* scratch.c - a temporary folder of one test. */
#include "scratch.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_make(struct scratch *scratch)
{
    const char *root = getenv("TMPDIR");
    snprintf(scratch->path, sizeof scratch->path, "%s/gpmq-test-XXXXXX",
             root && *root ? root : "/tmp");
    const char *made = mkdtemp(scratch->path);
    assert(made);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const struct scratch *scratch, const char *name,
                         char path[SCRATCH_PATH_SIZE])
{
    snprintf(path, SCRATCH_PATH_SIZE, "%s/%s", scratch->path, name);
    return path;
}

void scratch_write(const struct scratch *scratch, const char *name, const void *bytes, size_t size)
{
    char path[SCRATCH_PATH_SIZE];
    FILE *file = fopen(scratch_path(scratch, name, path), "we");
    assert(file);
    size_t written = fwrite(bytes, 1, size, file);
    int closed = fclose(file);
    assert(written == size && closed == 0);
}
