// Identifiers, contribution hashes, legacy messages and result digests against the published vectors.
#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "eth/wallet.hpp"
#include "poco/contribution.hpp"
#include "poco/internal/test_vectors.hpp"
#include "poco/legacy_message.hpp"
#include "poco/result.hpp"

namespace iapp::poco {
namespace {

using vectors::address;
using vectors::reason;

const TaskId kTask = *TaskId::from_hex("0x97a68ce3abf3abd37da088b06954be129ee628c79baa2f31a87bbbb22be81cd9");
const Hash256 kDigest = crypto::keccak256(Bytes{1});

eth::Wallet anvil0()
{
    return *eth::Wallet::from_private_key_hex("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
}
eth::Wallet client()
{
    return *eth::Wallet::from_private_key_hex("0x564a9db84969c8159f7aa3d5393c5ecd014fce6a375842a45b12af6677b12407");
}

TEST(Ids, ReproduceTheVectors)
{
    const auto deal = deal_id(*Hash256::from_hex("0x01ef6df3fc4ecc8651f4c9852df5ff5ee77500fba51a6d4910c7282c504e7a82"), 0U);
    EXPECT_EQ(deal.hex(), "0xf1836e5b4b86d839aebe085cf1167292cdba99e98d4e048009665062a9e95811");
    EXPECT_EQ(task_id(deal, 0U), kTask);
    EXPECT_EQ(task_id(*DealId::from_hex("0xa0b0fd396b0f79f14e4d6b34af7180bd9e80e2d86afda91c6127c5c17a268e66"), 0U).hex(),
              "0xe06c86d6bb750dbd9be9e002482854b3b3f21550dbe37236767b9cac29e3ce28");
    const auto cd = vectors::repeat<DealId>(0xcd);
    EXPECT_EQ(task_id(cd, 0U).hex(), "0x729a52d3615aaf5465e9bc938bf65c128bdf72abd751cbe4c0c1ac724a02d3f2");
    EXPECT_EQ(task_id(cd, 1U).hex(), "0x0f3cdf2e881a47c7e0b1902158d2f766703db6cadab367a210ba19fdec8417f9");
}

TEST(Contribution, ReproducesTheVectors)
{
    EXPECT_EQ(kDigest.hex(), "0x5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2");
    EXPECT_EQ(result_hash(kTask, kDigest).hex(), "0x0c9cd8338465474b700deb6b63d0e14766cbdc3a5b1ba37537b00df0e42c3c5b");
    EXPECT_EQ(result_seal(address(0x55), kTask, kDigest).hex(),
              "0x259245742b3e4fb6106b53aaeff5ecb5f0a808e8587ed2529e16f0655b68efe5");
    const Hash256 authorization = authorization_hash(address(0x55), kTask, address(0x66));
    EXPECT_EQ(authorization.hex(), "0x74af339021f65ad90a9a4d215bc39dac4b7e9c0b3e814bff9db6e42e3d7647dc");
    EXPECT_EQ(eth::personal_digest(authorization).hex(),
              "0xb5987e8a974d2dd426756d540ad6d27f5527481008f9b0004556d8fd9f13311d");
    EXPECT_EQ(anvil0().sign_personal(authorization).hex(),
              "0xcddc10f8f1b505e6d40a0ccfe74c8edf0eb280de2dec7c52693bc47b581dcc732c40af9c59dee155fd936e055cd618cfbe4f964d8f8"
              "e3e302b47f000a6438bf81b");
    const Hash256 enclave = enclave_message(address(0x55), kTask, kDigest);
    EXPECT_EQ(enclave.hex(), "0x24c2e5891682756eb531b8e71e79a089a5c685298f4aa90c9eaf26adc8533fca");
    EXPECT_EQ(eth::personal_digest(enclave).hex(), "0xa941855f6cf2933d23fffb59046b5d8295fdc0afdf27513669e1ebf3248be477");
    EXPECT_EQ(worker_api_message(kTask, address(0x55)).hex(),
              "0x22439c955a75762b1db50cb094ec9d3ec651a7315c496fc15fec803042a07b88");
}

TEST(LegacyMessage, ReproducesTheVectors)
{
    EXPECT_EQ(enclave_challenge_message(kTask).hex(), "0x8e66663b7462d5f88ca992c7a684118cdea11955da732baeec77271708c099d1");
    EXPECT_EQ(web3_secret_message(address(0x22), "secretvalue").hex(),
              "0xb049322d77a8fa02a52f2a6eaacb115b8d9f97266af3b17bfb398badcea75d3d");
    EXPECT_EQ(web2_secret_message(address(0x44), "iexec-result-encryption-public-key", "secretvalue").hex(),
              "0x4cd5322544548bf7e0ec978425ca24f9aebb226d3b3e3dfe54ab169120ebf631");
    EXPECT_EQ(requester_secret_message(address(0x44), "my-secret", "secretvalue").hex(),
              "0xf5eb45e9a9d8ee25326027d593736bd71d0bf59b869cd3d2586a4e0614f9bb9e");
}

TEST(LegacyMessage, AgreesWithTheClientsOwnRequests)
{
    const auto aa = vectors::small<Address>(0xaa);
    const Address self = client().address();
    const std::tuple<Hash256, std::string_view, std::string_view> cases[] = {
        {web3_secret_message(aa, "SECRETvalue=="), "0x606262d33c1ae490ab2d79b5c46942fa97d0b611adf5f1327c7aa37c3b34301a",
         "0xd0a03b9250b7e3a6763762939fd281dd26f94197e8d1ee0ed4f630089ee3badc43b5d1d343a2927819cd9c604a6a62610faff15a9dc2d63e"
         "b087a8c37445643b1c"},
        {web2_secret_message(self, "iexec-result-encryption-public-key", "v\xc3\xa0lue"),
         "0x924e54d7b49e35934f1626279642414eab925ddcfba21ee2b807b2f5ea9a4d15",
         "0x05ca0183f03a33eb15bf3704ff82dfb0c423371005729101e02f4f058b0f74cd6d803edeb244ead7077ff39cd376d6dbd5cea872b62b444e"
         "f426c2aee031fb0d1c"},
        {app_secret_message(aa, "app secret"), "0x6d63cecb98ae132c388bef5a28a624490c6feab81a58af26332b4acc6e1589bc",
         "0x18748fe9824b8cda975e41364a16fe9580b8d7eafd083133a9afafe7f140aa5252f8e7dfdc950e21f6dc149ffea74660ca3c65aa4d1fcf01"
         "d57fc5c5fc4b4c2b1b"},
        {requester_secret_message(self, "my-Secret_1", "requester secret"),
         "0x5a23730480b3b8bc64a7fe136bf6c5f52e757c6ed23b152c012086032b95b9d1",
         "0x8d7855fb573d9c2125ec723a59f39c99adda6ddb041aa812e4e3fb6b8d1c8beb1c6effc7639098f74097acafcbd9ff238b9ee08bf835e0af"
         "c2e73c3043dc0e8a1c"},
    };
    for (const auto& [message, hash, signature] : cases) {
        EXPECT_EQ(message.hex(), hash);
        EXPECT_EQ(client().sign_personal(message).hex(), signature);
    }
}

TEST(LegacyMessage, DecodesLoginChallengesLikeTheJavaDecoder)
{
    constexpr std::string_view kChallenge = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=";
    EXPECT_EQ(hex(login_challenge_bytes(kChallenge)), "abdff0efefdffaf7ef2fef9feffeeff3efeff8fd6f7f");
    EXPECT_EQ(login_message(kChallenge).hex(), "0x971f46618e5fe1ef00bba8ef3c63e7942051f64c458f6319747e4e41ca747ed2");
    EXPECT_EQ(login_challenge_bytes("0xabc"), (Bytes{0x0a, 0xbc}));
    EXPECT_TRUE(login_challenge_bytes("").empty());
}

TEST(Result, DigestsFollowTheRule)
{
    const ChildHash a = file_digest(as_bytes("A")), b = file_digest(as_bytes("B"));
    EXPECT_EQ(directory_digest(std::array{a, b}).hex(),
              "0x3e414b345ce4e8d016eff459b112b41de5bc488237863d83187f93ba096a9666");
    EXPECT_EQ(directory_digest(std::array{a, ChildHash{}, b}), directory_digest(std::array{a, b}));
    EXPECT_EQ(directory_digest({}).hex(), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(callback_digest(vectors::small<Hash256>(1).bytes()).hex(),
              "0xb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf6");
    EXPECT_EQ(input_file_name("https://example.com/data.csv"),
              "0x16c128e58778706ecf5969cfacbdedd39516e682f42c1b638c067e8fbf2f4f94");
}

TEST(Result, LinkKeepsTheReferenceSpacing)
{
    const ResultLink link{"ipfs", "/ipfs/QmHash", {}};
    EXPECT_EQ(encode(link), R"({ "storage": "ipfs", "location": "/ipfs/QmHash" })");
    EXPECT_EQ(*parse_result_link(encode(link)), link);
    const ResultLink with_receipt{"ipfs", "/ipfs/QmHash", "/ipfs/QmReceipt"};
    EXPECT_EQ(*parse_result_link(encode(with_receipt)), with_receipt);
    EXPECT_EQ(*parse_result_link(R"({"location":"/ipfs/x","storage":"ipfs","other":1})"),
              (ResultLink{"ipfs", "/ipfs/x", {}}));
    for (const char* bad : {"", "0x", "[]", R"({"storage":"ipfs"})", R"({"location":"/ipfs/x"})",
                            R"({"storage":1,"location":"x"})", R"({"storage":"ipfs","location":"x","receipt":1})"})
        EXPECT_EQ(reason(parse_result_link(bad)), "result.link") << bad;
}

TEST(Result, ReadsComputedJson)
{
    EXPECT_EQ(
        *parse_computed_json(R"({"deterministic-output-path":"/iexec_out/result.txt","x":1})")->deterministic_output_path,
        "/iexec_out/result.txt");
    EXPECT_EQ(*parse_computed_json(R"({"callback-data":"0x01ff"})")->callback_data, (Bytes{1, 0xff}));
    EXPECT_EQ(
        *parse_computed_json(R"({"deterministic-output-path":"/iexec_out","error-message":"no input"})")->error_message,
        "no input");
    EXPECT_EQ(reason(parse_computed_json("{}")), "computed.output");
    EXPECT_EQ(reason(parse_computed_json(R"({"callback-data":"01"})")), "computed.callback_data");
    EXPECT_EQ(reason(parse_computed_json(R"({"deterministic-output-path":5})")), "json.type");
    EXPECT_EQ(reason(parse_computed_json("")), "json.syntax");
}

}  // namespace
}  // namespace iapp::poco
