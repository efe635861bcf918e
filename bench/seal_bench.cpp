// rooms: seal
// Sealing against what the processor allows: the same bytes through the bare cipher, in the same run.
// Files are on tmpfs and their pages are reused, so that the disk and page allocation are not what is measured.
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "crypto/random.hpp"
#include "ratio.hpp"
#include "seal/dataset_v1.hpp"
#include "seal/dataset_v2.hpp"

namespace {

using namespace iapp;

constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kFile = 128 * kMiB;
constexpr std::size_t kPiece = 256 * 1024;
constexpr std::uint64_t kHuge = std::uint64_t{2} << 30;

[[noreturn]] void give_up(const char* what)
{
    std::perror(what);
    std::exit(2);
}

void must(const Status& status)
{
    if (status) return;
    std::fprintf(stderr, "%s: %s\n", std::string(status.error().reason).c_str(), status.error().detail.c_str());
    std::exit(2);
}

template <class T>
T must(Result<T> result)
{
    if (!result) must(Status(std::unexpected(result.error())));
    return std::move(*result);
}

/// A file on tmpfs without a name.
class Scratch {
public:
    Scratch() : fd_(open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600))
    {
        if (fd_ < 0) give_up("/dev/shm");
    }
    ~Scratch() { close(fd_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    void rewind() const { lseek(fd_, 0, SEEK_SET); }

    void put(ByteView bytes) const
    {
        while (!bytes.empty()) {
            const ssize_t size = write(fd_, bytes.data(), bytes.size());
            if (size <= 0) give_up("write");
            bytes = bytes.subspan(static_cast<std::size_t>(size));
        }
    }
    std::size_t take(std::span<std::uint8_t> out) const
    {
        const ssize_t size = read(fd_, out.data(), out.size());
        if (size < 0) give_up("read");
        return static_cast<std::size_t>(size);
    }

    codec::ByteSink sink() const
    {
        rewind();
        return [this](ByteView bytes) -> Status {
            put(bytes);
            return {};
        };
    }
    codec::ByteSource source() const
    {
        rewind();
        return [this](std::span<std::uint8_t> out) -> Result<std::size_t> { return take(out); };
    }

    codec::RandomSource random(std::uint64_t size_bytes) const
    {
        return {size_bytes, [this](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
                    if (pread(fd_, out.data(), out.size(), static_cast<off_t>(offset)) != static_cast<ssize_t>(out.size()))
                        give_up("pread");
                    return {};
                }};
    }

private:
    int fd_;
};

struct CipherFree {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

const crypto::SecretBytes& key()
{
    static const crypto::SecretBytes made = crypto::random_secret(32);
    return made;
}
const std::uint8_t* raw_key() { return key().reveal(crypto::SecretAccess{}).data(); }

/// read, AES-256-CBC, write: no hash, no archive.
void cbc_and_write(const Scratch& in, const Scratch& out)
{
    static Bytes plaintext(kPiece), sealed(kPiece + 16);
    const Cipher cipher(EVP_CIPHER_CTX_new());
    const std::array<std::uint8_t, 16> iv{};
    EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, raw_key(), iv.data());
    in.rewind();
    out.rewind();
    int size = 0;
    for (std::size_t more; (more = in.take(plaintext)) != 0;) {
        EVP_EncryptUpdate(cipher.get(), sealed.data(), &size, plaintext.data(), static_cast<int>(more));
        out.put(ByteView(sealed).first(static_cast<std::size_t>(size)));
    }
    EVP_EncryptFinal_ex(cipher.get(), sealed.data(), &size);
    out.put(ByteView(sealed).first(static_cast<std::size_t>(size)));
}

void protect_v1(const Scratch& in, const Scratch& out)
{
    seal::DatasetObject object;
    object.fields.push_back({"file", seal::DatasetStream{kFile, {}, in.source()}});
    (void)must(seal::seal_object_v1(object, key(), out.sink()));
}

/// AES-256-GCM alone, in place, in chunks as large as v2's.
void bare_gcm(const Bytes& data, bool encrypt)
{
    static Bytes chunk(kPiece);
    const Cipher cipher(EVP_CIPHER_CTX_new());
    EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw_key(), nullptr, encrypt ? 1 : 0);
    std::array<std::uint8_t, 12> nonce{};
    std::array<std::uint8_t, 16> tag{};
    for (std::size_t at = 0; at < data.size(); at += kPiece) {
        int size = 0;
        ++nonce[0];
        EVP_CipherInit_ex(cipher.get(), nullptr, nullptr, nullptr, nonce.data(), encrypt ? 1 : 0);
        EVP_CipherUpdate(cipher.get(), chunk.data(), &size, data.data() + at, static_cast<int>(kPiece));
        if (encrypt) {
            EVP_CipherFinal_ex(cipher.get(), chunk.data(), &size);
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
        }
    }
}

codec::ByteSink nowhere()
{
    return [](ByteView) -> Status { return {}; };
}

void seal_v2(const Bytes& data, unsigned threads, bool checksum)
{
    (void)must(seal::seal_v2(codec::byte_source(data), key(), nowhere(),
                             {.threads = threads, .plaintext_bytes = data.size(), .checksum = checksum}));
}

void open_v2(const Bytes& sealed, unsigned threads)
{
    const auto reader = must(seal::DatasetV2Reader::open(codec::random_source(sealed), key()));
    must(reader.read_all(nowhere(), threads));
}

seal::DatasetObject many_fields()
{
    seal::DatasetObject object;
    for (int i = 0; i < 200; ++i)
        object.fields.push_back({"field_" + std::to_string(i), std::string("value of the field ") + std::to_string(i)});
    return object;
}

codec::ByteSource zeros(std::uint64_t size_bytes)
{
    return [left = size_bytes](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size()));
        std::ranges::fill(out.first(size), std::uint8_t{0});
        left -= size;
        return size;
    };
}

