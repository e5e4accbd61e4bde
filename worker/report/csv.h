/*
 * csv.h - rows with commas between their fields, as audit.csv and the bare lines of GptTmpl.inf
 * have them; a field may stand in quotes, in which a quote is doubled.
 */
#ifndef GPMQ_CSV_H
#define GPMQ_CSV_H

#include <stddef.h>

/* Cuts the next row that is not empty off *text_p, which is cut into pieces. Returns how many
 * fields it has, and sets the first `room` of them, trimmed; 0 at the end. A quote that is never
 * closed ends with its line. */
size_t csv_row(char **text_p, char **fields, size_t room);

#endif
