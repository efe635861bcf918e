#include "sms/internal/tee_checks.hpp"

namespace iapp::sms::internal {
namespace {

/// One framework by name, or any: what then may run is for the release policy to judge.
bool asks_for_tee(const poco::Tag& tag)
{
    const bool is_open = (tag & poco::framework_bits()).is_zero();
    return poco::has(tag, poco::TagBit::tee) && (is_open || poco::framework(tag) != poco::Framework::none);
}

}  // namespace

std::optional<std::string_view> task_refusal(const TaskStanding& standing, bool is_signed_by_owner)
{
    if (!standing.task.exists()) return "EXECUTION_NOT_AUTHORIZED_GET_CHAIN_TASK_FAILED";
    if (standing.task.status != poco::TaskStatus::active) return "EXECUTION_NOT_AUTHORIZED_TASK_NOT_ACTIVE";
    if (!standing.deal.exists()) return "EXECUTION_NOT_AUTHORIZED_GET_CHAIN_DEAL_FAILED";
    if (!asks_for_tee(standing.deal.tag)) return "EXECUTION_NOT_AUTHORIZED_NO_MATCH_ONCHAIN_TYPE";
    if (!is_signed_by_owner) return "EXECUTION_NOT_AUTHORIZED_INVALID_SIGNATURE";
    return std::nullopt;
}

std::string_view session_refusal(const wire::WorkerpoolAuthorization& authorization, bool attested)
{
    if (!authorization.enclave || authorization.enclave->is_zero())
        return "GET_SIGNATURE_TOKENS_FAILED_EMPTY_PUBLIC_ENCLAVE_CHALLENGE";
    if (!attested) return "GET_SIGNATURE_TOKENS_FAILED_EMPTY_TEE_CHALLENGE";
    return "GET_SIGNATURE_TOKENS_FAILED_EMPTY_TEE_CREDENTIALS";
}

}  // namespace iapp::sms::internal
