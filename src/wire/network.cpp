#include "wire/network.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include "attest/run.hpp"
#include "wire/internal/toml_reader.hpp"

namespace iapp::wire {
namespace {

using internal::TomlReader;

constexpr std::string_view kSchema = "iapp-network/1";
constexpr std::size_t kMaxDocumentBytes = 256 * 1024;

bool is_port(std::string_view digits)
{
    unsigned port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc{} && end == digits.data() + digits.size() && port > 0 && port < 65536;
}

bool is_host(std::string_view host)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    };
    return !host.empty() && std::ranges::all_of(host, allowed);
}

bool is_loopback(std::string_view host) { return host == "127.0.0.1" || host == "localhost" || host == "[::1]"; }

/// Splits "host[:port]" and answers the host when both are well formed.
std::optional<std::string_view> host_of(std::string_view authority)
{
    constexpr std::string_view kLoopback6 = "[::1]";
    const std::size_t host_size =
        authority.starts_with(kLoopback6) ? kLoopback6.size() : std::min(authority.find(':'), authority.size());
    const std::string_view host = authority.substr(0, host_size);
    const std::string_view rest = authority.substr(host_size);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    if (host != kLoopback6 && !is_host(host)) return std::nullopt;
    return host;
}

std::unexpected<Error> bad_url(std::string_view url, std::string_view why)
{
    return fail(ErrorKind::invalid_input, "network.url", std::string(url) + ": " + std::string(why));
}

/// https anywhere or http on loopback; the part behind the authority goes to `path`.
Status check_url(std::string_view url, std::string_view& path)
{
    const bool tls = url.starts_with("https://");
    if (!tls && !url.starts_with("http://")) return bad_url(url, "not an https or http URL");
    const std::string_view rest = url.substr(tls ? 8 : 7);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    path = rest.substr(slash);
    const auto host = host_of(rest.substr(0, slash));
    if (!host) return bad_url(url, "host or port is malformed");
    if (!tls && !is_loopback(*host)) return bad_url(url, "plain http is for loopback only; use https");
    return {};
}

/// A JSON-RPC endpoint may have a path (API keys live there); a service origin may not.
Result<std::string> read_rpc_url(const TomlReader& table, std::string_view name)
{
    TRY(std::string url, table.text(name));
    TRY_OK(check_rpc_url(url));
    return url;
}

Result<std::string> read_origin(const TomlReader& table, std::string_view name)
{
    TRY(std::string url, table.text(name));
    TRY_OK(check_origin(url));
    return url;
}

Result<std::optional<std::string>> find_origin(const TomlReader& table, std::string_view name)
{
    if (!table.has(name)) return std::optional<std::string>{};
    TRY(std::string url, read_origin(table, name));
    return std::optional<std::string>(std::move(url));
}

Result<std::optional<eth::Address>> find_address(const TomlReader& table, std::string_view name)
{
    if (!table.has(name)) return std::optional<eth::Address>{};
    TRY(const eth::Address address, table.address(name));
    return std::optional(address);
}

Result<NetworkContracts> read_contracts(const TomlReader& table)
{
    TRY_OK(table.only({"hub", "rlc", "app_registry", "dataset_registry", "workerpool_registry", "dataprotector", "sharing",
                       "app_whitelist_registry"}));
    TRY(const eth::Address hub, table.address("hub"));
    TRY(const eth::Address rlc, table.address("rlc"));
    TRY(const eth::Address apps, table.address("app_registry"));
    TRY(const eth::Address datasets, table.address("dataset_registry"));
    TRY(const eth::Address workerpools, table.address("workerpool_registry"));
    TRY(const eth::Address dataprotector, table.address("dataprotector"));
    TRY(const auto sharing, find_address(table, "sharing"));
    TRY(const auto whitelists, find_address(table, "app_whitelist_registry"));
    return NetworkContracts{hub, rlc, apps, datasets, workerpools, dataprotector, sharing, whitelists};
}

Result<NetworkServices> read_services(const TomlReader& table)
{
    TRY_OK(table.only(
        {"sms", "market", "ipfs_api", "ipfs_gateway", "core", "registry", "result_proxy", "index", "compass", "explorer"}));
    TRY(std::string sms, read_origin(table, "sms"));
    TRY(std::string market, read_origin(table, "market"));
    TRY(std::string ipfs_api, read_origin(table, "ipfs_api"));
    TRY(std::string ipfs_gateway, read_origin(table, "ipfs_gateway"));
    TRY(auto core, find_origin(table, "core"));
    TRY(auto registry, find_origin(table, "registry"));
    TRY(auto result_proxy, find_origin(table, "result_proxy"));
    TRY(auto index, find_origin(table, "index"));
    TRY(auto compass, find_origin(table, "compass"));
    TRY(auto explorer, find_origin(table, "explorer"));
    return NetworkServices{std::move(sms),     std::move(market),   std::move(ipfs_api),     std::move(ipfs_gateway),
                           std::move(core),    std::move(registry), std::move(result_proxy), std::move(index),
                           std::move(compass), std::move(explorer)};
}

