/*
 * standalone.h - a broker and a worker of our own, while no broker is configured.
 *
 * The first command owns the state folder and runs the broker; others use it. Each command runs a
 * worker for the folders that it names. What ends before its time is started again, by another
 * command if it must be. When the last command ends, also by SIGKILL, all of it ends.
 *
 * Threads: one at a time; a thread inside keeps the roles running.
 */
#ifndef GPMQ_STANDALONE_H
#define GPMQ_STANDALONE_H

#include <stdbool.h>
#include <stddef.h>

#include "gpmq/error.h"
#include "standalone_folder.h"

#define STANDALONE_PLACES_MAX 64 /* domains, and as many repositories: what a worker serves */

/* The folders that a worker is to serve. Text is owned. */
struct standalone_places {
    size_t domain_count;
    char *domains[STANDALONE_PLACES_MAX];
    size_t repository_count;
    char *repositories[STANDALONE_PLACES_MAX];
    char *templates; /* folder of administrative templates; NULL: none */
};

/* Adds absolute paths, each once; "" and NULL are none. GPMQ_ETOOBIG: there is no room. */
int standalone_places_add(struct standalone_places *places, const char *domain,
                          const char *repository, struct gpmq_error *err) GPMQ_CHECKED;
void standalone_places_clear(struct standalone_places *places);

struct standalone;

/* Owns the state folder and starts a broker, or finds the one that is there. The broker may need a
 * moment until it answers. As standalone_folder_open(). */
int standalone_open(struct standalone **out, struct gpmq_error *err) GPMQ_CHECKED;
/* Lets what runs end, at most 10 s, then stops it; waits until all that we started has ended. */
void standalone_close(struct standalone **standalone_p);

/* Whether the broker is ours: then whatever has not ended was interrupted. */
bool standalone_is_owner(struct standalone *standalone);
/* Starts a worker for these places, once; *places is taken over. */
int standalone_serve(struct standalone *standalone, struct standalone_places *places,
                     struct gpmq_error *err) GPMQ_CHECKED;
/* The user leaves: standalone_close() does not wait for what runs. */
void standalone_hurry(struct standalone *standalone);

void standalone_control_url(const struct standalone *standalone, char out[STANDALONE_URL_SIZE]);
/* Why the broker does not answer, as far as we know; returns GPMQ_EUNREACHABLE. */
int standalone_no_answer(struct standalone *standalone, struct gpmq_error *err);

#endif
