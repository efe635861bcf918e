#include "devnet/supervisor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/file.hpp"
#include "base/log.hpp"
#include "codec/json.hpp"
#include "devnet/configs.hpp"
#include "devnet/port_check.hpp"
#include "localchain/automine_nudge.hpp"

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

/// A node somebody else runs.
struct Supervisor::ForeignNode {
    chain::JsonRpcClient rpc;
    std::optional<localchain::AutomineNudge> nudge = {};  ///< ends before what it uses
};

Supervisor::Supervisor(UpOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

Supervisor::~Supervisor() { stop(); }

Result<std::unique_ptr<Supervisor>> Supervisor::start(const UpOptions& options, const Programs& programs, const Clock& clock)
{
    std::unique_ptr<Supervisor> supervisor(new Supervisor(options, clock));
    TRY(supervisor->lock_fd_, take_lock(options.layout));
    TRY_OK(supervisor->write_state(false));
    TRY(const auto before, load_settings(options.layout));
    if (before) TRY_OK(check_same(*before, options.settings));
    TRY_OK(check_ports_free(options.settings, kPortPatience));
    TRY_OK(supervisor->start_chain());
    TRY(auto made, bootstrap(options.layout, options.settings, options.origin, programs, supervisor->rpc(), clock,
                             call_for(kStartTime)));
    supervisor->network_ = std::move(made.network);
    supervisor->notes_ = std::move(made.notes);
    TRY_OK(supervisor->start_children(programs));
    TRY_OK(supervisor->wait_until_ready(kStartTime));
    return supervisor;
}

/// anvil can leave a transaction without its block, whoever started it; any other node is left alone.
void Supervisor::meet_foreign_node()
{
    foreign_node_ = std::make_unique<ForeignNode>(chain::JsonRpcClient(http_, {.url = *options_.settings.node}));
    const auto version = foreign_node_->rpc.call({"web3_clientVersion"}, call_for(kStartTime));
    if (version && version->starts_with("\"anvil/")) foreign_node_->nudge.emplace(foreign_node_->rpc);
}

const chain::JsonRpcClient& Supervisor::rpc() const { return foreign_node_ ? foreign_node_->rpc : anvil_->rpc(); }

Status Supervisor::start_chain()
{
    if (options_.settings.node) {
        meet_foreign_node();
        return {};
    }
    TRY(const auto files, localchain::find_chain_files());
    if (!std::filesystem::exists(options_.layout.network())) std::filesystem::remove_all(options_.layout.chain());
    std::filesystem::create_directories(options_.layout.chain());
    localchain::AnvilOptions anvil;
    anvil.program = files.anvil;
    anvil.state_dir = options_.layout.chain();
    anvil.port = options_.settings.ports[Port::rpc];
    anvil.chain_id = options_.settings.chain_id;
    TRY(auto started, localchain::AnvilProcess::start(anvil, clock_, call_for(kStartTime)));
    anvil_.emplace(std::move(started));
    return {};
}

Status Supervisor::start_children(const Programs& programs)
{
    const Layout& layout = options_.layout;
    const Ports& ports = options_.settings.ports;
    children_.push_back({"registry", registry(layout), origin(ports[Port::registry]) + "/v2/", {}});
    children_.push_back({"blobs", daemon(layout, programs, "blobs"), origin(ports[Port::ipfs_gateway]) + "/", {}});
    children_.push_back({"sms", daemon(layout, programs, "sms"), origin(ports[Port::sms]) + "/version", {}});
    children_.push_back({"market", daemon(layout, programs, "market"), origin(ports[Port::market]) + "/version", {}});
    children_.push_back({"index", daemon(layout, programs, "index"), origin(ports[Port::index]) + "/", {}});
    children_.push_back({"scheduler", daemon(layout, programs, "scheduler"), origin(ports[Port::core]) + "/version", {}});
    children_.push_back(
        {"result-proxy", daemon(layout, programs, "result-proxy"), origin(ports[Port::result_proxy]) + "/version", {}});
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
    if (foreign_node_ || (anvil_ && runtime::is_alive(anvil_->identity()))) return false;
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
    boost::json::object state{{"pid", ::getpid()}, {"startTicks", self ? self->start_ticks : 0}, {"ready", ready}};
    if (anvil_) state["anvil"] = anvil_->identity().pid;
    boost::json::object pids;
    for (const Child& child : children_)
        if (child.process) pids[child.name] = child.process->pid();
    state["programs"] = std::move(pids);
    boost::json::array notes;
    for (const std::string& text : notes_) notes.emplace_back(text);
    state["notes"] = std::move(notes);
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
    foreign_node_.reset();
    if (lock_fd_ < 0) return;
    std::error_code ignored;
    std::filesystem::remove(options_.layout.run_file(), ignored);
    ::close(std::exchange(lock_fd_, -1));
}

namespace {

Result<std::vector<std::string>> read_notes(const json::ObjectReader& state)
{
    std::vector<std::string> notes;
    TRY(const auto list, state.find_array("notes"));
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        TRY(const auto text, list->text(i));
        notes.emplace_back(text);
    }
    return notes;
}

}  // namespace

std::optional<RunState> read_run_state(const Layout& layout)
{
    const auto value = json::parse(read_file(layout.run_file()).value_or(""));
    const auto state = value ? json::ObjectReader::of(*value) : Result<json::ObjectReader>(std::unexpected(value.error()));
    if (!state) return std::nullopt;
    const auto pid = state->u64("pid"), ticks = state->u64("startTicks");
    const auto ready = state->boolean("ready");
    if (!pid || !ticks || !ready) return std::nullopt;
    const auto notes = read_notes(*state);
    if (!notes) return std::nullopt;
    const runtime::ProcessIdentity supervisor{static_cast<pid_t>(*pid), *ticks};
    if (!runtime::is_alive(supervisor)) return std::nullopt;
    return RunState{supervisor, *ready, *notes};
}

Result<bool> bring_down(const Layout& layout, std::chrono::milliseconds patience)
{
    const auto state = read_run_state(layout);
    if (!state) return false;
    TRY_OK(runtime::terminate(state->supervisor, patience));
    return true;
}

}  // namespace iapp::devnet
