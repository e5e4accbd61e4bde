/*
 * rsop_notes.h - what a reader of a plan must know of how it came about.
 */
#ifndef GPMQ_RSOP_NOTES_H
#define GPMQ_RSOP_NOTES_H

#include "rsop.h"

/* Adds to the notes what shows only in the result: WMI filters whose answer was assumed, GPOs
 * without a descriptor, loopback that the computer's policy sets otherwise, targeting. */
int rsop_note_findings(struct rsop *rsop, struct gpmq_error *err) GPMQ_CHECKED;

#endif
