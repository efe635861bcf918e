// rooms: seal
// Any bytes as an age file for a fixed identity; a header that parses prints back to the bytes it covers.
#include "seal/age.hpp"
#include "seal/internal/age_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    static const seal::AgeIdentity identity = *seal::AgeIdentity::parse(crypto::SecretBytes::copy_of(
        as_bytes("AGE-SECRET-KEY-185ZELA9CPC64P9P2FZ20EDU3LUSX730ZMCVZ08SAXPEGA3W68L2SJKWYCS")));
    const ByteView input(data, size);
    (void)seal::open_age(codec::byte_source(input), identity, [](ByteView) -> Status { return {}; });

    const codec::ByteSource source = codec::byte_source(input);
    seal::age::Reader reader(source);
    const auto header = seal::age::read_header(reader);
    if (header && as_text(header->authenticated) != seal::age::print_stanzas(header->stanzas)) __builtin_trap();
    return 0;
}
