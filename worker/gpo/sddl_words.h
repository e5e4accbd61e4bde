/*
 * sddl_words.h - the words of the Security Descriptor Definition Language ([MS-DTYP] 2.5.1.1,
 * Windows' sddl.h) as tables, for sddl.c and sddl_read.c.
 */
#ifndef GPMQ_SDDL_WORDS_H
#define GPMQ_SDDL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word of one or two letters and the number it stands for. */
struct sddl_word {
    char word[3];
    uint32_t number;
};

enum sddl_form {
    SDDL_PLAIN,  /* mask and SID */
    SDDL_OBJECT, /* and GUIDs */
    SDDL_MORE,   /* a condition or a claim behind the SID: not supported */
};

struct sddl_ace_word {
    char word[3];
    uint8_t type; /* [MS-DTYP] 2.4.4.1 */
    enum sddl_form form;
};

/* Whose the account behind a trustee's word is. */
enum sddl_scope {
    SDDL_FIXED,  /* `sid` is its SID everywhere */
    SDDL_DOMAIN, /* `rid` below the domain's SID */
    SDDL_ELSE,   /* `rid` below a SID that need not be the domain's: read, not written */
};

struct sddl_trustee_word {
    char word[3];
    enum sddl_scope scope;
    const char *sid;
    uint32_t rid;
};

/* Each table ends with an entry whose word is "". */
extern const struct sddl_ace_word sddl_ace_words[];
extern const struct sddl_trustee_word sddl_trustee_words[];
extern const struct sddl_word sddl_acl_flags[];    /* control bits of a DACL */
extern const struct sddl_word sddl_ace_flags[];    /* in the order they are written */
extern const struct sddl_word sddl_right_bits[];   /* single bits, lowest first */
extern const struct sddl_word sddl_right_masks[];  /* whole masks, tried before the bits */
extern const struct sddl_word sddl_label_rights[]; /* of ML, instead of both */

#define SDDL_TYPE_LABEL 0x11
#define SDDL_NULL_ACL   "NO_ACCESS_CONTROL"

/* The entry with that type, or NULL. */
const struct sddl_ace_word *sddl_ace_by_type(uint8_t type);
/* The entry with that word of `length` letters, in any case, or NULL. */
const struct sddl_ace_word *sddl_ace_by_word(const char *word, size_t length);
const struct sddl_word *sddl_word_find(const struct sddl_word *words, const char *word,
                                       size_t length);

#endif
