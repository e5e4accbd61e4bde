/* standalone.c - keeps a broker and a worker running while a command runs. */
#include "standalone.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

#include "cleanup.h"
#include "fail.h"
#include "standalone_role.h"

#define LOOK_MS    100   /* between two looks whether all runs */
#define DRAIN_MS   10000 /* what runs may take this long when the command has ended */
#define END_MS     7000  /* a role that was told to end has ended by then */
#define STARTS_MAX 10    /* of a role, by one command: more is no accident */

/* A role that is to run, and what it takes to start it again. */
struct kept {
    struct role role;
    char **argv; /* NULL: it is not to run */
    int starts;
};

struct standalone {
    struct standalone_folder folder;
    pthread_mutex_t mutex; /* over all that follows, and the folder's lock */
    struct kept broker;
    struct kept worker;
    struct standalone_places places;
    int worker_pipe[2]; /* the worker ends when [1] closes */
    int worker_lock;    /* what the worker inherits; -1: nothing */
    bool hurry;
    int stop; /* an eventfd, for the thread */
    bool has_keeper;
    pthread_t keeper;
};

/* ---- places -------------------------------------------------------------------------------- */

static int add_place(char **paths, size_t *count, const char *path, struct gpmq_error *err)
{
    if (!path || !*path)
        return 0;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(paths[i], path) == 0)
            return 0;
    if (*count == STANDALONE_PLACES_MAX)
        return fail(err, GPMQ_ETOOBIG, "more than %d folders of one sort: '%s' is over",
                    STANDALONE_PLACES_MAX, path);
    paths[*count] = strdup(path);
    if (!paths[*count])
        return fail(err, GPMQ_ENOMEM, "no memory for the folders to serve");
    (*count)++;
    return 0;
}

int standalone_places_add(struct standalone_places *places, const char *domain,
                          const char *repository, struct gpmq_error *err)
{
    int rc = add_place(places->domains, &places->domain_count, domain, err);
    return rc ? rc : add_place(places->repositories, &places->repository_count, repository, err);
}

void standalone_places_clear(struct standalone_places *places)
{
    for (size_t i = 0; i < places->domain_count; i++)
        free(STEAL(places->domains[i]));
    for (size_t i = 0; i < places->repository_count; i++)
        free(STEAL(places->repositories[i]));
    free(STEAL(places->templates));
    places->domain_count = places->repository_count = 0;
}

/* ---- command lines ------------------------------------------------------------------------- */

static void argv_free(char ***argv_p)
{
    char **argv = STEAL(*argv_p);
    for (size_t i = 0; argv && argv[i]; i++)
        free(argv[i]);
    free(argv);
}

/* "gpmq ROLE FOLDER", with room for `more` words and the NULL behind. */
static char **argv_new(const char *role, const char *folder, size_t more)
{
    char **argv = calloc(more + 4, sizeof *argv);
    if (!argv)
        return NULL;
    argv[0] = strdup("gpmq");
    argv[1] = strdup(role);
    argv[2] = strdup(folder);
    if (!argv[0] || !argv[1] || !argv[2])
        argv_free(&argv);
    return argv;
}

static bool add_word(char **argv, const char *before, const char *text)
{
    size_t count = 0;
    while (argv[count])
        count++;
    if (asprintf(&argv[count], "%s%s", before, text) >= 0)
        return true;
    argv[count] = NULL;
    return false;
}

static char **worker_argv(const struct standalone *standalone, bool owner)
{
    const struct standalone_places *places = &standalone->places;
    char name[64] = ROLE_WORKER_NAME;
    char **argv = argv_new(ROLE_WORKER, standalone->folder.path,
                           2 + places->domain_count + places->repository_count);
    if (!owner)
        snprintf(name, sizeof name, ROLE_WORKER_NAME "-%d", (int)getpid());
    bool good = argv && add_word(argv, "", name);
    for (size_t i = 0; good && i < places->domain_count; i++)
        good = add_word(argv, "domain=", places->domains[i]);
    for (size_t i = 0; good && i < places->repository_count; i++)
        good = add_word(argv, "repository=", places->repositories[i]);
    if (good && places->templates)
        good = add_word(argv, "templates=", places->templates);
    if (!good)
        argv_free(&argv);
    return argv;
}

/* ---- keeping them running ------------------------------------------------------------------ */

static int start(struct standalone *standalone, struct kept *kept, int parent, int lock,
                 const char *log, struct gpmq_error *err)
{
    char path[PATH_MAX + 16];
    if (!kept->argv || kept->starts >= STARTS_MAX || role_is_running(&kept->role))
        return 0;
    kept->starts++;
    snprintf(path, sizeof path, "%s/%s", standalone->folder.path, log);
    return role_start(&kept->role, kept->argv, parent, lock, path, err);
}

static int start_broker(struct standalone *standalone, struct gpmq_error *err)
{
    const struct standalone_folder *folder = &standalone->folder;
    pid_t before = standalone->broker.role.pid;
    int rc =
        start(standalone, &standalone->broker, folder->users_read, folder->lock, "broker.log", err);
    if (standalone->broker.role.pid != before)
        standalone_folder_name(folder, standalone->broker.role.pid);
    return rc;
}

static int start_worker(struct standalone *standalone, struct gpmq_error *err)
{
    return start(standalone, &standalone->worker, standalone->worker_pipe[0],
                 standalone->worker_lock, "worker.log", err);
}

