#include "wire/errors.hpp"

#include "base/error_kind.hpp"
#include "codec/json.hpp"

namespace iapp::wire {

std::string encode(const ErrorBody& body)
{
    json::Object error{{"id", body.id}, {"message", body.message}, {"fix", body.fix}};
    if (body.leaf) error["leaf"] = *body.leaf;
    return json::print(json::Object{{"error", std::move(error)}});
}

Result<ErrorBody> parse_error_body(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, {.max_bytes = 64 * 1024, .max_depth = 4}));
    TRY(const json::ObjectReader outer, json::ObjectReader::of(value));
    TRY_OK(outer.only({"error"}));
    TRY(const json::ObjectReader error, outer.object("error"));
    TRY_OK(error.only({"id", "message", "fix", "leaf"}));
    TRY(const std::string_view id, error.text("id"));
    TRY(const std::string_view message, error.text("message"));
    TRY(const auto fix, error.find_text("fix"));
    TRY(const auto leaf, error.find_u64("leaf"));
    return ErrorBody{std::string(id), std::string(message), std::string(fix.value_or("")), leaf};
}

ErrorBody public_error(const Error& error)
{
    if (error.kind == ErrorKind::internal || error.kind == ErrorKind::corrupt)
        return {std::string(error.reason), std::string(info(error.kind).name), "", std::nullopt};
    const std::size_t cut = error.detail.find("; ");
    if (cut == std::string::npos) return {std::string(error.reason), error.detail, "", std::nullopt};
    return {std::string(error.reason), error.detail.substr(0, cut), error.detail.substr(cut + 2), std::nullopt};
}

}  // namespace iapp::wire
