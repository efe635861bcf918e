#include "seal/result.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "crypto/aes_cbc.hpp"
#include "crypto/random.hpp"
#include "crypto/rsa.hpp"

namespace iapp::seal {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::string_view kSealedArchiveName = "iexec_out.zip.aes";
constexpr std::string_view kSealedKeyName = "aes-key.rsa";
constexpr std::size_t kMaxSealedKeyBytes = 1000;
constexpr std::size_t kBlock = crypto::kAesBlockSize;
constexpr std::size_t kPieceBytes = 64 * 1024;

/// IV, then the ciphertext of `archive`, as a source: the size is known beforehand and nothing is held.
class CbcSource {
public:
    static Result<CbcSource> start(const codec::RandomSource& archive, const SecretBytes& key)
    {
        const Bytes iv = crypto::random_bytes(kBlock);
        TRY(auto encryptor, crypto::Aes256CbcEncryptor::create(key, crypto::AesIv(iv)));
        return CbcSource(byte_source(archive, 0, archive.size_bytes), std::move(encryptor), iv);
    }

    static std::uint64_t sealed_bytes(std::uint64_t archive_bytes) { return kBlock + (archive_bytes / kBlock + 1) * kBlock; }

    Result<std::size_t> read(std::span<std::uint8_t> out)
    {
        while (start_ == ready_.size() && !ended_) TRY_OK(encrypt_more());
        const std::size_t size = std::min(out.size(), ready_.size() - start_);
        copy_bytes(ByteView(ready_).subspan(start_, size), out);
        start_ += size;
        return size;
    }

private:
    CbcSource(codec::ByteSource archive, crypto::Aes256CbcEncryptor encryptor, Bytes iv)
        : archive_(std::move(archive)), encryptor_(std::move(encryptor)), plaintext_(kPieceBytes), ready_(std::move(iv))
    {
    }

    Status encrypt_more()
    {
        TRY(const std::size_t size, archive_(plaintext_.writable(SecretAccess{})));
        ready_.resize(crypto::Aes256CbcEncryptor::output_bound(kPieceBytes));
        ended_ = size == 0;
        TRY(const std::size_t written,
            ended_ ? encryptor_.finish(ready_) : encryptor_.update(plaintext_.reveal(SecretAccess{}).first(size), ready_));
        ready_.resize(written);
        start_ = 0;
        return {};
    }

    codec::ByteSource archive_;
    crypto::Aes256CbcEncryptor encryptor_;
    SecretBytes plaintext_;
    Bytes ready_;
    std::size_t start_ = 0;
    bool ended_ = false;
};

/// Takes IV and ciphertext in pieces of any size and passes the plaintext on.
class CbcSink {
public:
    CbcSink(const SecretBytes& key, const codec::ByteSink& sink) : key_(key), sink_(sink) {}

    Status write(ByteView bytes)
    {
        const std::size_t head = std::min(bytes.size(), kBlock - iv_bytes_);
        copy_bytes(bytes.first(head), std::span(iv_).subspan(iv_bytes_));
        iv_bytes_ += head;
        bytes = bytes.subspan(head);
        if (bytes.empty()) return {};
        if (!decryptor_) {
            TRY(decryptor_, crypto::Aes256CbcDecryptor::create(key_, iv_));
        }
        SecretBytes plaintext(crypto::Aes256CbcDecryptor::output_bound(bytes.size()));
        TRY(const std::size_t written, decryptor_->update(bytes, plaintext.writable(SecretAccess{})));
        return written == 0 ? Status{} : sink_(plaintext.reveal(SecretAccess{}).first(written));
    }

