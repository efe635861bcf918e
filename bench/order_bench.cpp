// rooms: poco
// Orders: hash and sign against the bare signature, verify from JSON text against the bare recovery.
// The curve's time depends on the numbers, so both sides go through the same digests and signatures. Rounds are short and
// many, so that what else the machine does meets both sides of a ratio.
//
// What the ratios can reach: the struct has 288 bytes, three permutations of Keccak, the digest is a fourth, and the address
// of a recovered key a fifth. At 0.27 us each (near what 3100 instructions a permutation allow) that is 0.962 of a signature
// of 27.6 us and 0.971 of a recovery of 46.5 us; reading 900 bytes of JSON, 420 of them hexadecimal, is 0.7 us and leaves
// 0.957.
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstdlib>

#include "crypto/random.hpp"
#include "poco/order_hash.hpp"
#include "ratio.hpp"

namespace {

using namespace iapp;

constexpr int kTimes = 2;
constexpr std::size_t kOrders = 50;  // few enough to stay in the cache beside the curve's tables

void check(bool ok)
{
    if (!ok) std::abort();
}

/// One signed order in each form the cases start from.
struct Sample {
    poco::DatasetOrder order;
    std::string text;
    Hash256 digest;
    secp256k1_ecdsa_recoverable_signature signature;
};

class Orders {
public:
    Orders()
    {
        for (std::size_t i = 0; i < kOrders; ++i) samples_.push_back(sample());
    }
    ~Orders() { secp256k1_context_destroy(context_); }
    Orders(const Orders&) = delete;

    void sign()
    {
        for (Sample& sample : samples_) poco::sign_order(sample.order, separator_, owner_);
    }
    void verify() const
    {
        for (const Sample& sample : samples_) {
            const auto parsed = poco::parse_dataset_order(sample.text);
            check(parsed && poco::signed_by(*parsed, separator_, owner_.address()));
        }
    }
    void hash() const
    {
        for (const Sample& sample : samples_) check(poco::order_hash(separator_, sample.order) == sample.digest);
    }
    void parse() const
    {
        for (const Sample& sample : samples_) check(poco::parse_dataset_order(sample.text).has_value());
    }

    /// The limits: libsecp256k1 alone, with everything prepared.
    void bare_sign()
    {
        const auto key = owner_.key().secret().reveal(crypto::SecretAccess{});
        for (Sample& sample : samples_)
            check(secp256k1_ecdsa_sign_recoverable(context_, &sample.signature, sample.digest.bytes().data(), key.data(),
                                                   nullptr, nullptr) == 1);
    }
    void bare_recover() const
    {
        secp256k1_pubkey key;
        for (const Sample& sample : samples_)
            check(secp256k1_ecdsa_recover(context_, &key, &sample.signature, sample.digest.bytes().data()) == 1);
    }

private:
    Sample sample() const
    {
        poco::DatasetOrder order;
        order.dataset = eth::Wallet::generate().address();
        order.volume = poco::kInfiniteVolume;
        order.tag = poco::tdx_tag();
        order.apprestrict = eth::Wallet::generate().address();
        order.salt = crypto::random_fixed<Hash256>();
        const Hash256 digest = poco::sign_order(order, separator_, owner_);
        Sample out{order, poco::encode(order), digest, {}};
        check(secp256k1_ecdsa_recoverable_signature_parse_compact(context_, &out.signature, order.sign.data(),
                                                                  order.sign[64] - 27) == 1);
        return out;
    }

    secp256k1_context* context_ = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    eth::Wallet owner_ = eth::Wallet::generate();
    Hash256 separator_ = poco::hub_domain_separator(421614, eth::Wallet::generate().address());
    std::vector<Sample> samples_;
};

}  // namespace

int main()
{
    Orders orders;
    const auto repeat = [](auto step) {
        return [step] {
            for (int i = 0; i < kTimes; ++i) step();
        };
    };
    constexpr double kWork = double(kOrders) * kTimes;
    using enum bench::Meter;
    const std::vector<bench::Case> cases = {
        {"libsecp256k1 sign_recoverable", repeat([&] { orders.bare_sign(); }), process_cpu, kWork},
        {"hash and sign a dataset order", repeat([&] { orders.sign(); }), process_cpu, kWork},
        {"libsecp256k1 recover", repeat([&] { orders.bare_recover(); }), process_cpu, kWork},
        {"parse, hash and verify a dataset order", repeat([&] { orders.verify(); }), process_cpu, kWork},
        {"hash a dataset order", repeat([&] { orders.hash(); }), process_cpu, kWork},
        {"parse a dataset order", repeat([&] { orders.parse(); }), process_cpu, kWork},
    };
    return bench::report(cases, {{"hash and sign / bare sign", 1, 0, 0.95}, {"verify from JSON / bare recover", 3, 2, 0.95}},
                         "op/s", 251);
}
