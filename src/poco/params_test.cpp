// Request params as the network reads them, tags, and the money of deals.
#include "poco/params.hpp"

#include <gtest/gtest.h>

#include "poco/internal/test_vectors.hpp"
#include "poco/stake.hpp"
#include "poco/tag.hpp"

namespace iapp::poco {
namespace {

using vectors::reason;

TEST(Params, ReadEveryKey)
{
    const RequestParams params = parse_params(
        R"({"iexec_secrets":{"1":"0xabc","3":"other"},"iexec_result_storage_provider":"ipfs","iexec_result_encryption":true,)"
        R"("iexec_input_files":["https://a.b/c"],"iexec_args":"x y","iexec_result_storage_proxy":"https://p","bulk_cid":"Qm"})");
    EXPECT_EQ(params.args, "x y");
    EXPECT_EQ(params.input_files, std::vector<std::string>{"https://a.b/c"});
    EXPECT_EQ(params.secrets, (std::map<std::uint32_t, std::string>{{1, "0xabc"}, {3, "other"}}));
    EXPECT_TRUE(params.result_encryption);
    EXPECT_EQ(params.result_storage_provider, "ipfs");
    EXPECT_EQ(params.result_storage_proxy, "https://p");
    EXPECT_EQ(params.bulk_cid, "Qm");
    EXPECT_TRUE(params.degraded.empty());
}

struct Degraded {
    const char* text;
    const char* why;
};

TEST(Params, BecomeArgumentsWholeWhenOneKeyIsUnknown)
{
    const Degraded cases[] = {
        {R"({"iexec_args":"x","iexec_result_encrypton":true})", "unknown key \"iexec_result_encrypton\""},
        {R"({"iexec_developer_logger":true})", "unknown key"},
        {R"({"iexec_result_encryption":"maybe"})", "must be true or false"},
        {R"({"iexec_input_files":"https://a.b/c"})", "must be an array"},
        {R"({"iexec_secrets":[]})", "must be an object"},
        {R"({"iexec_args":{}})", "must be text"},
        {R"({"iexec_args":"a","iexec_args":"b"})", "twice"},
        {"plain text", "not valid JSON"},
        {"[]", "not a JSON object"},
        {"null", "not a JSON object"},
    };
    for (const auto& [text, why] : cases) {
        const RequestParams params = parse_params(text);
        EXPECT_EQ(params.args, text);
        EXPECT_NE(params.degraded.find(why), std::string::npos) << text << ": " << params.degraded;
        EXPECT_FALSE(params.result_encryption);
        EXPECT_EQ(reason(check_params(text)), "params.degraded");
    }
}

TEST(Params, FollowTheJavaReadersConversions)
{
    EXPECT_EQ(parse_params(R"({"iexec_args":5})").args, "5");
    EXPECT_TRUE(parse_params(R"({"iexec_result_encryption":"true"})").result_encryption);
    const RequestParams nulls =
        parse_params(R"({"iexec_args":null,"bulk_cid":null,"iexec_secrets":null,"iexec_input_files":null})");
    EXPECT_EQ(nulls, RequestParams{});
    EXPECT_EQ(parse_params(""), RequestParams{});
    EXPECT_TRUE(parse_params(R"({"iexec_secrets":{"0":"a","x":"b","01x":"c"}})").secrets.empty());
}

TEST(Params, AreWrittenInTheClientsOrder)
{
    RequestParams params;
    params.secrets = {{1, "0xabc"}};
    params.result_storage_provider = "ipfs";
    params.result_encryption = true;
    params.input_files = {"https://a.b/c"};
    params.args = "x y";
    EXPECT_EQ(encode(params),
              R"({"iexec_secrets":{"1":"0xabc"},"iexec_result_storage_provider":"ipfs","iexec_result_encryption":true,)"
              R"("iexec_input_files":["https://a.b/c"],"iexec_args":"x y"})");
    EXPECT_EQ(parse_params(encode(params)), params);
    EXPECT_EQ(encode(RequestParams{}), "{}");
}

TEST(Params, AreCheckedBeforeTheyAreSigned)
{
    EXPECT_TRUE(check_params(R"({"iexec_args":"x"})"));
    EXPECT_TRUE(check_params(R"({"bulk_cid":"QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"})"));
    EXPECT_EQ(reason(check_params(R"({"bulk_cid":"Qm"})")), "params.bulk_cid");
    EXPECT_EQ(reason(check_params(R"({"iexec_input_files":["ftp://x"]})")), "params.input_file");
    EXPECT_EQ(reason(check_params(R"({"iexec_secrets":{"0":"a"}})")), "params.secret");
    EXPECT_EQ(reason(check_params(R"({"iexec_secrets":{"1":""}})")), "params.secret");
    EXPECT_EQ(reason(check_params(R"({"iexec_result_storage_provider":"s3"})")), "params.storage");
}

TEST(Tag, NamesBitsAndFrameworks)
{
    EXPECT_EQ(tdx_tag().hex(), "0x0000000000000000000000000000000000000000000000000000000000000009");
    EXPECT_EQ(framework(vectors::small<Tag>(3)), Framework::scone);
    EXPECT_EQ(framework(vectors::small<Tag>(5)), Framework::gramine);
    EXPECT_EQ(framework(vectors::small<Tag>(9)), Framework::tdx);
    for (const std::uint8_t other : {0x0, 0x1, 0x7, 0x8, 0xb})
        EXPECT_EQ(framework(vectors::small<Tag>(other)), Framework::none) << int{other};
    EXPECT_EQ(framework(tdx_tag() | make_tag({TagBit::gpu})), Framework::tdx);
    EXPECT_EQ(tag_names(*parse_tag("0x8000000000000000000000000000000000000000000000000000000000000109")),
              (std::vector<std::string>{"tee", "tdx", "gpu", "bit 255"}));
    EXPECT_EQ(name(Framework::tdx), "tdx");
}

TEST(Tag, ReadsNames)
{
    EXPECT_EQ(*parse_tag("tee,tdx"), tdx_tag());
    EXPECT_EQ(*parse_tag(""), Tag::zero());
    EXPECT_EQ(reason(parse_tag("tee,sgx")), "tag.name");
    EXPECT_EQ(reason(parse_tag("tee,,tdx")), "tag.name");
    EXPECT_EQ(reason(parse_tag("0x9")), "hex.length");
}

TEST(Tag, CombinesBits)
{
    EXPECT_EQ(without(tdx_tag(), framework_bits()), make_tag({TagBit::tee}));
    EXPECT_EQ(tdx_tag() & framework_bits(), make_tag({TagBit::tdx}));
    EXPECT_TRUE(includes(tdx_tag(), make_tag({TagBit::tee})));
    EXPECT_FALSE(includes(tdx_tag(), make_tag({TagBit::gpu})));
}

constexpr std::uint64_t kRlc = 1'000'000'000;

TEST(Stake, RoundsPerTaskBeforeMultiplying)
{
    EXPECT_EQ(*pool_lock(3U, 1000U), U256{});
    EXPECT_EQ(*pool_lock(25U, 4U), U256{28U});
    EXPECT_EQ(*payer_lock({3U, 1U, 25U}, 4U), U256{116U});
    EXPECT_EQ(*worker_stake(25 * kRlc, 35U), U256{8'750'000'000U});
    EXPECT_EQ(reason(task_cost({U256::max(), 1U, 0U})), "u256.overflow");
    EXPECT_EQ(reason(payer_lock({U256::max(), 0U, 0U}, 2U)), "u256.overflow");
}

TEST(Stake, PaysAsTheContractDid)
{
    const auto single = split_single(25 * kRlc, 5U);
    EXPECT_EQ(single->worker, U256{23'750'000'000U});
    EXPECT_EQ(single->pool_owner, U256{1'250'000'000U});
    const Contributor contributors[] = {{1, true}, {1, true}, {1, false}, {1, true}, {1, false}};
    const auto group = split_group(25 * kRlc, 8'750'000'000U, 5U, contributors);
    EXPECT_EQ(group->reward, (std::vector<U256>{13'458'333'333U, 13'458'333'333U, 0U, 13'458'333'333U, 0U}));
    EXPECT_EQ(group->pool_owner, U256{2'125'000'001U});
}

TEST(Stake, DrawsFromTheKitty)
{
    EXPECT_EQ(*kitty_reward(0U), U256{});
    EXPECT_EQ(*kitty_reward(kRlc / 2), U256{kRlc / 2});
    EXPECT_EQ(*kitty_reward(5 * kRlc), U256{kRlc});
    EXPECT_EQ(*kitty_reward(50 * kRlc), U256{5 * kRlc});
}

}  // namespace
}  // namespace iapp::poco