/* What could not be started is tried again, up to STARTS_MAX; the client says what is missing. */
static void look(struct standalone *standalone)
{
    struct gpmq_error err;
    int rc = 0;
    pthread_mutex_lock(&standalone->mutex);
    if (standalone_folder_own(&standalone->folder))
        rc = start_broker(standalone, &err);
    if (!rc)
        rc = start_worker(standalone, &err);
    pthread_mutex_unlock(&standalone->mutex);
}

static void *keep(void *arg)
{
    struct standalone *standalone = arg;
    struct pollfd stop = {.fd = standalone->stop, .events = POLLIN};
    while (poll(&stop, 1, LOOK_MS) <= 0)
        look(standalone);
    return NULL;
}

/* Signals are the command's, not this thread's. */
static int start_keeper(struct standalone *standalone, struct gpmq_error *err)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&standalone->keeper, NULL, keep, standalone);
    int rc = errno ? fail_errno(err, "cannot start a thread") : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    standalone->has_keeper = !rc;
    return rc;
}

/* ---- opening ------------------------------------------------------------------------------- */

int standalone_open(struct standalone **out, struct gpmq_error *err)
{
    CLEANUP(standalone_close) struct standalone *standalone = calloc(1, sizeof *standalone);
    if (!standalone)
        return fail(err, GPMQ_ENOMEM, "no memory for a broker of our own");
    standalone->worker_pipe[0] = standalone->worker_pipe[1] = -1;
    standalone->worker_lock = standalone->stop = -1;
    standalone->broker.role.pid_fd = standalone->worker.role.pid_fd = -1;
    pthread_mutex_init(&standalone->mutex, NULL);
    int rc = standalone_folder_open(&standalone->folder, err);
    if (rc)
        return rc;
    standalone->broker.argv = argv_new(ROLE_BROKER, standalone->folder.path, 0);
    standalone->stop = eventfd(0, EFD_CLOEXEC);
    if (!standalone->broker.argv || standalone->stop < 0 ||
        pipe2(standalone->worker_pipe, O_CLOEXEC) != 0)
        return fail(err, GPMQ_ENOMEM, "cannot prepare a broker of our own");
    if (standalone_folder_own(&standalone->folder))
        rc = start_broker(standalone, err);
    if (!rc)
        rc = start_keeper(standalone, err);
    if (!rc)
        *out = STEAL(standalone);
    return rc;
}

bool standalone_is_owner(struct standalone *standalone)
{
    pthread_mutex_lock(&standalone->mutex);
    bool owner = standalone->folder.lock >= 0;
    pthread_mutex_unlock(&standalone->mutex);
    return owner;
}

int standalone_serve(struct standalone *standalone, struct standalone_places *places,
                     struct gpmq_error *err)
{
    pthread_mutex_lock(&standalone->mutex);
    bool owner = standalone->folder.lock >= 0;
    standalone->places = *places;
    *places = (struct standalone_places){.domain_count = 0};
    standalone->worker.argv = worker_argv(standalone, owner);
    standalone->worker_lock = standalone->folder.lock;
    int rc = standalone->worker.argv ? start_worker(standalone, err)
                                     : fail(err, GPMQ_ENOMEM, "no memory for a worker");
    pthread_mutex_unlock(&standalone->mutex);
    return rc;
}

void standalone_control_url(const struct standalone *standalone, char out[STANDALONE_URL_SIZE])
{
    standalone_folder_url(standalone->folder.path, "control", out);
}

int standalone_no_answer(struct standalone *standalone, struct gpmq_error *err)
{
    const char *folder = standalone->folder.path;
    int owner = standalone_folder_owner(&standalone->folder);
    if (!standalone_is_owner(standalone))
        return fail(err, GPMQ_EUNREACHABLE,
                    "the state folder '%s' has an owner, process %d, that does not answer; end it, "
                    "or set $XDG_STATE_HOME",
                    folder, owner);
    return fail(err, GPMQ_EUNREACHABLE, "our own broker does not answer; see '%s/broker.log'",
                folder);
}

/* ---- closing ------------------------------------------------------------------------------- */

void standalone_hurry(struct standalone *standalone)
{
    standalone->hurry = true;
}

/* Drains: also another command's operation may run on our worker. */
static void end_worker(struct standalone *standalone)
{
    struct role *worker = &standalone->worker.role;
    if (role_is_running(worker) && !standalone->hurry) {
        kill(worker->pid, SIGTERM);
        role_wait(worker, DRAIN_MS);
    }
    close_fd(&standalone->worker_pipe[1]);
    if (!role_wait(worker, END_MS)) {
        kill(worker->pid, SIGKILL);
        role_wait(worker, END_MS);
    }
    close_fd(&standalone->worker_pipe[0]);
}

void standalone_close(struct standalone **standalone_p)
{
    struct standalone *standalone = STEAL(*standalone_p);
    if (!standalone)
        return;
    if (standalone->has_keeper) {
        eventfd_write(standalone->stop, 1);
        pthread_join(standalone->keeper, NULL);
    }
    end_worker(standalone);
    standalone_folder_leave(&standalone->folder, END_MS);
    role_is_running(&standalone->broker.role); /* reaped, if it has ended */
    close_fd(&standalone->broker.role.pid_fd);
    close_fd(&standalone->stop);
    argv_free(&standalone->broker.argv);
    argv_free(&standalone->worker.argv);
    standalone_places_clear(&standalone->places);
    pthread_mutex_destroy(&standalone->mutex);
    free(standalone);
}
