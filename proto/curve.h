/*
 * curve.h - CURVE keys: make them, read them, put them on a socket.
 *
 * A key file is what czmq's zcert writes (ZPL): `metadata` with `name` and `role`, `curve` with
 * `public-key` and, in the secret file, `secret-key`, each 40 characters of Z85. czmq reads ours,
 * we read czmq's. A file with a secret must be readable by its owner alone, or it is refused.
 */
#ifndef GPMQ_CURVE_H
#define GPMQ_CURVE_H

#include "gpmq/error.h"

#define CURVE_KEY_SIZE      41    /* Z85 text of a key, and NUL */
#define CURVE_NAME_MAX      64    /* bytes of a key's name */
#define CURVE_FILE_MAX      16384 /* bytes of a key file */
#define CURVE_PUBLIC_SUFFIX ".pub"
#define CURVE_SECRET_SUFFIX ".key"

/* What the owner of a key may be. */
enum curve_role {
    CURVE_NO_ROLE = 0, /* the file names none, or one that is not known here */
    CURVE_CLIENT,
    CURVE_WORKER,
    CURVE_BROKER,
    CURVE_ADMIN, /* a client that may also cancel what others submitted */
    CURVE_ROLE_END
};

/* "client", "worker", "broker", "admin"; "" for none. Static. */
const char *curve_role_name(enum curve_role role);
/* The role with that name, or CURVE_NO_ROLE. */
enum curve_role curve_role_from_name(const char *name);

struct curve_key {
    char name[CURVE_NAME_MAX + 1]; /* "" when the file names none */
    enum curve_role role;
    bool has_secret;
    char public_text[CURVE_KEY_SIZE];
    char secret_text[CURVE_KEY_SIZE]; /* "" without has_secret */
};

/* Overwrites the secret in *key. For CLEANUP(). */
void curve_forget(struct curve_key *key);

enum curve_need {
    CURVE_PUBLIC = 1, /* the public key is enough; a secret in the file is not taken over */
    CURVE_SECRET
};

/* Reads a key file. GPMQ_ENOTFOUND, GPMQ_EACCESS (also: others may read a secret), GPMQ_EINVAL (no
 * secret in it), GPMQ_ETOOBIG, GPMQ_EMALFORMED names the line. */
int curve_load(struct curve_key *out, const char *path, enum curve_need need,
               struct gpmq_error *err) GPMQ_CHECKED;

/* Makes a socket, before it binds, a CURVE server in zap_domain, which fails closed: without a ZAP
 * handler that admits it, nobody connects. */
int curve_server(void *socket, const struct curve_key *key, const char *zap_domain,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* Makes a socket, before it connects, a CURVE client of the server with that public key. */
int curve_client(void *socket, const struct curve_key *key, const struct curve_key *server,
                 struct gpmq_error *err) GPMQ_CHECKED;

/* Makes a new pair: FOLDER/NAME.key (secret, mode 0600) and FOLDER/NAME.pub. Complete or absent,
 * and never over a file that is there: GPMQ_EEXIST. GPMQ_EINVAL: name has other characters than
 * letters, digits, '.', '_' and '-', begins with '.', or is too long. *out (may be NULL) is the
 * public half.
 */
int curve_create(struct curve_key *out, const char *folder, const char *name, enum curve_role role,
                 struct gpmq_error *err) GPMQ_CHECKED;

#endif
