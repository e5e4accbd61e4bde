/* room.c - refusal before the disk is full. */
#include "room.h"

#include "log.h"

#define MIB 1048576u

int room_look(struct parts *parts)
{
    struct store_stat stat;
    int rc = parts->store->ops->stat(parts->store, &stat, parts->err);
    if (rc)
        return rc;
    bool room = stat.free_bytes >= parts->reserve_bytes;
    if (room != core_has_room(parts->core))
        log_event(room ? LOG_INFO : LOG_ERROR, room ? "disk_has_room" : "disk_nearly_full",
                  "free_mib=%llu reserve_mib=%llu", (unsigned long long)(stat.free_bytes / MIB),
                  (unsigned long long)(parts->reserve_bytes / MIB));
    core_set_room(parts->core, room);
    parts->room_for_results = stat.free_bytes >= parts->reserve_bytes / 2;
    return 0;
}
