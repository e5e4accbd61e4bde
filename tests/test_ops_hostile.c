/*
 * test_ops_hostile.c - backups made to harm: each is given to every operation that reads a backup,
 * in a process with little memory and little time. It is refused, or taken as the harmless thing it
 * is; the text names file, element and reason; the GPO that was there is still there, whole, and
 * nothing outside of the domain was touched.
 *
 * The backups are made here from a good one: many are larger than what a repository should carry.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ops_look.h"

#define MEMORY_MAX (512ul << 20) /* bytes of address space of an operation */
#define CPU_MAX    10            /* seconds of its processor time */
#define CANARY     "nobody may read or write this"

/* ---- a backup, and what is done to it -------------------------------------------------------- */

/* Where everything is; the backup is tampered with in place, on a copy of the good one. */
struct ground {
    struct desk desk;
    char good[SCRATCH_PATH_SIZE]; /* a copy of the good repository */
    char outside[SCRATCH_PATH_SIZE];
    struct gpmq_guid gpo;
    struct gpmq_guid backup;
    char backup_path[2 * SCRATCH_PATH_SIZE];
    struct bytes domain; /* every byte of it */
};

static const char *path_of(const struct ground *ground, const char *file)
{
    static char paths[4][3 * SCRATCH_PATH_SIZE];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", ground->backup_path, file);
    return path;
}

static void write_whole(const char *path, const void *bytes, size_t size)
{
    CLEANUP(close_file) FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
}

/* Replaces the first `from` in a file. */
static void replace(const struct ground *ground, const char *file, const char *from, const void *to,
                    size_t to_size)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(bytes_free) struct bytes made = {0};
    look_file(&text, path_of(ground, file));
    uint8_t *at = memmem(text.at, text.size, from, strlen(from));
    if (!at)
        fail_msg("%s has no %s", file, from);
    bytes_put(&made, text.at, (size_t)(at - text.at));
    bytes_put(&made, to, to_size);
    bytes_put(&made, at + strlen(from), text.size - (size_t)(at - text.at) - strlen(from));
    assert_false(made.failed);
    write_whole(path_of(ground, file), made.at, made.size);
}

static void replace_text(const struct ground *ground, const char *file, const char *from,
                         const char *to)
{
    replace(ground, file, from, to, strlen(to));
}

/* Puts `count` times the text of a format with %zu behind the first `from` of a file. */
static void repeat_behind(const struct ground *ground, const char *file, const char *from,
                          const char *head, const char *each, size_t count, const char *tail)
{
    CLEANUP(bytes_free) struct bytes made = {0};
    bytes_put_text(&made, from);
    bytes_put_text(&made, head);
    for (size_t i = 0; i < count; i++) {
        const char *number = strstr(each, "%zu");
        if (!number) {
            bytes_put_text(&made, each);
            continue;
        }
        bytes_format(&made, "%.*s%zu%s", (int)(number - each), each, i, number + 3);
    }
    bytes_put_text(&made, tail);
    assert_false(made.failed);
    replace(ground, file, from, made.at, made.size);
}

#define GPT      "DomainSysvol/GPO/"
#define POL_NAME "Registry.pol"
#define POL      GPT "Machine/" POL_NAME
#define CORE     "<GroupPolicyCoreSettings>"

static void traversal(const struct ground *ground)
{
    replace_text(ground, "Backup.xml", "bkp:Location=\"DomainSysvol\\GPO\\Machine\\Registry.pol\"",
                 "bkp:Location=\"DomainSysvol\\GPO\\..\\..\\..\\..\\outside\\canary\"");
}

static void long_path(const struct ground *ground)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    bytes_put_text(&text, "bkp:Location=\"DomainSysvol\\GPO");
    for (unsigned i = 0; i < 100; i++)
        bytes_put_text(&text, "\\aaaaaaaaaaaaaaaaaaaa");
    bytes_put_text(&text, "\"");
    replace(ground, "Backup.xml", "bkp:Location=\"DomainSysvol\\GPO\\Machine\\Registry.pol\"",
            text.at, text.size);
}

