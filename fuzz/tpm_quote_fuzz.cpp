// rooms: attest
// Everything a TPM quote is made of: TPMS_ATTEST, TPMT_SIGNATURE, TPMT_PUBLIC, and the document that carries them. What
// parses has to account for every byte.
#include <cstdlib>

#include "attest/tpm_verify.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    using namespace iapp::attest;
    const ByteView input(data, size);
    if (const auto quote = parse_tpm_quote(input))
        if (quote->bytes.size() != size || quote->extra_data.size() + quote->pcr_digest.size() >= size) std::abort();
    if (const auto signature = parse_tpm_signature(input))
        if (const Bytes again = encode(*signature); !std::ranges::equal(again, input)) std::abort();
    if (const auto key = parse_tpm_public(input))
        if (key->name().size() < 34) std::abort();
    static_cast<void>(parse_tpm_public(strip_tpm2b(input)));

    const auto document = parse_tpm_evidence(as_text(input));
    if (!document) return 0;
    const std::string once = encode_tpm_evidence(*document);
    if (encode_tpm_evidence(*parse_tpm_evidence(once)) != once) std::abort();
    CheckLog checks;
    const auto verified = verify_tpm({EvidenceKind::tpm, to_bytes(input)}, {}, {HashAlgorithm::sha256, {0}}, checks);
    if (verified) std::abort();  // nothing is pinned
    return 0;
}
