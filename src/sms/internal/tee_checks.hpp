#pragma once
// What workers and schedulers of iExec's stack must show before they hear anything about a task: its checks in its order,
// with its codes. Pure. What a session could still hand out afterwards is decided here, too: nothing.
#include <optional>
#include <string_view>

#include "sms/chain_facts.hpp"
#include "wire/workerpool_authorization.hpp"

namespace iapp::sms::internal {

/// The checks of the task and of the pool owner's signature; nothing when all pass. The code of the first that fails.
std::optional<std::string_view> task_refusal(const TaskStanding& standing, bool is_signed_by_owner);

/// Why no session is made for a request that is authorised. A session would carry secrets in clear to whoever asks: here
/// they leave only for an attested agent (/v1/agent/release), and no private key of an enclave exists outside of it.
/// `attested`: this service has verified the enclave that the authorization names.
std::string_view session_refusal(const wire::WorkerpoolAuthorization& authorization, bool attested);

}  // namespace iapp::sms::internal
