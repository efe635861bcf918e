#pragma once
// Intel TDX quotes, versions 4 and 5, as bytes: a strict parser and the names of the fields.
// It verifies no signature: its output is an UnverifiedQuote, and only verify.hpp turns one into something to believe.
// Source: Intel TDX DCAP Quote Generation Library API, appendix 3; Intel TDX Module 1.5 ABI, TDREPORT_STRUCT.
#include <optional>

#include "attest/evidence.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxQuoteSize = 32 * 1024;
inline constexpr std::size_t kMaxQeAuthSize = 1024;
inline constexpr std::size_t kMaxPemSize = 16 * 1024;

/// The TD report body (584 bytes; the TD 1.5 body adds the last two fields).
struct TdBody {
    std::array<std::uint8_t, 16> tee_tcb_svn;
    Hash384 mr_seam;
    Hash384 mr_signer_seam;
    std::uint64_t seam_attributes;
    std::uint64_t td_attributes;
    std::uint64_t xfam;
    Hash384 mr_td;
    Hash384 mr_config_id;
    Hash384 mr_owner;
    Hash384 mr_owner_config;
    std::array<Hash384, 4> rtmr;
    ReportData report_data;
    std::optional<std::array<std::uint8_t, 16>> tee_tcb_svn2;  ///< TD 1.5 only
    std::optional<Hash384> mr_service_td;                      ///< TD 1.5 only
};

/// The fields of an SGX report that identify a quoting enclave.
struct EnclaveReport {
    std::uint32_t misc_select;
    std::array<std::uint8_t, 16> attributes;
    Hash256 mr_enclave;
    Hash256 mr_signer;
    std::uint16_t isv_prod_id;
    std::uint16_t isv_svn;
    std::array<std::uint8_t, 64> report_data;
};

/// A quote that obeys the format. Every byte of it may still be a lie.
struct UnverifiedQuote {
    std::uint16_t version;  ///< 4 or 5
    std::array<std::uint8_t, 16> qe_vendor_id;
    std::array<std::uint8_t, 20> user_data;
    TdBody body;

    Bytes signed_bytes;  ///< header || body as received; what `signature` covers
    std::array<std::uint8_t, 64> signature;
    std::array<std::uint8_t, 64> attestation_key;  ///< P-256 x || y

    std::array<std::uint8_t, 384> qe_report_bytes;
    EnclaveReport qe_report;
    std::array<std::uint8_t, 64> qe_report_signature;
    Bytes qe_auth;
    std::string pck_chain_pem;  ///< certification data type 5: leaf, CA and root, any order

    std::size_t quote_size;  ///< bytes used; the rest of the input was zero padding
};

/// Reads one quote: every nested size must consume its container exactly; only zero bytes may follow.
/// Errors: invalid_input "attest.quote_format".
Result<UnverifiedQuote> parse_tdx_quote(ByteView bytes);

/// SHA-256(signed bytes || attestation key): a name for this evidence that its malleable parts (the sign of s,
/// padding, unsigned sizes) cannot change. Use it, never a hash of the raw quote, to recognise evidence again.
Hash256 evidence_id(const UnverifiedQuote& quote);

}  // namespace iapp::attest
