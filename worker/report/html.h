/*
 * html.h - writes HTML: the only way by which text gets into a page.
 *
 * Tags, attribute names, classes and the stylesheet are ours and constant. Everything else goes
 * through html_text() or an attribute's value and is escaped there, so that no caller has to think
 * of it. A character that would not be seen as what it is (a control character, one that turns the
 * direction of the text or has no width, what is no UTF-8) is shown by its number instead.
 *
 * A failure (no memory, too deep, too large) is kept and told by html_end(): calls in between need
 * no check. A zeroed struct is an empty page.
 */
#ifndef GPMQ_HTML_H
#define GPMQ_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"

#define HTML_BYTES_MAX (60u << 20) /* of a page: it is a blob of the broker, which takes 64 MiB */
#define HTML_DEPTH_MAX 600         /* elements within each other: some for each level of XML */

struct html {
    struct bytes out;
    const char *open[HTML_DEPTH_MAX]; /* the tags to be closed; constants */
    size_t depth;
    int code; /* of the first failure */
};

/* Opens an element. Behind the tag: names and values of attributes in turn, NULL at the end; an
 * attribute whose value is NULL ends them. Names are constants, values are escaped. */
void html_open(struct html *html, const char *tag, ...) __attribute__((sentinel));
/* Closes the element opened last; it must be a `tag`. */
void html_close(struct html *html, const char *tag);
/* An element that has no content and no end: <meta>, <input>. Attributes as in html_open(). */
void html_void(struct html *html, const char *tag, ...) __attribute__((sentinel));
/* <tag class="...">text</tag>; css_class NULL: none. text NULL is "". */
void html_put(struct html *html, const char *tag, const char *css_class, const char *text);
/* Text of the element that is open. */
void html_text(struct html *html, const char *text);
/* As html_text(), of the first `size` bytes. */
void html_text_size(struct html *html, const char *text, size_t size);
/* The text of printf(): format is ours, what goes into it need not be. */
void html_format(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What another html has written, all of its elements closed. Empties it. */
void html_join(struct html *html, struct html *other);
/* Constant text of ours as it is: the doctype, the stylesheet, the script. Nothing from outside. */
void html_constant(struct html *html, const char *text);

/* Every element has been closed. Gives *out the page with a NUL behind it; free() it.
 * GPMQ_ENOMEM. GPMQ_ETOOBIG: over a limit above. */
int html_end(struct html *html, char **out, size_t *size, struct gpmq_error *err) GPMQ_CHECKED;
/* For CLEANUP(). */
void html_free(struct html *html);

/* Whether a page shows a character itself, and not its number. */
bool html_shows(unsigned int character);

#endif
