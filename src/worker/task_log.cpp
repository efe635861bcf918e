#include "worker/task_log.hpp"

#include "codec/utf8.hpp"

namespace iapp::worker {

/// Cut only when twice as much is there, so that a long log costs its length and not its square.
void TaskLog::append(std::string& stream, std::string_view text)
{
    stream += text;
    if (stream.size() > 8 * wire::kMaxLogCharacters)
        stream = std::string(codec::last_characters(stream, wire::kMaxLogCharacters));
}

void TaskLog::note(std::string_view line)
{
    const std::lock_guard lock(mutex_);
    if (!err_.empty() && err_.back() != '\n') append(err_, "\n");
    append(err_, "[iapp] " + codec::repair_utf8(line) + "\n");
}

void TaskLog::hear(const wire::AgentEvent& event)
{
    if (const auto* phase = std::get_if<wire::AgentPhase>(&event))
        note("phase " + phase->name + " " + std::to_string(phase->took.count()) + " ms");
    if (const auto* log = std::get_if<wire::AgentLog>(&event)) {
        const std::lock_guard lock(mutex_);
        is_app_heard_ = true;
        append(log->stream == wire::AppStream::out ? out_ : err_, log->text);
    }
}

void TaskLog::set_result(const wire::AgentResult& result)
{
    note("result " + result.digest.hex() + ", receipt /ipfs/" + result.receipt_cid);
    if (result.exit_code) note("app exit code " + std::to_string(*result.exit_code));
    const std::lock_guard lock(mutex_);
    exit_code_ = result.exit_code;
    if (is_app_heard_) return;
    append(err_, result.exit_code ? "[iapp] the app wrote nothing, or what it wrote is protected and told to nobody\n"
                                  : "[iapp] stdout and stderr of the app are sealed with its result\n");
}

wire::RunLog TaskLog::read() const
{
    const std::lock_guard lock(mutex_);
    return {std::string(codec::last_characters(out_, wire::kMaxLogCharacters)),
            std::string(codec::last_characters(err_, wire::kMaxLogCharacters)), exit_code_};
}

}  // namespace iapp::worker
