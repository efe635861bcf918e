#pragma once
// The receipt of a run: one file that proves, offline, what ran, on which data, under whose permission, and what came out.
// Values, canonical JSON and the signed digest; receipt_verify.hpp judges one. docs/formats/receipt.md
#include <optional>

#include "attest/event_log.hpp"
#include "attest/evidence.hpp"
#include "attest/intel_collateral.hpp"
#include "attest/ledger.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxReceiptBytes = std::size_t{4} << 20;

struct ReceiptDeal {
    Hash256 id;
    eth::Address app;
    eth::Address workerpool;
    eth::Address requester;
    eth::Address beneficiary;
    eth::Address callback;
    Hash256 tag;
};

/// Hashes of the four orders that made the deal.
struct ReceiptOrders {
    Hash256 app;
    std::optional<Hash256> dataset;
    Hash256 workerpool;
    Hash256 request;
};

struct ReceiptDataset {
    std::uint32_t position;  ///< 0 single dataset, 1.. bulk
    eth::Address address;
    Hash256 checksum;                    ///< SHA-256 of the encrypted dataset, from its contract
    std::optional<std::string> refused;  ///< reason id when its key was not released
};

struct ReceiptFile {
    std::string path;
    std::uint64_t size;
    Hash256 sha256;
};

struct ReceiptResult {
    std::vector<ReceiptFile> files;  ///< of the plain result, sorted by path
    Hash256 deterministic_digest;
    std::string sealing;  ///< "age", "rsa" or "none"
    std::string cid;
    Hash256 ciphertext_sha256;
};

struct Receipt {
    bool simulated;  ///< "tee": "simulated" or "tdx"; a claim, the verifier decides by the chain
    std::uint64_t chain_id;
    eth::Address hub;
    ReceiptDeal deal;
    Hash256 task;
    std::uint32_t task_index;
    ReceiptOrders orders;
    std::string image_reference;
    Hash256 image_digest;     ///< SHA-256 of the image manifest
    Hash256 manifest_digest;  ///< SHA-256 of the app manifest label bytes
    std::vector<ReceiptDataset> datasets;
    Hash256 params_sha256;
    ReceiptResult result;
    std::uint8_t exit_code;  ///< of the app; 128 + n when signal n ended it
    Evidence evidence;
    EventLog event_log;
    Collateral collateral;
    std::array<std::uint8_t, 32> nonce;
    std::array<std::uint8_t, 32> hpke_public_key;
    eth::Address enclave;
    Decision decision;
    UnixSeconds started_at;
    UnixSeconds finished_at;
};

struct SignedReceipt {
    Receipt receipt;
    crypto::Signature65 signature;
};

/// EIP-712 digest of Receipt(bytes32 bodySha256) in {name:"iapp-receipt",version:"1",chainId,verifyingContract hub}, where
/// bodySha256 is over the canonical JSON without "signature". The enclave key signs this.
/// Errors: invalid_input "attest.receipt_format" (a text that is not UTF-8, an integer above 2^53 - 1).
Result<Hash256> receipt_digest(const Receipt& receipt);

/// Canonical JSON (RFC 8785): sorted members, no white space, integers only. Errors: as receipt_digest().
Result<std::string> encode_receipt(const SignedReceipt& receipt);

/// Accepts exactly what encode_receipt() writes, at most kMaxReceiptBytes. Errors: invalid_input "attest.receipt_format".
Result<SignedReceipt> parse_receipt(std::string_view json);

}  // namespace iapp::attest
