#pragma once
// Turns argv into a command and its arguments. The only file that knows the parsing library is arguments.cpp.
#include <variant>

#include "command.hpp"

namespace iapp::cli {

/// Options every command has.
struct GlobalOptions {
    bool json = false;
    bool debug = false;
    bool no_input = false;
    std::string network;        ///< file, or the name of a devnet directory's document
    std::string wallet;         ///< name or keystore file
    std::string password_file;  ///< file whose first line unlocks the wallet
};

struct Invocation {
    const Command* command;
    Arguments arguments;
    GlobalOptions global;
};

/// Text the user asked for: help, version.
struct Leave {
    std::string text;
};

/// A command line that was not understood.
struct UsageError {
    std::string message;
    std::string fix;
    std::string see;  ///< the help to read
    bool json;
};

std::variant<Invocation, Leave, UsageError> parse_arguments(int argc, const char* const* argv,
                                                            const std::vector<Command>& commands);

}  // namespace iapp::cli
