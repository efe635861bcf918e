#include "receipt_check.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "crypto/hash.hpp"

namespace iapp::cli {
namespace {

constexpr int kRefusedExitCode = 6;

void require(Judgement& judgement, std::string_view id, bool ok, std::string detail)
{
    attest::ReceiptReport& report = judgement.report;
    if (report.error) return;
    judgement.checks.push_back({id, ok, detail});
    if (ok) return;
    report.level = attest::ReceiptLevel::refused;
    report.error = Error{ErrorKind::permission_denied, id, std::move(detail)};
}

Hash256 sha256_of(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    crypto::Sha256 hash;
    Bytes piece(std::size_t{64} << 10);
    do {
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        hash.update(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
    } while (in.gcount() > 0);
    return hash.finish();
}

/// What is wrong with a file; empty when it is the one of the receipt.
std::string difference(const std::filesystem::path& path, const attest::ReceiptFile& wanted)
{
    if (!std::filesystem::is_regular_file(path)) return "is missing";
    if (std::filesystem::file_size(path) != wanted.size)
        return "has " + std::to_string(std::filesystem::file_size(path)) + " bytes, the receipt says " +
               std::to_string(wanted.size);
    const Hash256 seen = sha256_of(path);
    return seen == wanted.sha256 ? ""
                                 : "has sha256 " + hex(seen.bytes()) + ", the receipt says " + hex(wanted.sha256.bytes());
}

std::vector<std::string> files_below(const std::filesystem::path& folder)
{
    std::vector<std::string> files;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none))
        if (entry.is_regular_file(none)) files.push_back(std::filesystem::relative(entry.path(), folder).string());
    std::ranges::sort(files);
    return files;
}

void describe_run(const attest::Receipt& receipt, Answer& answer)
{
    answer.document["task"] = receipt.task.hex();
    answer.document["deal"] = receipt.deal.id.hex();
    answer.document["app"] = eth::to_checksum(receipt.deal.app);
    answer.document["image"] = receipt.image_digest.hex();
    answer.document["resultDigest"] = receipt.result.deterministic_digest.hex();
    answer.document["sealing"] = receipt.result.sealing;
    answer.document["appExitCode"] = receipt.exit_code;
    answer.text += "task      " + receipt.task.hex() + "\ndeal      " + receipt.deal.id.hex() + "\napp       " +
                   eth::to_checksum(receipt.deal.app) + "  exit " + std::to_string(receipt.exit_code) +
                   "\nimage     sha256:" + hex(receipt.image_digest.bytes()) + "\n";
    for (const auto& dataset : receipt.datasets)
        answer.text +=
            "data      " + eth::to_checksum(dataset.address) +
            (dataset.refused ? "  refused: " + *dataset.refused : "  released, checksum " + dataset.checksum.hex()) + "\n";
    for (const auto& file : receipt.result.files)
        answer.text += "result    " + file.path + "  " + std::to_string(file.size) + " bytes  sha256 " +
                       hex(file.sha256.bytes()) + "\n";
    answer.text += "sealed    " + receipt.result.sealing +
                   (receipt.result.cid.empty() ? "" : "  /ipfs/" + receipt.result.cid) + "\nledger    leaf " +
                   std::to_string(receipt.decision.index) + " of " + std::to_string(receipt.decision.tree_head.size) + "\n";
}

boost::json::object check_json(std::string_view id, bool passed, const std::string& detail)
{
    return {{"id", id}, {"outcome", passed ? "passed" : "failed"}, {"detail", detail}};
}

boost::json::array checks_json(const Judgement& judgement)
{
    boost::json::array checks;
    for (const auto& check : judgement.report.checks)
        checks.push_back(check_json(attest::info(check.id).reason, check.outcome == attest::Outcome::passed, check.detail));
    for (const auto& check : judgement.checks) checks.push_back(check_json(check.id, check.passed, check.detail));
    return checks;
}

}  // namespace

