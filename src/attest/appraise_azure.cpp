// Azure: the hardware vouches for the paravisor and the virtual TPM's key, the TPM for what booted and for the challenge.
#include "attest/azure.hpp"
#include "attest/internal/appraiser.hpp"

namespace iapp::attest {
namespace {

Claims hardware_claims(const VerifiedAzure& azure)
{
    return azure.snp() != nullptr ? claims_of(*azure.snp()) : claims_of(*azure.quote());
}

Status check_hardware(const VerifiedAzure& azure, const AppraisalPolicy& policy, CheckLog& checks)
{
    return azure.snp() != nullptr ? check_attributes(*azure.snp(), policy, checks)
                                  : check_attributes(*azure.quote(), policy, checks);
}

}  // namespace

Claims claims_of(const VerifiedAzure& azure)
{
    Claims out = hardware_claims(azure);
    Claims tpm = claims_of(azure.tpm());
    out.kind = azure.kind();
    out.valid_until = azure.valid_until();
    out.registers.insert(out.registers.end(), tpm.registers.begin(), tpm.registers.end());
    out.report_data = std::move(tpm.report_data);
    out.evidence_id = azure.evidence_id();
    return out;
}

Result<AttestationResult> appraise(const VerifiedAzure& azure, const AppraisalPolicy& policy, const Challenge& challenge,
                                   UnixSeconds now, CheckLog& checks)
{
    return Appraiser(policy, challenge, now, checks).run(claims_of(azure), [&] {
        return check_hardware(azure, policy, checks);
    });
}

}  // namespace iapp::attest
