#include "devnet/settings.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "base/file.hpp"
#include "codec/json.hpp"

namespace iapp::devnet {
namespace {

constexpr std::string_view kSchema = "iapp-devnet/1";

Result<Settings> read_settings(const json::Value& document)
{
    TRY(const auto in, json::ObjectReader::of(document));
    TRY_OK(in.only({"schema", "chainId", "ports", "canonicalAddresses", "node"}));
    TRY(const auto schema, in.text("schema"));
    if (schema != kSchema) return fail(ErrorKind::corrupt, "devnet.settings", "its schema is " + std::string(schema));
    Settings settings;
    TRY(settings.chain_id, in.u64("chainId"));
    TRY(const auto ports, in.text("ports"));
    TRY(settings.ports, settings.ports.with(std::vector{std::string(ports)}));
    TRY(const auto canonical, in.find_boolean("canonicalAddresses"));
    settings.canonical_addresses = canonical.value_or(false);
    TRY(const auto node, in.find_text("node"));
    if (node) settings.node = *node;
    return settings;
}

}  // namespace

Result<std::optional<Settings>> load_settings(const Layout& layout)
{
    if (!std::filesystem::exists(layout.network())) return std::optional<Settings>{};  // a crash before it starts over
    const auto text = read_file(layout.settings());
    if (!text)
        return fail(ErrorKind::corrupt, "devnet.settings",
                    layout.dir.string() + " was made by an older program; remove it, or choose another --dir");
    const auto document = json::parse(*text);
    auto settings = document ? read_settings(*document) : Result<Settings>(std::unexpected(document.error()));
    if (settings) return std::optional(*std::move(settings));
    return fail(ErrorKind::corrupt, "devnet.settings",
                layout.settings().string() + " is not what this program writes: " + settings.error().detail);
}

Status save_settings(const Layout& layout, const Settings& settings)
{
    json::Object document{{"schema", kSchema}, {"chainId", settings.chain_id}, {"ports", settings.ports.to_assignments()}};
    if (settings.canonical_addresses) document["canonicalAddresses"] = true;
    if (settings.node) document["node"] = *settings.node;
    return write_private(layout.settings(), json::print(document) + "\n");
}

Status check_same(const Settings& made, const Settings& wanted)
{
    if (made.ports == wanted.ports && made.chain_id == wanted.chain_id &&
        made.canonical_addresses == wanted.canonical_addresses && made.node.has_value() == wanted.node.has_value())
        return {};
    return fail(ErrorKind::conflict, "devnet.ports",
                "this network was made with chain id " + std::to_string(made.chain_id) +
                    (made.node ? ", on somebody else's node" : ", on a node of its own") +
                    (made.canonical_addresses ? ", at canonical addresses" : "") + ", and ports " +
                    made.ports.to_assignments() + "; use those, or another --dir");
}

Status write_private(const std::filesystem::path& path, std::string_view text)
{
    const std::string temporary = path.string() + ".new";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool wrote =
        fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (wrote && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
    return fail(ErrorKind::internal, "devnet.write", "cannot write " + path.string());
}

}  // namespace iapp::devnet
