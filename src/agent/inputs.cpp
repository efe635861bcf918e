// Step 4: what the app reads. Datasets are compared with the checksum their owner put on chain before a byte is decrypted.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "agent/internal/app_command.hpp"
#include "agent/internal/files.hpp"
#include "agent/internal/steps.hpp"
#include "blobs/client.hpp"
#include "poco/result.hpp"
#include "seal/dataset_v1.hpp"
#include "seal/dataset_v2.hpp"

namespace iapp::agent {
namespace {

using runtime::UniqueFd;
constexpr std::uint64_t kMaxDatasetBytes = 4ull << 30;
constexpr std::uint64_t kMaxInputBytes = 1ull << 30;

/// Content-addressed locations; "/p2p/" is how the npm client prints the same bytes.
bool is_content_addressed(std::string_view url) { return url.starts_with("/ipfs/") || url.starts_with("/p2p/"); }

bool is_web(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

Status fetch(const std::string& url, const codec::ByteSink& sink, std::uint64_t max_bytes, const Assignment& task,
             const World& world, const net::CallContext& call)
{
    if (is_content_addressed(url)) {
        const std::string cid = url.substr(url.find('/', 1) + 1);
        return blobs::BlobClient(world.http, task.config.ipfs_api_url, task.config.ipfs_gateway_url)
            .fetch(cid, sink, max_bytes, call);
    }
    if (!is_web(url)) return fail(ErrorKind::invalid_input, "agent.url", "a location that is neither /ipfs/ nor http(s)");
    TRY(const auto answer, world.elsewhere.send_streaming({.method = "GET", .target = url}, sink, call));
    if (answer.is_success()) return {};
    return fail(ErrorKind::unavailable, "agent.input_file", "a location answered " + std::to_string(answer.status));
}

Status decrypt_v2(const codec::RandomSource& sealed, const crypto::SecretBytes& key, const codec::ByteSink& sink)
{
    TRY(const auto reader, seal::DatasetV2Reader::open(sealed, key));
    return reader.read_all(sink);
}

/// The checksum decides for both formats; v1 has no other integrity at all.
Status decrypt(const UniqueFd& sealed, const wire::ReleasedDataset& dataset, const codec::ByteSink& sink)
{
    TRY(const auto source, file_random_source(sealed));
    std::array<std::uint8_t, seal::kV2HeaderBytes> head{};
    const auto head_size = std::min<std::uint64_t>(head.size(), source.size_bytes);
    TRY_OK(source.read_at(0, std::span(head).first(head_size)));
    TRY(const auto checksum, sha256_of(sealed));
    if (checksum != dataset.checksum)
        return fail(ErrorKind::corrupt, "agent.dataset_checksum",
                    "dataset " + dataset.address.hex() + " is not the file its owner registered");
    if (seal::looks_like_v2(ByteView(head).first(head_size))) return decrypt_v2(source, dataset.key, sink);
    return seal::open_v1(source, dataset.key, dataset.checksum, sink);
}

Status fetch_one(const wire::ReleasedDataset& dataset, const Assignment& task, const Scratch& scratch, const World& world,
                 const net::CallContext& call)
{
    const std::string path = scratch.input() + '/' + dataset_file_name(dataset.address);
    if (::access(path.c_str(), F_OK) == 0) return {};  // a slice may name one dataset twice
    TRY(const UniqueFd sealed, unnamed_file(scratch.root()));
    TRY_OK(fetch(dataset.url, bounded_file_sink(sealed, kMaxDatasetBytes, "agent.dataset_size"), kMaxDatasetBytes, task,
                 world, call));
    TRY(const UniqueFd plain, create_file(path, 0444));
    return decrypt(sealed, dataset, file_sink(plain));
}

/// The deal's own dataset must be there; of a bulk slice some may be missing, unless the app says it needs all.
Status check_refusals(const Admission& admission, const AppImage& app)
{
    for (const auto& dataset : admission.bundle.datasets) {
        const auto* refused = std::get_if<wire::RefusedDataset>(&dataset);
        if (refused == nullptr) continue;
        if (refused->position == 0 || app.manifest.datasets == manifest::DatasetRule::all)
            return fail(ErrorKind::permission_denied, "agent.dataset_refused",
                        "the key of dataset " + refused->address.hex() + " was refused: " + refused->id);
    }
    return {};
}

}  // namespace

Status fetch_datasets(const Admission& admission, const AppImage& app, const Assignment& task, const Scratch& scratch,
                      const World& world, const net::CallContext& call)
{
    TRY_OK(check_refusals(admission, app));
    for (const auto& dataset : admission.bundle.datasets)
        if (const auto* released = std::get_if<wire::ReleasedDataset>(&dataset)) {
            TRY_OK(fetch_one(*released, task, scratch, world, call));
        }
    return {};
}

Status fetch_inputs(const Admission& admission, const Assignment& task, const Scratch& scratch, const World& world,
                    const net::CallContext& call)
{
    for (const auto& url : admission.params.input_files) {
        const std::string path = scratch.input() + '/' + poco::input_file_name(url);
        if (::access(path.c_str(), F_OK) == 0) continue;  // the same URL twice is one file
        TRY(const UniqueFd file, create_file(path, 0444));
        TRY_OK(fetch(url, bounded_file_sink(file, kMaxInputBytes, "agent.input_size"), kMaxInputBytes, task, world, call));
    }
    return {};
}

}  // namespace iapp::agent
