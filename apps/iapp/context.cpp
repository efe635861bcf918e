#include "context.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.hpp"
#include "eth/keystore.hpp"
#include "known_networks.hpp"
#include "paths.hpp"
#include "wallet_store.hpp"

namespace iapp::cli {
namespace {

std::string joined(const std::vector<std::string>& names)
{
    std::string out;
    for (const std::string& name : names) out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

Status write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t wrote = ::write(fd, text.data(), text.size());
        if (wrote < 0 && errno != EINTR) return fail(ErrorKind::internal, "cli.write", "disk refused the write");
        if (wrote > 0) text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

}  // namespace

std::filesystem::path network_file(const std::string& given)
{
    if (given.empty()) return state_home() / "devnet" / "network.toml";
    if (std::filesystem::is_directory(given)) return std::filesystem::path(given) / "network.toml";
    if (const auto known = find_known_network(given); known && !std::filesystem::exists(given)) return *known;
    return given;
}

Result<wire::Network> Context::network() const
{
    const auto file = network_file(global.network);
    if (!std::filesystem::exists(file))
        return fail(ErrorKind::not_found, "cli.network",
                    "no network document at " + file.string() + ", and none of that name comes with the program (" +
                        joined(known_networks()) + " do)");
    TRY(const std::string text, read_file(file));
    return wire::parse_network(text);
}

Result<eth::Wallet> Context::wallet() const
{
    if (global.wallet.empty())
        return fail(ErrorKind::invalid_input, "wallet.missing", "this command signs, and no wallet was named");
    TRY(const std::string keystore, load_keystore(global.wallet));
    TRY(const std::string password, read_password(global.password_file, global.no_input, "password of " + global.wallet));
    return eth::open_keystore(keystore, password);
}

Result<std::string> read_file(const std::string& path)
{
    if (auto text = iapp::read_file(path)) return *std::move(text);
    return fail(ErrorKind::not_found, "cli.file", "cannot read " + path);
}

Status write_file(const std::string& path, std::string_view text, unsigned mode)
{
    const std::string temporary = path + ".tmp" + std::to_string(::getpid());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return fail(ErrorKind::internal, "cli.write", "cannot create " + temporary);
    Status wrote = write_all(fd, text);
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    if (wrote && synced && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
    ::unlink(temporary.c_str());
    return fail(ErrorKind::internal, "cli.write", "cannot write " + path);
}

}  // namespace iapp::cli
