#include "devnet/bootstrap.hpp"

#include "base/file.hpp"
#include "devnet/configs.hpp"
#include "devnet/keys.hpp"
#include "localchain/anvil.hpp"
#include "localchain/place_workerpool.hpp"
#include "poco/registry.hpp"
#include "poco/views.hpp"
#include "simtee/pki.hpp"
#include "sms/service.hpp"

namespace iapp::devnet {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRlc = 1'000'000'000;  // nRLC

Result<Hash384> measure(const fs::path& agent)
{
    const auto bytes = read_file(agent);
    if (!bytes) return fail(ErrorKind::not_found, "devnet.program", "cannot read " + agent.string());
    return crypto::sha384(as_bytes(*bytes));
}

Result<eth::Address> key_service(const Layout& layout)
{
    if (fs::exists(layout.sms())) return sms::ledger_signer(layout.sms());
    return sms::create_directory(layout.sms());
}

wire::NetworkServices services_on(const Ports& ports)
{
    wire::NetworkServices services{};
    services.sms = origin(ports[Port::sms]);
    services.market = origin(ports[Port::market]);
    services.ipfs_api = origin(ports[Port::ipfs_api]);
    services.ipfs_gateway = origin(ports[Port::ipfs_gateway]);
    services.core = origin(ports[Port::core]);
    services.registry = origin(ports[Port::registry]);
    services.index = origin(ports[Port::index]);
    services.compass = origin(ports[Port::compass]);
    services.result_proxy = origin(ports[Port::result_proxy]);
    return services;
}

struct OnChain {
    wire::NetworkContracts contracts;
    std::vector<eth::Address> workerpools;  ///< the default one first
    std::uint64_t start_block;
};

wire::NetworkContracts contracts_of(const localchain::Deployment& made)
{
    return {made.hub,           made.rlc,     made.app_registry,          made.dataset_registry, made.workerpool_registry,
            made.dataprotector, made.sharing, made.app_whitelist_registry};
}

localchain::Places places_of(const std::optional<wire::Network>& canonical)
{
    if (!canonical) return {};
    const auto& at = canonical->contracts;
    return {.hub = at.hub,
            .rlc = at.rlc,
            .app_registry = at.app_registry,
            .dataset_registry = at.dataset_registry,
            .workerpool_registry = at.workerpool_registry,
            .dataprotector = at.dataprotector,
            .app_whitelist_registry = at.app_whitelist_registry,
            .sharing = at.sharing};
}

Result<std::vector<eth::Address>> add_workerpools(const chain::JsonRpcClient& rpc, const localchain::Deployment& deployment,
                                                  const std::optional<wire::Network>& canonical,
                                                  const net::CallContext& context)
{
    const auto owner = account_wallet(Account::scheduler);
    chain::TransactionSender sender(rpc, owner, {.chain_id = deployment.chain_id});
    if (!canonical) {
        TRY(const auto made, localchain::create_workerpool(sender, deployment, "devnet", {}, context));
        return std::vector{made};
    }
    auto pools = wire::workerpools_of(*canonical);
    for (std::size_t i = 0; i < pools.size(); ++i) {
        const std::string name = i == 0 ? "devnet" : "devnet " + std::to_string(i + 1);
        TRY_OK(localchain::place_workerpool(rpc, sender, deployment, name, pools[i], context));
    }
    return pools;
}

Result<OnChain> deploy(const chain::JsonRpcClient& rpc, std::uint64_t chain_id,
                       const std::optional<wire::Network>& canonical, const net::CallContext& context)
{
    TRY(const auto files, localchain::find_chain_files());
    TRY(const auto artifacts, localchain::load_artifacts(files.artifacts));
    const auto admin = account_wallet(Account::admin);
    chain::TransactionSender sender(rpc, admin, {.chain_id = chain_id});
    TRY(const auto deployment, localchain::deploy_poco(rpc, sender, artifacts, context, places_of(canonical)));
    TRY(auto workerpools, add_workerpools(rpc, deployment, canonical, context));
    const auto owner = account_wallet(Account::scheduler);
    const std::array fundings{
        localchain::Funding{account_wallet(Account::funder).address(), {}, eth::U256(10'000'000 * kRlc), {}},
        localchain::Funding{owner.address(), {}, eth::U256(10'000 * kRlc), eth::U256(100'000 * kRlc)}};
    TRY_OK(localchain::fund_accounts(rpc, sender, deployment, fundings, context));
    return OnChain{contracts_of(deployment), std::move(workerpools), deployment.start_block};
}

Status keep_keys(const Layout& layout, const ForeignDeployment* foreign)
{
    if (!foreign) {
        TRY_OK(save_key(layout, "scheduler", account_wallet(Account::scheduler)));
        return save_key(layout, "worker", account_wallet(Account::worker));
    }
    TRY_OK(save_key(layout, "scheduler", foreign->scheduler));
    TRY_OK(save_key(layout, "worker", foreign->worker));
    return foreign->admin ? save_key(layout, "admin", *foreign->admin) : Status{};
}

Result<wire::Network> make_network(const Layout& layout, const Settings& settings, const OnChain& made, const Hash384& agent)
{
    TRY(const auto signer, key_service(layout));
    return wire::Network{"devnet",
                         settings.chain_id,
                         settings.rpc_url(),
                         {},
                         made.start_block,
                         made.contracts,
                         services_on(settings.ports),
                         made.workerpools.front(),
                         wire::NetworkTrust{{agent},
                                            signer,
                                            read_file(layout.pki() / "root.pem").value_or(""),
                                            true,
                                            (layout.pki() / "collateral.json").string()},
                         {made.workerpools.begin() + 1, made.workerpools.end()}};
}

/// What this program of today knows better than the document: where node and services answer, what its agent measures.
wire::Network refreshed(wire::Network network, const Settings& settings, const Hash384& agent)
{
    network.rpc_url = settings.rpc_url();
    network.services = services_on(settings.ports);
    network.trust->agent_measurements = {agent};
    return network;
}

/// The file that was given, or what is left of the one the network was made from.
Result<ForeignDeployment> stored_deployment(const Layout& layout, const wire::Network& network)
{
    TRY(auto scheduler, load_key(layout, "scheduler"));
    TRY(auto worker, load_key(layout, "worker"));
    const auto& contracts = network.contracts;
    return ForeignDeployment{network.chain_id,
                             contracts.hub,
                             contracts.rlc,
                             contracts.dataprotector,
                             contracts.sharing,
                             network.workerpool,
                             network.start_block,
                             std::move(scheduler),
                             std::move(worker),
                             {},
                             {}};
}

Result<Bootstrapped> load(const Layout& layout, const Settings& settings, const wire::Network& found, const Hash384& agent,
                          const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    if (!settings.node) return Bootstrapped{refreshed(found, settings, agent), {}};
    TRY(const auto stored, stored_deployment(layout, found));
    TRY(auto attachment, examine(rpc, stored, context));
    return Bootstrapped{refreshed(found, settings, agent), std::move(attachment.notes)};
}

Result<Bootstrapped> make(const Layout& layout, const Settings& settings, const Origin& from, const Hash384& agent,
                          const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    const ForeignDeployment* foreign = from.foreign.get();
    TRY_OK(keep_keys(layout, foreign));
    if (!foreign) {
        TRY(const auto made, deploy(rpc, settings.chain_id, from.canonical, context));
        TRY(auto network, make_network(layout, settings, made, agent));
        return Bootstrapped{std::move(network), {}};
    }
    TRY(auto attachment, examine(rpc, *foreign, context));
    const OnChain there{attachment.contracts, {foreign->workerpool}, foreign->start_block};
    TRY(auto network, make_network(layout, settings, there, agent));
    return Bootstrapped{std::move(network), std::move(attachment.notes)};
}

}  // namespace

