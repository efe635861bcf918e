// run(): one loop over a child's two pipes and its end, with bounds on time and memory.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>

#include "runtime/internal/run_until.hpp"

namespace iapp::runtime {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kPollStepMillis = 50;             // how late a stop request or the child's end may be noticed
constexpr int kRoundsPerDrain = 64;             // then the clock is looked at again
constexpr std::size_t kMaxLineBytes = 1 << 20;  // a longer line is handed over in pieces

/// Keeps the first bytes of a stream, counts all, and cuts whole lines for a listener.
class Sink {
public:
    Sink(UniqueFd fd, std::size_t bound, const std::function<void(std::string_view)>* on_line)
        : fd_(std::move(fd)), bound_(bound), on_line_(on_line)
    {
        if (fd_) ::fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
    }

    int fd() const { return fd_.get(); }

    /// Reads what is there; closes at end of stream.
    void drain()
    {
        std::array<char, 65536> buffer;
        for (int rounds = 0; fd_ && rounds < kRoundsPerDrain; ++rounds) {
            const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
            if (got > 0) take({buffer.data(), static_cast<std::size_t>(got)});
            else if (got < 0 && errno == EINTR) continue;
            else if (got < 0 && errno == EAGAIN) return;
            else fd_.reset();
        }
    }

    void finish(std::string& kept, std::uint64_t& total)
    {
        drain();
        if (!line_.empty()) emit(line_);
        kept = std::move(kept_);
        total = total_;
    }

private:
    void take(std::string_view part)
    {
        total_ += part.size();
        kept_.append(part.substr(0, bound_ - std::min(bound_, kept_.size())));
        if (on_line_ != nullptr && *on_line_) cut_lines(part);
    }

    void cut_lines(std::string_view part)
    {
        line_ += part;
        std::size_t start = 0;
        for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n', start)) {
            emit(std::string_view(line_).substr(start, end - start));
            start = end + 1;
        }
        line_.erase(0, start);
        if (line_.size() > kMaxLineBytes) emit(std::exchange(line_, {}));
    }

    void emit(std::string_view line) const
    {
        if (on_line_ != nullptr && *on_line_) (*on_line_)(line);
    }

    UniqueFd fd_;
    std::size_t bound_;
    const std::function<void(std::string_view)>* on_line_;
    std::string kept_, line_;
    std::uint64_t total_ = 0;
};

/// Sleeps until there is output, or for one step. A child without streams is waited for instead.
void wait_for_output(const Sink& out, const Sink& err, Process& child, std::chrono::milliseconds left)
{
    const auto patience = std::clamp(left, std::chrono::milliseconds(0), std::chrono::milliseconds(kPollStepMillis));
    if (out.fd() < 0 && err.fd() < 0) {
        static_cast<void>(child.wait(patience));
        return;
    }
    std::array<pollfd, 2> fds{{{out.fd(), POLLIN, 0}, {err.fd(), POLLIN, 0}}};  // poll skips a negative descriptor
    ::poll(fds.data(), fds.size(), static_cast<int>(patience.count()));
}

std::string last_line(std::string_view text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    const auto start = text.rfind('\n');
    return std::string(start == std::string_view::npos ? text : text.substr(start + 1)).substr(0, 500);
}

}  // namespace

Result<Ended> follow_until(Process child, const RunOptions& options, const std::function<void(Process&)>& end)
{
    Sink out(std::move(child.out()), options.max_output_bytes, &options.on_line);
    Sink err(std::move(child.err()), options.max_output_bytes, nullptr);
    Ended ended;
    auto until = Steady::now() + options.timeout;
    while (child.is_running()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now());
        const bool ending = ended.timed_out || ended.stopped;
        if (left.count() <= 0 && ending) child.terminate(std::chrono::milliseconds(0));
        if (!ending && (left.count() <= 0 || options.stop.stop_requested())) {
            ended.stopped = options.stop.stop_requested();
            ended.timed_out = !ended.stopped;
            until = Steady::now() + options.grace;
            end(child);
        }
        wait_for_output(out, err, child, left);
        out.drain();
        err.drain();
    }
    TRY(ended.finished.exit, child.wait(std::chrono::milliseconds(0)));
    out.finish(ended.finished.out, ended.finished.out_bytes);
    err.finish(ended.finished.err, ended.finished.err_bytes);
    return ended;
}

Result<Ended> run_until(const Command& command, const RunOptions& options, const std::function<void(Process&)>& end)
{
    TRY(Process child, Process::spawn(command));
    return follow_until(std::move(child), options, end);
}

Result<Finished> follow(Process child, const std::string& name, const RunOptions& options)
{
    TRY(Ended ended, follow_until(std::move(child), options, [](Process& running) { running.signal_group(SIGTERM); }));
    if (ended.stopped) return fail(ErrorKind::cancelled, "process.cancelled", name + " was stopped");
    if (ended.timed_out)
        return fail(ErrorKind::deadline_exceeded, "process.timeout",
                    name + " did not end within " + std::to_string(options.timeout.count()) + " ms");
    return std::move(ended.finished);
}

Result<Finished> run(const Command& command, const RunOptions& options)
{
    TRY(Process child, Process::spawn(command));
    return follow(std::move(child), command.program, options);
}

Result<std::string> run_tool(Command command, const RunOptions& options)
{
    command.out = Output::piped();
    command.err = Output::piped();
    TRY(Finished finished, run(command, options));
    if (!finished.exit.ok())
        return fail(ErrorKind::unavailable, "process.failed",
                    command.program + " ended with " + finished.exit.describe() + ": " + last_line(finished.err));
    return std::move(finished.out);
}

}  // namespace iapp::runtime
