/*
 * xml_scan.h - looks over a document before a parser does: allocates nothing, believes nothing.
 */
#ifndef GPMQ_XML_SCAN_H
#define GPMQ_XML_SCAN_H

#include <stddef.h>

#include "gpmq/error.h"

/* Judges `size` bytes of UTF-8 against the limits of xml.h. A document that passes may still not be
 * well formed; one that is well formed, within the limits and without DOCTYPE passes.
 * GPMQ_EMALFORMED: a DOCTYPE, or something that is never closed. GPMQ_ETOOBIG names the limit. */
int xml_scan(const char *text, size_t size, struct gpmq_error *err) GPMQ_CHECKED;

#endif
