/* sandbox.c - Landlock and seccomp. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "fail.h"

/* What Debian 12's header does not know yet. */
#define ACCESS_TRUNCATE (1ULL << 14) /* from ABI 3 */

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILE_ACCESS                                                                                \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE |   \
     ACCESS_TRUNCATE)
#define ACCESS_WRITE                                                                               \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
static const char *const mode_names[SANDBOX_MODE_END] = {
    [SANDBOX_AUTO] = "auto",
    [SANDBOX_REQUIRED] = "required",
    [SANDBOX_OFF] = "off",
};

const char *sandbox_mode_name(enum sandbox_mode mode)
{
    return mode < SANDBOX_MODE_END ? mode_names[mode] : "unknown";
}

int sandbox_mode_from_name(enum sandbox_mode *out, const char *name)
{
    for (enum sandbox_mode mode = 0; mode < SANDBOX_MODE_END; mode++) {
        if (strcmp(mode_names[mode], name) == 0) {
            *out = mode;
            return 0;
        }
    }
    return GPMQ_EINVAL;
}

/* ---- Landlock ------------------------------------------------------------------------------ */

/* Read only: what a program needs to run, and nothing where keys may lie. Those that are not there
 * are left out. */
static const char *const system_folders[] = {
    "/usr", "/lib", "/lib64", "/proc/self", "/sys/devices/system/cpu", NULL,
};
static const char *const system_files[] = {
    "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/etc/nsswitch.conf",
    "/etc/hosts",       "/etc/resolv.conf",   "/etc/passwd",    "/etc/group",
    "/etc/host.conf",   "/etc/krb5.conf",     "/etc/gai.conf",  NULL,
};
static const char *const devices[] = {"/dev/null", "/dev/urandom", "/dev/zero", NULL};

static uint64_t handled_access(int abi)
{
    uint64_t access = ACCESS_READ | ACCESS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE;
    if (abi >= 2)
        access |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        access |= ACCESS_TRUNCATE;
    return access;
}

/* Opens what is beneath path to the ruleset. */
static int allow(int ruleset, const char *path, uint64_t access, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(err, "cannot open '%s' for the sandbox", path);
    struct stat stat_;
    if (fstat(fd, &stat_) == 0 && !S_ISDIR(stat_.st_mode))
        access &= FILE_ACCESS; /* the kernel refuses rights of folders on what is none */
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return fail_errno(err, "cannot allow '%s' in the sandbox", path);
    return 0;
}

static int allow_those_there(int ruleset, const char *const *paths, uint64_t rights,
                             struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; paths[i] && !rc; i++)
        if (access(paths[i], F_OK) == 0)
            rc = allow(ruleset, paths[i], rights, err);
    return rc;
}

static int allow_system(int ruleset, uint64_t handled, struct gpmq_error *err)
{
    uint64_t device = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    int rc =
        allow_those_there(ruleset, system_folders, ACCESS_READ | LANDLOCK_ACCESS_FS_EXECUTE, err);
    if (!rc)
        rc = allow_those_there(ruleset, system_files, LANDLOCK_ACCESS_FS_READ_FILE, err);
    if (!rc)
        rc = allow_those_there(ruleset, devices, device | (handled & ACCESS_TRUNCATE), err);
    return rc;
}

/* What reaching a domain needs: certificates, settings of Kerberos, LDAP and Samba, names. */
static const char *const network_paths[] = {
    "/etc/ssl/certs",   "/etc/ca-certificates",
    "/etc/krb5.conf.d", "/etc/gss",
    "/etc/sasl2",       "/etc/ldap",
    "/etc/samba",       "/etc/services",
    "/etc/protocols",   "/run/systemd/resolve",
    "/run/nscd",        "/run/samba",
    "/var/lib/samba",   NULL,
};

static int allow_readable(int ruleset, const struct sandbox_rules *rules, struct gpmq_error *err)
{
    int rc = rules->network && !rules->program
                 ? allow_those_there(ruleset, network_paths, ACCESS_READ, err)
                 : 0;
    for (size_t i = 0; i < rules->readable_count && !rc; i++)
        if (access(rules->readable[i], F_OK) == 0)
            rc = allow(ruleset, rules->readable[i], ACCESS_READ, err);
    return rc;
}

