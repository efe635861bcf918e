// iapp devnet: a complete network on this machine, with a simulated TEE.
#include <csignal>
#include <thread>

#include "commands.hpp"
#include "devnet/attach.hpp"
#include "devnet/bootstrap.hpp"
#include "devnet/keys.hpp"
#include "devnet/port_check.hpp"
#include "devnet/supervisor.hpp"
#include "localchain/anvil.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "pool_offers.hpp"

namespace iapp::cli {
namespace {

constexpr std::chrono::seconds kStartPatience{60};

devnet::Layout layout_from(const Arguments& arguments)
{
    return {std::filesystem::absolute(arguments.get("--dir", (state_home() / "devnet").string()))};
}

Result<devnet::Ports> ports_from(const Arguments& arguments, devnet::Ports ports)
{
    if (arguments.has("--port-base")) {
        TRY(const std::uint64_t base, number_option(arguments, "--port-base", 0));
        if (base < 1024 || base > 65000)
            return fail(ErrorKind::invalid_input, "devnet.port_base", "--port-base is between 1024 and 65000");
        ports = devnet::Ports::from_base(static_cast<std::uint16_t>(base));
    }
    return ports.with(arguments.all("--port"));
}

struct UpArguments {
    devnet::UpOptions options;
    std::optional<std::filesystem::path> deployment_file;
};

std::unexpected<Error> bad_attachment(const std::string& what)
{
    return fail(ErrorKind::invalid_input, "attach.options", what);
}

Result<devnet::ForeignDeployment> read_deployment(const std::filesystem::path& file)
{
    TRY(const auto text, read_file(file.string()));
    return devnet::parse_deployment(text);
}

/// --rpc-url and --deployment: a chain somebody else runs.
Status add_attachment(const Arguments& arguments, bool made, UpArguments& up)
{
    devnet::Settings& wanted = up.options.settings;
    if (const auto url = arguments.find("--rpc-url")) {
        TRY_OK(wire::check_rpc_url(*url));
        wanted.node = *url;
    }
    if (const auto file = arguments.find("--deployment")) {
        if (!wanted.node) return bad_attachment("--deployment says what is on a chain; --rpc-url names its node");
        up.deployment_file = std::filesystem::absolute(*file);
        TRY(auto deployment, read_deployment(*up.deployment_file));
        wanted.chain_id = deployment.chain_id;
        up.options.origin.foreign = std::make_shared<const devnet::ForeignDeployment>(std::move(deployment));
    }
    if (wanted.node && !made && !up.options.origin.foreign)
        return bad_attachment("--rpc-url names somebody else's node; --deployment says what is on its chain");
    return {};
}

/// The network whose addresses npm clients have built in.
constexpr const char* kCanonicalNetwork = "arbitrum-sepolia";

Status add_canonical(const Arguments& arguments, devnet::UpOptions& options)
{
    if (arguments.has("--canonical-addresses")) options.settings.canonical_addresses = true;
    if (!options.settings.canonical_addresses) return {};
    if (options.settings.node)
        return bad_attachment("--canonical-addresses moves contracts of our own chain; they cannot be moved on another");
    TRY(const auto text, read_file(network_file(kCanonicalNetwork).string()));
    TRY(options.origin.canonical, wire::parse_network(text));
    return {};
}

/// What is not said is as it was when the network was made.
Result<UpArguments> options_from(const Arguments& arguments)
{
    UpArguments up{{layout_from(arguments), {}}, {}};
    TRY(const auto made, devnet::load_settings(up.options.layout));
    devnet::Settings& wanted = up.options.settings;
    wanted = made.value_or(devnet::Settings{});
    TRY_OK(add_attachment(arguments, made.has_value(), up));
    TRY(wanted.chain_id, number_option(arguments, "--chain-id", wanted.chain_id));
    TRY(wanted.ports, ports_from(arguments, wanted.ports));
    TRY_OK(add_canonical(arguments, up.options));
    if (up.options.origin.foreign && wanted.chain_id != up.options.origin.foreign->chain_id)
        return bad_attachment("--chain-id is not the deployment's chainId");
    if (made) TRY_OK(devnet::check_same(*made, wanted));
    return up;
}

/// Asked before anything starts, so that the user hears the reason itself and not that a start failed.
Status check_foreign_chain(const devnet::UpOptions& options)
{
    if (!options.origin.foreign) return {};
    TRY(const auto network, devnet::find_network(options.layout));
    if (network) TRY_OK(devnet::check_unchanged(*network, *options.origin.foreign));
    const net::HttpClient http;
    const chain::JsonRpcClient rpc(http, {.url = *options.settings.node});
    TRY_OK(devnet::examine(rpc, *options.origin.foreign, {"devnet", net::deadline_in(std::chrono::seconds(15)), {}}));
    return {};
}

Result<std::unique_ptr<devnet::Supervisor>> start_network(const devnet::UpOptions& options, Context& context)
{
    TRY(const auto programs, devnet::find_programs(program_folder()));
    context.phases.start("start chain, contracts and services");
    TRY(auto supervisor, devnet::Supervisor::start(options, programs, context.clock));
    context.phases.start("publish the workerpools' orders");
    TRY(auto owner, devnet::load_key(options.layout, "scheduler"));
    auto session = Session::with(supervisor->network(), std::move(owner));
    for (const eth::Address& pool : wire::workerpools_of(session->network)) {
        TRY(const PoolOffers offers, publish_pool_orders(*session, pool));
        const std::string name = eth::to_checksum(pool);
        if (offers.published > 0)
            supervisor->note("published " + std::to_string(offers.published) + " free orders of workerpool " + name +
                             ", one for each category without any");
        if (offers.refused)
            supervisor->note("the order book takes no more free orders of workerpool " + name + " (" +
                             offers.refused->detail + "); unpublish some and start again, or use the categories it has");
    }
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
    for (const std::string& note : supervisor->notes()) std::fprintf(stderr, "note: %s\n", note.c_str());
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
Result<runtime::ProcessIdentity> spawn_supervisor(const UpArguments& up)
{
    const devnet::UpOptions& options = up.options;
    std::filesystem::create_directories(options.layout.logs());
    runtime::Command command;
    command.program = std::filesystem::read_symlink("/proc/self/exe").string();
    command.args = {"devnet",     "up",
                    "--dir",      options.layout.dir.string(),
                    "--port",     options.settings.ports.to_assignments(),
                    "--chain-id", std::to_string(options.settings.chain_id)};
    if (options.settings.node) command.args.insert(command.args.end(), {"--rpc-url", *options.settings.node});
    if (options.settings.canonical_addresses) command.args.emplace_back("--canonical-addresses");
    if (up.deployment_file) command.args.insert(command.args.end(), {"--deployment", up.deployment_file->string()});
    command.out = command.err = runtime::Output::to_file(options.layout.log("devnet").string());
    command.new_session = true;
    TRY(auto process, runtime::Process::spawn(command));
    return process.release();
}

Answer up_answer(const devnet::Layout& layout, const devnet::RunState& state)
{
    boost::json::array notes;
    std::string text = "SIMULATED network is up\nnetwork  " + layout.network().string() + "\n";
    for (const std::string& note : state.notes) {
        notes.emplace_back(note);
        text.append("note     ").append(note).append("\n");
    }
    return {{{"dir", layout.dir.string()},
             {"network", layout.network().string()},
             {"status", "up"},
             {"tee", "SIMULATED"},
             {"notes", std::move(notes)}},
            text + "next     export IAPP_NETWORK=" + layout.network().string() + "\n"};
}

/// Somebody else's start that is under way is waited for like our own.
Result<runtime::ProcessIdentity> find_or_spawn_supervisor(const UpArguments& up)
{
    if (const auto state = devnet::read_run_state(up.options.layout)) return state->supervisor;
    TRY_OK(devnet::check_ports_free(up.options.settings, std::chrono::seconds(1)));
    return spawn_supervisor(up);
}

Error not_started(const devnet::Layout& layout)
{
    return {ErrorKind::unavailable, "devnet.start",
            "the network did not start: " + last_error_line(layout.log("devnet")) +
                " (log: " + layout.log("devnet").string() + ")"};
}

Result<Answer> detach(const UpArguments& up, Context& context)
{
    const devnet::UpOptions& options = up.options;
    context.phases.start("start the network");
    TRY(auto supervisor, find_or_spawn_supervisor(up));
    const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        const bool ended = !runtime::is_alive(supervisor);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const auto state = devnet::read_run_state(options.layout);
        if (state && state->ready) return up_answer(options.layout, *state);
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
    std::vector<Probe> probes{{"chain", network.rpc_url},
                              {"sms", services.sms + "/version"},
                              {"market", services.market + "/version"},
                              {"ipfs-api", services.ipfs_api + "/"},
                              {"ipfs-gateway", services.ipfs_gateway + "/"},
                              {"core", services.core.value_or("") + "/version"},
                              {"registry", services.registry.value_or("") + "/v2/"}};
    for (const auto& [name, url] : {std::pair{"index", services.index}, std::pair{"compass", services.compass},
                                    std::pair{"result-proxy", services.result_proxy}})
        if (url) probes.push_back({name, *url + "/version"});
    return probes;
}

Result<wire::Network> network_of(const devnet::Layout& layout)
{
    TRY(auto network, devnet::find_network(layout));
    if (network) return *std::move(network);
    return fail(ErrorKind::not_found, "devnet.none", "no network was ever started in " + layout.dir.string());
}

}  // namespace

Result<Answer> run_devnet_up(const Arguments& arguments, Context& context)
{
    TRY(const auto up, options_from(arguments));
    TRY_OK(check_foreign_chain(up.options));
    const auto& layout = up.options.layout;
    if (const auto state = devnet::read_run_state(layout); state && state->ready) return up_answer(layout, *state);
    return arguments.has("--detach") ? detach(up, context) : supervise(up.options, context);
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

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The well-known keys of our own node. Those of a foreign deployment are its owner's to give.
void add_keys(Pairs& pairs)
{
    for (const auto& [name, account] : {std::pair{"FUNDER_PRIVATE_KEY", devnet::Account::funder},
                                        {"SCHEDULER_PRIVATE_KEY", devnet::Account::scheduler},
                                        {"ADMIN_PRIVATE_KEY", devnet::Account::admin}})
        pairs.emplace_back(name, localchain::dev_private_key(static_cast<std::size_t>(account)));
}

/// What not every network has.
void add_optional(Pairs& pairs, const wire::Network& network)
{
    const auto add = [&](const char* key, const std::optional<std::string>& origin, const char* path) {
        if (origin) pairs.emplace_back(key, *origin + path);
    };
    add("SUBGRAPH_URL", network.services.index, "/subgraphs/poco");
    add("DP_SUBGRAPH_URL", network.services.index, "/subgraphs/dataprotector");
    add("COMPASS_URL", network.services.compass, "");
    add("RESULT_PROXY_URL", network.services.result_proxy, "");
    if (network.contracts.sharing) pairs.emplace_back("SHARING_ADDRESS", eth::to_checksum(*network.contracts.sharing));
}

}  // namespace

Result<Answer> run_devnet_env(const Arguments& arguments, Context&)
{
    const auto layout = layout_from(arguments);
    TRY(const auto network, network_of(layout));
    const auto& services = network.services;
    Pairs pairs{{"RPC_URL", network.rpc_url},
                {"HUB_ADDRESS", eth::to_checksum(network.contracts.hub)},
                {"RLC_ADDRESS", eth::to_checksum(network.contracts.rlc)},
                {"SMS_URL", services.sms},
                {"MARKET_URL", services.market},
                {"IPFS_API_URL", services.ipfs_api},
                {"IPFS_GATEWAY_URL", services.ipfs_gateway},
                {"CORE_URL", services.core.value_or("")},
                {"REGISTRY_URL", services.registry.value_or("")},
                {"DATAPROTECTOR_ADDRESS", eth::to_checksum(network.contracts.dataprotector)},
                {"WORKERPOOL_ADDRESS", eth::to_checksum(network.workerpool)}};
    TRY(const auto settings, devnet::load_settings(layout));
    if (settings && !settings->node) add_keys(pairs);
    add_optional(pairs, network);
    Answer answer;
    for (const auto& [key, value] : pairs) {
        answer.document[key] = value;
        answer.text.append(key).append("=").append(value).append("\n");
    }
    return answer;
}

}  // namespace iapp::cli
