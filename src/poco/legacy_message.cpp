#include "poco/legacy_message.hpp"

#include "poco/internal/pack.hpp"

namespace iapp::poco {
namespace {

using internal::packed_hash;

Hash256 hash_text(std::string_view text) { return crypto::keccak256(as_bytes(text)); }

const Hash256& sms_domain()
{
    static const Hash256 domain = hash_text("IEXEC_SMS_DOMAIN");
    return domain;
}

/// The value of a hexadecimal digit, or -1: what Java's Character.digit(c, 16) answers for ASCII.
int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Hash256 web3_secret_message(const Address& dataset, std::string_view value)
{
    return packed_hash(sms_domain(), dataset, hash_text(value));
}

Hash256 web2_secret_message(const Address& owner, std::string_view name, std::string_view value)
{
    return packed_hash(sms_domain(), owner, hash_text(name), hash_text(value));
}

Hash256 app_secret_message(const Address& app, std::string_view value)
{
    return packed_hash(sms_domain(), app, hash_text("1"), hash_text(value));
}

Hash256 requester_secret_message(const Address& requester, std::string_view key, std::string_view value)
{
    return packed_hash(sms_domain(), requester, hash_text(key), hash_text(value));
}

Hash256 enclave_challenge_message(const TaskId& task) { return packed_hash(task); }

Bytes login_challenge_bytes(std::string_view challenge)
{
    if (challenge.starts_with("0x")) challenge.remove_prefix(2);
    Bytes out;
    if (challenge.size() % 2 != 0) {
        out.push_back(static_cast<std::uint8_t>(digit(challenge.front())));
        challenge.remove_prefix(1);
    }
    for (std::size_t i = 0; i < challenge.size(); i += 2)
        out.push_back(static_cast<std::uint8_t>(digit(challenge[i]) * 16 + digit(challenge[i + 1])));
    return out;
}

Hash256 login_message(std::string_view challenge) { return crypto::keccak256(login_challenge_bytes(challenge)); }

}  // namespace iapp::poco
