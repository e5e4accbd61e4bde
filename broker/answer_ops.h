/*
 * answer_ops.h - answers about operations: their rows, requests and results.
 */
#ifndef GPMQ_ANSWER_OPS_H
#define GPMQ_ANSWER_OPS_H

#include "questions.h"

/* Rows of given ids; what is not known is left out. */
void answer_query(struct parts *parts, const struct question *question);
/* A page of rows, newest first. */
void answer_list(struct parts *parts, const struct question *question);
/* A piece of a result's content. */
void answer_fetch(struct parts *parts, const struct question *question);

#endif
