#include "poco/params.hpp"

#include <charconv>

#include "codec/cid.hpp"
#include "codec/json.hpp"

namespace iapp::poco {
namespace {

constexpr json::Limits kLimits{.max_bytes = std::size_t{1} << 20U, .max_depth = 4};

/// The key a requester secret is known by inside the app: 1, 2, ...
std::optional<std::uint32_t> secret_position(std::string_view key)
{
    std::uint32_t position = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), position);
    if (error != std::errc{} || end != key.data() + key.size() || position == 0) return std::nullopt;
    return position;
}

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

/// The Java reader turns a bare number or boolean into text, and null into "absent".
Result<std::optional<std::string>> as_text(const json::Value& value)
{
    if (value.is_null()) return std::optional<std::string>{};
    if (const auto* text = value.if_string()) return std::optional<std::string>(std::string(view(*text)));
    if (value.is_int64() || value.is_uint64() || value.is_bool()) return std::optional<std::string>(json::print(value));
    return fail(ErrorKind::invalid_input, "params.degraded", "must be text");
}

Result<bool> as_boolean(const json::Value& value)
{
    if (value.is_null()) return false;
    if (const bool* flag = value.if_bool()) return *flag;
    if (const auto* text = value.if_string(); text != nullptr && (view(*text) == "true" || view(*text) == "false"))
        return view(*text) == "true";
    return fail(ErrorKind::invalid_input, "params.degraded", "must be true or false");
}

Result<std::vector<std::string>> as_texts(const json::Value& value)
{
    std::vector<std::string> out;
    if (value.is_null()) return out;
    const json::Array* array = value.if_array();
    if (array == nullptr) return fail(ErrorKind::invalid_input, "params.degraded", "must be an array of texts");
    for (const json::Value& element : *array) {
        TRY(const auto text, as_text(element));
        out.push_back(text.value_or(""));
    }
    return out;
}

Result<std::map<std::uint32_t, std::string>> as_secrets(const json::Value& value)
{
    std::map<std::uint32_t, std::string> out;
    if (value.is_null()) return out;
    const json::Object* object = value.if_object();
    if (object == nullptr) return fail(ErrorKind::invalid_input, "params.degraded", "must be an object of names");
    for (const auto& member : *object) {
        TRY(const auto name, as_text(member.value()));
        const auto position = secret_position({member.key().data(), member.key().size()});
        if (position && name && !name->empty()) out.emplace(*position, *name);  // others are skipped by the services too
    }
    return out;
}

/// One member; answers false for a key the format does not know.
Result<bool> read_member(RequestParams& out, std::string_view key, const json::Value& value)
{
    if (key == "iexec_args") {
        TRY(const auto text, as_text(value));
        out.args = text.value_or("");
    } else if (key == "iexec_input_files") {
        TRY(out.input_files, as_texts(value));
    } else if (key == "iexec_secrets") {
        TRY(out.secrets, as_secrets(value));
    } else if (key == "iexec_result_encryption") {
        TRY(out.result_encryption, as_boolean(value));
    } else if (key == "iexec_result_storage_provider") {
        TRY(out.result_storage_provider, as_text(value));
    } else if (key == "iexec_result_storage_proxy") {
        TRY(out.result_storage_proxy, as_text(value));
    } else if (key == "bulk_cid") {
        TRY(out.bulk_cid, as_text(value));
    } else {
        return false;
    }
    return true;
}

Result<RequestParams> read_params(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    const json::Object* object = value.if_object();
    if (object == nullptr) return fail(ErrorKind::invalid_input, "params.degraded", "not a JSON object");
    RequestParams out;
    for (const auto& member : *object) {
        const std::string key(member.key().data(), member.key().size());
        const auto known = read_member(out, key, member.value());
        if (!known) return fail(ErrorKind::invalid_input, "params.degraded", "\"" + key + "\" " + known.error().detail);
        if (!*known) return fail(ErrorKind::invalid_input, "params.degraded", "unknown key \"" + key + "\"");
    }
    return out;
}

Status check_secrets(const json::Object& object)
{
    const json::Value* value = object.if_contains("iexec_secrets");
    const json::Object* secrets = value == nullptr ? nullptr : value->if_object();
    if (secrets == nullptr) return {};
    for (const auto& member : *secrets) {
        const auto* name = member.value().if_string();
        if (!secret_position({member.key().data(), member.key().size()}) || name == nullptr || name->empty())
            return fail(ErrorKind::invalid_input, "params.secret",
                        "iexec_secrets maps positive integers to names, like {\"1\":\"my-secret\"}");
    }
    return {};
}

}  // namespace

RequestParams parse_params(std::string_view text)
{
    if (text.empty()) return {};
    if (auto params = read_params(text)) return *std::move(params);
    else {
        RequestParams whole;
        whole.args = text;
        whole.degraded = params.error().detail;
        return whole;
    }
}

Status check_params(std::string_view text)
{
    const auto params = read_params(text);
    if (!params)
        return fail(ErrorKind::invalid_input, "params.degraded",
                    params.error().detail +
                        ": the network would take the whole text as the app's arguments and ignore every other setting");
    for (const std::string& url : params->input_files)
        if (!url.starts_with("https://") && !url.starts_with("http://"))
            return fail(ErrorKind::invalid_input, "params.input_file", "input file \"" + url + "\" is not an http(s) URL");
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY_OK(check_secrets(value.get_object()));
    const std::string provider = params->result_storage_provider.value_or("ipfs");
    if (provider != "ipfs" && provider != "dropbox")
        return fail(ErrorKind::invalid_input, "params.storage",
                    "iexec_result_storage_provider is \"ipfs\" or \"dropbox\", not \"" + provider + "\"");
    if (params->bulk_cid && !codec::Cid::parse(*params->bulk_cid))
        return fail(ErrorKind::invalid_input, "params.bulk_cid", "bulk_cid \"" + *params->bulk_cid + "\" is not a CID");
    return {};
}

std::string encode(const RequestParams& params)
{
    json::Object out;
    if (!params.secrets.empty()) {
        json::Object secrets;
        for (const auto& [position, name] : params.secrets) secrets.emplace(std::to_string(position), name);
        out.emplace("iexec_secrets", std::move(secrets));
    }
    if (params.result_storage_provider) out.emplace("iexec_result_storage_provider", *params.result_storage_provider);
    if (params.result_storage_proxy) out.emplace("iexec_result_storage_proxy", *params.result_storage_proxy);
    if (params.result_encryption) out.emplace("iexec_result_encryption", true);
    if (params.bulk_cid) out.emplace("bulk_cid", *params.bulk_cid);
    if (!params.input_files.empty())
        out.emplace("iexec_input_files", json::Array(params.input_files.begin(), params.input_files.end()));
    if (!params.args.empty()) out.emplace("iexec_args", params.args);
    return json::print(out);
}

}  // namespace iapp::poco
