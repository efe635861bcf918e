// rooms: attest simtee
// The two signed documents, TCB info and QE identity. What parses, and is spelled again by the simulator, reads the same.
#include <cstdlib>

#include "simtee/authority.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    if (const auto info = attest::parse_tcb_info(text)) {
        const std::string once = simtee::encode_tcb_info(*info);
        const auto again = attest::parse_tcb_info(once);
        if (!again || simtee::encode_tcb_info(*again) != once) std::abort();
    }
    if (const auto identity = attest::parse_qe_identity(text)) {
        const std::string once = simtee::encode_qe_identity(*identity);
        const auto again = attest::parse_qe_identity(once);
        if (!again || simtee::encode_qe_identity(*again) != once) std::abort();
    }
    return 0;
}
