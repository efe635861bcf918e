// EIP-712, EIP-191, EIP-2098 and EIP-1559 against the examples of the EIPs and against ethers 6.
#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "eth/eip712.hpp"
#include "eth/signature.hpp"
#include "eth/transaction.hpp"

namespace iapp::eth {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

Wallet cow() { return *Wallet::from_private_key(crypto::SecretBytes::copy_of(crypto::keccak256(as_bytes("cow")).bytes())); }

Hash256 person(std::string_view name, const char* wallet)
{
    return StructHash(type_hash("Person(string name,address wallet)")).string(name).address(*parse_address(wallet)).finish();
}

TEST(Eip712, ReproducesTheMailOfTheStandard)
{
    const Hash256 separator =
        domain_separator({"Ether Mail", "1", 1U, parse_address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC").value()});
    EXPECT_EQ(separator.hex(), "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    const Hash256 mail =
        StructHash(type_hash("Mail(Person from,Person to,string contents)Person(string name,address wallet)"))
            .nested(person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))
            .nested(person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"))
            .string("Hello, Bob!")
            .finish();
    EXPECT_EQ(mail.hex(), "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    const Hash256 digest = typed_digest(separator, mail);
    EXPECT_EQ(digest.hex(), "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    EXPECT_EQ(cow().sign(digest).hex(),
              "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f"
              "72307f996231605b915621c");
}

TEST(Eip712, LeavesOutAnAbsentContract)
{
    EXPECT_EQ(type_hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)").hex(),
              "0x8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f");
    EXPECT_NE(domain_separator({"a", "1", 1U, std::nullopt}), domain_separator({"a", "1", 1U, Address::zero()}));
}

TEST(Eip191, HashesTextAndHashes)
{
    EXPECT_EQ(personal_digest("hello").hex(), "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750");
    const auto wallet = Wallet::from_private_key_hex("0x4646464646464646464646464646464646464646464646464646464646464646");
    EXPECT_EQ(wallet->sign(personal_digest("hello")).hex(),
              "0xf63c93dc642a4839770b35abf9cb304ac2f1b5463d9a9abd87546feaa0af992e659cf087c433e45c45f6135cb819ab1922c6359dbb1"
              "b8c8d7a54141de2cd4beb1b");
    const Hash256 hash = crypto::keccak256({});
    EXPECT_EQ(wallet->sign_personal(hash), wallet->sign(personal_digest(hash)));
}

TEST(Signature, RecoversItsSignerOnly)
{
    const Wallet wallet = cow();
    const Hash256 digest = crypto::keccak256(as_bytes("message"));
    const Signature65 signature = wallet.sign(digest);
    EXPECT_EQ(*recover_address(digest, signature), wallet.address());
    EXPECT_TRUE(verify(digest, signature.bytes(), wallet.address()));
    EXPECT_FALSE(verify(crypto::keccak256(as_bytes("other")), signature.bytes(), wallet.address()));
    EXPECT_FALSE(verify(digest, signature.bytes(), Address::zero()));
    EXPECT_FALSE(verify(digest, Bytes(65), Address::zero()));
    EXPECT_FALSE(verify(digest, {}, wallet.address()));
}

TEST(Signature, TakesTheFormsTheHubTakes)
{
    const Hash256 digest = crypto::keccak256(as_bytes("message"));
    const Bytes good = to_bytes(cow().sign(digest).bytes());
    Bytes compact(good.begin(), good.begin() + 64);
    compact[32] |= static_cast<std::uint8_t>((good[64] - 27) << 7U);
    EXPECT_EQ(*parse_signature(good), *parse_signature(compact));
    EXPECT_TRUE(verify(digest, compact, cow().address()));
    EXPECT_TRUE(parse_signature_hex(hex0x(good)));

    const auto bend = [&](std::size_t at, std::uint8_t value) {
        Bytes bent = good;
        bent[at] = value;
        return reason(parse_signature(bent));
    };
    EXPECT_EQ(bend(64, 0), "signature.v");
    EXPECT_EQ(bend(64, 29), "signature.v");
    EXPECT_EQ(bend(32, 0x80), "signature.high_s");
    EXPECT_EQ(reason(parse_signature(Bytes(63))), "signature.length");
    EXPECT_EQ(reason(parse_signature({})), "signature.length");
    EXPECT_EQ(reason(recover_address(digest, Signature65{[] {
                                         std::array<std::uint8_t, 65> zero{};
                                         zero[64] = 27;
                                         return zero;
                                     }()})),
              "signature.recover");
}

Transaction transfer()
{
    Transaction tx;
    tx.chain_id = 421614;
    tx.nonce = 9;
    tx.max_priority_fee_per_gas = 1'500'000'000U;
    tx.max_fee_per_gas = 20'000'000'000U;
    tx.gas_limit = 21000;
    tx.to = *parse_address("0x3535353535353535353535353535353535353535");
    tx.value = 1'000'000'000'000'000'000U;
    return tx;
}

TEST(Transaction, MatchesEthers)
{
    const auto wallet = Wallet::from_private_key_hex("0x4646464646464646464646464646464646464646464646464646464646464646");
    const SignedTransaction signed_transfer = sign(transfer(), *wallet);
    EXPECT_EQ(hex0x(signed_transfer.raw),
              "0x02f87683066eee098459682f008504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080c"
              "080a0d7ff7686f0484b51"
              "ee7127d15d952f1d21ef80b3d4c54037558a80a6f2ce732ba0255bc54c0631f331c6597443dc0d50eef9ab7632ab0ee2ef18f86f56159"
              "450cc");
    EXPECT_EQ(signed_transfer.hash.hex(), "0xff3e08b0569f72f5dbaba93f18dad6f79ed9b2eef2a42076bee25cd912322af9");

    Transaction creation;
    creation.chain_id = 31337;
    creation.max_fee_per_gas = 1U;
    creation.gas_limit = 3'000'000;
    creation.data = Bytes(60, 0x60);
    EXPECT_EQ(sign(creation, *wallet).hash.hex(), "0xdb2dfaf172c505b90b88de02cd06e137dae3e9de80ece11d926a6f89758892e1");
    EXPECT_EQ(parse_transaction(sign(creation, *wallet).raw)->transaction, creation);
}

TEST(Transaction, ReadsBackWhatItSigned)
{
    const SignedTransaction sent = sign(transfer(), cow());
    const auto parsed = parse_transaction(sent.raw);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->transaction, transfer());
    EXPECT_EQ(parsed->hash, sent.hash);
    EXPECT_EQ(parsed->from, cow().address());
}

TEST(Transaction, RefusesOtherBytes)
{
    const Bytes good = sign(transfer(), cow()).raw;
    EXPECT_EQ(reason(parse_transaction({})), "transaction.type");
    EXPECT_EQ(reason(parse_transaction(ByteView(good).subspan(1))), "transaction.type");
    EXPECT_EQ(reason(parse_transaction(ByteView(good).first(good.size() - 1))), "rlp.truncated");
    EXPECT_EQ(reason(parse_transaction(Bytes{0x02, 0xc0})), "transaction.format");
    Bytes list = good;
    list[list.size() - 66 - 2] = 0xc1;  // the access list is no longer empty
    EXPECT_NE(reason(parse_transaction(list)), "");
    Bytes parity = good;
    parity[parity.size() - 67] = 0x02;
    EXPECT_EQ(reason(parse_transaction(parity)), "transaction.format");
}

}  // namespace
}  // namespace iapp::eth
