// iappd: hosts the services its configuration names, until SIGTERM or SIGINT.
// Usage: iappd --config FILE
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/error_kind.hpp"
#include "base/log.hpp"
#include "hosts.hpp"

namespace iapp::daemon {
namespace {

int complain(const Error& error)
{
    log::error("cannot start", {{"reason", error.reason}, {"detail", error.detail}});
    return static_cast<int>(exit_code(error));
}

int run(const char* file, const sigset_t& signals)
{
    std::ifstream in(file, std::ios::binary);
    if (!in) return complain({ErrorKind::not_found, "iappd.file", std::string("cannot read ") + file});
    const auto config = parse_config(std::string{std::istreambuf_iterator<char>(in), {}});
    if (!config) return complain(config.error());
    auto hosted = start_all(*config, system_clock());
    if (!hosted) return complain(hosted.error());
    log::info("serving", {{"services", hosted->size()}});
    int signal = 0;
    sigwait(&signals, &signal);
    log::info("stopping", {{"signal", signal}});
    while (!hosted->empty()) hosted->pop_back();
    return 0;
}

}  // namespace
}  // namespace iapp::daemon

int main(int argc, char** argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        std::puts("usage: iappd --config FILE\n\nHosts the services that FILE (TOML, schema iappd/1) names, until SIGTERM.");
        return 0;
    }
    if (argc != 3 || std::string_view(argv[1]) != "--config") {
        std::fputs("usage: iappd --config FILE\n", stderr);
        return 2;
    }
    ::prctl(PR_SET_DUMPABLE, 0);  // it holds keys: a crash must not write them to a disk
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: all inherit it, this one waits
    iapp::log::configure(iapp::log::Level::info, "iappd");
    return iapp::daemon::run(argv[2], signals);
}
