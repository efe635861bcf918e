// JSON-RPC against a node made of canned answers: ids, batches, the error words of several clients, malformed values.
#include "chain/rpc.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "chain/internal/json_rpc.hpp"
#include "chain/time.hpp"
#include "net/server.hpp"

namespace iapp::chain {
namespace {

using namespace std::chrono_literals;

net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(10s)}; }

/// Answers each request with the next text of a script and keeps what it was asked.
class ScriptedNode {
public:
    ScriptedNode()
    {
        server_.route("POST", "/", [this](const net::Request& request, const net::CallContext&) {
            const std::lock_guard lock(mutex_);
            asked_.push_back(request.body);
            if (script_.empty()) return net::text_response(500, "no more answers");
            auto [status, body] = script_.front();
            script_.pop_front();
            return net::json_response(status, body);
        });
        EXPECT_TRUE(server_.start());
    }

    ScriptedNode& then(std::string body, int status = 200)
    {
        script_.emplace_back(status, std::move(body));
        return *this;
    }

    JsonRpcClient client(std::size_t max_batch = 100) const
    {
        return JsonRpcClient(http_, {server_.origin() + "/", max_batch});
    }
    const std::vector<std::string>& asked() const { return asked_; }

private:
    net::HttpClient http_;
    net::HttpServer server_;
    std::mutex mutex_;
    std::deque<std::pair<int, std::string>> script_;
    std::vector<std::string> asked_;
};

std::string result(std::string_view json, int id = 1)
{
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":)" + std::string(json) + '}';
}

const std::string kHash = "0x" + std::string(64, 'a');
const std::string kBlock = R"({"number":"0x10","hash":")" + kHash + R"(","parentHash":")" + kHash +
                           R"(","timestamp":"0x64","baseFeePerGas":"0x7"})";

TEST(Rpc, SendsOneObjectForOneCall)
{
    ScriptedNode node;
    EXPECT_EQ(node.then(result(R"("0x66eee")")).client().chain_id(call()).value(), 421614U);
    EXPECT_EQ(node.asked().at(0), R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})");
}

TEST(Rpc, PutsAnswersOfABatchInOrder)
{
    ScriptedNode node;
    node.then("[" + result("2", 2) + "," + result("1", 1) +
              R"(,{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"no"}}])");
    const std::vector<RpcCall> calls(3, {"eth_x"});
    const auto answers = node.client().batch(calls, call());
    ASSERT_TRUE(answers);
    EXPECT_EQ((*answers)[0].value(), "1");
    EXPECT_EQ((*answers)[1].value(), "2");
    EXPECT_EQ((*answers)[2].error().reason, "rpc.method");
}

TEST(Rpc, CutsLongBatches)
{
    ScriptedNode node;
    node.then("[" + result("1", 1) + "," + result("2", 2) + "]").then(result("3"));
    const std::vector<RpcCall> calls(3, {"eth_x"});
    const auto answers = node.client(2).batch(calls, call());
    ASSERT_TRUE(answers);
    EXPECT_EQ((*answers)[2].value(), "3");
    EXPECT_EQ(node.asked().size(), 2U);
}

TEST(Rpc, ReadsABlock)
{
    ScriptedNode node;
    const auto block = node.then(result(kBlock)).client().block(BlockId::number(16), call());
    ASSERT_TRUE(block) << block.error().detail;
    EXPECT_EQ(block->number, 16U);
    EXPECT_EQ(block->timestamp, UnixSeconds{100s});
    EXPECT_EQ(block->base_fee, U256{7});
    EXPECT_EQ(node.then(result("null")).client().block(BlockId::latest(), call()).error().reason, "rpc.block");
}

TEST(Rpc, AsksForABlockByItsBareHashButReadsStateByObject)
{
    ScriptedNode node;
    const Hash256 hash = Hash256::from_hex(kHash).value();
    ASSERT_TRUE(node.then(result(kBlock)).client().block(BlockId::hash(hash), call()));
    ASSERT_TRUE(node.then(result(R"("0x")")).client().code(Address::zero(), call(), BlockId::hash(hash)));
    EXPECT_NE(node.asked()[0].find("eth_getBlockByHash\",\"params\":[\"" + kHash), std::string::npos);
    EXPECT_NE(node.asked()[1].find(R"({"blockHash":")" + kHash + R"(","requireCanonical":true})"), std::string::npos);
}

