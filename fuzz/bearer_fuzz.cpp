// rooms: runtime
// What a registry may say before anything is verified: its challenge, and its token service's answer.
#include <cstdlib>

#include "runtime/internal/bearer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp::runtime;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto challenge = parse_bearer_challenge(text)) {
        const auto url = token_url(*challenge);
        if (url && !url->starts_with("http")) std::abort();
    }
    if (const auto token = parse_token(text); token && token->find_first_of("\r\n ") != std::string::npos) std::abort();
    return 0;
}
