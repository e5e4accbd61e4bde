/* sysvol_acl.c - the talk with gpmq-sysvol-acl. */
#include "sysvol_acl.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ad_ticket.h"
#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "hex.h"

#define ANSWER_MAX (1u << 20)

/* One helper for a process, as there is one SMB connection: it outlives operations. */
static int helper_fd = -1;

/* ---- starting -------------------------------------------------------------------------------- */

/* Sleeps until there is something to do, then becomes the helper. */
static void become_helper(int fd, const char *program)
{
    struct pollfd first = {.fd = STDIN_FILENO, .events = POLLIN};
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0 ||
        close_range(STDERR_FILENO + 1, ~0u, 0) != 0)
        _exit(1);
    while (poll(&first, 1, -1) < 0 && errno == EINTR)
        continue;
    if (!(first.revents & POLLIN))
        _exit(0);
    execl(program, program, (char *)NULL);
    _exit(127);
}

int sysvol_acl_prepare(const char *program, struct gpmq_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail_errno(err, "cannot prepare the helper for permissions");
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        become_helper(ends[1], program);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return fail_errno(err, "cannot prepare the helper for permissions");
    }
    close_fd(&helper_fd);
    helper_fd = ends[0];
    return 0;
}

/* ---- talking --------------------------------------------------------------------------------- */

static int send_line(const char *text, struct gpmq_error *err)
{
    size_t size = strlen(text);
    while (size) {
        ssize_t put = send(helper_fd, text, size, MSG_NOSIGNAL);
        if (put < 0)
            return fail_errno(err, "cannot ask the helper gpmq-sysvol-acl");
        text += put;
        size -= (size_t)put;
    }
    return 0;
}

/* One line, within the time that a controller has for an answer and the helper for its start. */
static int receive_line(const struct ad_settings *settings, struct bytes *line,
                        struct gpmq_error *err)
{
    char piece[4096];
    struct pollfd more = {.fd = helper_fd, .events = POLLIN};
    while (!line->size || line->at[line->size - 1] != '\n') {
        int ready = poll(&more, 1, 2000 * settings->timeout_s);
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t got = ready > 0 ? recv(helper_fd, piece, sizeof piece, 0) : -1;
        if (ready == 0 || line->size > ANSWER_MAX) {
            close_fd(&helper_fd);
            return fail(err, GPMQ_EUNREACHABLE, "the helper gpmq-sysvol-acl does not answer");
        }
        if (got <= 0) {
            close_fd(&helper_fd);
            return fail(err, GPMQ_EUNSUPPORTED,
                        "the helper gpmq-sysvol-acl ended: is python3-samba installed?");
        }
        bytes_put(line, piece, (size_t)got);
        if (line->failed)
            return fail(err, GPMQ_ENOMEM, "no memory for an answer");
    }
    return 0;
}

static json_t *make_request(const struct ad_settings *settings, const char *server,
                            const char *path, const char *sd, const char *password)
{
    const char *ccache = settings->auth == AD_KERBEROS ? getenv("KRB5CCNAME") : NULL;
    size_t host = server[0] == '[' ? strcspn(server, "]") + 1 : strcspn(server, ":");
    int user = settings->user ? (int)strcspn(settings->user, "@") : 0;
    return json_pack("{s:s%, s:s, s:s, s:b, s:s?, s:s%, s:s?, s:o, s:s?}", "server", server, host,
                     "share", "sysvol", "realm", settings->realm, "kerberos",
                     settings->auth == AD_KERBEROS, "ccache", ccache, "user",
                     settings->user ? settings->user : "", (size_t)user, "password", password,
                     "path", json_sprintf("%s/Policies/%s", settings->domain, path), "sd", sd);
}

static const struct {
    uint32_t status;
    int code;
} meanings[] = {
    {0xC0000022, GPMQ_EACCESS},      {0xC0000034, GPMQ_ENOTFOUND},
    {0xC000003A, GPMQ_ENOTFOUND},    {0xC000006D, GPMQ_EDENIED},
    {0xC00000B5, GPMQ_EUNREACHABLE}, {0xC000020C, GPMQ_EUNREACHABLE},
    {0xC000020D, GPMQ_EUNREACHABLE}, {0xC0000236, GPMQ_EUNREACHABLE},
    {0xC000023C, GPMQ_EUNREACHABLE}, {0xC00000BE, GPMQ_EUNREACHABLE},
    {0xC0000061, GPMQ_EACCESS},      {0xC000005A, GPMQ_EACCESS},
};

static int judge_answer(const json_t *answer, const char *server, const char *path, char **sd,
                        struct gpmq_error *err)
{
    const char *text = NULL, *failed = NULL;
    json_int_t status = 0;
    if (json_unpack((json_t *)answer, "{s?s, s?s, s?I}", "sd", &text, "error", &failed, "status",
                    &status) != 0 ||
        (!text && !failed))
        return fail(err, GPMQ_EMALFORMED, "the helper gpmq-sysvol-acl gave an answer that is none");
    if (!failed) {
        *sd = strdup(text);
        return *sd ? 0 : fail(err, GPMQ_ENOMEM, "no memory for permissions");
    }
    int code = GPMQ_EIO;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].status == (uint32_t)status)
            code = meanings[i].code;
    return fail(err, code, "permissions of %s in SYSVOL of %s: %s", path, server, failed);
}

static int converse(const struct ad_settings *settings, const char *server, const char *path,
                    const char *sd, char **told, struct gpmq_error *err)
{
    CLEANUP(ad_password_free) char *password = NULL;
    CLEANUP(ad_password_free) char *line = NULL;
    CLEANUP(bytes_free) struct bytes answer = {0};
    if (helper_fd < 0)
        return fail(err, GPMQ_EUNSUPPORTED, "there is no helper gpmq-sysvol-acl");
    int rc = settings->password_file ? ad_password_read(settings, &password, err) : 0;
    if (rc)
        return rc;
    json_t *request = make_request(settings, server, path, sd, password);
    line = request ? json_dumps(request, JSON_COMPACT) : NULL;
    json_decref(request);
    if (!line)
        return fail(err, GPMQ_ENOMEM, "no memory to ask for permissions");
    rc = send_line(line, err);
    if (!rc)
        rc = send_line("\n", err);
    if (!rc)
        rc = receive_line(settings, &answer, err);
    if (rc)
        return rc;
    json_t *parsed = json_loadb((const char *)answer.at, answer.size, 0, NULL);
    rc = judge_answer(parsed, server, path, told, err);
    json_decref(parsed);
    return rc;
}

/* Hex without spaces. */
static char *plain_hex(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    char *text = malloc(2 * size + 1);
    for (size_t i = 0; text && i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", at[i]);
    return text;
}

int sysvol_acl_set(const struct ad_settings *settings, const char *server, const char *path,
                   const void *sd, size_t size, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *hex = plain_hex(sd, size);
    CLEANUP(free_pointer) char *told = NULL;
    return hex ? converse(settings, server, path, hex, &told, err)
               : fail(err, GPMQ_ENOMEM, "no memory for permissions");
}

int sysvol_acl_get(const struct ad_settings *settings, const char *server, const char *path,
                   uint8_t **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *told = NULL;
    int rc = converse(settings, server, path, NULL, &told, err);
    return rc ? rc : hex_parse(told, out, size, err);
}
