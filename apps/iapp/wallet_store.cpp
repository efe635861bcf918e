#include "wallet_store.hpp"

#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "context.hpp"
#include "eth/keystore.hpp"
#include "paths.hpp"

namespace iapp::cli {
namespace {

bool is_name(std::string_view name)
{
    const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; };
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

std::filesystem::path file_of(const std::string& name)
{
    return name.contains('/') ? std::filesystem::path(name) : wallet_folder() / (name + ".json");
}

std::string first_line(std::string text)
{
    text.resize(std::min(text.size(), text.find('\n')));
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

/// Switches the terminal's echo off for as long as it lives.
class NoEcho {
public:
    NoEcho()
    {
        tcgetattr(STDIN_FILENO, &before_);
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~NoEcho() { tcsetattr(STDIN_FILENO, TCSANOW, &before_); }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
};

std::string ask(const std::string& prompt)
{
    const NoEcho no_echo;  // before the prompt: nothing typed in answer to it is ever shown
    std::fprintf(stderr, "%s: ", prompt.c_str());
    std::string line;
    std::getline(std::cin, line);
    std::fputc('\n', stderr);
    return line;
}

}  // namespace

std::filesystem::path wallet_folder() { return data_home() / "wallets"; }

Result<std::string> load_keystore(const std::string& name)
{
    const auto file = file_of(name);
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0)
        return fail(ErrorKind::not_found, "wallet.unknown", "no wallet " + name + " in " + wallet_folder().string());
    if ((facts.st_mode & 077) != 0)
        return fail(ErrorKind::permission_denied, "wallet.mode", file.string() + " can be read by others");
    return read_file(file);
}

Status save_keystore(const std::string& name, std::string_view keystore)
{
    if (!is_name(name))
        return fail(ErrorKind::invalid_input, "wallet.name", "a wallet's name is 1 to 64 letters, digits, - or _");
    std::filesystem::create_directories(wallet_folder());
    std::filesystem::permissions(wallet_folder(), std::filesystem::perms::owner_all);
    if (std::filesystem::exists(file_of(name)))
        return fail(ErrorKind::conflict, "wallet.exists", "there is a wallet " + name + " already");
    return write_file(file_of(name), keystore, 0600);
}

std::vector<WalletEntry> list_wallets()
{
    std::vector<WalletEntry> entries;
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(wallet_folder(), none)) {
        const auto text = read_file(file.path());
        if (!text || file.path().extension() != ".json") continue;
        if (const auto address = eth::keystore_address(*text)) entries.push_back({file.path().stem(), *address});
    }
    std::ranges::sort(entries, {}, &WalletEntry::name);
    return entries;
}

Result<std::string> read_password(const std::string& file, bool no_input, const std::string& prompt)
{
    if (!file.empty()) {
        TRY(std::string text, read_file(file));
        return first_line(std::move(text));
    }
    if (no_input || isatty(STDIN_FILENO) != 1)
        return fail(ErrorKind::unauthenticated, "wallet.password_missing", "no terminal to ask for the password");
    return ask(prompt);
}

Result<eth::Address> address_of(const std::string& text)
{
    if (text.starts_with("0x")) return eth::parse_address(text);
    for (const auto& entry : list_wallets())
        if (entry.name == text) return entry.address;
    return fail(ErrorKind::invalid_input, "cli.address",
                "\"" + text + "\" is neither an address nor the name of a wallet here");
}

}  // namespace iapp::cli
