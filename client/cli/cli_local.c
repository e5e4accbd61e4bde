/* cli_local.c - domain create, keys create. */
#include "cli_local.h"

#include "cli_output.h"
#include "curve.h"
#include "domain.h"
#include "fail.h"

int cli_command_domain_create(const struct cli_options *options)
{
    struct gpmq_error err;
    const char *path = options->words[0];
    const struct domain_create_options create = {.dns_name = options->dns_name,
                                                 .netbios_name = options->netbios,
                                                 .ldif = options->ldif,
                                                 .sysvol = options->sysvol};
    int rc = 0;
    if (!options->dns_name)
        rc = fail(&err, GPMQ_EINVAL,
                  "--dns-name is missing: gpmq domain create '%s' --dns-name example.test", path);
    else if (options->sysvol && !options->ldif)
        rc = fail(&err, GPMQ_EINVAL, "--sysvol goes with --ldif, which names the directory's part");
    if (!rc)
        rc = domain_create(path, &create, &err);
    if (rc)
        return out_error(options, &err);
    if (options->json)
        out_json("domain", json_pack("{s:s, s:s}", "path", path, "dns_name", options->dns_name));
    out_text(options, "%s  %s", options->dns_name, path);
    return 0;
}

int cli_command_keys_create(const struct cli_options *options)
{
    struct gpmq_error err;
    struct curve_key key;
    const char *name = options->words[0], *folder = options->to ? options->to : ".";
    enum curve_role role = options->role ? curve_role_from_name(options->role) : CURVE_NO_ROLE;
    int rc = 0;
    if (role == CURVE_NO_ROLE)
        rc = fail(&err, GPMQ_EINVAL,
                  "--role is client, worker, broker or admin: gpmq keys create '%s' --role client",
                  name);
    if (!rc)
        rc = curve_create(&key, folder, name, role, &err);
    if (rc)
        return out_error(options, &err);
    if (options->json)
        out_json("key",
                 json_pack("{s:s, s:s, s:s, s:s}", "name", name, "role", curve_role_name(role),
                           "public_key", key.public_text, "folder", folder));
    out_text(options, "%s/%s%s  secret: keep it", folder, name, CURVE_SECRET_SUFFIX);
    out_text(options, "%s/%s%s  public: give it to the others", folder, name, CURVE_PUBLIC_SUFFIX);
    return 0;
}
