#pragma once
// The checks that every kind of evidence goes through, over its claims; kinds add their own in between.
#include "attest/appraise.hpp"

namespace iapp::attest {

/// One appraisal. `attributes` is the part that only one kind of evidence has.
class Appraiser {
public:
    Appraiser(const AppraisalPolicy& policy, const Challenge& challenge, UnixSeconds now, CheckLog& checks)
        : policy_(policy), challenge_(challenge), now_(now), checks_(checks)
    {
    }

    template <class Attributes>
    Result<AttestationResult> run(Claims claims, Attributes attributes)
    {
        TRY_OK(check_kind(claims));
        TRY_OK(attributes());
        TRY_OK(check_platform(claims));
        TRY_OK(check_registers(claims));
        TRY_OK(check_report_data(claims));
        return AttestationResult(std::move(claims), checks_.outcomes());
    }

private:
    Status check_kind(const Claims& claims);      // tee, simulated, debug
    Status check_platform(const Claims& claims);  // tcb, tcb_evaluation, collateral_age, machine
    Status check_tcb(const TcbVerdict& tcb);
    Status check_age(const Claims& claims);
    Status check_registers(const Claims& claims);  // no_reference_values, measurement, host_data
    Status check_report_data(const Claims& claims);

    const AppraisalPolicy& policy_;
    const Challenge& challenge_;
    UnixSeconds now_;
    CheckLog& checks_;
};

/// Required bits set, nothing outside `allowed`.
constexpr bool within(std::uint64_t value, std::uint64_t required, std::uint64_t allowed)
{
    return (value & required) == required && (value & ~allowed) == 0;
}

/// "0x0000000010000000"
std::string word(std::uint64_t value);

/// The bytes of a field of any fixed-size type.
template <class Field>
Bytes copy_of(const Field& field)
{
    if constexpr (requires { field.bytes(); }) return to_bytes(field.bytes());
    else return to_bytes(field);
}

Claims claims_of(const VerifiedQuote& quote);
Claims claims_of(const VerifiedSnpReport& report);
Claims claims_of(const VerifiedTpmQuote& quote);
Claims claims_of(const VerifiedAzure& azure);
Status check_attributes(const VerifiedQuote& quote, const AppraisalPolicy& policy, CheckLog& checks);
Status check_attributes(const VerifiedSnpReport& report, const AppraisalPolicy& policy, CheckLog& checks);

}  // namespace iapp::attest
