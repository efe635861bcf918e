#include "scheduler/log_challenge.hpp"

#include "codec/base64.hpp"
#include "crypto/random.hpp"
#include "eth/eip712.hpp"
#include "eth/signature.hpp"

namespace iapp::scheduler {
namespace {

constexpr std::size_t kRandomBytes = 32;

struct Authorization {
    eth::Signature65 signature;
    eth::Address reader;
};

std::unexpected<Error> refuse(std::string detail)
{
    return fail(ErrorKind::unauthenticated, "scheduler.log_authorization", std::move(detail));
}

Result<Authorization> parse(std::string_view header)
{
    const std::size_t first = header.find('_');
    const std::size_t second = header.find('_', first == header.npos ? first : first + 1);
    if (second == header.npos) return refuse("Authorization must be <digest>_<signature>_<address>");
    const auto signature = eth::Signature65::from_hex(header.substr(first + 1, second - first - 1));
    const auto reader = eth::Address::from_hex(header.substr(second + 1));
    if (!signature || !reader || reader->is_zero()) return refuse("Authorization must be <digest>_<signature>_<address>");
    return Authorization{*signature, *reader};
}

bool is_signed_by(const eth::Address& reader, const Hash256& digest, const eth::Signature65& signature)
{
    auto bytes = signature.array();
    for (const std::uint8_t v : {27, 28}) {
        bytes.back() = v;
        if (eth::verify(digest, bytes, reader)) return true;
    }
    return false;
}

}  // namespace

LogChallenges::LogChallenges(std::uint64_t chain_id, std::size_t capacity)
    : chain_id_(chain_id), capacity_(capacity), separator_(eth::domain_separator({"iExec Core", "1", chain_id, {}}))
{
}

Hash256 LogChallenges::digest(std::string_view text) const
{
    static const Hash256 type = eth::type_hash("Challenge(string challenge)");
    return eth::typed_digest(separator_, eth::StructHash(type).string(text).finish());
}

/// All live equally long, so the oldest expires first.
void LogChallenges::forget_old(UnixSeconds now)
{
    while (!by_age_.empty()) {
        const auto oldest = pending_.find(by_age_.front());
        const bool may_stay = oldest != pending_.end() && oldest->second.expires_at > now && by_age_.size() < capacity_;
        if (may_stay) return;
        if (oldest != pending_.end()) pending_.erase(oldest);
        by_age_.pop_front();
    }
}

std::string LogChallenges::issue(const eth::Address& address, UnixSeconds now)
{
    const std::lock_guard lock(mutex_);
    if (!pending_.contains(address) || pending_.at(address).expires_at <= now) {
        forget_old(now);
        pending_.insert_or_assign(address,
                                  Pending{codec::base64(crypto::random_bytes(kRandomBytes)), now + kLogChallengeLife});
        by_age_.push_back(address);
    }
    return R"({"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},)"
           R"({"name":"chainId","type":"uint256"}],"Challenge":[{"name":"challenge","type":"string"}]},)"
           R"("primaryType":"Challenge","domain":{"name":"iExec Core","version":"1","chainId":)" +
           std::to_string(chain_id_) + R"(},"message":{"challenge":")" + pending_.at(address).text + R"("}})";
}

std::optional<std::string> LogChallenges::text_of(const eth::Address& address, UnixSeconds now)
{
    const std::lock_guard lock(mutex_);
    const auto at = pending_.find(address);
    if (at == pending_.end() || at->second.expires_at <= now) return std::nullopt;
    return at->second.text;
}

Status LogChallenges::check(std::optional<std::string_view> authorization, const eth::Address& requester, UnixSeconds now)
{
    if (!authorization) return refuse("sign the challenge of /tasks/logs/challenge and send it as Authorization");
    TRY(const Authorization said, parse(*authorization));
    if (said.reader != requester)
        return fail(ErrorKind::permission_denied, "scheduler.log_reader", "only the task's requester may read its logs");
    const auto text = text_of(said.reader, now);
    if (!text) return refuse("the challenge is unknown or has ended; ask for another");
    if (!is_signed_by(said.reader, digest(*text), said.signature))
        return refuse("the challenge was not signed by this address");
    return {};
}

}  // namespace iapp::scheduler