TEST(Rpc, TellsTheHeadWithTheAnswersOfContracts)
{
    ScriptedNode node;
    const std::vector<ContractCall> calls{{Address::zero(), Bytes{1}}, {Address::zero(), Bytes{2}}};
    const auto at = BlockId::number(7);
    node.then("[" + result(R"("0x0a")", 1) + "," + result(R"("0x0b")", 2) + "," + result(kBlock, 3) + "]");
    const auto told = node.client().eth_call_many_and_head(calls, call(), at).value();
    ASSERT_EQ(told.outcomes.size(), 2U);
    EXPECT_EQ(told.outcomes[1].data, Bytes{0x0b});
    EXPECT_EQ(told.head.number, 16U);
    EXPECT_NE(node.asked().at(0).find(R"("method":"eth_getBlockByNumber","params":["latest",false])"), std::string::npos);

    node.then(result(kBlock));
    EXPECT_TRUE(node.client().eth_call_many_and_head({}, call(), at).value().outcomes.empty());
    node.then(result("null"));
    EXPECT_EQ(node.client().eth_call_many_and_head({}, call(), at).error().reason, "rpc.response");
}

TEST(Rpc, AMissingReceiptIsNoError)
{
    ScriptedNode node;
    const auto receipt = node.then(result("null")).client().receipt(Hash256::zero(), call());
    ASSERT_TRUE(receipt);
    EXPECT_FALSE(*receipt);
}

TEST(Rpc, ChainTimeIsTheLaterOfClockAndBlock)
{
    class At final : public Clock {
    public:
        explicit At(std::chrono::seconds time) : time_(time) {}
        UnixMillis now() const override { return UnixMillis{time_}; }

    private:
        std::chrono::seconds time_;
    };
    ScriptedNode node;
    EXPECT_EQ(chain_time(node.then(result(kBlock)).client(), At(99s), call()).value(), UnixSeconds{100s});
    EXPECT_EQ(chain_time(node.then(result(kBlock)).client(), At(101s), call()).value(), UnixSeconds{101s});
}

TEST(Rpc, WritesLogFilters)
{
    ScriptedNode node;
    const Hash256 topic = Hash256::from_hex(kHash).value();
    ASSERT_TRUE(node.then(result("[]")).client().logs({{Address::zero()}, {{topic}, {}, {topic, topic}}}, 1, 255, call()));
    const std::string quoted = '"' + kHash + '"';
    EXPECT_NE(
        node.asked()[0].find(
            R"({"fromBlock":"0x1","toBlock":"0xff","address":["0x0000000000000000000000000000000000000000"],"topics":[[)" +
            quoted + "],null,[" + quoted + "," + quoted + "]]}"),
        std::string::npos);
}

struct ErrorCase {
    const char* name;
    const char* error;
    std::string_view reason;
    std::string_view detail = "";
};
class RpcError : public testing::TestWithParam<ErrorCase> {};

TEST_P(RpcError, IsNamed)
{
    ScriptedNode node;
    const auto answer =
        node.then(R"({"jsonrpc":"2.0","id":1,"error":)" + std::string(GetParam().error) + "}").client().block_number(call());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, GetParam().reason);
    if (!GetParam().detail.empty()) {
        EXPECT_EQ(answer.error().detail, GetParam().detail);
    }
}

#define ERROR_STRING_DATA                                                                                                  \
    "0x08c379a00000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000" \
    "000000000000000000000361626300000000000000000000000000000000000000000000000000000000000000"

