#include "attest/internal/chain.hpp"

#include "crypto/hash.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::unauthenticated, "attest.chain", std::move(detail));
}

bool self_issued(const Certificate& certificate) { return certificate.subject_der() == certificate.issuer_der(); }

/// Moves the one certificate that `wanted` describes from `pool` to the front of `chain`.
template <class Wanted>
Status move_one(std::vector<Certificate>& pool, std::vector<Certificate>& chain, Wanted wanted)
{
    const auto found = std::ranges::find_if(pool, wanted);
    if (found == pool.end()) return bad("the chain has a gap: no certificate for the next link");
    if (std::find_if(found + 1, pool.end(), wanted) != pool.end()) return bad("two certificates claim the same link");
    chain.insert(chain.begin(), *found);
    pool.erase(found);
    return {};
}

/// From the root down to the leaf, by subject and issuer names.
Result<std::vector<Certificate>> order(std::vector<Certificate> pool)
{
    std::vector<Certificate> chain;
    TRY_OK(move_one(pool, chain, self_issued));
    while (!pool.empty()) {
        const Bytes issuer = chain.front().subject_der();
        TRY_OK(move_one(pool, chain, [&](const Certificate& c) { return c.issuer_der() == issuer; }));
    }
    return chain;
}

/// A CA must say so and allow the `below` CAs that stand under it; an end certificate must not be a CA.
Status check_role(const Certificate& certificate, bool ca, std::uint32_t below)
{
    if (const auto* extension = certificate.unknown_critical_extension(); extension != nullptr)
        return bad("unknown critical extension " + extension->oid);
    if (!ca) {
        if (certificate.is_ca()) return bad("the leaf is a CA");
        if (!certificate.key_usage() || !certificate.key_usage()->digital_signature)
            return bad("the leaf may not make digital signatures");
        return {};
    }
    if (!certificate.may_sign_certificates()) return bad("an issuer is not a CA that may sign certificates");
    const auto& limit = certificate.basic_constraints()->path_length;
    if (limit && *limit < below) return bad("a CA stands above more CAs than its path length allows");
    return {};
}

/// Intel's profile knows one curve.
Status check_key(const Certificate& certificate)
{
    TRY(const crypto::PublicKey key, certificate.subject_key());
    if (key.kind() != crypto::KeyKind::ec_p256) return bad("the key of a certificate is not on P-256");
    return {};
}

std::size_t length_of(ChainKind kind) { return kind == ChainKind::pck ? 3 : 2; }

constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view skip_white_space(std::string_view text)
{
    return text.substr(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
}

/// The PEM blocks of a text with white space between them and at most one NUL at the end: C strings carry chains that way.
Result<std::vector<std::string_view>> split_pem(std::string_view text, std::size_t most)
{
    constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
    if (text.ends_with('\0')) text.remove_suffix(1);
    std::vector<std::string_view> blocks;
    for (text = skip_white_space(text); !text.empty(); text = skip_white_space(text)) {
        const std::size_t end = text.find(kEnd);
        if (end == std::string_view::npos) return bad("the PEM text ends inside a certificate");
        if (blocks.size() == most) return bad("the chain has more than " + std::to_string(most) + " certificates");
        blocks.push_back(text.substr(0, end + kEnd.size()));
        text.remove_prefix(end + kEnd.size());
    }
    return blocks;
}

}  // namespace

const Certificate* CertificateStore::find(std::string_view block) const
{
    const auto found = std::ranges::find(entries_, block, &Entry::text);
    if (found != entries_.end()) return &found->certificate;
    return known_ != nullptr ? known_->find(block) : nullptr;
}

const Certificate* CertificateStore::find_der(const Bytes& der) const
{
    const auto found = std::ranges::find(entries_, der, [](const Entry& e) -> const Bytes& { return e.certificate.der(); });
    if (found != entries_.end()) return &found->certificate;
    return known_ != nullptr ? known_->find_der(der) : nullptr;
}

bool CertificateStore::checked(const Link& link) const
{
    return std::ranges::find(links_, link) != links_.end() || (known_ != nullptr && known_->checked(link));
}

Result<Certificate> CertificateStore::parse(std::string_view block)
{
    if (const Certificate* seen = find(block)) return *seen;
    TRY(Certificate parsed, Certificate::from_pem(block));
    if (const Certificate* same = find_der(parsed.der())) parsed = *same;  // the same one, with other line ends
    entries_.push_back({std::string(block), parsed});
    return parsed;
}

Status CertificateStore::check_signature(const Certificate& child, const Certificate& issuer)
{
    const Link link{child.native(), issuer.native()};
    if (checked(link)) return {};
    TRY_OK(child.verify_signed_by(issuer));
    links_.push_back(link);
    return {};
}

Result<CertificateChain> build_chain(std::string_view pem, ChainKind kind, CertificateStore& store)
{
    const std::size_t length = length_of(kind);
    TRY(const std::vector<std::string_view> blocks, split_pem(pem, length));
    if (blocks.size() != length)
        return bad("the chain has " + std::to_string(blocks.size()) + " certificates, not " + std::to_string(length));
    std::vector<Certificate> pool;
    for (const std::string_view block : blocks) {
        TRY(Certificate certificate, store.parse(block));
        pool.push_back(std::move(certificate));
    }
    TRY(std::vector<Certificate> chain, order(std::move(pool)));

    const bool leaf_is_ca = kind == ChainKind::crl_issuer;
    for (std::size_t i = 0; i < length; ++i) {
        const std::size_t below = i == 0 ? 0 : i - (leaf_is_ca ? 0 : 1);
        TRY_OK(check_role(chain[i], i > 0 || leaf_is_ca, static_cast<std::uint32_t>(below)));
        TRY_OK(check_key(chain[i]));
        TRY_OK(store.check_signature(chain[i], chain[std::min(i + 1, length - 1)]));
    }
    return CertificateChain{std::move(chain)};
}

Result<Hash256> spki_sha256(const crypto::Certificate& certificate)
{
    TRY(const crypto::PublicKey key, certificate.subject_key());
    if (key.kind() != crypto::KeyKind::ec_p256) return bad("the key of the root is not on P-256");
    return crypto::sha256(key.spki_der());
}

}  // namespace iapp::attest
