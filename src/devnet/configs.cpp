#include "devnet/configs.hpp"

#include <map>

namespace iapp::devnet {
namespace {

std::string quoted(const std::filesystem::path& path) { return "\"" + path.string() + "\""; }

std::string document(const Layout& layout, const std::string& section, const std::string& body)
{
    return "schema = \"iappd/1\"\nnetwork = " + quoted(layout.network()) + "\n\n[" + section + "]\n" + body;
}

std::string keys(const Layout& layout, const std::string& name)
{
    return "keystore = " + quoted(layout.keystore(name)) + "\npassword_file = " + quoted(layout.password_file(name)) + "\n";
}

std::string listen(std::uint16_t port, const std::string& key = "listen") { return key + " = \"" + loopback(port) + "\"\n"; }

std::string scheduler_section(const Layout& layout, const Ports& ports, const eth::Address& worker)
{
    return listen(ports[Port::core]) + "database = " + quoted(layout.state() / "scheduler.db") + "\n" +
           keys(layout, "scheduler") + "workers = [\"" + worker.hex() + "\"]\nlease_seconds = 6\n";
}

std::string worker_section(const Layout& layout, const Programs& programs)
{
    return "database = " + quoted(layout.state() / "worker.db") + "\nwork_dir = " + quoted(layout.work()) + "\n" +
           keys(layout, "worker") + "launcher = " + quoted(programs.tee_sim) + "\nagent = " + quoted(programs.agent) +
           "\npki_dir = " + quoted(layout.pki()) + "\nlog_file = " + quoted(layout.log("agent")) +
           "\nevidence = \"simulated\"\n";
}

std::string index_section(const Layout& layout, const Ports& ports)
{
    return listen(ports[Port::index]) + listen(ports[Port::compass], "compass_listen") +
           "database = " + quoted(layout.state() / "index.db") + "\n";
}

std::string registry_document(const Layout& layout, const Ports& ports)
{
    return "version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: " + layout.registry().string() +
           "\n  delete:\n    enabled: false\nhttp:\n  addr: " + loopback(ports[Port::registry]) + "\n";
}

}  // namespace

Status write_configs(const Layout& layout, const Ports& ports, const Programs& programs, const eth::Address& worker)
{
    const std::map<std::string, std::string> files{
        {"sms.toml", document(layout, "sms", listen(ports[Port::sms]) + "directory = " + quoted(layout.sms()) + "\n")},
        {"market.toml", document(layout, "market",
                                 listen(ports[Port::market]) + "database = " + quoted(layout.state() / "market.db") + "\n")},
        {"blobs.toml", document(layout, "blobs",
                                listen(ports[Port::ipfs_api], "api") + listen(ports[Port::ipfs_gateway], "gateway") +
                                    "directory = " + quoted(layout.blobs()) + "\n")},
        {"index.toml", document(layout, "index", index_section(layout, ports))},
        {"scheduler.toml", document(layout, "scheduler", scheduler_section(layout, ports, worker))},
        {"result-proxy.toml",
         document(layout, "result_proxy",
                  listen(ports[Port::result_proxy]) + "directory = " + quoted(layout.result_proxy()) + "\n")},
        {"worker.toml", document(layout, "worker", worker_section(layout, programs))},
        {"registry.yml", registry_document(layout, ports)}};
    for (const auto& [name, text] : files) TRY_OK(write_private(layout.config(name), text));
    return {};
}

}  // namespace iapp::devnet
