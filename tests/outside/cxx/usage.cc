// usage.cc - asks many repositories at once what they take, with the plug-in's kind "site.usage".
//
//     usage BROKER REPOSITORY...
#include <gpmq/client.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Closer {
    void operator()(gpmq_client *client) const { gpmq_client_close(&client); }
};
using Client = std::unique_ptr<gpmq_client, Closer>;

void check(int rc, const gpmq_error &err)
{
    if (rc != 0)
        throw std::runtime_error(err.text);
}

Client connect(const char *broker)
{
    gpmq_client_options options{};
    options.broker = broker;
    gpmq_client *client = nullptr;
    gpmq_error err{};
    check(gpmq_client_open(&client, &options, &err), err);
    return Client(client);
}

gpmq_id submit(gpmq_client *client, const char *repository)
{
    gpmq_request request{};
    request.kind = "site.usage";
    request.repository = repository;
    gpmq_id id{};
    gpmq_error err{};
    check(gpmq_submit(client, &request, &id, &err), err);
    return id;
}

bool tell(gpmq_client *client, const gpmq_id &id, const std::string &name)
{
    const gpmq_status *end = gpmq_outcome(client, &id);
    if (end->state != GPMQ_SUCCEEDED) {
        std::cout << name << ": " << gpmq_state_name(end->state) << '\n';
        return false;
    }
    std::cout << name << ": " << gpmq_result_property(end->result, "files") << " files, "
              << gpmq_result_property(end->result, "bytes") << " bytes\n";
    return true;
}

} // namespace

int main(int argc, char **argv)
try {
    Client client = connect(argc > 1 ? argv[1] : "tcp://127.0.0.1:5670");
    std::vector<gpmq_id> ids;
    for (int i = 2; i < argc; i++)
        ids.push_back(submit(client.get(), argv[i]));
    gpmq_error err{};
    check(gpmq_wait(client.get(), ids.data(), ids.size(), GPMQ_WAIT_ALL, -1, &err), err);
    bool well = true;
    for (std::size_t i = 0; i < ids.size(); i++)
        well &= tell(client.get(), ids[i], argv[i + 2]);
    return well ? 0 : 1;
} catch (const std::exception &failure) {
    std::cerr << "usage: " << failure.what() << '\n';
    return 1;
}
