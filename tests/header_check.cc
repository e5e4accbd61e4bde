// header_check.cc - the installed headers, as C++ sees them; and that the library is enough to
// link.
#include <gpmq/client.h>
#include <gpmq/error.h>
#include <gpmq/op.h>

#include <cstring>

static void on_status(int32_t, int32_t, int32_t, const gpmq_result *, const gpmq_status_msgs *,
                      const gpmq_status *, void *)
{
}

int main()
{
    gpmq_client *client = nullptr;
    gpmq_client_options options = {};
    gpmq_error err = {};
    gpmq_status_fn *callback = on_status;
    gpmq_guid guid;

    int rc = gpmq_client_open(&client, &options, &err);
    if (rc != GPMQ_EINVAL || client || std::strcmp(err.text, "no broker address") != 0)
        return 1;
    if (gpmq_guid_parse(&guid, "31b2f340-016d-11d2-945f-00c04fb984f9") != 0)
        return 1;
    gpmq_client_close(&client);
    return callback ? 0 : 1;
}
