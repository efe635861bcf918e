#pragma once
// Agent <-> secret service: nonce, release request, sealed reply and the bundle inside it. Both ends share these.
// Requests are foreign bytes to the service and replies to the agent: both parse strictly, unknown members refused.
// Format: docs/formats/key-release.md.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "attest/check.hpp"
#include "attest/event_log.hpp"
#include "attest/evidence.hpp"
#include "attest/intel_collateral.hpp"
#include "attest/ledger.hpp"
#include "base/clock.hpp"
#include "base/fixed_bytes.hpp"
#include "crypto/hpke.hpp"
#include "crypto/secret.hpp"
#include "eth/address.hpp"
#include "poco/deal.hpp"

namespace iapp::wire {

inline constexpr std::string_view kNoncePath = "/v1/agent/nonce";
inline constexpr std::string_view kReleasePath = "/v1/agent/release";
inline constexpr std::string_view kReleaseRequestSchema = "iapp-release-request/1";
inline constexpr std::string_view kReleaseSchema = "iapp-release/1";
inline constexpr std::string_view kKeyReleaseInfo = "iapp/key-release/1";  ///< HPKE info prefix; the task id follows
inline constexpr std::size_t kMaxReleaseRequestBytes = 256 * 1024;

using ReleaseNonce = FixedBytes<32, struct ReleaseNonceTag>;

struct NonceRequest {
    poco::TaskId task;
};
struct NonceReply {
    ReleaseNonce nonce;
    UnixSeconds expires_at;
};

std::string encode(const NonceRequest& request);
std::string encode(const NonceReply& reply);
/// Errors of all parsers below: invalid_input "release.schema", those of codec/json.hpp and of the attest parsers.
Result<NonceRequest> parse_nonce_request(std::string_view json);
Result<NonceReply> parse_nonce_reply(std::string_view json);

struct ReleaseRequest {
    std::uint64_t chain_id;
    eth::Address hub;
    poco::DealId deal;
    poco::TaskId task;
    std::uint64_t index;
    eth::Address worker;
    ReleaseNonce nonce;
    crypto::HpkePublicKey hpke_public_key;
    eth::Address enclave_address;
    attest::Evidence evidence;
    attest::EventLog event_log;
};

/// The bytes encode() returns are the request body; their SHA-256 is the AAD of the sealed reply.
std::string encode(const ReleaseRequest& request);
Result<ReleaseRequest> parse_release_request(std::string_view json);

/// HPKE info of the reply: "iapp/key-release/1" || taskId.
Bytes key_release_info(const poco::TaskId& task);

/// HPKE's base mode says nothing about the sender, and whoever sits between agent and service could seal as well. The
/// ledger key's signature says who did; its address is measured with the agent's configuration.
struct SealedReply {
    Bytes enc;
    Bytes ciphertext;
    crypto::Signature65 signature;  ///< of the ledger key over reply_digest()
};

/// EIP-712 digest of KeyRelease(bytes32 request,bytes32 enc,bytes32 ciphertext), domain
/// {name:"iapp-sms",version:"1",chainId, verifyingContract hub}: SHA-256 of the request body as sent, of enc, and of the
/// ciphertext.
Hash256 reply_digest(std::uint64_t chain_id, const eth::Address& hub, std::string_view request_body, ByteView enc,
                     ByteView ciphertext);

std::string encode(const SealedReply& reply);
Result<SealedReply> parse_sealed_reply(std::string_view json);

struct ReleasedDataset {
    std::uint64_t position;  ///< 0 = the deal's own dataset; 1.. = bulk
    eth::Address address;
    std::string name;         ///< on-chain name; may be empty
    std::string url;          ///< "/ipfs/Qm..." or what the chain stores
    Hash256 checksum;         ///< SHA-256 of the encrypted file
    crypto::SecretBytes key;  ///< the stored secret text decoded from base64: 32 bytes
};
struct RefusedDataset {
    std::uint64_t position;
    eth::Address address;
    std::string id;
    std::string message;
};
using BundleDataset = std::variant<ReleasedDataset, RefusedDataset>;

struct SealToAge {
    std::string recipient;  ///< "age1..."
};
struct SealToRsa {
    std::string public_key_pem;
};
struct SealToNobody {};
using ResultMode = std::variant<SealToNobody, SealToAge, SealToRsa>;

struct OrderHashes {
    Hash256 app;
    Hash256 dataset;  ///< zero = none
    Hash256 workerpool;
    Hash256 request;
};

/// The plaintext of a sealed reply. Move-only: it carries keys.
struct ReleaseBundle {
    poco::Deal deal;
    std::chrono::seconds category_time;  ///< of the deal's category
    poco::TaskId task;
    std::uint64_t index;
    std::vector<BundleDataset> datasets;
    std::optional<crypto::SecretBytes> app_secret;
    std::map<std::uint64_t, crypto::SecretBytes> requester_secrets;  ///< IEXEC_REQUESTER_SECRET_<n>
    ResultMode result;
    attest::Decision decision;  ///< verifiable offline: leaf, inclusion, signed head
    OrderHashes orders;
    attest::Collateral collateral;              ///< what the verifier used
    std::vector<attest::CheckOutcome> verdict;  ///< what it checked, in order
};

crypto::SecretBytes encode(const ReleaseBundle& bundle);
Result<ReleaseBundle> parse_release_bundle(ByteView json);

}  // namespace iapp::wire
