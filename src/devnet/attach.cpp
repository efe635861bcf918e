#include "devnet/attach.hpp"

#include "chain/hub.hpp"

namespace iapp::devnet {
namespace {

std::unexpected<Error> refused(std::string_view reason, std::string what)
{
    return fail(ErrorKind::precondition_failed, reason, std::move(what));
}

Status check_chain(const chain::JsonRpcClient& rpc, const ForeignDeployment& deployment, const net::CallContext& context)
{
    TRY(const std::uint64_t chain_id, rpc.chain_id(context));
    if (chain_id != deployment.chain_id)
        return refused("attach.chain_id", "the node at " + rpc.url() + " is on chain " + std::to_string(chain_id) +
                                              ", the file says chainId " + std::to_string(deployment.chain_id));
    TRY(const std::uint64_t head, rpc.block_number(context));
    if (deployment.start_block <= head) return {};
    return refused("attach.start_block", "the chain's head is block " + std::to_string(head) +
                                             ", the file's startBlock is " + std::to_string(deployment.start_block));
}

/// Every order is signed for the hub's domain: a hub that hashes for another chain or address would accept none of ours.
Status check_hub(const chain::Hub& hub, const net::CallContext& context)
{
    const std::string where = "hub " + eth::to_checksum(hub.address());
    const auto domain = hub.domain(context);
    if (!domain) return refused("attach.hub", where + " does not answer domain(): " + domain.error().detail);
    const auto separator = hub.domain_separator(context);
    if (!separator) return refused("attach.hub", where + " has no domain separator: " + separator.error().detail);
    if (*separator == hub.separator() && eth::domain_separator(*domain) == hub.separator()) return {};
    return refused("attach.hub", where + " signs as \"" + domain->name + "\" version " + domain->version + " on chain " +
                                     domain->chain_id.to_dec() + ", and its separator " + separator->hex() +
                                     " is not the one of this chain and address; call its updateDomainSeparator()");
}

Result<wire::NetworkContracts> find_contracts(const chain::Hub& hub, const ForeignDeployment& deployment,
                                              const net::CallContext& context)
{
    const auto named = hub.contracts(context);
    if (!named) return refused("attach.hub", "the hub names no token and registries: " + named.error().detail);
    if (named->token != deployment.rlc)
        return refused("attach.rlc", "the hub's token is " + eth::to_checksum(named->token) + ", the file's rlc " +
                                         eth::to_checksum(deployment.rlc));
    return wire::NetworkContracts{.hub = deployment.hub,
                                  .rlc = deployment.rlc,
                                  .app_registry = named->app_registry,
                                  .dataset_registry = named->dataset_registry,
                                  .workerpool_registry = named->workerpool_registry,
                                  .dataprotector = deployment.dataprotector,
                                  .sharing = deployment.sharing};
}

Status check_code(const chain::JsonRpcClient& rpc, std::string_view name, const eth::Address& address,
                  const net::CallContext& context)
{
    TRY(const Bytes code, rpc.code(address, context));
    if (!code.empty()) return {};
    return refused("attach.code", "there is no contract at " + std::string(name) + " " + eth::to_checksum(address));
}

Status check_workerpool(const chain::Hub& hub, const wire::NetworkContracts& contracts, const ForeignDeployment& deployment,
                        const net::CallContext& context)
{
    const std::string where = "workerpool " + eth::to_checksum(deployment.workerpool);
    TRY(const bool registered, hub.is_registered(contracts.workerpool_registry, deployment.workerpool, context));
    if (!registered)
        return refused("attach.workerpool",
                       where + " is not in the hub's registry " + eth::to_checksum(contracts.workerpool_registry));
    TRY(const eth::Address owner, hub.owner_of(deployment.workerpool, context));
    if (owner == deployment.scheduler.address()) return {};
    return refused("attach.workerpool", where + " belongs to " + eth::to_checksum(owner) +
                                            ", the key of accounts.scheduler to " +
                                            eth::to_checksum(deployment.scheduler.address()));
}

Status check_categories(const chain::Hub& hub, const net::CallContext& context)
{
    TRY(const std::uint64_t count, hub.category_count(context));
    if (count > 0) return {};
    return refused("attach.categories", "the hub has no category; its owner creates them with createCategory()");
}

Result<std::vector<std::string>> notes_on(const chain::Hub& hub, const ForeignDeployment& deployment,
                                          const net::CallContext& context)
{
    std::vector<std::string> notes;
    TRY(const auto account, hub.view_account(deployment.scheduler.address(), context));
    if (account.stake.is_zero())
        notes.push_back("the scheduler's account " + eth::to_checksum(deployment.scheduler.address()) +
                        " has no stake in the hub: only orders of price 0 can be matched");
    for (const auto& [name, wallet] : {std::pair{"scheduler", &deployment.scheduler}, {"worker", &deployment.worker}}) {
        TRY(const auto balance, hub.rpc().balance(wallet->address(), context));
        if (balance.is_zero())
            notes.push_back("the " + std::string(name) + "'s account " + eth::to_checksum(wallet->address()) +
                            " has nothing to pay gas with");
    }
    for (const std::string& path : deployment.ignored) notes.push_back("the deployment file's " + path + " is not read");
    return notes;
}

}  // namespace

Result<Attachment> examine(const chain::JsonRpcClient& rpc, const ForeignDeployment& deployment,
                           const net::CallContext& context)
{
    TRY_OK(check_chain(rpc, deployment, context));
    const chain::Hub hub(rpc, deployment.chain_id, deployment.hub);
    TRY_OK(check_hub(hub, context));
    TRY(const auto contracts, find_contracts(hub, deployment, context));
    TRY_OK(check_code(rpc, "dataprotector", deployment.dataprotector, context));
    if (deployment.sharing) TRY_OK(check_code(rpc, "sharing", *deployment.sharing, context));
    TRY_OK(check_workerpool(hub, contracts, deployment, context));
    TRY_OK(check_categories(hub, context));
    TRY(auto notes, notes_on(hub, deployment, context));
    return Attachment{contracts, std::move(notes)};
}

Status check_unchanged(const wire::Network& network, const ForeignDeployment& deployment)
{
    const auto differs = [](std::string_view what) {
        return fail(ErrorKind::conflict, "attach.other",
                    "this network was made from a deployment with another " + std::string(what) + "; choose another --dir");
    };
    if (network.chain_id != deployment.chain_id) return differs("chainId");
    if (network.contracts.hub != deployment.hub) return differs("hub");
    if (network.contracts.rlc != deployment.rlc) return differs("rlc");
    if (network.contracts.dataprotector != deployment.dataprotector) return differs("dataprotector");
    if (network.contracts.sharing != deployment.sharing) return differs("sharing");
    if (network.workerpool != deployment.workerpool) return differs("workerpool");
    if (network.start_block != deployment.start_block) return differs("startBlock");
    return {};
}

}  // namespace iapp::devnet
