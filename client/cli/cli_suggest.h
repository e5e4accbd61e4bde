/* cli_suggest.h - what somebody may have meant. */
#ifndef GPMQ_CLI_SUGGEST_H
#define GPMQ_CLI_SUGGEST_H

#include <stddef.h>

#define SUGGEST_DISTANCE_MAX 2  /* letters put in, left out, changed or swapped */
#define SUGGEST_WORD_MAX     32 /* longer words get no suggestion */

/* How many letters must be put in, left out, changed or swapped with the next to make one word the
 * other. */
size_t cli_distance(const char *left, const char *right);

/* The one of `names` that is closest to word; NULL: none is close. */
const char *cli_suggest(const char *word, const char *const *names, size_t count);

#endif
