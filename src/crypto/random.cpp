#include "crypto/random.hpp"

#include <openssl/rand.h>
#include <pthread.h>

#include <atomic>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {
namespace {

constexpr std::size_t kAhead = 1024;
constexpr std::size_t kSmall = 64;

void draw(std::span<std::uint8_t> out)
{
    internal::must(RAND_bytes_ex(nullptr, out.data(), out.size(), 256) == 1, "RAND_bytes_ex");
}

/// Which process this is, counted in forks: what a parent drew ahead is not its child's.
unsigned generation()
{
    static std::atomic<unsigned> forks{0};
    static const int watched = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
    internal::must(watched == 0, "pthread_atfork");
    return forks;
}

/// Bytes of one thread: a call of the generator costs more than a nonce's worth of them.
class Ahead {
public:
    void take(std::span<std::uint8_t> out)
    {
        const unsigned now = generation();
        if (left_ < out.size() || of_ != now) {
            draw(bytes_);
            left_ = bytes_.size();
            of_ = now;
        }
        left_ -= out.size();
        const auto drawn = std::span(bytes_).subspan(left_, out.size());
        copy_bytes(drawn, out);
        wipe(drawn);
    }

private:
    std::array<std::uint8_t, kAhead> bytes_;
    std::size_t left_ = 0;
    unsigned of_ = 0;
};

}  // namespace

void random_fill(std::span<std::uint8_t> out)
{
    thread_local Ahead ahead;
    if (out.size() <= kSmall) ahead.take(out);
    else draw(out);
}

Bytes random_bytes(std::size_t size)
{
    Bytes out(size);
    random_fill(out);
    return out;
}

SecretBytes random_secret(std::size_t size)
{
    SecretBytes out(size);
    const auto bytes = out.writable(SecretAccess{});
    internal::must(RAND_priv_bytes_ex(nullptr, bytes.data(), bytes.size(), 256) == 1, "RAND_priv_bytes_ex");
    return out;
}

}  // namespace iapp::crypto
