#include "config.hpp"

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

#include "store/location.hpp"
#include "wire/network.hpp"

namespace iapp::daemon {
namespace {

std::unexpected<Error> wrong(const std::string& what) { return fail(ErrorKind::invalid_input, "iappd.config", what); }

/// One table with the keys it may have; reading a key that is absent or of another type names it.
class Section {
public:
    Section(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

    Status only(std::initializer_list<std::string_view> keys) const
    {
        for (const auto& [key, value] : table_)
            if (std::ranges::find(keys, std::string_view(key.str())) == keys.end())
                return wrong("unknown key " + name_ + "." + std::string(key.str()));
        return {};
    }

    Result<std::string> text(std::string_view key) const
    {
        if (const auto value = table_[key].value<std::string>()) return *value;
        return wrong(name_ + "." + std::string(key) + " must be a text");
    }

    Result<std::string> text(std::string_view key, std::string_view otherwise) const
    {
        return has(key) ? text(key) : std::string(otherwise);
    }

    Result<std::filesystem::path> path(std::string_view key) const
    {
        TRY(std::filesystem::path value, text(key));
        if (value.is_absolute()) return value;
        return wrong(name_ + "." + std::string(key) + " must be an absolute path");
    }

    /// A file, or a URL the store understands.
    Result<std::string> database() const
    {
        TRY(std::string value, text("database"));
        if (store::is_url(value) || std::filesystem::path(value).is_absolute()) return value;
        return wrong(name_ + ".database must be an absolute path or a postgresql:// URL");
    }

    Result<Listen> listen(std::string_view key) const
    {
        TRY(const auto value, text(key));
        return parse_listen(value);
    }

    Result<KeyFiles> keys() const
    {
        TRY(auto keystore, path("keystore"));
        TRY(auto password, path("password_file"));
        return KeyFiles{std::move(keystore), std::move(password)};
    }

    Result<std::set<eth::Address>> addresses(std::string_view key) const
    {
        const auto* list = table_[key].as_array();
        if (!list) return wrong(name_ + "." + std::string(key) + " must be a list of addresses");
        std::set<eth::Address> out;
        for (const auto& item : *list) {
            TRY(const auto address, eth::parse_address(item.value_or(std::string{})));
            out.insert(address);
        }
        return out;
    }

    /// [section.key]: an address and an origin each; none when it is absent.
    Result<std::map<eth::Address, std::string>> origins(std::string_view key) const
    {
        std::map<eth::Address, std::string> out;
        const auto* table = table_[key].as_table();
        if (!table && table_.contains(key)) return wrong(name_ + "." + std::string(key) + " must be a table");
        if (!table) return out;
        for (const auto& [name, value] : *table) {
            TRY(const auto address, eth::parse_address(name.str()));
            const auto origin = value.value_or(std::string{});
            TRY_OK(wire::check_origin(origin));
            out.emplace(address, origin);
        }
        return out;
    }

    Result<std::uint64_t> count(std::string_view key, std::uint64_t otherwise) const
    {
        if (!table_.contains(key)) return otherwise;
        const auto value = table_[key].value<std::int64_t>();
        if (value && *value >= 0) return static_cast<std::uint64_t>(*value);
        return wrong(name_ + "." + std::string(key) + " must be a number that is not negative");
    }

    std::int64_t number(std::string_view key, std::int64_t otherwise) const { return table_[key].value_or(otherwise); }
    Result<bool> flag(std::string_view key, bool otherwise) const
    {
        if (!has(key)) return otherwise;
        if (const auto value = table_[key].value<bool>()) return *value;
        return wrong(name_ + "." + std::string(key) + " must be true or false");
    }
    bool has(std::string_view key) const { return table_.contains(key); }

    std::optional<Section> table(std::string_view key) const
    {
        if (const auto* inner = table_[key].as_table()) return Section(*inner, name_ + "." + std::string(key));
        return std::nullopt;
    }

private:
    const toml::table& table_;
    std::string name_;
};

Result<SmsConfig> read_sms(const Section& in)
{
    TRY_OK(in.only({"listen", "directory"}));
    TRY(auto listen, in.listen("listen"));
    TRY(auto directory, in.path("directory"));
    return SmsConfig{std::move(listen), std::move(directory)};
}

Result<MarketConfig> read_market(const Section& in)
{
    TRY_OK(in.only({"listen", "database", "max_open_orders", "requests_per_minute", "behind_proxy"}));
    TRY(auto listen, in.listen("listen"));
    TRY(auto database, in.database());
    market::Options limits;
    TRY(limits.max_open_orders, in.count("max_open_orders", limits.max_open_orders));
    TRY(limits.requests_per_minute, in.count("requests_per_minute", limits.requests_per_minute));
    TRY(limits.is_behind_proxy, in.flag("behind_proxy", false));
    return MarketConfig{std::move(listen), std::move(database), limits};
}

Result<S3Config> read_s3(const Section& in)
{
    TRY_OK(in.only({"endpoint", "region", "bucket", "prefix", "path_style", "credentials"}));
    TRY(auto endpoint, in.text("endpoint"));
    TRY(auto region, in.text("region"));
    TRY(auto bucket, in.text("bucket"));
    TRY(auto prefix, in.text("prefix", ""));
    TRY(const bool path_style, in.flag("path_style", false));
    TRY(auto credentials, in.path("credentials"));
    return S3Config{std::move(endpoint), std::move(region), std::move(bucket),
                    std::move(prefix),   path_style,        std::move(credentials)};
}

/// Exactly one of directory, ipfs and the table s3.
Result<BlobsConfig> read_blobs(const Section& in)
{
    TRY_OK(in.only({"api", "gateway", "directory", "ipfs", "s3"}));
    TRY(auto api, in.listen("api"));
    TRY(auto gateway, in.listen("gateway"));
    BlobsConfig out{std::move(api), std::move(gateway), {}};
    const auto s3 = in.table("s3");
    if (in.has("directory") + in.has("ipfs") + in.has("s3") != 1)
        return wrong("blobs must have one of directory, ipfs and [blobs.s3]");
    if (in.has("directory")) {
        TRY(out.backend, in.path("directory"));
    } else if (in.has("ipfs")) {
        TRY(auto url, in.text("ipfs"));
        out.backend = IpfsConfig{std::move(url)};
    } else {
        if (!s3) return wrong("blobs.s3 must be a table");
        TRY(out.backend, read_s3(*s3));
    }
    return out;
}

Result<IndexConfig> read_index(const Section& in)
{
    TRY_OK(in.only({"listen", "compass_listen", "database", "workerpools"}));
    TRY(auto listen, in.listen("listen"));
    TRY(auto compass, in.listen("compass_listen"));
    TRY(auto database, in.database());
    TRY(auto workerpools, in.origins("workerpools"));
    return IndexConfig{std::move(listen), std::move(compass), std::move(database), std::move(workerpools)};
}

Result<SchedulerConfig> read_scheduler(const Section& in)
{
    TRY_OK(in.only({"listen", "database", "keystore", "password_file", "workers", "lease_seconds"}));
    TRY(auto listen, in.listen("listen"));
    TRY(auto database, in.database());
    TRY(auto keys, in.keys());
    TRY(auto workers, in.addresses("workers"));
    const std::chrono::seconds lease(in.number("lease_seconds", 30));
    if (lease < std::chrono::seconds(2)) return wrong("scheduler.lease_seconds must be at least 2");
    return SchedulerConfig{std::move(listen), std::move(database), std::move(keys), std::move(workers), lease};
}

Result<ResultProxyConfig> read_result_proxy(const Section& in)
{
    TRY_OK(in.only({"listen", "directory"}));
    TRY(auto listen, in.listen("listen"));
    TRY(auto directory, in.path("directory"));
    return ResultProxyConfig{std::move(listen), std::move(directory)};
}

Result<WorkerConfig> read_worker(const Section& in)
{
    TRY_OK(in.only(
        {"database", "work_dir", "keystore", "password_file", "launcher", "agent", "pki_dir", "log_file", "evidence"}));
    TRY(auto database, in.path("database"));
    TRY(auto work_dir, in.path("work_dir"));
    TRY(auto keys, in.keys());
    TRY(auto launcher, in.path("launcher"));
    TRY(auto agent, in.path("agent"));
    TRY(auto pki, in.path("pki_dir"));
    TRY(auto log, in.path("log_file"));
    TRY(auto evidence, in.text("evidence"));
    return WorkerConfig{std::move(database), std::move(work_dir), std::move(keys), std::move(launcher),
                        std::move(agent),    std::move(pki),      std::move(log),  std::move(evidence)};
}

template <class T>
Status read_section(const toml::table& document, std::string_view name, Result<T> (*read)(const Section&),
                    std::optional<T>& out)
{
    const auto* table = document[name].as_table();
    if (!table) return {};
    TRY(out, read(Section(*table, std::string(name))));
    return {};
}

}  // namespace

Result<Listen> parse_listen(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    std::uint16_t port = 0;
    if (colon == std::string_view::npos) return wrong("\"" + std::string(text) + "\" is not ADDRESS:PORT");
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size())
        return wrong("\"" + std::string(text) + "\" has no port number");
    std::string_view address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    return Listen{std::string(address), port};
}

Result<Config> parse_config(std::string_view text)
{
    toml::table document;
    try {
        document = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return wrong("not TOML: " + std::string(error.description()));
    }
    const Section top(document, "document");
    TRY_OK(top.only({"schema", "network", "sms", "market", "blobs", "index", "scheduler", "result_proxy", "worker"}));
    TRY(const auto schema, top.text("schema"));
    if (schema != "iappd/1") return wrong("schema must be \"iappd/1\"");
    Config config;
    TRY(config.network, top.path("network"));
    TRY_OK(read_section(document, "sms", read_sms, config.sms));
    TRY_OK(read_section(document, "market", read_market, config.market));
    TRY_OK(read_section(document, "blobs", read_blobs, config.blobs));
    TRY_OK(read_section(document, "index", read_index, config.index));
    TRY_OK(read_section(document, "scheduler", read_scheduler, config.scheduler));
    TRY_OK(read_section(document, "result_proxy", read_result_proxy, config.result_proxy));
    TRY_OK(read_section(document, "worker", read_worker, config.worker));
    return config;
}

}  // namespace iapp::daemon
