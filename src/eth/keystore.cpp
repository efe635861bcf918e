#include "eth/keystore.hpp"

#include <variant>

#include "codec/json.hpp"
#include "crypto/aes_ctr.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"

namespace iapp::eth {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::uint64_t kVersion = 3;
constexpr std::size_t kDerivedSize = 32;  // 16 bytes of cipher key, 16 bytes of check key

struct Pbkdf2 {
    std::uint32_t rounds;
    Bytes salt;
};
struct Scrypt {
    ScryptCost cost;
    Bytes salt;
};

struct Sealed {
    std::array<std::uint8_t, 16> iv;
    Bytes ciphertext;
    std::variant<Pbkdf2, Scrypt> kdf;
    Hash256 mac;
    std::optional<Address> address;
};

auto bad_format(const std::string& what)
{
    return fail(ErrorKind::corrupt, "keystore.format", "not a version 3 keystore: " + what);
}
auto unsupported(const std::string& what) { return fail(ErrorKind::precondition_failed, "keystore.unsupported", what); }
auto too_costly(const std::string& what) { return fail(ErrorKind::resource_exhausted, "keystore.cost", what); }

/// Hexadecimal without a prefix, as the format wants it; some writers add one.
Result<Bytes> hex_member(const json::ObjectReader& reader, std::string_view name)
{
    TRY(std::string_view digits, reader.text(name));
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    return parse_hex(digits);
}

Result<Scrypt> read_scrypt(const json::ObjectReader& params, const KeystoreLimits& limits)
{
    Scrypt out;
    TRY(out.cost.n, params.u64("n"));
    TRY(const std::uint64_t r, params.u64("r"));
    TRY(const std::uint64_t p, params.u64("p"));
    TRY(out.salt, hex_member(params, "salt"));
    const bool sane = out.cost.n <= 1ULL << 32U && r >= 1 && r <= 1024 && p >= 1 && p <= 1024;  // so that the products fit
    if (!sane || 128 * out.cost.n * r > limits.max_scrypt_work || out.cost.n * r * p > limits.max_scrypt_work)
        return too_costly("this keystore asks scrypt for n=" + std::to_string(out.cost.n) + " r=" + std::to_string(r) +
                          " p=" + std::to_string(p) +
                          ", more memory or time than is allowed; write it again with a lower cost");
    if (r < 4 && out.cost.n >= 1ULL << (16 * r))  // OpenSSL keeps to the RFC; a few old wallets did not
        return unsupported("scrypt with n=" + std::to_string(out.cost.n) + " needs r=" + std::to_string(r) +
                           " to be larger (RFC 7914 section 2: n < 2^(16 r)); open it with the wallet that wrote it and "
                           "save it with n=262144 r=8 p=1");
    out.cost.r = static_cast<std::uint32_t>(r);
    out.cost.p = static_cast<std::uint32_t>(p);
    return out;
}

Result<Pbkdf2> read_pbkdf2(const json::ObjectReader& params, const KeystoreLimits& limits)
{
    TRY(const std::string_view prf, params.text("prf"));
    if (prf != "hmac-sha256") return unsupported("pbkdf2 with " + std::string(prf) + "; only hmac-sha256 is read");
    TRY(const std::uint64_t rounds, params.u64("c"));
    if (rounds > std::min<std::uint64_t>(limits.max_pbkdf2_rounds, std::numeric_limits<std::uint32_t>::max()))
        return too_costly(std::to_string(rounds) + " rounds of pbkdf2; at most " + std::to_string(limits.max_pbkdf2_rounds) +
                          " are computed");
    TRY(Bytes salt, hex_member(params, "salt"));
    return Pbkdf2{static_cast<std::uint32_t>(rounds), std::move(salt)};
}

Result<std::variant<Pbkdf2, Scrypt>> read_kdf(const json::ObjectReader& crypto_section, const KeystoreLimits& limits)
{
    TRY(const std::string_view kdf, crypto_section.text("kdf"));
    TRY(const json::ObjectReader params, crypto_section.object("kdfparams"));
    TRY(const std::uint64_t size, params.u64("dklen"));
    if (size != kDerivedSize) return unsupported("a derived key of " + std::to_string(size) + " bytes; only 32 are read");
    if (kdf == "scrypt") return read_scrypt(params, limits);
    if (kdf == "pbkdf2") return read_pbkdf2(params, limits);
    return unsupported("key derivation " + std::string(kdf) + "; only scrypt and pbkdf2 are read");
}

Result<std::optional<Address>> read_address(const json::ObjectReader& reader)
{
    TRY(const auto text, reader.find_text("address"));
    if (!text) return std::optional<Address>{};
    TRY(const Bytes bytes, hex_member(reader, "address"));
    TRY(const Address address, Address::from_bytes(bytes));
    return std::optional<Address>{address};
}

/// Reads the document. Members that only some writers know (x-ethers and the like) are skipped.
Result<Sealed> read_members(const json::ObjectReader& reader, const KeystoreLimits& limits)
{
    TRY(const std::uint64_t version, reader.u64("version"));
    if (version != kVersion) return unsupported("keystore version " + std::to_string(version) + "; only version 3 is read");
    TRY(const json::ObjectReader section, reader.object(reader.has("crypto") ? "crypto" : "Crypto"));
    TRY(const std::string_view cipher, section.text("cipher"));
    if (cipher != "aes-128-ctr") return unsupported("cipher " + std::string(cipher) + "; only aes-128-ctr is read");
    TRY(const json::ObjectReader cipher_params, section.object("cipherparams"));
    TRY(const Bytes iv, hex_member(cipher_params, "iv"));
    if (iv.size() != 16) return bad_format("the iv has " + std::to_string(iv.size()) + " bytes instead of 16");
    TRY(Bytes ciphertext, hex_member(section, "ciphertext"));
    if (ciphertext.size() != 32)
        return bad_format("the ciphertext has " + std::to_string(ciphertext.size()) + " bytes instead of 32");
    TRY(auto kdf, read_kdf(section, limits));
    TRY(const Bytes mac_bytes, hex_member(section, "mac"));
    TRY(const Hash256 mac, Hash256::from_bytes(mac_bytes));
    TRY(const auto address, read_address(reader));
    Sealed out{{}, std::move(ciphertext), std::move(kdf), mac, address};
    std::ranges::copy(iv, out.iv.begin());
    return out;
}

/// Everything that is merely malformed is one error for the caller; what is well-formed but refused keeps its own.
Result<Sealed> parse(std::string_view text, const KeystoreLimits& limits)
{
    const auto document = json::parse(text, json::Limits{.max_bytes = 64U << 10U, .max_depth = 8});
    if (!document) return bad_format(document.error().detail);
    const auto reader = json::ObjectReader::of(*document);
    if (!reader) return bad_format(reader.error().detail);
    auto sealed = read_members(*reader, limits);
    if (!sealed && !sealed.error().reason.starts_with("keystore.")) return bad_format(sealed.error().detail);
    return sealed;
}

Result<SecretBytes> derive(const std::variant<Pbkdf2, Scrypt>& kdf, std::string_view password)
{
    const SecretBytes secret = SecretBytes::copy_of(as_bytes(password));
    const auto* scrypt = std::get_if<Scrypt>(&kdf);
    auto key = scrypt != nullptr
                   ? crypto::scrypt(secret, scrypt->salt, {scrypt->cost.n, scrypt->cost.r, scrypt->cost.p}, kDerivedSize)
                   : crypto::pbkdf2_sha256(secret, std::get<Pbkdf2>(kdf).salt, std::get<Pbkdf2>(kdf).rounds, kDerivedSize);
    if (!key) return bad_format("the key derivation has impossible parameters: " + key.error().detail);
    return key;
}

SecretBytes cipher_key(const SecretBytes& derived)
{
    return SecretBytes::copy_of(derived.reveal(SecretAccess{}).first<16>());
}

Hash256 check_value(const SecretBytes& derived, ByteView ciphertext)
{
    return crypto::Keccak256{}.update(derived.reveal(SecretAccess{}).last<16>()).update(ciphertext).finish();
}

/// A random (version 4) UUID, RFC 9562.
std::string random_uuid()
{
    Bytes raw = crypto::random_bytes(16);
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0fU) | 0x40U);
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3fU) | 0x80U);
    std::string text = hex(raw);
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, "-");
    return text;
}

}  // namespace

