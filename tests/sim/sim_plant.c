/* sim_plant.c - the names of the planted bugs. */
#include "sim.h"

#include <stddef.h>

static const char *const plant_names[SIM_PLANT_END] = {
    [SIM_PLANT_NONE] = "none",
    [SIM_PLANT_ACK_BEFORE_COMMIT] = "ack_before_commit",
    [SIM_PLANT_NO_FSYNC] = "no_fsync",
    [SIM_PLANT_COMMIT_RETRIED] = "commit_retried",
    [SIM_PLANT_STALE_FENCE] = "stale_fence",
    [SIM_PLANT_NO_DEDUPE] = "no_dedupe",
    [SIM_PLANT_LEASE_ON_WALL_CLOCK] = "lease_on_wall_clock",
    [SIM_PLANT_ID_AT_RUN_TIME] = "id_at_run_time",
    [SIM_PLANT_CANCEL_FORGOTTEN] = "cancel_forgotten",
    [SIM_PLANT_PROGRESS_AFTER_END] = "progress_after_end",
    [SIM_PLANT_FENCE_REUSED] = "fence_reused",
    [SIM_PLANT_FRAME_NOT_STORED] = "frame_not_stored",
    [SIM_PLANT_KEY_IGNORED] = "key_ignored",
    [SIM_PLANT_SECOND_END] = "second_end",
    [SIM_PLANT_DEPENDENCY_FORGOTTEN] = "dependency_forgotten",
    [SIM_PLANT_PAUSE_FORGOTTEN] = "pause_forgotten",
    [SIM_PLANT_ATTEMPTS_FORGOTTEN] = "attempts_forgotten",
    [SIM_PLANT_FATE_FORGOTTEN] = "fate_forgotten",
    [SIM_PLANT_UNFAIR] = "unfair",
};

const char *sim_plant_name(enum sim_plant plant)
{
    return plant >= 0 && plant < SIM_PLANT_END ? plant_names[plant] : NULL;
}
