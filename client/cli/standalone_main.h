/* standalone_main.h - what this program does as its own broker or worker. */
#ifndef GPMQ_STANDALONE_MAIN_H
#define GPMQ_STANDALONE_MAIN_H

#include <stdbool.h>

/* Whether argv asks for one of the roles of standalone_role.h. */
bool standalone_main_is_role(int argc, char **argv);
/* Runs it to its end; returns the exit code. */
int standalone_main(int argc, char **argv);

#endif
