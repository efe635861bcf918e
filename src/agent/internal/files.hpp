#pragma once
// Files of the scratch folder as sources and sinks. Their names are ours; nothing here follows a link.
#include "codec/byte_stream.hpp"
#include "crypto/hash.hpp"
#include "net/http.hpp"
#include "runtime/fd.hpp"

namespace iapp::agent {

/// A new file, refused when the name is taken. Errors: internal "agent.file".
Result<runtime::UniqueFd> create_file(const std::string& path, unsigned mode);

/// A file without a name, in memory like everything below `folder`. Errors: internal "agent.file".
Result<runtime::UniqueFd> unnamed_file(const std::string& folder);

/// Appends to the file. Errors: internal "agent.file".
codec::ByteSink file_sink(const runtime::UniqueFd& file);

/// As file_sink(), and refuses to grow past `limit_bytes`. Errors: resource_exhausted `reason`.
codec::ByteSink bounded_file_sink(const runtime::UniqueFd& file, std::uint64_t limit_bytes, std::string_view reason);

/// The whole file, readable anywhere. The descriptor must outlive it. Errors: internal "agent.file".
Result<codec::RandomSource> file_random_source(const runtime::UniqueFd& file);

/// The whole file from its start, in order. Errors: internal "agent.file".
Result<codec::ByteSource> file_source(const runtime::UniqueFd& file);

Result<Hash256> sha256_of(const runtime::UniqueFd& file);

/// A request body from a source.
class SourceReader final : public net::BodyReader {
public:
    explicit SourceReader(codec::ByteSource source) : source_(std::move(source)) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override { return source_(out); }

private:
    codec::ByteSource source_;
};

}  // namespace iapp::agent
