// rooms: wire
// What an agent sends to the secret service, and what it gets back. What parses must encode, parse and encode to the same
// bytes.
#include <cstdlib>

#include "wire/agent_api.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    if (const auto request = wire::parse_release_request(text)) {
        const std::string once = wire::encode(*request);
        const auto again = wire::parse_release_request(once);
        if (!again || wire::encode(*again) != once) std::abort();
    }
    if (const auto bundle = wire::parse_release_bundle({data, size})) {
        const crypto::SecretBytes once = wire::encode(*bundle);
        if (!wire::parse_release_bundle(once.reveal(crypto::SecretAccess{}))) std::abort();
    }
    (void)wire::parse_nonce_request(text);
    (void)wire::parse_nonce_reply(text);
    (void)wire::parse_sealed_reply(text);
    return 0;
}
