#include <array>

#include "endorse/fetch.hpp"

namespace iapp::endorse {
namespace {

constexpr std::size_t kMaxDigits = 9;  ///< more seconds than anybody waits

std::optional<int> number(std::string_view digits)
{
    if (digits.empty() || digits.size() > kMaxDigits) return std::nullopt;
    int out = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        out = out * 10 + (c - '0');
    }
    return out;
}

std::optional<unsigned> month_of(std::string_view name)
{
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i < kMonths.size(); ++i)
        if (kMonths[i] == name) return i + 1;
    return std::nullopt;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" and nothing else; the day's name is not compared with the date.
std::optional<UnixSeconds> imf_fixdate(std::string_view text)
{
    constexpr std::string_view kShape = "ddd, 00 mmm 0000 00:00:00 GMT";
    if (text.size() != kShape.size() || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
    if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') return std::nullopt;
    const auto day = number(text.substr(5, 2));
    const auto month = month_of(text.substr(8, 3));
    const auto year = number(text.substr(12, 4));
    const auto hour = number(text.substr(17, 2));
    const auto minute = number(text.substr(20, 2));
    const auto second = number(text.substr(23, 2));
    if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view header, UnixSeconds now)
{
    if (const auto seconds = number(header)) return std::chrono::seconds(*seconds);
    if (const auto date = imf_fixdate(header)) return std::max(*date - now, std::chrono::seconds(0));
    return std::nullopt;
}

}  // namespace iapp::endorse
