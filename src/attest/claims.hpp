#pragma once
// Claims: what verified evidence of any kind says, in one shape, so that policy, tokens and people read one vocabulary.
// Not a verdict. Only claims_of() makes them from verified evidence; nothing here was chosen by an attester without being
// signed by its hardware.
#include <optional>
#include <string>
#include <vector>

#include "attest/evidence.hpp"
#include "attest/intel_tcb.hpp"

namespace iapp::attest {

/// One register by its lower-case name: "mrtd", "rtmr0", "mrenclave", "measurement", "host_data", "pcr07".
struct RegisterValue {
    std::string name;
    Bytes value;

    friend bool operator==(const RegisterValue&, const RegisterValue&) = default;
};
using Registers = std::vector<RegisterValue>;

/// The value of a register, or null. The pointer lives as long as `registers`.
const Bytes* find_register(const Registers& registers, std::string_view name);

struct Claims {
    EvidenceKind kind;
    bool simulated;                                ///< the trust anchor is not a vendor's
    bool debug;                                    ///< the host can read the guest's memory
    std::optional<TcbVerdict> tcb;                 ///< Intel's rating; AMD and TPMs have none
    std::uint32_t tcb_evaluation_number;           ///< 0 when there is none
    std::optional<UnixSeconds> collateral_issued;  ///< the older of TCB info and QE identity; AMD's list
    UnixSeconds valid_until;                       ///< the first window among everything used that closes
    std::string machine;                           ///< hex: PPID (Intel), chip id (AMD), AK name (TPM); empty when masked
    Registers registers;                           ///< measurements and host data, in the order of the evidence
    Bytes report_data;                             ///< 64 bytes, or a TPM's extraData
    Hash256 evidence_id;
};

}  // namespace iapp::attest
