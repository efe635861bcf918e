#pragma once
// Progress for people and machines: one line per phase with its time, a bar on long work when stderr is a terminal.
#include <boost/json/array.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace iapp::cli {

class Phases {
public:
    /// `quiet`: collect times, print nothing (JSON output).
    explicit Phases(bool quiet);

    /// Ends the running phase, if any, and starts the next.
    void start(std::string name);

    /// A phase measured elsewhere, for instance inside the agent.
    void add(std::string name, std::chrono::milliseconds took);

    /// Shows how far the running phase is; `total` 0 = unknown. Not a terminal: one line every 15 s.
    void progress(std::uint64_t done, std::uint64_t total);

    /// Says something about the running phase, once however often it is told.
    void note(const std::string& text);

    void finish();

    /// "phase  ms" lines with a total.
    std::string table() const;
    boost::json::array json() const;

private:
    struct Phase {
        std::string name;
        std::chrono::milliseconds took;
    };
    using Steady = std::chrono::steady_clock;

    void say(const std::string& line);
    void clear_bar();

    bool quiet_;
    bool terminal_;
    bool bar_shown_ = false;
    std::string running_;
    std::string noted_;
    Steady::time_point started_;
    Steady::time_point last_progress_;
    std::vector<Phase> done_;
};

}  // namespace iapp::cli
