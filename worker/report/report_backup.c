#include "report_backup.h"

#include <string.h>
#include <strings.h>

#include "fail.h"
#include "report_kept.h"

static int read_file(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err)
{
    const struct report_backup *from = arg;
    return repository_read_file(from->repository, &from->backup->info.id, path, sink, sink_arg,
                                err);
}

static const struct domain_principal *find(const struct backup *backup, const char *sid)
{
    for (size_t i = 0; i < backup->principal_count; i++) {
        const char *known = backup->principals[i].principal.sid;
        if (known && !strcasecmp(known, sid))
            return &backup->principals[i].principal;
    }
    return NULL;
}

static bool copy(char **out, const char *text)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

static int principal(void *arg, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err)
{
    const struct report_backup *from = arg;
    static const struct domain_principal nobody;
    const struct domain_principal *known = find(from->backup, sid);
    if (!known)
        known = &nobody;
    const char *name = known->sam_account_name;
    if (!name && from->kept)
        name = report_kept_name(from->kept, sid);
    *out = (struct domain_principal){0};
    if (copy(&out->sid, sid) && copy(&out->sam_account_name, name) &&
        copy(&out->type, known->type) &&
        copy(&out->netbios_domain_name, known->netbios_domain_name) &&
        copy(&out->dns_domain_name, known->dns_domain_name) && copy(&out->upn, known->upn))
        return 0;
    domain_principal_free(out);
    return fail(err, GPMQ_ENOMEM, "no memory for an account");
}

void report_backup_source(struct report_source *source, struct report_backup *from)
{
    *source = (struct report_source){
        .gpo = from->backup->gpo,
        .read_file = read_file,
        .principal = principal,
        .arg = from,
        .read_unix_ms = from->backup->info.time_unix_ms,
    };
    if (!from->kept)
        return;
    source->gpo = &from->kept->gpo;
    source->links = from->kept->links;
    source->link_count = from->kept->link_count;
    source->filter_description = from->kept->filter_description;
}
