#include "manifest/manifest.hpp"

#include <algorithm>

#include "codec/json.hpp"

namespace iapp::manifest {
namespace {

std::unexpected<Error> invalid(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

/// The document's own shape errors carry the JSON reader's path and come out under our ids.
template <class T>
Result<T> shaped(Result<T> read)
{
    if (read) return read;
    const bool member = read.error().reason == "json.unknown_member" || read.error().reason == "json.duplicate_member";
    return invalid(member ? "manifest.member" : "manifest.json", "app manifest: " + read.error().detail);
}

Status shaped(Status read)
{
    if (read) return read;
    return invalid("manifest.member", "app manifest: " + read.error().detail);
}

bool label_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

/// A DNS name of lower-case labels, or an IPv4 address; the last label of a name is not a number (RFC 3696 section 2).
bool good_host(std::string_view host)
{
    if (host.empty() || host.size() > 253) return false;
    std::size_t labels = 0, numbers = 0;
    bool last_is_number = false, octets = true;
    for (std::string_view rest = host;; ++labels) {
        const std::size_t dot = rest.find('.');
        const std::string_view label = rest.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::ranges::all_of(label, label_character)) return false;
        last_is_number = std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
        numbers += last_is_number ? 1 : 0;
        octets = octets && last_is_number && label.size() <= 3 && (label.size() == 1 || label.front() != '0') &&
                 std::stoi(std::string(label)) <= 255;
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    return last_is_number ? labels == 3 && numbers == 4 && octets : true;
}

Result<Endpoint> read_endpoint(const json::ObjectReader& object)
{
    TRY_OK(shaped(object.only({"host", "port"})));
    TRY(const std::string_view host, shaped(object.text("host")));
    if (!good_host(host))
        return invalid(
            "manifest.host",
            object.path() +
                ".host must be a lower-case DNS name or an IPv4 address; wildcards and ports do not belong there");
    TRY(const std::uint64_t port, shaped(object.u64("port")));
    if (port == 0 || port > 65'535) return invalid("manifest.port", object.path() + ".port must be 1 to 65535");
    return Endpoint{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<std::vector<Endpoint>> read_network(const json::ObjectReader& document)
{
    std::vector<Endpoint> out;
    TRY(const auto array, shaped(document.find_array("network")));
    if (!array) return out;
    if (array->size() > kMaxEndpoints)
        return fail(ErrorKind::resource_exhausted, "manifest.endpoints", "an app may open at most 32 endpoints");
    for (std::size_t i = 0; i < array->size(); ++i) {
        TRY(const auto object, shaped(array->object(i)));
        TRY(Endpoint endpoint, read_endpoint(object));
        if (std::ranges::find(out, endpoint) != out.end())
            return invalid("manifest.endpoint_twice",
                           object.path() + " repeats " + endpoint.host + ":" + std::to_string(endpoint.port));
        out.push_back(std::move(endpoint));
    }
    return out;
}

Result<DatasetRule> read_datasets(const json::ObjectReader& document)
{
    TRY(const auto object, shaped(document.find_object("datasets")));
    if (!object) return DatasetRule::any;
    TRY_OK(shaped(object->only({"require"})));
    TRY(const std::string_view rule, shaped(object->text("require")));
    if (rule == "any") return DatasetRule::any;
    if (rule == "all") return DatasetRule::all;
    return invalid("manifest.datasets", "$.datasets.require must be \"any\" or \"all\"");
}

Result<bool> read_callback(const json::ObjectReader& document)
{
    const auto callback = document.find_boolean("callback");
    if (!callback) return invalid("manifest.callback", "$.callback must be true or false");
    return callback->value_or(false);
}

Status read_bounded(const json::ObjectReader& object, std::string_view name, std::uint32_t least, std::uint32_t most,
                    std::uint32_t& out)
{
    TRY(const auto value, shaped(object.find_u64(name)));
    if (!value) return {};
    if (*value < least || *value > most)
        return invalid("manifest.resources", "$.resources." + std::string(name) + " must be " + std::to_string(least) +
                                                 " to " + std::to_string(most));
    out = static_cast<std::uint32_t>(*value);
    return {};
}

Result<Resources> read_resources(const json::ObjectReader& document)
{
    Resources out;
    TRY(const auto object, shaped(document.find_object("resources")));
    if (!object) return out;
    TRY_OK(shaped(object->only({"memory_mib", "pids", "cpus", "tmp_mib"})));
    TRY_OK(read_bounded(*object, "memory_mib", 16, 1u << 20, out.memory_mib));
    TRY_OK(read_bounded(*object, "pids", 1, 32'768, out.pids));
    TRY_OK(read_bounded(*object, "cpus", 1, 256, out.cpus));
    TRY_OK(read_bounded(*object, "tmp_mib", 0, 1u << 20, out.tmp_mib));
    return out;
}

}  // namespace

Result<AppManifest> parse(std::string_view text)
{
    if (text.size() > kMaxBytes)
        return fail(ErrorKind::resource_exhausted, "manifest.size", "an app manifest is at most 16 KiB");
    TRY(const json::Value value, shaped(json::parse(text, {.max_bytes = kMaxBytes, .max_depth = 8})));
    TRY(const auto document, shaped(json::ObjectReader::of(value)));
    TRY(const std::string_view schema, shaped(document.text("schema")));
    if (schema != kSchema)
        return invalid("manifest.schema", "$.schema must be \"" + std::string(kSchema) + "\"; update iapp or the app");
    TRY_OK(shaped(document.only({"schema", "datasets", "network", "resources", "callback"})));
    AppManifest out;
    TRY(out.datasets, read_datasets(document));
    TRY(out.network, read_network(document));
    TRY(out.resources, read_resources(document));
    TRY(out.callback, read_callback(document));
    return out;
}

Result<AppManifest> of_label(const std::optional<std::string>& label) { return label ? parse(*label) : AppManifest{}; }

std::string encode(const AppManifest& manifest)
{
    json::Array network;
    for (const Endpoint& endpoint : manifest.network)
        network.push_back(json::Object{{"host", endpoint.host}, {"port", endpoint.port}});
    const Resources& want = manifest.resources;
    json::Object out{
        {"schema", kSchema},
        {"datasets", json::Object{{"require", manifest.datasets == DatasetRule::all ? "all" : "any"}}},
        {"network", std::move(network)},
        {"resources",
         json::Object{
             {"memory_mib", want.memory_mib}, {"pids", want.pids}, {"cpus", want.cpus}, {"tmp_mib", want.tmp_mib}}}};
    if (manifest.callback) out["callback"] = true;
    return json::print(out);
}

}  // namespace iapp::manifest
