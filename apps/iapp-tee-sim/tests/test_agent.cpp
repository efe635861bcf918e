// The smallest agent: does what its first argument says, and proves from inside what the simulator promises.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/hex.hpp"
#include "tee/measured_log.hpp"

namespace {

using namespace iapp;

/// Measures one entry, quotes, prints the quote.
int quote()
{
    const auto source = tee::open_simulated();
    if (!source) return 20;
    tee::MeasuredLog log(**source);
    if (!log.record(attest::op::kReady, {})) return 21;
    const auto quote = (*source)->quote(attest::ReportData::zero());
    if (!quote) return 22;
    std::printf("%s\n", hex(*quote).c_str());
    return 0;
}

/// Copies descriptor 0 to 1.
int echo()
{
    char chunk[4096];
    ssize_t n = 0;
    while ((n = ::read(0, chunk, sizeof chunk)) > 0)
        if (::write(1, chunk, static_cast<std::size_t>(n)) != n) return 1;
    return 0;
}

/// Prints the names of the environment, and which descriptors are open.
int surroundings()
{
    for (char** variable = environ; *variable != nullptr; ++variable) std::printf("%s\n", *variable);
    for (int fd = 0; fd < 64; ++fd)
        if (::fcntl(fd, F_GETFD) >= 0) std::printf("fd %d\n", fd);
    return 0;
}

int wait_for_ever()
{
    std::printf("%d\n", static_cast<int>(::getpid()));
    std::fflush(stdout);
    while (true) ::pause();
}

extern "C" void on_term(int) { ::_exit(33); }

}  // namespace

int main(int argc, char** argv)
{
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "quote") return quote();
    if (what == "echo") return echo();
    if (what == "surroundings") return surroundings();
    if (what == "exit") return static_cast<int>(std::strtol(argv[2], nullptr, 10));
    if (what == "abort") {
        ::signal(SIGABRT, SIG_DFL);
        std::abort();
    }
    if (what == "wait") return wait_for_ever();
    if (what == "wait-for-term") {
        ::signal(SIGTERM, on_term);
        return wait_for_ever();
    }
    return 99;
}
