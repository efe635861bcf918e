// Orders: published hashes and signatures, JSON in both number styles, each refusal, round trips.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "poco/contribution.hpp"
#include "poco/internal/test_vectors.hpp"
#include "poco/order_hash.hpp"
#include "poco/order_json.hpp"

namespace iapp::poco {
namespace {

using vectors::reason;

const Hash256 kSeparator = hub_domain_separator(134, *eth::parse_address("0x3eca1B216A7DF1C7689aEb259fFB83ADFB894E7f"));

eth::Wallet anvil0()
{
    return *eth::Wallet::from_private_key_hex("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
}

TEST(OrderHash, ReproducesTheVectors)
{
    EXPECT_EQ(kSeparator.hex(), "0xf2cbd98a556869939d25b73c3fa68ba45f19932f8c9a06f744c98290ed9ef860");
    const OrderSet o = vectors::orders();
    EXPECT_EQ(struct_hash(o.app).hex(), "0xb5d9da4964947039e0dd9e7024e9c2e30c795acc772a350a65740279ca8224d0");
    EXPECT_EQ(order_hash(kSeparator, o.app).hex(), "0x08c1a7fa68e93f15e2add5f5b7db725a473231f78ffd7015c530d1069d86d896");
    EXPECT_EQ(struct_hash(o.dataset).hex(), "0x41211249df472b420df1bf6039cf5eaba23b4ade9f44505ff0c1924e2488225e");
    EXPECT_EQ(order_hash(kSeparator, o.dataset).hex(), "0xab3a70d43537ae8c6f27ecd90c60f7cdc97cfc7e6da7f112d8febe4f50be8011");
    EXPECT_EQ(struct_hash(o.workerpool).hex(), "0x514a898ff016cdacdf0db4111f95a933a2527d1f676320d41a97a3d042a75d10");
    EXPECT_EQ(order_hash(kSeparator, o.workerpool).hex(),
              "0x89621fd7f1414ce44b83507ae653a17cbe2aa1e15b5394c519ff9774d657aea9");
    EXPECT_EQ(struct_hash(o.request).hex(), "0xbf0790b6762bc4b1289b8dbaf2362076b2bfaf8e333056cb5e7f651039251b3e");
    EXPECT_EQ(order_hash(kSeparator, o.request).hex(), "0x01ef6df3fc4ecc8651f4c9852df5ff5ee77500fba51a6d4910c7282c504e7a82");
    EXPECT_EQ(operation_hash(kSeparator, o.app, Operation::close).hex(),
              "0x9ab64718128058010fdbe9ae918f54dbc606685706d310d908e020d6d10b609f");
}

TEST(OrderHash, BuildsThePublishedTypes)
{
    const auto type_hash_of = [](const char* type) { return eth::type_hash(type).hex(); };
    const std::string app =
        "AppOrder(address app,uint256 appprice,uint256 volume,bytes32 tag,address datasetrestrict,"
        "address workerpoolrestrict,address requesterrestrict,bytes32 salt)";
    EXPECT_EQ(type_hash_of(app.c_str()), "0x60815a0eeec47dddf1615fe53b31d016c31444e01b9d796db365443a6445d008");
    EXPECT_EQ(type_hash_of(("AppOrderOperation(AppOrder order,uint256 operation)" + app).c_str()),
              "0x0638bb0702457e2b4b01be8a202579b8bf97e587fb4f2cc4d4aad01f21a06ee0");
    // The other operation types show in their hashes only; a hash under ours equals one built from the published type hash.
    const auto expect_type = [](const Hash256& ours, const Hash256& order, const char* published) {
        const Hash256 built = eth::StructHash(*Hash256::from_hex(published)).nested(order).uint(1U).finish();
        EXPECT_EQ(ours, eth::typed_digest(kSeparator, built));
    };
    const OrderSet o = vectors::orders();
    expect_type(operation_hash(kSeparator, o.dataset, Operation::close), struct_hash(o.dataset),
                "0x075eb6f7578ff4292c241bd2484cd5c1d5e6ecc2ddd3317e1d8176b5a45865ec");
    expect_type(operation_hash(kSeparator, o.workerpool, Operation::close), struct_hash(o.workerpool),
                "0x322d980b7d7a6a1f7c39ff0c5445da6ae1d8e0393ff0dd468c8be3e2c8644388");
    expect_type(operation_hash(kSeparator, o.request, Operation::close), struct_hash(o.request),
                "0x0ded7b52c2d77595a40d242eca751df172b18e686326dbbed3f4748828af77c7");
}

TEST(OrderHash, AgreesWithTheClientOnAnotherHub)
{
    const Hash256 separator =
        hub_domain_separator(421614, *eth::parse_address("0xB2157BF2fAb286b2A4170E3491Ac39770111Da3E"));
    EXPECT_EQ(separator.hex(), "0xde6e7a8f1c22386ba73ee5376e4ec7089a2d2b07ebbfce54d4cb386daa34cc92");
    const auto salt = vectors::repeat<Hash256>(0x22);
    const Address client = *eth::parse_address("0x7bd4783FDCAD405A28052a0d1f11236A741da593");
    AppOrder app;
    app.app = vectors::small<Address>(0xbb);
    app.volume = 1U;
    app.tag = tdx_tag();
    app.salt = salt;
    EXPECT_EQ(order_hash(separator, app).hex(), "0x35496927a2e00637557f093ca6b45f917f414cc4523a5b7fb446e9fa724cf2c3");
    DatasetOrder dataset;
    dataset.dataset = vectors::small<Address>(0xaa);
    dataset.volume = kInfiniteVolume;
    dataset.tag = tdx_tag();
    dataset.salt = salt;
    EXPECT_EQ(order_hash(separator, dataset).hex(), "0xeab0032e8215798b8fede2f06effc5c8806e563c70b1fabfe40f51d74f02a7ab");
    WorkerpoolOrder pool;
    pool.workerpool = vectors::small<Address>(0xcc);
    pool.volume = 1U;
    pool.tag = tdx_tag();
    pool.salt = salt;
    EXPECT_EQ(order_hash(separator, pool).hex(), "0x8eed4dc1f6f46e122b296a06d3cb74d6e4a590f7543de8a0d6d76038e0426c1f");
    RequestOrder request;
    request.app = app.app;
    request.dataset = dataset.dataset;
    request.workerpool = pool.workerpool;
    request.volume = 1U;
    request.tag = tdx_tag();
    request.requester = request.beneficiary = client;
    request.params = R"({"iexec_result_storage_provider":"ipfs"})";
    request.salt = salt;
    EXPECT_EQ(order_hash(separator, request).hex(), "0x20639acad1413c2f5446ee303eae92548cb893ffd1ac6afcb74339705414642f");
}

TEST(OrderSign, ReproducesTheVectorAndVerifies)
{
    RequestOrder order = vectors::request_order();
    sign_order(order, kSeparator, anvil0());
    EXPECT_EQ(hex0x(order.sign),
              "0x7801eb0b2e80d085fbb17957898b6430867832c6c961e12831a8885032ad13a945e14f1e86584d31322c2787e413791f1e4e4a44948"
              "e5c4511dec5efa2bd1f491b");
    EXPECT_TRUE(signed_by(order, kSeparator, anvil0().address()));
    EXPECT_FALSE(signed_by(order, kSeparator, order.requester));
    EXPECT_FALSE(signed_by(order, Hash256::zero(), anvil0().address()));
    order.volume = 2U;
    EXPECT_FALSE(signed_by(order, kSeparator, anvil0().address()));
}

constexpr std::string_view kDataset =
    R"({"dataset":"0x2222222222222222222222222222222222222222","datasetprice":"1","volume":"1000",)"
    R"("tag":"0x0000000000000000000000000000000000000000000000000000000000000003","apprestrict":"0x1111111111111111111111111111111111111111",)"
    R"("workerpoolrestrict":"0x0000000000000000000000000000000000000000","requesterrestrict":"0x0000000000000000000000000000000000000000",)"
    R"("salt":"0x00000000000000000000000000000000000000000000000000000000000000a2","sign":"0x"})";

TEST(OrderJson, WritesWhatTheClientsRead)
{
    EXPECT_EQ(encode(vectors::dataset_order()), kDataset);
    const std::string as_number = encode(vectors::dataset_order(), Numbers::as_number);
    EXPECT_NE(as_number.find(R"("datasetprice":1,"volume":1000,)"), std::string::npos);
    EXPECT_EQ(*parse_dataset_order(as_number), vectors::dataset_order());
    DatasetOrder large = vectors::dataset_order();
    large.volume = kInfiniteVolume;
    EXPECT_NE(encode(large, Numbers::as_number).find(R"("volume":9007199254740991,)"), std::string::npos);
    large.volume = U256::max();
    EXPECT_EQ(*parse_dataset_order(encode(large, Numbers::as_number)), large);
}

TEST(OrderJson, ReadsBackEachKind)
{
    OrderSet o = vectors::orders();
    sign_order(o.request, kSeparator, anvil0());
    EXPECT_EQ(*parse_app_order(encode(o.app)), o.app);
    EXPECT_EQ(*parse_dataset_order(encode(o.dataset)), o.dataset);
    EXPECT_EQ(*parse_workerpool_order(encode(o.workerpool)), o.workerpool);
    EXPECT_EQ(*parse_request_order(encode(o.request)), o.request);
}

struct Case {
    const char* name;
    const char* from;
    const char* to;
    std::string_view reason;
};

class OrderParsing : public testing::TestWithParam<Case> {};

TEST_P(OrderParsing, NamesTheBrokenRule)
{
    std::string text(kDataset);
    const std::size_t at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
    EXPECT_EQ(reason(parse_dataset_order(text)), GetParam().reason) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Dataset, OrderParsing,
    testing::Values(
        Case{"good", "{", "{", ""}, Case{"no_sign", R"(,"sign":"0x")", "", ""}, Case{"number", R"("1000")", "1000", ""},
        Case{"missing", R"("volume":"1000",)", "", "json.missing"},
        Case{"unknown", "{", R"({"extra":1,)", "json.unknown_member"},
        Case{"twice", "{", R"({"volume":"1",)", "json.duplicate_member"},
        Case{"text", R"("1000")", R"("many")", "order.number"}, Case{"negative", R"("1000")", "-1", "order.number"},
        Case{"fraction", R"("1000")", "1.5", "order.number"}, Case{"exponent", R"("1000")", "1e3", "order.number"},
        Case{"leading_zero", R"("1000")", R"("0100")", "order.number"},
        Case{"hex_number", R"("1000")", R"("0x10")", "order.number"},
        Case{"too_large", R"("1000")", R"("115792089237316195423570985008687907853269984665640564039457584007913129639936")",
             "order.number"},
        Case{"short_address", "0x2222", "0x22", "address.format"},
        Case{"ens_name", "0x2222222222222222222222222222222222222222", "data.eth", "address.format"},
        Case{"wrong_checksum", "0x2222222222222222222222222222222222222222", "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
             "address.checksum"},
        Case{"address_number", R"("0x2222222222222222222222222222222222222222")", "5", "json.type"},
        Case{"short_tag", "0003\"", "3\"", "json.text"}, Case{"bad_sign", R"("sign":"0x")", R"("sign":"0xzz")", "json.text"},
        Case{"sign_without_prefix", R"("sign":"0x")", R"("sign":"")", "json.text"}, Case{"not_json", "{", "", "json.syntax"},
        Case{"array", "{", "[{", "json.syntax"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(OrderJson, LetsTheSignatureCoverTheAddresses)
{
    std::string text(kDataset);
    text.replace(text.find("0x2222222222222222222222222222222222222222"), 42, "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    EXPECT_EQ(reason(parse_dataset_order(text)), "address.checksum");
    text.replace(text.find(R"("sign":"0x")"), 11, R"("sign":"0x01")");
    EXPECT_TRUE(parse_dataset_order(text));
    const json::Value value = *json::parse(text);
    EXPECT_TRUE(read_dataset_order(*json::ObjectReader::of(value)));
}

TEST(OrderJson, ReadsEscapedText)
{
    std::string text(kDataset);
    text.replace(text.find("\"volume\""), 8, R"("vol\u0075me")");
    text.replace(text.find("1000"), 4, R"(10\u00300)");
    EXPECT_EQ(*parse_dataset_order(text), vectors::dataset_order());
    EXPECT_EQ(reason(parse_dataset_order(R"({"dataset":{"dataset":1}})")), "json.type");
    EXPECT_EQ(reason(parse_dataset_order(R"([{"dataset":1}])")), "json.type");
    EXPECT_EQ(reason(parse_dataset_order("{} {}")), "json.syntax");
    EXPECT_EQ(reason(parse_dataset_order("{}")), "json.missing");
    EXPECT_EQ(reason(parse_dataset_order(std::string(40, '['))), "json.depth");
    EXPECT_EQ(reason(parse_dataset_order(std::string((1U << 20U) + 1, ' '))), "json.size");
}

TEST(OrderJson, MaySkipUnknownMembersOfForeignDocuments)
{
    const json::Value value = *json::parse(R"({"extra":1,)" + std::string(kDataset.substr(1)));
    const auto reader = *json::ObjectReader::of(value, "$.order");
    EXPECT_TRUE(read_dataset_order(reader, Members::ignore_unknown));
    EXPECT_NE(read_dataset_order(reader).error().detail.find("$.order.extra"), std::string::npos);
}

TEST(OrderJson, RoundTripsAnyOrder)
{
    EXPECT_TRUE(rc::check([](std::uint64_t price, std::uint64_t volume, const std::array<std::uint8_t, 32>& salt,
                             const std::array<std::uint8_t, 20>& app, bool as_number) {
        RequestOrder order = vectors::request_order();
        order.appmaxprice = price;
        order.volume = *U256{volume}.mul(price);
        order.salt = Hash256{salt};
        order.app = Address{app};
        order.params = "text \"quoted\" \n \xc3\xa4";
        RC_ASSERT(*parse_request_order(encode(order, as_number ? Numbers::as_number : Numbers::as_text)) == order);
    }));
}

}  // namespace
}  // namespace iapp::poco
