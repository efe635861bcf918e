#include "attest/judge.hpp"

namespace iapp::attest {
namespace {

/// TPMT_SIGNATURE, from either of the forms that tools write.
Result<Bytes> typed_signature(ByteView signature, const crypto::PublicKey& ak)
{
    if (parse_tpm_signature(signature)) return to_bytes(signature);
    TRY(const TpmSignature plain, parse_plain_signature(signature, ak));
    return encode(plain);
}

}  // namespace

Result<TpmEvidence> loose_tpm_evidence(ByteView attest, ByteView signature, const crypto::PublicKey& ak, ByteView values)
{
    TRY(const UnverifiedTpmQuote quote, parse_tpm_quote(attest));
    if (quote.selections.size() != 1)
        return fail(ErrorKind::permission_denied, "attest.pcr_selection", "the quote does not select exactly one bank");
    const PcrSelection& selection = quote.selections.front();
    const std::size_t size = digest_size(selection.bank);
    if (values.size() != size * selection.pcrs.size())
        return fail(ErrorKind::invalid_input, "attest.tpm_format",
                    "the register file has " + std::to_string(values.size()) + " bytes, the quote selects " +
                        std::to_string(selection.pcrs.size()) + " registers of " + std::to_string(size));
    TRY(Bytes typed, typed_signature(signature, ak));
    TpmEvidence out{.attest = to_bytes(attest),
                    .signature = std::move(typed),
                    .ak_public = std::nullopt,
                    .bank = selection.bank,
                    .pcrs = {}};
    std::size_t at = 0;
    for (const std::uint32_t pcr : selection.pcrs) {
        out.pcrs.emplace(pcr, to_bytes(values.subspan(at, size)));
        at += size;
    }
    return out;
}

}  // namespace iapp::attest
