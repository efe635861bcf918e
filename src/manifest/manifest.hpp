#pragma once
// What an app declares about itself: the datasets it needs, the endpoints it opens, the resources it wants.
// It is a label of the image configuration, so the image digest covers it and the owner's policy can rely on it.
// Not what a run is granted: policy and the worker's own limits come after.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace iapp::manifest {

inline constexpr std::string_view kLabel = "network.iapp.manifest";
inline constexpr std::string_view kSchema = "iapp-manifest/1";
inline constexpr std::size_t kMaxBytes = 16 * 1024;
inline constexpr std::size_t kMaxEndpoints = 32;

/// What to do when an owner's key is refused for one of several datasets of a task.
enum class DatasetRule : unsigned char {
    any,  ///< run with the datasets that were released (iExec's rule for bulk)
    all   ///< do not run at all
};

/// One endpoint the app may reach. The host is a DNS name in lower case or an IPv4 address, never a pattern.
struct Endpoint {
    std::string host;
    std::uint16_t port;
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct Resources {
    std::uint32_t memory_mib = 1024;  ///< 16 .. 1 Mi (1 TiB)
    std::uint32_t pids = 256;         ///< 1 .. 32768
    std::uint32_t cpus = 1;           ///< 1 .. 256
    std::uint32_t tmp_mib = 64;       ///< 0 .. 1 Mi
    friend bool operator==(const Resources&, const Resources&) = default;
};

struct AppManifest {
    DatasetRule datasets = DatasetRule::any;
    std::vector<Endpoint> network;  ///< empty: the app has no network
    Resources resources;
    bool callback = false;  ///< the app hands data to a callback: on chain, where everybody reads it
    friend bool operator==(const AppManifest&, const AppManifest&) = default;
};

/// Parses a manifest document; members may be left out, unknown and repeated ones are refused.
/// Errors: invalid_input "manifest.json", "manifest.schema", "manifest.member", "manifest.datasets", "manifest.callback",
/// "manifest.host", "manifest.port", "manifest.endpoint_twice", "manifest.resources"; resource_exhausted "manifest.size",
/// "manifest.endpoints".
Result<AppManifest> parse(std::string_view json);

/// The manifest of an image: its label's text, or the defaults when the image carries none.
Result<AppManifest> of_label(const std::optional<std::string>& label);

/// Compact JSON, members in a fixed order; parse(encode(m)) == m.
std::string encode(const AppManifest& manifest);

}  // namespace iapp::manifest
