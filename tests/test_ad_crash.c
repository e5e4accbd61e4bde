/*
 * test_ad_crash.c - kill -9 at every call that changes the domain controller, in the middle of a
 * change that makes a GPO and of one that changes it: the next attempt ends it, and the end is the
 * same as if nothing had happened. A reader between sees the old state or the new one.
 *
 * And a server that says of a file that somebody has it open: it is waited for.
 *
 * Calls are counted where libldap, libsmbclient and the helper for permissions are entered.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <ldap.h>
#include <libsmbclient.h>

#include "ad_ticket.h"
#include "bytes.h"
#include "cleanup.h"
#include "domain_ad.h"
#include "domain_kind.h"
#include "sysvol_acl.h"

#define CALLS_MAX 200

static int calls_left = -1; /* until we are killed; -1: never */
static int calls_made;

static void count(void)
{
    calls_made++;
    if (calls_left >= 0 && calls_left-- == 0)
        raise(SIGKILL);
}

/* ---- the calls ------------------------------------------------------------------------------ */

#define WRAP_LDAP(name, parameters, arguments)                                                     \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        count();                                                                                   \
        return __real_##name arguments;                                                            \
    }

WRAP_LDAP(ldap_modify_ext_s,
          (LDAP * handle, const char *dn, LDAPMod **mods, LDAPControl **server,
           LDAPControl **client),
          (handle, dn, mods, server, client))
WRAP_LDAP(ldap_add_ext_s,
          (LDAP * handle, const char *dn, LDAPMod **mods, LDAPControl **server,
           LDAPControl **client),
          (handle, dn, mods, server, client))
WRAP_LDAP(ldap_delete_ext_s,
          (LDAP * handle, const char *dn, LDAPControl **server, LDAPControl **client),
          (handle, dn, server, client))
WRAP_LDAP(sysvol_acl_set,
          (const struct ad_settings *settings, const char *server, const char *path, const void *sd,
           size_t size, struct gpmq_error *err),
          (settings, server, path, sd, size, err))

/* libsmbclient hands out its functions one by one: asking for one is as good as calling it. */
#define WRAP_SMB(name, type)                                                                       \
    type __real_##name(SMBCCTX *context);                                                          \
    type __wrap_##name(SMBCCTX *context);                                                          \
    type __wrap_##name(SMBCCTX *context)                                                           \
    {                                                                                              \
        count();                                                                                   \
        return __real_##name(context);                                                             \
    }

WRAP_SMB(smbc_getFunctionMkdir, smbc_mkdir_fn)
WRAP_SMB(smbc_getFunctionWrite, smbc_write_fn)
WRAP_SMB(smbc_getFunctionRename, smbc_rename_fn)
WRAP_SMB(smbc_getFunctionRmdir, smbc_rmdir_fn)

static int unlinks_busy; /* so many of the next ones meet a reader */

static int busy(SMBCCTX *context, const char *path)
{
    (void)context;
    (void)path;
    errno = EBUSY;
    return -1;
}

smbc_unlink_fn __real_smbc_getFunctionUnlink(SMBCCTX *context);
smbc_unlink_fn __wrap_smbc_getFunctionUnlink(SMBCCTX *context);
smbc_unlink_fn __wrap_smbc_getFunctionUnlink(SMBCCTX *context)
{
    count();
    return unlinks_busy > 0 && unlinks_busy-- ? busy : __real_smbc_getFunctionUnlink(context);
}

/* ---- what is done --------------------------------------------------------------------------- */

static char url[512];

static struct gpmq_id op_of(uint8_t number)
{
    uint8_t random[10] = {[9] = number};
    return gpmq_id_make(1700000000000, random);
}

static const struct gpmq_guid target = {{0x41, 0xB2, 0xF3, 0x40, 0x01, 0x6D, 0x41, 0xD2, 1}};

/* Writes a state; the number tells one from the other. */
static int write_state(struct domain_change *change, int number, struct gpmq_error *err)
{
    char name[16], text[32];
    snprintf(name, sizeof name, "State %d", number);
    snprintf(text, sizeof text, "content of state %d", number);
    struct gpo_ds_object store = {.path = (char *)"cn=Class Store,%GPO_MACH_DSPATH%",
                                  .object_class = (char *)"classStore"};
    struct gpo values = {
        .display_name = name,
        .machine_extensions = (char *)"[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
                                      "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]",
        .ds_object_count = number == 2 ? 1 : 0,
        .ds_objects = &store,
    };
    int rc = change->ops->change_set(
        change, DOMAIN_DISPLAY_NAME | DOMAIN_EXTENSIONS | DOMAIN_DS_OBJECTS, &values, err);
    if (!rc)
        rc = change->ops->change_write(change, "Machine/a.txt", text, strlen(text), err);
    if (!rc && number == 2)
        rc = change->ops->change_write(change, "User/b.txt", text, strlen(text), err);
    return rc;
}

/* One attempt at an operation, in a process of its own that may be killed in it. */
static int attempt(uint8_t op, uint64_t fence, int number, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    struct domain_change_request request = {.gpo = target,
                                            .create = true,
                                            .or_change = number == 2,
                                            .display_name = "New",
                                            .op = op_of(op),
                                            .fence = fence};
    struct domain_change_answer answer = {0};
    struct domain_change *change = NULL;
    uint32_t version;
    int rc = domain_open(&domain, url, err);
    if (!rc)
        rc = domain->ops->change_begin(domain, &request, 5000, &change, &answer, err);
    if (rc || answer.done)
        return rc;
    rc = write_state(change, number, err);
    if (!rc)
        return change->ops->change_commit(&change, &version, err);
    change->ops->change_abort(&change);
    return rc;
}

