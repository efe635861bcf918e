#include "devnet/deployment_file.hpp"

#include <algorithm>

#include "codec/json.hpp"

namespace iapp::devnet {
namespace {

constexpr std::size_t kMaxBytes = 1U << 20U;

std::unexpected<Error> wrong(const json::ObjectReader& in, std::string_view name, std::string_view what)
{
    return fail(ErrorKind::invalid_input, "deployment.member",
                in.path() + "." + std::string(name) + " " + std::string(what));
}

Result<eth::Address> read_address(const json::ObjectReader& in, std::string_view name)
{
    TRY(const auto text, in.text(name));
    const auto address = eth::parse_address(text);
    if (!address) return wrong(in, name, "is no address: " + address.error().detail);
    if (address->is_zero()) return wrong(in, name, "is the zero address");
    return *address;
}

Result<eth::Wallet> read_account(const json::ObjectReader& accounts, std::string_view name)
{
    TRY(const auto account, accounts.object(name));
    TRY(const auto key, account.text("privateKey"));
    auto wallet = eth::Wallet::from_private_key_hex(key);
    if (!wallet) return wrong(account, "privateKey", "is no private key: 0x and 64 hexadecimal digits");
    return wallet;
}

void note_ignored(const json::ObjectReader& in, std::initializer_list<std::string_view> known, std::vector<std::string>& out)
{
    for (const auto& member : in.raw())
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            out.push_back(in.path() + "." + std::string(member.key()));
}

std::vector<std::string> ignored_members(const json::ObjectReader& root, const json::ObjectReader& accounts)
{
    std::vector<std::string> out;
    note_ignored(root, {"chainId", "hub", "rlc", "dataprotector", "sharing", "workerpool", "startBlock", "accounts"}, out);
    note_ignored(accounts, {"scheduler", "worker", "admin"}, out);
    return out;
}

Result<ForeignDeployment> read_deployment(const json::Value& document)
{
    TRY(const auto root, json::ObjectReader::of(document));
    TRY(const std::uint64_t chain_id, root.u64("chainId"));
    TRY(const eth::Address hub, read_address(root, "hub"));
    TRY(const eth::Address rlc, read_address(root, "rlc"));
    TRY(const eth::Address dataprotector, read_address(root, "dataprotector"));
    std::optional<eth::Address> sharing;
    TRY(const auto has_sharing, root.find_text("sharing"));
    if (has_sharing) {
        TRY(sharing, read_address(root, "sharing"));
    }
    TRY(const eth::Address workerpool, read_address(root, "workerpool"));
    TRY(const std::uint64_t start_block, root.u64("startBlock"));
    TRY(const auto accounts, root.object("accounts"));
    TRY(eth::Wallet scheduler, read_account(accounts, "scheduler"));
    TRY(eth::Wallet worker, read_account(accounts, "worker"));
    std::optional<eth::Wallet> admin;
    if (accounts.has("admin")) {
        TRY(admin, read_account(accounts, "admin"));
    }
    return ForeignDeployment{chain_id,
                             hub,
                             rlc,
                             dataprotector,
                             sharing,
                             workerpool,
                             start_block,
                             std::move(scheduler),
                             std::move(worker),
                             std::move(admin),
                             ignored_members(root, accounts)};
}

}  // namespace

Result<ForeignDeployment> parse_deployment(std::string_view text)
{
    const auto document = json::parse(text, {.max_bytes = kMaxBytes, .max_depth = 32});
    if (!document) return fail(ErrorKind::invalid_input, "deployment.json", document.error().detail);
    auto deployment = read_deployment(*document);
    if (deployment || deployment.error().reason == "deployment.member") return deployment;
    return fail(ErrorKind::invalid_input, "deployment.member", deployment.error().detail);
}

}  // namespace iapp::devnet
