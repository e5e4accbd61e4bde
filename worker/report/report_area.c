#include "report_area.h"

#include <string.h>

#define REGISTRY "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"

/* clang-format off */
static const struct report_area areas[] = {
    {"Local Users and Groups", "LugsSettings", "Lugs",
     "{17D89FEC-5C44-4972-B12D-241CAEF74509}", "Preferences/Groups/Groups.xml"},
    {"Security", "SecuritySettings", "Security",
     "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}", "Microsoft/Windows NT/SecEdit/GptTmpl.inf"},
    {"Services", "ServiceSettings", "Services",
     "{91FBB303-0CD5-4055-BF42-E512A681B325}", "Preferences/Services/Services.xml"},
    {"Folders", "FoldersSettings", "Folders",
     "{6232C319-91AC-4931-9385-E70C2B099F0E}", "Preferences/Folders/Folders.xml"},
    {"Drive Maps", "DriveMapSettings", "DriveMaps",
     "{5794DAFD-BE60-433F-88A2-1A31939AC01F}", "Preferences/Drives/Drives.xml"},
    {"Environment Variables", "EnvironmentVariablesSettings", "Environment",
     "{0E28E245-9368-4853-AD84-6DA3BA35BB75}",
     "Preferences/EnvironmentVariables/EnvironmentVariables.xml"},
    {"Scheduled Tasks", "ScheduledTasksSettings", "ScheduledTasks",
     "{AADCED64-746C-4633-A97C-D61349046527}", "Preferences/ScheduledTasks/ScheduledTasks.xml"},
    {"Files", "FilesSettings", "Files",
     "{7150F9BF-48AD-4DA4-A49C-29EF4A8369BA}", "Preferences/Files/Files.xml"},
    {"Ini Files", "IniFilesSettings", "IniFiles",
     "{74EE6C03-5363-4554-B161-627540339CAB}", "Preferences/IniFiles/IniFiles.xml"},
    {"Data Sources", "DataSourcesSettings", "DataSources",
     "{728EE579-943C-4519-9EF7-AB56765798ED}", "Preferences/DataSources/DataSources.xml"},
    {"Devices", "DevicesSettings", "Devices",
     "{1A6364EB-776B-4120-ADE1-B63A406A76B5}", "Preferences/Devices/Devices.xml"},
    {"Folder Options", "FolderOptionsSettings", "FolderOptions",
     "{A3F3E39B-5D83-4940-B954-28315B82F0A8}", "Preferences/FolderOptions/FolderOptions.xml"},
    {"Internet Settings", "InternetSettings", "InternetSettings",
     "{E47248BA-94CC-49C4-BBB5-9EB7F05183D0}", "Preferences/InternetSettings/InternetSettings.xml"},
    {"Network Options", "NetworkOptionsSettings", "NetworkOptions",
     "{3A0DBA37-F8B2-4356-83DE-3E90BD5C261F}", "Preferences/NetworkOptions/NetworkOptions.xml"},
    {"Network Shares", "NetworkSharesSettings", "NetworkShares",
     "{6A4C88C6-C502-4F74-8F60-2CB23EDC24E2}", "Preferences/NetworkShares/NetworkShares.xml"},
    {"Regional Options", "RegionalOptionsSettings", "RegionalOptions",
     "{E5094040-C46C-4115-B030-04FB2E545B00}", "Preferences/RegionalOptions/RegionalOptions.xml"},
    {"Start Menu", "StartMenuSettings", "StartMenu",
     "{E4F48E54-F38D-4884-BFB9-D4D2E5729C18}", "Preferences/StartMenuTaskbar/StartMenuTaskbar.xml"},
    {"Power Options", "PowerOptionsSettings", "PowerOptions",
     "{E62688F0-25FD-4C90-BFF5-F508B9D2E31F}", "Preferences/PowerOptions/PowerOptions.xml"},
    {"Printers", "PrintersSettings", "Printers",
     "{BC75B1ED-5833-4858-9BB8-CBF0B166DF9D}", "Preferences/Printers/Printers.xml"},
    {"Shortcuts", "ShortcutSettings", "Shortcuts",
     "{C418DD9D-0D14-4EFB-8FBF-CFE535C8FAC7}", "Preferences/Shortcuts/Shortcuts.xml"},
    {"Windows Registry", "RegistrySettings", "Windows/Registry",
     "{B087BE9D-ED37-454F-AF9C-04291E351182}", "Preferences/Registry/Registry.xml"},
    {"Advanced Audit Configuration", "AuditSettings", "Auditing",
     "{F3CCC681-B74C-4060-9F26-CD84525DCA2A}", "Microsoft/Windows NT/Audit/audit.csv"},
    {"Software Installation", "SoftwareInstallationSettings", "SoftwareInstallation",
     "{C6DC5466-785A-11D2-84D0-00C04FB169F7}", NULL},
    {"Remote Installation", "RemoteInstallationSettings", "RemoteInstallation",
     "{3060E8D0-7020-11D2-842D-00C04FA372D4}", "Microsoft/RemoteInstall/oscfilter.ini"},
    {"Folder Redirection", "FolderRedirectionSettings", "FolderRedirection",
     "{25537BA6-77A8-11D2-9B6C-0000F8080861}", "Documents & Settings/fdeploy1.ini"},
    {"Public Key", "PublicKeySettings", "PublicKey", REGISTRY, "registry.pol"},
    {"Application Control Policies", "Policy", "SRPV2", REGISTRY, "registry.pol"},
    {"Windows Firewall", "WindowsFirewallSettings", "WindowsFirewall", REGISTRY, "registry.pol"},
    {"Name Resolution Policy", "NrptSettings", "nrpt", REGISTRY, "registry.pol"},
    {"Scripts", "Scripts", "Scripts",
     "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}", NULL},
    {"Registry", "RegistrySettings", "Registry", REGISTRY, "registry.pol"},
};
/* clang-format on */

const struct report_area *report_areas(size_t *count)
{
    *count = sizeof areas / sizeof areas[0];
    return areas;
}

const struct report_area *report_area_named(const char *name)
{
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++)
        if (strcmp(areas[i].name, name) == 0)
            return &areas[i];
    return NULL;
}
