// rooms: attest
// Receipts and ledger leaves: documents with one spelling. What parses must encode to the very same bytes.
#include <cstdlib>

#include "attest/receipt_verify.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    if (const auto receipt = attest::parse_receipt(text)) {
        if (*attest::encode_receipt(*receipt) != text) std::abort();
    }
    if (const auto leaf = attest::parse_leaf(as_bytes(text)); leaf && attest::encode_leaf(*leaf) != to_bytes(text))
        std::abort();

    const attest::ReceiptTrust nobody{.anchors = {}, .ledger_signer = eth::Address::zero(), .policy = {}};
    if (attest::verify_receipt(text, nobody, UnixSeconds(std::chrono::seconds(1'790'000'000))).level !=
        attest::ReceiptLevel::refused)
        std::abort();
    return 0;
}
