/*
 * backend.h - worker messages become events.
 */
#ifndef GPMQ_BACKEND_H
#define GPMQ_BACKEND_H

#include "parts.h"

/* Takes what workers sent. Pieces of large results go straight to the store; a report that names a
 * result whose pieces are not all there is held back, so that its worker sends both again. */
step_fn backend_take;

#endif
