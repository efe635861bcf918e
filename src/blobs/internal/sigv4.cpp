#include "blobs/internal/sigv4.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

namespace iapp::blobs::internal {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hex_hash(std::string_view text) { return hex(crypto::sha256(as_bytes(text)).bytes()); }

SecretBytes mac(const SecretBytes& key, std::string_view text)
{
    return SecretBytes::copy_of(crypto::hmac_sha256(key, as_bytes(text)).bytes());
}

/// The key of one day, region and service.
SecretBytes signing_key(const SigV4Scope& scope, std::string_view day)
{
    SecretBytes first(4 + scope.secret_key->size());
    std::ranges::copy(as_bytes("AWS4"), first.writable(SecretAccess{}).begin());
    std::ranges::copy(scope.secret_key->reveal(SecretAccess{}), first.writable(SecretAccess{}).begin() + 4);
    return mac(mac(mac(mac(first, day), scope.region), scope.service), "aws4_request");
}

std::string signed_names(const std::vector<SigV4Header>& headers)
{
    std::string out;
    for (const SigV4Header& header : headers) out += (out.empty() ? "" : ";") + header.name;
    return out;
}

std::string canonical_request(std::string_view method, std::string_view path, const std::vector<SigV4Header>& headers,
                              const Hash256& payload)
{
    std::string out = std::string(method) + "\n" + std::string(path) + "\n\n";
    for (const SigV4Header& header : headers) out += header.name + ":" + header.value + "\n";
    return out + "\n" + signed_names(headers) + "\n" + hex(payload.bytes());
}

}  // namespace

std::string sigv4_time(UnixSeconds time)
{
    std::string out = iso8601(time);
    std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
    return out;
}

std::string sigv4_authorization(std::string_view method, std::string_view path, std::vector<SigV4Header> headers,
                                const Hash256& payload, const SigV4Scope& scope, UnixSeconds time)
{
    std::ranges::sort(headers, {}, &SigV4Header::name);
    const std::string moment = sigv4_time(time);
    const std::string day = moment.substr(0, 8);
    const std::string where = day + "/" + scope.region + "/" + std::string(scope.service) + "/aws4_request";
    const std::string to_sign = std::string(kAlgorithm) + "\n" + moment + "\n" + where + "\n" +
                                hex_hash(canonical_request(method, path, headers, payload));
    const Hash256 signature = crypto::hmac_sha256(signing_key(scope, day), as_bytes(to_sign));
    return std::string(kAlgorithm) + " Credential=" + scope.access_key + "/" + where +
           ", SignedHeaders=" + signed_names(headers) + ", Signature=" + hex(signature.bytes());
}

}  // namespace iapp::blobs::internal
