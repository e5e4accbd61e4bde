/* worker_ad_url.h - an AD domain of the worker's settings as the one URL that all else takes. */
#ifndef GPMQ_WORKER_AD_URL_H
#define GPMQ_WORKER_AD_URL_H

#include "worker_file.h"

/* "ad:DOMAIN?KEY=VALUE..." of a mapping; without `domain` it is `name`. A path that begins with
 * "%d/" or "$CREDENTIALS_DIRECTORY/" is a credential that systemd hands to the worker's unit
 * (LoadCredential=). free() *out. GPMQ_EINVAL: a credential, and this process has none.
 * GPMQ_ETOOBIG: over MESSAGE_TEXT_MAX. What the keys say is judged by ad_settings_parse(). */
int worker_ad_url(char **out, const char *name, const struct worker_file_ad *ad,
                  struct gpmq_error *err) GPMQ_CHECKED;

#endif
