/*
 * record.h - what becomes of a row and of those who follow it: saved once in a round however often
 * it changes, and told in frames without a gap.
 */
#ifndef GPMQ_RECORD_H
#define GPMQ_RECORD_H

#include "core_state.h"

/* Records a new row with its request. */
void record_submit(struct core *core, struct record *record, struct store_bytes request);
/* Records the row as it is now. */
void record_save(struct core *core, struct record *record);

/* What a frame says beside what stands in the row. */
struct tale {
    enum gpmq_frame_kind kind;
    const struct gpmq_result *result; /* of the final one */
    uint32_t msg_count;
    const struct gpmq_status_msg *msgs;
};

/* Numbers, stores and publishes a frame, and saves the row with it. Too many messages for one frame
 * go into several. */
void record_tell(struct core *core, struct record *record, const struct tale *tale);
/* Of a tale with more messages than fit one frame: tells all but the last of them, in MESSAGE
 * frames, and leaves the last in *tale. */
void record_tell_first(struct core *core, struct record *record, struct tale *tale);
/* The same for a STATE frame with one message; NULL and "": none. */
void record_tell_state(struct core *core, struct record *record, const char *message);
/* Tells progress now, or holds it back until its time has come. Returns that time, or
 * DEADLINE_NEVER. */
int64_t record_tell_progress(struct core *core, struct record *record);
/* Publishes the newest seq for those who may have missed it. Stores nothing. */
void record_tell_alive(struct core *core, const struct record *record);

/* Keeps the content that a request names as its input as long as its operation. */
void record_input(struct core *core, const struct record *record,
                  const struct gpmq_request *request);
/* Stores a result whole, also where the frame has to leave parts of it out. */
void record_result(struct core *core, const struct record *record,
                   const struct gpmq_result *result);

/* Takes over progress: below 1 always, and never less than it was. */
void record_progress(struct record *record, int32_t numerator, int32_t denominator);

#endif
