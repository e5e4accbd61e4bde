/*
 * report_compare.h - two XML reports of the same settings, held against each other section by
 * section and item by item: Windows' own and ours.
 *
 * An item is a child of an Extension: a right, a value, a rule. Items are equal when name,
 * namespace, attributes, text and children are, in order, but for the exceptions below, which are
 * counted. Elements in gpmq's own namespace are passed over.
 */
#ifndef GPMQ_REPORT_COMPARE_H
#define GPMQ_REPORT_COMPARE_H

#include "xml.h"

enum report_exception {
    EXCEPT_SCEREGVL,  /* Display: names and choices from a table inside Windows */
    EXCEPT_ACCOUNT,   /* a name that the domain knew and the backup does not hold */
    EXCEPT_ADMX,      /* a Policy: described by an ADMX file that the backup does not hold */
    EXCEPT_BLOCKED,   /* Blocked: not every version of Windows writes it */
    EXCEPT_EMPTY_POL, /* a Registry section without settings: likewise */
    EXCEPT_EDITED,    /* the file was changed by its owner after the report was made */
    EXCEPT_END
};
extern const char *const report_exception_names[EXCEPT_END];

struct report_score {
    const char *area;
    size_t theirs, ours, equal;
    size_t moved;     /* of equal ones: they stand elsewhere in the section */
    size_t explained; /* of theirs, by an exception for the whole item */
    size_t exceptions[EXCEPT_END];
};

#define REPORT_SCORES_MAX 32

struct report_scores {
    size_t count;
    struct report_score items[REPORT_SCORES_MAX];
    size_t wrong; /* items that only one of both has, without an exception; each was printed */
};

/* Adds what the comparison of the settings of two reports gives; `name` is for what is printed. */
void report_compare(struct report_scores *scores, const char *name,
                    const struct xml_document *theirs, const struct xml_document *ours);
/* Whether two elements are equal but for exceptions, which are added. */
bool report_same(const struct xml_element *theirs, const struct xml_element *ours,
                 size_t exceptions[EXCEPT_END]);
/* Prints the table of agreement. */
void report_scores_print(const struct report_scores *scores);

#endif
