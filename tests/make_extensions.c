/* make_extensions.c - extension names from the files of a GPO. */
#include "make_extensions.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "gpmq/op.h"

void make_extensions_free(struct make_extensions *extensions)
{
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < extensions->pair_count[side]; i++)
            free(extensions->pairs[side][i]);
}

#define PREFERENCE "{00000000-0000-0000-0000-000000000000}"

/* Which CSE and tools a file stands for: "*" in a path is Machine or User. */
struct registration {
    const char *path;
    const char *cse;
    const char *tools[2]; /* machine, user */
    bool preference;      /* registered a second time under the zero CSE */
};

static const struct registration registrations[] = {
    {"*/registry.pol",
     "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}",
     {"{D02B1F72-3407-48AE-BA88-E8213C6761F1}", "{D02B1F73-3407-48AE-BA88-E8213C6761F1}"},
     false},
    {"*/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
     "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}",
     {"{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}", "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}"},
     false},
    {"*/Microsoft/Windows NT/Audit/audit.csv",
     "{F3CCC681-B74C-4060-9F26-CD84525DCA2A}",
     {"{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}", "{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}"},
     false},
    {"*/Scripts/scripts.ini",
     "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}",
     {"{40B6664F-4972-11D1-A7CA-0000F87571E3}", "{40B66650-4972-11D1-A7CA-0000F87571E3}"},
     false},
    {"*/Documents & Settings/fdeploy1.ini",
     "{25537BA6-77A8-11D2-9B6C-0000F8080861}",
     {"{88E729D6-BDC1-11D1-BD2A-00C04FB9603F}", "{88E729D6-BDC1-11D1-BD2A-00C04FB9603F}"},
     false},
    {"*/Preferences/Registry/Registry.xml",
     "{B087BE9D-ED37-454F-AF9C-04291E351182}",
     {"{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}", "{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}"},
     true},
    {"*/Preferences/Groups/Groups.xml",
     "{17D89FEC-5C44-4972-B12D-241CAEF74509}",
     {"{79F92669-4224-476C-9C5C-6EFB4D87DF4A}", "{79F92669-4224-476C-9C5C-6EFB4D87DF4A}"},
     true},
    {"*/Preferences/ScheduledTasks/ScheduledTasks.xml",
     "{AADCED64-746C-4633-A97C-D61349046527}",
     {"{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}", "{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}"},
     true},
    {"*/Preferences/Folders/Folders.xml",
     "{6232C319-91AC-4931-9385-E70C2B099F0E}",
     {"{3EC4E9D3-714D-471F-88DC-4DD4471AAB47}", "{3EC4E9D3-714D-471F-88DC-4DD4471AAB47}"},
     true},
    {"*/Preferences/Drives/Drives.xml",
     "{5794DAFD-BE60-433F-88A2-1A31939AC01F}",
     {"{2EA1A81B-48E5-45E9-8BB7-A6E3AC170006}", "{2EA1A81B-48E5-45E9-8BB7-A6E3AC170006}"},
     true},
    {"*/Preferences/Services/Services.xml",
     "{91FBB303-0CD5-4055-BF42-E512A681B325}",
     {"{CC5746A9-9B74-4BE5-AE2E-64379C86E0E4}", "{CC5746A9-9B74-4BE5-AE2E-64379C86E0E4}"},
     true},
    {"*/Preferences/Files/Files.xml",
     "{7150F9BF-48AD-4DA4-A49C-29EF4A8369BA}",
     {"{3BAE7E51-E3F4-41D0-853D-9BB9FD47605F}", "{3BAE7E51-E3F4-41D0-853D-9BB9FD47605F}"},
     true},
    {"*/Preferences/EnvironmentVariables/EnvironmentVariables.xml",
     "{0E28E245-9368-4853-AD84-6DA3BA35BB75}",
     {"{35141B6B-498A-4CC7-AD59-CEF93D89B2CE}", "{35141B6B-498A-4CC7-AD59-CEF93D89B2CE}"},
     true},
};

int make_extensions_add(struct make_extensions *extensions, int side, const char *cse,
                        const char *tool, struct gpmq_error *err)
{
    char *pair = NULL;
    if (extensions->pair_count[side] == PAIRS_MAX)
        return fail(err, GPMQ_ETOOBIG, "more than %d extensions", PAIRS_MAX);
    if (asprintf(&pair, "%s%s", cse, tool) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for an extension");
    extensions->pairs[side][extensions->pair_count[side]++] = pair;
    return 0;
}

int make_extensions_add_file(struct make_extensions *extensions, const char *path,
                             struct gpmq_error *err)
{
    const char *rest = strchr(path, '/');
    int side = strncasecmp(path, "User/", 5) == 0;
    int rc = 0;
    for (size_t i = 0; rest && !rc && i < sizeof registrations / sizeof *registrations; i++) {
        const struct registration *known = &registrations[i];
        if (strcasecmp(known->path + 1, rest) != 0)
            continue;
        rc = make_extensions_add(extensions, side, known->cse, known->tools[side], err);
        if (!rc && known->preference)
            rc = make_extensions_add(extensions, side, PREFERENCE, known->tools[side], err);
    }
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcasecmp(*(char *const *)a, *(char *const *)b);
}

/* Pairs become groups: a CSE once, with all its tools. */
int make_extensions_join(struct make_extensions *extensions, int side, char **out,
                         struct gpmq_error *err)
{
    char **pairs = extensions->pairs[side];
    size_t count = extensions->pair_count[side], cse = GPMQ_GUID_TEXT_SIZE - 1;
    CLEANUP(bytes_free) struct bytes text = {0};
    qsort(pairs, count, sizeof *pairs, by_text);
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && strncasecmp(pairs[i - 1], pairs[i], cse) == 0;
        if (i > 0 && strcasecmp(pairs[i - 1], pairs[i]) == 0)
            continue;
        if (!same)
            bytes_format(&text, "%s[%.*s", i > 0 ? "]" : "", (int)cse, pairs[i]);
        bytes_put_text(&text, pairs[i] + cse);
    }
    if (count)
        bytes_put_char(&text, ']');
    void *taken;
    int rc = bytes_take(&text, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}
