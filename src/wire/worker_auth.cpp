#include <array>
#include <charconv>

#include "crypto/hash.hpp"
#include "eth/eip712.hpp"
#include "eth/signature.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::wire {
namespace {

constexpr std::string_view kScheme = "IAPP ";
constexpr std::size_t kMaxHeaderBytes = 512;

std::unexpected<Error> bad_field(std::string_view name)
{
    return fail(ErrorKind::unauthenticated, "worker_auth.field",
                "Authorization lacks a well-formed " + std::string(name) +
                    "; send IAPP worker=0x..,expires=<unix s>,nonce=0x..,signature=0x..");
}

/// Takes "name=value" off the front of `rest`, up to the next comma or the end.
Result<std::string_view> take(std::string_view& rest, std::string_view name, bool last)
{
    if (!rest.starts_with(name) || rest.substr(name.size(), 1) != "=") return bad_field(name);
    rest.remove_prefix(name.size() + 1);
    const std::size_t comma = rest.find(',');
    if ((comma == std::string_view::npos) != last) return bad_field(name);
    const std::string_view value = rest.substr(0, comma);
    rest.remove_prefix(last ? rest.size() : comma + 1);
    return value;
}

template <class Id>
Result<Id> take_id(std::string_view& rest, std::string_view name, bool last = false)
{
    TRY(const std::string_view text, take(rest, name, last));
    const auto id = Id::from_hex(text);
    if (!id || id->hex() != text) return bad_field(name);
    return *id;
}

Result<std::uint64_t> take_number(std::string_view& rest, std::string_view name)
{
    TRY(const std::string_view text, take(rest, name, false));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || std::to_string(number) != text) return bad_field(name);
    return number;
}

}  // namespace

Hash256 signing_digest(const WorkerRequest& request, std::uint64_t chain_id)
{
    static const Hash256 type = eth::type_hash(
        "WorkerRequest(string method,string path,bytes32 bodyHash,address worker,uint64 expiresAt,bytes32 nonce)");
    return eth::typed_digest(eth::domain_separator({"iapp-scheduler", "1", chain_id, std::nullopt}),
                             eth::StructHash{type}
                                 .string(request.method)
                                 .string(request.path)
                                 .bytes32(request.body_hash)
                                 .address(request.worker)
                                 .uint(request.expires_at)
                                 .bytes32(request.nonce)
                                 .finish());
}

std::string encode(const WorkerAuth& auth)
{
    return std::string(kScheme) + "worker=" + auth.worker.hex() + ",expires=" + std::to_string(auth.expires_at) +
           ",nonce=" + auth.nonce.hex() + ",signature=" + auth.signature.hex();
}

Result<WorkerAuth> parse_worker_auth(std::string_view header)
{
    if (!header.starts_with(kScheme) || header.size() > kMaxHeaderBytes)
        return fail(ErrorKind::unauthenticated, "worker_auth.scheme",
                    "no IAPP Authorization header; sign the request as a worker");
    std::string_view rest = header.substr(kScheme.size());
    TRY(const eth::Address worker, take_id<eth::Address>(rest, "worker"));
    TRY(const std::uint64_t expires_at, take_number(rest, "expires"));
    TRY(const WorkerNonce nonce, take_id<WorkerNonce>(rest, "nonce"));
    TRY(const crypto::Signature65 signature, take_id<crypto::Signature65>(rest, "signature", true));
    return WorkerAuth{worker, expires_at, nonce, signature};
}

Status verify_worker_auth(const WorkerAuth& auth, std::string_view method, std::string_view path, ByteView body,
                          std::uint64_t chain_id, UnixSeconds now)
{
    const auto seconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
    if (auth.expires_at <= seconds)
        return fail(ErrorKind::unauthenticated, "worker_auth.expired",
                    "the signature has expired; check the worker's clock");
    if (auth.expires_at - seconds > static_cast<std::uint64_t>(kMaxWorkerRequestLife.count()))
        return fail(ErrorKind::unauthenticated, "worker_auth.too_long", "the signature lives too long; use at most 300 s");
    const WorkerRequest request{std::string(method), std::string(path), crypto::keccak256(body),
                                auth.worker,         auth.expires_at,   auth.nonce};
    if (!eth::verify(signing_digest(request, chain_id), auth.signature.bytes(), auth.worker))
        return fail(ErrorKind::unauthenticated, "worker_auth.signature",
                    "the signature is not the named worker's over this method, path and body; check wallet and chain id");
    return {};
}

}  // namespace iapp::wire