Result<std::vector<Hash384>> read_measurements(const TomlReader& table)
{
    TRY(const std::vector<std::string> texts, table.texts("agent_measurements"));
    if (texts.empty())
        return fail(ErrorKind::invalid_input, "network.measurement",
                    "trust.agent_measurements is empty; name at least one MRTD");
    std::vector<Hash384> out;
    for (const std::string& text : texts) {
        const auto value = Hash384::from_hex("0x" + text);
        if (!value || hex(value->bytes()) != text)
            return fail(ErrorKind::invalid_input, "network.measurement",
                        "trust.agent_measurements: '" + text + "' is not 96 lower-case hex digits");
        out.push_back(*value);
    }
    return out;
}

/// A network either has the whole table or none of it: half a trust is a mistake.
Result<std::optional<NetworkTrust>> read_trust(const TomlReader& root)
{
    if (!root.has("trust")) return std::optional<NetworkTrust>{};
    TRY(const TomlReader table, root.table("trust"));
    TRY_OK(table.only(
        {"agent_measurements", "ledger_signer", "root_certificate", "dangerous_allow_simulated_tee", "collateral_file"}));
    TRY(auto measurements, read_measurements(table));
    TRY(const eth::Address ledger_signer, table.address("ledger_signer"));
    TRY(std::string certificate, table.text("root_certificate"));
    if (const auto anchor = attest::TrustAnchor::from_pem(certificate); !anchor)
        return fail(ErrorKind::invalid_input, "network.certificate", "trust.root_certificate: " + anchor.error().detail);
    bool simulated = false;
    if (table.has("dangerous_allow_simulated_tee")) {
        TRY(simulated, table.boolean("dangerous_allow_simulated_tee"));
    }
    TRY(std::string file, table.text("collateral_file"));
    if (!file.starts_with('/'))
        return fail(ErrorKind::invalid_input, "network.path", "trust.collateral_file is not an absolute path");
    return std::optional(
        NetworkTrust{std::move(measurements), ledger_signer, std::move(certificate), simulated, std::move(file)});
}

Result<std::vector<std::string>> read_witnesses(const TomlReader& root)
{
    if (!root.has("rpc_witness_urls")) return std::vector<std::string>{};
    TRY(auto urls, root.texts("rpc_witness_urls"));
    for (const std::string& url : urls) TRY_OK(check_rpc_url(url));
    return urls;
}

Result<std::string> read_name(const TomlReader& root)
{
    TRY(std::string name, root.text("name"));
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (name.empty() || name.size() > 64 || !std::ranges::all_of(name, allowed))
        return fail(ErrorKind::invalid_input, "network.name", "name is not 1 to 64 of [a-z0-9-]");
    return name;
}

Result<std::vector<eth::Address>> read_workerpools(const TomlReader& root)
{
    TRY(const TomlReader table, root.table("workerpool"));
    TRY_OK(table.only({"address", "further"}));
    TRY(const eth::Address first, table.address("address"));
    std::vector<eth::Address> pools{first};
    if (!table.has("further")) return pools;
    TRY(const auto further, table.addresses("further"));
    pools.insert(pools.end(), further.begin(), further.end());
    return pools;
}

Result<Network> read_network(const TomlReader& root)
{
    TRY_OK(root.only({"schema", "name", "chain_id", "rpc_url", "rpc_witness_urls", "start_block", "contracts", "services",
                      "workerpool", "trust"}));
    TRY(const std::string schema, root.text("schema"));
    if (schema != kSchema)
        return fail(ErrorKind::invalid_input, "network.schema",
                    "schema is '" + schema + "', this program reads " + std::string(kSchema));
    TRY(std::string name, read_name(root));
    TRY(const std::uint64_t chain_id, root.number("chain_id"));
    TRY(std::string rpc_url, read_rpc_url(root, "rpc_url"));
    TRY(auto witnesses, read_witnesses(root));
    TRY(const std::uint64_t start_block, root.number("start_block"));
    TRY(const TomlReader contract_table, root.table("contracts"));
    TRY(const NetworkContracts contracts, read_contracts(contract_table));
    TRY(const TomlReader service_table, root.table("services"));
    TRY(NetworkServices services, read_services(service_table));
    TRY(const auto workerpools, read_workerpools(root));
    TRY(auto trust, read_trust(root));
    return Network{std::move(name),     chain_id,
                   std::move(rpc_url),  std::move(witnesses),
                   start_block,         contracts,
                   std::move(services), workerpools.front(),
                   std::move(trust),    {workerpools.begin() + 1, workerpools.end()}};
}

