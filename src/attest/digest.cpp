#include "attest/digest.hpp"

namespace iapp::attest {
namespace {

struct AlgorithmInfo {
    HashAlgorithm id;
    std::string_view name;
    std::size_t size;
};

constexpr std::array kAlgorithms{
    AlgorithmInfo{HashAlgorithm::sha1, "sha1", 20},       AlgorithmInfo{HashAlgorithm::sha256, "sha256", 32},
    AlgorithmInfo{HashAlgorithm::sha384, "sha384", 48},   AlgorithmInfo{HashAlgorithm::sha512, "sha512", 64},
    AlgorithmInfo{HashAlgorithm::sm3_256, "sm3_256", 32},
};

const AlgorithmInfo& row(HashAlgorithm algorithm) { return *std::ranges::find(kAlgorithms, algorithm, &AlgorithmInfo::id); }

}  // namespace

std::optional<HashAlgorithm> find_hash_algorithm(std::uint16_t tpm_alg_id)
{
    const auto* found =
        std::ranges::find(kAlgorithms, tpm_alg_id, [](const AlgorithmInfo& a) { return static_cast<std::uint16_t>(a.id); });
    return found == kAlgorithms.end() ? std::nullopt : std::optional(found->id);
}

std::string_view name(HashAlgorithm algorithm) { return row(algorithm).name; }

std::optional<HashAlgorithm> find_hash_algorithm(std::string_view name)
{
    const auto* found = std::ranges::find(kAlgorithms, name, &AlgorithmInfo::name);
    return found == kAlgorithms.end() ? std::nullopt : std::optional(found->id);
}

std::size_t digest_size(HashAlgorithm algorithm) { return row(algorithm).size; }

bool is_strong(HashAlgorithm algorithm)
{
    return algorithm == HashAlgorithm::sha256 || algorithm == HashAlgorithm::sha384 || algorithm == HashAlgorithm::sha512;
}

Bytes digest(HashAlgorithm algorithm, ByteView data)
{
    switch (algorithm) {
        case HashAlgorithm::sha256:
            return to_bytes(crypto::sha256(data).bytes());
        case HashAlgorithm::sha384:
            return to_bytes(crypto::sha384(data).bytes());
        case HashAlgorithm::sha512:
            return to_bytes(crypto::sha512(data).bytes());
        case HashAlgorithm::sha1:
        case HashAlgorithm::sm3_256:
            break;
    }
    return {};
}

Bytes extend(HashAlgorithm algorithm, ByteView old, ByteView digest_of_event)
{
    Bytes both = to_bytes(old);
    append(both, digest_of_event);
    return digest(algorithm, both);
}

MeasuredRegisters rtmr_registers(const std::array<Hash384, 4>& rtmr)
{
    MeasuredRegisters out{RegisterKind::rtmr, HashAlgorithm::sha384, {}};
    for (std::uint32_t i = 0; i < rtmr.size(); ++i) out.values[i] = to_bytes(rtmr[i].bytes());
    return out;
}

}  // namespace iapp::attest
