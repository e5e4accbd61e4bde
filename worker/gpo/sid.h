/*
 * sid.h - security identifiers ([MS-DTYP] 2.4.2): binary as in directories and descriptors, text
 * as people and Backup.xml write them ("S-1-5-21-1603021367-609224540-1562392230-512").
 */
#ifndef GPMQ_SID_H
#define GPMQ_SID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpmq/error.h"

#define SID_PARTS_MAX 15 /* sub-authorities */
#define SID_SIZE_MAX  (8 + 4 * SID_PARTS_MAX)
#define SID_TEXT_SIZE (2 + 4 + 15 + 11 * SID_PARTS_MAX + 1)

struct sid {
    size_t size; /* 8 .. SID_SIZE_MAX */
    uint8_t bytes[SID_SIZE_MAX];
};

/* How many of the `room` bytes at `bytes` the SID there takes; 0: none is there. */
size_t sid_measure(const uint8_t *bytes, size_t room);
/* GPMQ_EDAMAGED: the bytes are not exactly one SID. */
int sid_read(struct sid *out, const void *bytes, size_t size, struct gpmq_error *err) GPMQ_CHECKED;
/* GPMQ_EINVAL: not "S-1-authority-..." with decimal parts (authority also 0x and hex). */
int sid_parse(struct sid *out, const char *text, struct gpmq_error *err) GPMQ_CHECKED;
/* Writes the text form; returns text. */
const char *sid_text(const struct sid *sid, char text[SID_TEXT_SIZE]);
bool sid_equal(const struct sid *a, const struct sid *b);
/* The domain's SID with one more part: GPMQ_EINVAL when that would be too many. */
int sid_append(struct sid *out, const struct sid *domain, uint32_t rid,
               struct gpmq_error *err) GPMQ_CHECKED;

#endif
