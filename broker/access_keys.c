/* access_keys.c - the keys that a folder admits. */
#include "access_keys.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#include "access.h"
#include "cleanup.h"
#include "fail.h"

struct access_keys {
    size_t count;
    struct curve_key keys[ACCESS_KEYS_MAX];
};

static const struct {
    enum curve_role role;
    const char *zap_domain;
} rights[] = {
    {CURVE_CLIENT, ACCESS_CONTROL}, {CURVE_CLIENT, ACCESS_STATUS}, {CURVE_ADMIN, ACCESS_CONTROL},
    {CURVE_ADMIN, ACCESS_STATUS},   {CURVE_WORKER, ACCESS_WORKER},
};

bool access_role_opens(enum curve_role role, const char *zap_domain)
{
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        if (rights[i].role == role && strcmp(rights[i].zap_domain, zap_domain) == 0)
            return true;
    return false;
}

static int judge(const struct access_keys *keys, const struct curve_key *key, const char *path,
                 struct gpmq_error *err)
{
    if (!*key->name)
        return fail(err, GPMQ_EINVAL,
                    "the key in %s has no name; make keys with `gpmq keys create`", path);
    if (key->role == CURVE_NO_ROLE)
        return fail(err, GPMQ_EINVAL, "the key in %s has no role of client, worker or admin", path);
    if (access_keys_named(keys, key->name))
        return fail(err, GPMQ_EINVAL, "two keys have the name '%s', one of them in %s", key->name,
                    path);
    return 0;
}

static int load_one(struct access_keys *keys, const char *folder, const char *file,
                    struct gpmq_error *err)
{
    char path[4096];
    size_t length = strlen(file);
    size_t suffix = strlen(CURVE_PUBLIC_SUFFIX);
    if (length <= suffix || strcmp(file + length - suffix, CURVE_PUBLIC_SUFFIX) != 0)
        return 0;
    if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
        return fail(err, GPMQ_ETOOBIG, "the name of a key in %s is too long", folder);
    if (keys->count == ACCESS_KEYS_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s holds more than %d keys", folder, ACCESS_KEYS_MAX);
    struct curve_key *key = &keys->keys[keys->count];
    int rc = curve_load(key, path, CURVE_PUBLIC, err);
    if (!rc)
        rc = judge(keys, key, path, err);
    if (!rc)
        keys->count++;
    return rc;
}

static void close_folder(DIR **folder_p)
{
    if (*folder_p)
        closedir(*folder_p);
}

int access_keys_load(struct access_keys **out, const char *folder, struct gpmq_error *err)
{
    CLEANUP(access_keys_free) struct access_keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        return fail(err, GPMQ_ENOMEM, "no memory for keys");
    if (folder) {
        CLEANUP(close_folder) DIR *dir = opendir(folder);
        if (!dir)
            return fail_errno(err, "cannot read the folder of keys %s", folder);
        struct stat stat;
        if (fstat(dirfd(dir), &stat) != 0)
            return fail_errno(err, "cannot look at the folder of keys %s", folder);
        if (stat.st_mode & S_IWOTH)
            return fail(err, GPMQ_EACCESS,
                        "anybody may write to the folder of keys %s, and so admit a key: "
                        "chmod o-w %s",
                        folder, folder);
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
            int rc = load_one(keys, folder, entry->d_name, err);
            if (rc)
                return rc;
        }
    }
    *out = STEAL(keys);
    return 0;
}

void access_keys_free(struct access_keys **keys_p)
{
    free(*keys_p);
    *keys_p = NULL;
}

const struct curve_key *access_keys_find(const struct access_keys *keys, const uint8_t bytes[32])
{
    char text[CURVE_KEY_SIZE];
    if (!zmq_z85_encode(text, bytes, 32))
        return NULL;
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].public_text, text) == 0)
            return &keys->keys[i];
    return NULL;
}

const struct curve_key *access_keys_named(const struct access_keys *keys, const char *name)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].name, name) == 0)
            return &keys->keys[i];
    return NULL;
}

size_t access_keys_count(const struct access_keys *keys)
{
    return keys->count;
}
