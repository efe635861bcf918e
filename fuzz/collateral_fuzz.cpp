// rooms: attest
// The JSON documents that carry endorsements: the bundle, and the service's answers around the signed documents.
#include <cstdlib>

#include "attest/intel_collateral.hpp"
#include "attest/intel_tcb.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    if (const auto collateral = attest::parse_collateral(text)) {
        const std::string once = attest::encode_collateral(*collateral);
        const auto again = attest::parse_collateral(once);
        if (!again || attest::encode_collateral(*again) != once) std::abort();
        (void)attest::parse_tcb_info(collateral->tcb_info).has_value();
        (void)attest::parse_qe_identity(collateral->qe_identity).has_value();
    }
    for (const std::string_view member : {"tcbInfo", "enclaveIdentity"})
        if (const auto sliced = attest::slice_signed_object(text, member); sliced && text.find(sliced->bytes) == text.npos)
            std::abort();
    return 0;
}
