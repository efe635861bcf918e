#include "devnet/ports.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace iapp::devnet {
namespace {

std::unexpected<Error> wrong(const std::string& what) { return fail(ErrorKind::invalid_input, "devnet.port", what); }

std::string known_names()
{
    std::string out;
    for (const std::string_view name : kPortNames) out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

std::optional<std::size_t> find_name(std::string_view name)
{
    const auto* const found = std::ranges::find(kPortNames, name);
    if (found == kPortNames.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kPortNames.begin());
}

std::optional<std::uint16_t> parse_port(std::string_view digits)
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    return port;
}

struct Assignment {
    std::size_t index;
    std::uint16_t port;
};

Result<Assignment> parse_assignment(std::string_view text)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return wrong("\"" + std::string(text) + "\" is not NAME=PORT");
    const std::string name(text.substr(0, equals));
    const auto index = find_name(name);
    if (!index) return wrong("there is no port \"" + name + "\"; there are " + known_names());
    const auto port = parse_port(text.substr(equals + 1));
    if (!port) return wrong("the port of " + name + " must be a number from 1 to 65535");
    return Assignment{*index, *port};
}

Status check_distinct(std::span<const std::uint16_t> numbers)
{
    for (std::size_t i = 0; i < numbers.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (numbers[i] == numbers[k])
                return wrong(std::string(kPortNames[k]) + " and " + std::string(kPortNames[i]) + " would share port " +
                             std::to_string(numbers[i]));
    return {};
}

}  // namespace

Ports Ports::from_base(std::uint16_t base)
{
    Ports ports;
    for (std::size_t i = 0; i < ports.numbers_.size(); ++i) ports.numbers_[i] = static_cast<std::uint16_t>(base + i);
    return ports;
}

Result<Ports> Ports::with(std::span<const std::string> assignments) const
{
    Ports out = *this;
    std::set<std::size_t> named;
    for (std::string_view rest : assignments) {
        while (true) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            TRY(const Assignment one, parse_assignment(rest.substr(0, comma)));
            if (!named.insert(one.index).second)
                return wrong("the port of " + std::string(kPortNames[one.index]) + " is named twice");
            out.numbers_[one.index] = one.port;
            if (comma == rest.size()) break;
            rest.remove_prefix(comma + 1);
        }
    }
    TRY_OK(check_distinct(out.numbers_));
    return out;
}

std::string Ports::to_assignments() const
{
    std::string out;
    for (std::size_t i = 0; i < numbers_.size(); ++i)
        out.append(i == 0 ? "" : ",").append(kPortNames[i]).append("=").append(std::to_string(numbers_[i]));
    return out;
}

}  // namespace iapp::devnet
