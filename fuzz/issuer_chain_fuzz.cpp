// rooms: endorse
// What vendors say in headers: percent-encoded certificate chains, and when to ask again.
#include <cstdlib>

#include "endorse/fetch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    constexpr std::size_t kMax = 4096;
    const std::string_view text = as_text({data, size});
    if (const auto chain = endorse::decode_issuer_chain(text, kMax)) {
        if (chain->size() > kMax || chain->size() > size) std::abort();
        for (const char c : *chain)
            if (c != '\n' && c != '\r' && (c < ' ' || c > '~')) std::abort();
    }
    const UnixSeconds now{std::chrono::seconds(1'000'000'000)};
    if (const auto wait = endorse::parse_retry_after(text, now); wait && *wait < std::chrono::seconds(0)) std::abort();
    return 0;
}
