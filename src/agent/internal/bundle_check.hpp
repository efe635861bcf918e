#pragma once
// Is the opened release the answer to what we asked? Pure. The service is trusted with keys, not with changing the question.
#include "agent/internal/task.hpp"

namespace iapp::agent {

/// Errors: corrupt "agent.bundle_task", "agent.bundle_index", "agent.bundle_dataset", "agent.bundle_sealing",
/// "agent.bundle_decision".
Status check_bundle(const wire::ReleaseBundle& bundle, const poco::RequestParams& params, const Assignment& task,
                    const eth::Address& enclave);

}  // namespace iapp::agent
