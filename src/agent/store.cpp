// Step 7: archive, seal, upload. Whatever leaves from here leaves as the release said: for one recipient, or public.
#include "agent/internal/files.hpp"
#include "agent/internal/output_folder.hpp"
#include "agent/internal/steps.hpp"
#include "blobs/client.hpp"
#include "seal/age.hpp"
#include "seal/result.hpp"

namespace iapp::agent {
namespace {

using runtime::UniqueFd;

template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};

std::string_view name_of(const wire::ResultMode& mode)
{
    return std::visit(Overload{[](const wire::SealToAge&) { return "age"; }, [](const wire::SealToRsa&) { return "rsa"; },
                               [](const wire::SealToNobody&) { return "none"; }},
                      mode);
}

/// The app's own words go along only where nobody but the beneficiary reads them, and never over a file of the app.
void add_logs(std::vector<seal::ResultFile>& files, const Output& output)
{
    const auto add = [&](const std::string& name, const std::string& text) {
        const auto same = [&name](const seal::ResultFile& file) { return file.path == name; };
        if (text.empty() || std::ranges::any_of(files, same)) return;
        files.push_back({name, text.size(), codec::byte_source(as_bytes(text))});
    };
    add("stdout.txt", output.app_stdout);
    add("stderr.txt", output.app_stderr);
}

Result<UniqueFd> write_archive(const Output& output, const OutputFolder& folder, bool with_logs, const Scratch& scratch)
{
    std::vector<seal::ResultFile> files;
    files.reserve(output.files.size());
    for (const auto& file : output.files) files.push_back({file.path, file.size_bytes, folder.read(file.path)});
    if (with_logs) add_logs(files, output);
    TRY(UniqueFd archive, unnamed_file(scratch.root()));
    TRY_OK(seal::write_result(std::move(files), file_sink(archive)));
    return archive;
}

Status seal_for(const wire::ResultMode& mode, const codec::RandomSource& plain, const codec::ByteSink& sink)
{
    if (const auto* age = std::get_if<wire::SealToAge>(&mode)) {
        TRY(const auto recipient, seal::AgeRecipient::parse(age->recipient));
        return seal::seal_age(codec::byte_source(plain, 0, plain.size_bytes), {recipient}, sink);
    }
    return seal::seal_result_rsa(plain, std::get<wire::SealToRsa>(mode).public_key_pem, sink);
}

Result<UniqueFd> sealed(const wire::ResultMode& mode, UniqueFd plain, const Scratch& scratch)
{
    if (std::holds_alternative<wire::SealToNobody>(mode)) return plain;
    TRY(UniqueFd out, unnamed_file(scratch.root()));
    TRY(const auto source, file_random_source(plain));
    TRY_OK(seal_for(mode, source, file_sink(out)));
    return out;
}

}  // namespace

Result<StoredResult> store_result(const Admission& admission, const Output& output, const Assignment& task,
                                  const Scratch& scratch, const net::HttpClient& http, const net::CallContext& call)
{
    const auto& mode = admission.bundle.result;
    if (!admission.bundle.deal.callback.is_zero()) return StoredResult{"none", "", Hash256::zero()};  // the chain carries it
    TRY(const auto folder, OutputFolder::open(scratch.output()));
    const bool with_logs = !std::holds_alternative<wire::SealToNobody>(mode);
    TRY(auto archive, write_archive(output, folder, with_logs, scratch));
    TRY(const auto file, sealed(mode, std::move(archive), scratch));
    TRY(const auto hash, sha256_of(file));
    TRY(auto source, file_source(file));
    SourceReader body(std::move(source));
    TRY(auto cid, blobs::BlobClient(http, task.config.ipfs_api_url, task.config.ipfs_gateway_url).add(body, call));
    return StoredResult{std::string(name_of(mode)), std::move(cid), hash};
}

}  // namespace iapp::agent
