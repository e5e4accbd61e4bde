/*
 * warn.h - something that the operation leaves out or that its caller should look at; it goes on.
 */
#ifndef GPMQ_WARN_H
#define GPMQ_WARN_H

#include "run.h"

/* A message without codes: about a GPO (or another object), and what of it ("WMI filter"). */
void warn_gpo(struct run *run, const struct gpmq_guid *gpo, const char *settings_name,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
