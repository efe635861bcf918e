#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>

#include "version.hpp"

namespace iapp::cli {
namespace {

constexpr const char* kFooter =
    "\nData goes to stdout, talk to stderr; --json prints one document.\n"
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 auth or wallet, 5 denied by policy, 6 attestation failed,\n"
    "            7 network or chain, 8 time-out, 130 interrupted. `iapp explain ID` explains an error, offline.\n";

/// Where the library writes what it parsed, until it is copied into Arguments.
struct Slot {
    const Command* command;
    const Option* option;
    bool flag = false;
    std::vector<std::string> values;
};

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j)
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])}));
    }
    return row.back();
}

std::string did_you_mean(std::string_view word, const std::vector<Command>& commands)
{
    const auto distance = [&](const Command& c) { return edit_distance(word, c.name.substr(0, c.name.find(' '))); };
    const auto best = std::ranges::min_element(commands, {}, distance);
    if (best == commands.end() || distance(*best) > 2) return "";
    return "fix: did you mean `iapp " + std::string(best->name.substr(0, best->name.find(' '))) + "`?\n";
}

std::string kebab_to_camel(std::string_view name)
{
    std::string out;
    bool upper = false;
    for (const char c : name.substr(2)) {
        if (c == '-') upper = true;
        else out += upper ? std::exchange(upper, false), static_cast<char>(std::toupper(c)) : c;
    }
    return "--" + out;
}

std::string spellings(const Option& option)
{
    std::string names(option.name);
    const std::string camel = kebab_to_camel(option.name);
    if (camel != option.name) names += "," + camel;
    if (!option.alias.empty() && option.alias != camel) names += "," + std::string(option.alias);
    return names;
}

void add_option(CLI::App& app, Slot& slot)
{
    const Option& option = *slot.option;
    using enum Option::Shape;
    if (option.shape == flag) {
        app.add_flag(spellings(option), slot.flag, std::string(option.help));
        return;
    }
    const bool is_positional = option.shape == positional || option.shape == positionals;
    CLI::Option* made = app.add_option(is_positional ? std::string(option.name) : spellings(option), slot.values, std::string(option.help));
    made->type_name(std::string(option.hint));
    made->required(option.required);
    if (option.shape == value || option.shape == positional) made->expected(1);
    if (option.shape == values) made->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_global_options(CLI::App& app, GlobalOptions& global)
{
    app.add_flag("--json", global.json, "print one JSON document on stdout");
    app.add_flag("--debug", global.debug, "say where in the program an error came from");
    app.add_flag("--no-input", global.no_input, "never prompt; fail with the option's name instead");
    app.add_option("--network", global.network, "network document (TOML file, or a devnet directory)")->envname("IAPP_NETWORK")->type_name("FILE");
    app.add_option("--wallet", global.wallet, "wallet name or keystore file")->envname("IAPP_WALLET")->type_name("NAME");
    app.add_option("--password-file", global.password_file, "file whose first line unlocks the wallet")
        ->envname("IAPP_PASSWORD_FILE")
        ->type_name("FILE");
}

CLI::App* subcommand(CLI::App& root, std::string_view name, std::string_view summary)
{
    const std::size_t space = name.find(' ');
    if (space == std::string_view::npos) return root.add_subcommand(std::string(name), std::string(summary));
    const std::string group(name.substr(0, space));
    const auto named = root.get_subcommands([&](const CLI::App* app) { return app->get_name() == group; });
    CLI::App* parent = named.empty() ? nullptr : named.front();
    if (!parent) {
        parent = root.add_subcommand(group, "commands: " + group + " ...");
        parent->require_subcommand(1);
        parent->fallthrough();
    }
    return parent->add_subcommand(std::string(name.substr(space + 1)), std::string(summary));
}

std::deque<Slot> declare(CLI::App& root, const std::vector<Command>& commands, std::map<const CLI::App*, const Command*>& made)
{
    std::deque<Slot> slots;
    for (const Command& command : commands) {
        CLI::App* app = subcommand(root, command.name, command.summary);
        app->fallthrough();
        app->footer("\nExamples:\n" + std::string(command.example));
        made[app] = &command;
        for (const Option& option : command.options) add_option(*app, slots.emplace_back(Slot{&command, &option, false, {}}));
    }
    return slots;
}

const Command* chosen(const CLI::App& root, const std::map<const CLI::App*, const Command*>& made)
{
    const CLI::App* at = &root;
    for (auto below = at->get_subcommands(); !below.empty(); below = at->get_subcommands()) at = below.front();
    const auto found = made.find(at);
    return found == made.end() ? nullptr : found->second;
}

Arguments collect(const std::deque<Slot>& slots, const Command* command)
{
    Arguments arguments;
    for (const Slot& slot : slots) {
        if (slot.command != command) continue;
        if (slot.flag) arguments.add(slot.option->name, "true");
        for (const std::string& value : slot.values) arguments.add(slot.option->name, value);
    }
    return arguments;
}

Leave leave(const CLI::App& root, const CLI::ParseError& error, int argc, const char* const* argv, const std::vector<Command>& commands)
{
    if (error.get_exit_code() == 0) {
        const CLI::App* at = &root;
        for (auto below = at->get_subcommands(); !below.empty(); below = at->get_subcommands()) at = below.front();
        return {error.get_name() == "CallForVersion" ? std::string("iapp ") + kVersion + "\n" : at->help(), 0};
    }
    std::string text = "error[cli.usage]: " + std::string(error.what()) + "\n";
    if (argc > 1 && argv[1][0] != '-') text += did_you_mean(argv[1], commands);
    return {text + "see: iapp --help\n", 2};
}

}  // namespace

std::variant<Invocation, Leave> parse_arguments(int argc, const char* const* argv, const std::vector<Command>& commands)
{
    CLI::App root("iapp: run any container on data nobody can see, and prove it", "iapp");
    root.set_version_flag("--version", std::string("iapp ") + kVersion);
    root.require_subcommand(1);
    root.footer(kFooter);
    GlobalOptions global;
    add_global_options(root, global);
    std::map<const CLI::App*, const Command*> made;
    const std::deque<Slot> slots = declare(root, commands, made);
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return leave(root, error, argc, argv, commands);
    }
    const Command* command = chosen(root, made);
    return Invocation{command, collect(slots, command), global};
}

}  // namespace iapp::cli
