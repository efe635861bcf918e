#pragma once
// What this worker tells the requester of a task about its run: phases, outcome, reasons. The app's own words only where the
// agent gave them away. Bounded: an agent that talks without end is heard to its last words.
#include <mutex>
#include <string_view>

#include "wire/agent_process.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::worker {

/// Safe to share between threads.
class TaskLog {
public:
    /// A line of the worker's, in the stderr of the log, behind "[iapp] ".
    void note(std::string_view line);
    /// What the agent said while it worked: phases become notes, the app's words stay as they are.
    void hear(const wire::AgentEvent& event);
    void set_result(const wire::AgentResult& result);

    /// UTF-8, the last wire::kMaxLogCharacters of each stream.
    wire::RunLog read() const;

private:
    void append(std::string& stream, std::string_view text);

    mutable std::mutex mutex_;
    std::string out_, err_;
    std::optional<std::uint8_t> exit_code_;
    bool is_app_heard_ = false;
};

}  // namespace iapp::worker
