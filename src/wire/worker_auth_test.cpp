#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "eth/wallet.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::wire {
namespace {

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::uint64_t kExpires = 1'800'000'060;
constexpr std::uint64_t kChain = 421614;
constexpr std::string_view kBody = R"({"leaseId":"x"})";

WorkerNonce nonce() { return WorkerNonce{std::array<std::uint8_t, 32>{7}}; }

WorkerAuth sign(const eth::Wallet& wallet, std::uint64_t expires = kExpires)
{
    const WorkerRequest request{
        "POST", std::string(kRenewPath), crypto::keccak256(as_bytes(kBody)), wallet.address(), expires, nonce()};
    return {wallet.address(), expires, nonce(), wallet.sign(signing_digest(request, kChain))};
}

std::string_view reason(const auto& result) { return result ? "" : result.error().reason; }

Status check(const WorkerAuth& auth, std::string_view method = "POST", std::string_view path = kRenewPath,
             std::string_view body = kBody, std::uint64_t chain = kChain)
{
    return verify_worker_auth(auth, method, path, as_bytes(body), chain, kNow);
}

TEST(WorkerAuth, HeaderComesBack)
{
    const auto auth = sign(eth::Wallet::generate());
    const auto again = parse_worker_auth(encode(auth));
    ASSERT_TRUE(again);
    EXPECT_EQ(encode(*again), encode(auth));
    EXPECT_TRUE(check(*again));
}

TEST(WorkerAuth, CoversMethodPathBodyChainWorkerAndTime)
{
    const auto wallet = eth::Wallet::generate();
    const auto auth = sign(wallet);
    EXPECT_EQ(reason(check(auth)), "");
    EXPECT_EQ(reason(check(auth, "PUT")), "worker_auth.signature");
    EXPECT_EQ(reason(check(auth, "POST", kLeasePath)), "worker_auth.signature");
    EXPECT_EQ(reason(check(auth, "POST", kRenewPath, "{}")), "worker_auth.signature");
    EXPECT_EQ(reason(check(auth, "POST", kRenewPath, kBody, 1)), "worker_auth.signature");
    auto other = auth;
    other.worker = eth::Wallet::generate().address();
    EXPECT_EQ(reason(check(other)), "worker_auth.signature");
    other = auth;
    other.nonce = WorkerNonce::zero();
    EXPECT_EQ(reason(check(other)), "worker_auth.signature");
    other = auth;
    other.expires_at += 1;
    EXPECT_EQ(reason(check(other)), "worker_auth.signature");
    EXPECT_EQ(reason(check(sign(wallet, 1'800'000'000))), "worker_auth.expired");
    EXPECT_EQ(reason(check(sign(wallet, 1'800'000'301))), "worker_auth.too_long");
}

TEST(WorkerAuth, OneSpellingOnly)
{
    const std::string good = encode(sign(eth::Wallet::generate()));
    EXPECT_EQ(reason(parse_worker_auth("")), "worker_auth.scheme");
    EXPECT_EQ(reason(parse_worker_auth("Bearer x")), "worker_auth.scheme");
    EXPECT_EQ(reason(parse_worker_auth("iapp " + good.substr(5))), "worker_auth.scheme");
    EXPECT_EQ(reason(parse_worker_auth(good + std::string(600, ' '))), "worker_auth.scheme");
    for (const std::string& bad :
         {good + ",x=1", good + " ", good.substr(0, good.size() - 1), std::string("IAPP "),
          std::string("IAPP expires=1") + good.substr(4), "IAPP " + good.substr(good.find("expires"))})
        EXPECT_EQ(reason(parse_worker_auth(bad)), "worker_auth.field") << bad;
    std::string zero = good;
    zero.insert(zero.find("expires=") + 8, "0");
    EXPECT_EQ(reason(parse_worker_auth(zero)), "worker_auth.field");
    std::string upper = good;
    upper.replace(upper.find("nonce=0x07"), 10, "nonce=0X07");
    EXPECT_EQ(reason(parse_worker_auth(upper)), "worker_auth.field");
}

}  // namespace
}  // namespace iapp::wire
