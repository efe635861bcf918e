// Topics against the published hex, decoders on logs as the hub writes them, and strictness.
#include "poco/events.hpp"

#include <gtest/gtest.h>

#include "poco/internal/test_vectors.hpp"

namespace iapp::poco {
namespace {

using eth::AbiWriter;
using vectors::address;
using vectors::reason;
using vectors::repeat;

const auto kTask = repeat<TaskId>(0xab);
const auto kDeal = repeat<DealId>(0xcd);
const auto kHash = repeat<Hash256>(0xee);
const Address kHub = address(0x99);

Hash256 as_topic(const Address& value) { return *Hash256::from_bytes(AbiWriter{}.address(value).encode()); }
Hash256 as_topic(const TaskId& value) { return Hash256{value.bytes()}; }

template <class Event, class... Indexed>
Log log_of(const AbiWriter& data, const Indexed&... indexed)
{
    Log log;
    log.address = kHub;
    log.topics = {topic<Event>(), as_topic(indexed)...};
    log.data = data.encode();
    return log;
}

TEST(Topics, MatchThePublishedOnes)
{
    EXPECT_EQ(topic<SchedulerNotice>().hex(), "0x692ad61076dceddd0f1a861f737553dd61fc8501cf4190d29c4e90af6607f765");
    EXPECT_EQ(topic<OrdersMatched>().hex(), "0xd811b592ed0899225773e8933d8df64bd0b62761a9d7aad4ed5b22735f4610a4");
    EXPECT_EQ(topic<DealSponsored>().hex(), "0x81eec3d5401bb1693dbef61f0800bc16602905d6677d691c1262d6f08456e9a0");
    EXPECT_EQ(topic<TaskInitialize>().hex(), "0x252992fb0468d68d6a5784ec03214f0d0a362083f2d7ebd157af43b017a22e06");
    EXPECT_EQ(topic<TaskContribute>().hex(), "0x3fdb8d7797562d49a81078dbf7fa1771958ea452f8b13d1148383bd9506aecfb");
    EXPECT_EQ(topic<TaskConsensus>().hex(), "0xf6d49bf3e05d33a4bc497d3c793fb5756388bb96b947cf51bb60aaecb0e022e3");
    EXPECT_EQ(topic<TaskReveal>().hex(), "0x4b1763d473ac8fa80b4432ba90047e1b92444d8fabc55e6a002d9b1a316d7959");
    EXPECT_EQ(topic<TaskFinalize>().hex(), "0x78ce8a8bc0fcb704e8ba3b3dbb36aa88002df8038128b4af2f27ef65db665044");
    EXPECT_EQ(topic<TaskReopen>().hex(), "0x3afe0f24796ce653c6ab1f3e7aba5ce564eece5e82aee724aff28253e829f07b");
    EXPECT_EQ(topic<TaskClaimed>().hex(), "0xcbc308b5f91040d2659a5201858344b0b583cd2f9e18e8470c2fa052c5b21ff8");
    EXPECT_EQ(topic<AccurateContribution>().hex(), "0x9703f4589802246c80b822e63697180da799e363cd1b6fd9465a5e5574d53492");
    EXPECT_EQ(topic<FaultyContribution>().hex(), "0xf868788948d55240774fdbad06555105ef20bbc70d1b7eccda982b65e11e79bb");
    EXPECT_EQ(topic<TokenTransfer>().hex(), "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    EXPECT_EQ(topic<EntryTransfer>(), topic<TokenTransfer>());
    EXPECT_EQ(topic<Lock>().hex(), "0x625fed9875dada8643f2418b838ae0bc78d9a148a18eee4ee1979ff0f3f5d427");
    EXPECT_EQ(topic<Unlock>().hex(), "0x6381d9813cabeb57471b5a7e05078e64845ccdb563146a6911d536f24ce960f1");
    EXPECT_EQ(topic<Seize>().hex(), "0x1bccc549c38561cd5b57f0db11ceb8dde1b0b6ee05ab5e155b51c7c5ba64becb");
    EXPECT_EQ(topic<Reward>().hex(), "0xc2aca55aa696938c7e95842e8939ca0fbb2120a3eeb8948cdcee2b70da566672");
    EXPECT_EQ(topic<SignedAppOrder>().hex(), "0x50933cf5a9c44d5ed66b895deb27212aa33d811b46a7b41093e047e213c0bcab");
    EXPECT_EQ(topic<SignedDatasetOrder>().hex(), "0x79ce85909be2c590a728d1634ce6ec8a7cbf815260bacc05387890a313da8130");
    EXPECT_EQ(topic<SignedWorkerpoolOrder>().hex(), "0x3a61aabf2ab04790d082ff1e332853b2f66944c2e951a146121f80272812a476");
    EXPECT_EQ(topic<SignedRequestOrder>().hex(), "0x3b0ac04165536d6b11d04220f998c840bd6e439d59c5d8721bba8a4e1fb9ebfd");
    EXPECT_EQ(topic<ClosedAppOrder>().hex(), "0x7343f75be43aba524f85326508cd975d016ef7884676377366c69a7c32e30668");
    EXPECT_EQ(topic<ClosedDatasetOrder>().hex(), "0xcf52e3228bc482a6656d8ab56c09888b1c5bf6aaadba0185e96a34836f2bb1d4");
    EXPECT_EQ(topic<ClosedWorkerpoolOrder>().hex(), "0x145ad51e4496173bca15e24e7eb46f9ab3a10eea0497e2801a3a6806c06113a3");
    EXPECT_EQ(topic<ClosedRequestOrder>().hex(), "0x582f43f2a741cbe708aae3b8d38a4efc3d09d7e81919697b3ca693f4c444cc05");
    EXPECT_EQ(topic<CreateCategory>().hex(), "0x62bf08360c9d561749c54eaf4f8bf8cb6c8b6f4f40607bcec39a8172e714d25c");
    EXPECT_EQ(topic<DatasetSchema>().hex(), "0x37b19b8900a9b045473748167f459fa16828f33c13d71473bca4b5e52e5f4d5d");
}

TEST(Events, DecodeDealEvents)
{
    const auto notice = SchedulerNotice::decode(log_of<SchedulerNotice>(AbiWriter{}.bytes32(kDeal), address(0x33)));
    EXPECT_EQ(notice->workerpool, address(0x33));
    EXPECT_EQ(notice->deal, kDeal);
    const auto matched = OrdersMatched::decode(log_of<OrdersMatched>(AbiWriter{}
                                                                         .bytes32(kDeal)
                                                                         .bytes32(repeat<Hash256>(1))
                                                                         .bytes32(repeat<Hash256>(2))
                                                                         .bytes32(repeat<Hash256>(3))
                                                                         .bytes32(repeat<Hash256>(4))
                                                                         .uint(5U)));
    EXPECT_EQ(matched->deal, kDeal);
    EXPECT_EQ(matched->dataset_hash, repeat<Hash256>(2));
    EXPECT_EQ(matched->request_hash, repeat<Hash256>(4));
    EXPECT_EQ(matched->volume, U256{5U});
    EXPECT_EQ(DealSponsored::decode(log_of<DealSponsored>(AbiWriter{}.bytes32(kDeal).address(address(7))))->sponsor,
              address(7));
}

TEST(Events, DecodeTaskEvents)
{
    EXPECT_EQ(TaskInitialize::decode(log_of<TaskInitialize>({}, kTask, address(0x33)))->workerpool, address(0x33));
    const auto contribute = TaskContribute::decode(log_of<TaskContribute>(AbiWriter{}.bytes32(kHash), kTask, address(0x55)));
    EXPECT_EQ(contribute->task, kTask);
    EXPECT_EQ(contribute->worker, address(0x55));
    EXPECT_EQ(contribute->result_hash, kHash);
    EXPECT_EQ(TaskConsensus::decode(log_of<TaskConsensus>(AbiWriter{}.bytes32(kHash), kTask))->consensus, kHash);
    EXPECT_EQ(TaskReveal::decode(log_of<TaskReveal>(AbiWriter{}.bytes32(kHash), kTask, address(0x55)))->digest, kHash);
    EXPECT_EQ(to_text(TaskFinalize::decode(log_of<TaskFinalize>(AbiWriter{}.string("{}"), kTask))->results), "{}");
    EXPECT_EQ(TaskReopen::decode(log_of<TaskReopen>({}, kTask))->task, kTask);
    EXPECT_EQ(TaskClaimed::decode(log_of<TaskClaimed>({}, kTask))->task, kTask);
    EXPECT_EQ(AccurateContribution::decode(log_of<AccurateContribution>({}, address(0x55), kTask))->worker, address(0x55));
    EXPECT_EQ(FaultyContribution::decode(log_of<FaultyContribution>({}, address(0x55), kTask))->task, kTask);
}

TEST(Events, DecodeMoneyAndAdministration)
{
    EXPECT_EQ(Lock::decode(log_of<Lock>(AbiWriter{}.address(address(1)).uint(9U)))->amount, U256{9U});
    EXPECT_EQ(Unlock::decode(log_of<Unlock>(AbiWriter{}.address(address(1)).uint(9U)))->owner, address(1));
    EXPECT_EQ(Seize::decode(log_of<Seize>(AbiWriter{}.address(address(1)).uint(9U).bytes32(kTask)))->task, kTask);
    EXPECT_EQ(Reward::decode(log_of<Reward>(AbiWriter{}.address(address(1)).uint(9U).bytes32(kTask)))->amount, U256{9U});
    EXPECT_EQ(ClosedDatasetOrder::decode(log_of<ClosedDatasetOrder>(AbiWriter{}.bytes32(kHash)))->order_hash, kHash);
    const auto category =
        CreateCategory::decode(log_of<CreateCategory>(AbiWriter{}.uint(5U).string("T").string("tests").uint(1U)));
    EXPECT_EQ(category->category, (Category{"T", "tests", std::chrono::seconds(1)}));
    EXPECT_EQ(DatasetSchema::decode(log_of<DatasetSchema>(AbiWriter{}.string("{}"), address(0x22)))->schema, "{}");
    EXPECT_EQ(PolicyUpdate::decode(log_of<PolicyUpdate>(AbiWriter{}.uint(30U).uint(35U).uint(1U).uint(5U)))
                  ->new_worker_stake_ratio,
              U256{35U});
}

TEST(Events, TellTheTwoTransfersApartByTheirTopics)
{
    const Log token = log_of<TokenTransfer>(AbiWriter{}.uint(3U), address(1), address(2));
    const Log entry = log_of<EntryTransfer>({}, Address::zero(), address(0x44), address(0x11));
    EXPECT_EQ(TokenTransfer::decode(token)->value, U256{3U});
    EXPECT_EQ(EntryTransfer::decode(entry)->entry, address(0x11));
    EXPECT_EQ(reason(TokenTransfer::decode(entry)), "event.topic");
    EXPECT_EQ(reason(EntryTransfer::decode(token)), "event.topic");
}

TEST(Events, RefuseOtherShapes)
{
    Log log = log_of<SchedulerNotice>(AbiWriter{}.bytes32(kDeal), address(0x33));
    EXPECT_EQ(reason(OrdersMatched::decode(log)), "event.topic");
    Log no_topics = log;
    no_topics.topics.clear();
    EXPECT_EQ(reason(SchedulerNotice::decode(no_topics)), "event.topic");
    Log dirty = log;
    dirty.topics[1] = kHash;
    EXPECT_EQ(reason(SchedulerNotice::decode(dirty)), "abi.padding");
    log.data.pop_back();
    EXPECT_EQ(reason(SchedulerNotice::decode(log)), "abi.truncated");
    EXPECT_EQ(reason(decode_hub_event(log)), "abi.truncated");
}

TEST(Events, AreFoundByEmitterAndType)
{
    const Log created = log_of<EntryTransfer>({}, Address::zero(), address(0x44), address(0x11));
    Log foreign = created;
    foreign.address = address(0x66);
    const std::vector<Log> logs{foreign, log_of<TokenTransfer>(AbiWriter{}.uint(3U), address(1), address(2)), created};
    EXPECT_EQ(find_event<EntryTransfer>(logs, kHub)->entry, address(0x11));
    EXPECT_FALSE(find_event<SchedulerNotice>(logs, kHub));
    EXPECT_FALSE(find_event<EntryTransfer>(logs, address(0x77)));
}

TEST(Events, DispatchByTopic)
{
    const auto event = decode_hub_event(log_of<TaskFinalize>(AbiWriter{}.string("{}"), kTask));
    ASSERT_TRUE(event && *event);
    EXPECT_EQ(std::get<TaskFinalize>(**event).task, kTask);
    const auto closed = decode_hub_event(log_of<ClosedRequestOrder>(AbiWriter{}.bytes32(kHash)));
    EXPECT_EQ(std::get<ClosedRequestOrder>(**closed).order_hash, kHash);
    Log unknown = log_of<TaskReopen>({}, kTask);
    unknown.topics[0] = kHash;
    EXPECT_EQ(*decode_hub_event(unknown), std::nullopt);
    EXPECT_EQ(*decode_hub_event(Log{}), std::nullopt);
}

}  // namespace
}  // namespace iapp::poco
