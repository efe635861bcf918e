#include "market/challenge.hpp"

#include "crypto/random.hpp"
#include "eth/eip712.hpp"
#include "eth/signature.hpp"

namespace iapp::market {
namespace {

constexpr std::string_view kGreeting = "Sign this message to log into iExec Gateway: ";
constexpr std::size_t kRandomCharacters = 32;

/// Each character is equally likely: bytes above the last multiple of the alphabet's size are drawn again.
std::string random_text()
{
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::size_t kFair = 256 / kAlphabet.size() * kAlphabet.size();
    std::string out;
    while (out.size() < kRandomCharacters) {
        std::array<std::uint8_t, 64> bytes;
        crypto::random_fill(bytes);
        for (const std::uint8_t byte : bytes)
            if (byte < kFair && out.size() < kRandomCharacters) out += kAlphabet[byte % kAlphabet.size()];
    }
    return out;
}

struct Authorization {
    Hash256 digest;
    eth::Signature65 signature;
    eth::Address address;
};

/// Takes the three parts apart. Any error means the same to the client.
Result<Authorization> parse(std::string_view header)
{
    const std::size_t first = header.find('_');
    const std::size_t second = header.find('_', first == header.npos ? first : first + 1);
    if (second == header.npos)
        return fail(ErrorKind::invalid_input, "market.authorization", "digest_signature_address is expected");
    TRY(const auto digest, Hash256::from_hex(header.substr(0, first)));
    TRY(const auto signature, eth::parse_signature_hex(header.substr(first + 1, second - first - 1)));
    TRY(const auto address, eth::Address::from_hex(header.substr(second + 1)));
    return Authorization{digest, signature, address};
}

std::unexpected<Error> refuse() { return fail(ErrorKind::unauthenticated, "market.authorization", "invalid authorization"); }

}  // namespace

Challenges::Challenges(std::uint64_t chain_id, std::size_t capacity)
    : chain_id_(chain_id), capacity_(capacity), separator_(eth::domain_separator({"iExec Gateway", "1", chain_id, {}}))
{
}

Hash256 Challenges::digest(std::string_view text) const
{
    static const Hash256 type = eth::type_hash("Challenge(string challenge)");
    return eth::typed_digest(separator_, eth::StructHash(type).string(text).finish());
}

/// All live equally long, so the oldest expires first.
void Challenges::forget_old(UnixSeconds now)
{
    while (!by_age_.empty()) {
        const auto oldest = pending_.find(by_age_.front());
        const bool may_stay = oldest != pending_.end() && oldest->second.expires_at > now && by_age_.size() < capacity_;
        if (may_stay) return;
        if (oldest != pending_.end()) pending_.erase(oldest);
        by_age_.pop_front();
    }
}

std::string Challenges::issue(const eth::Address& address, UnixSeconds now)
{
    const std::string text = std::string(kGreeting) + random_text();
    {
        const std::lock_guard lock(mutex_);
        forget_old(now);
        const Hash256 id = digest(text);
        pending_.insert_or_assign(id, Pending{address, now + kChallengeLife});
        by_age_.push_back(id);
    }
    return R"({"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},)"
           R"({"name":"chainId","type":"uint256"}],"Challenge":[{"name":"challenge","type":"string"}]},)"
           R"("domain":{"name":"iExec Gateway","version":"1","chainId":")" +
           std::to_string(chain_id_) + R"("},"primaryType":"Challenge","message":{"challenge":")" + text + R"("}})";
}

bool Challenges::is_pending(const Hash256& digest, const eth::Address& address, UnixSeconds now)
{
    const std::lock_guard lock(mutex_);
    const auto at = pending_.find(digest);
    return at != pending_.end() && at->second.expires_at > now && at->second.address == address && !address.is_zero();
}

Result<eth::Address> Challenges::claimant(std::string_view authorization, UnixSeconds now)
{
    const auto parsed = parse(authorization);
    if (!parsed || !is_pending(parsed->digest, parsed->address, now)) return refuse();
    return parsed->address;
}

Result<eth::Address> Challenges::redeem(std::string_view authorization, UnixSeconds now)
{
    const auto parsed = parse(authorization);
    if (!parsed || !is_pending(parsed->digest, parsed->address, now)) return refuse();
    const auto signer = eth::recover_address(parsed->digest, parsed->signature);
    if (!signer || *signer != parsed->address) return refuse();
    const std::lock_guard lock(mutex_);
    if (pending_.erase(parsed->digest) == 0) return refuse();  // another request was faster
    return *signer;
}

}  // namespace iapp::market