toml::table workerpool_table(const Network& network)
{
    toml::table out{{"address", eth::to_checksum(network.workerpool)}};
    if (network.further_workerpools.empty()) return out;
    toml::array further;
    for (const eth::Address& pool : network.further_workerpools) further.push_back(eth::to_checksum(pool));
    out.insert("further", std::move(further));
    return out;
}

toml::table contracts_table(const NetworkContracts& contracts)
{
    toml::table out{{"hub", eth::to_checksum(contracts.hub)},
                    {"rlc", eth::to_checksum(contracts.rlc)},
                    {"app_registry", eth::to_checksum(contracts.app_registry)},
                    {"dataset_registry", eth::to_checksum(contracts.dataset_registry)},
                    {"workerpool_registry", eth::to_checksum(contracts.workerpool_registry)},
                    {"dataprotector", eth::to_checksum(contracts.dataprotector)}};
    if (contracts.sharing) out.insert("sharing", eth::to_checksum(*contracts.sharing));
    if (contracts.app_whitelist_registry)
        out.insert("app_whitelist_registry", eth::to_checksum(*contracts.app_whitelist_registry));
    return out;
}

toml::table services_table(const NetworkServices& services)
{
    toml::table out{{"sms", services.sms},
                    {"market", services.market},
                    {"ipfs_api", services.ipfs_api},
                    {"ipfs_gateway", services.ipfs_gateway}};
    if (services.core) out.insert("core", *services.core);
    if (services.registry) out.insert("registry", *services.registry);
    if (services.result_proxy) out.insert("result_proxy", *services.result_proxy);
    if (services.index) out.insert("index", *services.index);
    if (services.compass) out.insert("compass", *services.compass);
    if (services.explorer) out.insert("explorer", *services.explorer);
    return out;
}

toml::table trust_table(const NetworkTrust& trust)
{
    toml::array measurements;
    for (const Hash384& value : trust.agent_measurements) measurements.push_back(hex(value.bytes()));
    return toml::table{{"agent_measurements", std::move(measurements)},
                       {"ledger_signer", eth::to_checksum(trust.ledger_signer)},
                       {"root_certificate", trust.root_certificate},
                       {"dangerous_allow_simulated_tee", trust.dangerous_allow_simulated_tee},
                       {"collateral_file", trust.collateral_file}};
}

}  // namespace

std::vector<eth::Address> workerpools_of(const Network& network)
{
    std::vector<eth::Address> pools{network.workerpool};
    pools.insert(pools.end(), network.further_workerpools.begin(), network.further_workerpools.end());
    return pools;
}

Result<NetworkTrust> get_trust(const Network& network)
{
    if (network.trust) return *network.trust;
    return fail(ErrorKind::precondition_failed, "network.no_trust",
                "network " + network.name + " names no agents and no ledger that this program could verify");
}

Result<std::string> get_core(const Network& network)
{
    if (network.services.core) return *network.services.core;
    return fail(ErrorKind::precondition_failed, "network.no_core", "network " + network.name + " names no scheduler");
}

Result<std::string> get_registry(const Network& network)
{
    if (network.services.registry) return *network.services.registry;
    return fail(ErrorKind::precondition_failed, "network.no_registry",
                "network " + network.name + " names no registry to push images to");
}

Status check_origin(std::string_view url)
{
    std::string_view path;
    TRY_OK(check_url(url, path));
    if (!path.empty()) return bad_url(url, "a service is an origin; remove everything after host and port");
    return {};
}

Status check_rpc_url(std::string_view url)
{
    std::string_view path;
    return check_url(url, path);
}

Result<Network> parse_network(std::string_view text)
{
    if (text.size() > kMaxDocumentBytes)
        return fail(ErrorKind::invalid_input, "network.toml", "document is larger than 256 KiB");
    try {
        const toml::table document = toml::parse(text);
        return read_network(TomlReader(document, ""));
    } catch (const toml::parse_error& error) {  // the compiled library reports syntax this way
        return fail(ErrorKind::invalid_input, "network.toml",
                    "line " + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
    }
}

std::string encode_network(const Network& network)
{
    toml::array witnesses;
    for (const std::string& url : network.rpc_witness_urls) witnesses.push_back(url);
    toml::table out{{"schema", kSchema},
                    {"name", network.name},
                    {"chain_id", static_cast<std::int64_t>(network.chain_id)},
                    {"rpc_url", network.rpc_url},
                    {"start_block", static_cast<std::int64_t>(network.start_block)},
                    {"contracts", contracts_table(network.contracts)},
                    {"services", services_table(network.services)},
                    {"workerpool", workerpool_table(network)}};
    if (network.trust) out.insert("trust", trust_table(*network.trust));
    if (!witnesses.empty()) out.insert("rpc_witness_urls", std::move(witnesses));
    std::ostringstream stream;
    stream << out << '\n';
    return stream.str();
}

}  // namespace iapp::wire
