/* fuzz_certificate.c - any blob: what is a certificate has two names and a time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "cleanup.h"
#include "fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(certificate_free) struct certificate certificate = {0};
    const uint8_t *der;
    size_t der_size;
    if (certificate_in_blob(bytes, size, &der, &der_size, NULL) ||
        certificate_read(&certificate, der, der_size, NULL))
        return 0;
    if (strlen(certificate.expires) != 20 ||
        !fold_is_utf8(certificate.issued_to, strlen(certificate.issued_to)) ||
        !fold_is_utf8(certificate.issued_by, strlen(certificate.issued_by)))
        abort();
    return 0;
}