static void linked_file(const struct ground *ground)
{
    char canary[2 * SCRATCH_PATH_SIZE];
    snprintf(canary, sizeof canary, "%s/canary", ground->outside);
    assert_int_equal(unlink(path_of(ground, POL)), 0);
    assert_int_equal(symlink(canary, path_of(ground, POL)), 0);
}

static void linked_folder(const struct ground *ground)
{
    assert_int_equal(rename(path_of(ground, GPT "Machine"), path_of(ground, "away")), 0);
    assert_int_equal(symlink("../../away", path_of(ground, GPT "Machine")), 0);
}

static void linked_description(const struct ground *ground)
{
    assert_int_equal(rename(path_of(ground, "Backup.xml"), path_of(ground, "real.xml")), 0);
    assert_int_equal(symlink("real.xml", path_of(ground, "Backup.xml")), 0);
}

static void linked_info(const struct ground *ground)
{
    assert_int_equal(rename(path_of(ground, "bkupInfo.xml"), path_of(ground, "real.xml")), 0);
    assert_int_equal(symlink("real.xml", path_of(ground, "bkupInfo.xml")), 0);
}

static void piped_file(const struct ground *ground)
{
    assert_int_equal(unlink(path_of(ground, POL)), 0);
    assert_int_equal(mkfifo(path_of(ground, POL), 0600), 0);
}

static void piped_description(const struct ground *ground)
{
    assert_int_equal(unlink(path_of(ground, "Backup.xml")), 0);
    assert_int_equal(mkfifo(path_of(ground, "Backup.xml"), 0600), 0);
}

static void piped_info(const struct ground *ground)
{
    assert_int_equal(unlink(path_of(ground, "bkupInfo.xml")), 0);
    assert_int_equal(mkfifo(path_of(ground, "bkupInfo.xml"), 0600), 0);
}

static void socket_file(const struct ground *ground)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char made[SCRATCH_PATH_SIZE + 8];
    snprintf(made, sizeof made, "%s/s", ground->desk.scratch.path);
    assert_true((size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s", made) <
                sizeof address.sun_path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(rename(made, path_of(ground, POL)), 0);
}

/* /dev/zero, which never ends; only root may make one. */
static void device_file(const struct ground *ground)
{
    assert_int_equal(unlink(path_of(ground, POL)), 0);
    if (mknod(path_of(ground, POL), S_IFCHR | 0600, makedev(1, 5)) != 0)
        assert_int_equal(mkfifo(path_of(ground, POL), 0600), 0);
}

static void endless_file(const struct ground *ground)
{
    assert_int_equal(truncate(path_of(ground, POL), 1l << 40), 0);
}

/* Files that are one by one within their limit. */
static void endless_sum(const struct ground *ground)
{
    char file[64];
    repeat_behind(ground, "Backup.xml", "bkp:DescName=\"Unknown Extension\">", "",
                  "<FSObjectFile bkp:Path=\"%GPO_FSPATH%\\big\" "
                  "bkp:Location=\"DomainSysvol\\GPO\\big%zu\"/>",
                  8, "");
    for (unsigned i = 0; i < 8; i++) {
        snprintf(file, sizeof file, GPT "big%u", i);
        write_whole(path_of(ground, file), "", 0);
        assert_int_equal(truncate(path_of(ground, file), 1l << 30), 0);
    }
}

static void endless_description(const struct ground *ground)
{
    assert_int_equal(truncate(path_of(ground, "Backup.xml"), 1l << 42), 0);
}

static void endless_info(const struct ground *ground)
{
    assert_int_equal(truncate(path_of(ground, "bkupInfo.xml"), 1l << 42), 0);
}

#define BOMB                                                                                       \
    "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"        \
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">"             \
    "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;\">"             \
    "<!ENTITY g SYSTEM \"file:///etc/passwd\">]>"

static void bomb_in_description(const struct ground *ground)
{
    replace_text(ground, "Backup.xml", "<GroupPolicyBackupScheme", BOMB "<GroupPolicyBackupScheme");
}

static void bomb_in_info(const struct ground *ground)
{
    replace_text(ground, "bkupInfo.xml", "<BackupInst", BOMB "<BackupInst");
}

static void attributes(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", "<GroupPolicyObject", " ", "a%zu=\"\" ", 100000, "");
}

