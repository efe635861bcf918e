#include "outcome.hpp"

#include <thread>

#include "codec/zip.hpp"
#include "crypto/hash.hpp"
#include "identity.hpp"
#include "poco/params.hpp"
#include "poco/result.hpp"
#include "receipt_check.hpp"
#include "seal/result.hpp"

namespace iapp::cli {
namespace {

constexpr std::uint64_t kMaxResultBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;
constexpr int kLooks = 4;
constexpr std::chrono::milliseconds kBetweenLooks{100};
constexpr std::string_view kOnChain = "ethereum";
constexpr int kUnproven = 6;
constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{4} << 30;

/// What was fetched, below the folder.
struct Fetched {
    std::vector<std::string> files;
    std::optional<Hash256> stored_sha256;  ///< of the bytes as they were stored; absent for a result that is on chain
};

struct Finished {
    poco::TaskId id;
    poco::Task task;
    poco::Deal deal;
    poco::ResultLink link;
};

/// A node can answer from the block before the one it has just shown us, so "not completed" is believed only when it stays
/// so.
Result<poco::Task> look_at_task(const Session& session, const poco::TaskId& id)
{
    for (int look = 1;; ++look) {
        TRY(auto task, session.hub.view_task(id, session.call()));
        if (task.status == poco::TaskStatus::completed || look == kLooks) return task;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Result<Finished> find_finished(const Session& session, const poco::TaskId& id)
{
    TRY(auto task, look_at_task(session, id));
    if (task.status != poco::TaskStatus::completed)
        return fail(ErrorKind::precondition_failed, "result.not_ready",
                    "task " + id.hex() + " is " + std::string(poco::name(task.status)) + ", not completed");
    TRY(auto link, poco::parse_result_link(as_text(task.results)));
    TRY(auto deal, session.hub.view_deal(task.deal, session.call()));
    if (link.storage != "ipfs" && link.storage != kOnChain)
        return fail(ErrorKind::precondition_failed, "result.storage",
                    "the result is stored on " + link.storage + ", which this program does not read");
    return Finished{id, std::move(task), std::move(deal), std::move(link)};
}

bool is_age(ByteView bytes) { return as_text(bytes).starts_with("age-encryption.org/v1\n"); }

Result<Bytes> open_age(const Bytes& sealed, const eth::Address& beneficiary)
{
    TRY(const auto identity, identity_of(beneficiary, false));
    Bytes clear;
    TRY_OK(seal::open_age(codec::byte_source(sealed), identity, codec::append_to(clear, kMaxResultBytes)));
    return clear;
}

Result<Bytes> open_rsa(const Bytes& sealed, const eth::Address& beneficiary)
{
    TRY(const auto key, rsa_key_of(beneficiary, false));
    Bytes clear;
    TRY_OK(seal::open_result_rsa(codec::random_source(sealed), key, codec::append_to(clear, kMaxResultBytes)));
    return clear;
}

/// The deal says whether iExec's form was asked for; age announces itself.
Result<Bytes> opened(Bytes sealed, const Finished& finished)
{
    if (is_age(sealed)) return open_age(sealed, finished.deal.beneficiary);
    if (poco::parse_params(finished.deal.params).result_encryption) return open_rsa(sealed, finished.deal.beneficiary);
    return sealed;
}

Result<std::vector<std::string>> unpack(const Bytes& archive, const std::filesystem::path& folder)
{
    TRY(const auto zip, codec::ZipReader::open(codec::random_source(archive), {.max_total_bytes = kMaxUnpackedBytes}));
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

/// A folder we make is for its owner only: what was sealed to one person is not left open to others.
Status make_empty(const std::filesystem::path& folder)
{
    std::error_code problem;
    const bool made = std::filesystem::create_directories(folder, problem);
    if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, problem);
    if (problem)
        return fail(ErrorKind::invalid_input, "result.folder", "cannot make " + folder.string() + ": " + problem.message());
    return check_free(folder);
}

Result<Fetched> fetch_files(const Session& session, const Finished& finished, const std::filesystem::path& folder)
{
    if (finished.link.storage == kOnChain) return Fetched{};
    TRY(auto sealed,
        session.blobs.fetch_bytes(finished.link.location, kMaxResultBytes, session.call(std::chrono::minutes(10))));
    const Hash256 stored_sha256 = crypto::sha256(sealed);
    TRY(const auto archive, opened(std::move(sealed), finished));
    TRY(auto files, unpack(archive, folder));
    return Fetched{std::move(files), stored_sha256};
}

Result<std::string> fetch_receipt(const Session& session, const Finished& finished, const std::filesystem::path& folder)
{
    TRY(auto sealed, session.blobs.fetch_bytes(*finished.link.receipt, kMaxResultBytes, session.call()));
    TRY(const auto receipt, is_age(sealed) ? open_age(sealed, finished.deal.beneficiary) : Result<Bytes>(std::move(sealed)));
    TRY_OK(write_file(folder / "receipt.json", as_text(receipt)));
    return to_text(receipt);
}

/// "app.no_result: the app ended with exit 3 ...": the agent writes it in the place of the app's own files.
std::optional<std::string> app_failure(const std::filesystem::path& folder)
{
    const auto computed = read_file(folder / "computed.json");
    const auto text = read_file(folder / "error.txt");
    if (!computed || !computed->contains("\"error-message\"") || !text) return std::nullopt;
    return text->substr(0, text->find('\n'));
}

void tell_failure(const std::string& failure, const std::vector<std::string>& files, const std::filesystem::path& folder,
                  Answer& answer)
{
    const auto cut = failure.find(": ");
    answer.document["appFailure"] = {{"id", failure.substr(0, cut)},
                                     {"message", cut == std::string::npos ? "" : failure.substr(cut + 2)}};
    answer.text += "failed    " + failure + "\n";
    for (const char* log : {"stderr.txt", "stdout.txt"})
        if (std::ranges::find(files, log) != files.end()) answer.text += "log       " + (folder / log).string() + "\n";
    if (answer.exit_code == 0) answer.exit_code = 1;
}

void tell_files(const Finished& finished, const std::vector<std::string>& files, const std::filesystem::path& folder,
                Answer& answer)
{
    boost::json::array list;
    for (const auto& file : files) list.push_back(boost::json::string(file));
    answer.document["folder"] = folder.string();
    answer.document["files"] = std::move(list);
    answer.text += "folder    " + folder.string() + "\n";
    if (finished.link.storage != kOnChain) return;
    answer.document["callbackData"] = hex0x(finished.task.results_callback);
    answer.text += "callback  " + hex0x(finished.task.results_callback) + " to " + finished.link.location + "\n";
}

/// The link on chain is the worker's word, and what the agent was told is the secret service's: both are compared with the
/// chain and the store.
Status require_record(Judgement& judgement, const Session& session, const Finished& finished, const Fetched& fetched)
{
    require_task(judgement, Hash256(finished.id.bytes()));
    require_deal(judgement, finished.deal);
    require_digest(judgement, finished.task.result_digest);
    if (fetched.stored_sha256) require_stored(judgement, *fetched.stored_sha256);
    if (!judgement.report.receipt) return {};
    for (const auto& used : judgement.report.receipt->datasets) {
        if (used.refused) continue;
        TRY(const auto registered, session.hub.view_dataset(used.address, session.call()));
        require_dataset(judgement, used.address, registered.checksum);
    }
    return {};
}

Result<Answer> judge(const Session& session, const Finished& finished, const Fetched& fetched,
                     const std::filesystem::path& folder, UnixSeconds now)
{
    if (!session.network.trust)
        return Answer{
            {{"level", "NO TRUST"}},
            "NO TRUST\n          network " + session.network.name + " names nobody whose receipt could be verified\n",
            kUnproven};
    if (!finished.link.receipt)
        return Answer{
            {{"level", "NO RECEIPT"}}, "NO RECEIPT\n          nothing proves how this result was made\n", kUnproven};
    TRY(const auto receipt, fetch_receipt(session, finished, folder));
    TRY(auto judgement, judge_receipt(session.network, receipt, now));
    TRY_OK(require_record(judgement, session, finished, fetched));
    require_files(judgement, folder);
    return describe(judgement);
}

}  // namespace

std::filesystem::path default_folder(const poco::TaskId& task) { return "result-" + task.hex().substr(2, 8); }

Status check_free(const std::filesystem::path& folder)
{
    std::error_code none;
    if (!std::filesystem::exists(folder, none) || std::filesystem::is_empty(folder, none)) return {};
    return fail(ErrorKind::conflict, "result.folder", folder.string() + " is not an empty folder");
}

Result<Answer> open_outcome(const Session& session, Context& context, const poco::TaskId& id,
                            const std::filesystem::path& folder)
{
    context.phases.start("fetch and open");
    TRY(const auto finished, find_finished(session, id));
    TRY_OK(make_empty(folder));
    TRY(const auto fetched, fetch_files(session, finished, folder));
    context.phases.start("verify the receipt");
    TRY(Answer answer, judge(session, finished, fetched, folder, context.clock.now_seconds()));
    context.phases.finish();
    tell_files(finished, fetched.files, folder, answer);
    if (const auto failure = app_failure(folder)) tell_failure(*failure, fetched.files, folder, answer);
    return answer;
}

}  // namespace iapp::cli
