/* run_input.c - what a request brings with it that is too large for its args. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fail.h"
#include "run.h"

static int read_all(int fd, uint8_t *bytes, size_t size, struct gpmq_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(fd, bytes + done, size - done, (off_t)done);
        if (got < 0)
            return fail_errno(err, "cannot read the operation's input");
        if (got == 0)
            return fail(err, GPMQ_EDAMAGED, "the operation's input is cut");
        done += (size_t)got;
    }
    return 0;
}

static int check_digest(const struct gpmq_request *request, const uint8_t *bytes,
                        struct gpmq_error *err)
{
    uint8_t digest[sizeof request->input_digest];
    crypto_generichash(digest, sizeof digest, bytes, request->input_size, NULL, 0);
    if (memcmp(digest, request->input_digest, sizeof digest) != 0)
        return fail(err, GPMQ_EDAMAGED,
                    "the operation's input does not have the digest of its request");
    return 0;
}

int run_input(struct run *run, void **out, size_t *size, struct gpmq_error *err)
{
    const struct gpmq_request *request = run_request(run);
    int fd = run_input_fd(run);
    if (!request->input_size || request->input_size > GPMQ_BLOB_MAX || fd < 0)
        return fail(err, GPMQ_EINVAL, "the request brought no input");
    CLEANUP(free_pointer) uint8_t *held = malloc(request->input_size);
    if (!held)
        return fail(err, GPMQ_ENOMEM, "no memory for the operation's input");
    int rc = read_all(fd, held, request->input_size, err);
    if (!rc)
        rc = check_digest(request, held, err);
    if (rc)
        return rc;
    *size = request->input_size;
    *out = STEAL(held);
    return 0;
}