static void attributes_of_info(const struct ground *ground)
{
    repeat_behind(ground, "bkupInfo.xml", "<BackupInst", " ", "a%zu=\"\" ", 100000, "");
}

static void depth(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", CORE, "", "<a>", 1000000, "");
}

static void elements(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", CORE, "", "<a/>", 1000000, "");
}

static void files(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", "bkp:DescName=\"Unknown Extension\">", "",
                  "<FSObjectFile bkp:Path=\"p\" bkp:Location=\"DomainSysvol\\GPO\\f%zu\"/>", 70000,
                  "");
}

static void deep_objects(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", "bkp:DescName=\"Unknown Extension\">", "",
                  "<DSObject bkp:Path=\"cn=x,%GPO_MACH_DSPATH%\" bkp:ObjectClass=\"a\">", 40,
                  "</DSObject></DSObject></DSObject></DSObject></DSObject></DSObject></DSObject>"
                  "</DSObject></DSObject></DSObject></DSObject></DSObject></DSObject></DSObject>"
                  "</DSObject></DSObject></DSObject></DSObject></DSObject></DSObject></DSObject>"
                  "</DSObject></DSObject></DSObject></DSObject></DSObject></DSObject></DSObject>"
                  "</DSObject></DSObject></DSObject></DSObject></DSObject></DSObject></DSObject>"
                  "</DSObject></DSObject></DSObject></DSObject></DSObject>");
}

static void many_objects(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", "bkp:DescName=\"Unknown Extension\">", "",
                  "<DSObject bkp:Path=\"cn=x%zu,%GPO_MACH_DSPATH%\" bkp:ObjectClass=\"a\"/>", 50000,
                  "");
}

/* A directory object that lies elsewhere in the directory. */
static void object_elsewhere(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", "bkp:DescName=\"Unknown Extension\">", "",
                  "<DSObject bkp:Path=\"CN=Domain Admins,CN=Users,DC=example,DC=test\" "
                  "bkp:ObjectClass=\"group\"/>",
                  1, "");
}

static void surrogate_in_utf8(const struct ground *ground)
{
    replace(ground, "Backup.xml", "<DisplayName><![CDATA[", "<DisplayName><![CDATA[\xED\xA0\x80",
            25);
}

static void surrogate_by_number(const struct ground *ground)
{
    replace_text(ground, "Backup.xml", CORE, CORE "<a>&#xD800;</a>");
}

static void surrogate_in_info(const struct ground *ground)
{
    replace(ground, "bkupInfo.xml", "<GPODisplayName><![CDATA[",
            "<GPODisplayName><![CDATA[\xED\xBF\xBF", 28);
}

/* The whole description as UTF-16, with half of a pair in it. */
static void surrogate_in_utf16(const struct ground *ground)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(bytes_free) struct bytes wide = {0};
    look_file(&text, path_of(ground, "Backup.xml"));
    bytes_put_u16(&wide, 0xFEFF);
    for (size_t i = 0; i < text.size; i++) {
        bytes_put_u16(&wide, text.at[i]);
        if (i > 22 && memcmp(&text.at[i - 21], "<DisplayName><![CDATA[", 22) == 0)
            bytes_put_u16(&wide, 0xD800);
    }
    write_whole(path_of(ground, "Backup.xml"), wide.at, wide.size);
}

/* Registry.pol: a value that says it has 4 GiB of data, and names with half of a pair. */
static void lying_lengths(const struct ground *ground)
{
    static const uint16_t head[] = {0x5250, 0x6765, 1, 0, '[', 'S',    0,      ';', 'v',
                                    0,      ';',    4, 0, ';', 0xFFFF, 0xFFFF, ';'};
    write_whole(path_of(ground, POL), head, sizeof head);
}

