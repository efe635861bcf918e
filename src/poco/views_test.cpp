// Return data of the hub, encoded by ethers 6, and addresses of entries before they exist.
#include "poco/views.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "eth/abi.hpp"
#include "poco/internal/test_vectors.hpp"
#include "poco/registry.hpp"

namespace iapp::poco {
namespace {

using eth::AbiWriter;
using vectors::address;
using vectors::reason;
using vectors::repeat;

UnixSeconds at(std::int64_t seconds) { return UnixSeconds{std::chrono::seconds(seconds)}; }

Deal sample_deal()
{
    Deal deal;
    deal.app = {address(0x11), address(0xa1), 3U};
    deal.dataset = {address(0x22), address(0xa2), 1U};
    deal.workerpool = {address(0x33), address(0xa3), 25U};
    deal.trust = 1U;
    deal.tag = tdx_tag();
    deal.requester = address(0x44);
    deal.beneficiary = address(0x45);
    deal.callback = address(0x46);
    deal.params = R"({"iexec_args":"hello"})";
    deal.start_time = at(1'700'000'000);
    deal.bot_first = 2;
    deal.bot_size = 5;
    deal.worker_stake = 8U;
    deal.scheduler_reward_ratio = 1U;
    deal.sponsor = address(0x47);
    return deal;
}

Task sample_task()
{
    Task task;
    task.status = TaskStatus::completed;
    task.deal = repeat<DealId>(0xcd);
    task.index = 7;
    task.timeref = std::chrono::seconds(300);
    task.contribution_deadline = at(1'700'002'100);
    task.final_deadline = at(1'700'003'000);
    task.consensus_value = repeat<Hash256>(0xee);
    task.reveal_counter = task.winner_counter = 1;
    task.contributors = {address(0x55), address(0x56)};
    task.result_digest = repeat<Hash256>(0xdd);
    task.results = to_bytes("{}");
    task.results_callback = {1};
    return task;
}

std::string hash_of(const Bytes& data) { return crypto::keccak256(data).hex(); }

TEST(Views, ReadDealsAndTasks)
{
    const Bytes deal = encode_deal(sample_deal());
    EXPECT_EQ(hash_of(deal), "0x2131d59c78d8a2e68a7b96686eba34923fcc13716cd9431bb7bb82f824728461");
    EXPECT_EQ(*decode_deal(deal), sample_deal());
    const Bytes task = encode_task(sample_task());
    EXPECT_EQ(hash_of(task), "0x5a7f5c5872429905f69d35e452ee2be628dd26a45bf3b8048bf3ecc5f66d7302");
    EXPECT_EQ(*decode_task(task), sample_task());
}

TEST(Views, KnowWhatDoesNotExist)
{
    EXPECT_FALSE(decode_deal(encode_deal(Deal{}))->exists());
    EXPECT_FALSE(decode_task(encode_task(Task{}))->exists());
    EXPECT_TRUE(sample_deal().has_task(2) && sample_deal().has_task(6));
    EXPECT_FALSE(sample_deal().has_task(1) || sample_deal().has_task(7));
}

TEST(Views, ReadStructsWithoutDynamicMembers)
{
    const Bytes contribution = AbiWriter{}
                                   .uint(2U)
                                   .bytes32(repeat<Hash256>(1))
                                   .bytes32(repeat<Hash256>(2))
                                   .address(address(0x55))
                                   .uint(1U)
                                   .encode();
    EXPECT_EQ(hash_of(contribution), "0x4e05d319d61dedf5a4ffe2cac778993d530f8c943c0d8b60458aa62c924f9707");
    EXPECT_EQ(*decode_contribution(contribution),
              (Contribution{ContributionStatus::proved, repeat<Hash256>(1), repeat<Hash256>(2), address(0x55), 1U}));
    const Bytes account = AbiWriter{}.uint(7U).uint(8U).encode();
    EXPECT_EQ(hash_of(account), "0x24cd397636bedc6cf9b490d0edd57c769c19b367fb7d5c2344ae1ddc7d21c144");
    EXPECT_EQ(*decode_account(account), (Account{7U, 8U}));
}

TEST(Views, ReadCategoriesDomainsAndEntries)
{
    const auto wrapped = [](const AbiWriter& members) { return AbiWriter{}.tuple(members).encode(); };
    const Bytes category = wrapped(AbiWriter{}.string("XS").string("small").uint(300U));
    EXPECT_EQ(hash_of(category), "0x4d89042d8073790d1cb16b010b5fc6b10e6950d26c3d0d7f25634587e89d232c");
    EXPECT_EQ(*decode_category(category), (Category{"XS", "small", std::chrono::seconds(300)}));
    const Bytes domain = wrapped(AbiWriter{}.string("iExecODB").string("5.0.0").uint(134U).address(address(0x99)));
    EXPECT_EQ(hash_of(domain), "0x16be09404ad4bed2d3bc444b5344b29619f47c46a8cdb89de2fc4188724c95f3");
    EXPECT_EQ(decode_domain(domain)->name, "iExecODB");
    EXPECT_EQ(decode_domain(domain)->verifying_contract, address(0x99));

    const Bytes app = wrapped(AbiWriter{}
                                  .address(address(0x44))
                                  .string("app")
                                  .string("DOCKER")
                                  .string("abc")
                                  .bytes32(repeat<Hash256>(0xab))
                                  .bytes({}));
    EXPECT_EQ(hash_of(app), "0x09044802c2b869d2bc7612a3e1cee56dbb0a11e895de44a59dbf4256bc866aa8");
    EXPECT_EQ(decode_app(app)->name, "app");
    EXPECT_EQ(to_text(decode_app(app)->multiaddr), "abc");
    const Bytes dataset =
        wrapped(AbiWriter{}.address(address(0x44)).string("data").string("abc").bytes32(repeat<Hash256>(0xab)));
    EXPECT_EQ(hash_of(dataset), "0x89c296cfe127de26d0135ead39d9f6cb40288c9147abdfbdb37422cb7c77f634");
    EXPECT_EQ(decode_dataset(dataset)->checksum, repeat<Hash256>(0xab));
    const Bytes pool = wrapped(AbiWriter{}.address(address(0x44)).string("pool").uint(30U).uint(1U));
    EXPECT_EQ(hash_of(pool), "0xf1784923763c2fa360b30d7450f547e956ca3ba8f54bc925308359f080d4dfdb");
    EXPECT_EQ(decode_workerpool(pool)->entry.description, "pool");
    EXPECT_EQ(decode_workerpool(pool)->worker_stake_ratio, U256{30U});
}

TEST(Views, ReadSingleValues)
{
    EXPECT_EQ(*decode_uint(AbiWriter{}.uint(5U).encode()), U256{5U});
    EXPECT_TRUE(*decode_bool(AbiWriter{}.boolean(true).encode()));
    EXPECT_EQ(*decode_address(AbiWriter{}.address(address(1)).encode()), address(1));
    EXPECT_EQ(*decode_bytes32(AbiWriter{}.bytes32(repeat<Hash256>(2)).encode()), repeat<Hash256>(2));
    EXPECT_EQ(*decode_bytes(AbiWriter{}.bytes(Bytes{1, 2}).encode()), (Bytes{1, 2}));
    EXPECT_EQ(*decode_string(AbiWriter{}.string("x").encode()), "x");
}

TEST(Views, RefuseWhatNoHubAnswers)
{
    EXPECT_EQ(reason(decode_deal({})), "abi.truncated");
    EXPECT_EQ(reason(decode_uint({})), "abi.truncated");
    Bytes task = encode_task(sample_task());
    task[32 + 31] = 9;
    EXPECT_EQ(reason(decode_task(task)), "view.status");
    task[32 + 31] = 3;
    task[32 * 4 + 24] = 0x80;  // timeref above 2^63
    EXPECT_EQ(reason(decode_task(task)), "abi.range");
    Bytes deal = encode_deal(sample_deal());
    deal[32] = 1;  // the app's address has a thirteenth byte
    EXPECT_EQ(reason(decode_deal(deal)), "abi.padding");
}

TEST(Registry, PredictsAddressesOfEntries)
{
    const Hash256 proxy = *Hash256::from_hex("0xbd603b4fb17e88a3e7ff7a91b72bd89d0f6998fd53853f996c534d822df34587");
    const auto predict = [&](const auto& entry) { return eth::to_checksum(predict_address(entry, address(0x77), proxy)); };
    EXPECT_EQ(predict(AppEntry{address(0x44), "app", "DOCKER", to_bytes("abc"), repeat<Hash256>(0xab), {}}),
              "0xD9694a860A6da8ebFb6e0e6F33d90c1d44F18A3B");
    EXPECT_EQ(predict(DatasetEntry{address(0x44), "data", to_bytes("abc"), repeat<Hash256>(0xab)}),
              "0x8daD2708392535aFe29369cad692f5BAf007AFAE");
    EXPECT_EQ(predict(WorkerpoolEntry{address(0x44), "pool"}), "0x7554ffa0Fb211af9F071CD1E13Fe6604dCC27e48");
}

}  // namespace
}  // namespace iapp::poco
