/* cli_main.c - the table of commands. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_dead.h"
#include "cli_diff.h"
#include "cli_list.h"
#include "cli_local.h"
#include "cli_migration.h"
#include "cli_options.h"
#include "cli_output.h"
#include "cli_ping.h"
#include "cli_prune.h"
#include "cli_queue.h"
#include "cli_report.h"
#include "cli_restore.h"
#include "cli_status.h"
#include "cli_submit.h"
#include "cli_suggest.h"
#include "fail.h"
#include "standalone.h"
#include "standalone_main.h"

#ifndef GPMQ_VERSION
#define GPMQ_VERSION "unknown"
#endif

/* clang-format off */
static const struct cli_command commands[] = {
    {"backup", VERB_BACKUP, "back up GPOs of a domain", "(--all | GPO...) --to REPO",
     "  gpmq backup --all --domain ./contoso --to ./backups\n"
     "  gpmq backup --all --to nightly --domain example.test --comment \"before the move\"\n"
     "  gpmq backup \"Default Domain Policy\" {31B2F340-016D-11D2-945F-00C04FB984F9} --to nightly\n\n"
     "A GPO is a GUID or a display name. One that is not there fails alone (exit code 3).\n"
     "Without a broker REPO is a folder, and made if its parent is there.\n"
     "Ctrl-C asks for cancel and waits; twice leaves.\n",
     0, -1, cli_command_backup},
    {"import", VERB_IMPORT, "import backups into GPOs",
     "(--all | BACKUP...) --from REPO (--into GPO | --create)",
     "  gpmq import \"Desktop Lockdown\" --from nightly --create --name \"Lockdown 2\"\n"
     "  gpmq import {0F2A8BE4-5C1D-4B46-9E0C-6A5F0C1E7D11} --from nightly --into \"Test Policy\"\n"
     "  gpmq import --all --from nightly --create --domain new.test\n\n"
     "A BACKUP is its id, or a GPO's display name, which means its newest backup. Accounts and UNC paths\n"
     "of another domain become those of this one through --migration-table (gpmq migration-table).\n",
     0, -1, cli_command_import},
    {"restore", VERB_RESTORE, "put GPOs of a domain back as they were", "(--all | BACKUP...) --from REPO",
     "  gpmq restore \"Kiosk - Lobby\" --from ./backups --domain ./contoso --dry-run\n"
     "  gpmq restore {0F2A8BE4-5C1D-4B46-9E0C-6A5F0C1E7D11} --from nightly --domain example.test\n"
     "  gpmq restore --all --from nightly --domain example.test\n\n"
     "A BACKUP is its id, or a GPO's display name, which means its newest backup. Only the domain it\n"
     "was made in takes it; a GPO that was deleted comes back with its GUID, but without its links.\n",
     0, -1, cli_command_restore},
    {"copy", VERB_COPY, "make a new GPO from one that is there", "GPO [--as NAME] [--to-domain NAME]",
     "  gpmq copy \"Kiosk - Lobby\" --as \"Kiosk - Hall\" --domain example.test\n"
     "  gpmq copy \"Kiosk - Lobby\" --to-domain ./test --copy-acl --domain ./contoso\n\n"
     "The copy is linked nowhere. A WMI filter stays with it within the domain.\n",
     1, 1, cli_command_copy},
    {"report", VERB_REPORT, "what GPOs or backups hold, or a user would get: HTML or XML",
     "(GPO... | --backup BACKUP --from REPO | --all | --rsop ...) [--html | --xml] [-o FILE]",
     "  gpmq report \"Default Domain Policy\" --domain ./contoso -o policy.html\n"
     "  gpmq report --all --domain example.test -o ./reports\n"
     "  gpmq report --backup \"Desktop Lockdown\" --from nightly --xml > lockdown.xml\n"
     "  gpmq report --op $(gpmq report \"Kiosk\" --detach) -o kiosk.html    # also hours later\n"
     "  gpmq report --rsop --computer WS-0001 --user alindqvist --site Tokyo -o plan.html\n\n"
     "With --from the words are backups: ids, or GPOs' names, which mean their newest. Several reports\n"
     "go into a folder, which is made if its parent is there. A file is written whole or not at all.\n"
     "HTML: one page that needs nothing else; XML: as GPMC's, in UTF-8. --rsop plans: which GPOs apply to a\n"
     "computer and a user, why others do not, and of each setting the value that wins (docs/rsop.md).\n",
     0, -1, cli_command_report},
    {"list", VERB_LIST, "what a domain or a repository holds", "(gpos | backups) [--from REPO]",
     "  gpmq list gpos --domain example.test\n"
     "  gpmq list backups --from nightly --json\n",
     1, 1, cli_command_list},
    {"verify", VERB_VERIFY, "check backups of a repository", "REPO [BACKUP...] [--read-data]",
     "  gpmq verify nightly\n"
     "  gpmq verify nightly --read-data --json\n"
     "  gpmq verify nightly \"Default Domain Policy\" --read-data\n\n"
     "All backups, or those that are named: by id, or by a GPO's name, which means its newest.\n"
     "Exit code 9: damage was found; stderr names it.\n",
     1, -1, cli_command_verify},
    {"diff", VERB_DIFF, "what differs between backups and GPOs, in settings",
     "A [B] [--from REPO] [--domain NAME]",
     "  gpmq diff \"Kiosk - Lobby\" --from nightly                      its two newest backups\n"
     "  gpmq diff \"Kiosk - Lobby\" --from nightly --domain example.test   newest backup, live GPO\n"
     "  gpmq diff \"Kiosk - Lobby~5\" \"Kiosk - Lobby\" --from nightly     ~5: five backups before\n"
     "  gpmq diff \"Kiosk - Lobby\" \"Kiosk - Hall\" --domain example.test  two live GPOs\n\n"
     "With --from and --domain A is a backup and B a live GPO, unless backup: or gpo: stands before\n"
     "it. Exit code 0: no difference; 10: there are some; else as everywhere.\n",
     1, 2, cli_command_diff},
    {"prune", VERB_PRUNE, "remove old backups of a repository",
     "REPO --keep-last N ... [--gpo GPO] [--dry-run]",
     "  gpmq prune nightly --keep-daily 14 --keep-weekly 8 --keep-monthly 12 --dry-run\n"
     "  gpmq prune nightly --keep-last 3 --gpo \"Default Domain Policy\"\n\n"
     "For each GPO alone; what one rule keeps stays, and a rule that finds less than N keeps the\n"
     "oldest, too. The newest is always kept. Days, weeks (from Monday) and months are those of UTC.\n"
     "A backup that is being read stays until the next prune.\n",
     1, 1, cli_command_prune},
    {"ops", VERB_OPS, "list operations, the newest first", "[--open] [--batch ID]",
     "  gpmq ops --open\n"
     "  gpmq ops --limit 1000 --json\n",
     0, 0, cli_command_ops},
    {"show", VERB_SHOW, "all that is known of operations", "ID...",
     "  gpmq show 0193a1c07b5e7c1e8a54d3e1f0a9b8c7\n"
     "  gpmq show 0193a1c07b5e7c1e8a54d3e1f0a9b8c7 --json\n",
     1, -1, cli_command_show},
    {"watch", VERB_WATCH, "follow operations to their end", "ID...",
     "  gpmq watch 0193a1c07b5e7c1e8a54d3e1f0a9b8c7\n"
     "  gpmq watch 0193a1c07b5e7c1e8a54d3e1f0a9b8c7 --json\n\n"
     "Also what has ended: its whole history is told. Ctrl-C leaves, it goes on.\n",
     1, -1, cli_command_watch},
    {"wait", VERB_WAIT, "wait until operations have ended", "ID... [--any]",
     "  gpmq wait $(gpmq backup --all --to nightly --detach)\n"
     "  gpmq wait 0193a1c07b5e7c1e8a54d3e1f0a9b8c7 --timeout 600\n\n"
     "Exit code 8: not in time; it goes on.\n",
     1, -1, cli_command_wait},
    {"cancel", VERB_CANCEL, "cancel operations or batches", "ID...",
     "  gpmq cancel 0193a1c07b5e7c1e8a54d3e1f0a9b8c7\n"
     "  gpmq cancel 0193a1c07b5e7c1e8a54d3e1f0a9b8c7 --grace 2\n\n"
     "Says what became of it: cancelled, cancelling, too late, unknown.\n",
     1, -1, cli_command_cancel},
    {"workers", VERB_WORKERS, "the workers that are here", "",
     "  gpmq workers\n"
     "  gpmq workers --json\n",
     0, 0, cli_command_workers},
    {"stats", VERB_STATS, "how much waits, runs and is kept", "",
     "  gpmq stats\n"
     "  gpmq stats --json\n",
     0, 0, cli_command_stats},
    {"pause", VERB_PAUSE, "hold operations back that have not begun",
     "[--kind KIND] [--domain NAME] [--repository REPO]",
     "  gpmq pause\n"
     "  gpmq pause --domain example.test --kind gpo.import\n\n"
     "What runs goes on; what comes is accepted and waits, also over a restart of the broker.\n"
     "Needs a key of the role admin.\n",
     0, 0, cli_command_pause},
    {"resume", VERB_PAUSE, "end a pause",
     "[--kind KIND] [--domain NAME] [--repository REPO]",
     "  gpmq resume\n"
     "  gpmq resume --domain example.test --kind gpo.import\n\n"
     "Name what was named for the pause; gpmq stats lists the pauses in force.\n",
     0, 0, cli_command_resume},
    {"drain", VERB_DRAIN, "give a worker nothing new", "WORKER [--resume]",
     "  gpmq drain w1\n"
     "  gpmq drain w1 --resume\n\n"
     "It finishes what it has; gpmq workers shows when that is done. Lasts until its process starts\n"
     "anew. Needs a key of the role admin.\n",
     1, 1, cli_command_drain},
    {"dead list", VERB_DEAD_LIST, "operations that were given up", "",
     "  gpmq dead list\n"
     "  gpmq dead list --json\n\n"
     "Each took too many executors or workers with it; gpmq watch ID tells the whole story.\n",
     0, 0, cli_command_dead_list},
    {"dead retry", VERB_DEAD, "run dead operations again", "(--all | ID...)",
     "  gpmq dead retry 0193a1c07b5e7c1e8a54d3e1f0a9b8c7\n"
     "  gpmq wait $(gpmq dead retry --all)\n\n"
     "Prints the id of each new operation, which is the same however often this is asked. The new one\n"
     "goes on with what the dead one had created. Yours; with a key of the role admin, anybody's.\n",
     0, -1, cli_command_dead_retry},
    {"dead drop", VERB_DEAD, "take dead operations off the list", "(--all | ID...)",
     "  gpmq dead drop 0193a1c07b5e7c1e8a54d3e1f0a9b8c7\n\n"
     "gpmq show and watch still know them, as long as any other that has ended.\n",
     0, -1, cli_command_dead_drop},
    {"ping", VERB_PING, "is the broker there?", "",
     "  gpmq ping --broker tcp://127.0.0.1:5670\n"
     "  gpmq ping --quiet && echo it is\n\n"
     "For health checks: asks the broker's loop and nothing else. Exit code 7: it does not answer;\n"
     "6: it does not accept our key.\n",
     0, 0, cli_command_ping},
    {"domain create", VERB_DOMAIN, "make a folder that is a domain", "PATH --dns-name NAME",
     "  gpmq domain create ./example --dns-name example.test\n"
     "  gpmq domain create ./copy --dns-name example.test --ldif dump.ldif --sysvol ./sysvol\n",
     1, 1, cli_command_domain_create},
    {"migration-table create", VERB_TABLE, "list the accounts and paths of backups or GPOs",
     "(--from REPO [BACKUP...] | [--domain NAME] [GPO...]) -o FILE",
     "  gpmq migration-table create --from nightly -o prod.migtable\n"
     "  gpmq migration-table create --domain test.example \"Desktop Lockdown\" --with-acl -o prod.migtable\n\n"
     "Each has its type and stays what it is (DestinationSameAsSource) until you write another destination:\n"
     "in Microsoft's editor, or in the file. Without names: all backups, all GPOs.\n",
     0, -1, cli_command_migration_create},
    {"migration-table validate", VERB_TABLE_CHECK, "look for a table's destinations in a domain", "FILE [--domain NAME]",
     "  gpmq migration-table validate prod.migtable --domain prod.example\n"
     "  gpmq migration-table validate prod.migtable --domain ./prod --json\n\n"
     "Entry by entry. Exit code 1: one leads nowhere. Paths are not looked for.\n",
     1, 1, cli_command_migration_validate},
    {"keys create", VERB_KEYS, "make a pair of CURVE keys", "NAME --role ROLE [--to FOLDER]",
     "  gpmq keys create broker --role broker --to /etc/gpmq\n"
     "  gpmq keys create anna --role client\n\n"
     "NAME.key is secret (mode 0600), NAME.pub goes to the broker's --keys folder.\n",
     1, 1, cli_command_keys_create},
};
/* clang-format on */

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