static void surrogate_in_pol(const struct ground *ground)
{
    static const uint16_t pol[] = {0x5250, 0x6765, 1, 0,   '[', 0xD800, 0,   ';', 0xDFFF, 0,
                                   ';',    4,      0, ';', 4,   0,      ';', 1,   0,      ']'};
    write_whole(path_of(ground, POL), pol, sizeof pol);
}

static void options(const struct ground *ground)
{
    replace_text(ground, "Backup.xml", "<Options><![CDATA[1]]>", "<Options><![CDATA[4294967295]]>");
}

static void extension_names(const struct ground *ground)
{
    repeat_behind(ground, "Backup.xml", "<MachineExtensionGuids><![CDATA[", "", "[{a}{b}]", 20000,
                  "");
}

static void no_object(const struct ground *ground)
{
    write_whole(path_of(ground, "Backup.xml"), "<a/>", 4);
}

static void empty_description(const struct ground *ground)
{
    write_whole(path_of(ground, "Backup.xml"), "", 0);
}

/* ---- what each operation makes of it --------------------------------------------------------- */

/* What reads a backup. Of those before LIST it matters that they end, and end badly where the
 * description itself is refused: what they make of files is told by tests of their own. */
enum reader {
    PAGE,
    DIFF,
    TABLE,
    MIGRATE,
    LIST,
    VERIFY,
    REPORT,
    IMPORT_NEW,
    IMPORT_INTO,
    RESTORE,
    READERS
};
static const char *const reader_names[] = {"backup.report", "gpo.diff",    "migration_table.create",
                                           "gpo.import",    "backup.list", "backup.verify",
                                           "backup.report", "gpo.import",  "gpo.import",
                                           "gpo.restore"};

struct hazard {
    const char *name;
    void (*tamper)(const struct ground *ground);
    int list;        /* 0, or what the message about the backup says */
    size_t findings; /* of a verification that reads the data: at least so many */
    int report;      /* which tells of files that cannot be read, and goes on */
    int import;
    int restore;
    const char *words; /* that the refusal has in it */
};

