/*
 * sample_trip.h - one way that a real backup goes through a domain and out again: what the two
 * backups may differ in, each difference with its reason and with what the new value must be.
 *
 * The payload is compared byte for byte, as it lies on disk, without gpmq's reader. Of the
 * descriptions everything must be equal but for what the table `differences` of sample_trip.c
 * names for this way.
 */
#ifndef GPMQ_SAMPLE_TRIP_H
#define GPMQ_SAMPLE_TRIP_H

#include "ops_desk.h"

enum trip_way {
    WAY_IMPORT = 1 << 0,   /* imported into a new GPO of a new domain */
    WAY_RESTORE = 1 << 1,  /* restored over the GPO it was made of, which was spoilt meanwhile */
    WAY_UNDELETE = 1 << 2, /* restored after that GPO was deleted */
    WAY_HOME = 1 << 3,     /* a backup of Windows, restored into a domain like its own */
};

/* One backup on its way; all but wrong is the caller's. */
struct trip {
    struct desk *desk;
    enum trip_way way;
    const char *label;        /* for complaints */
    const char *from_path;    /* the repository of the original */
    struct gpmq_guid gpo_id;  /* of the GPO in the desk's domain */
    struct gpmq_guid copy_id; /* of the backup made of it, in the desk's repository */
    unsigned steps;           /* how often the version was counted up since the original */
    struct backup *original;
    struct backup *copy;
    size_t wrong;
};

/* Prints what is wrong and counts it. */
void trip_complain(struct trip *trip, const char *what, const char *a, const char *b);
/* Holds the copy against the original; returns how many files the original has. */
size_t trip_judge(struct trip *trip);

#endif