/// What every sealing needs before the first byte: libraries, a cipher, a hash.
void least()
{
    Bytes sealed;
    (void)must(seal::seal_v1(zeros(1), key(), codec::append_to(sealed, 100)));
    (void)must(seal::seal_v2(zeros(1), key(), nowhere(), {.chunk_log2 = 12}));
}

void huge_v1()
{
    seal::DatasetObject object;
    object.fields.push_back({"file", seal::DatasetStream{kHuge, {}, zeros(kHuge)}});
    (void)must(seal::seal_object_v1(object, key(), nowhere()));
}

void huge_v2()
{
    const Scratch file;
    const auto report = must(seal::seal_v2(zeros(kHuge), key(), file.sink(), {.threads = 2}));
    const auto reader = must(seal::DatasetV2Reader::open(file.random(report.size_bytes), key()));
    must(reader.read_all(nowhere(), 2));
}

/// Peak resident MiB of a child process that runs `work`.
double peak_rss_mib(void (*work)())
{
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child == 0) {
        work();
        _exit(0);
    }
    int state = 0;
    rusage usage{};
    if (wait4(child, &state, 0, &usage) != child || state != 0) give_up("child");
    return double(usage.ru_maxrss) / 1024;
}

/// Before anything large is allocated here, because a child inherits it.
int report_memory()
{
    constexpr double kTargetMib = 40;
    int missed = 0;
    const double floor = peak_rss_mib(least);
    std::printf("  %-44s %12.1f MiB\n", "resident, 1 byte", floor);
    const std::pair<const char*, void (*)()> cases[] = {{"2 GiB object, v1 seal", huge_v1},
                                                        {"2 GiB, v2 seal and open, 2 threads", huge_v2}};
    for (const auto& [name, work] : cases) {
        const double above = peak_rss_mib(work) - floor;
        missed += above <= kTargetMib ? 0 : 1;
        std::printf("  %-44s %12.1f MiB above  target <= %.0f  %s\n", name, above, kTargetMib,
                    above <= kTargetMib ? "met" : "MISSED");
    }
    return missed;
}