    Status finish()
    {
        SecretBytes rest(kBlock);
        const auto written = decryptor_ ? decryptor_->finish(rest.writable(SecretAccess{}))
                                        : Result<std::size_t>(fail(ErrorKind::corrupt, ""));
        if (!written)
            return fail(ErrorKind::corrupt, "seal.v1_padding",
                        "the sealed archive was cut or changed, or is under another key");
        return *written == 0 ? Status{} : sink_(rest.reveal(SecretAccess{}).first(*written));
    }

private:
    const SecretBytes& key_;
    const codec::ByteSink& sink_;
    std::array<std::uint8_t, kBlock> iv_{};
    std::size_t iv_bytes_ = 0;
    std::optional<crypto::Aes256CbcDecryptor> decryptor_;
};

Result<const codec::ZipEntry*> must_find(const codec::ZipReader& outer, std::string_view name)
{
    const codec::ZipEntry* entry = outer.find(name);
    if (entry == nullptr || entry->directory)
        return fail(ErrorKind::not_found, "seal.result_entry",
                    "the result has no " + std::string(name) + "; is it encrypted for someone?");
    return entry;
}

Result<SecretBytes> open_key(const codec::ZipReader& outer, const SecretBytes& private_key_pem)
{
    TRY(const codec::ZipEntry* const entry, must_find(outer, kSealedKeyName));
    TRY(const Bytes sealed, outer.read(*entry, kMaxSealedKeyBytes));
    TRY(const crypto::RsaKey rsa, crypto::RsaKey::from_pem(private_key_pem));
    auto key = rsa.decrypt_pkcs1(sealed);
    if (!key || key->size() != 32)
        return fail(ErrorKind::corrupt, "seal.result_key",
                    "the private key does not open this result's key; is it the one the result was made for?");
    return std::move(*key);
}

}  // namespace

Status check_result_path(std::string_view path)
{
    TRY_OK(codec::check_zip_path(path));
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (name.size() > kMaxResultNameBytes)
        return fail(
            ErrorKind::invalid_input, "seal.result_name",
            "the output file name " + std::string(name) + " is longer than 31 bytes; the app must choose a shorter one");
    return {};
}

Status write_result(std::vector<ResultFile> files, const codec::ByteSink& sink)
{
    if (files.size() > kMaxResultFiles)
        return fail(ErrorKind::resource_exhausted, "seal.result_files",
                    "the app wrote more than 10000 files; pack them in one archive");
    std::ranges::sort(files, {}, &ResultFile::path);
    codec::ZipWriter archive(sink);
    for (const ResultFile& file : files) {
        TRY_OK(check_result_path(file.path));
        TRY_OK(archive.add_deflated(file.path, file.size_bytes, file.content));
    }
    return archive.finish();
}

Status seal_result_rsa(const codec::RandomSource& archive, std::string_view public_key_pem, const codec::ByteSink& sink)
{
    const SecretBytes key = crypto::random_secret(32);
    TRY(const Bytes sealed_key, crypto::rsa_pkcs1_encrypt(public_key_pem, key));
    TRY(CbcSource ciphertext, CbcSource::start(archive, key));
    codec::ZipWriter outer(sink);
    TRY_OK(outer.add_stored(kSealedKeyName, sealed_key));
    TRY_OK(outer.add_stored(kSealedArchiveName, CbcSource::sealed_bytes(archive.size_bytes),
                            [&](std::span<std::uint8_t> out) { return ciphertext.read(out); }));
    return outer.finish();
}

Status open_result_rsa(const codec::RandomSource& sealed, const SecretBytes& private_key_pem, const codec::ByteSink& sink)
{
    TRY(const codec::ZipReader outer, codec::ZipReader::open(sealed));
    TRY(const codec::ZipEntry* const entry, must_find(outer, kSealedArchiveName));
    if (outer.entries().size() != 2)
        return fail(ErrorKind::not_found, "seal.result_entry",
                    "the sealed result has other entries than the two it should have");
    TRY(const SecretBytes key, open_key(outer, private_key_pem));
    CbcSink plaintext(key, sink);
    TRY_OK(outer.extract(*entry, [&](ByteView bytes) { return plaintext.write(bytes); }));
    return plaintext.finish();
}

}  // namespace iapp::seal
