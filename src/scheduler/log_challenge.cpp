#include "scheduler/log_challenge.hpp"

#include "codec/base64.hpp"
#include "crypto/kdf.hpp"
#include "eth/eip712.hpp"
#include "eth/signature.hpp"

namespace iapp::scheduler {
namespace {

std::uint64_t hour_of(UnixSeconds now) { return static_cast<std::uint64_t>(now.time_since_epoch() / kLogChallengeLife); }

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

LogChallenges::LogChallenges(std::uint64_t chain_id, crypto::SecretBytes key)
    : chain_id_(chain_id), key_(std::move(key)), separator_(eth::domain_separator({"iExec Core", "1", chain_id, {}}))
{
}

Hash256 LogChallenges::digest(std::string_view text) const
{
    static const Hash256 type = eth::type_hash("Challenge(string challenge)");
    return eth::typed_digest(separator_, eth::StructHash(type).string(text).finish());
}

std::string LogChallenges::text_of(const eth::Address& address, std::uint64_t hour) const
{
    return codec::base64(crypto::hmac_sha256(key_, as_bytes(address.hex() + ' ' + std::to_string(hour))).bytes());
}

std::string LogChallenges::issue(const eth::Address& address, UnixSeconds now) const
{
    return R"({"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},)"
           R"({"name":"chainId","type":"uint256"}],"Challenge":[{"name":"challenge","type":"string"}]},)"
           R"("primaryType":"Challenge","domain":{"name":"iExec Core","version":"1","chainId":)" +
           std::to_string(chain_id_) + R"(},"message":{"challenge":")" + text_of(address, hour_of(now)) + R"("}})";
}

Status LogChallenges::check(std::optional<std::string_view> authorization, const eth::Address& requester,
                            UnixSeconds now) const
{
    if (!authorization) return refuse("sign the challenge of /tasks/logs/challenge and send it as Authorization");
    TRY(const Authorization said, parse(*authorization));
    if (said.reader != requester)
        return fail(ErrorKind::permission_denied, "scheduler.log_reader", "only the task's requester may read its logs");
    const std::uint64_t hour = hour_of(now);
    for (const std::uint64_t signed_in : {hour, hour - 1})
        if (is_signed_by(said.reader, digest(text_of(said.reader, signed_in)), said.signature)) return {};
    return refuse("this address did not sign its challenge, or the challenge has ended; ask for another");
}

crypto::SecretBytes log_challenge_key(const crypto::SecretBytes& private_key)
{
    return crypto::hkdf_sha256(private_key, {}, as_bytes("iapp scheduler log challenges"), 32).value();
}

}  // namespace iapp::scheduler
