#include "attest/amd_trust.hpp"

#include "attest/internal/json_text.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;

// SHA-256 of the SubjectPublicKeyInfo of AMD's production keys (RSA 4096), valid until 2045 and later.
// clang-format off
constexpr std::array<std::uint8_t, 32> kMilanArk{0x9f, 0x05, 0x6b, 0xee, 0x44, 0x37, 0x7e, 0x29, 0x30, 0x8c, 0xb5, 0xff, 0xa8, 0x95, 0xbd, 0xfb, 0x62, 0xd1, 0x88, 0x81, 0xfa, 0x6b, 0xed, 0x8d, 0x6f, 0x07, 0x5b, 0x02, 0x04, 0x08, 0x9c, 0xb9};  // ARK-Milan
constexpr std::array<std::uint8_t, 32> kMilanAsk{0x42, 0x49, 0x16, 0x69, 0xcc, 0xb8, 0x51, 0xd6, 0x27, 0xea, 0x98, 0x46, 0xcd, 0x24, 0xec, 0xcb, 0xeb, 0x7d, 0xe7, 0xc2, 0xa6, 0x27, 0x40, 0x12, 0x0f, 0xff, 0x88, 0x00, 0x1d, 0x38, 0xeb, 0xb6};  // SEV-Milan
constexpr std::array<std::uint8_t, 32> kMilanAsvk{0x66, 0x45, 0x0a, 0x12, 0x3e, 0xa5, 0x87, 0x62, 0x06, 0xdf, 0x67, 0xf2, 0x51, 0x4a, 0x4f, 0xea, 0x22, 0x4c, 0x0f, 0x63, 0xb1, 0x83, 0x13, 0x42, 0x30, 0x78, 0xb0, 0xed, 0xc4, 0x53, 0x5e, 0x33};  // SEV-VLEK-Milan
constexpr std::array<std::uint8_t, 32> kGenoaArk{0x42, 0x9a, 0x69, 0xc9, 0x42, 0x2a, 0xa2, 0x58, 0xee, 0x4d, 0x8d, 0xb5, 0xfc, 0xda, 0x9c, 0x64, 0x70, 0xef, 0x15, 0xf8, 0xcd, 0x5a, 0x9c, 0xeb, 0xd6, 0xcb, 0xc7, 0xd9, 0x0b, 0x86, 0x38, 0x31};  // ARK-Genoa
constexpr std::array<std::uint8_t, 32> kGenoaAsk{0x03, 0x24, 0xd5, 0x5b, 0xcd, 0x48, 0xba, 0x87, 0x7a, 0x8f, 0xd8, 0x7c, 0x0e, 0x1b, 0x49, 0x34, 0xde, 0xc8, 0x44, 0x8e, 0x38, 0x07, 0xa2, 0x43, 0x84, 0xa3, 0x4d, 0xc6, 0xa6, 0xc9, 0xeb, 0xb8};  // SEV-Genoa
constexpr std::array<std::uint8_t, 32> kGenoaAsvk{0x7d, 0x16, 0x33, 0x25, 0x2e, 0xbb, 0xad, 0xaa, 0x75, 0xf9, 0x6e, 0x9b, 0x4e, 0x6f, 0x7d, 0x43, 0xa9, 0x0c, 0xeb, 0x3f, 0x84, 0x39, 0x37, 0x48, 0x26, 0x30, 0xf8, 0xda, 0x24, 0x59, 0x26, 0x4e};  // SEV-VLEK-Genoa
constexpr std::array<std::uint8_t, 32> kTurinArk{0x4f, 0x12, 0x54, 0x10, 0x56, 0x3a, 0x2a, 0xb9, 0xa5, 0x03, 0x56, 0xf9, 0x24, 0x3f, 0x6f, 0xe0, 0xb6, 0xf7, 0x3d, 0xe9, 0x86, 0x03, 0xf5, 0x3f, 0x90, 0x33, 0x9c, 0x70, 0xe9, 0xd7, 0xad, 0x08};  // ARK-Turin
constexpr std::array<std::uint8_t, 32> kTurinAsk{0x00, 0x00, 0xea, 0xd3, 0x52, 0x02, 0x5f, 0x20, 0x8b, 0xf5, 0x52, 0x97, 0xc4, 0x19, 0x2c, 0x34, 0xcd, 0x1b, 0x87, 0x80, 0x02, 0x10, 0x73, 0x66, 0xd8, 0xf2, 0x06, 0x5a, 0x9a, 0xe7, 0xd3, 0xa9};  // SEV-Turin
constexpr std::array<std::uint8_t, 32> kTurinAsvk{0xbf, 0xc4, 0x41, 0x40, 0x8b, 0x2f, 0x80, 0x6c, 0x5d, 0xbf, 0x18, 0x0b, 0xd8, 0x92, 0x0e, 0x6e, 0x60, 0xdd, 0x40, 0x4d, 0x82, 0x14, 0x17, 0x80, 0xd8, 0x5d, 0xbf, 0x96, 0x29, 0x54, 0xd3, 0x86};  // SEV-VLEK-Turin
// clang-format on

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.root", "trust anchor: " + std::move(detail));
}

