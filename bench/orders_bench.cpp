// rooms: base codec crypto eth poco
// Signing and checking orders, against libsecp256k1 alone doing the curve part of the same work in the same round.
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstdlib>

#include "crypto/random.hpp"
#include "poco/order.hpp"
#include "poco/order_hash.hpp"
#include "ratio.hpp"

namespace {

using namespace iapp;

constexpr int kOrders = 2000;

struct Bare {
    secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    Bytes key = crypto::random_bytes(32);
    Bytes digest = crypto::random_bytes(32);
    secp256k1_ecdsa_recoverable_signature signature{};

    Bare() { sign(); }

    void sign()
    {
        if (secp256k1_ecdsa_sign_recoverable(context, &signature, digest.data(), key.data(), nullptr, nullptr) != 1) std::abort();
    }
    void recover() const
    {
        secp256k1_pubkey public_key;
        if (secp256k1_ecdsa_recover(context, &public_key, &signature, digest.data()) != 1) std::abort();
    }
};

poco::DatasetOrder order()
{
    poco::DatasetOrder out;
    out.dataset = out.apprestrict = out.requesterrestrict = eth::Address{std::array<std::uint8_t, 20>{1, 2, 3}};
    out.volume = poco::kInfiniteVolume;
    out.tag = poco::tdx_tag();
    out.salt = crypto::random_fixed<Hash256>();
    return out;
}

void check(bool ok)
{
    if (!ok) std::abort();
}

}  // namespace

int main()
{
    Bare bare;
    const auto wallet = eth::Wallet::generate();
    const Hash256 separator = poco::hub_domain_separator(421614, eth::Address{std::array<std::uint8_t, 20>{7}});
    poco::DatasetOrder signed_order = order();
    poco::sign_order(signed_order, separator, wallet);
    const std::string text = poco::encode(signed_order);

    const auto times = [](auto work) {
        return [work] {
            for (int i = 0; i < kOrders; ++i) work();
        };
    };
    const std::vector<bench::Case> cases{
        {"order hash + sign", times([&] { poco::sign_order(signed_order, separator, wallet); }), bench::Meter::process_cpu, kOrders},
        {"limit: libsecp256k1 sign", times([&] { bare.sign(); }), bench::Meter::process_cpu, kOrders},
        {"verify from JSON text", times([&] { check(poco::signed_by(*poco::parse_dataset_order(text), separator, wallet.address())); }), bench::Meter::process_cpu, kOrders},
        {"limit: libsecp256k1 recover", times([&] { bare.recover(); }), bench::Meter::process_cpu, kOrders},
    };
    return bench::report(cases, {{"sign an order / bare sign", 0, 1, 0.95}, {"verify an order from JSON / bare recover", 2, 3, 0.95}}, "orders per CPU second") > 0;
}