Result<Address> keystore_address(std::string_view json)
{
    const auto document = json::parse(json, json::Limits{.max_bytes = 64U << 10U, .max_depth = 8});
    if (!document) return bad_format(document.error().detail);
    const auto reader = json::ObjectReader::of(*document);
    if (!reader) return bad_format(reader.error().detail);
    const auto address = read_address(*reader);
    if (!address) return bad_format(address.error().detail);
    if (!*address) return bad_format("it does not name its address");
    return **address;
}

Result<Wallet> open_keystore(std::string_view json, std::string_view password, const KeystoreLimits& limits)
{
    TRY(const Sealed sealed, parse(json, limits));
    TRY(const SecretBytes derived, derive(sealed.kdf, password));
    if (!crypto::equal_constant_time(check_value(derived, sealed.ciphertext).bytes(), sealed.mac.bytes()))
        return fail(ErrorKind::unauthenticated, "keystore.password",
                    "the password does not open this keystore (or its ciphertext is damaged)");
    TRY(SecretBytes key, crypto::aes_128_ctr(cipher_key(derived), sealed.iv, sealed.ciphertext));
    auto wallet = Wallet::from_private_key(std::move(key));
    if (!wallet) return bad_format(wallet.error().detail);
    if (sealed.address && *sealed.address != wallet->address())
        return fail(
            ErrorKind::corrupt, "keystore.address",
            "the keystore says " + to_checksum(*sealed.address) + " but holds the key of " + to_checksum(wallet->address()));
    return wallet;
}

Result<std::string> seal_keystore(const Wallet& wallet, std::string_view password, const ScryptCost& cost)
{
    const Scrypt scrypt{cost, crypto::random_bytes(32)};
    TRY(const SecretBytes derived, derive(scrypt, password));
    std::array<std::uint8_t, 16> iv;
    crypto::random_fill(iv);
    TRY(const SecretBytes ciphertext,
        crypto::aes_128_ctr(cipher_key(derived), iv, wallet.key().secret().reveal(SecretAccess{})));
    const ByteView sealed = ciphertext.reveal(SecretAccess{});

    const json::Value document = {
        {"version", kVersion},
        {"id", random_uuid()},
        {"address", hex(wallet.address().bytes())},
        {"crypto",
         {{"cipher", "aes-128-ctr"},
          {"cipherparams", {{"iv", hex(iv)}}},
          {"ciphertext", hex(sealed)},
          {"kdf", "scrypt"},
          {"kdfparams", {{"dklen", kDerivedSize}, {"n", cost.n}, {"r", cost.r}, {"p", cost.p}, {"salt", hex(scrypt.salt)}}},
          {"mac", hex(check_value(derived, sealed).bytes())}}}};
    return json::print(document);
}

}  // namespace iapp::eth