/* Commands that need no line each. */
static void list_verbs(FILE *out, const char *of_what, unsigned verbs)
{
    const char *before = "";
    fprintf(out, "  %s: ", of_what);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!(commands[i].verb & verbs))
            continue;
        fprintf(out, "%s%s", before, commands[i].name);
        before = ", ";
    }
    fputc('\n', out);
}

static void help(FILE *out)
{
    fputs("gpmq runs Group Policy operations as durable, cancellable jobs.\n\n"
          "  gpmq backup --all --domain ./contoso --to ./backups\n"
          "  gpmq backup --all --domain example.test --to nightly --broker tcp://10.0.0.1:5670\n\n"
          "Commands (each has --help):\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (!(commands[i].verb & (VERB_QUEUE | VERB_FOLLOW | VERB_PREPARE)))
            fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].summary);
    list_verbs(out, "to prepare", VERB_PREPARE);
    list_verbs(out, "of what was submitted", VERB_FOLLOW);
    list_verbs(out, "of the queue itself", VERB_QUEUE);
    fputs("\nWhere the broker is: --broker URL, $GPMQ_BROKER, or ~/.config/gpmq/gpmq.yaml. None: "
          "domains\n"
          "and repositories are folders, the queue is in ~/.local/state/gpmq ($XDG_STATE_HOME).\n"
          "Exit codes: 0 all well, 1 failed, 2 usage, 3 some failed, 4 cancelled, 5 not accepted,\n"
          "6 not allowed, 7 broker unreachable, 8 timed out, 9 damage found, 10 different.\n",
          out);
}

