/*
 * ops_look.h - what operations left behind: the domain as bytes, GPOs compared, stops at every
 * question. What fails ends the test.
 */
#ifndef GPMQ_OPS_LOOK_H
#define GPMQ_OPS_LOOK_H

#include "ops_desk.h"

/* Text of a GUID, in a buffer that the next fifteen calls leave alone. */
const char *look_text(struct gpmq_guid id);
/* The live GPO of that name; gpo_free() it. */
struct gpo *look_named(const struct desk *desk, const char *name);
/* Appends a file's content. */
void look_file(struct bytes *out, const char *path);

/* Names and content of everything in the domain but the folder of locks; bytes_free() it. */
struct bytes look_snapshot(const struct desk *desk);
void look_unchanged(const struct desk *desk, const struct bytes *before);
/* Whether staged halves of a change of that GPO stayed behind. */
bool look_staged(const struct desk *desk, const char *gpo);
/* The same files with the same content, and the same extension names. */
void look_same_settings(const struct desk *desk, const struct gpo *a, const struct gpo *b);
/* The same DACL, whatever the owner. */
void look_same_dacl(const struct gpo *a, const struct gpo *b);

/* Runs it again and again, stopped at its first, second, ... question, with fences from that one
 * on, until it ends well: each stop leaves the domain as it was, and nothing staged of `gpo`. There
 * are more than four. */
void look_stopped_anywhere(struct desk *desk, const struct gpmq_request *request, const char *gpo,
                           uint64_t fence);

#endif
