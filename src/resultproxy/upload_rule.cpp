#include "resultproxy/upload_rule.hpp"

#include <algorithm>
#include <map>

#include "codec/zip.hpp"
#include "eth/signature.hpp"
#include "poco/contribution.hpp"
#include "poco/result.hpp"
#include "poco/tag.hpp"

namespace iapp::resultproxy {
namespace {

constexpr std::string_view kOutput = "/iexec_out";
constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{256} << 20;  ///< a small archive may unpack to any size

bool is_tee(const poco::Tag& tag) { return poco::framework(tag) != poco::Framework::none; }

std::optional<std::string_view> tee_refusal(const UploadFacts& facts, const ResultModel& result)
{
    if (facts.task.status != poco::TaskStatus::active) return "result_proxy.task_not_active";
    if (facts.wallet == facts.deal.requester) return std::nullopt;
    if (!facts.enclave) return "result_proxy.not_authorized";
    if (!result.digest || !result.enclave_signature) return "result_proxy.enclave_signature";
    const Hash256 message = poco::enclave_message(facts.wallet, result.task, *result.digest);
    if (!eth::verify(eth::personal_digest(message), result.enclave_signature->bytes(), *facts.enclave))
        return "result_proxy.enclave_signature";
    return std::nullopt;
}

std::optional<std::string_view> standard_refusal(const UploadFacts& facts, const ResultModel& result)
{
    if (facts.task.status != poco::TaskStatus::revealing) return "result_proxy.task_not_revealing";
    if (facts.contribution.status != poco::ContributionStatus::proved) return "result_proxy.not_revealed";
    if (!facts.computed_digest || poco::result_hash(result.task, *facts.computed_digest) != facts.contribution.result_hash)
        return "result_proxy.digest";
    return std::nullopt;
}

/// "/iexec_out/a//b/" -> "a/b"; "" is the folder itself.
Result<std::string> relative(std::string_view path)
{
    if (!path.starts_with(kOutput) || (path.size() > kOutput.size() && path[kOutput.size()] != '/'))
        return fail(ErrorKind::invalid_input, "result_model.output", "deterministic-output-path is not below /iexec_out");
    path.remove_prefix(kOutput.size());
    std::string out;
    while (!path.empty()) {
        const auto part = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(part.size() + 1, path.size()));
        if (part.empty() || part == ".") continue;
        out += (out.empty() ? "" : "/") + std::string(part);
    }
    return out;
}

Result<poco::ChildHash> hash_of(const codec::ZipReader& archive, const codec::ZipEntry& entry)
{
    if (entry.size_bytes == 0) return poco::ChildHash{};
    TRY(const Bytes content, archive.read(entry, kMaxUnpackedBytes));
    return poco::ChildHash(poco::file_digest(content));
}

Result<Hash256> folder_digest(const codec::ZipReader& archive, const std::string& folder)
{
    const std::string prefix = folder.empty() ? "" : folder + "/";
    std::map<std::string, poco::ChildHash> children;
    for (const codec::ZipEntry& entry : archive.entries()) {
        if (entry.directory || !entry.path.starts_with(prefix)) continue;
        if (entry.path.find('/', prefix.size()) != std::string::npos) continue;
        TRY(children[entry.path], hash_of(archive, entry));
    }
    if (children.empty()) return fail(ErrorKind::invalid_input, "result_model.output", "no file is at the output path");
    std::vector<poco::ChildHash> sorted;
    for (const auto& [path, hash] : children) sorted.push_back(hash);
    return poco::directory_digest(sorted);
}

}  // namespace

std::optional<std::string_view> token_refusal(const TokenFacts& facts, const wire::WorkerpoolAuthorization& authorization)
{
    if (!facts.is_signed_by_worker) return "result_proxy.worker_signature";
    if (!facts.task.exists()) return "result_proxy.task_unknown";
    if (facts.now > facts.task.final_deadline) return "result_proxy.final_deadline";
    if (!facts.deal.exists()) return "result_proxy.deal_unknown";
    const bool has_enclave = authorization.enclave && !authorization.enclave->is_zero();
    if (has_enclave != is_tee(facts.deal.tag)) return "result_proxy.enclave";
    if (!authorization.is_signed_by(facts.deal.workerpool.owner)) return "result_proxy.pool_signature";
    return std::nullopt;
}

std::optional<std::string_view> upload_refusal(const UploadFacts& facts, const ResultModel& result)
{
    if (!facts.task.exists() || !facts.deal.exists()) return "result_proxy.task_unknown";
    return is_tee(facts.deal.tag) ? tee_refusal(facts, result) : standard_refusal(facts, result);
}

Result<Hash256> digest_of_zip(ByteView zip)
{
    TRY(const auto archive, codec::ZipReader::open(codec::random_source(zip), {.max_total_bytes = kMaxUnpackedBytes}));
    const codec::ZipEntry* computed_json = archive.find("computed.json");
    if (computed_json == nullptr) return fail(ErrorKind::invalid_input, "result_model.output", "there is no computed.json");
    TRY(const Bytes text, archive.read(*computed_json, std::size_t{1} << 20));
    TRY(const auto computed, poco::parse_computed_json(as_text(text)));
    if (computed.callback_data) return poco::callback_digest(*computed.callback_data);
    TRY(const std::string path, relative(*computed.deterministic_output_path));
    const codec::ZipEntry* file = archive.find(path);
    if (file == nullptr || file->directory) return folder_digest(archive, path);
    TRY(const Bytes content, archive.read(*file, kMaxUnpackedBytes));
    return poco::file_digest(content);
}

}  // namespace iapp::resultproxy
