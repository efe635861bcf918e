#include "phases.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace iapp::cli {
namespace {

std::string seconds_text(std::chrono::milliseconds time)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%7.3f s", double(time.count()) / 1000);
    return text.data();
}

/// A bar when the end is known, else what was counted; nothing when nothing is.
std::string bar(std::uint64_t done, std::uint64_t total)
{
    if (total == 0) return done == 0 ? "" : std::to_string(done >> 20) + " MiB";
    const auto filled = static_cast<std::size_t>(30 * std::min(done, total) / total);
    return "[" + std::string(filled, '#') + std::string(30 - filled, '.') + "] " +
           std::to_string(100 * std::min(done, total) / total) + " %";
}

}  // namespace

Phases::Phases(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void Phases::start(std::string name)
{
    finish();
    running_ = std::move(name);
    started_ = last_progress_ = Steady::now();
}

void Phases::add(std::string name, std::chrono::milliseconds took)
{
    say("    " + seconds_text(took) + "  " + name);
    done_.push_back({std::move(name), took});
}

void Phases::progress(std::uint64_t done, std::uint64_t total)
{
    const auto now = Steady::now();
    const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(15'000);
    if (quiet_ || now - last_progress_ < pause) return;
    last_progress_ = now;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - started_).count();
    const std::string text = running_ + " " + std::to_string(seconds) + " s " + bar(done, total);
    if (!terminal_) return say("    ... " + text);
    std::fprintf(stderr, "\r    %s", text.c_str());
    bar_shown_ = true;
}

void Phases::note(const std::string& text)
{
    if (std::exchange(noted_, text) == text) return;
    clear_bar();
    say("    " + text);
}

void Phases::finish()
{
    if (running_.empty()) return;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - started_);
    clear_bar();
    say("  " + seconds_text(took) + "  " + running_);
    done_.push_back({std::exchange(running_, {}), took});
}

std::string Phases::table() const
{
    std::size_t width = 5;
    for (const Phase& phase : done_) width = std::max(width, phase.name.size());
    std::string out;
    for (const Phase& phase : done_)
        out += "  " + phase.name + std::string(width - phase.name.size(), ' ') + seconds_text(phase.took) + "\n";
    return out;
}

boost::json::array Phases::json() const
{
    boost::json::array out;
    for (const Phase& phase : done_) out.push_back({{"name", phase.name}, {"ms", phase.took.count()}});
    return out;
}

void Phases::say(const std::string& line)
{
    if (!quiet_) std::fprintf(stderr, "%s\n", line.c_str());
}

void Phases::clear_bar()
{
    if (std::exchange(bar_shown_, false)) std::fprintf(stderr, "\r%70s\r", "");
}

}  // namespace iapp::cli
