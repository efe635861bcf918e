#include "support/devnet_run.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "base/file.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "devnet/supervisor.hpp"
#include "support/oci_builder.hpp"

namespace iapp::test {
namespace {

using namespace std::chrono_literals;

constexpr int kPorts = static_cast<int>(devnet::kPortNames.size());

std::unique_ptr<runtime::UniqueFd> try_bind(std::uint16_t port)
{
    auto fd = std::make_unique<runtime::UniqueFd>(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    ::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return nullptr;
    return fd;
}

/// A base with a free row of ports, below the range the kernel hands out to clients.
std::uint16_t free_port_base()
{
    std::random_device random;
    std::uniform_int_distribution<int> base(1100, 3200);
    for (int tries = 0; tries < 100; ++tries) {
        const int candidate = base(random) * 10;
        int free = 0;
        while (free < kPorts && try_bind(static_cast<std::uint16_t>(candidate + free))) ++free;
        if (free == kPorts) return static_cast<std::uint16_t>(candidate);
    }
    throw std::runtime_error("no free ports in a row");
}

std::vector<std::string> split_zero(const std::string& text)
{
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, '\0');) out.push_back(part);
    return out;
}

/// Parent of every process of this machine.
std::map<pid_t, pid_t> parents()
{
    std::map<pid_t, pid_t> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
        const std::string stat = slurp(entry.path() / "stat");
        const std::size_t after_name = stat.rfind(") ");
        if (after_name == std::string::npos) continue;
        std::istringstream fields(stat.substr(after_name + 2));
        char state = 0;
        pid_t parent = 0;
        fields >> state >> parent;
        if (state != 'Z') out[pid] = parent;
    }
    return out;
}

bool is_below(const std::map<pid_t, pid_t>& parent_of, pid_t pid, pid_t ancestor)
{
    for (int depth = 0; depth < 32; ++depth) {
        const auto found = parent_of.find(pid);
        if (found == parent_of.end()) return false;
        if (found->second == ancestor) return true;
        pid = found->second;
    }
    return false;
}

std::string name_of(const std::vector<std::string>& args)
{
    if (args.empty()) return "other";
    std::string program = fs::path(args.front()).filename();
    if (program == "iappd" && args.size() == 3) return fs::path(args[2]).stem();
    if (program == "docker-registry") return "registry";
    if (program == "iapp-tee-sim") return "tee-sim";
    if (program == "iapp-agent") return "agent";
    if (program == "anvil" || program == "app") return program;
    return "other";
}

}  // namespace

std::string slurp(const fs::path& path) { return iapp::read_file(path).value_or(""); }

boost::json::value Said::json() const
{
    const auto value = json::parse(out);
    return value ? *value : boost::json::value{};
}

std::string Said::field(std::string_view name) const
{
    const auto value = json();
    const auto* member = value.is_object() ? value.get_object().if_contains(name) : nullptr;
    return member && member->is_string() ? std::string(member->get_string()) : "";
}

DevnetRun::DevnetRun()
{
    std::string pattern = (fs::temp_directory_path() / "iapp-devnet-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directories(folder_ / "home");
    std::ofstream(folder_ / "password") << hex(crypto::random_bytes(12)) << '\n';
    fs::permissions(folder_ / "password", fs::perms::owner_read | fs::perms::owner_write);
    try {
        start();
    } catch (...) {
        supervisor_.reset();
        fs::remove_all(folder_);
        throw;
    }
}

DevnetRun::~DevnetRun()
{
    stop();
    std::error_code error;
    if (std::getenv("IAPP_KEEP") == nullptr) fs::remove_all(folder_, error);
    else std::cout << "kept: " << folder_ << '\n';
}

void DevnetRun::launch(std::uint16_t port_base)
{
    fs::create_directories(layout().logs());
    runtime::Command command;
    command.program = IAPP_CLI;
    command.args = {"devnet", "up", "--dir", layout().dir, "--port-base", std::to_string(port_base)};
    command.out = command.err = runtime::Output::to_file(layout().log("devnet"));
    command.die_with_spawner = true;
    auto spawned = runtime::Process::spawn(command);
    if (!spawned) throw std::runtime_error(spawned.error().detail);
    supervisor_.emplace(*std::move(spawned));
}

bool DevnetRun::becomes_ready()
{
    for (int waited = 0; waited < 1200 && supervisor_->is_running(); ++waited) {
        const auto state = devnet::read_run_state(layout());
        if (state && state->ready) return true;
        std::this_thread::sleep_for(50ms);
    }
    return false;
}

/// Another program may take a port between our look and its use; then the next row of ports is tried.
void DevnetRun::start()
{
    for (int tries = 1; tries <= 3; ++tries) {
        launch(free_port_base());
        if (becomes_ready()) {
            network_ = wire::parse_network(slurp(layout().network())).value();
            return;
        }
        std::cerr << "the network did not start: " << slurp(layout().log("devnet"));
        supervisor_.reset();
        fs::remove_all(layout().dir);
    }
    throw std::runtime_error("the network did not start");
}

void DevnetRun::stop()
{
    if (!supervisor_) return;
    supervisor_->terminate(30s);
    supervisor_.reset();
}

Said DevnetRun::iapp(std::vector<std::string> args, std::chrono::seconds patience) const
{
    runtime::Command command;
    command.program = IAPP_CLI;
    command.args = std::move(args);
    const fs::path home = folder_ / "home";
    for (const auto& [name, value] : std::map<std::string, fs::path>{{"HOME", home},
                                                                     {"XDG_DATA_HOME", home / "data"},
                                                                     {"XDG_STATE_HOME", home / "state"},
                                                                     {"IAPP_PASSWORD_FILE", folder_ / "password"},
                                                                     {"IAPP_NETWORK", layout().network()}})
        command.env.push_back(name + '=' + value.string());
    command.out = command.err = runtime::Output::piped();
    runtime::RunOptions options;
    options.timeout = patience;
    options.max_output_bytes = 16 << 20;
    const auto finished = runtime::run(command, options);
    if (!finished) return {128, "", finished.error().detail};
    return {finished->exit.signal == 0 ? finished->exit.code : 128 + finished->exit.signal, finished->out, finished->err};
}

Said DevnetRun::must(std::vector<std::string> args) const
{
    std::string words;
    for (const auto& arg : args) words += " " + arg;
    args.emplace_back("--json");
    Said said = iapp(std::move(args));
    if (!said.ok()) throw std::runtime_error("iapp" + words + ": " + said.err);
    return said;
}

std::string DevnetRun::make_wallet(const std::string& name) const
{
    const std::string address = must({"wallet", "new", name, "--light"}).field("address");
    must({"wallet", "fund", name});
    return address;
}

std::string DevnetRun::deploy(const std::string& name, const std::string& program, const std::string& config,
                              const std::string& wallet) const
{
    const std::string layout_folder = folder_ / ("image-" + name);
    build_program_image(layout_folder, program, config);
    return must({"deploy", layout_folder, "--name", name, "--wallet", wallet}).field("app");
}

std::vector<NetProcess> DevnetRun::processes() const
{
    std::vector<NetProcess> out;
    if (!supervisor_) return out;
    const auto parent_of = parents();
    for (const auto& [pid, parent] : parent_of) {
        if (!is_below(parent_of, pid, supervisor_->pid())) continue;
        const auto identity = runtime::identify(pid);
        if (!identity) continue;
        auto args = split_zero(slurp("/proc/" + std::to_string(pid) + "/cmdline"));
        out.push_back({*identity, name_of(args), std::move(args)});
    }
    return out;
}

}  // namespace iapp::test
