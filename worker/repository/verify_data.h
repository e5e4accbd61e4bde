/*
 * verify_data.h - is the content of a backup's file what its name says? The formats that gpmq
 * knows, judged as strictly as what Windows writes allows, and no more: everything that the real
 * backups of $GPMQ_SAMPLES have is good.
 *
 * A text names the line or record, and why it is wrong.
 */
#ifndef GPMQ_VERIFY_DATA_H
#define GPMQ_VERIFY_DATA_H

#include <stddef.h>

#include "gpmq/error.h"

/* Judges the bytes of a file. GPMQ_EDAMAGED, GPMQ_EMALFORMED, GPMQ_ETOOBIG. */
typedef int verify_format(const void *bytes, size_t size, struct gpmq_error *err);

/* How to judge a file, by its path inside the GPT or its name in the backup's folder
 * ("gpreport.xml"); NULL: any content will do. */
verify_format *verify_format_of(const char *path);

/* The formats. */
verify_format verify_registry_pol; /* [MS-GPREG] */
verify_format verify_security;     /* GptTmpl.inf, [MS-GPSB] */
verify_format verify_audit;        /* audit.csv, [MS-GPAC] */
verify_format verify_scripts;      /* scripts.ini, psscripts.ini, [MS-GPSCR] */
verify_format verify_ini;          /* fdeploy.ini, fdeploy1.ini, oscfilter.ini */
verify_format verify_preferences;  /* Preferences/<area>/<area>.xml, [MS-GPPREF] */
verify_format verify_comments;     /* comment.cmtx */
verify_format verify_description;  /* GPO.cmt */
verify_format verify_report;       /* gpreport.xml */

#endif
