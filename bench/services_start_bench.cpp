// rooms: base
// How long the command line takes to start and end, against a static program that does nothing.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "ratio.hpp"

namespace {

using namespace iapp;

constexpr int kStarts = 20;

double seconds_of_children()
{
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) * 1e-6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void start_and_wait(const std::filesystem::path& program, const char* word)
{
    std::string path = program.string(), argument = word;
    char* const argv[] = {path.data(), argument.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    if (::posix_spawn(&child, argv[0], &actions, nullptr, argv, environ) != 0) std::abort();
    posix_spawn_file_actions_destroy(&actions);
    ::waitpid(child, nullptr, 0);
}

}  // namespace

int main()
{
    const std::filesystem::path build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
    const auto starting = [](const std::filesystem::path& program, const char* word) {
        return [program, word] {
            for (int i = 0; i < kStarts; ++i) start_and_wait(program, word);
        };
    };
    const std::vector<bench::Case> cases{
        {"iapp --version", starting(build / "apps/iapp/iapp", "--version"), {}, kStarts, seconds_of_children},
        {"a static program that does nothing",
         starting(build / "bench/bench_nothing", ""),
         {},
         kStarts,
         seconds_of_children},
    };
    return bench::report(cases, {{"start of the command line / nothing", 0, 1, 0.5}}, "starts/s of processor time");
}
