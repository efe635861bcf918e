#pragma once
// Verification of SEV-SNP reports: report + endorsements + AMD's keys + time -> a report whose every signed byte is vouched
// for. One call, no partial success. Not appraisal: debug, VMPL, firmware floors and measurements are appraise.hpp's
// question. Pure: the time and the endorsements are parameters. Source: AMD 56860, 57230.
#include <string>

#include "attest/amd_trust.hpp"
#include "attest/check.hpp"
#include "attest/snp_report.hpp"
#include "base/clock.hpp"

namespace iapp::attest {

/// What AMD's key distribution service (or the host's certificate table) gave, exactly as served. Untrusted.
struct SnpEndorsements {
    Bytes vek;                   ///< DER: VCEK or VLEK
    std::string cert_chain_pem;  ///< PEM: ASK or ASVK, and ARK, in any order
    std::optional<Bytes> crl;    ///< DER: the ARK's revocation list
};

/// Whether a missing revocation list is a failure. With `if_provided` and none, the checks of revocation are listed as
/// skipped; a list that is there is always checked.
enum class Revocation : unsigned char { required, if_provided };

/// A report whose chain, revocation state and signature were all checked at one time against one set of pinned keys.
/// Only SnpEndorser makes one.
class VerifiedSnpReport {
public:
    const UnverifiedSnpReport& report() const { return report_; }
    SnpProduct product() const { return product_; }
    VekKind vek_kind() const { return vek_kind_; }
    const std::string& csp_id() const { return csp_id_; }  ///< whom the VLEK was leased to; empty for a VCEK
    SnpTcb reported_tcb() const { return decode_tcb(product_, report_.reported_tcb); }
    SnpTcb current_tcb() const { return decode_tcb(product_, report_.current_tcb); }
    SnpTcb committed_tcb() const { return decode_tcb(product_, report_.committed_tcb); }
    SnpTcb launch_tcb() const { return decode_tcb(product_, report_.launch_tcb); }

    /// The chip, when AMD vouches for it: a VLEK names no chip, so its report's chip id is only what the host allowed.
    std::optional<SnpChipId> chip_id() const;

    UnixSeconds valid_until() const { return valid_until_; }  ///< the first window among everything used that closes
    const std::optional<UnixSeconds>& crl_issued() const { return crl_issued_; }
    const std::optional<Bytes>& crl_number() const { return crl_number_; }  ///< big endian: keep it to refuse lower ones
    bool simulated() const { return simulated_; }

    /// SHA-256(signed bytes || SubjectPublicKeyInfo of the VEK): a name for this evidence that another signature over the
    /// same bytes does not change.
    const Hash256& evidence_id() const { return evidence_id_; }

private:
    friend class SnpEndorser;
    VerifiedSnpReport(const UnverifiedSnpReport& report, const Hash256& evidence_id)
        : report_(report), evidence_id_(evidence_id)
    {
    }

    UnverifiedSnpReport report_;
    Hash256 evidence_id_;
    SnpProduct product_{};
    VekKind vek_kind_{};
    std::string csp_id_;
    UnixSeconds valid_until_{};
    std::optional<UnixSeconds> crl_issued_;
    std::optional<Bytes> crl_number_;
    bool simulated_ = true;
};

/// The endorsements of one chip (or one provider) at one firmware version, parsed and signature-checked once; immutable and
/// safe to share between threads. Time enters at verify(). A report under it then costs about one P-384 verification.
class SnpEndorser {
public:
    /// `checks` receives vek_chain, root, vek, crl and revoked.
    /// Errors: the reason of the first of them that failed.
    static Result<SnpEndorser> create(const SnpEndorsements& endorsements, const AmdTrust& trust, Revocation revocation,
                                      CheckLog& checks);

    /// Verifies the 1184 bytes of a report. `checks` receives every check of SNP verification.
    /// Errors: the reason of the first check that failed (check.hpp).
    Result<VerifiedSnpReport> verify(ByteView report, UnixSeconds now, CheckLog& checks) const;

    SnpProduct product() const { return product_; }
    VekKind vek_kind() const { return kind_; }
    const VekExtensions& vek() const { return vek_; }
    UnixSeconds valid_from() const { return from_; }
    UnixSeconds valid_until() const { return until_; }

private:
    friend Result<VerifiedSnpReport> verify_snp(const Evidence&, const SnpEndorsements&, const AmdTrust&, Revocation,
                                                UnixSeconds, CheckLog&);
    struct Window {
        std::string what;
        UnixSeconds from;
        UnixSeconds to;
    };
    struct Chain;

    SnpEndorser(SnpProduct product, VekKind kind, VekExtensions vek, crypto::PublicKey key, bool simulated)
        : product_(product), kind_(kind), vek_(std::move(vek)), key_(std::move(key)), simulated_(simulated)
    {
    }

    static Result<Chain> check_chain(const SnpEndorsements& endorsements, CheckLog& checks);
    Status check_revocation(const SnpEndorsements& endorsements, const Chain& chain, Revocation revocation,
                            CheckLog& checks);
    void narrow(UnixSeconds from, UnixSeconds to);

    Result<VerifiedSnpReport> judge(const UnverifiedSnpReport& report, UnixSeconds now, CheckLog& checks) const;
    Status check_windows(UnixSeconds now, CheckLog& checks) const;
    Status check_vek(const UnverifiedSnpReport& report, CheckLog& checks) const;

    SnpProduct product_;
    VekKind kind_;
    VekExtensions vek_;
    crypto::PublicKey key_;
    bool simulated_;
    std::vector<Window> certificates_;
    std::optional<Window> crl_;
    std::optional<Bytes> crl_number_;
    UnixSeconds from_ = UnixSeconds::min();
    UnixSeconds until_ = UnixSeconds::max();
};

/// Verifies SNP evidence in one call. `checks` receives every check that ran, also when the answer is no.
/// `now`  verifier time, UTC.
/// Errors: the reason of the first check that failed (check.hpp).
Result<VerifiedSnpReport> verify_snp(const Evidence& evidence, const SnpEndorsements& endorsements, const AmdTrust& trust,
                                     Revocation revocation, UnixSeconds now, CheckLog& checks);

}  // namespace iapp::attest
