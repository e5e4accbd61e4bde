/* sddl_words.c - the words of the Security Descriptor Definition Language. */
#include "sddl_words.h"

#include <string.h>
#include <strings.h>

#include "sd.h"

/* clang-format off */
const struct sddl_ace_word sddl_ace_words[] = {
    {"A",  0x00, SDDL_PLAIN},
    {"D",  0x01, SDDL_PLAIN},
    {"AU", 0x02, SDDL_PLAIN},
    {"AL", 0x03, SDDL_PLAIN},
    {"OA", 0x05, SDDL_OBJECT},
    {"OD", 0x06, SDDL_OBJECT},
    {"OU", 0x07, SDDL_OBJECT},
    {"OL", 0x08, SDDL_OBJECT},
    {"XA", 0x09, SDDL_MORE},
    {"XD", 0x0A, SDDL_MORE},
    {"ZA", 0x0B, SDDL_MORE},
    {"XU", 0x0D, SDDL_MORE},
    {"ML", SDDL_TYPE_LABEL, SDDL_PLAIN},
    {"RA", 0x12, SDDL_MORE},
    {"SP", 0x13, SDDL_PLAIN},
    {"TL", 0x14, SDDL_PLAIN},
    {"FL", 0x15, SDDL_MORE},
    {"",   0,    SDDL_PLAIN},
};

const struct sddl_trustee_word sddl_trustee_words[] = {
    {"AA", SDDL_FIXED,  "S-1-5-32-579",        0},   /* Access Control Assistance Operators */
    {"AC", SDDL_FIXED,  "S-1-15-2-1",          0},   /* all application packages */
    {"AN", SDDL_FIXED,  "S-1-5-7",             0},   /* anonymous */
    {"AO", SDDL_FIXED,  "S-1-5-32-548",        0},   /* Account Operators */
    {"AP", SDDL_DOMAIN, NULL,                  525}, /* Protected Users */
    {"AS", SDDL_FIXED,  "S-1-18-1",            0},   /* identity asserted by authentication */
    {"AU", SDDL_FIXED,  "S-1-5-11",            0},   /* Authenticated Users */
    {"BA", SDDL_FIXED,  "S-1-5-32-544",        0},   /* Administrators */
    {"BG", SDDL_FIXED,  "S-1-5-32-546",        0},   /* Guests */
    {"BO", SDDL_FIXED,  "S-1-5-32-551",        0},   /* Backup Operators */
    {"BU", SDDL_FIXED,  "S-1-5-32-545",        0},   /* Users */
    {"CA", SDDL_DOMAIN, NULL,                  517}, /* Cert Publishers */
    {"CD", SDDL_FIXED,  "S-1-5-32-574",        0},   /* Certificate Service DCOM Access */
    {"CG", SDDL_FIXED,  "S-1-3-1",             0},   /* creator's group */
    {"CN", SDDL_DOMAIN, NULL,                  522}, /* Cloneable Domain Controllers */
    {"CO", SDDL_FIXED,  "S-1-3-0",             0},   /* creator */
    {"CY", SDDL_FIXED,  "S-1-5-32-569",        0},   /* Cryptographic Operators */
    {"DA", SDDL_DOMAIN, NULL,                  512}, /* Domain Admins */
    {"DC", SDDL_DOMAIN, NULL,                  515}, /* Domain Computers */
    {"DD", SDDL_DOMAIN, NULL,                  516}, /* Domain Controllers */
    {"DG", SDDL_DOMAIN, NULL,                  514}, /* Domain Guests */
    {"DU", SDDL_DOMAIN, NULL,                  513}, /* Domain Users */
    {"EA", SDDL_ELSE,   NULL,                  519}, /* Enterprise Admins: of the forest's root */
    {"ED", SDDL_FIXED,  "S-1-5-9",             0},   /* Enterprise Domain Controllers */
    {"EK", SDDL_ELSE,   NULL,                  527}, /* Enterprise Key Admins: of the root */
    {"ER", SDDL_FIXED,  "S-1-5-32-573",        0},   /* Event Log Readers */
    {"ES", SDDL_FIXED,  "S-1-5-32-576",        0},   /* RDS Endpoint Servers */
    {"HA", SDDL_FIXED,  "S-1-5-32-578",        0},   /* Hyper-V Administrators */
    {"HI", SDDL_FIXED,  "S-1-16-12288",        0},   /* high integrity */
    {"IS", SDDL_FIXED,  "S-1-5-32-568",        0},   /* IIS_IUSRS */
    {"IU", SDDL_FIXED,  "S-1-5-4",             0},   /* interactive */
    {"KA", SDDL_DOMAIN, NULL,                  526}, /* Key Admins */
    {"LA", SDDL_ELSE,   NULL,                  500}, /* the machine's Administrator */
    {"LG", SDDL_ELSE,   NULL,                  501}, /* the machine's Guest */
    {"LS", SDDL_FIXED,  "S-1-5-19",            0},   /* LOCAL SERVICE */
    {"LU", SDDL_FIXED,  "S-1-5-32-559",        0},   /* Performance Log Users */
    {"LW", SDDL_FIXED,  "S-1-16-4096",         0},   /* low integrity */
    {"ME", SDDL_FIXED,  "S-1-16-8192",         0},   /* medium integrity */
    {"MP", SDDL_FIXED,  "S-1-16-8448",         0},   /* medium plus */
    {"MS", SDDL_FIXED,  "S-1-5-32-577",        0},   /* RDS Management Servers */
    {"MU", SDDL_FIXED,  "S-1-5-32-558",        0},   /* Performance Monitor Users */
    {"NO", SDDL_FIXED,  "S-1-5-32-556",        0},   /* Network Configuration Operators */
    {"NS", SDDL_FIXED,  "S-1-5-20",            0},   /* NETWORK SERVICE */
    {"NU", SDDL_FIXED,  "S-1-5-2",             0},   /* network */
    {"OW", SDDL_FIXED,  "S-1-3-4",             0},   /* owner rights */
    {"PA", SDDL_DOMAIN, NULL,                  520}, /* Group Policy Creator Owners */
    {"PO", SDDL_FIXED,  "S-1-5-32-550",        0},   /* Print Operators */
    {"PS", SDDL_FIXED,  "S-1-5-10",            0},   /* self */
    {"PU", SDDL_FIXED,  "S-1-5-32-547",        0},   /* Power Users */
    {"RA", SDDL_FIXED,  "S-1-5-32-575",        0},   /* RDS Remote Access Servers */
    {"RC", SDDL_FIXED,  "S-1-5-12",            0},   /* restricted code */
    {"RD", SDDL_FIXED,  "S-1-5-32-555",        0},   /* Remote Desktop Users */
    {"RE", SDDL_FIXED,  "S-1-5-32-552",        0},   /* Replicator */
    {"RM", SDDL_FIXED,  "S-1-5-32-580",        0},   /* Remote Management Users */
    {"RO", SDDL_ELSE,   NULL,                  498}, /* read-only DCs of the enterprise */
    {"RS", SDDL_DOMAIN, NULL,                  553}, /* RAS and IAS Servers */
    {"RU", SDDL_FIXED,  "S-1-5-32-554",        0},   /* Pre-Windows 2000 Compatible Access */
    {"SA", SDDL_ELSE,   NULL,                  518}, /* Schema Admins: of the root */
    {"SI", SDDL_FIXED,  "S-1-16-16384",        0},   /* system integrity */
    {"SO", SDDL_FIXED,  "S-1-5-32-549",        0},   /* Server Operators */
    {"SS", SDDL_FIXED,  "S-1-18-2",            0},   /* identity asserted by a service */
    {"SU", SDDL_FIXED,  "S-1-5-6",             0},   /* service */
    {"SY", SDDL_FIXED,  "S-1-5-18",            0},   /* SYSTEM */
    {"UD", SDDL_FIXED,  "S-1-5-84-0-0-0-0-0",  0},   /* user-mode drivers */
    {"WD", SDDL_FIXED,  "S-1-1-0",             0},   /* Everyone */
    {"WR", SDDL_FIXED,  "S-1-5-33",            0},   /* write-restricted code */
    {"",   SDDL_FIXED,  NULL,                  0},
};

