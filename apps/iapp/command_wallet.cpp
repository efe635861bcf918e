// iapp wallet: keys that sign orders and pay. Stored as keystore v3; a private key is never printed.
#include "commands.hpp"
#include "devnet/bootstrap.hpp"
#include "eth/keystore.hpp"
#include "wallet_store.hpp"

namespace iapp::cli {
namespace {

/// geth's "light" cost, for development keys: opening takes milliseconds instead of a second.
constexpr eth::ScryptCost kLight{1U << 12U, 8, 6};

Result<Answer> save(const std::string& name, const eth::Wallet& wallet, const Arguments& arguments, Context& context)
{
    TRY(const auto password,
        read_password(context.global.password_file, context.global.no_input, "new password for " + name));
    TRY(const auto keystore, eth::seal_keystore(wallet, password, arguments.has("--light") ? kLight : eth::ScryptCost{}));
    TRY_OK(save_keystore(name, keystore));
    const std::string address = eth::to_checksum(wallet.address());
    return Answer{{{"name", name}, {"address", address}}, address + "\n"};
}

}  // namespace

Result<Answer> run_wallet_new(const Arguments& arguments, Context& context)
{
    return save(arguments.get("NAME"), eth::Wallet::generate(), arguments, context);
}

Result<Answer> run_wallet_import(const Arguments& arguments, Context& context)
{
    TRY(std::string text, read_file(arguments.get("--key-file")));
    text.resize(std::min(text.size(), text.find_first_of("\r\n")));
    TRY(const auto wallet, eth::Wallet::from_private_key_hex(text));
    return save(arguments.get("NAME"), wallet, arguments, context);
}

Result<Answer> run_wallet_list(const Arguments&, Context&)
{
    Answer answer;
    boost::json::array wallets;
    for (const auto& entry : list_wallets()) {
        const std::string address = eth::to_checksum(entry.address);
        wallets.push_back({{"name", entry.name}, {"address", address}});
        answer.text += address + "  " + entry.name + "\n";
    }
    answer.document["wallets"] = std::move(wallets);
    return answer;
}

Result<Answer> run_wallet_show(const Arguments& arguments, Context& context)
{
    TRY(const auto address, address_of(arguments.get("NAME")));
    TRY(auto session, Session::open(context));
    TRY(const auto account, session->hub.view_account(address, session->call()));
    TRY(const auto balance, session->rpc.balance(address, session->call()));
    const std::string text = eth::to_checksum(address);
    return Answer{{{"address", text},
                   {"wei", balance.to_dec()},
                   {"stakeNrlc", account.stake.to_dec()},
                   {"lockedNrlc", account.locked.to_dec()}},
                  "address  " + text + "\nwei      " + balance.to_dec() + "\nstake    " + account.stake.to_dec() +
                      " nRLC\nlocked   " + account.locked.to_dec() + " nRLC\n"};
}

Result<Answer> run_wallet_fund(const Arguments& arguments, Context& context)
{
    TRY(const auto address, address_of(arguments.get("NAME")));
    TRY(auto session, Session::open(context));
    const std::string text = arguments.get("--stake", "1000000000000");
    TRY(const auto stake, eth::U256::from_dec(text));
    const devnet::Layout layout{std::filesystem::absolute(network_file(context.global.network)).parent_path()};
    TRY(const auto funder, devnet::funder_of(layout));
    TRY_OK(devnet::fund(session->rpc, session->network, funder, address, stake, session->call()));
    return Answer{{{"address", eth::to_checksum(address)}, {"stakeNrlc", text}},
                  "funded " + eth::to_checksum(address) + " with 1000 ETH and " + text + " nRLC of stake\n"};
}

}  // namespace iapp::cli
