#include "devnet/supervisor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "base/log.hpp"
#include "codec/json.hpp"
#include "devnet/configs.hpp"
#include "devnet/port_check.hpp"

namespace iapp::devnet {
namespace {

constexpr std::chrono::milliseconds kStartTime{20'000};
constexpr std::chrono::milliseconds kGrace{3'000};
constexpr std::chrono::milliseconds kPortPatience{1'000};

net::CallContext call_for(std::chrono::milliseconds time) { return {"devnet", net::deadline_in(time), {}}; }

std::string last_line(const std::filesystem::path& file)
{
    std::ifstream in(file);
    std::string line, last;
    while (std::getline(in, line))
        if (!line.empty()) last = line;
    return last;
}

runtime::Command daemon(const Layout& layout, const Programs& programs, const std::string& service)
{
    runtime::Command command;
    command.program = programs.iappd.string();
    command.args = {"--config", layout.config(service + ".toml").string()};
    command.out = command.err = runtime::Output::to_file(layout.log(service).string());
    command.die_with_spawner = true;
    return command;
}

runtime::Command registry(const Layout& layout)
{
    runtime::Command command;
    command.program = "docker-registry";
    command.args = {"serve", layout.config("registry.yml").string()};
    command.out = command.err = runtime::Output::to_file(layout.log("registry").string());
    command.die_with_spawner = true;
    return command;
}

/// The folder's one supervisor holds this lock for as long as it lives.
Result<int> take_lock(const Layout& layout)
{
    std::filesystem::create_directories(layout.dir);
    std::filesystem::permissions(layout.dir, std::filesystem::perms::owner_all);
    const int fd = ::open(layout.lock_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    if (fd >= 0) ::close(fd);
    return fail(ErrorKind::conflict, "devnet.running",
                "a network is running in " + layout.dir.string() + "; `iapp devnet status` shows it");
}

}  // namespace

struct Supervisor::Child {
    std::string name;
    runtime::Command command;
    std::string url;  ///< answers when the program is ready; empty for a program that only works
    std::optional<runtime::Process> process;

    Status start()
    {
        TRY(auto spawned, runtime::Process::spawn(command));
        process.emplace(std::move(spawned));
        return {};
    }
};

Supervisor::Supervisor(UpOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

Supervisor::~Supervisor() { stop(); }

Result<std::unique_ptr<Supervisor>> Supervisor::start(const UpOptions& options, const Programs& programs, const Clock& clock)
{
    std::unique_ptr<Supervisor> supervisor(new Supervisor(options, clock));
    TRY(supervisor->lock_fd_, take_lock(options.layout));
    TRY_OK(supervisor->write_state(false));
    TRY_OK(check_ports_free(options.ports, kPortPatience));
    TRY_OK(supervisor->start_chain());
    TRY(supervisor->network_, bootstrap(options.layout, options.ports, options.chain_id, programs, supervisor->anvil_->rpc(),
                                        clock, call_for(kStartTime)));
    TRY_OK(supervisor->start_children(programs));
    TRY_OK(supervisor->wait_until_ready(kStartTime));
    return supervisor;
}

Status Supervisor::start_chain()
{
    TRY(const auto files, localchain::find_chain_files());
    std::filesystem::create_directories(options_.layout.chain());
    localchain::AnvilOptions anvil;
    anvil.program = files.anvil;
    anvil.state_dir = options_.layout.chain();
    anvil.port = options_.ports.rpc();
    anvil.chain_id = options_.chain_id;
    TRY(auto started, localchain::AnvilProcess::start(anvil, clock_, call_for(kStartTime)));
    anvil_.emplace(std::move(started));
    return {};
}

Status Supervisor::start_children(const Programs& programs)
{
    const Layout& layout = options_.layout;
    const Ports& ports = options_.ports;
    children_.push_back({"registry", registry(layout), origin(ports.registry()) + "/v2/", {}});
    children_.push_back({"blobs", daemon(layout, programs, "blobs"), origin(ports.ipfs_gateway()) + "/", {}});
    children_.push_back({"sms", daemon(layout, programs, "sms"), origin(ports.sms()) + "/version", {}});
    children_.push_back({"market", daemon(layout, programs, "market"), origin(ports.market()) + "/version", {}});
    children_.push_back({"scheduler", daemon(layout, programs, "scheduler"), origin(ports.core()) + "/version", {}});
    children_.push_back({"worker", daemon(layout, programs, "worker"), "", {}});
    for (Child& child : children_) TRY_OK(child.start());
    return {};
}

Status Supervisor::wait_until_ready(std::chrono::milliseconds time)
{
    const auto deadline = net::deadline_in(time);
    for (Child& child : children_) {
        while (!child.url.empty() && !http_.get(child.url, net::deadline_in(std::chrono::seconds(1)))) {
            if (!child.process->is_running() || std::chrono::steady_clock::now() > deadline)
                return fail(
                    ErrorKind::unavailable, "devnet.start",
                    child.name + " does not answer at " + child.url + ": " + last_line(options_.layout.log(child.name)));
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    return {};
}

bool Supervisor::tend_chain()
{
    if (anvil_ && runtime::is_alive(anvil_->identity())) return false;
    if (anvil_) log::warning("restarting", {{"program", "anvil"}});
    anvil_.reset();
    const auto started = start_chain();
    if (!started) log::error("the chain does not start", {{"detail", started.error().detail}});
    return started.has_value();
}

bool Supervisor::tend_children()
{
    bool changed = false;
    for (Child& child : children_) {
        if (child.process && child.process->is_running()) continue;
        log::warning("restarting", {{"program", child.name}});
        const auto started = child.start();
        if (!started) log::error("does not start", {{"program", child.name}, {"detail", started.error().detail}});
        changed = true;
    }
    return changed;
}

void Supervisor::tend()
{
    const bool chain_changed = tend_chain();
    if (!tend_children() && !chain_changed) return;
    if (const auto written = write_state(true); !written)
        log::error("run.json is stale", {{"detail", written.error().detail}});
}

Status Supervisor::announce_ready() { return write_state(true); }

Status Supervisor::write_state(bool ready) const
{
    const auto self = runtime::identify(::getpid());
    boost::json::object state{{"pid", ::getpid()},
                              {"startTicks", self ? self->start_ticks : 0},
                              {"ready", ready},
                              {"portBase", options_.ports.base}};
    if (anvil_) state["anvil"] = anvil_->identity().pid;
    boost::json::object pids;
    for (const Child& child : children_)
        if (child.process) pids[child.name] = child.process->pid();
    state["programs"] = std::move(pids);
    return write_private(options_.layout.run_file(), json::print(state) + "\n");
}

void Supervisor::stop()
{
    while (!children_.empty()) {
        if (children_.back().process) children_.back().process->terminate(kGrace);
        children_.pop_back();
    }
    if (anvil_) {
        if (const auto stopped = anvil_->stop(call_for(kStartTime)); !stopped)
            log::error("the chain's state was not saved", {{"detail", stopped.error().detail}});
        anvil_.reset();
    }
    if (lock_fd_ < 0) return;
    std::error_code ignored;
    std::filesystem::remove(options_.layout.run_file(), ignored);
    ::close(std::exchange(lock_fd_, -1));
}

std::optional<RunState> read_run_state(const Layout& layout)
{
    std::ifstream in(layout.run_file(), std::ios::binary);
    const auto value = json::parse(std::string{std::istreambuf_iterator<char>(in), {}});
    const auto state = value ? json::ObjectReader::of(*value) : Result<json::ObjectReader>(std::unexpected(value.error()));
    if (!state) return std::nullopt;
    const auto pid = state->u64("pid"), ticks = state->u64("startTicks"), base = state->u64("portBase", 65535);
    const auto ready = state->boolean("ready");
    if (!pid || !ticks || !base || !ready) return std::nullopt;
    const runtime::ProcessIdentity supervisor{static_cast<pid_t>(*pid), *ticks};
    if (!runtime::is_alive(supervisor)) return std::nullopt;
    return RunState{supervisor, *ready, static_cast<std::uint16_t>(*base)};
}

Result<bool> bring_down(const Layout& layout, std::chrono::milliseconds patience)
{
    const auto state = read_run_state(layout);
    if (!state) return false;
    TRY_OK(runtime::terminate(state->supervisor, patience));
    return true;
}

}  // namespace iapp::devnet
