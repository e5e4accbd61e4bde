/*
 * gpo.h - one Group Policy object in memory: its directory half (GPC) and the list of what its
 * SYSVOL half (GPT) holds. What a domain reads, a backup holds and an import writes.
 *
 * Paths inside a GPT use '/', have no leading '/', and keep the letter case that was read
 * ("Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"); they are compared without case.
 * GPT.INI is never in the list: its version is in the version numbers below.
 */
#ifndef GPMQ_GPO_H
#define GPMQ_GPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpmq/op.h"

#define GPO_PATH_MAX       4096         /* bytes of a path inside a GPT */
#define GPO_PATH_PART_MAX  255          /* bytes of one name in it */
#define GPO_DEPTH_MAX      64           /* names in one such path */
#define GPO_FILES_MAX      65536        /* files and folders of one GPO */
#define GPO_FILE_MAX       (1u << 30)   /* bytes of one file */
#define GPO_BYTES_MAX      (4ull << 30) /* bytes of all files of one GPO */
#define GPO_NAME_MAX       1024         /* bytes of a display name */
#define GPO_EXTENSIONS_MAX 65536        /* bytes of an extension-name attribute */
#define GPO_SD_MAX         65536        /* bytes of a security descriptor */

struct gpo_file {
    char *path;
    bool directory;
    uint64_t size_bytes; /* 0 for a directory */
};

/* One value of an attribute of a directory object below the GPC (class store, packages). */
struct gpo_ds_attribute {
    char *name; /* "msiFileList" */
    char *type; /* Backup.xml's element: "DSAttributeString", "DSAttributeBinary" ... */
    size_t value_count;
    char **values; /* as text; binary values in lower-case hex with spaces */
};

/* A directory object below the GPC, carried through backup and import unread ([MS-GPSI]). */
struct gpo_ds_object {
    char *path;                /* "cn=Class Store,%GPO_MACH_DSPATH%" */
    char *object_class;        /* "classStore" */
    char *source_path;         /* bkp:SourceExpandedPath */
    char *security_descriptor; /* hex text or NULL */
    size_t attribute_count;
    struct gpo_ds_attribute *attributes;
    size_t child_count;
    struct gpo_ds_object *children;
};

/* Version of one side: of the directory and of SYSVOL. */
struct gpo_version {
    uint16_t ds;
    uint16_t sysvol;
};

struct gpo {
    struct gpmq_guid id;
    char *display_name;
    char *domain; /* DNS name */
    struct gpmq_guid domain_guid;
    char *domain_controller; /* that it was read from */
    char *path;              /* DN of the GPC, or NULL */
    uint32_t options;        /* GPC flags: 1 user side off, 2 computer side off */
    uint32_t functionality;  /* gPCFunctionalityVersion: clients ignore all but 2; 0 of a backup */
    struct gpo_version user;
    struct gpo_version machine;
    char *machine_extensions; /* gPCMachineExtensionNames, "" when there are none */
    char *user_extensions;
    char *wmi_filter;             /* gPCWQLFilter "[dns;{guid};0]", or NULL */
    char *wmi_filter_name;        /* display name of that filter, or NULL */
    uint8_t *security_descriptor; /* self-relative ([MS-DTYP] 2.4.6), or NULL */
    size_t security_descriptor_size;
    int64_t created_unix_ms;
    int64_t modified_unix_ms;
    size_t file_count;
    struct gpo_file *files; /* sorted by path without case; a folder stands before its content */
    size_t ds_object_count;
    struct gpo_ds_object *ds_objects;
};

/* Lets go of a GPO and all it holds; takes NULL; leaves NULL. */
void gpo_free(struct gpo **gpo_p);
/* Lets go of directory objects and all below them; takes NULL. */
void gpo_free_ds_objects(struct gpo_ds_object *objects, size_t count);

/* Appends a file or folder; keeps no order (see gpo_sort_files). GPMQ_ETOOBIG: GPO_FILES_MAX. */
int gpo_add_file(struct gpo *gpo, const char *path, bool directory, uint64_t size_bytes,
                 struct gpmq_error *err) GPMQ_CHECKED;
/* Sorts by path without case, folders before their content. */
void gpo_sort_files(struct gpo *gpo);
/* The file with that path, compared without case, or NULL. */
const struct gpo_file *gpo_find_file(const struct gpo *gpo, const char *path);

/* Judges a path from outside: UTF-8, relative, '/' only, no empty, "." or ".." part, no control
 * character, no ':' or '\\', no part that ends in '.' or ' ', within the limits above.
 * GPMQ_EMALFORMED names the reason. */
int gpo_path_check(const char *path, struct gpmq_error *err) GPMQ_CHECKED;

/* Judges the sizes of all files, before one is read: a file of terabytes may take no room on the
 * disk it comes from. GPMQ_ETOOBIG: GPO_FILE_MAX, naming the file, or GPO_BYTES_MAX. */
int gpo_sizes_check(const struct gpo *gpo, struct gpmq_error *err) GPMQ_CHECKED;

/* Number of CSE groups "[{CSE}{tool}...]" in an extension-name attribute, whether or not it is
 * well formed otherwise. NULL and "" have none. */
size_t gpo_extension_count(const char *extensions);
/* Whether a CSE ("{827D319E-...}", any case) is registered in an extension-name attribute. */
bool gpo_extension_registered(const char *extensions, const char *cse);
/* The groups of an extension-name attribute in the order of their CSEs, as Windows keeps them;
 * what stands inside a group stays as it is, and so does text of spaces only. NULL gives "". free()
 * *out.
 * GPMQ_EMALFORMED: not [{CSE}{tool}...] groups only. GPMQ_ETOOBIG: GPO_EXTENSIONS_MAX. */
int gpo_extensions_sort(const char *extensions, char **out, struct gpmq_error *err) GPMQ_CHECKED;

/* versionNumber and GPT.INI's Version: user side in the high word ([MS-GPOL] 2.2.4). */
uint32_t gpo_version_pack(uint16_t user, uint16_t machine);

#endif
