#pragma once
// What a command is: a name, its options as data, and one function. Not how options are parsed: arguments.cpp does that.
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace iapp::cli {

struct Context;

struct Option {
    enum class Shape : unsigned char { flag, value, values, positional, positionals };

    std::string_view name;  ///< "--app", or for a positional its upper-case name
    std::string_view hint;  ///< what the value is, "ADDRESS"; empty for a flag
    std::string_view help;
    Shape shape = Shape::value;
    bool required = false;
    std::string_view alias = "";  ///< a second spelling, "--protectedData"
};

/// The values the user gave, by option name.
class Arguments {
public:
    void add(std::string_view name, std::string value) { values_[std::string(name)].push_back(std::move(value)); }

    bool has(std::string_view name) const { return values_.contains(std::string(name)); }
    std::optional<std::string> find(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
    std::string get(std::string_view name, std::string_view otherwise = "") const
    {
        return find(name).value_or(std::string(otherwise));
    }

private:
    std::map<std::string, std::vector<std::string>> values_;
};

/// What a command tells: the document of `--json`, and the same for people.
struct Answer {
    boost::json::object document;
    std::string text;
    int exit_code = 0;
};

struct Command {
    std::string_view name;     ///< "run", or "devnet up" for a command of a group
    std::string_view summary;  ///< one line
    std::string_view example;  ///< two lines a reader can type
    std::vector<Option> options;
    Result<Answer> (*run)(const Arguments&, Context&);
};

/// Every command of the program, in the order of `--help`.
const std::vector<Command>& all_commands();

}  // namespace iapp::cli
