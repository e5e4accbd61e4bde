/* fuzz_rsop_args.c - any text as the args of gpo.rsop: judged, or read so that planning may rely on
 * it. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rsop_args.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_subject(const struct rsop_ask_subject *subject)
{
    if ((subject->account && !*subject->account) || (subject->container && !*subject->container) ||
        (subject->group_count && !subject->replace_groups))
        abort();
    for (size_t i = 0; i < subject->group_count; i++)
        if (!subject->groups[i])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(free_pointer) char *text = strndup((const char *)bytes, size);
    CLEANUP(free_pointer) struct rsop_args *args = calloc(1, sizeof *args);
    struct gpmq_error err;
    if (!text || !args)
        return 0;
    if (rsop_args_read(args, text, &err) == 0) {
        const struct rsop_ask_subject *computer = &args->ask.subjects[RSOP_COMPUTER];
        const struct rsop_ask_subject *user = &args->ask.subjects[RSOP_USER];
        check_subject(computer);
        check_subject(user);
        if (!computer->account && !computer->container && !user->account && !user->container)
            abort();
    }
    rsop_args_free(args);
    return 0;
}