INSTANTIATE_TEST_SUITE_P(
    Clients, RpcError,
    testing::Values(
        ErrorCase{"revert_text", R"({"code":3,"message":"execution reverted: abc","data":")" ERROR_STRING_DATA R"("})",
                  "rpc.revert", "abc"},
        ErrorCase{"revert_nested",
                  R"({"code":-32015,"message":"VM execution error: reverted","data":{"data":")" ERROR_STRING_DATA R"("}})",
                  "rpc.revert", "abc"},
        ErrorCase{"revert_prefixed", R"({"code":-32015,"message":"revert","data":"Reverted )" ERROR_STRING_DATA R"("})",
                  "rpc.revert", "abc"},
        ErrorCase{"revert_silent", R"({"code":3,"message":"execution reverted","data":"0x"})", "rpc.revert",
                  "execution reverted"},
        ErrorCase{"invalid_opcode", R"({"code":-32000,"message":"invalid opcode: INVALID"})", "rpc.revert"},
        ErrorCase{"anvil_halt", R"({"code":-32003,"message":"EVM error InvalidFEOpcode"})", "rpc.revert"},
        ErrorCase{"nonce_geth", R"({"code":-32000,"message":"nonce too low: next nonce 5, tx nonce 3"})", "rpc.nonce"},
        ErrorCase{"nonce_nitro", R"({"code":-32000,"message":"nonce too high: address 0x01, tx: 9 state: 7"})", "rpc.nonce"},
        ErrorCase{"nonce_replaced", R"({"code":-32000,"message":"replacement transaction underpriced"})", "rpc.nonce"},
        ErrorCase{"known", R"({"code":-32000,"message":"already known"})", "rpc.known"},
        ErrorCase{"known_anvil", R"({"code":-32003,"message":"transaction already imported"})", "rpc.known"},
        ErrorCase{"funds", R"({"code":-32003,"message":"Insufficient funds for gas * price + value"})", "rpc.funds"},
        ErrorCase{"method", R"({"code":-32601,"message":"the method does not exist"})", "rpc.method"},
        ErrorCase{"limit", R"({"code":-32005,"message":"limit exceeded"})", "rpc.busy"},
        ErrorCase{"rate", R"({"code":-1,"message":"Too Many Requests"})", "rpc.busy"},
        ErrorCase{"behind_geth", R"({"code":-32000,"message":"header not found"})", "rpc.state"},
        ErrorCase{"behind_by_hash", R"({"code":-32000,"message":"header for hash not found"})", "rpc.state"},
        ErrorCase{"replaced", R"({"code":-32000,"message":"hash 0x12 is not currently canonical"})", "rpc.state"},
        ErrorCase{"unknown_block", R"({"code":-39001,"message":"Unknown block"})", "rpc.state"},
        ErrorCase{"no_block", R"({"code":-32000,"message":"Block not found"})", "rpc.state"},
        ErrorCase{"pruned", R"({"code":-32000,"message":"missing trie node 12ab (path ) state 0x12 is not available"})",
                  "rpc.state"},
        ErrorCase{"pruned_by_path", R"({"code":-32000,"message":"historical state 12ab is not available"})", "rpc.state"},
        ErrorCase{"pruned_besu", R"({"code":-32000,"message":"World state unavailable"})", "rpc.state"},
        ErrorCase{"behind_anvil", R"({"code":-32001,"message":"Resource not found"})", "rpc.state", "Resource not found"},
        ErrorCase{"revert_that_speaks_of_blocks", R"({"code":-32000,"message":"execution reverted: block not found"})",
                  "rpc.revert"},
        ErrorCase{"other", R"({"code":-32603,"message":"boom"})", "rpc.error", "boom (code -32603)"},
        ErrorCase{"no_object", R"("boom")", "rpc.error"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RpcError, AMissingBlockIsAnOutage)
{
    const auto error =
        internal::read_node_error(json::parse(R"({"code":-32000,"message":"header not found"})").value()).error;
    EXPECT_EQ(error.kind, ErrorKind::unavailable);
}

struct AnswerCase {
    const char* name;
    const char* body;
    int status;
    std::string_view reason;
};
class RpcAnswer : public testing::TestWithParam<AnswerCase> {};

TEST_P(RpcAnswer, IsRefused)
{
    ScriptedNode node;
    EXPECT_EQ(node.then(GetParam().body, GetParam().status).client().block_number(call()).error().reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, RpcAnswer,
    testing::Values(
        AnswerCase{"no_json", "hello", 200, "rpc.response"}, AnswerCase{"page", "<html>", 502, "rpc.status"},
        AnswerCase{"slow_down", "{}", 429, "rpc.busy"},
        AnswerCase{"other_id", R"({"jsonrpc":"2.0","id":7,"result":"0x1"})", 200, "rpc.response"},
        AnswerCase{"no_id", R"({"jsonrpc":"2.0","result":"0x1"})", 200, "rpc.response"},
        AnswerCase{"no_result", R"({"jsonrpc":"2.0","id":1})", 200, "rpc.response"},
        AnswerCase{"number", R"({"jsonrpc":"2.0","id":1,"result":1})", 200, "rpc.response"},
        AnswerCase{"decimal", R"({"jsonrpc":"2.0","id":1,"result":"1"})", 200, "rpc.response"},
        AnswerCase{"too_large", R"({"jsonrpc":"2.0","id":1,"result":"0x10000000000000000"})", 200, "rpc.response"},
        AnswerCase{"empty_batch", "[]", 200, "rpc.response"},
        AnswerCase{"error_status", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"x"}})", 400, "rpc.method"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RpcBatch, OneIdTwiceIsRefused)
{
    EXPECT_EQ(internal::parse_answers("[" + result("1", 1) + "," + result("2", 1) + "]", 2).error().reason, "rpc.response");
}

TEST(RpcBatch, ARefusedBatchIsOneError)
{
    EXPECT_EQ(
        internal::parse_answers(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"batch too large"}})", 2)
            .error()
            .reason,
        "rpc.busy");
}

struct ValueCase {
    const char* name;
    const char* from;
    const char* to;
};
class RpcValue : public testing::TestWithParam<ValueCase> {};

constexpr const char* kReceipt =
    R"({"transactionHash":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":"0x1","blockNumber":"0x2",)"
    R"("blockHash":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","from":"0x1111111111111111111111111111111111111111",)"
    R"("to":null,"contractAddress":"0x2222222222222222222222222222222222222222","gasUsed":"0x5208","effectiveGasPrice":"0x7","logs":[)"
    R"({"address":"0x2222222222222222222222222222222222222222","topics":["0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],)"
    R"("data":"0x01","blockNumber":"0x2","blockHash":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)"
    R"("transactionHash":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","logIndex":"0x3","removed":false}]})";

