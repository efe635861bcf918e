// iapp devnet: a complete network on this machine, with a simulated TEE.
#include <csignal>
#include <thread>

#include "commands.hpp"
#include "crypto/random.hpp"
#include "devnet/bootstrap.hpp"
#include "devnet/port_check.hpp"
#include "devnet/supervisor.hpp"
#include "localchain/anvil.hpp"
#include "market_client.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "poco/order_hash.hpp"

namespace iapp::cli {
namespace {

constexpr std::uint64_t kPoolOrderVolume = 1'000'000;
constexpr std::chrono::seconds kStartPatience{60};

devnet::Layout layout_from(const Arguments& arguments)
{
    return {std::filesystem::absolute(arguments.get("--dir", (state_home() / "devnet").string()))};
}

/// What is not said is as it was when the network was made.
Result<devnet::UpOptions> options_from(const Arguments& arguments)
{
    devnet::UpOptions options{layout_from(arguments), {}};
    TRY(const auto made, devnet::find_network(options.layout));
    if (made) {
        TRY(const auto node, net::parse_url(made->rpc_url));
        options.ports.base = node.port;
        options.chain_id = made->chain_id;
    }
    TRY(const std::uint64_t base, number_option(arguments, "--port-base", options.ports.base));
    TRY(options.chain_id, number_option(arguments, "--chain-id", options.chain_id));
    if (base < 1024 || base > 65000)
        return fail(ErrorKind::invalid_input, "devnet.port_base", "--port-base is between 1024 and 65000");
    options.ports.base = static_cast<std::uint16_t>(base);
    if (made) TRY_OK(devnet::check_same(*made, options.ports, options.chain_id));
    return options;
}

/// The workerpool's offers: one order per category, free, so that every client's defaults match them.
Status publish_pool_orders(Session& session)
{
    for (std::uint64_t category = 0; category <= localchain::kFastCategory; ++category) {
        net::Query query;
        query.add("workerpool", eth::to_checksum(session.network.workerpool));
        query.add("category", std::to_string(category));
        TRY(const auto open, find_workerpool_orders(session, query));
        if (!open.empty()) continue;
        poco::WorkerpoolOrder order;
        order.workerpool = session.network.workerpool;
        order.volume = kPoolOrderVolume;
        order.tag = poco::tdx_tag();
        order.category = category;
        order.salt = crypto::random_fixed<Hash256>();
        poco::sign_order(order, session.hub.separator(), session.wallet());
        TRY_OK(publish(session, "workerpoolorders", poco::encode(order)));
    }
    return {};
}

Result<std::unique_ptr<devnet::Supervisor>> start_network(const devnet::UpOptions& options, Context& context)
{
    TRY(const auto programs, devnet::find_programs(program_folder()));
    context.phases.start("start chain, contracts and services");
    TRY(auto supervisor, devnet::Supervisor::start(options, programs, context.clock));
    context.phases.start("publish the workerpool's orders");
    auto session = Session::with(supervisor->network(), devnet::account_wallet(devnet::Account::scheduler));
    TRY_OK(publish_pool_orders(*session));
    TRY_OK(supervisor->announce_ready());
    context.phases.finish();
    return supervisor;
}

sigset_t stop_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    return signals;
}

Result<Answer> supervise(const devnet::UpOptions& options, Context& context)
{
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    TRY(auto supervisor, start_network(options, context));
    std::fprintf(stderr, "SIMULATED network ready in %s; Ctrl-C stops it\n", options.layout.dir.c_str());
    const timespec pause{0, 200'000'000};
    while (sigtimedwait(&signals, nullptr, &pause) < 0) supervisor->tend();
    supervisor->stop();
    return Answer{{{"dir", options.layout.dir.string()}, {"status", "down"}}, "down\n"};
}

std::string last_error_line(const std::filesystem::path& log)
{
    const auto text = read_file(log);
    if (!text) return "";
    const std::size_t at = text->rfind("error[");
    return at == std::string::npos ? "" : text->substr(at, text->find('\n', at) - at);
}

/// The same command again, without --detach, in a session of its own.
Result<runtime::ProcessIdentity> spawn_supervisor(const devnet::UpOptions& options)
{
    std::filesystem::create_directories(options.layout.logs());
    runtime::Command command;
    command.program = std::filesystem::read_symlink("/proc/self/exe").string();
    command.args = {"devnet",      "up",
                    "--dir",       options.layout.dir.string(),
                    "--port-base", std::to_string(options.ports.base),
                    "--chain-id",  std::to_string(options.chain_id)};
    command.out = command.err = runtime::Output::to_file(options.layout.log("devnet").string());
    command.new_session = true;
    TRY(auto process, runtime::Process::spawn(command));
    return process.release();
}

Answer up_answer(const devnet::Layout& layout)
{
    return {{{"dir", layout.dir.string()}, {"network", layout.network().string()}, {"status", "up"}, {"tee", "SIMULATED"}},
            "SIMULATED network is up\nnetwork  " + layout.network().string() +
                "\nnext     export IAPP_NETWORK=" + layout.network().string() + "\n"};
}

/// Somebody else's start that is under way is waited for like our own.
Result<runtime::ProcessIdentity> find_or_spawn_supervisor(const devnet::UpOptions& options)
{
    if (const auto state = devnet::read_run_state(options.layout)) return state->supervisor;
    TRY_OK(devnet::check_ports_free(options.ports, std::chrono::seconds(1)));
    return spawn_supervisor(options);
}

Error not_started(const devnet::Layout& layout)
{
    return {ErrorKind::unavailable, "devnet.start",
            "the network did not start: " + last_error_line(layout.log("devnet")) +
                " (log: " + layout.log("devnet").string() + ")"};
}

Result<Answer> detach(const devnet::UpOptions& options, Context& context)
{
    context.phases.start("start the network");
    TRY(auto supervisor, find_or_spawn_supervisor(options));
    const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        const bool ended = !runtime::is_alive(supervisor);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const auto state = devnet::read_run_state(options.layout);
        if (state && state->ready) return up_answer(options.layout);
        if (ended && !state) return std::unexpected(not_started(options.layout));
        if (state) supervisor = state->supervisor;  // of two who start at once, one wins the folder
    }
    return fail(ErrorKind::deadline_exceeded, "devnet.start",
                "the network did not get ready; see " + options.layout.logs().string());
}

