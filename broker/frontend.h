/*
 * frontend.h - client messages become events and questions.
 */
#ifndef GPMQ_FRONTEND_H
#define GPMQ_FRONTEND_H

#include "parts.h"

/* Takes what clients sent: submits and cancels go to the core, questions wait for the store. */
step_fn frontend_take;
/* Answers the round's questions from the store, which has the round's changes by now. */
step_fn frontend_answer;

#endif
