#include "devnet/keys.hpp"

#include "base/file.hpp"
#include "crypto/random.hpp"
#include "devnet/settings.hpp"
#include "eth/keystore.hpp"

namespace iapp::devnet {
namespace {

constexpr eth::ScryptCost kDevelopmentCost{1U << 12U, 8, 1};

}  // namespace

Status save_key(const Layout& layout, const std::string& name, const eth::Wallet& wallet)
{
    const std::string password = hex(crypto::random_bytes(16));
    TRY(const auto keystore, eth::seal_keystore(wallet, password, kDevelopmentCost));
    TRY_OK(write_private(layout.password_file(name), password + "\n"));
    return write_private(layout.keystore(name), keystore);
}

Result<eth::Wallet> load_key(const Layout& layout, const std::string& name)
{
    const std::string keystore = read_file(layout.keystore(name)).value_or("");
    if (keystore.empty())
        return fail(ErrorKind::not_found, "devnet.key", "there is no key at " + layout.keystore(name).string());
    std::string password = read_file(layout.password_file(name)).value_or("");
    password.resize(std::min(password.size(), password.find('\n')));
    return eth::open_keystore(keystore, password);
}

}  // namespace iapp::devnet
