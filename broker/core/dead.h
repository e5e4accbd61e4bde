/*
 * dead.h - what was given up (DEAD) is run again, or taken off the list.
 *
 * A dead operation stays dead: its end was told. It is run again as a new operation, whose id is
 * derived from its own, so that asking twice is asking once, and whose request names it
 * (`retry_of`), so that what the new one creates is what the dead one would have created. See
 * docs/adr/0004-a-dead-operation-runs-again-as-a-new-one.md.
 */
#ifndef GPMQ_DEAD_H
#define GPMQ_DEAD_H

#include "submit.h"

/* MSG_DEAD: answered like a submission, one answer for each id. The new operation belongs to the
 * client that the dead one belonged to. */
void dead_message(struct core *core, const struct submitter *from, bool admin,
                  const struct message *message);

#endif
