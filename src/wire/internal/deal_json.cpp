#include "wire/internal/deal_json.hpp"

#include "wire/internal/json_pieces.hpp"

namespace iapp::wire::internal {
namespace {

constexpr std::uint64_t kMaxSeconds = 253402300799;  // the last second of year 9999

json::Object resource_object(const poco::DealResource& resource)
{
    return {{"pointer", eth::to_checksum(resource.pointer)},
            {"owner", eth::to_checksum(resource.owner)},
            {"price", resource.price.to_dec()}};
}

Result<poco::DealResource> read_resource(const json::ObjectReader& deal, std::string_view name)
{
    TRY(const json::ObjectReader in, deal.object(name));
    TRY_OK(in.only({"pointer", "owner", "price"}));
    TRY(const auto pointer, in.id<eth::Address>("pointer"));
    TRY(const auto owner, in.id<eth::Address>("owner"));
    TRY(const eth::U256 price, read_u256(in, "price"));
    return poco::DealResource{pointer, owner, price};
}

}  // namespace

json::Object deal_object(const poco::Deal& deal, std::chrono::seconds category_time)
{
    return {{"app", resource_object(deal.app)},
            {"dataset", resource_object(deal.dataset)},
            {"workerpool", resource_object(deal.workerpool)},
            {"trust", deal.trust.to_dec()},
            {"category", deal.category.to_dec()},
            {"tag", deal.tag.hex()},
            {"requester", eth::to_checksum(deal.requester)},
            {"beneficiary", eth::to_checksum(deal.beneficiary)},
            {"callback", eth::to_checksum(deal.callback)},
            {"params", deal.params},
            {"startTime", deal.start_time.time_since_epoch().count()},
            {"botFirst", deal.bot_first},
            {"botSize", deal.bot_size},
            {"workerStake", deal.worker_stake.to_dec()},
            {"schedulerRewardRatio", deal.scheduler_reward_ratio.to_dec()},
            {"sponsor", eth::to_checksum(deal.sponsor)},
            {"categorySeconds", category_time.count()}};
}

Result<DealMember> read_deal(const json::ObjectReader& in)
{
    TRY_OK(in.only({"app", "dataset", "workerpool", "trust", "category", "tag", "requester", "beneficiary", "callback",
                    "params", "startTime", "botFirst", "botSize", "workerStake", "schedulerRewardRatio", "sponsor",
                    "categorySeconds"}));
    TRY(const poco::DealResource app, read_resource(in, "app"));
    TRY(const poco::DealResource dataset, read_resource(in, "dataset"));
    TRY(const poco::DealResource workerpool, read_resource(in, "workerpool"));
    TRY(const eth::U256 trust, read_u256(in, "trust"));
    TRY(const eth::U256 category, read_u256(in, "category"));
    TRY(const auto tag, in.id<poco::Tag>("tag"));
    TRY(const auto requester, in.id<eth::Address>("requester"));
    TRY(const auto beneficiary, in.id<eth::Address>("beneficiary"));
    TRY(const auto callback, in.id<eth::Address>("callback"));
    TRY(std::string params, read_text(in, "params"));
    TRY(const std::uint64_t start_time, in.u64("startTime", kMaxSeconds));
    TRY(const std::uint64_t bot_first, in.u64("botFirst"));
    TRY(const std::uint64_t bot_size, in.u64("botSize"));
    TRY(const eth::U256 stake, read_u256(in, "workerStake"));
    TRY(const eth::U256 ratio, read_u256(in, "schedulerRewardRatio"));
    TRY(const auto sponsor, in.id<eth::Address>("sponsor"));
    TRY(const std::uint64_t seconds, in.u64("categorySeconds", kMaxSeconds));
    poco::Deal deal{app,
                    dataset,
                    workerpool,
                    trust,
                    category,
                    tag,
                    requester,
                    beneficiary,
                    callback,
                    std::move(params),
                    UnixSeconds(std::chrono::seconds(start_time)),
                    bot_first,
                    bot_size,
                    stake,
                    ratio,
                    sponsor};
    return DealMember{std::move(deal), std::chrono::seconds(seconds)};
}

}  // namespace iapp::wire::internal
