/* curve.c - CURVE keys: reading them, putting them on sockets. */
#include "curve.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#include "cleanup.h"
#include "fail.h"

/* A "draft" in the header only; Debian's libzmq 4.3.4 has it. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

static const char *const role_names[CURVE_ROLE_END] = {
    [CURVE_NO_ROLE] = "",      [CURVE_CLIENT] = "client", [CURVE_WORKER] = "worker",
    [CURVE_BROKER] = "broker", [CURVE_ADMIN] = "admin",
};

const char *curve_role_name(enum curve_role role)
{
    return role_names[role < CURVE_ROLE_END ? role : CURVE_NO_ROLE];
}

enum curve_role curve_role_from_name(const char *name)
{
    for (enum curve_role role = CURVE_NO_ROLE + 1; role < CURVE_ROLE_END; role++)
        if (strcmp(role_names[role], name) == 0)
            return role;
    return CURVE_NO_ROLE;
}

void curve_forget(struct curve_key *key)
{
    sodium_memzero(key, sizeof *key);
}

/* ---- ZPL ----------------------------------------------------------------------------------- */

/* Where the reader of a key file is. */
struct zpl {
    const char *path;
    char section[16]; /* "curve", "metadata": the last line that was not indented */
    unsigned line;
    struct curve_key *key;
};

static int copy_key(char *out, const char *value, const struct zpl *zpl, struct gpmq_error *err)
{
    uint8_t bytes[32];
    if (strlen(value) != CURVE_KEY_SIZE - 1 || !zmq_z85_decode(bytes, value))
        return fail(err, GPMQ_EMALFORMED,
                    "key file '%s', line %u: a key is 40 characters of Z85; make a new pair with "
                    "`gpmq keys create`",
                    zpl->path, zpl->line);
    sodium_memzero(bytes, sizeof bytes);
    memcpy(out, value, CURVE_KEY_SIZE);
    return 0;
}

static int take_value(struct zpl *zpl, const char *name, const char *value, struct gpmq_error *err)
{
    struct curve_key *key = zpl->key;
    if (strcmp(zpl->section, "curve") == 0) {
        if (strcmp(name, "public-key") == 0)
            return copy_key(key->public_text, value, zpl, err);
        if (strcmp(name, "secret-key") == 0)
            return copy_key(key->secret_text, value, zpl, err);
        return 0;
    }
    if (strcmp(zpl->section, "metadata") != 0)
        return 0;
    if (strcmp(name, "role") == 0)
        key->role = curve_role_from_name(value);
    if (strcmp(name, "name") != 0)
        return 0;
    if (strlen(value) > CURVE_NAME_MAX)
        return fail(err, GPMQ_EMALFORMED, "key file '%s', line %u: a name of more than %d bytes",
                    zpl->path, zpl->line, CURVE_NAME_MAX);
    memcpy(key->name, value, strlen(value) + 1);
    return 0;
}

/* Cuts blanks from both ends of text, in place. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \t\r", text[size - 1]))
        text[--size] = 0;
    return text;
}

/* The value without its quotes; NULL: a quote is open or something follows it. */
static char *unquote(char *value)
{
    if (*value != '"' && *value != '\'')
        return value;
    char *end = strchr(value + 1, *value);
    if (!end || *trim(end + 1))
        return NULL;
    *end = 0;
    return value + 1;
}

static int take_line(struct zpl *zpl, char *line, struct gpmq_error *err)
{
    zpl->line++;
    char *text = trim(line);
    bool indented = *line == ' ' || *line == '\t';
    if (*text == 0 || *text == '#')
        return 0;
    char *equals = strchr(text, '=');
    if (!equals) {
        if (!indented)
            snprintf(zpl->section, sizeof zpl->section, "%s", text);
        return 0;
    }
    *equals = 0;
    char *value = unquote(trim(equals + 1));
    if (!value)
        return fail(err, GPMQ_EMALFORMED, "key file '%s', line %u: the quotes do not match",
                    zpl->path, zpl->line);
    return indented ? take_value(zpl, trim(text), value, err) : 0;
}