static int restrict_files(const struct sandbox_rules *rules, struct gpmq_error *err)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return fail(err, GPMQ_EUNSUPPORTED, "this kernel has no Landlock: %s", strerror(errno));
    uint64_t handled = handled_access((int)abi);
    struct landlock_ruleset_attr attributes = {.handled_access_fs = handled};
    CLEANUP(close_fd)
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0)
        return fail_errno(err, "cannot make a Landlock ruleset");

    uint64_t inside = rules->program ? handled : handled & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
    int rc = allow_system(ruleset, handled, err);
    if (!rc && rules->program)
        rc = allow(ruleset, rules->program,
                   LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE, err);
    if (!rc)
        rc = allow_readable(ruleset, rules, err);
    for (size_t i = 0; i < rules->folder_count && !rc; i++)
        rc = allow(ruleset, rules->folders[i], inside, err);
    if (rc)
        return rc;
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        return fail_errno(err, "cannot enter the Landlock ruleset");
    return 0;
}

/* ---- seccomp ------------------------------------------------------------------------------- */

/* Names, not numbers: what this architecture or library does not know is passed over. */
static const char *const refused_calls[] = {
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "pidfd_send_signal",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "unshare",
    "setns",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "keyctl",
    "add_key",
    "request_key",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "reboot",
    "swapon",
    "swapoff",
    "quotactl",
    "acct",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "iopl",
    "ioperm",
    "personality",
    "syslog",
    "open_by_handle_at",
    "name_to_handle_at",
    "mknod",
    "mknodat",
};

/* And what nobody needs who starts no program. */
static const char *const refused_starts[] = {"execve", "execveat"};

static int refuse(scmp_filter_ctx filter, const char *name, unsigned count,
                  const struct scmp_arg_cmp *arguments)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR)
        return 0;
    return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), number, count, arguments);
}

/* LeakSanitizer looks at its own process from another one. */
static bool is_needed_by_sanitizer(const char *name)
{
#ifdef GPMQ_SANITIZED
    return strcmp(name, "ptrace") == 0;
#else
    (void)name;
    return false;
#endif
}

/* Of a program that the worker's owner chose: it may start others and signal them. */
static int add_refusals_of_all(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; i < sizeof refused_calls / sizeof refused_calls[0] && !rc; i++)
        if (!is_needed_by_sanitizer(refused_calls[i]))
            rc = refuse(filter, refused_calls[i], 0, NULL);
    return rc;
}

static int add_refusals_of_parsers(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
    int rc = 0;
    for (size_t i = 0; i < sizeof refused_starts / sizeof refused_starts[0] && !rc; i++)
        rc = refuse(filter, refused_starts[i], 0, NULL);

    /* Signals only to itself: the worker runs under the same user. */
    struct scmp_arg_cmp others = {.arg = 0, .op = SCMP_CMP_NE, .datum_a = (scmp_datum_t)getpid()};
    static const char *const signals[] = {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0] && !rc; i++)
        rc = refuse(filter, signals[i], 1, &others);

    struct scmp_arg_cmp foreign = {.arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX};
    if (!rc && !rules->network)
        rc = refuse(filter, "socket", 1, &foreign);
    return rc;
}

static int restrict_calls(const struct sandbox_rules *rules, struct gpmq_error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return fail(err, GPMQ_EUNSUPPORTED, "cannot make a seccomp filter");
    int rc = add_refusals_of_all(filter);
    if (!rc && !rules->program)
        rc = add_refusals_of_parsers(filter, rules);
    if (!rc)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    if (rc)
        return fail(err, GPMQ_EUNSUPPORTED, "cannot load the seccomp filter: %s", strerror(-rc));
    return 0;
}

int sandbox_enter(const struct sandbox_rules *rules, struct gpmq_error *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno(err, "cannot give up new privileges");
    struct gpmq_error files_err;
    bool any_folder = rules->program && rules->folder_count == 0;
    int files = any_folder ? 0 : restrict_files(rules, &files_err);
    int calls = restrict_calls(rules, err);
    if (files && err)
        *err = files_err;
    return files ? files : calls;
}
