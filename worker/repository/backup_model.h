/*
 * backup_model.h - pieces of repository.h's structs, while they are put together.
 */
#ifndef GPMQ_BACKUP_MODEL_H
#define GPMQ_BACKUP_MODEL_H

#include "repository.h"

struct backup_extensions {
    size_t count;
    struct backup_extension *items;
};

struct backup_principals {
    size_t count;
    struct backup_principal *items;
};

/* Let go of what they hold, which is zero afterwards. */
void backup_extensions_free(struct backup_extensions *extensions);
void backup_principals_free(struct backup_principals *principals);
void backup_object_clear(struct backup_object *object);

/* The client-side extensions whose registration brings a handler into Backup.xml. */
#define BACKUP_CSE_RIS      "{3060E8D0-7020-11D2-842D-00C04FA372D4}"
#define BACKUP_CSE_FOLDERS  "{25537BA6-77A8-11D2-9B6C-0000F8080861}"
#define BACKUP_CSE_SCRIPTS  "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}"
#define BACKUP_CSE_SECURITY "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
#define BACKUP_CSE_SOFTWARE "{C6DC5466-785A-11D2-84D0-00C04FB169F7}"

#endif
