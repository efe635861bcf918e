#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <deque>
#include <ranges>

#include "version.hpp"

namespace iapp::cli {
namespace {

constexpr const char* kFooter =
    "\nData goes to stdout, talk to stderr; --json prints one document.\n"
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 auth or wallet, 5 denied by policy, 6 attestation failed,\n"
    "            7 network or chain, 8 time-out, 130 interrupted. `iapp explain ID` explains an error, offline.\n";

std::string version_text() { return std::string("iapp ") + kVersion + "\n"; }

struct Group {
    std::string_view name, summary;
};
constexpr std::array kGroups{Group{"devnet", "a complete network on this machine: up, down, status, env"},
                             Group{"wallet", "the keys you sign with: new, import, list, show, fund"},
                             Group{"data", "protected data and who may use it: list, show"},
                             Group{"secret", "values lent to apps: push, show"},
                             Group{"attest", "evidence of TEEs, judged offline: show, verify, policy lint, bundle"},
                             Group{"attest policy", "appraisal policies: lint"},
                             Group{"attest bundle", "collateral for machines without a network: export, import"}};

/// "iapp devnet up"
std::string full_name(const CLI::App& app)
{
    return app.get_parent() ? full_name(*app.get_parent()) + " " + app.get_name() : app.get_name();
}

/// "Usage: iapp grant [OPTIONS] DATASET", what may be left out in brackets; a list of commands without their examples.
class Help final : public CLI::Formatter {
public:
    std::string make_usage(const CLI::App* app, std::string) const override
    {
        std::string text = "Usage: " + full_name(*app) + " [OPTIONS]";
        for (const CLI::Option* option : app->get_options([](const CLI::Option* each) { return each->get_positional(); }))
            text += option->get_required() ? " " + option->get_name(true) : " [" + option->get_name(true) + "]";
        return text + (app->get_require_subcommand_min() > 0 ? " COMMAND\n" : "\n");
    }

