// What differs between versions 6.1 and 6.2 of the hub, against both: the released 6.1, and the same hub cut over to a facet
// that behaves as 6.2 does (contracts/test/Facet62.sol), because no package of 6.2 is published.
#include "poco/compatibility.hpp"
#include "poco/match.hpp"
#include "support/task_play.hpp"

namespace iapp::localchain {
namespace {

using poco::HubVersion;
using support::Notary;
using support::SignedOrders;
using support::TaskPlay;
using support::World;

net::CallContext call() { return TestChain::call(); }

poco::Tag tag(std::uint8_t low, std::uint8_t high = 0)
{
    std::array<std::uint8_t, 32> raw{};
    raw[30] = high;
    raw[31] = low;
    return poco::Tag{raw};
}

class HubVersions : public testing::TestWithParam<HubVersion> {
protected:
    void SetUp() override
    {
        auto started = TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = *std::move(started);
        world_ = std::make_unique<World>(*chain_);
        play_ = std::make_unique<TaskPlay>(*world_);
        tdx_deal_ = play_->match(tagged(tag(0x9), {}, tag(0x9), tag(0x9))).id;
        if (GetParam() == HubVersion::v6_2) cut_over();
    }

    /// Replaces what 6.2 changed.
    void cut_over()
    {
        constexpr std::uint8_t kReplace = 1;
        const Address facet = chain_->deploy_test_contract("Facet62", {}).value();
        std::vector<eth::AbiWriter> selectors;
        for (const eth::Selector& selector :
             {eth::selector("transfer(address,uint256)"), eth::selector("deposit(uint256)"),
              eth::selector("receiveApproval(address,uint256,address,bytes)"), selector_of(poco::call::match_orders({})),
              selector_of(poco::call::assert_dataset_deal_compatibility({}, poco::DealId::zero()))})
            selectors.push_back(eth::AbiWriter{}.bytes4(selector));
        const std::array cuts{eth::AbiWriter{}.tuple(eth::AbiWriter{}.address(facet).uint(kReplace).array(selectors))};
        const Bytes data = eth::AbiWriter{}
                               .array(cuts)
                               .address(Address::zero())
                               .bytes({})
                               .call(eth::selector("diamondCut((address,uint8,bytes4[])[],address,bytes)"));
        const auto receipt = chain_->deployer().send({.to = hub(), .data = data, .gas_limit = 2'000'000}, call());
        ASSERT_TRUE(receipt) << receipt.error().detail;
    }

    static eth::Selector selector_of(const Bytes& calldata) { return eth::Selector{ByteView(calldata).first<4>()}; }
    const Address& hub() const { return chain_->deployment().hub; }

    /// Orders that match but for their tags; without a tag of the dataset, without a dataset.
    poco::OrderSet tagged(const poco::Tag& app, const std::optional<poco::Tag>& dataset, const poco::Tag& workerpool,
                          const poco::Tag& request)
    {
        poco::OrderSet orders = play_->good_orders(1);
        orders.app.tag = app;
        orders.workerpool.tag = workerpool;
        orders.request.tag = request;
        if (dataset) {
            orders.dataset.tag = *dataset;
        } else {
            orders.dataset = {};
            orders.request.dataset = Address::zero();
        }
        return orders;
    }

    poco::OrderSet with_signatures(poco::OrderSet orders)
    {
        SignedOrders one{std::move(orders), {}, {}};
        Notary(*world_).sign(one);
        return one.orders;
    }

    std::string reason_of(const Address& from, Bytes data)
    {
        const chain::ContractCall question{hub(), std::move(data), from};
        const auto outcome = chain_->rpc().eth_call_many({&question, 1}, call()).value().front();
        return outcome.reverted ? outcome.reason() : "accepted";
    }

    std::string approval(const Address& sender, ByteView data, const Address& token)
    {
        return reason_of(chain_->deployment().rlc, eth::AbiWriter{}.address(sender).uint(0U).address(token).bytes(data).call(
                                                       eth::selector("receiveApproval(address,uint256,address,bytes)")));
    }

