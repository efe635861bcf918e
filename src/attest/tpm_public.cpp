#include "attest/tpm_public.hpp"

#include "attest/internal/big_endian.hpp"
#include "attest/internal/tpm_reader.hpp"

namespace iapp::attest {
namespace {

namespace alg = tpm_algorithm;

constexpr std::uint32_t kDefinedAttributes = 0x000f0cf6;  // TPMA_OBJECT: all other bits are reserved and zero
constexpr std::uint16_t kCurveP256 = 0x0003;
constexpr std::uint16_t kCurveP384 = 0x0004;
constexpr std::size_t kMaxModulus = 1024;
constexpr std::size_t kMaxCoordinate = 66;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.tpm_format", "TPMT_PUBLIC: " + std::move(detail));
}

/// TPMT_SYM_DEF_OBJECT.
Result<TpmSymmetric> read_symmetric(TpmReader& in)
{
    const std::uint16_t algorithm = in.u16be();
    if (algorithm == alg::kNull) return TpmSymmetric{algorithm, 0, 0};
    if (algorithm != alg::kAes) return bad("symmetric algorithm " + std::to_string(algorithm) + " is unknown");
    const std::uint16_t bits = in.u16be();
    const std::uint16_t mode = in.u16be();
    return TpmSymmetric{algorithm, bits, mode};
}

struct Scheme {
    std::uint16_t algorithm;
    std::optional<HashAlgorithm> hash;
};

/// TPMT_RSA_SCHEME, TPMT_ECC_SCHEME and TPMT_KDF_SCHEME: an algorithm, and a hash unless it is null (or RSAES).
Result<Scheme> read_scheme(TpmReader& in, std::initializer_list<std::uint16_t> known)
{
    const std::uint16_t algorithm = in.u16be();
    if (algorithm == alg::kNull) return Scheme{algorithm, {}};
    if (std::ranges::find(known, algorithm) == known.end())
        return bad("scheme " + std::to_string(algorithm) + " is unknown");
    if (algorithm == alg::kRsaes) return Scheme{algorithm, {}};
    const auto hash = find_hash_algorithm(in.u16be());
    if (!hash) return bad("a scheme names an unknown hash");
    return Scheme{algorithm, hash};
}

Result<crypto::PublicKey> checked(Result<crypto::PublicKey> key)
{
    if (key) return key;
    return bad(std::string(key.error().reason) + ": " + key.error().detail);
}

/// Key bits, exponent (0 means 65537) and modulus.
Result<crypto::PublicKey> read_rsa(TpmReader& in)
{
    const std::size_t bits = in.u16be();
    const std::uint32_t exponent = in.u32be();
    const ByteView modulus = in.sized(kMaxModulus);
    if (!in.ok() || modulus.size() * 8 != bits) return bad("the modulus does not have the size of the key");
    Bytes e;
    append_big_endian(e, exponent == 0 ? 65537 : exponent, 4);
    return checked(crypto::PublicKey::from_rsa(modulus, e));
}

/// A coordinate as wide as the curve: TPMs may leave out leading zeros.
Result<Bytes> padded(ByteView number, std::size_t width)
{
    if (number.size() > width) return bad("a coordinate is wider than its curve");
    Bytes out(width - number.size(), 0);
    append(out, number);
    return out;
}

Result<crypto::PublicKey> read_point(TpmReader& in, std::uint16_t curve)
{
    const ByteView x = in.sized(kMaxCoordinate);
    const ByteView y = in.sized(kMaxCoordinate);
    if (!in.ok()) return bad("ends inside its key");
    if (curve != kCurveP256 && curve != kCurveP384) return bad("curve " + std::to_string(curve) + " is not P-256 or P-384");
    const std::size_t width = curve == kCurveP256 ? 32 : 48;
    TRY(const Bytes padded_x, padded(x, width));
    TRY(const Bytes padded_y, padded(y, width));
    return checked(crypto::PublicKey::from_ec_point(curve == kCurveP256 ? crypto::Curve::p256 : crypto::Curve::p384,
                                                    padded_x, padded_y));
}

struct KeyPart {
    TpmSymmetric symmetric;
    Scheme scheme;
    crypto::PublicKey key;
};

Result<KeyPart> read_key(TpmReader& in, std::uint16_t type)
{
    TRY(const TpmSymmetric symmetric, read_symmetric(in));
    if (type == alg::kRsa) {
        TRY(const Scheme scheme, read_scheme(in, {alg::kRsassa, alg::kRsapss, alg::kOaep, alg::kRsaes}));
        TRY(crypto::PublicKey key, read_rsa(in));
        return KeyPart{symmetric, scheme, std::move(key)};
    }
    TRY(const Scheme scheme, read_scheme(in, {alg::kEcdsa, alg::kEcdh}));
    const std::uint16_t curve = in.u16be();
    TRY(const Scheme kdf, read_scheme(in, {}));
    static_cast<void>(kdf);
    TRY(crypto::PublicKey key, read_point(in, curve));
    return KeyPart{symmetric, scheme, std::move(key)};
}

}  // namespace

Bytes TpmPublic::name() const
{
    Bytes out;
    append_big_endian(out, static_cast<std::uint16_t>(name_algorithm), 2);
    append(out, digest(name_algorithm, bytes));
    return out;
}

Result<TpmPublic> parse_tpm_public(ByteView bytes)
{
    if (bytes.size() > kMaxTpmPublicSize) return bad("larger than 2 KiB");
    TpmReader in(bytes);
    const std::uint16_t type = in.u16be();
    const auto name_algorithm = find_hash_algorithm(in.u16be());
    const std::uint32_t attributes = in.u32be();
    const ByteView policy = in.sized(64);
    if (!in.ok()) return bad("ends inside its attributes");
    if (type != alg::kRsa && type != alg::kEcc) return bad("key type " + std::to_string(type) + " is not RSA or ECC");
    if (!name_algorithm || !is_strong(*name_algorithm)) return bad("the Name is not made with SHA-256 or better");
    if ((attributes & ~kDefinedAttributes) != 0) return bad("reserved attributes are set");
    TRY(KeyPart part, read_key(in, type));
    if (!in.done()) return bad("bytes follow the key");
    return TpmPublic{.bytes = to_bytes(bytes),
                     .name_algorithm = *name_algorithm,
                     .attributes = attributes,
                     .auth_policy = to_bytes(policy),
                     .symmetric = part.symmetric,
                     .scheme = part.scheme.algorithm,
                     .scheme_hash = part.scheme.hash,
                     .key = std::move(part.key)};
}

ByteView strip_tpm2b(ByteView bytes)
{
    TpmReader in(bytes);
    const std::size_t size = in.u16be();
    return in.ok() && size == in.remaining() ? in.rest() : bytes;
}

}  // namespace iapp::attest
