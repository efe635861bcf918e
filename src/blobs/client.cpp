#include "blobs/client.hpp"

#include "blobs/internal/content.hpp"
#include "blobs/internal/kubo_url.hpp"
#include "codec/json.hpp"
#include "codec/unixfs.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace iapp::blobs {
namespace {

using codec::Cid;
using net::CallContext;

/// The multipart body of one file, made while it is sent; imports the same bytes on the way.
class Upload final : public net::BodyReader {
public:
    Upload(net::BodyReader& content, const std::string& boundary)
        : content_(content),
          head_("--" + boundary +
                "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n"
                "Content-Type: application/octet-stream\r\n\r\n"),
          tail_("\r\n--" + boundary + "--\r\n"),
          importer_(crypto::sha256, [](const Cid&, ByteView) { return Status{}; })
    {
    }

    Result<std::size_t> read(std::span<std::uint8_t> out) override
    {
        if (!head_.empty()) return take(head_, out);
        if (!is_content_done_) {
            TRY(const std::size_t count, content_.read(out));
            TRY_OK(importer_.update(out.first(count)));
            if (count > 0) return count;
            is_content_done_ = true;
        }
        return take(tail_, out);
    }

    Result<codec::UnixfsFile> finish() { return importer_.finish(); }

private:
    static std::size_t take(std::string& from, std::span<std::uint8_t> out)
    {
        const std::size_t count = std::min(from.size(), out.size());
        std::ranges::copy(as_bytes(from).first(count), out.begin());
        from.erase(0, count);
        return count;
    }

    net::BodyReader& content_;
    std::string head_;
    std::string tail_;
    codec::UnixfsImporter importer_;
    bool is_content_done_ = false;
};

/// The "Hash" of the last line.
Result<std::string> added_cid(std::string_view lines)
{
    const auto bad = [] { return fail(ErrorKind::corrupt, "blobs.answer", "the store did not answer with a CID"); };
    while (lines.ends_with('\n') || lines.ends_with('\r')) lines.remove_suffix(1);
    const std::string_view last = lines.substr(lines.rfind('\n') + 1);
    const auto value = json::parse(last);
    if (!value) return bad();
    const auto object = json::ObjectReader::of(*value);
    if (!object) return bad();
    const auto hash = object->text("Hash");
    return hash ? Result<std::string>(std::string(*hash)) : bad();
}

Result<Bytes> fetch_block(const net::HttpClient& http, const std::string& gateway, const Cid& cid, const CallContext& call)
{
    net::Request request;
    request.target = gateway + "/ipfs/" + cid.text() + "?format=raw";
    request.headers.set("Accept", "application/vnd.ipld.raw");
    Result<net::Response> response = http.send(request, call);
    if (response && response->status == 404)
        return fail(ErrorKind::not_found, "blobs.not_found", cid.text() + " is not in the store");
    TRY(const net::Response block, net::require_success(std::move(response)));
    TRY_OK(codec::verify_block(cid, as_bytes(block.body), crypto::sha256));
    return to_bytes(block.body);
}

}  // namespace

BlobClient::BlobClient(const net::HttpClient& http, std::string api_url, std::string gateway_url)
    : http_(http), api_url_(std::move(api_url)), gateway_url_(std::move(gateway_url))
{
    while (gateway_url_.ends_with('/')) gateway_url_.pop_back();
}

Result<std::string> BlobClient::add(net::BodyReader& content, const CallContext& call) const
{
    const std::string boundary = "iapp-" + hex(crypto::random_bytes(16));
    Upload upload(content, boundary);
    net::Request request;
    request.method = "POST";
    request.target = internal::kubo_root(api_url_) + "/add?stream-channels=true&progress=false";
    request.headers.set("Content-Type", "multipart/form-data; boundary=" + boundary);
    request.body_reader = &upload;
    TRY(const net::Response response, net::require_success(http_.send(request, call)));
    TRY(const std::string answered, added_cid(response.body));
    TRY(const codec::UnixfsFile file, upload.finish());
    if (answered != file.cid.text())
        return fail(ErrorKind::corrupt, "blobs.cid_mismatch", "the store answered " + answered + " for " + file.cid.text());
    return answered;
}

Result<std::string> BlobClient::add(ByteView content, const CallContext& call) const
{
    net::MemoryReader reader(content);
    return add(reader, call);
}

Status BlobClient::fetch(std::string_view text, const net::BodySink& sink, std::uint64_t max_bytes,
                         const CallContext& call) const
{
    TRY(const Cid root, internal::parse_cid(text));
    TRY(const Bytes first, fetch_block(http_, gateway_url_, root, call));
    TRY(const codec::UnixfsBlock head, codec::decode_unixfs(root, first));
    if (head.size > max_bytes)
        return fail(ErrorKind::resource_exhausted, "blobs.too_large",
                    "the file has " + std::to_string(head.size) + " bytes, allowed are " + std::to_string(max_bytes));
    const codec::BlockSource source = [&](const Cid& cid) -> Result<Bytes> {
        if (cid == root) return first;
        return fetch_block(http_, gateway_url_, cid, call);
    };
    return codec::read_unixfs(root, source, crypto::sha256, 0, head.size, sink);
}

Result<Bytes> BlobClient::fetch_bytes(std::string_view cid, std::uint64_t max_bytes, const CallContext& call) const
{
    Bytes out;
    const net::BodySink sink = [&](ByteView bytes) {
        append(out, bytes);
        return Status{};
    };
    TRY_OK(fetch(cid, sink, max_bytes, call));
    return out;
}

Result<std::string> BlobClient::fetch_text(std::string_view cid, std::uint64_t max_bytes, const CallContext& call) const
{
    TRY(const Bytes bytes, fetch_bytes(cid, max_bytes, call));
    return to_text(bytes);
}

}  // namespace iapp::blobs
