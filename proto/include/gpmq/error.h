/*
 * gpmq/error.h - how a call says that it failed, and the words, HRESULTs and exit codes for it.
 *
 * A function returns 0 or one of the negative codes below; where it takes a struct gpmq_error and
 * that is not NULL, the code and one line of text are written there as well.
 * Everything here is reentrant; nothing allocates.
 */
#ifndef GPMQ_ERROR_H
#define GPMQ_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GPMQ_API     __attribute__((visibility("default")))
#define GPMQ_CHECKED __attribute__((warn_unused_result))

/* The numbers travel in messages and stay as they are; new ones are added at the end. */
enum gpmq_code {
    GPMQ_OK = 0,
    GPMQ_EINVAL = -1,        /* the request or an argument makes no sense */
    GPMQ_ENOMEM = -2,        /* no memory */
    GPMQ_ENOTFOUND = -3,     /* no such operation, GPO, backup, domain, repository */
    GPMQ_EEXIST = -4,        /* it is there already */
    GPMQ_EAMBIGUOUS = -5,    /* a name that fits several */
    GPMQ_ESTATE = -6,        /* not possible in the state it is in */
    GPMQ_ECONFLICT = -7,     /* the same id with another body */
    GPMQ_ESTORE = -8,        /* the broker's store failed; it restarts from what is on disk */
    GPMQ_EIO = -9,           /* a file, socket or directory could not be read or written */
    GPMQ_EDAMAGED = -10,     /* data that is there but wrong: corrupt, truncated, contradictory */
    GPMQ_ETOOBIG = -11,      /* over a named limit */
    GPMQ_EFULL = -12,        /* the queue or another bounded place is full; retry later */
    GPMQ_EDENIED = -13,      /* not allowed for this key or account */
    GPMQ_EVERSION = -14,     /* another version of the protocol, the store or a format */
    GPMQ_EMALFORMED = -15,   /* a message or file that breaks its grammar */
    GPMQ_ETIMEOUT = -16,     /* no answer in time */
    GPMQ_EUNREACHABLE = -17, /* the broker, worker or domain controller is not there */
    GPMQ_ESTOPPED = -18,     /* cancelled */
    GPMQ_ESTALE = -19,       /* a fence or epoch that another has passed */
    GPMQ_EBUSY = -20,        /* held by another; retry later */
    GPMQ_EUNSUPPORTED = -21, /* not known here: a kind, a type, a feature */
    GPMQ_ELOST = -22,        /* the worker or executor died */
    GPMQ_EEXPIRED = -23,     /* its deadline has passed */
    GPMQ_ENOSPACE = -24,     /* no room on a disk */
    GPMQ_EACCESS = -25,      /* the system refused access to a file or object */
    GPMQ_EPARTIAL = -26,     /* some of several failed */
    GPMQ_CODE_END = -27
};

/* Room for one line; longer text is cut at a character and ends in "...". */
#define GPMQ_ERROR_TEXT_SIZE 640

struct gpmq_error {
    int32_t code;                    /* one of enum gpmq_code; 0 when nothing failed */
    char text[GPMQ_ERROR_TEXT_SIZE]; /* what failed, on what, why; no newline; UTF-8 */
};

/* The word for a code, as in JSON and logs: "not_found". An unknown code: "unknown". Static. */
GPMQ_API const char *gpmq_code_name(int code);
/* The code that a word names, or GPMQ_EINVAL. */
GPMQ_API int gpmq_code_from_name(const char *name);
/* The HRESULT that stands for a code in a status frame; 0 is S_OK (MS-ERREF 2.1). */
GPMQ_API int32_t gpmq_code_hresult(int code);
/* The exit code of a command that ended with this code (docs/protocol.md, "Exit codes"). */
GPMQ_API int gpmq_code_exit(int code);
/* Whether the same request may succeed later without anybody changing it. */
GPMQ_API bool gpmq_code_retryable(int code);

/* HRESULTs that gpmq itself produces (MS-ERREF 2.1.1). */
#define GPMQ_S_OK             ((int32_t)0)
#define GPMQ_S_FALSE          ((int32_t)1)
#define GPMQ_HR_FAIL          ((int32_t)0x80004005)
#define GPMQ_HR_CANCELLED     ((int32_t)0x800704C7) /* HRESULT_FROM_WIN32(ERROR_CANCELLED) */
#define GPMQ_HR_TIMEOUT       ((int32_t)0x800705B4) /* HRESULT_FROM_WIN32(ERROR_TIMEOUT) */
#define GPMQ_HR_ACCESS_DENIED ((int32_t)0x80070005)
#define GPMQ_HR_INVALID_DATA  ((int32_t)0x8007000D)

#ifdef __cplusplus
}
#endif

#endif
