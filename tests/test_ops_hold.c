/* Every operation that reads a backup holds it to its end: asked at the moment when it lets its
 * repository go. repository_close() is wrapped by the linker (tests/worker.cmake). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_desk.h"

#define SOURCE "Users - Logon script"

static const char *watched_path; /* the repository; NULL: nobody asks */
static struct gpmq_guid watched; /* the backup */
static int answer;               /* what its removal said when the operation ended */

void __real_repository_close(struct repository **repository_p);
void __wrap_repository_close(struct repository **repository_p);

void __wrap_repository_close(struct repository **repository_p)
{
    const char *path = watched_path;
    watched_path = NULL;
    if (*repository_p && path) {
        struct repository *other = NULL;
        assert_int_equal(repository_open(&other, path, false, NULL), 0);
        answer = repository_remove(other, &watched, NULL);
        __real_repository_close(&other);
    }
    __real_repository_close(repository_p);
}

static void who_reads_a_backup_holds_it_to_the_end(void **state)
{
    static const char *const kinds[] = {"gpo.import", "gpo.restore", "backup.report", "gpo.diff"};
    struct desk *desk = *state;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct gpmq_guid id = desk_back_up(desk, SOURCE, 10 + i);
        char text[GPMQ_GUID_TEXT_SIZE], args[256];
        struct gpmq_request request = desk_request(kinds[i], 100 + i);
        request.backup = gpmq_guid_text(&id, text);
        request.create = strcmp(kinds[i], "gpo.import") == 0;
        request.name = request.create ? "Imported" : NULL;
        request.gpo = strcmp(kinds[i], "gpo.restore") == 0 ? desk_gpo(desk, SOURCE) : NULL;
        if (strcmp(kinds[i], "gpo.diff") == 0) {
            snprintf(args, sizeof args,
                     "{\"from\": {\"backup\": \"%s\"}, \"to\": {\"gpo\": \"%s\"}}", text,
                     desk_gpo(desk, SOURCE));
            request.args = args;
            request.backup = NULL;
        }
        watched_path = desk->repository_path;
        watched = id;
        answer = 0;
        CLEANUP(told_free) struct told told = desk_run(desk, &request, DESK_FENCE, 0);
        told_ended_well(&told);
        if (answer != GPMQ_EBUSY)
            fail_msg("%s did not hold its backup: %s", kinds[i], gpmq_code_name(answer));
        assert_int_equal(repository_remove(desk->repository, &id, NULL), 0);
    }
}

static int set_up(void **state)
{
    static struct desk desk;
    desk_make_demo(&desk);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    desk_remove(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_reads_a_backup_holds_it_to_the_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
