#pragma once
// A whole development network below one temporary folder, for tests that drive it with the command line as people do.
// It ends with this object, and with this process however that ends. Not a mock: `iapp devnet up` itself runs.
#include <sys/types.h>

#include <boost/json/value.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "devnet/layout.hpp"
#include "runtime/process.hpp"
#include "wire/network.hpp"

namespace iapp::test {

namespace fs = std::filesystem;

/// One process of the network.
struct NetProcess {
    runtime::ProcessIdentity identity;
    std::string name;  ///< "anvil", "registry", "sms", ..., "tee-sim", "agent", "app"; "other" for helpers
    std::vector<std::string> args;
};

/// What the command line answered.
struct Said {
    int code;  ///< exit code; 128 and more: a signal or no end in time
    std::string out, err;

    bool ok() const { return code == 0; }
    /// The value of one member of a --json answer; empty when absent.
    std::string field(std::string_view name) const;
    boost::json::value json() const;
};

class DevnetRun {
public:
    /// Starts the network and waits until it is ready. Throws with the log's last lines when it does not get there.
    DevnetRun();
    ~DevnetRun();  ///< removes the folder unless IAPP_KEEP is set
    DevnetRun(const DevnetRun&) = delete;

    const fs::path& folder() const { return folder_; }  ///< everything: "net", "home", and what a test puts there
    devnet::Layout layout() const { return {folder_ / "net"}; }
    const wire::Network& network() const { return *network_; }

    /// Runs the command line with a home of its own below folder(). `--json` is the caller's.
    Said iapp(std::vector<std::string> args, std::chrono::seconds patience = std::chrono::seconds(90)) const;
    /// The same with `--json`; throws unless it succeeds.
    Said must(std::vector<std::string> args) const;

    /// A funded wallet. Answers its address.
    std::string make_wallet(const std::string& name) const;
    /// Deploys the static program as an image of one file, with this "config" text (Entrypoint, Labels). Answers the app's
    /// address.
    std::string deploy(const std::string& name, const std::string& program, const std::string& config,
                       const std::string& wallet) const;

    /// Every process below the supervisor, as they are now. Containers included.
    std::vector<NetProcess> processes() const;

    /// Ends the network as `iapp devnet down` does.
    void stop();

private:
    void start();
    void launch(std::uint16_t port_base);
    bool becomes_ready();

    fs::path folder_;
    std::optional<runtime::Process> supervisor_;
    std::optional<wire::Network> network_;
};

/// A whole file; empty when it cannot be read.
std::string slurp(const fs::path& path);

}  // namespace iapp::test
