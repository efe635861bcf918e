#include "attest/internal/big_endian.hpp"
#include "attest/internal/tpm_reader.hpp"
#include "attest/tpm_quote.hpp"

namespace iapp::attest {
namespace {

using crypto::KeyKind;
using crypto::SignatureScheme;

constexpr std::size_t kMaxRsa = 1024;
constexpr std::size_t kMaxScalar = 66;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.tpm_format", "TPMT_SIGNATURE: " + std::move(detail));
}

std::unexpected<Error> untrusted(std::string detail)
{
    return fail(ErrorKind::unauthenticated, "attest.signature", std::move(detail));
}

/// One positive, minimal DER INTEGER. The caller checks ok() of the reader.
Result<Bytes> read_integer(Cursor& in)
{
    const std::uint8_t tag = in.array<1>()[0];
    const std::size_t size = in.array<1>()[0];
    ByteView number = in.take(size);
    if (!in.ok() || tag != 0x02 || size == 0 || size > 0x7f) return bad("not a DER signature");
    const bool needs_zero = number.size() > 1 && (number[1] & 0x80) != 0;
    if ((number[0] & 0x80) != 0 || (number[0] == 0 && !needs_zero)) return bad("a number is negative or not minimal");
    if (number[0] == 0) number = number.subspan(1);
    return to_bytes(number);
}

/// ECDSA-Sig-Value (RFC 3279, section 2.2.3), short lengths only: curves here need no more.
Result<TpmSignature> read_der(ByteView bytes, HashAlgorithm hash)
{
    Cursor in(bytes);
    const std::uint8_t tag = in.array<1>()[0];
    const std::size_t size = in.array<1>()[0];
    if (tag != 0x30 || size > 0x7f || size != in.remaining()) return bad("not a DER signature");
    TRY(Bytes r, read_integer(in));
    TRY(Bytes s, read_integer(in));
    if (!in.done()) return bad("bytes follow the DER signature");
    return TpmSignature{TpmSignatureKind::ecdsa, hash, {}, std::move(r), std::move(s)};
}

std::optional<SignatureScheme> rsa_scheme(const TpmSignature& signature)
{
    const bool pss = signature.kind == TpmSignatureKind::rsapss;
    if (signature.hash == HashAlgorithm::sha256)
        return pss ? SignatureScheme::rsa_pss_sha256 : SignatureScheme::rsa_pkcs1_sha256;
    if (signature.hash == HashAlgorithm::sha384)
        return pss ? SignatureScheme::rsa_pss_sha384 : SignatureScheme::rsa_pkcs1_sha384;
    if (signature.hash == HashAlgorithm::sha512)
        return pss ? SignatureScheme::rsa_pss_sha512 : SignatureScheme::rsa_pkcs1_sha512;
    return std::nullopt;
}

/// The scheme of this signature under this kind of key, if there is one.
std::optional<SignatureScheme> scheme_of(const TpmSignature& signature, KeyKind kind)
{
    if ((signature.kind == TpmSignatureKind::ecdsa) != (kind != KeyKind::rsa)) return std::nullopt;
    if (kind == KeyKind::rsa) return rsa_scheme(signature);
    if (kind == KeyKind::ec_p256 && signature.hash == HashAlgorithm::sha256) return SignatureScheme::ecdsa_p256_sha256;
    if (kind == KeyKind::ec_p384 && signature.hash == HashAlgorithm::sha384) return SignatureScheme::ecdsa_p384_sha384;
    return std::nullopt;
}

/// r || s, each as wide as the curve; nothing when one is wider.
std::optional<Bytes> fixed_width(const TpmSignature& signature, std::size_t width)
{
    Bytes out;
    for (const Bytes& number : {signature.r, signature.s}) {
        if (number.size() > width) return std::nullopt;
        out.resize(out.size() + width - number.size());
        append(out, number);
    }
    return out;
}

}  // namespace

Result<TpmSignature> parse_tpm_signature(ByteView bytes)
{
    if (bytes.size() > kMaxTpmSignatureSize) return bad("larger than any signature");
    TpmReader in(bytes);
    const std::uint16_t algorithm = in.u16be();
    const auto hash = find_hash_algorithm(in.u16be());
    if (!in.ok() || !hash || !is_strong(*hash)) return bad("the hash is not SHA-256 or better");
    TpmSignature out{static_cast<TpmSignatureKind>(algorithm), *hash, {}, {}, {}};
    switch (out.kind) {
        case TpmSignatureKind::rsassa:
        case TpmSignatureKind::rsapss:
            out.rsa = to_bytes(in.sized(kMaxRsa));
            break;
        case TpmSignatureKind::ecdsa:
            out.r = to_bytes(in.sized(kMaxScalar));
            out.s = to_bytes(in.sized(kMaxScalar));
            break;
        default:
            return bad("algorithm " + std::to_string(algorithm) + " is not RSASSA, RSAPSS or ECDSA");
    }
    if (!in.done()) return bad("a size does not fill the structure exactly");
    return out;
}

Result<TpmSignature> parse_plain_signature(ByteView bytes, const crypto::PublicKey& key)
{
    if (bytes.size() > kMaxTpmSignatureSize) return bad("larger than any signature");
    if (key.kind() == KeyKind::rsa)
        return TpmSignature{TpmSignatureKind::rsassa, HashAlgorithm::sha256, to_bytes(bytes), {}, {}};
    return read_der(bytes, key.kind() == KeyKind::ec_p384 ? HashAlgorithm::sha384 : HashAlgorithm::sha256);
}

Bytes encode(const TpmSignature& signature)
{
    Bytes out;
    append_big_endian(out, static_cast<std::uint16_t>(signature.kind), 2);
    append_big_endian(out, static_cast<std::uint16_t>(signature.hash), 2);
    if (signature.kind == TpmSignatureKind::ecdsa) {
        append_prefixed(out, signature.r);
        append_prefixed(out, signature.s);
    } else {
        append_prefixed(out, signature.rsa);
    }
    return out;
}

Status verify_tpm_signature(const crypto::PublicKey& key, ByteView message, const TpmSignature& signature)
{
    const auto scheme = scheme_of(signature, key.kind());
    if (!scheme) return untrusted("the signature scheme is not one of this attestation key");
    if (key.kind() == KeyKind::rsa) {
        if (key.verify(*scheme, message, signature.rsa)) return {};
        return untrusted("the attestation key did not sign this quote");
    }
    const auto raw = fixed_width(signature, key.bits() / 8);
    if (raw && key.verify(*scheme, message, *raw)) return {};
    return untrusted("the attestation key did not sign this quote");
}

}  // namespace iapp::attest
