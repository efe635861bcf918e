// rooms: poco
// Orders: hash and sign against the bare signature, verify from JSON text against the bare recovery.
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstdlib>

#include "crypto/hash.hpp"
#include "poco/order_hash.hpp"
#include "ratio.hpp"

namespace {

using namespace iapp;

constexpr int kSigns = 2000;
constexpr int kVerifies = 1000;

poco::DatasetOrder sample(const eth::Wallet& owner, const Hash256& separator)
{
    poco::DatasetOrder order;
    order.dataset = *eth::parse_address("0x7bd4783FDCAD405A28052a0d1f11236A741da593");
    order.volume = poco::kInfiniteVolume;
    order.tag = poco::tdx_tag();
    order.apprestrict = *eth::parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    order.salt = crypto::keccak256(as_bytes("salt"));
    poco::sign_order(order, separator, owner);
    return order;
}

/// The limit: libsecp256k1 alone, with everything prepared.
struct Bare {
    secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    std::array<std::uint8_t, 32> key{};
    std::array<std::uint8_t, 32> digest{};
    secp256k1_ecdsa_recoverable_signature signature{};

    Bare()
    {
        key.fill(0x46);
        digest.fill(0x5a);
        sign();
    }
    ~Bare() { secp256k1_context_destroy(context); }
    Bare(const Bare&) = delete;

    void sign()
    {
        if (secp256k1_ecdsa_sign_recoverable(context, &signature, digest.data(), key.data(), nullptr, nullptr) != 1)
            std::abort();
    }
    void recover() const
    {
        secp256k1_pubkey key_out;
        if (secp256k1_ecdsa_recover(context, &key_out, &signature, digest.data()) != 1) std::abort();
    }
};

}  // namespace

int main()
{
    const Hash256 separator =
        poco::hub_domain_separator(421614, *eth::parse_address("0xB2157BF2fAb286b2A4170E3491Ac39770111Da3E"));
    const eth::Wallet owner =
        *eth::Wallet::from_private_key_hex("0x4646464646464646464646464646464646464646464646464646464646464646");
    const poco::DatasetOrder order = sample(owner, separator);
    const std::string text = poco::encode(order);
    poco::DatasetOrder mine = order;
    Bare bare;

    const auto repeat = [](int times, auto&& step) {
        return [times, step] {
            for (int i = 0; i < times; ++i) step();
        };
    };
    const std::vector<bench::Case> cases = {
        {"libsecp256k1 sign_recoverable", repeat(kSigns, [&] { bare.sign(); }), bench::Meter::process_cpu, kSigns},
        {"hash and sign a dataset order", repeat(kSigns, [&] { poco::sign_order(mine, separator, owner); }),
         bench::Meter::process_cpu, kSigns},
        {"libsecp256k1 recover", repeat(kVerifies, [&] { bare.recover(); }), bench::Meter::process_cpu, kVerifies},
        {"parse, hash and verify a dataset order",
         repeat(kVerifies,
                [&] {
                    const auto parsed = poco::parse_dataset_order(text);
                    if (!parsed || !poco::signed_by(*parsed, separator, owner.address())) std::abort();
                }),
         bench::Meter::process_cpu, kVerifies},
        {"hash a dataset order", repeat(20 * kSigns, [&] { static_cast<void>(poco::order_hash(separator, order)); }),
         bench::Meter::process_cpu, 20 * kSigns},
        {"parse a dataset order", repeat(20 * kVerifies, [&] { static_cast<void>(poco::parse_dataset_order(text)); }),
         bench::Meter::process_cpu, 20 * kVerifies},
    };
    return bench::report(cases, {{"hash and sign / bare sign", 1, 0, 0.95}, {"verify from JSON / bare recover", 3, 2, 0.95}},
                         "op/s", 15);
}