TEST_P(RpcValue, AWrongMemberIsRefused)
{
    std::string text = kReceipt;
    const auto at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
    const auto receipt = internal::read_receipt(json::parse(text).value());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().reason, "rpc.response");
}

INSTANTIATE_TEST_SUITE_P(Receipt, RpcValue,
                         testing::Values(ValueCase{"no_status", "\"status\":\"0x1\",", ""},
                                         ValueCase{"short_address", "\"from\":\"0x11", "\"from\":\"0x"},
                                         ValueCase{"gas_number", "\"gasUsed\":\"0x5208\"", "\"gasUsed\":21000"},
                                         ValueCase{"logs_null", "\"logs\":[", "\"logs\":null,\"x\":["},
                                         ValueCase{"odd_data", "\"data\":\"0x01\"", "\"data\":\"0x1\""},
                                         ValueCase{"log_index", "\"logIndex\":\"0x3\"", "\"logIndex\":null"},
                                         ValueCase{"removed_text", "\"removed\":false", "\"removed\":\"no\""},
                                         ValueCase{"five_topics", "\"topics\":[", "\"topics\":[0,0,0,0,"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RpcValue, AGoodReceiptIsRead)
{
    const auto receipt = internal::read_receipt(json::parse(kReceipt).value());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_TRUE(receipt->succeeded);
    EXPECT_EQ(receipt->gas_used, 21'000U);
    EXPECT_FALSE(receipt->to);
    EXPECT_EQ(receipt->contract_address, receipt->logs.at(0).address);
    EXPECT_EQ(receipt->logs[0].index, 3U);
}

}  // namespace
}  // namespace iapp::chain