Result<Judgement> judge_receipt(const wire::Network& network, const std::string& receipt, UnixSeconds now)
{
    TRY(const auto trust, wire::get_trust(network));
    TRY(const auto anchor, attest::TrustAnchor::from_pem(trust.root_certificate));
    attest::AppraisalPolicy policy;
    for (const auto& mr_td : trust.agent_measurements) policy.accepted.push_back(attest::tdx_reference(mr_td));
    policy.dangerous_allow_simulated = trust.dangerous_allow_simulated_tee;
    Judgement judgement{attest::verify_receipt(receipt, {{anchor}, trust.ledger_signer, std::move(policy)}, now)};
    if (const auto& read = judgement.report.receipt)
        require(judgement, "receipt.network", read->chain_id == network.chain_id && read->hub == network.contracts.hub,
                "chain " + std::to_string(read->chain_id) + ", hub " + eth::to_checksum(read->hub));
    return judgement;
}

void require_task(Judgement& judgement, const Hash256& task)
{
    if (const auto& receipt = judgement.report.receipt)
        require(judgement, "receipt.task", receipt->task == task, "the receipt is of task " + receipt->task.hex());
}

void require_deal(Judgement& judgement, const poco::Deal& deal)
{
    const auto& receipt = judgement.report.receipt;
    if (!receipt) return;
    const attest::ReceiptDeal& told = receipt->deal;
    const bool parties = told.app == deal.app.pointer && told.workerpool == deal.workerpool.pointer &&
                         told.requester == deal.requester && told.beneficiary == deal.beneficiary &&
                         told.callback == deal.callback && told.tag == Hash256(deal.tag.bytes());
    require(judgement, "receipt.deal", parties && receipt->params_sha256 == crypto::sha256(as_bytes(deal.params)),
            "app, parties and params of the receipt, compared with the deal on chain");
}

void require_dataset(Judgement& judgement, const eth::Address& dataset, const Hash256& checksum)
{
    const auto& receipt = judgement.report.receipt;
    if (!receipt) return;
    for (const auto& used : receipt->datasets)
        if (used.address == dataset && !used.refused)
            require(judgement, "receipt.dataset", used.checksum == checksum,
                    eth::to_checksum(dataset) + " is registered with checksum " + checksum.hex());
}

void require_digest(Judgement& judgement, const Hash256& on_chain)
{
    if (const auto& receipt = judgement.report.receipt)
        require(judgement, "receipt.digest", receipt->result.deterministic_digest == on_chain,
                "the chain recorded result " + on_chain.hex());
}

void require_stored(Judgement& judgement, const Hash256& sha256)
{
    if (const auto& receipt = judgement.report.receipt)
        require(judgement, "receipt.stored", receipt->result.ciphertext_sha256 == sha256,
                "the stored result has sha256 " + hex(sha256.bytes()));
}

void require_files(Judgement& judgement, const std::filesystem::path& folder)
{
    if (!judgement.report.receipt) return;
    std::set<std::string> covered{"receipt.json"};
    for (const auto& file : judgement.report.receipt->result.files) {
        const std::string wrong = difference(folder / file.path, file);
        require(judgement, "receipt.file", wrong.empty(), file.path + (wrong.empty() ? "" : " " + wrong));
        covered.insert(file.path);
    }
    std::ranges::copy_if(files_below(folder), std::back_inserter(judgement.uncovered),
                         [&](const auto& file) { return !covered.contains(file); });
}

Answer describe(const Judgement& judgement)
{
    const attest::ReceiptReport& report = judgement.report;
    Answer answer;
    answer.document["level"] = attest::name(report.level);
    answer.text = std::string(attest::name(report.level)) + "\n";
    if (report.level == attest::ReceiptLevel::simulated)
        answer.text += "          no hardware stands behind this receipt; it proves the software path only\n";
    if (report.error) {
        answer.document["error"] = {{"id", report.error->reason}, {"message", report.error->detail}};
        answer.text += "refused   " + std::string(report.error->reason) + ": " + report.error->detail +
                       "\nsee       iapp explain " + std::string(report.error->reason) + "\n";
        answer.exit_code = kRefusedExitCode;
    }
    if (report.receipt && !report.error) describe_run(*report.receipt, answer);
    for (const auto& file : judgement.uncovered) answer.text += "beside    " + file + "  not covered by the receipt\n";
    answer.document["checks"] = checks_json(judgement);
    const std::size_t ran = report.checks.size() + judgement.checks.size();
    answer.text += "checks    " + std::to_string(ran) + (report.error ? " ran, the last one failed\n" : " passed\n");
    return answer;
}

}  // namespace iapp::cli
