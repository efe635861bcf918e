#include <algorithm>

#include "poco/internal/match_check.hpp"

namespace iapp::poco {
namespace internal {

const std::array<ReasonText, kCheckCount>& match_reasons()
{
    static constexpr std::array<ReasonText, kCheckCount> kReasons{{
        {"match.category", "iExecV5-matchOrders-0x00", "request and workerpool order name different categories"},
        {"match.category_unknown", "iExecV5-matchOrders-0x01", "the hub has no such category"},
        {"match.trust", "iExecV5-matchOrders-0x02", "the pool offers less trust than the request demands"},
        {"match.app_price", "iExecV5-matchOrders-0x03", "the app costs more than the request pays"},
        {"match.dataset_price", "iExecV5-matchOrders-0x04", "the dataset costs more than the request pays"},
        {"match.workerpool_price", "iExecV5-matchOrders-0x05", "the pool costs more than the request pays"},
        {"match.workerpool_tag", "iExecV5-matchOrders-0x06", "the pool lacks a capability the other orders ask for"},
        {"match.app_tag", "iExecV5-matchOrders-0x07", "the deal asks for a TEE, the app order does not"},
        {"match.app", "iExecV5-matchOrders-0x10", "the request names another app"},
        {"match.dataset", "iExecV5-matchOrders-0x11", "the request names another dataset"},
        {"match.request_workerpool", "iExecV5-matchOrders-0x12", "the request does not accept this pool"},
        {"match.app_dataset_restrict", "iExecV5-matchOrders-0x13", "the app order does not accept this dataset"},
        {"match.app_workerpool_restrict", "iExecV5-matchOrders-0x14", "the app order does not accept this pool"},
        {"match.app_requester_restrict", "iExecV5-matchOrders-0x15", "the app order does not accept this requester"},
        {"match.dataset_app_restrict", "iExecV5-matchOrders-0x16", "the dataset order does not accept this app"},
        {"match.dataset_workerpool_restrict", "iExecV5-matchOrders-0x17", "the dataset order does not accept this pool"},
        {"match.dataset_requester_restrict", "iExecV5-matchOrders-0x18", "the dataset order does not accept this requester"},
        {"match.workerpool_app_restrict", "iExecV5-matchOrders-0x19", "the workerpool order does not accept this app"},
        {"match.workerpool_dataset_restrict", "iExecV5-matchOrders-0x1a",
         "the workerpool order does not accept this dataset"},
        {"match.workerpool_requester_restrict", "iExecV5-matchOrders-0x1b",
         "the workerpool order does not accept this requester"},
        {"match.app_contract", "", "there is no contract at the app's address"},
        {"match.app_registered", "iExecV5-matchOrders-0x20", "the app is not in this hub's registry"},
        {"match.app_signature", "iExecV5-matchOrders-0x21", "the app order is not signed by the app's owner"},
        {"match.dataset_contract", "", "there is no contract at the dataset's address"},
        {"match.dataset_registered", "iExecV5-matchOrders-0x30", "the dataset is not in this hub's registry"},
        {"match.dataset_signature", "iExecV5-matchOrders-0x31", "the dataset order is not signed by the dataset's owner"},
        {"match.workerpool_contract", "", "there is no contract at the workerpool's address"},
        {"match.workerpool_registered", "iExecV5-matchOrders-0x40", "the workerpool is not in this hub's registry"},
        {"match.workerpool_signature", "iExecV5-matchOrders-0x41", "the workerpool order is not signed by the pool's owner"},
        {"match.request_signature", "iExecV5-matchOrders-0x50", "the request order is not signed by the requester"},
        {"match.volume", "iExecV5-matchOrders-0x60", "one of the orders is used up or was cancelled"},
        {"match.payer", "IexecEscrow: Transfer from empty address", "nobody is named to pay"},
        {"match.payer_stake", "IexecEscrow: Transfer amount exceeds balance", "the payer's account does not hold the price"},
        {"match.pool_stake", "IexecEscrow: Transfer amount exceeds balance",
         "the pool owner's account does not hold the stake"},
    }};
    return kReasons;
}

}  // namespace internal

const ReasonText* find_reason(std::string_view contract_reason)
{
    // A signature of an impossible length reverts before the order-specific reason; which order it was, the revert does not
    // say.
    static constexpr ReasonText kMalformed{
        "match.signature_format", "invalid-signature-format",
        "a signature is neither 65 nor 64 bytes long (often: an order that was never signed)"};
    if (contract_reason.empty()) return nullptr;
    static constexpr ReasonText kOverflow{"match.overflow", "panic 0x11 (arithmetic overflow)",
                                          "the prices times the volume exceed 256 bits"};
    if (contract_reason == kMalformed.contract_reason) return &kMalformed;
    if (contract_reason == kOverflow.contract_reason) return &kOverflow;
    const auto found = std::ranges::find(internal::match_reasons(), contract_reason, &ReasonText::contract_reason);
    return found == internal::match_reasons().end() ? nullptr : found;
}

}  // namespace iapp::poco
