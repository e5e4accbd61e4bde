/*
 * migration_settings.h - the settings of a GPO that name accounts or UNC paths, each with its walk.
 *
 *     GptTmpl.inf            user rights, restricted groups and their members, trustees in the
 *                            SDDL of services, registry keys and files
 *     fdeploy1.ini           folder redirection: for whom, and where to; fdeploy.ini likewise
 *     scripts.ini            commands that are UNC paths; psscripts.ini likewise
 *     DACL                   of the GPO, and of packages
 *     packages               the files of software installation
 *
 * Registry policy, Preferences and everything else have no walk: GPMC's migration tables do not
 * reach them either. Bytes that the visitor changes nothing in come out as they went in.
 */
#ifndef GPMQ_MIGRATION_SETTINGS_H
#define GPMQ_MIGRATION_SETTINGS_H

#include "gpo.h"
#include "migration_visit.h"

/* The extension whose settings a file of the GPT holds ("Security"), if it has a walk; else NULL.
 * path: inside the GPT, in any case. Static. */
const char *migration_file_extension(const char *path);

/* Walks a file that migration_file_extension() knows, walk->object_path being its path, and appends
 * to *out what it becomes. *changed: not the same bytes. GPMQ_EMALFORMED names the line. */
int migration_file(const struct migration_walk *walk, const void *bytes, size_t size,
                   struct bytes *out, bool *changed, struct gpmq_error *err) GPMQ_CHECKED;

/* Walks a security descriptor's DACL. *out: what it becomes, to be free()d, or NULL when nothing
 * changed. GPMQ_EDAMAGED: it is none. GPMQ_ETOOBIG: its DACL would be over 64 KiB. */
int migration_dacl(const struct migration_walk *walk, const void *descriptor, size_t size,
                   uint8_t **out, size_t *out_size, struct gpmq_error *err) GPMQ_CHECKED;

/* Walks the directory objects of software installation and changes them in place: the files of
 * packages, and the descriptors of all. A descriptor that is none is left alone. */
int migration_software(const struct migration_walk *walk, struct gpo_ds_object *objects,
                       size_t count, struct gpmq_error *err) GPMQ_CHECKED;

/* The walks behind migration_file(), one for each kind of file. */
typedef int migration_file_walk(const struct migration_walk *walk, const void *bytes, size_t size,
                                struct bytes *out, bool *changed, struct gpmq_error *err);
migration_file_walk migration_security;
migration_file_walk migration_folders;
migration_file_walk migration_scripts;

/* Walks the trustees of SDDL text, which may have quotes around it, and appends to *out what it
 * becomes. What is no SDDL is passed over. Well-known accounts and words of another domain than
 * walk->domain are no accounts here. */
int migration_sddl(const struct migration_walk *walk, const char *text, const char *settings_name,
                   struct bytes *out, bool *changed, struct gpmq_error *err) GPMQ_CHECKED;

#endif
