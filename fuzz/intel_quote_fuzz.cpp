// rooms: attest
// Intel quotes of every version. What parses must account for every byte: signed part, sizes and padding.
#include <cstdlib>

#include "attest/intel_quote.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const iapp::ByteView input(data, size);
    const auto quote = iapp::attest::parse_intel_quote(input);
    if (!quote) return 0;
    if (quote->quote_size > size || quote->signed_bytes.size() >= quote->quote_size) std::abort();
    if ((quote->td() == nullptr) == (quote->sgx() == nullptr)) std::abort();
    if (quote->pck_reference && !quote->pck_chain_pem.empty()) std::abort();
    if (!iapp::attest::parse_intel_quote(input.first(quote->quote_size))) std::abort();
    return 0;
}
