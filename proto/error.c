/* error.c - the table of error codes. */
#include "gpmq/error.h"

#include <string.h>

struct code_row {
    const char *name;
    uint32_t hresult;
    int exit_code;
    bool retryable;
};

/* clang-format off */
static const struct code_row rows[] = {
    [-GPMQ_OK]           = {"ok",          0x00000000, 0, false},
    [-GPMQ_EINVAL]       = {"invalid",     0x80070057, 2, false}, /* E_INVALIDARG */
    [-GPMQ_ENOMEM]       = {"no_memory",   0x8007000E, 1, true},  /* E_OUTOFMEMORY */
    [-GPMQ_ENOTFOUND]    = {"not_found",   0x80070490, 1, false}, /* ERROR_NOT_FOUND */
    [-GPMQ_EEXIST]       = {"exists",      0x800700B7, 1, false}, /* ERROR_ALREADY_EXISTS */
    [-GPMQ_EAMBIGUOUS]   = {"ambiguous",   0x80070057, 2, false}, /* E_INVALIDARG */
    [-GPMQ_ESTATE]       = {"wrong_state", 0x8007139F, 1, false}, /* ERROR_INVALID_STATE */
    [-GPMQ_ECONFLICT]    = {"conflict",    0x80070057, 5, false}, /* E_INVALIDARG */
    [-GPMQ_ESTORE]       = {"store",       0x8007045D, 5, true},  /* ERROR_IO_DEVICE */
    [-GPMQ_EIO]          = {"io",          0x8007001D, 1, true},  /* ERROR_WRITE_FAULT */
    [-GPMQ_EDAMAGED]     = {"damaged",     0x8007000D, 9, false}, /* ERROR_INVALID_DATA */
    [-GPMQ_ETOOBIG]      = {"too_big",     0x800700DF, 5, false}, /* ERROR_FILE_TOO_LARGE */
    [-GPMQ_EFULL]        = {"full",        0x800705AA, 5, true},  /* ERROR_NO_SYSTEM_RESOURCES */
    [-GPMQ_EDENIED]      = {"denied",      0x80070005, 6, false}, /* E_ACCESSDENIED */
    [-GPMQ_EVERSION]     = {"version",     0x80070032, 7, false}, /* ERROR_NOT_SUPPORTED */
    [-GPMQ_EMALFORMED]   = {"malformed",   0x8007000D, 1, false}, /* ERROR_INVALID_DATA */
    [-GPMQ_ETIMEOUT]     = {"timeout",     0x800705B4, 8, true},  /* ERROR_TIMEOUT */
    [-GPMQ_EUNREACHABLE] = {"unreachable", 0x800704D0, 7, true},  /* ERROR_HOST_UNREACHABLE */
    [-GPMQ_ESTOPPED]     = {"stopped",     0x800704C7, 4, false}, /* ERROR_CANCELLED */
    [-GPMQ_ESTALE]       = {"stale",       0x8007139F, 1, false}, /* ERROR_INVALID_STATE */
    [-GPMQ_EBUSY]        = {"busy",        0x800700AA, 1, true},  /* ERROR_BUSY */
    [-GPMQ_EUNSUPPORTED] = {"unsupported", 0x80070032, 5, false}, /* ERROR_NOT_SUPPORTED */
    [-GPMQ_ELOST]        = {"lost",        0x8007042B, 1, true},  /* ERROR_PROCESS_ABORTED */
    [-GPMQ_EEXPIRED]     = {"expired",     0x800705B4, 8, false}, /* ERROR_TIMEOUT */
    [-GPMQ_ENOSPACE]     = {"no_space",    0x80070070, 1, true},  /* ERROR_DISK_FULL */
    [-GPMQ_EACCESS]      = {"access",      0x80070005, 1, false}, /* E_ACCESSDENIED */
    [-GPMQ_EPARTIAL]     = {"partial",     0x8007012B, 3, false}, /* ERROR_PARTIAL_COPY */
};
/* clang-format on */

_Static_assert(sizeof rows / sizeof rows[0] == -GPMQ_CODE_END, "one row per code");

static const struct code_row *row_of(int code)
{
    if (code > 0 || code <= GPMQ_CODE_END)
        return NULL;
    return &rows[-code];
}

const char *gpmq_code_name(int code)
{
    const struct code_row *row = row_of(code);
    return row ? row->name : "unknown";
}

int gpmq_code_from_name(const char *name)
{
    for (int code = 0; code > GPMQ_CODE_END; code--)
        if (name && strcmp(rows[-code].name, name) == 0)
            return code;
    return GPMQ_EINVAL;
}

int32_t gpmq_code_hresult(int code)
{
    const struct code_row *row = row_of(code);
    return row ? (int32_t)row->hresult : GPMQ_HR_FAIL;
}

int gpmq_code_exit(int code)
{
    const struct code_row *row = row_of(code);
    return row ? row->exit_code : 1;
}

bool gpmq_code_retryable(int code)
{
    const struct code_row *row = row_of(code);
    return row && row->retryable;
}
