#include "devnet/configs.hpp"

#include <fcntl.h>
#include <unistd.h>

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
    return "keystore = " + quoted(layout.keys() / (name + ".json")) +
           "\npassword_file = " + quoted(layout.keys() / (name + ".password")) + "\n";
}

std::string listen(std::uint16_t port, const std::string& key = "listen") { return key + " = \"" + loopback(port) + "\"\n"; }

std::string scheduler_section(const Layout& layout, const Ports& ports)
{
    return listen(ports.core()) + "database = " + quoted(layout.state() / "scheduler.db") + "\n" +
           keys(layout, "scheduler") + "workers = [\"" + account_wallet(Account::worker).address().hex() +
           "\"]\nlease_seconds = 6\n";
}

std::string worker_section(const Layout& layout, const Programs& programs)
{
    return "database = " + quoted(layout.state() / "worker.db") + "\nwork_dir = " + quoted(layout.work()) + "\n" +
           keys(layout, "worker") + "launcher = " + quoted(programs.tee_sim) + "\nagent = " + quoted(programs.agent) +
           "\npki_dir = " + quoted(layout.pki()) + "\nlog_file = " + quoted(layout.log("agent")) +
           "\nevidence = \"simulated\"\n";
}

std::string registry_document(const Layout& layout, const Ports& ports)
{
    return "version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: " + layout.registry().string() +
           "\n  delete:\n    enabled: false\nhttp:\n  addr: " + loopback(ports.registry()) + "\n";
}

}  // namespace

Status write_private(const std::filesystem::path& path, std::string_view text)
{
    const std::string temporary = path.string() + ".new";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool wrote =
        fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (wrote && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
    return fail(ErrorKind::internal, "devnet.write", "cannot write " + path.string());
}

Status write_configs(const Layout& layout, const Ports& ports, const Programs& programs)
{
    const std::map<std::string, std::string> files{
        {"sms.toml", document(layout, "sms", listen(ports.sms()) + "directory = " + quoted(layout.sms()) + "\n")},
        {"market.toml",
         document(layout, "market", listen(ports.market()) + "database = " + quoted(layout.state() / "market.db") + "\n")},
        {"blobs.toml", document(layout, "blobs",
                                listen(ports.ipfs_api(), "api") + listen(ports.ipfs_gateway(), "gateway") +
                                    "directory = " + quoted(layout.blobs()) + "\n")},
        {"scheduler.toml", document(layout, "scheduler", scheduler_section(layout, ports))},
        {"worker.toml", document(layout, "worker", worker_section(layout, programs))},
        {"registry.yml", registry_document(layout, ports)}};
    for (const auto& [name, text] : files) TRY_OK(write_private(layout.config(name), text));
    return {};
}

}  // namespace iapp::devnet
