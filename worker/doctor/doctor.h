/*
 * doctor.h - what a doctor says of one place after the other: a line for each thing that it looked
 * at, with what to do where something is wrong.
 *
 *     ok        corp  clock    this machine is 0 s ahead of dc1.example.org
 *     problem   corp  login    wrong password or key
 *                              -> check user and password_file
 *
 * As JSON, an object a line: {"place", "check", "state": "ok" | "warning" | "problem" | "skipped",
 * "text", "advice"}; advice is left out where there is none.
 */
#ifndef GPMQ_DOCTOR_H
#define GPMQ_DOCTOR_H

#include <stdbool.h>

#include "gpmq/error.h"

enum doctor_state {
    DOCTOR_OK,
    DOCTOR_WARNING, /* works, but something will not, or not for long */
    DOCTOR_PROBLEM,
    DOCTOR_SKIPPED, /* was not looked at */
};

struct doctor {
    const char *place; /* name of the domain or repository */
    bool json;
    bool may_write; /* a temporary folder may be made to see whether that works */
    unsigned problems;
};

/* A line on stdout. advice: what to do; NULL: nothing. */
void doctor_say(struct doctor *doctor, enum doctor_state state, const char *check,
                const char *advice, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A folder that a repository or a folder domain is: there, readable, writable, room on its disk. */
void doctor_folder(struct doctor *doctor, const char *folder);

#endif