/* Returns whether it ended by itself; the number of calls it made is in *calls. */
static bool run_attempt(uint8_t op, uint64_t fence, int number, int kill_at, int *calls)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    domain_kind.forget(); /* two processes on one connection would not understand a word */
    pid_t child = fork();
    if (child == 0) {
        struct gpmq_error err = {0};
        int rc = sysvol_acl_prepare(getenv("GPMQ_TEST_ACL_HELPER"), &err);
        calls_made = 0;
        calls_left = kill_at;
        if (!rc)
            rc = attempt(op, fence, number, &err);
        if (rc)
            print_error("attempt at %d: %s\n", kill_at, err.text);
        ssize_t put = write(ends[1], &calls_made, sizeof calls_made);
        _exit(rc || put < 0 ? 1 : 0);
    }
    close(ends[1]);
    waitpid(child, &status, 0);
    if (read(ends[0], calls, sizeof *calls) != sizeof *calls)
        *calls = 0;
    close(ends[0]);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFEXITED(status);
}

/* ---- what is there -------------------------------------------------------------------------- */

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

static void describe_gpo(struct domain *domain, const struct gpo *gpo, struct bytes *out)
{
    bytes_format(out, "%s %s v%d/%d %d/%d objects %zu sd %zu\n", gpo->display_name,
                 gpo->machine_extensions, gpo->user.ds, gpo->machine.ds, gpo->user.sysvol,
                 gpo->machine.sysvol, gpo->ds_object_count, gpo->security_descriptor_size);
    for (size_t i = 0; i < gpo->file_count; i++) {
        bytes_format(out, "%s ", gpo->files[i].path);
        if (!gpo->files[i].directory)
            assert_int_equal(
                domain->ops->read_file(domain, &gpo->id, gpo->files[i].path, append, out, NULL), 0);
        bytes_put_text(out, "\n");
    }
}

/* Names beside the GPOs that a change has left. */
static int note_leftover(void *arg, const char *path, const struct sysvol_stat *stat,
                         struct gpmq_error *err)
{
    (void)stat;
    (void)err;
    if (path[0] == '.')
        bytes_format(arg, "left: %s\n", path);
    return 0;
}

/* The GPO as text; free() it. leftovers: also what lies beside it. */
static char *describe(bool leftovers)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    CLEANUP(bytes_free) struct bytes out = {0};
    struct gpmq_error err = {0};
    void *text = NULL;
    if (domain_open(&domain, url, &err))
        fail_msg("%s", err.text);
    int rc = domain->ops->read(domain, &target, &gpo, &err);
    if (rc == GPMQ_ENOTFOUND)
        bytes_put_text(&out, "absent\n");
    else if (rc)
        fail_msg("%s", err.text);
    else
        describe_gpo(domain, gpo, &out);
    struct sysvol *sysvol = ((struct ad_domain *)domain)->sysvol;
    if (leftovers)
        assert_int_equal(sysvol->ops->names(sysvol, "", note_leftover, &out, NULL), 0);
    assert_int_equal(bytes_take(&out, &text, NULL, NULL), 0);
    return text;
}

static void start_over(int number)
{
    int calls;
    if (domain_kind.make(NULL, url, sizeof url, NULL) != 0)
        fail_msg("cannot empty the domain");
    domain_kind.forget();
    if (number == 2)
        assert_true(run_attempt(1, 1, 1, -1, &calls));
}

/* Kills at each call, resumes, and compares. */
static void survive(int number)
{
    uint8_t op = number == 2 ? 2 : 1;
    int calls, unused;
    start_over(number);
    CLEANUP(free_pointer) char *before = describe(false);
    assert_true(run_attempt(op, 10, number, -1, &calls));
    CLEANUP(free_pointer) char *undisturbed = describe(true);
    CLEANUP(free_pointer) char *after = describe(false);
    assert_true(calls > 5 && calls < CALLS_MAX);
    assert_null(strstr(undisturbed, "left:"));
    for (int kill_at = 0; kill_at < calls; kill_at++) {
        start_over(number);
        assert_false(run_attempt(op, 10, number, kill_at, &unused));
        CLEANUP(free_pointer) char *between = describe(false);
        if (strcmp(between, before) != 0 && strcmp(between, after) != 0)
            fail_msg("killed at call %d, a reader sees\n%s", kill_at, between);
        assert_true(run_attempt(op, 11, number, -1, &unused));
        CLEANUP(free_pointer) char *resumed = describe(true);
        if (strcmp(resumed, undisturbed) != 0)
            fail_msg("killed at call %d:\n%snot\n%s", kill_at, resumed, undisturbed);
    }
    print_message("%d kills\n", calls);
}

static void a_gpo_that_is_made_survives_every_kill(void **state)
{
    (void)state;
    survive(1);
}

static void a_gpo_that_is_changed_survives_every_kill(void **state)
{
    (void)state;
    survive(2);
}

static void a_file_that_somebody_reads_is_waited_for(void **state)
{
    (void)state;
    int calls, calls_busy;
    start_over(2);
    assert_true(run_attempt(2, 10, 2, -1, &calls));
    CLEANUP(free_pointer) char *undisturbed = describe(true);
    start_over(2);
    unlinks_busy = 3;
    assert_true(run_attempt(2, 10, 2, -1, &calls_busy));
    unlinks_busy = 0;
    assert_int_equal(calls_busy, calls + 3);
    CLEANUP(free_pointer) char *waited = describe(true);
    assert_string_equal(waited, undisturbed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gpo_that_is_made_survives_every_kill),
        cmocka_unit_test(a_gpo_that_is_changed_survives_every_kill),
        cmocka_unit_test(a_file_that_somebody_reads_is_waited_for),
    };
    if (!domain_kind.is_there()) {
        printf("0 passed, 0 failed, 3 skipped\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
