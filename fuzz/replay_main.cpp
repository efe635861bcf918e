// Replays every seed of a corpus folder through one fuzz target, and each seed cut short and with one bit turned.
// Not a fuzzer: it keeps the targets compiling and the seeds passing where libFuzzer is absent.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::uint8_t> read_file(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void replay(std::vector<std::uint8_t> seed)
{
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    const std::size_t step = seed.size() / 64 + 1;
    for (std::size_t at = 0; at < seed.size(); at += step) {
        LLVMFuzzerTestOneInput(seed.data(), at);
        seed[at] ^= 0x41;
        LLVMFuzzerTestOneInput(seed.data(), seed.size());
        seed[at] ^= 0x41;
    }
}

}  // namespace

int main(int argc, char** argv)
{
    std::size_t seeds = 0;
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) continue;
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            replay(read_file(entry.path()));
            ++seeds;
        }
    }
    if (seeds == 0) {
        std::fprintf(stderr, "no seeds: a fuzz target needs at least one file in fuzz/corpus/<name>/\n");
        return 1;
    }
    std::printf("%zu seeds replayed\n", seeds);
    return 0;
}
