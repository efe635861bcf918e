#include "poco/compatibility.hpp"

namespace iapp::poco {
namespace {

auto incompatible(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::precondition_failed, reason, std::move(detail));
}

Status check_restriction(std::string_view reason, const char* what, const Address& restriction, const Address& account,
                         const std::set<std::pair<Address, Address>>& members)
{
    if (satisfies(restriction, account, members)) return {};
    return incompatible(reason, "the dataset order accepts only " + std::string(what) + " " + eth::to_checksum(restriction) +
                                    ", the deal has " + eth::to_checksum(account));
}

}  // namespace

Status check_compatibility(const DatasetOrder& order, const Deal& deal, const CompatibilityFacts& facts)
{
    if (facts.consumed >= order.volume)
        return incompatible("compatibility.consumed", "the dataset order is revoked or fully consumed: " +
                                                          facts.consumed.to_dec() + " of " + order.volume.to_dec());
    if (facts.signature != SignatureFact::valid)
        return incompatible("compatibility.signature", "the dataset order is not signed by the dataset's owner");
    if (deal.requester.is_zero())
        return incompatible("compatibility.deal_unknown", "the hub knows no such deal, or it names no requester");
    if (deal.has_dataset())
        return incompatible(
            "compatibility.has_dataset",
            "the deal was matched with dataset " + eth::to_checksum(deal.dataset.pointer) + "; bulk deals have none");
    TRY_OK(check_restriction("compatibility.app", "app", order.apprestrict, deal.app.pointer, facts.members));
    TRY_OK(check_restriction("compatibility.workerpool", "workerpool", order.workerpoolrestrict, deal.workerpool.pointer,
                             facts.members));
    TRY_OK(
        check_restriction("compatibility.requester", "requester", order.requesterrestrict, deal.requester, facts.members));
    const Tag wanted = facts.hub_version == HubVersion::v6_1 ? order.tag : without(order.tag, framework_bits());
    if (!includes(deal.tag, wanted))
        return incompatible("compatibility.tag",
                            "the deal's tag " + deal.tag.hex() + " lacks bits of the dataset order's " + wanted.hex());
    return {};
}

Status check_bulk_rules(const DatasetOrder& order)
{
    if (order.volume < U256{kLeastBulkVolume})
        return incompatible(
            "compatibility.volume",
            "bulk use needs a dataset order of unlimited volume (2^53 - 1), this one has " + order.volume.to_dec());
    if (!order.datasetprice.is_zero())
        return incompatible("compatibility.price",
                            "bulk use pays no datasets, this order asks " + order.datasetprice.to_dec() + " nRLC");
    return {};
}

}  // namespace iapp::poco
