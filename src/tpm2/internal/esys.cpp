#include "tpm2/internal/esys.hpp"

#include <tss2/tss2_rc.h>

namespace iapp::tpm2::internal {

std::unexpected<Error> command_failure(TSS2_RC rc, const std::string& what)
{
    return fail(ErrorKind::unavailable, "tpm2.command", what + ": " + Tss2_RC_Decode(rc));
}

bool is_unknown_hash(TSS2_RC rc)
{
    constexpr TSS2_RC kErrorOfFormatOne = 0x0BF;  // without the parameter's number
    return (rc & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER && (rc & kErrorOfFormatOne) == TPM2_RC_HASH;
}

Status check(TSS2_RC rc, const std::string& what)
{
    if (rc != TSS2_RC_SUCCESS) return command_failure(rc, what);
    return {};
}

Context::~Context()
{
    Esys_Finalize(&esys_);
    Tss2_TctiLdr_Finalize(&tcti_);
}

Result<std::shared_ptr<Context>> Context::open(const std::string& tcti)
{
    std::shared_ptr<Context> context(new Context);
    TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti.c_str(), &context->tcti_);
    if (rc == TSS2_RC_SUCCESS) rc = Esys_Initialize(&context->esys_, context->tcti_, nullptr);
    if (rc == TSS2_RC_SUCCESS) return context;
    return fail(ErrorKind::unavailable, "tpm2.unavailable",
                "cannot reach a TPM at " + tcti + " (" + Tss2_RC_Decode(rc) +
                    "); the machine needs a TPM 2.0, and this user the right to open it (group tss)");
}

Handle::~Handle()
{
    // A TPM that has gone has nothing to flush; there is nobody to tell.
    if (value_ != ESYS_TR_NONE) (void)Esys_FlushContext(context_->get(), value_);
}

TPM2_ALG_ID alg_id(attest::HashAlgorithm algorithm) { return static_cast<TPM2_ALG_ID>(algorithm); }

Result<TPML_PCR_SELECTION> to_tpm(const attest::PcrSelection& selection)
{
    constexpr std::uint32_t kRegisters = 24;
    if (selection.pcrs.empty() || *selection.pcrs.rbegin() >= kRegisters)
        return fail(ErrorKind::invalid_input, "tpm2.selection", "select at least one register, and only 0 to 23");
    TPML_PCR_SELECTION out = {};
    out.count = 1;
    auto& bank = out.pcrSelections[0];
    bank.hash = alg_id(selection.bank);
    bank.sizeofSelect = kRegisters / 8;
    for (const std::uint32_t pcr : selection.pcrs) bank.pcrSelect[pcr / 8] |= static_cast<BYTE>(1U << (pcr % 8));
    return out;
}

}  // namespace iapp::tpm2::internal
