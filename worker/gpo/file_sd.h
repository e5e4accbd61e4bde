/*
 * file_sd.h - the permissions of a GPO's SYSVOL folder, derived from those of its directory object,
 * as Windows and Samba keep the two alike (GPMC: "ACL consistent"; Samba: dsacl2fsacl).
 *
 * Each ACE that allows or denies keeps its trustee and place, is inherited by files and folders,
 * and its directory rights become file rights: reading properties and listing gives reading;
 * writing properties gives writing; creating children gives adding; standard rights stay. The
 * control bit "protected" is set: nothing is inherited from Policies.
 */
#ifndef GPMQ_FILE_SD_H
#define GPMQ_FILE_SD_H

#include "sd.h"

/* File rights that an ACE with these directory rights means ([MS-ADTS] 5.1.3.2, [MS-DTYP] 2.4.3).
 */
uint32_t file_sd_mask(uint32_t ds_mask);
/* A self-relative descriptor with owner, group and DACL; free() *out. GPMQ_EINVAL: the directory's
 * has no owner, no group or no DACL. */
int file_sd_from_ds(const struct sd *ds, uint8_t **out, size_t *size,
                    struct gpmq_error *err) GPMQ_CHECKED;

#endif
