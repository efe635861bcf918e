// rooms: eth
// Any text as a key store. Costly parameters are skipped: one run must stay short.
#include "eth/keystore.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    static_cast<void>(eth::keystore_address(text));
    static_cast<void>(eth::open_keystore(text, "testpassword", {.max_scrypt_work = 1U << 17U, .max_pbkdf2_rounds = 16}));
    return 0;
}
