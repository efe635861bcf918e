#include "base/clock.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace iapp {
namespace {

class SystemClock final : public Clock {
public:
    UnixMillis now() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

std::string date_time(UnixSeconds time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                                   unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                                   int(clock.minutes().count()), int(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

bool matches_shape(std::string_view text)
{
    constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
    if (text.size() != kShape.size()) return false;
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
    }
    return true;
}

unsigned number(std::string_view text, std::size_t at, std::size_t size)
{
    unsigned value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
}

}  // namespace

const Clock& system_clock()
{
    static const SystemClock clock;
    return clock;
}

std::string iso8601(UnixSeconds time) { return date_time(time) + "Z"; }

std::string iso8601(UnixMillis time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", int((time - seconds).count()));
    return date_time(seconds) + fraction.data();
}

Result<UnixSeconds> parse_iso8601(std::string_view text)
{
    const auto bad = [&] {
        return fail(ErrorKind::invalid_input, "time.format",
                    "expected YYYY-MM-DDTHH:MM:SSZ, got \"" + std::string(text) + "\"");
    };
    if (!matches_shape(text)) return bad();
    const std::chrono::year_month_day date{std::chrono::year(int(number(text, 0, 4))),
                                           std::chrono::month(number(text, 5, 2)), std::chrono::day(number(text, 8, 2))};
    const unsigned hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return bad();
    return UnixSeconds(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

}  // namespace iapp
