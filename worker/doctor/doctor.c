/* doctor.c - lines, and what can be said of a folder. */
#include "doctor.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define TEXT_SIZE       2048
#define GIGABYTE        ((uint64_t)1 << 30)
#define FREE_PERCENT    5 /* of a disk: below, a warning */
#define FREE_AT_LEAST   GIGABYTE
#define ADVICE_INDENT_N 33

static const char *const words[] = {
    [DOCTOR_OK] = "ok",
    [DOCTOR_WARNING] = "warning",
    [DOCTOR_PROBLEM] = "problem",
    [DOCTOR_SKIPPED] = "skipped",
};

static void say_json(const struct doctor *doctor, const char *state, const char *check,
                     const char *advice, const char *text)
{
    json_t *line = json_pack("{ss ss ss ss}", "place", doctor->place, "check", check, "state",
                             state, "text", text);
    if (line && advice)
        json_object_set_new(line, "advice", json_string(advice));
    if (line)
        json_dumpf(line, stdout, JSON_COMPACT);
    json_decref(line);
    putchar('\n');
}

void doctor_say(struct doctor *doctor, enum doctor_state state, const char *check,
                const char *advice, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    doctor->problems += state == DOCTOR_PROBLEM;
    if (doctor->json) {
        say_json(doctor, words[state], check, advice, text);
    } else {
        printf("%-8s %-15s %-8s %s\n", words[state], doctor->place, check, text);
        if (advice)
            printf("%*s-> %s\n", ADVICE_INDENT_N + 1, "", advice);
    }
    fflush(stdout); /* another process may say the next line */
}

static void look_at_disk(struct doctor *doctor, const char *folder)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0 || !disk.f_blocks)
        return;
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t percent = (uint64_t)disk.f_bavail * 100 / disk.f_blocks;
    bool scarce = left < FREE_AT_LEAST || percent < FREE_PERCENT;
    doctor_say(doctor, scarce ? DOCTOR_WARNING : DOCTOR_OK, "disk",
               scarce ? "make room, or prune old backups: gpmq prune" : NULL,
               "%.1f GiB free (%u %%) at '%s'", (double)left / (double)GIGABYTE, (unsigned)percent,
               folder);
}

void doctor_folder(struct doctor *doctor, const char *folder)
{
    struct stat found;
    bool there = stat(folder, &found) == 0;
    if (!there || !S_ISDIR(found.st_mode)) {
        doctor_say(doctor, DOCTOR_PROBLEM, "folder", "make it, or correct the settings",
                   "there is no folder '%s': %s", folder,
                   there ? "it is something else" : strerror(errno));
        return;
    }
    if (access(folder, R_OK | X_OK) != 0)
        doctor_say(doctor, DOCTOR_PROBLEM, "folder", "give this account the right to read it",
                   "'%s' cannot be read by uid %u", folder, (unsigned)geteuid());
    else if (access(folder, W_OK) != 0)
        doctor_say(doctor, DOCTOR_PROBLEM, "folder",
                   "chown or chmod it; with systemd also ReadWritePaths= in the unit",
                   "'%s' cannot be written to by uid %u: %s", folder, (unsigned)geteuid(),
                   strerror(errno));
    else
        doctor_say(doctor, DOCTOR_OK, "folder", NULL, "'%s' can be read and written", folder);
    look_at_disk(doctor, folder);
}
