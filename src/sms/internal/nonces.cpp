#include "sms/internal/nonces.hpp"

#include "crypto/kdf.hpp"
#include "crypto/random.hpp"

namespace iapp::sms::internal {
namespace {

constexpr std::size_t kTimeSize = 8;
constexpr std::size_t kRandomSize = 8;
constexpr std::size_t kHeadSize = kTimeSize + kRandomSize;
constexpr std::size_t kMacSize = 16;
constexpr std::string_view kContext = "iapp-sms/nonce/1";

Bytes time_bytes(UnixSeconds time)
{
    const auto seconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
    Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(seconds >> shift));
    return out;
}

/// Only for bytes whose MAC was verified: they are a time we wrote.
UnixSeconds read_time(ByteView head)
{
    std::uint64_t seconds = 0;
    for (const std::uint8_t byte : head.first(kTimeSize)) seconds = seconds << 8U | byte;
    return UnixSeconds(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

Result<Nonces> Nonces::open(const crypto::SecretBytes& master_key)
{
    TRY(crypto::SecretBytes key, crypto::hkdf_sha256(master_key, {}, as_bytes(kContext), 32));
    return Nonces(std::move(key));
}

Bytes Nonces::authenticate(const poco::TaskId& task, ByteView head) const
{
    Bytes text = to_bytes(kContext);
    append(text, task.bytes());
    append(text, head);
    const Hash256 mac = crypto::hmac_sha256(key_, text);
    return to_bytes(ByteView(mac.bytes()).first(kMacSize));
}

wire::NonceReply Nonces::issue(const poco::TaskId& task, UnixSeconds now) const
{
    const UnixSeconds expires_at = now + kNonceLife;
    Bytes nonce = time_bytes(expires_at);
    append(nonce, crypto::random_bytes(kRandomSize));
    append(nonce, authenticate(task, nonce));
    return {wire::ReleaseNonce{ByteView(nonce).first<wire::ReleaseNonce::kSize>()}, expires_at};
}

Result<policy::NonceState> Nonces::state(store::Transaction& transaction, const wire::ReleaseNonce& nonce,
                                         const poco::TaskId& task, UnixSeconds now) const
{
    const ByteView bytes = nonce.bytes();
    if (!crypto::equal_constant_time(authenticate(task, bytes.first(kHeadSize)), bytes.subspan(kHeadSize)))
        return policy::NonceState::unknown;
    if (now >= read_time(bytes)) return policy::NonceState::expired;
    TRY(store::Rows rows, transaction.query("SELECT 1 FROM used_nonces WHERE nonce = ?", nonce));
    TRY(const bool used, rows.next());
    return used ? policy::NonceState::used : policy::NonceState::open;
}

Status Nonces::spend(store::Transaction& transaction, const wire::ReleaseNonce& nonce, UnixSeconds now) const
{
    const std::int64_t end = read_time(nonce.bytes()).time_since_epoch().count();
    TRY_OK(transaction.run("DELETE FROM used_nonces WHERE expires_at <= ?", now.time_since_epoch().count()));
    TRY_OK(transaction.run("INSERT INTO used_nonces (nonce, expires_at) VALUES (?,?)", nonce, end));
    return {};
}

}  // namespace iapp::sms::internal