enum class Role : unsigned char { ark, ask, asvk };

struct NamedRole {
    SnpProduct product;
    Role role;
};

std::optional<NamedRole> role_of(std::string_view common_name)
{
    constexpr std::array<std::pair<std::string_view, Role>, 3> kPrefixes{
        std::pair{"ARK-", Role::ark}, std::pair{"SEV-VLEK-", Role::asvk}, std::pair{"SEV-", Role::ask}};
    for (const auto& [prefix, role] : kPrefixes)
        if (common_name.starts_with(prefix))
            if (const auto product = find_snp_product(common_name.substr(prefix.size()))) return NamedRole{*product, role};
    return std::nullopt;
}

std::optional<Hash256>& slot(AmdTrust::Pins& pins, Role role)
{
    return role == Role::ark ? pins.ark : role == Role::ask ? pins.ask : pins.asvk;
}

/// The root among `pool` that names itself and signed `certificate`, which may be that root.
const Certificate* root_of(const std::vector<Certificate>& pool, const Certificate& certificate)
{
    for (const Certificate& root : pool)
        if (root.subject_der() == root.issuer_der() && root.verify_signed_by(root) && certificate.verify_signed_by(root))
            return &root;
    return nullptr;
}

}  // namespace

AmdTrust AmdTrust::amd()
{
    return AmdTrust(Table{Pins{Hash256{kMilanArk}, Hash256{kMilanAsk}, Hash256{kMilanAsvk}},
                          Pins{Hash256{kGenoaArk}, Hash256{kGenoaAsk}, Hash256{kGenoaAsvk}},
                          Pins{Hash256{kTurinArk}, Hash256{kTurinAsk}, Hash256{kTurinAsvk}}});
}

Result<AmdTrust> AmdTrust::from_pem(std::string_view pem)
{
    const auto pool = crypto::parse_pem_certificates(pem, 3 * kSnpProducts.size());
    if (!pool) return bad(explain(pool.error()));
    Table out{};
    for (const Certificate& certificate : *pool) {
        const auto named = role_of(certificate.subject_cn());
        if (!named) return bad("\"" + certificate.subject_cn() + "\" is not the name of an AMD root or intermediate");
        if (!certificate.may_sign_certificates()) return bad("\"" + certificate.subject_cn() + "\" is not a CA");
        const Certificate* root = root_of(*pool, certificate);
        if (root == nullptr || root->subject_cn() != "ARK-" + std::string(name(named->product)))
            return bad("the root of \"" + certificate.subject_cn() + "\" is missing");
        const auto key = subject_key_sha256(certificate);
        if (!key) return bad(explain(key.error()));
        auto& pin = slot(out[static_cast<std::size_t>(named->product)], named->role);
        if (pin) return bad("two certificates are named \"" + certificate.subject_cn() + "\"");
        pin = *key;
    }
    return AmdTrust(out);
}

std::optional<SnpProduct> AmdTrust::product_of_ark(const Hash256& spki_sha256) const
{
    for (const SnpProduct product : kSnpProducts)
        if (pins(product).ark == spki_sha256) return product;
    return std::nullopt;
}

bool AmdTrust::hardware(SnpProduct product) const
{
    const Pins built_in = amd().pins(product);
    const Pins& mine = pins(product);
    return mine.ark == built_in.ark && (!mine.ask || mine.ask == built_in.ask) && (!mine.asvk || mine.asvk == built_in.asvk);
}

Result<Hash256> subject_key_sha256(const Certificate& certificate)
{
    TRY(const crypto::PublicKey key, certificate.subject_key());
    return crypto::sha256(key.spki_der());
}

}  // namespace iapp::attest
