/* executor_doctor.c - sets doctor_ad() up: helper, folder for tickets. */
#include "executor_doctor.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "ad_ticket.h"
#include "cleanup.h"
#include "doctor_ad.h"
#include "sysvol_acl.h"

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

static void look(struct doctor *doctor, const char *url, const char *helper)
{
    char tickets[] = "/tmp/gpmq-doctor-XXXXXX";
    struct gpmq_error err = {0};
    if (strncmp(url, AD_SCHEME ":", strlen(AD_SCHEME) + 1) != 0) {
        doctor_say(doctor, DOCTOR_PROBLEM, "settings", "see docs/deploy.md", "'%s' is no domain",
                   url);
        return;
    }
    if (helper && sysvol_acl_prepare(helper, &err) != 0)
        doctor_say(doctor, DOCTOR_WARNING, "helper", NULL, "%s", err.text);
    if (!mkdtemp(tickets)) {
        doctor_say(doctor, DOCTOR_PROBLEM, "ticket", "make /tmp writable for the worker's account",
                   "cannot make a folder for tickets in /tmp");
        return;
    }
    ad_ticket_folder(tickets);
    doctor_ad(doctor, url + strlen(AD_SCHEME) + 1);
    remove_folder(tickets);
}

int executor_doctor(const char *domain, const char *helper, bool json, bool may_write)
{
    const char *equals = strchr(domain, '=');
    CLEANUP(free_pointer)
    char *name = equals ? strndup(domain, (size_t)(equals - domain)) : NULL;
    struct doctor doctor = {.place = name ? name : "", .json = json, .may_write = may_write};
    look(&doctor, equals ? equals + 1 : domain, helper);
    return doctor.problems ? 1 : 0;
}
