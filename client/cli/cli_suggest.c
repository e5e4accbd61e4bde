/* cli_suggest.c - what somebody may have meant. */
#include "cli_suggest.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: three rows of the table are enough. */
size_t cli_distance(const char *left, const char *right)
{
    size_t rows[3][SUGGEST_WORD_MAX + 1];
    size_t left_size = strlen(left), right_size = strlen(right);
    if (left_size > SUGGEST_WORD_MAX || right_size > SUGGEST_WORD_MAX)
        return left_size + right_size;
    for (size_t j = 0; j <= right_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= left_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= right_size; j++) {
            size_t changed = left[i - 1] != right[j - 1];
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + changed);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[left_size % 3][right_size];
}

const char *cli_suggest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SUGGEST_DISTANCE_MAX + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance = cli_distance(word, names[i]);
        if (distance < best_distance && distance < strlen(names[i])) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}
