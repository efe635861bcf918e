#pragma once
// What the command line tells the secret service: secrets and grant limits, each signed. No value is ever read back.
#include "session.hpp"
#include "wire/sms_api.hpp"

namespace iapp::cli {

/// Stores the key of a dataset we own. Errors: conflict "sms.exists"; unauthenticated "sms.refused".
Status push_dataset_key(const Session& session, const eth::Address& dataset, const crypto::SecretBytes& base64_key);

/// Stores or replaces a named secret of ours.
Status push_own_secret(const Session& session, std::string_view name, const std::string& value);

Status push_app_secret(const Session& session, const eth::Address& app, const std::string& value);

/// A value lent to apps we run; kept once. Errors: invalid_input "secret.name"; conflict "sms.exists".
Status push_requester_secret(const Session& session, const std::string& key, const std::string& value);
Result<bool> has_requester_secret(const Session& session, const std::string& key);

Result<bool> has_own_secret(const Session& session, const eth::Address& owner, std::string_view name);

Status send_grant_policy(const Session& session, const wire::GrantPolicy& policy);
Status send_revocation(const Session& session, const wire::RevokeGrant& revocation);

}  // namespace iapp::cli