eth::Wallet account_wallet(Account account)
{
    return *eth::Wallet::from_private_key_hex(localchain::dev_private_key(static_cast<std::size_t>(account)));
}

Result<std::optional<wire::Network>> find_network(const Layout& layout)
{
    if (!fs::exists(layout.network())) return std::optional<wire::Network>{};
    TRY(auto network, wire::parse_network(read_file(layout.network()).value_or("")));
    return std::optional(std::move(network));
}

Result<Programs> find_programs(const fs::path& folder)
{
    // Installed side by side, or in the build tree, each in the folder of its target.
    const auto find = [&](const std::string& name) {
        return fs::exists(folder / name) && !fs::is_directory(folder / name) ? folder / name
                                                                             : folder.parent_path() / name / name;
    };
    Programs programs{find("iappd"), find("iapp-agent"), find("iapp-tee-sim")};
    for (const auto& program : {programs.iappd, programs.agent, programs.tee_sim})
        if (!fs::exists(program))
            return fail(ErrorKind::not_found, "devnet.program",
                        "there is no " + program.string() + "; build all targets first");
    return programs;
}

Result<Bootstrapped> bootstrap(const Layout& layout, const Settings& settings, const Origin& from, const Programs& programs,
                               const chain::JsonRpcClient& rpc, const Clock& clock, const net::CallContext& context)
{
    for (const auto& folder :
         {layout.keys(), layout.logs(), layout.work(), layout.state(), layout.blobs(), layout.registry(), layout.config("")})
        fs::create_directories(folder);
    TRY_OK(simtee::ensure_pki(layout.pki(), clock.now_seconds()));
    TRY(const auto agent, measure(programs.agent));
    TRY(const auto found, find_network(layout));
    TRY(auto made,
        found ? load(layout, settings, *found, agent, rpc, context) : make(layout, settings, from, agent, rpc, context));
    TRY(const auto worker, load_key(layout, "worker"));
    TRY_OK(write_configs(layout, settings.ports, programs, worker.address()));
    TRY_OK(save_settings(layout, settings));
    TRY_OK(write_private(layout.network(), wire::encode_network(made.network)));
    return made;
}