int report_v1()
{
    const Scratch in, out;
    for (std::size_t at = 0; at < kFile; at += kMiB) in.put(crypto::random_bytes(kMiB));
    const auto ours = [&] { protect_v1(in, out); };
    const auto limit = [&] { cbc_and_write(in, out); };
    ours();  // allocates the pages of `out`
    return bench::report(
        {{"v1 protect 128 MiB, wall", ours, bench::Meter::wall, 128},
         {"AES-256-CBC and write, wall", limit, bench::Meter::wall, 128},
         {"v1 protect 128 MiB, encrypting thread", ours, bench::Meter::thread_cpu, 128},
         {"AES-256-CBC and write, CPU", limit, bench::Meter::thread_cpu, 128},
         {"v1 protect 128 MiB, all threads", ours, bench::Meter::process_cpu, 128}},
        {{"v1 protect / CBC and write, wall", 0, 1, 0.95}, {"v1 encrypting thread / CBC and write, CPU", 2, 3, 0.95}},
        "MiB/s");
}

int report_v2()
{
    const Bytes data = crypto::random_bytes(kFile);
    Bytes sealed;
    sealed.reserve(kFile + kMiB);
    (void)must(seal::seal_v2(codec::byte_source(data), key(), codec::append_to(sealed, 2 * kFile), {}));
    using enum bench::Meter;
    return bench::report({{"v2 seal 128 MiB", [&] { seal_v2(data, 1, false); }, process_cpu, 128},
                          {"v2 open 128 MiB", [&] { open_v2(sealed, 1); }, process_cpu, 128},
                          {"AES-256-GCM encrypt", [&] { bare_gcm(data, true); }, process_cpu, 128},
                          {"AES-256-GCM decrypt", [&] { bare_gcm(data, false); }, process_cpu, 128},
                          {"v2 seal with checksum", [&] { seal_v2(data, 1, true); }, process_cpu, 128},
                          {"v2 seal, 1 thread, wall", [&] { seal_v2(data, 1, false); }, wall, 128},
                          {"v2 seal, 2 threads, wall", [&] { seal_v2(data, 2, false); }, wall, 128},
                          {"v2 open, 1 thread, wall", [&] { open_v2(sealed, 1); }, wall, 128},
                          {"v2 open, 2 threads, wall", [&] { open_v2(sealed, 2); }, wall, 128}},
                         {{"v2 seal / AES-256-GCM", 0, 2, 0.85},
                          {"v2 open / AES-256-GCM", 1, 3, 0.85},
                          {"v2 seal, 2 threads / 1", 6, 5, 1.7},
                          {"v2 open, 2 threads / 1", 8, 7, 1.7}},
                         "MiB/s");
}

int report_fields()
{
    constexpr int kTimes = 200;
    const seal::DatasetObject object = many_fields();
    Bytes payload;
    codec::ZipWriter archive(codec::append_to(payload, kMiB));
    must(seal::write_archive(object, archive));
    const Scratch in, out;
    in.put(payload);
    const auto repeat = [](auto work) {
        return [work] {
            for (int i = 0; i < kTimes; ++i) work();
        };
    };
    return bench::report(
        {{"object of 200 fields", repeat([&] { (void)must(seal::seal_object_v1(object, key(), out.sink())); }),
          bench::Meter::process_cpu, kTimes},
         {"AES-256-CBC and write of its bytes", repeat([&] { cbc_and_write(in, out); }), bench::Meter::process_cpu, kTimes}},
        {{"object / CBC and write of its bytes", 0, 1, 1.0 / 3}}, "/s");
}

}  // namespace

int main()
{
    int missed = report_memory();
    missed += report_v1();
    missed += report_v2();
    missed += report_fields();
    return missed == 0 ? 0 : 1;
}
