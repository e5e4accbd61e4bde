/* due.h - what happens because time has passed. */
#ifndef GPMQ_DUE_H
#define GPMQ_DUE_H

#include "core_state.h"

/* Everything whose time has come on either clock. */
void due_all(struct core *core);

#endif
