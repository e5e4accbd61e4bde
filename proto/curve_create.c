/* curve_create.c - makes a pair of key files. */
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <zmq.h>

#include "cleanup.h"
#include "curve.h"
#include "fail.h"

#define PATH_SIZE 4096

static int check_name(const char *name, struct gpmq_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._-";
    size_t size = strlen(name);
    if (size == 0 || size > CURVE_NAME_MAX || *name == '.' || strspn(name, allowed) != size)
        return fail(err, GPMQ_EINVAL,
                    "'%s' is no name for a key: use 1 to %d letters, digits, '.', '_' and '-', the "
                    "first of them no '.'",
                    name, CURVE_NAME_MAX);
    return 0;
}

static int key_text(const struct curve_key *key, bool secret, char *text, size_t size)
{
    return snprintf(text, size,
                    "#   ZeroMQ CURVE %s certificate, made by gpmq\n"
                    "%s\n"
                    "metadata\n"
                    "    name = \"%s\"\n"
                    "    role = \"%s\"\n"
                    "curve\n"
                    "    public-key = \"%s\"\n"
                    "%s%s%s",
                    secret ? "secret" : "public",
                    secret ? "#   Keep it to yourself: mode 0600, never sent anywhere.\n"
                           : "#   Give it to those who must know this key.\n",
                    key->name, curve_role_name(key->role), key->public_text,
                    secret ? "    secret-key = \"" : "", secret ? key->secret_text : "",
                    secret ? "\"\n" : "");
}

static int write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, text, size);
        if (count < 0)
            return -1;
        text += count;
        size -= (size_t)count;
    }
    return fsync(fd);
}

/* Writes a nameless file and gives it its name when it is complete: linkat() refuses a name that is
 * taken, so nothing is ever written over. */
static int publish(const char *folder, const char *path, mode_t mode, const char *text,
                   struct gpmq_error *err)
{
    char source[64];
    CLEANUP(close_fd) int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (fd < 0)
        return fail_errno(err, "cannot make a file in folder '%s'", folder);
    if (fchmod(fd, mode) != 0 || write_all(fd, text, strlen(text)) != 0)
        return fail_errno(err, "cannot write key file '%s'", path);
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0)
        return fail_errno(err, "cannot make key file '%s'", path);
    return 0;
}

static int publish_key(const struct curve_key *key, const char *folder, const char *path,
                       bool secret, struct gpmq_error *err)
{
    char text[1024];
    key_text(key, secret, text, sizeof text);
    int rc = publish(folder, path, secret ? 0600 : 0644, text, err);
    sodium_memzero(text, sizeof text);
    return rc;
}

static int check_absent(const char *path, struct gpmq_error *err)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return 0;
    return fail(err, GPMQ_EEXIST,
                "key file '%s' is there already and is not overwritten: choose another name, or "
                "move it away",
                path);
}

static int sync_folder(const char *folder, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return fail_errno(err, "cannot sync folder '%s'", folder);
    return 0;
}

/* The secret file is named last: a lone .pub is harmless, and removed when the other fails. */
static int publish_pair(const struct curve_key *key, const char *folder, struct gpmq_error *err)
{
    char public_path[PATH_SIZE], secret_path[PATH_SIZE];
    snprintf(public_path, sizeof public_path, "%s/%s" CURVE_PUBLIC_SUFFIX, folder, key->name);
    if (snprintf(secret_path, sizeof secret_path, "%s/%s" CURVE_SECRET_SUFFIX, folder, key->name) >=
        PATH_SIZE)
        return fail(err, GPMQ_ETOOBIG, "the path of folder '%s' is too long", folder);
    int rc = check_absent(public_path, err);
    if (!rc)
        rc = check_absent(secret_path, err);
    if (!rc)
        rc = publish_key(key, folder, public_path, false, err);
    if (rc)
        return rc;
    rc = publish_key(key, folder, secret_path, true, err);
    if (rc)
        unlink(public_path);
    else
        rc = sync_folder(folder, err);
    return rc;
}

int curve_create(struct curve_key *out, const char *folder, const char *name, enum curve_role role,
                 struct gpmq_error *err)
{
    int rc = check_name(name, err);
    if (rc)
        return rc;
    CLEANUP(curve_forget) struct curve_key key = {.role = role, .has_secret = true};
    memcpy(key.name, name, strlen(name) + 1);
    if (zmq_curve_keypair(key.public_text, key.secret_text) != 0)
        return fail_zmq(err, "cannot make a pair of keys");
    rc = publish_pair(&key, folder, err);
    if (!rc && out) {
        *out = key;
        out->has_secret = false;
        sodium_memzero(out->secret_text, sizeof out->secret_text);
    }
    return rc;
}
