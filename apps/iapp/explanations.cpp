#include "explanations.hpp"

#include <algorithm>
#include <array>

#include "attest/check.hpp"
#include "policy/check.hpp"
#include "poco/match.hpp"

namespace iapp::cli {
namespace {

struct Entry {
    std::string_view id, meaning, fix;
};

/// Ids that belong to no table of a room; a prefix with a dot at its end speaks for the whole family.
constexpr std::array kEntries{
    Entry{"agent.", "the agent inside the TEE could not carry out the task", "the message names the step; `iapp task` shows the history"},
    Entry{"app.", "the app itself failed inside its sandbox", "run it with the same input outside; its log goes only to its requester"},
    Entry{"audit.rewritten", "the key-release ledger was changed after this machine saw it", "stop trusting this secret service; keep both tree heads as proof"},
    Entry{"audit.root", "the ledger's leaves are not the ones its signed root covers", "ask again; if it stays, stop trusting this secret service"},
    Entry{"blobs.", "the content-addressed store answered something that does not match its name, or nothing", "try again; a wrong block is never accepted"},
    Entry{"cli.network", "no network document was found", "start a network with `iapp devnet up`, or pass --network FILE"},
    Entry{"devnet.ports", "the folder holds a network with other ports or another chain id", "use the same options, or another --dir"},
    Entry{"devnet.running", "another supervisor holds this folder", "use it, or stop it with `iapp devnet down`"},
    Entry{"devnet.start", "one of the network's programs did not answer", "its log is in the network's folder under logs/"},
    Entry{"grant.owner", "only the owner of a dataset can grant or revoke", "sign with the owner's wallet"},
    Entry{"grant.until", "the time limit was not understood", "write 2026-12-24T00:00:00Z, or 90s, 15m, 6h, 30d"},
    Entry{"hub.", "the PoCo contract refused or does not know this", "the message repeats what the contract says"},
    Entry{"keystore.password", "the password does not open this wallet", "check --password-file, or the keyboard"},
    Entry{"net.", "the network did not carry the request", "check that the service runs: `iapp doctor`"},
    Entry{"rpc.", "the chain node answered with an error", "the message repeats what the node says"},
    Entry{"run.no_app_order", "the app's developer offers it to nobody, or not to you", "ask for an order, or publish one with `iapp deploy`"},
    Entry{"run.no_grant", "the owner of a dataset does not let this app and you use it (any more)", "ask the owner for a grant"},
    Entry{"run.no_workerpool", "no workerpool offers this category", "choose another --category"},
    Entry{"run.price", "the task costs more than you allowed", "raise --max-price"},
    Entry{"scheduler.refused", "the scheduler refused the worker's request", "the message holds the scheduler's own id"},
    Entry{"seal.", "a sealed file is not what it should be: damaged, cut short, or sealed to another key", "fetch it again, or ask its owner"},
    Entry{"sms.exists", "a key can be stored once for each dataset and app", "protect the data again to get a new dataset"},
    Entry{"sms.refused", "the signature is not the owner's", "sign with the owner's wallet"},
    Entry{"task.claimed", "the task missed its final deadline; the price went back to the requester", "run it again"},
    Entry{"task.timeout", "nobody finished the task in time", "the price is refunded when the task is claimed, which the scheduler does by itself"},
    Entry{"wallet.mode", "a wallet file can be read by others", "chmod 600"},
    Entry{"wallet.password_missing", "there is no terminal to ask for the password", "pass --password-file FILE"},
    Entry{"wallet.unknown", "there is no wallet of this name", "`iapp wallet list` shows them"},
    Entry{"worker.agent_died", "the agent ended without an answer: killed, or the TEE went away", "the scheduler gives the task to a worker again"},
};

std::vector<Explanation> everything()
{
    std::vector<Explanation> all;
    for (const auto& check : attest::all_checks()) all.push_back({std::string(check.reason), std::string(check.explain), std::string(check.fix)});
    for (const auto& check : policy::all_checks()) all.push_back({std::string(check.reason), std::string(check.explain), std::string(check.fix)});
    for (const auto& entry : kEntries) all.push_back({std::string(entry.id), std::string(entry.meaning), std::string(entry.fix)});
    std::ranges::sort(all, {}, &Explanation::id);
    return all;
}

}  // namespace

std::vector<Explanation> explain(std::string_view text)
{
    if (const auto* reason = poco::find_reason(text)) return {{std::string(reason->id), std::string(reason->meaning), "the hub says " + std::string(reason->contract_reason)}};
    std::vector<Explanation> found;
    const auto all = everything();
    for (const auto& entry : all)
        if (entry.id == text) return {entry};
    for (const auto& entry : all)
        if (entry.id.starts_with(text) || (entry.id.ends_with('.') && text.starts_with(entry.id))) found.push_back(entry);
    return found;
}

}  // namespace iapp::cli
