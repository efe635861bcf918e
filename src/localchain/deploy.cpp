#include "localchain/deploy.hpp"

#include <set>

#include "chain/hub.hpp"
#include "localchain/internal/pipeline.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"
#include "poco/views.hpp"

namespace iapp::localchain {
namespace {

using chain::TransactionRequest;
using internal::kCallGas;
using internal::Pipeline;

constexpr std::uint64_t kCutGas = 9'000'000;

constexpr std::uint8_t kAddFacet = 0;

std::unexpected<Error> check_failed(std::string detail)
{
    return fail(ErrorKind::internal, "localchain.check", std::move(detail));
}

Bytes linked(const ContractCode& code, const Address& library)
{
    Bytes out = code.bytecode;
    for (const std::size_t at : code.links)
        std::ranges::copy(library.bytes(), out.begin() + static_cast<std::ptrdiff_t>(at));
    return out;
}

/// One element of FacetCut[]: (address facet, uint8 action, bytes4[] selectors).
eth::AbiWriter facet_cut(const Address& facet, const ContractCode& code)
{
    std::vector<eth::AbiWriter> selectors;
    selectors.reserve(code.selectors.size());
    for (const eth::Selector& selector : code.selectors) selectors.push_back(eth::AbiWriter{}.bytes4(selector));
    return eth::AbiWriter{}.tuple(eth::AbiWriter{}.address(facet).uint(kAddFacet).array(selectors));
}

/// Constructor of the diamond: (FacetCut[] cuts, (address owner, address init, bytes initCalldata)).
Bytes diamond_arguments(std::span<const eth::AbiWriter> cuts, const Address& owner, const Address& init)
{
    const eth::Selector initialize = eth::selector("init()");
    return eth::AbiWriter{}
        .array(cuts)
        .tuple(eth::AbiWriter{}.address(owner).address(init).bytes(initialize.bytes()))
        .encode();
}

Bytes diamond_cut(std::span<const eth::AbiWriter> cuts)
{
    return eth::AbiWriter{}
        .array(cuts)
        .address(Address::zero())
        .bytes({})
        .call(eth::selector("diamondCut((address,uint8,bytes4[])[],address,bytes)"));
}

/// Deploys the facets of `names` and answers their cuts.
Result<std::vector<eth::AbiWriter>> add_facets(Pipeline& pipeline, const Artifacts& artifacts,
                                               std::span<const std::string> names, const Address& library)
{
    std::vector<eth::AbiWriter> cuts;
    for (const std::string& name : names) {
        TRY(const ContractCode* code, artifacts.find(name));
        cuts.push_back(facet_cut(pipeline.create(linked(*code, library)), *code));
    }
    return cuts;
}

Result<Address> add_contract(Pipeline& pipeline, const Artifacts& artifacts, const std::string& name,
                             ByteView arguments = {}, const std::optional<Address>& place = {})
{
    TRY(const ContractCode* code, artifacts.find(name));
    Bytes creation = code->bytecode;
    append(creation, arguments);
    return pipeline.create_or_place(place, std::move(creation));
}

/// The order of deployment decides the addresses; the token comes first, the hub sixth.
Result<Deployment> add_contracts(Pipeline& pipeline, const Artifacts& artifacts, const Address& owner,
                                 std::uint64_t chain_id, const Places& places)
{
    TRY(const Address rlc, add_contract(pipeline, artifacts, places.rlc ? "ArbitrumRlc" : "RLC", {}, places.rlc));
    TRY(const Address init, add_contract(pipeline, artifacts, "DiamondInit"));
    TRY(const auto birth_cuts, add_facets(pipeline, artifacts, artifacts.diamond_facets, Address::zero()));
    TRY(const Address hub,
        add_contract(pipeline, artifacts, "Diamond", diamond_arguments(birth_cuts, owner, init), places.hub));
    TRY(const Address library, add_contract(pipeline, artifacts, artifacts.library));
    TRY(const auto cuts, add_facets(pipeline, artifacts, artifacts.facets, library));
    pipeline.call(hub, diamond_cut(cuts), kCutGas);
    TRY(const Address apps, add_contract(pipeline, artifacts, "AppRegistry", {}, places.app_registry));
    TRY(const Address datasets, add_contract(pipeline, artifacts, "DatasetRegistry", {}, places.dataset_registry));
    TRY(const Address workerpools, add_contract(pipeline, artifacts, "WorkerpoolRegistry", {}, places.workerpool_registry));
    TRY(const Address protector, add_contract(pipeline, artifacts, "DataProtector",
                                              eth::AbiWriter{}.address(datasets).encode(), places.dataprotector));
    TRY(const Address whitelists,
        add_contract(pipeline, artifacts, "AddOnlyAppWhitelistRegistry", {}, places.app_whitelist_registry));
    TRY(const Address sharing,
        add_contract(pipeline, artifacts, "DataProtectorSharing",
                     eth::AbiWriter{}.address(hub).address(datasets).address(whitelists).encode(), places.sharing));
    return Deployment{chain_id, hub, rlc, apps, datasets, workerpools, protector, whitelists, sharing, 0};
}

void add_configuration(Pipeline& pipeline, const Deployment& deployment)
{
    for (const Address& registry : {deployment.app_registry, deployment.dataset_registry, deployment.workerpool_registry})
        pipeline.call(registry, poco::call::registry_initialize(Address::zero()));
    pipeline.call(deployment.hub,
                  poco::call::configure({deployment.rlc, "Staked RLC", "SRLC", 9, deployment.app_registry,
                                         deployment.dataset_registry, deployment.workerpool_registry, Address::zero()}));
    for (const poco::Category& category : categories())
        pipeline.call(deployment.hub, poco::call::create_category(category.name, category.description, category.work_time));
}

/// The selectors of loupe.facets(): (address facet, bytes4[] selectors)[].
Result<std::set<eth::Selector>> read_loupe(ByteView data)
{
    std::set<eth::Selector> out;
    eth::AbiReader reader(data);
    TRY(eth::AbiArray facets, reader.array());
    for (std::uint64_t i = 0; i < facets.length; ++i) {
        TRY(eth::AbiReader facet, facets.items.dynamic_tuple());
        TRY_OK(facet.address());
        TRY(eth::AbiArray selectors, facet.array());
        for (std::uint64_t k = 0; k < selectors.length; ++k) {
            TRY(const Hash256 word, selectors.items.bytes32());
            out.insert(eth::Selector{word.bytes().first<4>()});
        }
    }
    return out;
}

std::set<eth::Selector> expected_selectors(const Artifacts& artifacts)
{
    std::set<eth::Selector> out;
    for (const auto& [name, code] : artifacts.contracts) out.insert(code.selectors.begin(), code.selectors.end());
    return out;
}

Result<Address> read_address(const chain::JsonRpcClient& rpc, const Address& contract, std::string_view getter,
                             const net::CallContext& context)
{
    TRY(const Bytes answer, rpc.eth_call({contract, eth::AbiWriter{}.call(eth::selector(getter))}, context));
    return poco::decode_address(answer);
}

Status check(const chain::JsonRpcClient& rpc, const Deployment& deployment, const Artifacts& artifacts,
             const net::CallContext& context)
{
    const chain::Hub hub(rpc, deployment.chain_id, deployment.hub);
    TRY(const Hash256 separator, hub.domain_separator(context));
    if (separator != hub.separator())
        return check_failed("the hub's domain separator is " + separator.hex() + ", ours " + hub.separator().hex());
    TRY(const std::uint64_t count, hub.category_count(context));
    if (count != categories().size()) return check_failed("the hub has " + std::to_string(count) + " categories");
    TRY(const Bytes facets, rpc.eth_call({deployment.hub, eth::AbiWriter{}.call(eth::selector("facets()"))}, context));
    TRY(const auto selectors, read_loupe(facets));
    if (selectors != expected_selectors(artifacts))
        return check_failed("the hub's loupe lists " + std::to_string(selectors.size()) +
                            " selectors, not those of the artifacts");
    TRY(const Address registry, read_address(rpc, deployment.dataprotector, "registry()", context));
    if (registry != deployment.dataset_registry) return check_failed("DataProtector writes to another dataset registry");
    TRY(const Address whitelists, read_address(rpc, deployment.sharing, "ADD_ONLY_APP_WHITELIST_REGISTRY()", context));
    if (whitelists != deployment.app_whitelist_registry) return check_failed("sharing asks another white-list registry");
    return {};
}

}  // namespace

std::vector<poco::Category> categories()
{
    using std::chrono::seconds;
    const std::string none = "\"\"";  // the public networks say so, with two quotation marks
    return {{"XS", none, seconds(300)},   {"S", none, seconds(1'200)},   {"M", none, seconds(3'600)},
            {"L", none, seconds(10'800)}, {"XL", none, seconds(36'000)}, {"T", "for tests", kFastCategoryTime}};
}

Result<Deployment> deploy_poco(const chain::JsonRpcClient& rpc, chain::TransactionSender& deployer,
                               const Artifacts& artifacts, const net::CallContext& context, const Places& places)
{
    TRY(const std::uint64_t chain_id, rpc.chain_id(context));
    TRY(const std::uint64_t nonce, deployer.next_nonce(context));
    Pipeline pipeline(deployer.address(), nonce);
    TRY(Deployment deployment, add_contracts(pipeline, artifacts, deployer.address(), chain_id, places));
    add_configuration(pipeline, deployment);
    TRY(const auto receipts, pipeline.run(rpc, deployer, context));
    if (receipts.front().contract_address.or_else([&] { return receipts.front().to; }) != deployment.rlc)
        return check_failed("another process used the deployer's key meanwhile");
    deployment.start_block = receipts.front().block_number;
    TRY_OK(check(rpc, deployment, artifacts, context));
    return deployment;
}

Result<Address> deploy_contract(chain::TransactionSender& sender, const ContractCode& code, ByteView arguments,
                                const net::CallContext& context)
{
    Bytes creation = code.bytecode;
    append(creation, arguments);
    TRY(const eth::Receipt receipt, sender.send({.to = {}, .data = std::move(creation)}, context));
    if (!receipt.contract_address) return check_failed("the receipt of a creation names no contract");
    return *receipt.contract_address;
}

Status fund_accounts(const chain::JsonRpcClient& rpc, chain::TransactionSender& deployer, const Deployment& deployment,
                     std::span<const Funding> fundings, const net::CallContext& context)
{
    std::vector<chain::RpcCall> balances;
    std::vector<TransactionRequest> requests;
    U256 deposits;
    for (const Funding& funding : fundings) {
        if (!funding.ether_wei.is_zero())
            balances.push_back(
                {"anvil_setBalance", "[\"" + funding.account.hex() + "\",\"" + funding.ether_wei.to_hex() + "\"]"});
        TRY(deposits, deposits.add(funding.deposit_nrlc));
    }
    const auto call = [&](const Address& to, Bytes data) {
        requests.push_back({.to = to, .data = std::move(data), .gas_limit = kCallGas});
    };
    if (!deposits.is_zero()) call(deployment.rlc, poco::call::approve(deployment.hub, deposits));
    for (const Funding& funding : fundings) {
        if (!funding.rlc_nrlc.is_zero()) call(deployment.rlc, poco::call::transfer(funding.account, funding.rlc_nrlc));
        if (!funding.deposit_nrlc.is_zero())
            call(deployment.hub, poco::call::deposit_for(funding.deposit_nrlc, funding.account));
    }
    TRY(const auto answers, rpc.batch(balances, context));
    for (const auto& answer : answers) TRY_OK(answer);
    if (requests.empty()) return {};
    TRY_OK(deployer.send_all(requests, context));
    return {};
}

Status deposit_stake(chain::TransactionSender& account, const Deployment& deployment, const U256& amount_nrlc,
                     const net::CallContext& context)
{
    TRY_OK(account.send({.to = deployment.rlc, .data = poco::call::approve_and_call(deployment.hub, amount_nrlc, {})},
                        context));
    return {};
}

Result<Address> create_workerpool(chain::TransactionSender& owner, const Deployment& deployment,
                                  std::string_view description, std::optional<WorkerpoolRatios> ratios,
                                  const net::CallContext& context)
{
    const poco::WorkerpoolEntry entry{owner.address(), std::string(description)};
    TRY(const eth::Receipt receipt,
        owner.send({.to = deployment.workerpool_registry, .data = poco::call::create_workerpool(entry)}, context));
    const auto created = poco::find_event<poco::EntryTransfer>(receipt.logs, deployment.workerpool_registry);
    if (!created) return check_failed("the registry's receipt names no workerpool");
    if (ratios)
        TRY_OK(owner.send(
            {.to = created->entry, .data = poco::call::change_policy(ratios->worker_stake, ratios->scheduler_reward)},
            context));
    return created->entry;
}

}  // namespace iapp::localchain
