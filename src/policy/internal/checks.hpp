#pragma once
// The single checks behind decide(): each answers a refusal or nothing. Private to the policy room.
#include "manifest/manifest.hpp"
#include "poco/params.hpp"
#include "policy/release.hpp"

namespace iapp::policy::internal {

using MaybeRefusal = std::optional<Refusal>;
using TaskCheck = MaybeRefusal (*)(const ReleaseFacts&);

Refusal refuse(CheckId id, std::string message);

MaybeRefusal check_chain(const ReleaseFacts& facts);
MaybeRefusal check_nonce(const ReleaseFacts& facts);
MaybeRefusal check_deal(const ReleaseFacts& facts);
MaybeRefusal check_task_identity(const ReleaseFacts& facts);
MaybeRefusal check_task_active(const ReleaseFacts& facts);
MaybeRefusal check_task_deadline(const ReleaseFacts& facts);
MaybeRefusal check_deal_tag(const ReleaseFacts& facts);
MaybeRefusal check_deal_requester(const ReleaseFacts& facts);
MaybeRefusal check_matched_orders(const ReleaseFacts& facts);

MaybeRefusal check_evidence(const ReleaseFacts& facts);
// The next four need evidence that check_evidence() accepted.
MaybeRefusal check_simulated(const ReleaseFacts& facts);
MaybeRefusal check_measured_run(const ReleaseFacts& facts);
MaybeRefusal check_agent_config(const ReleaseFacts& facts);
MaybeRefusal check_image_digest(const ReleaseFacts& facts);
MaybeRefusal check_bulk(const ReleaseFacts& facts);

/// All checks of one dataset, in order.
MaybeRefusal check_dataset(const ReleaseFacts& facts, const DatasetFacts& dataset);

// A callback's data is in a transaction: everybody reads it, for ever. To a key release it is a way out of the TEE.

/// A request for encryption that a callback would make void is refused, as is every one that cannot be honoured.
MaybeRefusal check_callback(const ReleaseFacts& facts, const poco::RequestParams& params);
/// Two people must have agreed: the app's developer, whose manifest says that the app gives data away, and the dataset's
/// owner, whose order names this very app. An order for any app, or for a group that others fill, says nothing about it.
MaybeRefusal check_dataset_callback(const ReleaseFacts& facts, const DatasetFacts& dataset,
                                    const manifest::AppManifest& app);

/// iexec_result_encryption asks for RSA; otherwise a beneficiary with an age recipient gets age; otherwise nobody.
MaybeRefusal choose_result_mode(const SecretFacts& secrets, bool rsa_wanted, ResultMode& mode);

}  // namespace iapp::policy::internal
