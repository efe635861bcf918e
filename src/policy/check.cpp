#include "policy/check.hpp"

#include <algorithm>
#include <array>

namespace iapp::policy {
namespace {

constexpr std::array kChecks{
    CheckInfo{CheckId::chain, "policy.chain",
              "the request names the chain and hub this service serves, and every node it asks tells the same story",
              "check chain id and hub of the network document, and that the RPC nodes are healthy and agree"},
    CheckInfo{CheckId::nonce, "policy.nonce",
              "the nonce was issued here for this task, has not been used and has not expired",
              "ask for a fresh nonce and make new evidence over it"},
    CheckInfo{CheckId::deal_unknown, "policy.deal_unknown", "the deal exists on chain", "check the deal id and the chain"},
    CheckInfo{CheckId::task_mismatch, "policy.task_mismatch",
              "the task is the one its deal and index give, on chain and in the measured log",
              "ask for the task that was initialized for this deal"},
    CheckInfo{CheckId::task_not_active, "policy.task_not_active", "the task is initialized and not finished",
              "initialize the task, or stop working on it when it is over"},
    CheckInfo{CheckId::task_deadline, "policy.task_deadline", "the contribution deadline has not passed",
              "claim the task and run the request again"},
    CheckInfo{CheckId::tag, "policy.tag",
              "the deal asks for a TEE, and neither it nor the dataset order for another than TDX",
              "make orders whose tag is tee,tdx"},
    CheckInfo{CheckId::requester, "policy.requester", "the deal has a requester and the dataset order admits it",
              "ask the dataset owner for an order that admits this requester"},
    CheckInfo{CheckId::order_unknown, "policy.order_unknown",
              "the orders behind the deal are known and the dataset order is signed by the current owner",
              "match orders in a plain matchOrders transaction; after a change of owner ask the new one for an order"},
    CheckInfo{CheckId::simulated_tee, "policy.simulated_tee",
              "the evidence comes from hardware unless the operator says otherwise",
              "run the worker on TDX hardware; only a development network accepts a simulated TEE"},
    CheckInfo{CheckId::agent_config, "policy.agent_config",
              "the agent was told, in its measured configuration, to believe releases of this service only",
              "start the agent with the ledger signer of the network document"},
    CheckInfo{CheckId::image_digest, "policy.image_digest",
              "the measured image is the one whose digest the app registered on chain",
              "run the image by the digest of the app's checksum"},
    CheckInfo{CheckId::manifest, "policy.manifest", "the image's manifest label can be read",
              "fix the label network.iapp.manifest"},
    CheckInfo{CheckId::bulk, "policy.bulk", "the bulk list and its slice for this task are what their content ids say",
              "upload the bulk list again and check that the gateway serves it"},
    CheckInfo{CheckId::app, "policy.app", "the dataset order admits the app",
              "ask the dataset owner for an order that admits this app"},
    CheckInfo{CheckId::workerpool, "policy.workerpool", "the dataset order admits the workerpool",
              "ask the dataset owner for an order that admits this workerpool"},
    CheckInfo{CheckId::revoked, "policy.revoked", "the dataset owner has not revoked the order, here or on chain",
              "ask the dataset owner for a new order"},
    CheckInfo{CheckId::expired, "policy.expired", "the owner's policy has not ended",
              "ask the dataset owner to extend the policy"},
    CheckInfo{CheckId::releases_exhausted, "policy.releases_exhausted", "the owner's policy allows one more release",
              "ask the dataset owner to allow more releases"},
    CheckInfo{
        CheckId::callback, "policy.callback",
        "what a callback makes public was agreed to: no encryption was asked for, and protected data meets it only in an "
        "app whose manifest says so and whom the data's owner named itself",
        "run without a callback; or set callback in the app's manifest and ask the dataset owner for an order for "
        "exactly this app"},
    CheckInfo{CheckId::params, "policy.params",
              "params that ask for an encrypted result are understood as a whole: a deal never loses its encryption to a "
              "typing error",
              "sign a request whose params are valid; `iapp run` and the npm client check them"},
    CheckInfo{CheckId::secret_missing, "policy.secret_missing",
              "every key and secret the task needs is stored and well-formed",
              "push the missing secret to the secret service"},
};

}  // namespace

const CheckInfo& info(CheckId id) { return kChecks.at(static_cast<std::size_t>(id)); }

std::span<const CheckInfo> all_checks() { return kChecks; }

std::optional<CheckInfo> find_check(std::string_view reason)
{
    const auto found = std::ranges::find(kChecks, reason, &CheckInfo::reason);
    if (found == kChecks.end()) return std::nullopt;
    return *found;
}

}  // namespace iapp::policy
