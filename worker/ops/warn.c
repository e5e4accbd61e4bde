/* warn.c - messages that stop nothing. */
#include "warn.h"

#include <stdarg.h>
#include <stdio.h>

void warn_gpo(struct run *run, const struct gpmq_guid *gpo, const char *settings_name,
              const char *format, ...)
{
    char text[RUN_TEXT_MAX], id[GPMQ_GUID_TEXT_SIZE];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    run_message(run, &(struct gpmq_status_msg){.object_path = gpmq_guid_text(gpo, id),
                                               .settings_name = settings_name,
                                               .message = text});
}