const struct sddl_word sddl_acl_flags[] = {
    {"P",  SD_DACL_PROTECTED},
    {"AR", SD_DACL_INHERIT_REQ},
    {"AI", SD_DACL_INHERITED},
    {"",   0},
};

const struct sddl_word sddl_ace_flags[] = {
    {"OI", 0x01}, /* files below inherit it */
    {"CI", 0x02}, /* containers below inherit it */
    {"NP", 0x04}, /* but hand it no further */
    {"IO", 0x08}, /* it is for those below only */
    {"ID", 0x10}, /* inherited */
    {"CR", 0x20}, /* critical */
    {"SA", 0x40}, /* audit success */
    {"FA", 0x80}, /* audit failure */
    {"",   0},
};

const struct sddl_word sddl_right_bits[] = {
    {"CC", 0x00000001}, /* create child */
    {"DC", 0x00000002}, /* delete child */
    {"LC", 0x00000004}, /* list children */
    {"SW", 0x00000008}, /* validated write */
    {"RP", 0x00000010}, /* read property */
    {"WP", 0x00000020}, /* write property */
    {"DT", 0x00000040}, /* delete tree */
    {"LO", 0x00000080}, /* list object */
    {"CR", 0x00000100}, /* control access: extended rights */
    {"SD", 0x00010000}, /* delete */
    {"RC", 0x00020000}, /* read the descriptor */
    {"WD", 0x00040000}, /* write the DACL */
    {"WO", 0x00080000}, /* write the owner */
    {"GA", 0x10000000},
    {"GX", 0x20000000},
    {"GW", 0x40000000},
    {"GR", 0x80000000},
    {"",   0},
};

const struct sddl_word sddl_right_masks[] = {
    {"FA", 0x001F01FF},
    {"FR", 0x00120089},
    {"FW", 0x00120116},
    {"FX", 0x001200A0},
    {"KA", 0x000F003F},
    {"KR", 0x00020019},
    {"KW", 0x00020006},
    {"KX", 0x00020019}, /* read, never written: KR is the same */
    {"",   0},
};

const struct sddl_word sddl_label_rights[] = {
    {"NW", 0x1}, /* no write up */
    {"NR", 0x2},
    {"NX", 0x4},
    {"",   0},
};
/* clang-format on */

const struct sddl_ace_word *sddl_ace_by_type(uint8_t type)
{
    for (const struct sddl_ace_word *ace = sddl_ace_words; *ace->word; ace++)
        if (ace->type == type)
            return ace;
    return NULL;
}

static bool is_word(const char *known, const char *word, size_t length)
{
    return strlen(known) == length && strncasecmp(known, word, length) == 0;
}

const struct sddl_ace_word *sddl_ace_by_word(const char *word, size_t length)
{
    for (const struct sddl_ace_word *ace = sddl_ace_words; *ace->word; ace++)
        if (is_word(ace->word, word, length))
            return ace;
    return NULL;
}

const struct sddl_word *sddl_word_find(const struct sddl_word *words, const char *word,
                                       size_t length)
{
    for (; *words->word; words++)
        if (is_word(words->word, word, length))
            return words;
    return NULL;
}
