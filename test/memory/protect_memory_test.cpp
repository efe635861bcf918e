// `iapp protect` of a file larger than it may ever hold: neither the command line nor the blob store keeps the whole.
// 512 MiB as a test and 2 GiB as a bench; IAPP_PROTECT_MIB names another size.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "support/devnet_run.hpp"

namespace iapp {
namespace {

constexpr long kMostKib = 200 * 1024;

int size_mib()
{
    const char* given = std::getenv("IAPP_PROTECT_MIB");
    return given ? std::atoi(given) : IAPP_PROTECT_MIB;
}

/// Content that does not compress.
void write_noise(const std::filesystem::path& path, int mib)
{
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> block((1 << 20) / sizeof(std::uint64_t));
    std::ofstream out(path, std::ios::binary);
    for (int i = 0; i < mib; ++i) {
        for (auto& word : block) word = random();
        out.write(reinterpret_cast<const char*>(block.data()), 1 << 20);
    }
}

/// Peak of resident memory of a running process, in KiB.
long peak_kib(const runtime::ProcessIdentity& process)
{
    std::istringstream status(test::slurp("/proc/" + std::to_string(process.pid) + "/status"));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
    return -1;
}

TEST(ProtectMemory, StaysFlatForALargeFile)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer's own memory is larger than the limit";
#endif
    const test::DevnetRun net;
    net.make_wallet("owner");
    const auto file = net.folder() / "large.bin";
    write_noise(file, size_mib());

    const auto before = std::chrono::steady_clock::now();
    const auto said = net.must({"protect", file, "--name", "large", "--wallet", "owner"});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;

    rusage children{};
    ::getrusage(RUSAGE_CHILDREN, &children);  // the largest of all commands that have ended; only this one is large
    std::cout << size_mib() << " MiB in " << took.count() << " s; peak of iapp protect " << children.ru_maxrss / 1024
              << " MiB\n";
    EXPECT_LT(children.ru_maxrss, kMostKib);
    for (const auto& process : net.processes()) {
        if (process.name != "blobs") continue;
        std::cout << "peak of the blob store " << peak_kib(process.identity) / 1024 << " MiB\n";
        EXPECT_LT(peak_kib(process.identity), kMostKib);
    }
}

}  // namespace
}  // namespace iapp
