#pragma once
// A server in a process of its own, so that its processor time is its own: this program started again with other words, or
// any other program. It ends when this object does.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace iapp::bench {

class Child {
public:
    /// The child may write one line to its output: read_line().
    explicit Child(std::vector<std::string> words)
    {
        int pipe[2];
        if (::pipe(pipe) != 0) std::abort();
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, pipe[0]);
        posix_spawn_file_actions_addclose(&actions, pipe[1]);
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        if (::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) std::abort();
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        output_ = pipe[0];
        if (::clock_getcpuclockid(pid_, &clock_) != 0) std::abort();
    }
    Child(Child&&) = delete;
    ~Child()
    {
        ::close(output_);
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }

    std::string read_line() const
    {
        std::string out;
        char c;
        while (::read(output_, &c, 1) == 1 && c != '\n') out += c;
        return out;
    }

    /// Seconds of processor time of all its threads so far.
    double cpu_seconds() const
    {
        timespec time{};
        ::clock_gettime(clock_, &time);
        return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
    }

private:
    pid_t pid_ = 0;
    int output_ = -1;
    clockid_t clock_{};
};

}  // namespace iapp::bench
