#pragma once
// Scheduler <-> worker: the signed Authorization header and the bodies of /v1/worker/*.
// Every request is EIP-712 signed by the worker, bound to method, path and body, and expires.
// Format: docs/formats/worker-api.md.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/fixed_bytes.hpp"
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"
#include "poco/ids.hpp"

namespace iapp::wire {

inline constexpr std::string_view kLeasePath = "/v1/worker/lease";
inline constexpr std::string_view kRenewPath = "/v1/worker/lease/renew";
inline constexpr std::string_view kAuthorizePath = "/v1/worker/authorize";
inline constexpr std::string_view kReportPath = "/v1/worker/report";
inline constexpr std::chrono::seconds kMaxWorkerRequestLife{300};  ///< expiresAt further away is refused

using WorkerNonce = FixedBytes<32, struct WorkerNonceTag>;

/// What the worker signs: EIP-712 WorkerRequest(string method,string path,bytes32 bodyHash,address worker,
/// uint64 expiresAt,bytes32 nonce) in domain {name:"iapp-scheduler", version:"1", chainId}.
struct WorkerRequest {
    std::string method;  ///< upper case
    std::string path;
    Hash256 body_hash;  ///< keccak256(body)
    eth::Address worker;
    std::uint64_t expires_at;  ///< unix seconds
    WorkerNonce nonce;
};
Hash256 signing_digest(const WorkerRequest& request, std::uint64_t chain_id);

/// `Authorization: IAPP worker=0x..,expires=<s>,nonce=0x..,signature=0x..`
struct WorkerAuth {
    eth::Address worker;
    std::uint64_t expires_at;
    WorkerNonce nonce;
    crypto::Signature65 signature;
};
std::string encode(const WorkerAuth& auth);
/// Accepts exactly what encode() writes. Errors: unauthenticated "worker_auth.scheme", "worker_auth.field".
Result<WorkerAuth> parse_worker_auth(std::string_view header);

/// Checks the header against the request as received: expiry, then that the named worker signed it.
/// The caller still refuses a nonce it has seen before, and a worker it does not know.
/// Errors: unauthenticated "worker_auth.expired", "worker_auth.too_long", "worker_auth.signature".
Status verify_worker_auth(const WorkerAuth& auth, std::string_view method, std::string_view path, ByteView body,
                          std::uint64_t chain_id, UnixSeconds now);

struct Lease {
    poco::TaskId task;
    poco::DealId deal;
    std::uint64_t index;
    std::string lease_id;
    UnixSeconds lease_expires_at;
    UnixSeconds contribution_deadline;
    std::uint64_t category_seconds;
    Hash256 tag;
    std::string image;         ///< reference to pull
    std::string image_digest;  ///< "sha256:<64 hex>"
    std::string sms_url;
};
std::string encode(const Lease& lease);
/// Errors of all parsers below: invalid_input, those of codec/json.hpp.
Result<Lease> parse_lease(std::string_view json);

struct RenewRequest {
    std::string lease_id;
};
struct RenewReply {
    UnixSeconds lease_expires_at;
};
std::string encode(const RenewRequest& request);
std::string encode(const RenewReply& reply);
Result<RenewRequest> parse_renew_request(std::string_view json);
Result<RenewReply> parse_renew_reply(std::string_view json);

struct AuthorizeRequest {
    std::string lease_id;
    eth::Address enclave_address;
};
struct AuthorizeReply {
    crypto::Signature65 signature;  ///< pool owner, EIP-191 over keccak(worker || task || enclave address)
};
std::string encode(const AuthorizeRequest& request);
std::string encode(const AuthorizeReply& reply);
Result<AuthorizeRequest> parse_authorize_request(std::string_view json);
Result<AuthorizeReply> parse_authorize_reply(std::string_view json);

enum class ReportStatus : unsigned char { computed, contributed, failed };
std::string_view name(ReportStatus status);  ///< "COMPUTED", "CONTRIBUTED", "FAILED"

inline constexpr std::size_t kMaxLogCharacters = 100'000;             ///< kept of each stream: the last ones
inline constexpr std::size_t kMaxReportBytes = std::size_t{2} << 20;  ///< of two streams, as JSON may write them

/// What a worker tells the requester of a task about its run. For nobody else, and never what protected data says.
struct RunLog {
    std::string out, err;                        ///< UTF-8, at most kMaxLogCharacters each
    std::optional<std::uint8_t> exit_code = {};  ///< of the app, when everybody can read it in the receipt
};

struct Report {
    std::string lease_id;
    ReportStatus status;
    std::optional<std::string> reason;  ///< stable id when failed
    std::optional<std::string> detail;
    std::optional<Hash256> tx_hash;  ///< when contributed
    std::optional<RunLog> log = {};
};
std::string encode(const Report& report);
Result<Report> parse_report(std::string_view json);

}  // namespace iapp::wire
