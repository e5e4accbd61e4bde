/*
 * store_impl.h - what the implementations of store.h share: themselves, and the words of refusals,
 * which are the same whatever the store.
 */
#ifndef GPMQ_STORE_IMPL_H
#define GPMQ_STORE_IMPL_H

#include "store.h"

extern const struct store_ops store_memory;
extern const struct store_ops store_sqlite;

/* Why a change of the row `have` (NULL: there is none) cannot be made; 0: it can. */
int store_judge_change(const struct op_row *have, const struct store_change *change,
                       struct gpmq_error *err);
/* Whether frame `seq` of an operation may follow frame `newest` (0: it has none). */
int store_judge_frame(const struct gpmq_id *id, uint64_t newest, uint64_t seq,
                      struct gpmq_error *err);
/* Whether a piece fits a blob that was begun with `begun_size`. */
int store_judge_piece(uint64_t begun_size, uint64_t size, uint64_t offset, size_t piece_size,
                      struct gpmq_error *err);

/* Whether a blob of `size` may begin, where `kept` of its client and `all` are there. */
int store_judge_quota(const struct store_quota *quota, uint64_t size, uint64_t kept, uint64_t all,
                      struct gpmq_error *err);

int store_fail_known(const struct gpmq_id *id, struct gpmq_error *err);
int store_fail_unknown(const struct gpmq_id *id, struct gpmq_error *err);
int store_fail_result(const struct gpmq_id *id, struct gpmq_error *err);
/* A frame that must be there is not. */
int store_fail_frame(const struct gpmq_id *id, uint64_t seq, struct gpmq_error *err);
int store_fail_mark(struct gpmq_error *err);
int store_fail_digest(const uint8_t digest[32], struct gpmq_error *err);
int store_fail_blob(const uint8_t digest[32], struct gpmq_error *err);

#endif
