// Somebody else uses the TPM in the middle of our work: what comes out is consistent, or nothing does.
#include <gtest/gtest.h>

#include "support/tpm_proxy.hpp"

namespace iapp::tpm2 {
namespace {

using attest::HashAlgorithm;
using test::Swtpm;
using test::TpmProxy;

attest::PcrSelection first_registers(std::uint32_t count)
{
    attest::PcrSelection out{HashAlgorithm::sha256, {}};
    for (std::uint32_t pcr = 0; pcr < count; ++pcr) out.pcrs.insert(pcr);
    return out;
}

struct Outcome {
    std::string_view reason;
    int seen = 0;  ///< commands of the watched kind
    std::optional<attest::TpmEvidence> quote;
};

/// Quotes the first eight registers while PCR 5 is extended before each of the first `times` commands of a kind.
Outcome quote_while_extending(std::uint32_t code, int times, std::uint32_t registers = 8)
{
    const Swtpm swtpm;
    Outcome out;
    const TpmProxy* self = nullptr;
    const TpmProxy proxy(swtpm, [&](std::uint32_t command, Bytes&) {
        if (command == code && ++out.seen <= times) self->extend(5);
    });
    self = &proxy;
    Tpm tpm = *Tpm::open(proxy.tcti());
    const Key ek = *tpm.create_ek(KeyType::ecc_p256);
    const Key ak = *tpm.load_ak(ek, *tpm.create_ak(ek, KeyType::ecc_p256));
    auto quote = tpm.quote(ak, first_registers(registers), Bytes(32, 1));
    out.reason = quote ? "" : quote.error().reason;
    if (quote) out.quote = *std::move(quote);
    return out;
}

Bytes after_extensions(int times)
{
    Bytes value(32, 0);
    for (int i = 0; i < times; ++i) value = attest::extend(HashAlgorithm::sha256, value, Bytes(32, 0x77));
    return value;
}

TEST(Race, BetweenValuesAndQuoteIsTriedAgain)
{
    const auto once = quote_while_extending(test::kQuote, 1);
    ASSERT_EQ(once.reason, "");
    EXPECT_GE(once.seen, 2);  // the TPM may ask for the same command again while it tests itself
    EXPECT_EQ(once.quote->pcrs.at(5), after_extensions(1));
}

TEST(Race, BetweenValuesAndQuoteForEverIsAnError)
{
    const auto always = quote_while_extending(test::kQuote, 1000);
    EXPECT_EQ(always.reason, "tpm2.raced");
    EXPECT_GE(always.seen, 8);
}

TEST(Race, BetweenTwoPortionsOfTheRegistersIsTriedAgain)
{
    // sixteen registers are two commands; extended before the second, the portions are of two moments
    const auto twice = quote_while_extending(test::kPcrRead, 2, 16);
    ASSERT_EQ(twice.reason, "");
    EXPECT_EQ(twice.quote->pcrs.at(5), after_extensions(2));
    EXPECT_GE(twice.seen, 4);
}

TEST(Race, BetweenPortionsForEverIsAnError)
{
    EXPECT_EQ(quote_while_extending(test::kPcrRead, 1000, 16).reason, "tpm2.raced");
}

/// On the way to the TPM, a byte of a quote's question changes: of the nonce, or of the selection.
std::string_view reason_when_changed(std::size_t from_the_end)
{
    const Swtpm swtpm;
    const TpmProxy proxy(swtpm, [&](std::uint32_t code, Bytes& command) {
        if (code == test::kQuote) command[command.size() - from_the_end] ^= 1;
    });
    Tpm tpm = *Tpm::open(proxy.tcti());
    const Key ek = *tpm.create_ek(KeyType::ecc_p256);
    const Key ak = *tpm.load_ak(ek, *tpm.create_ak(ek, KeyType::ecc_p256));
    const auto quote = tpm.quote(ak, first_registers(8), Bytes(32, 1));
    return quote ? "" : quote.error().reason;
}

TEST(OwnQuote, IsComparedWithTheQuestion)
{
    // ... | nonce 32 | scheme 2 | count 4 | hash 2 | size 1 | selection 3
    EXPECT_EQ(reason_when_changed(13), "tpm2.quote");
    EXPECT_EQ(reason_when_changed(12 + 32), "tpm2.quote");
    EXPECT_EQ(reason_when_changed(3), "tpm2.quote");
}

}  // namespace
}  // namespace iapp::tpm2
