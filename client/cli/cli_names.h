/*
 * cli_names.h - which GPO or backup a person means.
 *
 * A word is a GUID in any case, braces optional, or a display name, compared without case. A list
 * of what there is comes as JSON, the content of a gpo.list or backup.list.
 */
#ifndef GPMQ_CLI_NAMES_H
#define GPMQ_CLI_NAMES_H

#include <jansson.h>

#include "gpmq/client.h"

/* A GPO or a backup. Text belongs to the list; never NULL. */
struct cli_entry {
    char id[GPMQ_GUID_TEXT_SIZE];     /* of the GPO, or of the backup */
    char gpo_id[GPMQ_GUID_TEXT_SIZE]; /* of a backup: the GPO it was made from */
    const char *name;                 /* display name */
    const char *time;                 /* ISO 8601 of a backup, or when a GPO was changed */
    const char *comment;
    const char *domain;
};

struct cli_entries {
    size_t count;
    struct cli_entry *items;
    size_t damaged; /* there, but not to be read, and so not listed */
    char *domain;   /* of a list of GPOs: the domain's name in the worker's settings */
    char *dns_name; /* of that domain. Of a list of backups: names mean those of this domain; NULL:
                     * of any */
    json_t *json;
};

/* Reads the content of a list. GPMQ_EMALFORMED: it is none. */
int cli_entries_read(struct cli_entries **out, const char *text, size_t size,
                     struct gpmq_error *err) GPMQ_CHECKED;
void cli_entries_free(struct cli_entries **entries_p);

/* Whether word is a GUID; out is its one written form, upper case in braces. */
bool cli_is_guid(const char *word, char out[GPMQ_GUID_TEXT_SIZE]);

/* The GPO that word names. GPMQ_ENOTFOUND with what is close, GPMQ_EAMBIGUOUS with the candidates.
 * where: the domain's name, for the text. */
int cli_find_gpo(const struct cli_entry **out, const struct cli_entries *entries, const char *word,
                 const char *where, struct gpmq_error *err) GPMQ_CHECKED;
/* The backup that word names: its id, or a display name, which means its newest; a name that
 * belongs to backups of several GPOs is ambiguous. With entries->dns_name a name means backups of
 * that domain only. */
int cli_find_backup(const struct cli_entry **out, const struct cli_entries *entries,
                    const char *word, const char *where, struct gpmq_error *err) GPMQ_CHECKED;

/* Whether no other backup of the same GPO and domain is newer. */
bool cli_is_newest(const struct cli_entries *entries, const struct cli_entry *entry);

#endif