static int take_lines(struct zpl *zpl, char *text, struct gpmq_error *err)
{
    while (text) {
        char *line = strsep(&text, "\n");
        int rc = take_line(zpl, line, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* ---- files --------------------------------------------------------------------------------- */

static void wipe(char (*text)[CURVE_FILE_MAX + 1])
{
    sodium_memzero(*text, sizeof *text);
}

static int read_file(int fd, const char *path, char text[CURVE_FILE_MAX + 1],
                     struct gpmq_error *err)
{
    size_t size = 0;
    for (;;) {
        ssize_t count = read(fd, text + size, CURVE_FILE_MAX + 1 - size);
        if (count < 0)
            return fail_errno(err, "cannot read key file '%s'", path);
        if (count == 0)
            break;
        size += (size_t)count;
        if (size > CURVE_FILE_MAX)
            return fail(err, GPMQ_ETOOBIG, "key file '%s' has more than %d bytes: it is none", path,
                        CURVE_FILE_MAX);
    }
    if (memchr(text, 0, size))
        return fail(err, GPMQ_EMALFORMED, "key file '%s' is no text", path);
    text[size] = 0;
    return 0;
}

/* What was read is whole, and nobody else could have read it. */
static int judge(struct curve_key *key, const char *path, mode_t mode, enum curve_need need,
                 struct gpmq_error *err)
{
    if (!key->public_text[0])
        return fail(err, GPMQ_EMALFORMED,
                    "'%s' is no key file: it has no public-key in its section curve", path);
    if (key->secret_text[0] && mode & 077)
        return fail(err, GPMQ_EACCESS,
                    "key file '%s' holds a secret and has mode %04o: others may read it; "
                    "run: chmod 600 '%s'",
                    path, (unsigned)mode & 07777, path);
    if (need == CURVE_PUBLIC) {
        sodium_memzero(key->secret_text, sizeof key->secret_text);
        return 0;
    }
    if (!key->secret_text[0])
        return fail(err, GPMQ_EINVAL,
                    "key file '%s' holds no secret key: name the file that ends in %s", path,
                    CURVE_SECRET_SUFFIX);
    char derived[CURVE_KEY_SIZE];
    if (zmq_curve_public(derived, key->secret_text) != 0 || strcmp(derived, key->public_text) != 0)
        return fail(err, GPMQ_EMALFORMED, "key file '%s': the two keys do not belong together",
                    path);
    key->has_secret = true;
    return 0;
}

int curve_load(struct curve_key *out, const char *path, enum curve_need need,
               struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_errno(err, "cannot open key file '%s'", path);
    struct stat about;
    if (fstat(fd, &about) != 0)
        return fail_errno(err, "cannot look at key file '%s'", path);
    if (!S_ISREG(about.st_mode))
        return fail(err, GPMQ_EINVAL, "key file '%s' is no file", path);

    CLEANUP(wipe) char text[CURVE_FILE_MAX + 1];
    CLEANUP(curve_forget) struct curve_key key = {0};
    struct zpl zpl = {.path = path, .key = &key};
    int rc = read_file(fd, path, text, err);
    if (!rc)
        rc = take_lines(&zpl, text, err);
    if (!rc)
        rc = judge(&key, path, about.st_mode, need, err);
    if (!rc)
        *out = key;
    return rc;
}

/* ---- sockets ------------------------------------------------------------------------------- */

static int set_text(void *socket, int option, const char *text)
{
    return zmq_setsockopt(socket, option, text, strlen(text) + 1);
}

int curve_server(void *socket, const struct curve_key *key, const char *zap_domain,
                 struct gpmq_error *err)
{
    const int yes = 1;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) != 0 ||
        set_text(socket, ZMQ_CURVE_SECRETKEY, key->secret_text) != 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, zap_domain, strlen(zap_domain)) != 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_ENFORCE_DOMAIN, &yes, sizeof yes) != 0)
        return fail_zmq(err, "cannot use CURVE key '%s'", key->name);
    return 0;
}

int curve_client(void *socket, const struct curve_key *key, const struct curve_key *server,
                 struct gpmq_error *err)
{
    if (set_text(socket, ZMQ_CURVE_SERVERKEY, server->public_text) != 0 ||
        set_text(socket, ZMQ_CURVE_PUBLICKEY, key->public_text) != 0 ||
        set_text(socket, ZMQ_CURVE_SECRETKEY, key->secret_text) != 0)
        return fail_zmq(err, "cannot use CURVE key '%s'", key->name);
    return 0;
}
