#pragma once
// The sample run in every form of Intel quote, and where each form keeps its fields. Source of the offsets: as
// attest/intel_quote.hpp; they hold for the simulated quoting enclave, whose authentication data have 32 bytes.
#include "support/sample_run.hpp"

namespace iapp::test {

enum class IntelForm : unsigned char { sgx3, sgx4, sgx5, td4, td5_10, td5_15 };

inline constexpr std::array kIntelForms{IntelForm::sgx3, IntelForm::sgx4,   IntelForm::sgx5,
                                        IntelForm::td4,  IntelForm::td5_10, IntelForm::td5_15};

inline std::string name(IntelForm form)
{
    constexpr std::array kNames{"sgx3", "sgx4", "sgx5", "td4", "td5_10", "td5_15"};
    return kNames[static_cast<std::size_t>(form)];
}

/// make_sample_run() with the quote in another form, and collateral of that TEE.
inline SampleRun make_sample_run(UnixSeconds now, IntelForm form)
{
    SampleRun run = make_sample_run(now);
    if (form == IntelForm::td5_10) run.parts.version = 5;
    if (form == IntelForm::td5_15) {
        run.parts.body.tee_tcb_svn2 = run.parts.body.tee_tcb_svn;
        run.parts.body.mr_service_td = Hash384::zero();
    }
    if (form > IntelForm::sgx5) return run;
    run.parts.enclave = simtee::simulated_enclave(crypto::sha256(as_bytes("an enclave")), run.parts.body.report_data);
    run.parts.version = static_cast<std::uint16_t>(3 + static_cast<int>(form));
    run.collateral = sample_detail::must(simtee::sign_collateral(
        run.authority,
        simtee::plan_collateral(attest::EvidenceKind::sgx, {now - std::chrono::hours(1), now + std::chrono::days(30)})));
    return run;
}

/// Offsets of one form.
struct IntelLayout {
    std::size_t auth_size;  ///< u32; the signed bytes end here
    std::size_t qe;         ///< the QE report; in versions 4 and 5 type and size of certification data 6 stand before it
    bool nested;            ///< certification data 6 is there

    std::size_t signature() const { return auth_size + 4; }
    std::size_t attestation_key() const { return signature() + 64; }
    std::size_t outer_size() const { return qe - 4; }
    std::size_t qe_signature() const { return qe + 384; }
    std::size_t qe_auth_size() const { return qe + 448; }
    std::size_t inner_type() const { return qe + 482; }
    std::size_t inner_size() const { return qe + 484; }
    std::size_t certificates() const { return qe + 488; }
};

inline IntelLayout layout(IntelForm form)
{
    constexpr std::array<std::size_t, 6> kSignedSizes{432, 432, 438, 632, 638, 702};
    const std::size_t signed_size = kSignedSizes[static_cast<std::size_t>(form)];
    const bool nested = form != IntelForm::sgx3;
    return {signed_size, signed_size + 4 + 128 + (nested ? 6U : 0U), nested};
}

inline void put_little_endian(Bytes& out, std::size_t at, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

inline std::uint64_t get_little_endian(ByteView in, std::size_t at, unsigned size)
{
    std::uint64_t out = 0;
    for (unsigned i = size; i-- > 0;) out = (out << 8U) | in[at + i];
    return out;
}

/// s := n - s in a raw P-256 signature at `signature`: the other valid signature over the same message.
inline void turn_into_twin(Bytes& bytes, std::size_t signature)
{
    constexpr std::array<std::uint8_t, 32> kOrder{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int difference = kOrder[i] - bytes[signature + 32 + i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        bytes[signature + 32 + i] = static_cast<std::uint8_t>(difference);
    }
}

}  // namespace iapp::test
