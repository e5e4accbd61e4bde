/* samples.c - walk over real backups. */
#include "samples.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define SAMPLE_PATH_SIZE 4096

static bool find_root(char path[SAMPLE_PATH_SIZE])
{
    const char *given = getenv("GPMQ_SAMPLES"), *source = getenv("GPMQ_SOURCE_DIR");
    struct stat stat_;
    if (given)
        snprintf(path, SAMPLE_PATH_SIZE, "%s", given);
    else
        snprintf(path, SAMPLE_PATH_SIZE, "%s/../shared/samples", source ? source : ".");
    return stat(path, &stat_) == 0;
}

static bool fits(const char *file, const char *name)
{
    size_t length = strlen(file), tail = strlen(name);
    if (!*name)
        return true;
    if (*name != '.')
        return strcasecmp(file, name) == 0;
    return length >= tail && strcasecmp(file + length - tail, name) == 0;
}

static void visit_file(const char *path, size_t size,
                       void (*visit)(void *arg, const char *path, const char *bytes, size_t size),
                       void *arg)
{
    FILE *file = fopen(path, "re");
    char *bytes = calloc(1, size + 1);
    if (file && bytes && fread(bytes, 1, size, file) == size)
        visit(arg, path, bytes, size);
    free(bytes);
    if (file)
        fclose(file);
}

bool samples_each(const char *name,
                  void (*visit)(void *arg, const char *path, const char *bytes, size_t size),
                  void *arg)
{
    char root[SAMPLE_PATH_SIZE];
    char *roots[] = {root, NULL};
    FTS *walk = find_root(root) ? fts_open(roots, FTS_PHYSICAL, NULL) : NULL;
    if (!walk)
        return false;
    for (FTSENT *entry; (entry = fts_read(walk));)
        if (entry->fts_info == FTS_F && fits(entry->fts_name, name))
            visit_file(entry->fts_path, (size_t)entry->fts_statp->st_size, visit, arg);
    fts_close(walk);
    return true;
}
