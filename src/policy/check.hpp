#pragma once
// The checks of a key release, in the order in which they run: id, what each demands, what to do when it says no.
// Checks of evidence are attest/check.hpp's; a refusal for evidence carries its "attest.*" id.
#include <optional>
#include <span>
#include <string_view>

namespace iapp::policy {

enum class CheckId : unsigned char {
    // the request against the network and the chain
    chain,
    nonce,
    deal_unknown,
    task_mismatch,
    task_not_active,
    task_deadline,
    tag,
    requester,
    order_unknown,
    // the evidence (attest.*) comes here
    simulated_tee,
    agent_config,
    image_digest,
    manifest,
    // each dataset
    bulk,
    app,
    workerpool,
    revoked,
    expired,
    releases_exhausted,
    callback,
    // who reads the result
    params,
    secret_missing,
};

struct CheckInfo {
    CheckId id;
    std::string_view reason;   ///< "policy.revoked"
    std::string_view explain;  ///< one sentence: what the check demands
    std::string_view fix;      ///< one sentence: what the caller can do
};

const CheckInfo& info(CheckId id);
std::span<const CheckInfo> all_checks();
std::optional<CheckInfo> find_check(std::string_view reason);

}  // namespace iapp::policy