struct Probe {
    std::string name;
    std::string url;
};

std::vector<Probe> probes_of(const wire::Network& network)
{
    const auto& services = network.services;
    return {{"chain", network.rpc_url},
            {"sms", services.sms + "/version"},
            {"market", services.market + "/version"},
            {"ipfs-api", services.ipfs_api + "/"},
            {"ipfs-gateway", services.ipfs_gateway + "/"},
            {"core", services.core + "/version"},
            {"registry", services.registry + "/v2/"}};
}

Result<wire::Network> network_of(const devnet::Layout& layout)
{
    TRY(auto network, devnet::find_network(layout));
    if (network) return *std::move(network);
    return fail(ErrorKind::not_found, "devnet.none", "no network was ever started in " + layout.dir.string());
}

std::string key_of(devnet::Account account)
{
    return std::string(localchain::dev_private_key(static_cast<std::size_t>(account)));
}

}  // namespace

Result<Answer> run_devnet_up(const Arguments& arguments, Context& context)
{
    TRY(const auto options, options_from(arguments));
    if (const auto state = devnet::read_run_state(options.layout); state && state->ready) return up_answer(options.layout);
    return arguments.has("--detach") ? detach(options, context) : supervise(options, context);
}

Result<Answer> run_devnet_down(const Arguments& arguments, Context&)
{
    const auto layout = layout_from(arguments);
    TRY(const bool ran, devnet::bring_down(layout, std::chrono::seconds(30)));
    return Answer{{{"dir", layout.dir.string()}, {"wasRunning", ran}}, ran ? "down\n" : "nothing was running\n"};
}

Result<Answer> run_devnet_status(const Arguments& arguments, Context&)
{
    TRY(const auto network, network_of(layout_from(arguments)));
    const net::HttpClient http;
    Answer answer;
    boost::json::object services;
    for (const Probe& probe : probes_of(network)) {
        const bool answers = http.get(probe.url, net::deadline_in(std::chrono::seconds(2))).has_value();
        services[probe.name] = answers;
        answer.text.append(answers ? "up    " : "DOWN  ").append(probe.name).append(14 - probe.name.size(), ' ');
        answer.text.append(probe.url).append("\n");
        if (!answers) answer.exit_code = 7;
    }
    answer.document["tee"] = "SIMULATED";
    answer.document["services"] = std::move(services);
    return answer;
}

Result<Answer> run_devnet_env(const Arguments& arguments, Context&)
{
    TRY(const auto network, network_of(layout_from(arguments)));
    const auto& services = network.services;
    const std::vector<std::pair<std::string, std::string>> pairs{
        {"RPC_URL", network.rpc_url},
        {"HUB_ADDRESS", eth::to_checksum(network.contracts.hub)},
        {"RLC_ADDRESS", eth::to_checksum(network.contracts.rlc)},
        {"SMS_URL", services.sms},
        {"MARKET_URL", services.market},
        {"IPFS_API_URL", services.ipfs_api},
        {"IPFS_GATEWAY_URL", services.ipfs_gateway},
        {"CORE_URL", services.core},
        {"REGISTRY_URL", services.registry},
        {"DATAPROTECTOR_ADDRESS", eth::to_checksum(network.contracts.dataprotector)},
        {"SHARING_ADDRESS", network.contracts.sharing ? eth::to_checksum(*network.contracts.sharing) : ""},
        {"WORKERPOOL_ADDRESS", eth::to_checksum(network.workerpool)},
        {"FUNDER_PRIVATE_KEY", key_of(devnet::Account::funder)},
        {"SCHEDULER_PRIVATE_KEY", key_of(devnet::Account::scheduler)},
        {"ADMIN_PRIVATE_KEY", key_of(devnet::Account::admin)}};
    Answer answer;
    for (const auto& [key, value] : pairs) {
        answer.document[key] = value;
        answer.text.append(key).append("=").append(value).append("\n");
    }
    return answer;
}

}  // namespace iapp::cli
