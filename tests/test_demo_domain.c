/* test_demo_domain.c - the demo domain of tests/data/demo-domain can be built and is what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "cleanup.h"
#include "domain.h"
#include "registry_pol.h"
#include "scratch.h"

struct demo {
    struct scratch scratch;
    struct domain *domain;
};

static int set_up(void **state)
{
    struct demo *demo = calloc(1, sizeof *demo);
    char source[SCRATCH_PATH_SIZE], maker[SCRATCH_PATH_SIZE], dest[SCRATCH_PATH_SIZE];
    const char *source_dir = getenv("GPMQ_SOURCE_DIR"), *build_dir = getenv("GPMQ_BUILD_DIR");
    int status = 0;
    *state = demo;
    if (!source_dir || !build_dir)
        return -1;
    scratch_make(&demo->scratch);
    snprintf(source, sizeof source, "%s/tests/data/demo-domain", source_dir);
    snprintf(maker, sizeof maker, "%s/tests/make_domain", build_dir);
    scratch_path(&demo->scratch, "domain", dest);
    pid_t child = fork();
    if (child == 0) {
        execl(maker, maker, source, dest, NULL);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        return -1;
    return domain_open(&demo->domain, dest, NULL);
}

static int tear_down(void **state)
{
    struct demo *demo = *state;
    domain_close(&demo->domain);
    if (*demo->scratch.path)
        scratch_remove(&demo->scratch);
    free(demo);
    return 0;
}

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

static void read_whole(struct domain *domain, const struct gpmq_guid *id, const char *path,
                       struct bytes *out)
{
    struct gpmq_error err = {0};
    if (domain->ops->read_file(domain, id, path, append, out, &err))
        fail_msg("%s", err.text);
    bytes_put(out, "", 0);
}

static struct gpo *named(struct domain *domain, const char *name)
{
    struct gpmq_guid id;
    struct gpo *gpo = NULL;
    struct gpmq_error err = {0};
    if (domain_find(domain, name, &id, &err) || domain->ops->read(domain, &id, &gpo, &err))
        fail_msg("%s", err.text);
    return gpo;
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcasecmp(text + length - tail, end) == 0;
}

static void it_has_about_forty_gpos_that_can_all_be_read(void **state)
{
    struct domain *domain = ((struct demo *)*state)->domain;
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    size_t policies = 0;
    assert_int_equal(domain->ops->list(domain, &gpos, NULL), 0);
    assert_int_equal(gpos.count, 42);
    for (size_t i = 0; i < gpos.count; i++) {
        CLEANUP(gpo_free) struct gpo *gpo = named(domain, gpos.items[i].display_name);
        for (size_t k = 0; k < gpo->file_count; k++) {
            CLEANUP(bytes_free) struct bytes bytes = {0};
            if (gpo->files[k].directory)
                continue;
            read_whole(domain, &gpo->id, gpo->files[k].path, &bytes);
            assert_int_equal(bytes.size, gpo->files[k].size_bytes);
            if (!ends_in(gpo->files[k].path, ".pol"))
                continue;
            assert_int_equal(registry_pol_check(bytes.at, bytes.size, NULL, NULL), 0);
            policies++;
        }
    }
    assert_true(policies > 20);
}

static void its_text_has_the_encodings_that_windows_writes(void **state)
{
    struct domain *domain = ((struct demo *)*state)->domain;
    CLEANUP(gpo_free) struct gpo *gpo = named(domain, "default domain policy");
    CLEANUP(bytes_free) struct bytes inf = {0};
    CLEANUP(bytes_free) struct bytes script = {0};
    static const uint8_t start[] = {0xFF, 0xFE, '[', 0, 'U', 0};
    read_whole(domain, &gpo->id, "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", &inf);
    assert_memory_equal(inf.at, start, sizeof start);
    gpo_free(&gpo);
    gpo = named(domain, "Users - Logon script");
    read_whole(domain, &gpo->id, "User/Scripts/Logon/logon.cmd", &script);
    assert_memory_equal(script.at, "@echo off\r\nif", 13);
}

static void its_gpos_differ_as_real_ones_do(void **state)
{
    struct domain *domain = ((struct demo *)*state)->domain;
    CLEANUP(gpo_free)
    struct gpo *filtered = named(domain, "Domain Controllers - Time source (PDC)");
    CLEANUP(gpo_free) struct gpo *german = named(domain, "BÜRO MÜNCHEN – DRUCKERZUORDNUNG");
    CLEANUP(gpo_free) struct gpo *empty = named(domain, "Test - Empty policy");
    CLEANUP(gpo_free) struct gpo *folders = named(domain, "Test - Empty folders only");
    assert_string_equal(filtered->wmi_filter_name, "PDC emulator");
    assert_int_equal(filtered->options, 1);
    assert_non_null(gpo_find_file(german, "User/Scripts/Logon/anleitung FÜR nutzer.txt"));
    assert_non_null(gpo_find_file(german, "GPO.cmt"));
    assert_int_equal(empty->file_count, 0);
    assert_int_equal(folders->file_count, 9);
    assert_true(gpo_extension_registered(german->user_extensions,
                                         "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}"));
    assert_string_equal(german->machine_extensions, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_about_forty_gpos_that_can_all_be_read),
        cmocka_unit_test(its_text_has_the_encodings_that_windows_writes),
        cmocka_unit_test(its_gpos_differ_as_real_ones_do),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
