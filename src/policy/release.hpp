#pragma once
// The key-release decision: facts in, Release or Refusal out. The one place that says whether keys may leave.
// Pure: no I/O, no clock, no secret values. The caller gathers the facts and acts on the decision. docs/key-release.md
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "attest/run.hpp"
#include "poco/deal.hpp"
#include "poco/match.hpp"
#include "poco/order.hpp"
#include "policy/check.hpp"

namespace iapp::policy {

/// What this service serves and tolerates.
struct OperatorPolicy {
    std::uint64_t chain_id;
    eth::Address hub;
    bool dangerous_allow_simulated_tee = false;
    eth::Address ledger_signer = eth::Address::zero();  ///< signs what is released; zero: nothing is
};

/// What the agent says it is. Believed only where evidence or chain repeat it.
struct RequestFacts {
    std::uint64_t chain_id;
    eth::Address hub;
    poco::DealId deal;
    poco::TaskId task;
    std::uint64_t index;
};

enum class NonceState : unsigned char { unknown, used, expired, open };

/// Hashes of the OrdersMatched event that made the deal.
struct MatchedOrders {
    Hash256 app;
    Hash256 dataset;  ///< zero = none
    Hash256 workerpool;
    Hash256 request;
};

/// What the chain says, read at one block.
struct ChainView {
    std::optional<std::string> disagreement;  ///< set: two nodes differ, or one is unsure; nothing else here counts
    poco::Deal deal;                          ///< ask exists()
    poco::Task task;                          ///< ask exists()
    std::optional<MatchedOrders> matched;     ///< absent: no such event was seen
    Hash256 app_checksum = Hash256::zero();
};

/// No evidence that was accepted. The default, because absent is not valid.
struct NotAttested {
    std::string_view reason = "attest.evidence_kind";  ///< static storage
    std::string detail = "no evidence was appraised";
};
struct Attested {
    bool simulated;
    attest::RunIdentity run;
};
using AttestationFacts = std::variant<NotAttested, Attested>;

AttestationFacts attestation_facts(const Result<attest::RunAttestation>& result);

/// The owner's GrantPolicy for the order.
struct OwnerPolicy {
    std::uint64_t not_after;  ///< unix seconds
    std::uint64_t max_releases;
    std::uint64_t issued_at;
};

/// One dataset the task wants, and everything known about the permission for it.
struct DatasetFacts {
    std::uint64_t position = 0;  ///< 0 = the deal's own, 1.. = bulk
    eth::Address address = eth::Address::zero();
    std::optional<poco::DatasetOrder> order;                       ///< absent: its body was not found
    Hash256 order_hash = Hash256::zero();                          ///< of `order`, computed here
    poco::SignatureFact signature = poco::SignatureFact::invalid;  ///< by the dataset's owner of now
    std::set<std::pair<eth::Address, eth::Address>> members;       ///< group answers, as poco::satisfies takes them
    std::optional<std::string> incompatible;                       ///< bulk: why the hub or the bulk rules refuse the order
    bool closed_on_chain = false;
    bool revoked_here = false;
    std::optional<OwnerPolicy> policy;  ///< absent: the order's own terms are all the owner said
    std::uint64_t releases = 0;         ///< under this order before this decision
    bool has_key = false;               ///< a well-formed key is stored
};

struct SecretFacts {
    bool app_secret = false;
    std::set<std::string> requester_secrets;      ///< names stored for the requester, of those the params ask for
    std::optional<std::string> result_key;        ///< beneficiary's iexec-result-encryption-public-key, as stored
    std::optional<std::string> result_recipient;  ///< beneficiary's iapp-result-recipient, as stored
};

struct ReleaseFacts {
    OperatorPolicy operator_policy;
    RequestFacts request;
    NonceState nonce = NonceState::unknown;
    ChainView chain{};
    UnixSeconds now{};  ///< chain time
    AttestationFacts attestation{};
    std::optional<eth::Address> agent_believes{};  ///< the ledger signer its measured configuration names; absent: none
    std::optional<std::string> bulk_failure{};     ///< set: the bulk list or slice could not be had
    std::vector<DatasetFacts> datasets{};          ///< the deal's own, or the slice of the task
    SecretFacts secrets{};
};

struct Refusal {
    std::string_view id;  ///< "policy.*" or "attest.*"; static storage
    std::string message;
    std::string fix;
};

struct DatasetDecision {
    std::uint64_t position;
    eth::Address address;
    std::optional<Refusal> refusal;  ///< absent: its key is released
};

struct SealToNobody {};
struct SealToAge {
    std::string recipient;
};
struct SealToRsa {
    std::string public_key_pem;
};
using ResultMode = std::variant<SealToNobody, SealToAge, SealToRsa>;

struct Release {
    std::vector<DatasetDecision> datasets;
    bool app_secret;
    std::map<std::uint32_t, std::string> requester_secrets;  ///< position -> name; all of them are stored
    ResultMode result;
};

using Decision = std::variant<Release, Refusal>;

/// Runs the checks in the order of check.hpp; the first that fails is the refusal. In bulk, and unless the app's manifest
/// demands all datasets, a check of one dataset refuses that dataset only.
Decision decide(const ReleaseFacts& facts);

}  // namespace iapp::policy