Result<eth::Wallet> funder_of(const Layout& layout)
{
    if (fs::exists(layout.keystore("admin"))) return load_key(layout, "admin");
    return account_wallet(Account::funder);
}

Status fund(const chain::JsonRpcClient& rpc, const wire::Network& network, const eth::Wallet& funder,
            const eth::Address& account, const eth::U256& stake_nrlc, const net::CallContext& context)
{
    TRY(const Bytes answer, rpc.eth_call({network.contracts.rlc, poco::call::balance_of(funder.address())}, context));
    TRY(const auto rlc, poco::decode_uint(answer));
    if (rlc < stake_nrlc)
        return fail(ErrorKind::precondition_failed, "devnet.no_funds",
                    "account " + eth::to_checksum(funder.address()) + ", which pays on network " + network.name +
                        ", holds only " + rlc.to_dec() + " nRLC");
    chain::TransactionSender sender(rpc, funder, {.chain_id = network.chain_id});
    localchain::Deployment deployment{network.chain_id,
                                      network.contracts.hub,
                                      network.contracts.rlc,
                                      network.contracts.app_registry,
                                      network.contracts.dataset_registry,
                                      network.contracts.workerpool_registry,
                                      network.contracts.dataprotector,
                                      eth::Address::zero(),  // funding asks neither of these two
                                      eth::Address::zero(),
                                      network.start_block};
    TRY(const auto ether, eth::U256(1000).mul(eth::U256(1'000'000'000'000'000'000ULL)));
    auto funded = localchain::fund_account(rpc, sender, deployment, {account, ether, {}, stake_nrlc}, context);
    if (!funded && funded.error().reason == "rpc.method")
        return fail(ErrorKind::precondition_failed, "devnet.not_a_devnet",
                    "the node of network " + network.name + " gives no free money; this works on development networks only");
    return funded;
}

}  // namespace iapp::devnet
