#include "seal/internal/v2_format.hpp"

#include <algorithm>

#include "crypto/kdf.hpp"

namespace iapp::seal::v2 {
namespace {

constexpr std::string_view kChunkKeyInfo = "iapp/dataset/2/chunk-key";
constexpr std::string_view kCommitmentInfo = "iapp/dataset/2/commitment";

template <class Out>
void put_u64(Out out, std::uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(value >> shift);
}

Bytes info_for(std::string_view label, const Header& header)
{
    Bytes info = to_bytes(label);
    append(info, fixed_part(header));
    return info;
}

std::unexpected<Error> corrupt(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::corrupt, reason, std::move(detail));
}

}  // namespace

std::array<std::uint8_t, kFixedBytes> fixed_part(const Header& header)
{
    std::array<std::uint8_t, kFixedBytes> out{};
    std::ranges::copy(as_bytes(kMagic), out.begin());
    out[8] = kVersion;
    out[9] = kSuiteAes256Gcm;
    out[10] = static_cast<std::uint8_t>(header.chunk_log2);
    out[11] = header.plaintext_bytes ? kFlagLength : 0;
    put_u64(out.begin() + 12, header.plaintext_bytes.value_or(0));
    return out;
}

Bytes encode(const Header& header)
{
    Bytes out = to_bytes(ByteView(fixed_part(header)));
    append(out, header.salt);
    append(out, header.commitment.bytes());
    return out;
}

Result<Header> parse(std::span<const std::uint8_t, kV2HeaderBytes> raw)
{
    if (as_text(raw.first(kMagic.size())) != kMagic)
        return corrupt("seal.v2_magic", "the file does not begin like a v2 dataset; is it v1?");
    if (raw[8] != kVersion || raw[9] != kSuiteAes256Gcm)
        return corrupt("seal.v2_version",
                       "the dataset is of a version or cipher suite this program does not know; update it");
    std::uint64_t length = 0;
    for (const std::uint8_t byte : raw.subspan(12, 8)) length = (length << 8) | byte;
    const bool known = raw[11] == kFlagLength;
    if (raw[10] < kMinChunkLog2 || raw[10] > kMaxChunkLog2 || raw[11] > kFlagLength || (!known && length != 0))
        return corrupt("seal.v2_header", "the header holds a chunk size, flag or length that no writer produces");
    Header out{raw[10], known ? std::optional(length) : std::nullopt, {}, Hash256(raw.last<32>())};
    std::ranges::copy(raw.subspan(kFixedBytes, kSaltBytes), out.salt.begin());
    return out;
}

Result<FileKeys> derive(const Header& header, const crypto::SecretBytes& data_key)
{
    if (data_key.size() != 32) return fail(ErrorKind::invalid_input, "seal.key_size", "a dataset key is 32 bytes");
    const crypto::SecretBytes prk = crypto::hkdf_sha256_extract(header.salt, data_key);
    TRY(crypto::SecretBytes chunk_key, crypto::hkdf_sha256_expand(prk, info_for(kChunkKeyInfo, header), 32));
    TRY(const crypto::SecretBytes commitment, crypto::hkdf_sha256_expand(prk, info_for(kCommitmentInfo, header), 32));
    TRY(const Hash256 shown, Hash256::from_bytes(commitment.reveal(crypto::SecretAccess{})));
    return FileKeys{std::move(chunk_key), shown};
}

std::array<std::uint8_t, crypto::kAeadNonceSize> nonce(std::uint64_t index, bool last)
{
    std::array<std::uint8_t, crypto::kAeadNonceSize> out{};
    put_u64(out.begin() + 3, index);
    out[11] = last ? 1 : 0;
    return out;
}

}  // namespace iapp::seal::v2
