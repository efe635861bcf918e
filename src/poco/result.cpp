#include "poco/result.hpp"

#include "codec/json.hpp"
#include "crypto/hash.hpp"

namespace iapp::poco {
namespace {

constexpr json::Limits kLimits{.max_bytes = std::size_t{1} << 20U, .max_depth = 8};

std::string quoted(std::string_view text) { return json::print(json::Value(text)); }

}  // namespace

Hash256 file_digest(ByteView content) { return crypto::sha256(content); }

Hash256 directory_digest(std::span<const ChildHash> children_sorted_by_path)
{
    crypto::Keccak256 hash;
    for (const ChildHash& child : children_sorted_by_path)
        if (child) hash.update(child->bytes());
    return hash.finish();
}

Hash256 callback_digest(ByteView callback_data) { return crypto::keccak256(callback_data); }

std::string input_file_name(std::string_view url) { return crypto::sha256(as_bytes(url)).hex(); }

Result<ComputedJson> parse_computed_json(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader reader, json::ObjectReader::of(value, "computed.json"));
    ComputedJson out;
    TRY(const auto path, reader.find_text("deterministic-output-path"));
    TRY(const auto callback, reader.find_text("callback-data"));
    TRY(const auto message, reader.find_text("error-message"));
    if (!path && !callback)
        return fail(ErrorKind::invalid_input, "computed.output",
                    "computed.json names neither deterministic-output-path nor callback-data");
    if (path) out.deterministic_output_path = *path;
    if (message) out.error_message = *message;
    if (callback) {
        auto bytes = parse_hex0x(*callback);
        if (!bytes)
            return fail(ErrorKind::invalid_input, "computed.callback_data",
                        "callback-data must be 0x and hexadecimal bytes: " + bytes.error().detail);
        out.callback_data = *std::move(bytes);
    }
    return out;
}

std::string encode(const ResultLink& link)
{
    std::string text = "{ \"storage\": " + quoted(link.storage) + ", \"location\": " + quoted(link.location);
    if (link.receipt) text += ", \"receipt\": " + quoted(*link.receipt);
    return text + " }";
}

Result<ResultLink> parse_result_link(std::string_view text)
{
    const auto malformed = [](const Error& why) {
        return fail(ErrorKind::invalid_input, "result.link", "the task's result link is not readable: " + why.detail);
    };
    const auto value = json::parse(text, kLimits);
    if (!value) return malformed(value.error());
    const auto reader = json::ObjectReader::of(*value);
    if (!reader) return malformed(reader.error());
    const auto storage = reader->text("storage");
    if (!storage) return malformed(storage.error());
    const auto location = reader->text("location");
    if (!location) return malformed(location.error());
    const auto receipt = reader->find_text("receipt");
    if (!receipt) return malformed(receipt.error());
    ResultLink out{std::string(*storage), std::string(*location), {}};
    if (*receipt) out.receipt = **receipt;
    return out;
}

}  // namespace iapp::poco