    std::unique_ptr<TestChain> chain_;
    std::unique_ptr<World> world_;
    std::unique_ptr<TaskPlay> play_;
    poco::DealId tdx_deal_ = poco::DealId::zero();  ///< made before the cut, without a dataset
};

TEST_P(HubVersions, AreToldApart) { EXPECT_EQ(chain_->hub().version(call()).value(), GetParam()); }

TEST_P(HubVersions, JudgeTheTagsOfAMatchAsTheyAreExplained)
{
    std::set<std::string> reasons;
    std::string framework_of_another;
    for (const std::uint8_t app : {0x0, 0x1, 0x9})
        for (const std::uint8_t dataset : {0x0, 0x1, 0x3, 0x5, 0x9})
            for (const auto& [workerpool, high] : {std::pair{0x9, 0x0}, std::pair{0xf, 0x0}, std::pair{0x9, 0x1}}) {
                const poco::OrderSet orders = with_signatures(tagged(tag(app), tag(dataset, static_cast<std::uint8_t>(high)),
                                                                     tag(static_cast<std::uint8_t>(workerpool)), tag(app)));
                const auto facts = chain_->hub().match_facts(orders, call());
                ASSERT_TRUE(facts) << facts.error().detail;
                const auto verdict = poco::explain(orders, *facts);
                const std::string ours = verdict.ok() ? "accepted" : std::string(verdict.first_failure()->contract_reason);
                const std::string theirs = reason_of(play_->requester().address(), poco::call::match_orders(orders));
                EXPECT_EQ(ours, theirs) << int(app) << " " << int(dataset) << " " << workerpool << " " << high;
                reasons.insert(theirs);
                if (app == 0x9 && dataset == 0x3 && workerpool == 0x9 && high == 0) framework_of_another = theirs;
            }
    EXPECT_EQ(framework_of_another, GetParam() == HubVersion::v6_2 ? "accepted" : "iExecV5-matchOrders-0x06");
    EXPECT_EQ(reasons, (std::set<std::string>{"accepted", "iExecV5-matchOrders-0x06", "iExecV5-matchOrders-0x07"}));
}

TEST_P(HubVersions, JudgeADatasetOrderForADealAsTheyAreExplained)
{
    const auto deal = chain_->hub().view_deal(tdx_deal_, call()).value();
    ASSERT_TRUE(deal.exists());
    for (const poco::Tag& wanted : {tag(0x0), tag(0x1), tag(0x3), tag(0x5), tag(0x9), tag(0xf), tag(0x0, 0x1)}) {
        const poco::DatasetOrder order = with_signatures(tagged(tag(0x9), wanted, tag(0x9), tag(0x9))).dataset;
        const auto facts = chain_->hub().compatibility_facts(order, deal, call());
        ASSERT_TRUE(facts) << facts.error().detail;
        const Status ours = poco::check_compatibility(order, deal, *facts);
        const std::string theirs =
            reason_of(play_->requester().address(), poco::call::assert_dataset_deal_compatibility(order, tdx_deal_));
        EXPECT_EQ(ours ? "" : ours.error().reason, theirs == "accepted" ? "" : "compatibility.tag") << wanted.hex();
        EXPECT_TRUE(theirs == "accepted" || theirs == "IncompatibleDatasetOrder: Tag compatibility not satisfied") << theirs;
        if (wanted == tag(0x3)) {
            EXPECT_EQ(theirs == "accepted", GetParam() == HubVersion::v6_2);
        }
    }
}

TEST_P(HubVersions, NameWhatIsWrongWithAnApproval)
{
    const Address requester = play_->requester().address(), rlc = chain_->deployment().rlc;
    const poco::OrderSet orders = with_signatures(tagged(tag(0x0), tag(0x0), tag(0x0), tag(0x0)));
    poco::OrderSet of_nobody = orders, unsuited = orders;
    of_nobody.app.app = requester;
    unsuited.request.tag = tag(0x1);
    const auto match = poco::call::match_orders(orders);
    if (GetParam() == HubVersion::v6_1) {  // the data is ignored
        EXPECT_EQ(approval(requester, poco::call::claim(poco::TaskId::zero()), rlc), "accepted");
        EXPECT_EQ(approval(requester, match, requester), "wrong-token");
        return;
    }
    EXPECT_EQ(approval(requester, match, rlc), "accepted");
    EXPECT_EQ(approval(requester, poco::call::claim(poco::TaskId::zero()), rlc), "UnsupportedOperation: 0xbd66528a");
    EXPECT_EQ(approval(play_->worker().address(), match, rlc), "CallerIsNotTheRequester");
    EXPECT_EQ(approval(requester, poco::call::match_orders(of_nobody), rlc), "OperationFailed");
    EXPECT_EQ(approval(requester, poco::call::match_orders(unsuited), rlc), "iExecV5-matchOrders-0x06");
}

INSTANTIATE_TEST_SUITE_P(Both, HubVersions, testing::Values(HubVersion::v6_1, HubVersion::v6_2),
                         [](const auto& test) { return test.param == HubVersion::v6_1 ? "v6_1" : "v6_2"; });

}  // namespace
}  // namespace iapp::localchain
