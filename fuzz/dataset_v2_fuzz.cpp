// rooms: seal
// Any bytes as a v2 dataset under a fixed key; what opens has the length it announced.
#include "seal/dataset_v2.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    static const crypto::SecretBytes key = [] {
        Bytes bytes;
        for (std::uint8_t i = 0; i < 32; ++i) bytes.push_back(i);
        return crypto::SecretBytes(std::move(bytes));
    }();
    const auto reader = seal::DatasetV2Reader::open(codec::random_source({data, size}), key);
    if (!reader) return 0;
    std::uint64_t seen = 0;
    const Status status = reader->read_all([&](ByteView bytes) -> Status {
        seen += bytes.size();
        return {};
    });
    if (status && seen != reader->plaintext_bytes()) __builtin_trap();
    return 0;
}
