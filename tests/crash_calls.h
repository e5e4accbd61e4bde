/*
 * crash_calls.h - the calls of this process that change a disk are counted, and at one of them it
 * dies by SIGKILL, before that call is made.
 *
 * For tests made by gpmq_crash_test() (domain.cmake), which wraps write, fsync, mkdirat, unlinkat,
 * renameat, renameat2 and beneath_open with O_CREAT. An fsync is counted but not done: what a
 * killed process wrote stays, synced or not.
 */
#ifndef GPMQ_CRASH_CALLS_H
#define GPMQ_CRASH_CALLS_H

#include <stdbool.h>

/* Counts anew, and dies at that call; 0: never. */
void crash_at(long call);
/* As on a file system that cannot exchange two names. */
void crash_without_exchange(bool without);

#endif
