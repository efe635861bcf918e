#include "outcome.hpp"

#include "codec/zip.hpp"
#include "identity.hpp"
#include "seal/result.hpp"

namespace iapp::cli {
namespace {

constexpr std::uint64_t kMaxResultBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

Result<poco::ResultLink> link_of(const Session& session, const poco::TaskId& id, const poco::Task& task)
{
    if (task.status != poco::TaskStatus::completed)
        return fail(ErrorKind::precondition_failed, "result.not_ready", "task " + id.hex() + " is " + std::string(poco::name(task.status)) + "; `iapp task` shows why");
    TRY(auto link, poco::parse_result_link(as_text(task.results)));
    if (link.storage == "ipfs") return link;
    return fail(ErrorKind::precondition_failed, "result.storage", "the result is stored on " + link.storage + "; `iapp` on network " + session.network.name + " reads ipfs");
}

bool is_age(ByteView bytes) { return as_text(bytes).starts_with("age-encryption.org/v1\n"); }

Result<Bytes> opened(Bytes sealed, const eth::Address& beneficiary)
{
    if (!is_age(sealed)) return sealed;
    TRY(const auto identity, identity_of(beneficiary, false));
    Bytes clear;
    TRY_OK(seal::open_age(codec::byte_source(sealed), identity, codec::append_to(clear, kMaxResultBytes)));
    return clear;
}

Result<std::vector<std::string>> unpack(const Bytes& archive, const std::filesystem::path& folder)
{
    TRY(const auto zip, codec::ZipReader::open(codec::random_source(archive)));
    std::vector<std::string> files;
    for (const auto& entry : zip.entries()) {
        if (entry.directory) continue;
        TRY(const auto content, zip.read(entry, kMaxFileBytes));
        const auto path = folder / entry.path;
        std::filesystem::create_directories(path.parent_path());
        TRY_OK(write_file(path, as_text(content)));
        files.push_back(entry.path);
    }
    return files;
}

Status make_empty(const std::filesystem::path& folder)
{
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) return fail(ErrorKind::invalid_input, "result.folder", "cannot make " + folder.string() + ": " + problem.message());
    if (std::filesystem::is_empty(folder)) return {};
    return fail(ErrorKind::conflict, "result.folder", folder.string() + " is not empty; name another folder with --out");
}

std::string outcome_name(const attest::CheckOutcome& check) { return check.outcome == attest::Outcome::passed ? "passed" : "failed"; }

void describe_run(const attest::Receipt& receipt, Answer& answer)
{
    answer.document["task"] = receipt.task.hex();
    answer.document["app"] = eth::to_checksum(receipt.deal.app);
    answer.document["image"] = receipt.image_digest.hex();
    answer.document["resultDigest"] = receipt.result.deterministic_digest.hex();
    answer.text += "task      " + receipt.task.hex() + "\ndeal      " + receipt.deal.id.hex() + "\napp       " + eth::to_checksum(receipt.deal.app) +
                   "\nimage     sha256:" + hex(receipt.image_digest.bytes()) + "\n";
    for (const auto& dataset : receipt.datasets)
        answer.text += "data      " + eth::to_checksum(dataset.address) + (dataset.refused ? "  refused: " + *dataset.refused : "  released, checksum " + dataset.checksum.hex()) + "\n";
    for (const auto& file : receipt.result.files)
        answer.text += "result    " + file.path + "  " + std::to_string(file.size) + " bytes  sha256 " + hex(file.sha256.bytes()) + "\n";
    answer.text += "sealed    " + receipt.result.sealing + "  /ipfs/" + receipt.result.cid + "\nledger    leaf " + std::to_string(receipt.decision.index) + " of " +
                   std::to_string(receipt.decision.tree_head.size) + "\n";
}

}  // namespace

Result<Outcome> fetch_outcome(const Session& session, const poco::TaskId& id, const std::filesystem::path& folder)
{
    TRY(const auto task, session.hub.view_task(id, session.call()));
    TRY(const auto link, link_of(session, id, task));
    TRY(const auto deal, session.hub.view_deal(task.deal, session.call()));
    TRY_OK(make_empty(folder));
    TRY(auto sealed, session.blobs.fetch_bytes(link.location, kMaxResultBytes, session.call(std::chrono::minutes(10))));
    TRY(const auto archive, opened(std::move(sealed), deal.beneficiary));
    TRY(auto files, unpack(archive, folder));
    Outcome outcome{folder, std::move(files), {}};
    if (!link.receipt) return outcome;
    TRY(auto sealed_receipt, session.blobs.fetch_bytes(*link.receipt, kMaxResultBytes, session.call()));
    TRY(const auto receipt, opened(std::move(sealed_receipt), deal.beneficiary));
    outcome.receipt_file = folder / "receipt.json";
    TRY_OK(write_file(outcome.receipt_file, as_text(receipt)));
    return outcome;
}

Result<attest::ReceiptReport> check_receipt(const wire::Network& network, const std::string& receipt, UnixSeconds now)
{
    TRY(const auto anchor, attest::TrustAnchor::from_pem(network.trust.root_certificate));
    attest::AppraisalPolicy policy;
    for (const auto& mr_td : network.trust.agent_measurements) policy.accepted.push_back({mr_td});
    policy.dangerous_allow_simulated = network.trust.dangerous_allow_simulated_tee;
    return attest::verify_receipt(receipt, {{anchor}, network.trust.ledger_signer, std::move(policy)}, now);
}

Answer describe_report(const attest::ReceiptReport& report)
{
    Answer answer;
    answer.document["level"] = attest::name(report.level);
    answer.text = std::string(attest::name(report.level)) + "\n";
    if (report.level == attest::ReceiptLevel::simulated)
        answer.text += "          no hardware stands behind this receipt; it proves the software path only\n";
    if (report.error) {
        answer.document["error"] = {{"id", report.error->reason}, {"message", report.error->detail}};
        answer.text += "refused   " + std::string(report.error->reason) + ": " + report.error->detail + "\n";
        answer.exit_code = 6;
    }
    if (report.receipt && !report.error) describe_run(*report.receipt, answer);
    boost::json::array checks;
    for (const auto& check : report.checks)
        checks.push_back({{"id", attest::info(check.id).reason}, {"outcome", outcome_name(check)}, {"detail", check.detail}});
    answer.text += "checks    " + std::to_string(report.checks.size()) + (report.error ? " ran, the last one failed\n" : " passed\n");
    answer.document["checks"] = std::move(checks);
    return answer;
}

}  // namespace iapp::cli