    std::string make_subcommand(const CLI::App* command) const override
    {
        const std::string text = command->get_description();
        std::ostringstream out;
        CLI::detail::format_help(out, command->get_name(), text.substr(0, text.find('\n')), column_width_);
        return out.str();
    }
};

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

/// The one of `names` that is at most two edits away from `word`, or nothing.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& names)
{
    const auto distance = [&](const std::string& name) { return edit_distance(word, name); };
    const auto best = std::ranges::min_element(names, {}, distance);
    if (best == names.end() || distance(*best) > 2) return std::nullopt;
    return *best;
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
    const std::string positional_names =
        std::string(option.name) + (option.alias.empty() ? "" : "," + std::string(option.alias));
    CLI::Option* made =
        app.add_option(is_positional ? positional_names : spellings(option), slot.values, std::string(option.help));
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
    app.add_option("--network", global.network,
                   "network document: a TOML file, a devnet directory, arbitrum-sepolia or arbitrum-one")
        ->envname("IAPP_NETWORK")
        ->type_name("FILE");
    app.add_option("--wallet", global.wallet, "wallet name or keystore file")->envname("IAPP_WALLET")->type_name("NAME");
    app.add_option("--password-file", global.password_file, "file whose first line unlocks the wallet")
        ->envname("IAPP_PASSWORD_FILE")
        ->type_name("FILE");
}

/// The group `path` ("attest policy"), made on first use below its own group.
CLI::App& group_of(CLI::App& root, std::string_view path)
{
    const std::size_t space = path.rfind(' ');
    CLI::App& parent = space == std::string_view::npos ? root : group_of(root, path.substr(0, space));
    const std::string name(path.substr(space == std::string_view::npos ? 0 : space + 1));
    const auto named = parent.get_subcommands([&](const CLI::App* app) { return app->get_name() == name; });
    if (!named.empty()) return *named.front();
    const auto found = std::ranges::find(kGroups, path, &Group::name);
    CLI::App* group = parent.add_subcommand(name, found == kGroups.end() ? "" : std::string(found->summary));
    group->require_subcommand(1);
    group->fallthrough();
    return *group;
}

CLI::App* subcommand(CLI::App& root, std::string_view name, std::string_view summary)
{
    const std::size_t space = name.rfind(' ');
    if (space == std::string_view::npos) return root.add_subcommand(std::string(name), std::string(summary));
    return group_of(root, name.substr(0, space)).add_subcommand(std::string(name.substr(space + 1)), std::string(summary));
}

using Words = std::span<const char* const>;

/// Whether each word of the command's name is among `words`.
bool is_named(const Command& command, Words words)
{
    const auto is_given = [&](auto name) { return std::ranges::find(words, std::string_view(name)) != words.end(); };
    return std::ranges::all_of(std::views::split(command.name, ' '), is_given);
}

/// Whether the first word that is no option begins the command's name.
bool comes_first(const Command& command, Words words)
{
    const auto first = std::ranges::find_if(words, [](std::string_view word) { return !word.starts_with('-'); });
    return first != words.end() && command.name.substr(0, command.name.find(' ')) == *first;
}

/// The commands a line can mean: declaring all of them is most of the work of a short one. All of them when it is not clear.
std::vector<const Command*> meant_by(Words words, const std::vector<Command>& commands)
{
    std::vector<const Command*> named, all;
    bool is_clear = false;
    for (const Command& command : commands) {
        all.push_back(&command);
        if (!is_named(command, words)) continue;
        named.push_back(&command);
        is_clear = is_clear || comes_first(command, words);
    }
    return is_clear ? named : all;
}

std::deque<Slot> declare(CLI::App& root, const std::vector<const Command*>& commands,
                         std::map<const CLI::App*, const Command*>& made)
{
    std::deque<Slot> slots;
    for (const Command* each : commands) {
        const Command& command = *each;
        CLI::App* app = subcommand(root, command.name, command.summary);
        made[app] = &command;
        app->fallthrough();
        app->description(std::string(command.summary) + "\n\nExamples:\n" + std::string(command.example));
        app->footer(
            "\nEvery command also takes --json, --network, --wallet, --password-file, --no-input, --debug: iapp --help\n");
        for (const Option& option : command.options)
            add_option(*app, slots.emplace_back(Slot{&command, &option, false, {}}));
    }
    return slots;
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

const CLI::App& deepest(const CLI::App& root)
{
    const CLI::App* at = &root;
    for (auto below = at->get_subcommands(); !below.empty(); below = at->get_subcommands()) at = below.front();
    return *at;
}

std::vector<std::string> names_of_commands(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

std::vector<std::string> names_of_options(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* at = &app; at; at = at->get_parent())
        for (const CLI::Option* option : at->get_options())
            for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

/// A first word that names no command.
UsageError unknown_command(const CLI::App& at, const std::string& word)
{
    const auto near = nearest(word, names_of_commands(at));
    return {
        "there is no command `" + full_name(at) + " " + word + "`",
        near ? "did you mean `" + full_name(at) + " " + *near + "`?" : "`" + full_name(at) + " --help` lists the commands",
        full_name(at) + " --help", false};
}

UsageError unknown_argument(const CLI::App& at, const std::string& word)
{
    const auto near = word.starts_with("--") ? nearest(word.substr(0, word.find('=')), names_of_options(at)) : std::nullopt;
    return {full_name(at) + " does not take " + word, near ? "did you mean " + *near + "?" : "leave it out",
            full_name(at) + " --help", false};
}

UsageError describe(const CLI::App& root, const CLI::ParseError& error)
{
    const CLI::App& at = deepest(root);
    const auto left = root.remaining(true);
    const auto word = std::ranges::find_if(left, [](const std::string& text) { return !text.starts_with('-'); });
    if (at.get_require_subcommand_min() > 0 && word != left.end()) return unknown_command(at, *word);
    const auto option = std::ranges::find_if(left, [](const std::string& text) { return text.starts_with('-'); });
    if (option != left.end()) return unknown_argument(at, *option);
    if (!left.empty()) return unknown_argument(at, left.front());
    if (at.get_require_subcommand_min() > 0)
        return {full_name(at) + " needs a command", "`" + full_name(at) + " --help` lists them", full_name(at) + " --help",
                false};
    return {full_name(at) + ": " + std::string(error.what()), "`" + full_name(at) + " --help` shows examples",
            full_name(at) + " --help", false};
}

}  // namespace

std::variant<Invocation, Leave, UsageError> parse_arguments(int argc, const char* const* argv,
                                                            const std::vector<Command>& commands)
{
    const Words words = Words(argv, static_cast<std::size_t>(argc)).subspan(1);
    if (words.size() == 1 && std::string_view(words[0]) == "--version") return Leave{version_text()};
    CLI::App root("run any container on data nobody can see, and prove it", "iapp");
    root.formatter(std::make_shared<Help>());
    root.set_version_flag("--version", version_text());
    root.require_subcommand(1);
    root.footer(kFooter);
    GlobalOptions global;
    add_global_options(root, global);
    std::map<const CLI::App*, const Command*> made;
    const std::deque<Slot> slots = declare(root, meant_by(words, commands), made);
    try {
        root.parse(argc, argv);
    } catch (const CLI::CallForVersion&) {
        return Leave{version_text()};
    } catch (const CLI::Success&) {
        return Leave{deepest(root).help()};
    } catch (const CLI::ParseError& error) {
        UsageError usage = describe(root, error);
        usage.json = std::ranges::any_of(argv, argv + argc, [](std::string_view word) { return word == "--json"; });
        return usage;
    }
    const Command* command = made.at(&deepest(root));
    return Invocation{command, collect(slots, command), global};
}

}  // namespace iapp::cli
