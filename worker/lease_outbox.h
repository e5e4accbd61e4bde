/*
 * lease_outbox.h - what is still to be told of one lease: numbered reports, and the content of its
 * result where that goes ahead in pieces.
 */
#ifndef GPMQ_LEASE_OUTBOX_H
#define GPMQ_LEASE_OUTBOX_H

#include <sys/queue.h>

#include "codec.h"

struct kept_report {
    TAILQ_ENTRY(kept_report) in_outbox;
    enum report_kind kind;
    uint64_t n;
    bool sent;
    size_t size;
    char bytes[]; /* an encoded MSG_EXEC_REPORT */
};

struct lease_outbox {
    TAILQ_HEAD(kept_reports, kept_report) reports;
    uint32_t count;
    uint64_t n;               /* of the newest report */
    uint64_t after;           /* of the newest that is not progress */
    int64_t sent_ms;          /* since when what was sent waits for an answer */
    int64_t progress_sent_ms; /* when progress was sent last */

    uint8_t *content; /* that goes ahead of the end in pieces; NULL: none */
    uint64_t content_size;
    uint64_t content_offset; /* what the broker has */
    uint8_t content_digest[32];
    bool content_sent; /* the piece at content_offset is on its way */
    int64_t content_sent_ms;
};

void lease_outbox_init(struct lease_outbox *outbox);
/* Lets go of all that is kept. */
void lease_outbox_clear(struct lease_outbox *outbox);

/* Whether this kind of report ends a lease. */
bool report_is_end(enum report_kind kind);

/* Keeps a copy of *report under the next number. Progress takes the place of progress before it. */
void lease_outbox_add(struct lease_outbox *outbox, const struct report *report);
/* Keeps the content of the end that was added; takes it over. */
void lease_outbox_content(struct lease_outbox *outbox, const struct gpmq_result *result,
                          void *content);
/* The broker has everything up to n. Returns true when the end was among it. */
bool lease_outbox_ack(struct lease_outbox *outbox, uint64_t n, int64_t now_ms);
/* The broker has the content up to here. */
void lease_outbox_content_ack(struct lease_outbox *outbox, uint64_t offset);
/* Another session: nothing of what was sent counts. */
void lease_outbox_rejoin(struct lease_outbox *outbox);
/* Lets reports be sent again that had no answer in answer_ms. */
void lease_outbox_retry(struct lease_outbox *outbox, int64_t now_ms, int64_t answer_ms);
/* One report, or the piece at content_offset, is on its way. */
void lease_outbox_sent(struct lease_outbox *outbox, struct kept_report *kept, int64_t now_ms);
void lease_outbox_piece_sent(struct lease_outbox *outbox, int64_t now_ms);

/* When something of it is to be sent: INT64_MIN at once, INT64_MAX nothing is. */
int64_t lease_outbox_due_ms(const struct lease_outbox *outbox, int64_t answer_ms,
                            int64_t progress_ms);
/* The next report that may be sent now, or NULL; from: the one before it, NULL for the first. */
struct kept_report *lease_outbox_next(const struct lease_outbox *outbox, struct kept_report *from,
                                      int64_t now_ms, int64_t progress_ms);
/* Whether a piece of the content is to be sent now. */
bool lease_outbox_has_piece(const struct lease_outbox *outbox, int64_t now_ms, int64_t answer_ms);

#endif
