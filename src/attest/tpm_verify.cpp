#include "attest/tpm_verify.hpp"

#include "crypto/secret.hpp"

namespace iapp::attest {
namespace {

namespace alg = tpm_algorithm;

std::string list(const std::set<std::uint32_t>& indices)
{
    std::string out;
    for (const std::uint32_t index : indices) out += (out.empty() ? "" : ",") + std::to_string(index);
    return out;
}

bool signs(const TpmPublic& ak)
{
    const bool known = ak.scheme == alg::kRsassa || ak.scheme == alg::kRsapss || ak.scheme == alg::kEcdsa;
    return known && ak.scheme_hash && is_strong(*ak.scheme_hash);
}

/// Exactly the demanded registers in exactly one bank. A quote over fewer proves less, one over others proves something
/// else.
Status check_selection(const UnverifiedTpmQuote& quote, const PcrSelection& demanded, CheckLog& checks)
{
    const auto no = [&](std::string detail) { return checks.fail(CheckId::pcr_selection, std::move(detail)); };
    if (demanded.pcrs.empty() || !is_strong(demanded.bank))
        return no("the policy names no register, or a bank weaker than SHA-256");
    if (quote.selections.size() != 1) return no("the quote selects " + std::to_string(quote.selections.size()) + " banks");
    const PcrSelection& selected = quote.selections.front();
    if (selected.bank != demanded.bank) return no("the quote covers the bank " + std::string(name(selected.bank)));
    if (selected.pcrs != demanded.pcrs)
        return no("the quote covers " + list(selected.pcrs) + " instead of " + list(demanded.pcrs));
    checks.pass(CheckId::pcr_selection);
    return {};
}

/// Values for the selected registers, no more and no fewer, that hash to the signed digest in ascending order of index. The
/// hash is that of the signature scheme (Part 3, TPM2_Quote).
Status check_values(const UnverifiedTpmQuote& quote, const TpmSignature& signature, const TpmEvidence& evidence,
                    CheckLog& checks)
{
    const auto no = [&](std::string detail) { return checks.fail(CheckId::pcr_digest, std::move(detail)); };
    const PcrSelection& selected = quote.selections.front();
    if (evidence.bank != selected.bank) return no("the register values are of another bank");
    Bytes all;
    std::set<std::uint32_t> given;
    for (const auto& [index, value] : evidence.pcrs) {
        if (value.size() != digest_size(evidence.bank)) return no("register " + std::to_string(index) + " has another size");
        given.insert(index);
        append(all, value);
    }
    if (given != selected.pcrs) return no("values for " + list(given) + " were sent instead of " + list(selected.pcrs));
    if (digest(signature.hash, all) != quote.pcr_digest) return no("the register values do not hash to the signed digest");
    checks.pass(CheckId::pcr_digest);
    return {};
}

struct Parsed {
    UnverifiedTpmQuote quote;
    TpmSignature signature;
    std::optional<TpmPublic> ak;
};

Result<Parsed> parse(const TpmEvidence& evidence)
{
    TRY(UnverifiedTpmQuote quote, parse_tpm_quote(evidence.attest));
    TRY(TpmSignature signature, parse_tpm_signature(evidence.signature));
    Parsed out{std::move(quote), std::move(signature), {}};
    if (evidence.ak_public) {
        TRY(out.ak, parse_tpm_public(*evidence.ak_public));
    }
    return out;
}

}  // namespace

Status require_ak_attributes(const TpmPublic& ak, CheckLog& checks)
{
    const bool attributes = (ak.attributes & kAkRequired) == kAkRequired && (ak.attributes & kAkForbidden) == 0;
    return checks.require(CheckId::ak, attributes && signs(ak),
                          attributes && signs(ak) ? "" : "the key is not a restricted signing key fixed to its TPM");
}

Result<TrustedAk> trust_pinned_ak(const TpmPublic& ak, std::span<const Bytes> names, CheckLog& checks)
{
    TRY_OK(require_ak_attributes(ak, checks));
    const Bytes ak_name = ak.name();
    if (std::ranges::find(names, ak_name) == names.end())
        return checks.fail(CheckId::ak_binding, "the Name " + hex(ak_name) + " is not pinned");
    checks.pass(CheckId::ak_binding, "pinned");
    return TrustedAk(ak.key, ak_name, TrustedAk::Source::pinned);
}

Result<TrustedAk> trust_pinned_key(const crypto::PublicKey& ak, std::span<const Hash256> spki_sha256, CheckLog& checks)
{
    checks.skip(CheckId::ak, "pinned by key");
    const Hash256 id = crypto::sha256(ak.spki_der());
    if (std::ranges::find(spki_sha256, id) == spki_sha256.end())
        return checks.fail(CheckId::ak_binding, "the key " + id.hex() + " is not pinned");
    checks.pass(CheckId::ak_binding, "pinned");
    return TrustedAk(ak, to_bytes(id.bytes()), TrustedAk::Source::pinned);
}

Hash256 VerifiedTpmQuote::evidence_id() const { return crypto::Sha256().update(quote_.bytes).update(ak_.name()).finish(); }

Result<VerifiedTpmQuote> verify_tpm(const TpmEvidence& evidence, const TrustedAk& ak, const PcrSelection& demanded,
                                    CheckLog& checks)
{
    auto parsed = parse(evidence);
    if (!parsed) return checks.fail(CheckId::tpm_format, parsed.error().detail);
    checks.pass(CheckId::tpm_format);
    if (parsed->ak && parsed->ak->key != ak.key())
        return checks.fail(CheckId::ak_binding, "the evidence carries another key than the trusted one");
    if (const auto verdict = verify_tpm_signature(ak.key(), evidence.attest, parsed->signature); !verdict)
        return checks.fail(CheckId::signature, verdict.error().detail);
    checks.pass(CheckId::signature);
    TRY_OK(check_selection(parsed->quote, demanded, checks));
    TRY_OK(check_values(parsed->quote, parsed->signature, evidence, checks));
    return VerifiedTpmQuote(std::move(parsed->quote), ak, {RegisterKind::pcr, evidence.bank, evidence.pcrs});
}

Result<VerifiedTpmQuote> verify_tpm(const Evidence& evidence, const PinnedAks& pinned, const PcrSelection& demanded,
                                    CheckLog& checks)
{
    if (evidence.kind != EvidenceKind::tpm) return checks.fail(CheckId::evidence_kind, "not TPM evidence");
    checks.pass(CheckId::evidence_kind);
    const auto document = parse_tpm_evidence(as_text(evidence.bytes));
    if (!document) return checks.fail(CheckId::tpm_format, document.error().detail);
    const auto ak_public = parse_tpm_public(*document->ak_public);
    if (!ak_public) return checks.fail(CheckId::tpm_format, ak_public.error().detail);

    const Hash256 id = crypto::sha256(ak_public->key.spki_der());
    const bool by_key = std::ranges::find(pinned.spki_sha256, id) != pinned.spki_sha256.end() &&
                        std::ranges::find(pinned.names, ak_public->name()) == pinned.names.end();
    TRY(const TrustedAk ak, by_key ? trust_pinned_key(ak_public->key, pinned.spki_sha256, checks)
                                   : trust_pinned_ak(*ak_public, pinned.names, checks));
    return verify_tpm(*document, ak, demanded, checks);
}

Status require_extra_data(const VerifiedTpmQuote& quote, ByteView expected, CheckLog& checks)
{
    const bool equal = !expected.empty() && crypto::equal_constant_time(quote.extra_data(), expected);
    return checks.require(CheckId::report_data, equal, equal ? "" : "extraData is not the challenge");
}

}  // namespace iapp::attest
