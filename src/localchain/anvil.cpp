// Starts, watches and ends anvil.
#include "localchain/anvil.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>

#include "localchain/automine_nudge.hpp"

namespace iapp::localchain {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMaxAnswer_bytes = std::uint64_t{2} << 30U;
constexpr int kPortAttempts = 3;
constexpr std::chrono::seconds kClockSlack{2};

// The well-known accounts of "test test test test test test test test test test test junk".
constexpr std::array<std::string_view, 10> kDevKeys{
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
    "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
    "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
    "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
    "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
    "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
};

/// A port nobody listens on at this moment. Another process may take it before anvil does; start() then tries again.
Result<std::uint16_t> free_port()
{
    const runtime::UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (!probe || ::bind(probe.get(), raw, size) != 0 || ::getsockname(probe.get(), raw, &size) != 0)
        return fail(ErrorKind::unavailable, "localchain.anvil", "the system has no free port on loopback");
    return ntohs(address.sin_port);
}

runtime::Command command(const AnvilOptions& options, std::uint16_t port, const std::filesystem::path& state)
{
    runtime::Command out{.program = options.program.string(), .die_with_spawner = options.die_with_spawner};
    out.args = {"--host",
                "127.0.0.1",
                "--port",
                std::to_string(port),
                "--chain-id",
                std::to_string(options.chain_id),
                "--hardfork",
                "prague",
                "--no-request-size-limit",
                "--quiet"};
    if (!options.state_dir.empty()) {
        out.args.insert(out.args.end(), {"--cache-path", (options.state_dir / "anvil-cache").string()});
        out.working_dir = options.state_dir.string();
        out.out = out.err = runtime::Output::to_file((options.state_dir / "anvil.log").string());
    } else {
        out.out = out.err = runtime::Output::none();
    }
    if (!state.empty()) out.args.insert(out.args.end(), {"--load-state", state.string()});
    out.args.insert(out.args.end(), options.extra_args.begin(), options.extra_args.end());
    return out;
}

std::string last_line(const std::filesystem::path& file)
{
    std::ifstream in(file);
    std::string line, last;
    while (std::getline(in, line))
        if (!line.empty()) last = line;
    return last;
}

}  // namespace

struct AnvilProcess::Impl {
    Impl(runtime::Process child, std::uint16_t its_port, std::filesystem::path dir)
        : process(std::move(child)),
          port(its_port),
          http({.max_response_bytes = kMaxAnswer_bytes}),
          rpc(http, {.url = "http://127.0.0.1:" + std::to_string(its_port)}),
          state_dir(std::move(dir))
    {
    }

    Status wait_until_ready(const net::CallContext& context);
    Status catch_up_clock(const Clock& clock, const net::CallContext& context) const;
    void keep_state()
    {
        if (!state_dir.empty()) keeper = std::make_unique<StateKeeper>(rpc, KeeperOptions{state_dir / "chain.state.gz"});
        nudge = std::make_unique<AutomineNudge>(rpc);
    }
    void forget_state()
    {
        nudge.reset();
        keeper.reset();
    }

    runtime::Process process;
    std::uint16_t port;
    net::HttpClient http;
    chain::JsonRpcClient rpc;
    std::filesystem::path state_dir;
    std::unique_ptr<StateKeeper> keeper;  ///< ends before the process does, and so does the other
    std::unique_ptr<AutomineNudge> nudge;
};

Status AnvilProcess::Impl::wait_until_ready(const net::CallContext& context)
{
    while (true) {
        if (const auto id = rpc.chain_id({.request_id = "anvil", .deadline = net::deadline_in(1s), .stop = context.stop}))
            return {};
        if (const auto ended = process.wait(3ms)) {
            const std::string why = state_dir.empty() ? std::string{} : ": " + last_line(state_dir / "anvil.log");
            return fail(ErrorKind::unavailable, "localchain.anvil", "anvil ended with " + ended->describe() + why);
        }
        if (!context.check()) return fail(ErrorKind::unavailable, "localchain.anvil", "anvil did not answer in time");
    }
}

/// anvil forgets time travel when it restarts, and its clock may be a second late: it would make blocks older than their
/// parents.
Status AnvilProcess::Impl::catch_up_clock(const Clock& clock, const net::CallContext& context) const
{
    TRY(const chain::Block head, rpc.block(chain::BlockId::latest(), context));
    const auto now = clock.now_seconds();
    if (head.timestamp + kClockSlack < now) return {};
    const auto time = std::max(head.timestamp, now).time_since_epoch();
    TRY_OK(rpc.call({"evm_setTime", "[" + std::to_string(time.count()) + "]"}, context));
    return {};
}

AnvilProcess::AnvilProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AnvilProcess::AnvilProcess(AnvilProcess&&) noexcept = default;

AnvilProcess& AnvilProcess::operator=(AnvilProcess&& other) noexcept
{
    if (this != &other) {
        if (impl_) (void)stop({.request_id = "anvil", .deadline = net::deadline_in(5s)});
        impl_ = std::move(other.impl_);
    }
    return *this;
}

AnvilProcess::~AnvilProcess()
{
    if (impl_) (void)stop({.request_id = "anvil", .deadline = net::deadline_in(5s)});
}

Result<AnvilProcess> AnvilProcess::start(const AnvilOptions& options, const Clock& clock, const net::CallContext& context)
{
    std::filesystem::path state;
    if (!options.state_dir.empty()) {
        std::error_code error;
        std::filesystem::create_directories(options.state_dir, error);
        TRY(const bool kept, unpack_state(options.state_dir / "chain.state.gz", options.state_dir / "chain.state.json"));
        if (kept) state = options.state_dir / "chain.state.json";
    }
    for (int attempt = 1;; ++attempt) {
        std::uint16_t port = options.port;
        if (port == 0) {
            TRY(port, free_port());
        }
        TRY(runtime::Process process, runtime::Process::spawn(command(options, port, state)));
        auto impl = std::make_unique<Impl>(std::move(process), port, options.state_dir);
        if (const auto ready = impl->wait_until_ready(context); !ready) {
            if (options.port == 0 && attempt < kPortAttempts && context.check()) continue;
            return std::unexpected(ready.error());
        }
        std::error_code error;
        if (!state.empty()) std::filesystem::remove(state, error);
        TRY_OK(impl->catch_up_clock(clock, context));
        impl->keep_state();
        return AnvilProcess{std::move(impl)};
    }
}

const chain::JsonRpcClient& AnvilProcess::rpc() const { return impl_->rpc; }
const std::string& AnvilProcess::url() const { return impl_->rpc.url(); }
std::uint16_t AnvilProcess::port() const { return impl_->port; }
runtime::ProcessIdentity AnvilProcess::identity() const { return impl_->process.identity(); }

Status AnvilProcess::save(const net::CallContext& context)
{
    return impl_->keeper ? impl_->keeper->save(context) : Status{};
}

Status AnvilProcess::stop(const net::CallContext& context)
{
    const Status saved = impl_->process.is_running() ? save(context) : Status{};
    impl_->forget_state();
    impl_->process.terminate(2s);
    impl_.reset();
    return saved;
}

runtime::ProcessIdentity AnvilProcess::release()
{
    impl_->forget_state();
    const runtime::ProcessIdentity identity = impl_->process.release();
    impl_.reset();
    return identity;
}

std::string_view dev_private_key(std::size_t index) { return kDevKeys.at(index); }

}  // namespace iapp::localchain