/* The command at the beginning of argv; *words is how many words its name has. */
static const struct cli_command *find_command(int argc, char **argv, int *words)
{
    char two[64];
    snprintf(two, sizeof two, "%.20s %.20s", argv[1], argc > 2 ? argv[2] : "");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        *words = strchr(commands[i].name, ' ') ? 2 : 1;
        if (strcmp(commands[i].name, *words == 2 ? two : argv[1]) == 0)
            return &commands[i];
    }
    return NULL;
}

static int unknown_command(int argc, char **argv)
{
    const char *names[COMMAND_COUNT];
    char two[64];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    snprintf(two, sizeof two, "%.20s %.20s", argv[1], argc > 2 ? argv[2] : "");
    const char *close = cli_suggest(argv[1], names, COMMAND_COUNT);
    if (!close)
        close = cli_suggest(two, names, COMMAND_COUNT);
    for (size_t i = 0; i < COMMAND_COUNT && !close; i++)
        if (strncmp(names[i], argv[1], strlen(argv[1])) == 0 && strchr(names[i], ' '))
            close = names[i];
    fprintf(stderr, "gpmq: there is no command '%s'%s%s%s; see: gpmq --help\n", argv[1],
            close ? "; did you mean '" : "", close ? close : "", close ? "'?" : "");
    return 2;
}

static void folders_close(struct cli_folders *folders)
{
    standalone_close(&folders->standalone);
    free(folders->domain);
    free(folders->to_domain);
    free(folders->to);
    free(folders->from);
}

static int run(const struct cli_command *command, struct cli_options *options)
{
    CLEANUP(folders_close) struct cli_folders folders = {.standalone = NULL};
    options->folders = &folders;
    return command->run(options);
}

int main(int argc, char **argv)
{
    struct gpmq_error err;
    struct cli_options options;
    int words = 1;

    if (standalone_main_is_role(argc, argv))
        return standalone_main(argc, argv);
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("gpmq " GPMQ_VERSION);
        return 0;
    }
    const struct cli_command *command = find_command(argc, argv, &words);
    if (!command)
        return unknown_command(argc, argv);
    if (cli_options_parse(&options, command, argc - words, argv + words, &err) != 0) {
        fprintf(stderr, "gpmq: %s\n", err.text);
        return 2;
    }
    return run(command, &options);
}
