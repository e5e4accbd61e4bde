/* worker_doctor.h - what is wrong with the places of a worker's settings, seen as its account. */
#ifndef GPMQ_WORKER_DOCTOR_H
#define GPMQ_WORKER_DOCTOR_H

#include "executor.h"

/* Looks at every domain and repository, and prints what doctor.h has. A domain on the network is
 * looked at by the executor's program, which alone links what it takes. Returns the exit code: 0,
 * or 1 where there is a problem. */
int worker_doctor(const struct executor_pool_config *config, bool json, bool may_write);

#endif