/* clang-format off */
static const struct hazard hazards[] = {
    /* paths and kinds of files */
    {"a path out of the backup",        traversal,           0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "location"},
    {"a path of a hundred folders",     long_path,           0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "location 'DomainSysvol"},
    {"a file that is a link",           linked_file,         0, 1, GPMQ_OK,         GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Registry.pol"},
    {"a folder that is a link",         linked_folder,       0, 1, GPMQ_OK,         GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Registry.pol"},
    {"Backup.xml that is a link",       linked_description,  0, 1, GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Backup.xml"},
    {"bkupInfo.xml that is a link",     linked_info, GPMQ_EDAMAGED, 1, GPMQ_EDAMAGED, GPMQ_EDAMAGED, GPMQ_EDAMAGED,   "bkupInfo.xml"},
    {"a file that is a pipe",           piped_file,          0, 1, GPMQ_OK,         GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Registry.pol"},
    {"Backup.xml that is a pipe",       piped_description,   0, 1, GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Backup.xml"},
    {"bkupInfo.xml that is a pipe",     piped_info, GPMQ_EDAMAGED, 1, GPMQ_EDAMAGED, GPMQ_EDAMAGED,  GPMQ_EDAMAGED,   "bkupInfo.xml"},
    {"a file that is a socket",         socket_file,         0, 1, GPMQ_OK,         GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Registry.pol"},
    {"a file that is a device",         device_file,         0, 1, GPMQ_OK,         GPMQ_EDAMAGED,   GPMQ_EDAMAGED,   "Registry.pol"},

    /* sizes */
    {"a file of a tebibyte",            endless_file,        0, 1, GPMQ_OK,         GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "Registry.pol has 1099511627776 bytes"},
    {"files of eight gibibytes",        endless_sum,         0, 1, GPMQ_OK,         GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "bytes together"},
    {"Backup.xml of four tebibytes",    endless_description, 0, 1, GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "Backup.xml"},
    {"bkupInfo.xml of four tebibytes",  endless_info, GPMQ_ETOOBIG, 1, GPMQ_ETOOBIG, GPMQ_ETOOBIG,   GPMQ_ETOOBIG,    "bkupInfo.xml"},

    /* XML */
    {"an entity bomb in Backup.xml",    bomb_in_description, 0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "DOCTYPE"},
    {"an entity bomb in bkupInfo.xml",  bomb_in_info, GPMQ_EMALFORMED, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "DOCTYPE"},
    {"100,000 attributes",              attributes,          0, 1, GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "more than 128 attributes"},
    {"100,000 attributes, bkupInfo.xml", attributes_of_info, GPMQ_ETOOBIG, 1, GPMQ_ETOOBIG, GPMQ_ETOOBIG, GPMQ_ETOOBIG, "more than 128 attributes"},
    {"a million elements deep",         depth,               0, 1, GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "deep"},
    {"a million elements",              elements,            0, 1, GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "elements"},
    {"70,000 files",                    files,               0, 1, GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "65536"},
    {"directory objects 40 deep",       deep_objects,        0, 1, GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "directory objects"},
    {"no GroupPolicyObject",            no_object,           0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "GroupPolicyObject"},
    {"an empty Backup.xml",             empty_description,   0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "Backup.xml"},

    /* text */
    {"half of a pair in UTF-8",         surrogate_in_utf8,   0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "Backup.xml"},
    {"half of a pair by its number",    surrogate_by_number, 0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "Backup.xml"},
    {"half of a pair in UTF-16",        surrogate_in_utf16,  0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "Backup.xml"},
    {"half of a pair in bkupInfo.xml",  surrogate_in_info, GPMQ_EMALFORMED, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED, "bkupInfo.xml"},

    /* well formed, and nothing that a GPO may have: refused by who would write it */
    {"50,000 directory objects",        many_objects,        0, 0, GPMQ_OK,         GPMQ_ETOOBIG,    GPMQ_ETOOBIG,    "directory objects"},
    {"a directory object elsewhere",    object_elsewhere,    0, 0, GPMQ_OK,         GPMQ_EINVAL,     GPMQ_EINVAL,     "does not lie below the GPO"},
    {"options beyond all",              options,             0, 0, GPMQ_OK,         GPMQ_OK,         GPMQ_EINVAL,     "Backup.xml: options 4294967295"},
    {"extension names of 160,000 bytes", extension_names,    0, 1, GPMQ_EMALFORMED, GPMQ_EMALFORMED, GPMQ_EMALFORMED,   "MachineExtensionGuids"},

    /* settings are carried as they are, and judged by who reads them */
    {"registry.pol that lies of 4 GiB", lying_lengths,       0, 1, GPMQ_OK,         GPMQ_OK,         GPMQ_OK,         NULL},
    {"half of a pair in registry.pol",  surrogate_in_pol,    0, 0, GPMQ_OK,         GPMQ_OK,         GPMQ_OK,         NULL},
};
/* clang-format on */

/* ---- the ground ------------------------------------------------------------------------------ */

static void run_program(const char *program, const char *a, const char *b, const char *c)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execlp(program, program, a, b, c, NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void make_gpo(struct ground *ground)
{
    const struct domain_ops *ops = ground->desk.domain->ops;
    const struct domain_change_request request = {
        .create = true, .display_name = "Good", .op = desk_request("make", 1).id, .fence = 1};
    static const uint16_t pol[] = {0x5250, 0x6765, 1, 0};
    struct gpo values = {.options = 1,
                         .machine_extensions = (char *)"[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
                                                       "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    uint32_t version;
    assert_int_equal(ops->change_begin(ground->desk.domain, &request, 0, &change, &answer, NULL),
                     0);
    assert_int_equal(ops->change_write(change, "Machine/Registry.pol", pol, sizeof pol, NULL), 0);
    assert_int_equal(ops->change_write(change, "User/Scripts/Logon/a.cmd", "echo", 4, NULL), 0);
    assert_int_equal(ops->change_set(change, DOMAIN_OPTIONS | DOMAIN_EXTENSIONS, &values, NULL), 0);
    assert_int_equal(ops->change_commit(&change, &version, NULL), 0);
    ground->gpo = gpmq_guid_derive(&request.op, "gpo");
}

static void make_ground(struct ground *ground)
{
    char canary[2 * SCRATCH_PATH_SIZE];
    desk_make_empty(&ground->desk);
    make_gpo(ground);
    ground->backup = desk_back_up(&ground->desk, "Good", 2);
    scratch_path(&ground->desk.scratch, "good", ground->good);
    scratch_path(&ground->desk.scratch, "outside", ground->outside);
    assert_int_equal(mkdir(ground->outside, 0700), 0);
    snprintf(canary, sizeof canary, "%s/canary", ground->outside);
    write_whole(canary, CANARY, strlen(CANARY));
    snprintf(ground->backup_path, sizeof ground->backup_path, "%s/%s", ground->desk.repository_path,
             look_text(ground->backup));
    run_program("cp", "-a", ground->desk.repository_path, ground->good);
    ground->domain = look_snapshot(&ground->desk);
}

static void drop_ground(struct ground *ground)
{
    bytes_free(&ground->domain);
    desk_remove(&ground->desk);
}

/* The repository with the good backup, and that tampered with. */
static void prepare(const struct ground *ground, const struct hazard *hazard)
{
    run_program("rm", "-rf", ground->desk.repository_path, NULL);
    run_program("cp", "-a", ground->good, ground->desk.repository_path);
    hazard->tamper(ground);
}

static void assert_outside_is_whole(const struct ground *ground)
{
    char canary[2 * SCRATCH_PATH_SIZE];
    struct stat stat;
    CLEANUP(bytes_free) struct bytes text = {0};
    snprintf(canary, sizeof canary, "%s/canary", ground->outside);
    look_file(&text, canary);
    assert_string_equal((char *)text.at, CANARY);
    assert_int_equal(lstat(ground->outside, &stat), 0);
    assert_int_equal(stat.st_nlink, 2);
}

/* ---- one operation on one hazard ------------------------------------------------------------- */

/* What the child's operation told, by a pipe. */
struct outcome {
    int code;
    size_t messages;
    size_t findings;
    int32_t first_code; /* of its first message */
    bool leaked;        /* the canary is in its result */
    bool tells;         /* and so is the name of the file that most hazards are about */
    char text[RUN_TEXT_MAX];
};

static struct outcome outcome; /* of the child */

/* Of the result's content: what a link leads to must not be in it. */
static void look_at(const void *bytes, size_t size)
{
    outcome.leaked |= memmem(bytes, size, CANARY, strlen(CANARY)) != NULL;
    static const char name[] = POL_NAME;
    outcome.tells |= memmem(bytes, size, &name[1], sizeof name - 2) != NULL; /* in any case */
}

static void take_content(struct run_channel *channel, uint64_t offset, const void *bytes,
                         uint32_t size)
{
    (void)channel, (void)offset;
    look_at(bytes, size);
}

static void take_report(struct run_channel *channel, const struct report *report)
{
    (void)channel;
    if (report->kind != REPORT_PROGRESS && report->kind != REPORT_MESSAGE)
        outcome.code = report->code;
    for (uint32_t i = 0; i < report->status_msg_count; i++) {
        const struct gpmq_status_msg *msg = &report->status_msgs[i];
        if (outcome.messages++ == 0)
            snprintf(outcome.text, sizeof outcome.text, "%s", msg->message);
        if (outcome.messages == 1)
            outcome.first_code = msg->operation_code;
    }
    if (report->result && report->result->data) /* a small one */
        look_at(report->result->data, report->result->data_size);
    for (uint32_t i = 0; report->result && i < report->result->property_count; i++)
        if (strcmp(report->result->properties[i].name, "findings") == 0)
            outcome.findings = (size_t)strtoul(report->result->properties[i].value, NULL, 10);
}

static bool never_stopped(struct run_channel *channel, int64_t wait_ms)
{
    (void)channel, (void)wait_ms;
    return false;
}

static void limit(int resource, rlim_t most)
{
    struct rlimit limits = {most, most};
    if (setrlimit(resource, &limits) != 0)
        _exit(3);
}

static void execute(const struct ground *ground, struct gpmq_request *request)
{
    struct run_channel channel = {
        .report = take_report, .content = take_content, .stopped = never_stopped};
    struct place domain = {DESK_DOMAIN, (char *)ground->desk.domain_path};
    struct place repository = {DESK_REPOSITORY, (char *)ground->desk.repository_path};
    const struct msg_exec_start start = {.fence = DESK_FENCE,
                                         .request = request,
                                         .domain_count = 1,
                                         .domains = &domain,
                                         .repository_count = 1,
                                         .repositories = &repository};
    limit(RLIMIT_CPU, CPU_MAX);
    limit(RLIMIT_CORE, 0);
#ifndef GPMQ_SANITIZED /* whose shadow memory is terabytes of address space */
    limit(RLIMIT_AS, MEMORY_MAX);
#endif
    alarm(120); /* one that waits, for a pipe say */
    struct run *run = run_new(&channel, &start);
    handler_execute(run, &(struct handler_list){0});
}

/* What a request points to. */
struct words {
    char backup[GPMQ_GUID_TEXT_SIZE];
    char gpo[GPMQ_GUID_TEXT_SIZE];
    char args[512];
};

/* An empty migration table, in base64: every file that one looks into passes through it. */
#define EMPTY_TABLE                                                                                \
    "PE1pZ3JhdGlvblRhYmxlIHhtbG5zPSJodHRwOi8vd3d3Lm1pY3Jvc29mdC5jb20v"                             \
    "R3JvdXBQb2xpY3kvR1BPT3BlcmF0aW9ucy9NaWdyYXRpb25UYWJsZSIvPg=="

static const char *args_of(enum reader reader, struct words *words)
{
    *words->args = 0;
    if (reader == PAGE)
        snprintf(words->args, sizeof words->args, "{\"format\": \"html\"}");
    if (reader == DIFF)
        snprintf(words->args, sizeof words->args,
                 "{\"from\": {\"backup\": \"%s\"}, \"to\": {\"gpo\": \"%s\"}}", words->backup,
                 words->gpo);
    if (reader == TABLE)
        snprintf(words->args, sizeof words->args, "{\"items\": [\"%s\"]}", words->backup);
    if (reader == MIGRATE)
        snprintf(words->args, sizeof words->args, "{\"migration_table\": \"%s\"}", EMPTY_TABLE);
    return *words->args ? words->args : NULL;
}

static struct gpmq_request request_of(const struct ground *ground, enum reader reader,
                                      unsigned number, struct words *words)
{
    struct gpmq_request request = desk_request(reader_names[reader], number);
    gpmq_guid_text(&ground->backup, words->backup);
    gpmq_guid_text(&ground->gpo, words->gpo);
    request.backup = reader == LIST || reader == DIFF || reader == TABLE ? NULL : words->backup;
    request.domain = reader == TABLE ? NULL : request.domain;
    request.read_data = true;
    request.create = reader == IMPORT_NEW || reader == MIGRATE;
    request.dry_run = reader == MIGRATE;
    request.gpo = reader == IMPORT_INTO || reader == RESTORE ? words->gpo : NULL;
    request.args = args_of(reader, words);
    return request;
}

/* Runs it in a process of its own; one that dies ends the test. */
static struct outcome run_apart(const struct ground *ground, const struct hazard *hazard,
                                enum reader reader, unsigned number)
{
    struct words words;
    struct gpmq_request request = request_of(ground, reader, number, &words);
    struct outcome told = {0};
    int ends[2], status = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        execute(ground, &request);
        _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 2);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &told, sizeof told);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0 || got != (ssize_t)sizeof told)
        fail_msg("%s, %s: its process ended with status 0x%x", hazard->name, reader_names[reader],
                 (unsigned)status);
    return told;
}

static void expect_code(const struct hazard *hazard, enum reader reader, const struct outcome *told,
                        int code)
{
    if (told->code != code)
        fail_msg("%s, %s: %s, not %s: %s", hazard->name, reader_names[reader],
                 gpmq_code_name(told->code), gpmq_code_name(code), told->text);
    if (code && hazard->words && !strstr(told->text, hazard->words))
        fail_msg("%s, %s: '%s' does not say \"%s\"", hazard->name, reader_names[reader], told->text,
                 hazard->words);
}

/* A description that a report refuses, everybody refuses, and with its words. */
static void expect_an_end(const struct hazard *hazard, enum reader reader,
                          const struct outcome *told)
{
    if (hazard->report && hazard->import)
        expect_code(hazard, reader, told, hazard->report);
}

static void expect_listed(const struct hazard *hazard, const struct outcome *told)
{
    if (told->code || told->messages != (hazard->list != 0) || told->first_code != hazard->list)
        fail_msg("%s, backup.list: %s, %zu messages: %s", hazard->name, gpmq_code_name(told->code),
                 told->messages, told->text);
    if (hazard->list && !strstr(told->text, hazard->words))
        fail_msg("%s, backup.list: '%s' does not say \"%s\"", hazard->name, told->text,
                 hazard->words);
}

static void expect_verified(const struct hazard *hazard, const struct outcome *told)
{
    if (told->code != (hazard->findings ? GPMQ_EDAMAGED : GPMQ_OK) ||
        told->findings < hazard->findings || (told->findings && !hazard->findings))
        fail_msg("%s, backup.verify: %s with %zu findings: %s", hazard->name,
                 gpmq_code_name(told->code), told->findings, told->text);
}

/* A report that goes on without a file says so. */
static void expect_told(const struct hazard *hazard, const struct outcome *told)
{
    bool is_about_it = hazard->words && strstr(hazard->words, POL_NAME);
    if (!told->code && hazard->import && is_about_it && !told->tells)
        fail_msg("%s: the report does not tell of %s", hazard->name, POL_NAME);
}

static void every_reader_withstands_it(void **state)
{
    const struct hazard *hazard = *state;
    CLEANUP(drop_ground) struct ground ground = {0};
    make_ground(&ground);
    prepare(&ground, hazard);
    const int codes[READERS] = {[REPORT] = hazard->report,
                                [IMPORT_NEW] = hazard->import,
                                [IMPORT_INTO] = hazard->import,
                                [RESTORE] = hazard->restore};
    for (enum reader reader = 0; reader < READERS; reader++) {
        struct outcome told = run_apart(&ground, hazard, reader, 10 + reader);
        if (reader < LIST)
            expect_an_end(hazard, reader, &told);
        else if (reader == LIST)
            expect_listed(hazard, &told);
        else if (reader == VERIFY)
            expect_verified(hazard, &told);
        else
            expect_code(hazard, reader, &told, codes[reader]);
        if (reader == REPORT || reader == PAGE)
            expect_told(hazard, &told);
        assert_false(told.leaked);
        assert_outside_is_whole(&ground);
        if (reader < IMPORT_NEW || codes[reader])
            look_unchanged(&ground.desk, &ground.domain);
        assert_false(look_staged(&ground.desk, look_text(ground.gpo)));
        if (codes[reader] || reader < IMPORT_NEW)
            continue;
        bytes_free(&ground.domain);
        ground.domain = look_snapshot(&ground.desk);
    }
}

#define HAZARDS (sizeof hazards / sizeof *hazards)

int main(void)
{
    struct CMUnitTest tests[HAZARDS];
    for (size_t i = 0; i < HAZARDS; i++)
        tests[i] = (struct CMUnitTest){.name = hazards[i].name,
                                       .test_func = every_reader_withstands_it,
                                       .initial_state = (void *)&hazards[i]};
    return cmocka_run_group_tests_name("hostile backups", tests, NULL, NULL);
}
