#include "report_preferences.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

#define PARTS_MAX 16

/* Of the schema of scheduled tasks ([MS-TSCH] 2.5), as reports have them. */
/* clang-format off */
static const struct order {
    const char *element;
    const char *parts[PARTS_MAX + 1];
} orders[] = {
    {"Task", {"RegistrationInfo", "Triggers", "Settings", "Principals", "Actions"}},
    {"RegistrationInfo", {"Author", "Description"}},
    {"Settings", {"AllowStartOnDemand", "DisallowStartIfOnBatteries",
                  "StopIfGoingOnBatteries", "AllowHardTerminate", "StartWhenAvailable",
                  "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden",
                  "DeleteExpiredTaskAfter", "RunOnlyIfIdle", "MultipleInstancesPolicy", "Priority",
                  "ExecutionTimeLimit", "IdleSettings", "RestartOnFailure"}},
    {"IdleSettings", {"Duration", "WaitTimeout", "StopOnIdleEnd", "RestartOnIdle"}},
    {"Principal", {"UserId", "LogonType", "RunLevel"}},
    {"Triggers", {"TimeTrigger", "CalendarTrigger"}},
    {"TimeTrigger", {"Enabled", "StartBoundary", "EndBoundary"}},
    {"LogonTrigger", {"Enabled", "StartBoundary", "EndBoundary"}},
    {"CalendarTrigger", {"Enabled", "StartBoundary", "EndBoundary"}},
    {"SessionStateChangeTrigger", {"Enabled", "StartBoundary", "EndBoundary"}},
    {"SendEmail", {"Server", "Subject", "To", "From", "Body", "Attachments"}},
    {"Exec", {"Command", "Arguments", "WorkingDirectory"}},
};
/* clang-format on */

static const struct order *order_of(const char *name)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (!strcmp(orders[i].element, name))
            return &orders[i];
    return NULL;
}

static size_t place_of(const struct order *order, const char *name)
{
    size_t place = 0;
    while (order && place < PARTS_MAX && order->parts[place] &&
           strcmp(order->parts[place], name) != 0)
        place++;
    return place;
}

/* Windows writes none, and nothing is lost. */
static bool is_left_out(const struct xml_element *element)
{
    return !strcmp(xml_name(element), "HeaderFields") && !xml_child(element, NULL) &&
           !*xml_text(element);
}

int report_preferences_order(const struct xml_element *element, const struct xml_element ***out,
                             size_t *count, struct gpmq_error *err)
{
    const struct order *order = order_of(xml_name(element));
    const struct xml_element **children =
        calloc(xml_count(element, NULL) + 1, sizeof(const struct xml_element *));
    if (!children)
        return fail(err, GPMQ_ENOMEM, "no memory for preferences");
    *count = 0;
    for (size_t place = 0; place <= (order ? PARTS_MAX : 0); place++)
        for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
            if (place_of(order, xml_name(e)) == place && !is_left_out(e))
                children[(*count)++] = e;
    *out = children;
    return 0;
}
