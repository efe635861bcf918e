// iappd: hosts the services its configuration names, until SIGTERM or SIGINT; or seals a key service's records under a new
// key. Usage: iappd --config FILE | iappd rekey --directory DIR
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "base/error_kind.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "hosts.hpp"
#include "sms/service.hpp"

namespace iapp::daemon {
namespace {

constexpr const char* kUsage =
    "usage: iappd --config FILE\n"
    "       iappd rekey --directory DIR\n\n"
    "Hosts the services that FILE (TOML, schema iappd/1) names, until SIGTERM.\n"
    "[blobs] keeps its blocks in one of\n"
    "       directory = \"/var/lib/iapp/blobs\"\n"
    "       ipfs = \"http://127.0.0.1:5001\"       the RPC of an IPFS node\n"
    "       [blobs.s3] with endpoint, region, bucket, credentials (a file of mode 0600 with aws_access_key_id and\n"
    "       aws_secret_access_key), and maybe prefix = \"blocks/\" and path_style = true\n"
    "rekey: seals every record of the key service in DIR under a fresh master key. The service must not be running;\n"
    "       killed at any moment, it leaves a state that opens, and running it again finishes.\n\n"
    "Examples:\n"
    "  iappd --config /etc/iapp/sms.toml\n"
    "  iappd rekey --directory /var/lib/iapp/sms\n";

int complain(const char* what, const Error& error)
{
    log::error(what, {{"reason", error.reason}, {"detail", error.detail}});
    return static_cast<int>(exit_code(error));
}

int run(const std::string& file, const sigset_t& signals)
{
    const auto text = read_file(file);
    if (!text) return complain("cannot start", {ErrorKind::not_found, "iappd.file", "cannot read " + file});
    const auto config = parse_config(*text);
    if (!config) return complain("cannot start", config.error());
    auto hosted = start_all(*config, system_clock());
    if (!hosted) return complain("cannot start", hosted.error());
    log::info("serving", {{"services", hosted->size()}});
    int signal = 0;
    sigwait(&signals, &signal);
    log::info("stopping", {{"signal", signal}});
    while (!hosted->empty()) hosted->pop_back();
    return 0;
}

int rekey(const std::string& directory)
{
    if (const auto done = sms::rekey(directory); !done) return complain("cannot rekey", done.error());
    log::info("every record is sealed under a fresh master key", {{"directory", directory}});
    return 0;
}

/// Each connection is a descriptor, and a service without any left cannot open its database.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warning("the limit of open files stays", {{"files", limit.rlim_cur}});
}

int host(const std::string& file)
{
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: all inherit it, this one waits
    return run(file, signals);
}

int dispatch(std::span<const std::string> words)
{
    log::configure(log::Level::info, "iappd");
    ::prctl(PR_SET_DUMPABLE, 0);  // it holds keys: a crash must not write them to a disk
    if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) return std::fputs(kUsage, stdout) < 0;
    if (words.size() == 2 && words[0] == "--config") return host(words[1]);
    if (words.size() == 3 && words[0] == "rekey" && words[1] == "--directory") return rekey(words[2]);
    std::fputs(kUsage, stderr);
    return static_cast<int>(ExitCode::usage);
}

}  // namespace
}  // namespace iapp::daemon

int main(int argc, char** argv)
{
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    return iapp::daemon::dispatch(words);
}
