#include "devnet/bootstrap.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "crypto/random.hpp"
#include "devnet/configs.hpp"
#include "eth/keystore.hpp"
#include "localchain/anvil.hpp"
#include "simtee/pki.hpp"
#include "sms/service.hpp"

namespace iapp::devnet {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRlc = 1'000'000'000;  // nRLC
constexpr eth::ScryptCost kDevelopmentCost{1U << 12U, 8, 1};

std::string read_text(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Result<Hash384> measure(const fs::path& agent)
{
    const std::string bytes = read_text(agent);
    if (bytes.empty()) return fail(ErrorKind::not_found, "devnet.program", "cannot read " + agent.string());
    return crypto::sha384(as_bytes(bytes));
}

Status write_wallet(const Layout& layout, const std::string& name, const eth::Wallet& wallet)
{
    const std::string password = hex(crypto::random_bytes(16));
    TRY(const auto keystore, eth::seal_keystore(wallet, password, kDevelopmentCost));
    TRY_OK(write_private(layout.keys() / (name + ".password"), password + "\n"));
    return write_private(layout.keys() / (name + ".json"), keystore);
}

Result<eth::Address> key_service(const Layout& layout)
{
    if (fs::exists(layout.sms())) return sms::ledger_signer(layout.sms());
    return sms::create_directory(layout.sms());
}

wire::NetworkServices services_on(const Ports& ports)
{
    wire::NetworkServices services{};
    services.sms = origin(ports.sms());
    services.market = origin(ports.market());
    services.ipfs_api = origin(ports.ipfs_api());
    services.ipfs_gateway = origin(ports.ipfs_gateway());
    services.core = origin(ports.core());
    services.registry = origin(ports.registry());
    return services;
}

wire::NetworkContracts contracts_of(const localchain::Deployment& made)
{
    return {made.hub,           made.rlc,    made.app_registry, made.dataset_registry, made.workerpool_registry,
            made.dataprotector, made.sharing};
}

struct OnChain {
    localchain::Deployment deployment;
    eth::Address workerpool;
};

Result<OnChain> deploy(const chain::JsonRpcClient& rpc, std::uint64_t chain_id, const net::CallContext& context)
{
    TRY(const auto files, localchain::find_chain_files());
    TRY(const auto artifacts, localchain::load_artifacts(files.artifacts));
    const auto admin = account_wallet(Account::admin);
    chain::TransactionSender sender(rpc, admin, {.chain_id = chain_id});
    TRY(const auto deployment, localchain::deploy_poco(rpc, sender, artifacts, context));
    const auto owner = account_wallet(Account::scheduler);
    const std::array fundings{
        localchain::Funding{account_wallet(Account::funder).address(), {}, eth::U256(10'000'000 * kRlc), {}},
        localchain::Funding{owner.address(), {}, eth::U256(10'000 * kRlc), eth::U256(100'000 * kRlc)}};
    TRY_OK(localchain::fund_accounts(rpc, sender, deployment, fundings, context));
    chain::TransactionSender owner_sender(rpc, owner, {.chain_id = chain_id});
    TRY(const auto workerpool, localchain::create_workerpool(owner_sender, deployment, "devnet", {}, context));
    return OnChain{deployment, workerpool};
}

Result<wire::Network> make_network(const Layout& layout, const Ports& ports, std::uint64_t chain_id, const OnChain& made,
                                   const Hash384& agent)
{
    TRY(const auto signer, key_service(layout));
    return wire::Network{
        "devnet",
        chain_id,
        origin(ports.rpc()),
        {},
        made.deployment.start_block,
        contracts_of(made.deployment),
        services_on(ports),
        made.workerpool,
        wire::NetworkTrust{
            {agent}, signer, read_text(layout.pki() / "root.pem"), true, (layout.pki() / "collateral.json").string()}};
}

Result<wire::Network> load_or_make(const Layout& layout, const Ports& ports, std::uint64_t chain_id, const Hash384& agent,
                                   const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    TRY(const auto found, find_network(layout));
    if (!found) {
        TRY(const auto made, deploy(rpc, chain_id, context));
        return make_network(layout, ports, chain_id, made, agent);
    }
    wire::Network network = *found;
    TRY_OK(check_same(network, ports, chain_id));
    network.trust.agent_measurements = {agent};
    return network;
}

}  // namespace

eth::Wallet account_wallet(Account account)
{
    return *eth::Wallet::from_private_key_hex(localchain::dev_private_key(static_cast<std::size_t>(account)));
}

Result<std::optional<wire::Network>> find_network(const Layout& layout)
{
    if (!fs::exists(layout.network())) return std::optional<wire::Network>{};
    TRY(auto network, wire::parse_network(read_text(layout.network())));
    return std::optional(std::move(network));
}

Status check_same(const wire::Network& network, const Ports& ports, std::uint64_t chain_id)
{
    if (network.chain_id == chain_id && network.rpc_url == origin(ports.rpc())) return {};
    return fail(ErrorKind::conflict, "devnet.ports",
                "this network was made with chain id " + std::to_string(network.chain_id) + " and node " + network.rpc_url +
                    "; use those, or another --dir");
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

Result<wire::Network> bootstrap(const Layout& layout, const Ports& ports, std::uint64_t chain_id, const Programs& programs,
                                const chain::JsonRpcClient& rpc, const Clock& clock, const net::CallContext& context)
{
    for (const auto& folder :
         {layout.keys(), layout.logs(), layout.work(), layout.state(), layout.blobs(), layout.registry(), layout.config("")})
        fs::create_directories(folder);
    TRY_OK(simtee::ensure_pki(layout.pki(), clock.now_seconds()));
    TRY(const auto agent, measure(programs.agent));
    TRY(auto network, load_or_make(layout, ports, chain_id, agent, rpc, context));
    for (const auto& [name, account] : {std::pair{"scheduler", Account::scheduler}, std::pair{"worker", Account::worker}})
        if (!fs::exists(layout.keys() / (std::string(name) + ".json")))
            TRY_OK(write_wallet(layout, name, account_wallet(account)));
    TRY_OK(write_configs(layout, ports, programs));
    TRY_OK(write_private(layout.network(), wire::encode_network(network)));
    return network;
}

Status fund(const chain::JsonRpcClient& rpc, const wire::Network& network, const eth::Address& account,
            const eth::U256& stake_nrlc, const net::CallContext& context)
{
    const auto funder = account_wallet(Account::funder);
    chain::TransactionSender sender(rpc, funder, {.chain_id = network.chain_id});
    const localchain::Deployment deployment{network.chain_id,
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
