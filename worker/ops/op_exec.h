/*
 * op_exec.h - an operation that is a program of the worker's owner ("exec" in the design).
 *
 * The program gets the request as one line of JSON (request_json.h) and says on descriptor 3 how
 * far it is (program_line.h). Exit code 0 is a good end; the table in op_exec.c says what others
 * are. To stop it, SIGTERM goes to it and to all that it has started; the worker kills what is left
 * after the grace.
 */
#ifndef GPMQ_OP_EXEC_H
#define GPMQ_OP_EXEC_H

#include "handler.h"

struct exec_program {
    const char *kind;
    bool repeatable;
    char *const *words; /* the command, ended by NULL */
};

/* Its handler. *program is borrowed while the handler is there. */
struct handler exec_handler(const struct exec_program *program);

#endif
