// Calldata of every call against ethers 6 with the contracts' published ABIs: selector and Keccak-256 of the whole.
#include "poco/calls.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "poco/internal/test_vectors.hpp"
#include "poco/registry.hpp"

namespace iapp::poco {
namespace {

using vectors::address;
using vectors::repeat;

const TaskId kTask = repeat<TaskId>(0xab);
const DealId kDeal = repeat<DealId>(0xcd);

Hash256 hash(std::uint8_t byte) { return repeat<Hash256>(byte); }

/// The orders of the vectors with visible placeholders for signatures; the request is unsigned.
OrderSet signed_orders()
{
    OrderSet orders = vectors::orders();
    orders.app.sign = Bytes(65, 1);
    orders.dataset.sign = Bytes(65, 2);
    orders.workerpool.sign = Bytes(65, 3);
    return orders;
}

AppEntry app_entry() { return {address(0x44), "app", "DOCKER", to_bytes("abc"), hash(0xab), {}}; }
DatasetEntry dataset_entry() { return {address(0x44), "data", to_bytes("abc"), hash(0xab)}; }
WorkerpoolEntry workerpool_entry() { return {address(0x44), "pool"}; }

struct Row {
    const char* name;
    Bytes calldata;
    std::string_view selector;
    std::string_view hash;
};

void expect_rows(std::span<const Row> rows)
{
    for (const Row& row : rows) {
        EXPECT_EQ(hex0x(ByteView(row.calldata).first(4)), row.selector) << row.name;
        EXPECT_EQ(crypto::keccak256(row.calldata).hex(), row.hash) << row.name;
    }
}

TEST(Calls, OfTheHubMatchEthers)
{
    const Row rows[] = {
        {"match_orders", call::match_orders(signed_orders()), "0x156194d4",
         "0xf8fcde99e4e692ca6fd8400b9b2f730b443131892324b1b7851fda7fe4db700c"},
        {"sponsor_match_orders", call::sponsor_match_orders(signed_orders()), "0x2f391533",
         "0xde0847b322f5d47101e70a90b8f9c6979311e0748520c273a25644a8d787ae99"},
        {"compute_deal_volume", call::compute_deal_volume(signed_orders()), "0x66517ca6",
         "0xd8fea3259a5ced53fddd5a86fe502e0d6fa71b5a52c038880cffb6cc7fcb42af"},
        {"manage_app_order", call::manage_app_order(signed_orders().app, Operation::close), "0xb2b07e66",
         "0x9f565eb0e017ca342573333fa075419f0141604ad9b7b0cf19fafdfb17d610fc"},
        {"manage_dataset_order", call::manage_dataset_order(signed_orders().dataset, Operation::sign, Bytes{0x0a, 0x0b}),
         "0x4b747106", "0x4d931b7155fcbe52a9f6711ef95bd9584af0c26dcd7a19e76c03594dd6f29ae1"},
        {"manage_workerpool_order", call::manage_workerpool_order(signed_orders().workerpool, Operation::close),
         "0x7e34a077", "0x029ed37c5b5a588d2a1ab79acbe4922be800ebcfc3f2ec4976f95a6df5b14d7d"},
        {"manage_request_order", call::manage_request_order(signed_orders().request, Operation::close), "0x8dd971d5",
         "0xdecc4a9fa99c1ca2d58bc65e7230e7e86016839e763c116f9dee8977cd750231"},
        {"verify_signature", call::verify_signature(address(0x44), hash(0xab), Bytes{1, 2}), "0x01751998",
         "0x71cf7d9df532722b7f7ef08d12f34f9f8314e24d10f33b3795d4939cc4d146a0"},
        {"verify_presignature", call::verify_presignature(address(0x44), hash(0xab)), "0xc87b582a",
         "0x11f3a8ebe8d7a08f866e6a29482b3ce97334352e044c26dd643c530d2a38af35"},
        {"verify_presignature_or_signature", call::verify_presignature_or_signature(address(0x44), hash(0xab), Bytes{1, 2}),
         "0xbf36994e", "0xb3918236b8bab0f9e9b301847267cca60d4f5821ffa89b638152dd9f38af4c2a"},
        {"assert_dataset_deal_compatibility", call::assert_dataset_deal_compatibility(signed_orders().dataset, kDeal),
         "0x80f03425", "0xe8440966b9b6943fbc459363c7e6bfdd062579151873231b81308465b7206bd0"},
        {"initialize", call::initialize(kDeal, 7), "0x5b36c66b",
         "0xdd80efd2c35e8de244d15515005b834689dd7d18b815bf981b91d62147f4f464"},
        {"contribute", call::contribute({kTask, hash(0xcd), hash(0xef), address(0x55), {1, 2}, {3, 4, 5}}), "0x34623484",
         "0x0d97f1d97740d4cd319699bf8b44fb6f18ddee293d9c3011ee4436c480b8ca12"},
        {"contribute_and_finalize",
         call::contribute_and_finalize({kTask, hash(0xcd), to_bytes("{}"), {}, address(0x55), {1, 2}, {3, 4, 5}}),
         "0x5facd761", "0xc2739d51b243eaefc66fd36469e6c394b78430d27b233fadafb81853e07eca4c"},
        {"reveal", call::reveal(kTask, hash(0xcd)), "0xfc334e8c",
         "0xa7d760cbe3ea85b4698b6fdea22e80d573209b3df2cb92febeb0fb8c3383bf0c"},
        {"finalize", call::finalize(kTask, as_bytes("{}"), Bytes{1}), "0x8fc375e5",
         "0xd91451e0954ef77dfc0841aa459034f7ba53416400a13ef1d9ccf2b9edb11e65"},
        {"reopen", call::reopen(kTask), "0xf6c68e10", "0xf0e1795060ef6041a0ce9cec13145112fa151c30d54eb1c6c82038744bbf05f7"},
        {"claim", call::claim(kTask), "0xbd66528a", "0x6374d1f2fab477f15f1770fe2444e999ad9663ae125fa527ece91d36436db408"},
        {"claim_array", call::claim_array(std::array{kTask, TaskId{kDeal.array()}}), "0xfa055d7e",
         "0x46cc1274b5d219d2db88b3919e5d7e1cfa655f95fe17ea68422447fc5a36b594"},
        {"initialize_array",
         call::initialize_array(std::array{call::DealIndex{kDeal, 7}, call::DealIndex{repeat<DealId>(0xef), 8}}),
         "0xb504681d", "0xa89558e4cc085cda00a79457af523cb77ce4a67b191bda855133c3ba9f47effb"},
        {"initialize_and_claim_array",
         call::initialize_and_claim_array(std::array{call::DealIndex{kDeal, 7}, call::DealIndex{repeat<DealId>(0xef), 8}}),
         "0xf722cb32", "0x690f3cdb6717211ae4ba361beea786c42ffb68e0d6232ae19b52aca2a3a5f524"},
        {"view_deal", call::view_deal(kDeal), "0xb74861b2",
         "0x96a9cb02202821f2d7e85c13902af252559164114a8d67bc79946dfd756dfade"},
        {"view_task", call::view_task(kTask), "0xadccf0d5",
         "0xb0bf23c29e6d46b5790ac83ca68dfe265f46057e25c8115acbbcaab38d51b322"},
        {"view_contribution", call::view_contribution(kTask, address(0x55)), "0xe741363b",
         "0xe69416a33668cec084e29b4df71510b188ae726b64cbcc3cb13b07e8f1a22275"},
        {"view_account", call::view_account(address(0x44)), "0x6b55f4a5",
         "0x0f18793b211a0bc708165a9f0d16a03e866e4be349c6aa551790e2bb38357eaa"},
        {"view_consumed", call::view_consumed(hash(0xab)), "0x4b2bec8c",
         "0x34361920461a6486d0290fd8a7a34239c163b8ae74f7eaea1c4937233ec37c3e"},
        {"view_presigned", call::view_presigned(hash(0xab)), "0xd286eb16",
         "0xdc86ab725fc5d4162ece3a6e95a116e753221116dfd0bd3fb74c37ceb1d449d1"},
        {"view_score", call::view_score(address(0x55)), "0xdb230b52",
         "0x2288d11e26f469297748cd4e973228d4e169091c14e83af5dca87343058bb839"},
        {"view_category", call::view_category(4), "0x4f5f44ec",
         "0x629fac0c9813f4c68431478910f337807fbf37bd0e61c88ef89aea39d3246a1f"},
        {"view_app", call::view_app(address(0x11)), "0xe1523fb4",
         "0x9ad2d369eb7b6b33105a17d8d5ece402e8174f9b6a3ca427d48e417722c59a3a"},
        {"view_dataset", call::view_dataset(address(0x22)), "0x1e143ef7",
         "0xcd1b5a7c656e7190958bfc9ed2483898db434789cd5b0a32365b8353e24474f4"},
        {"view_workerpool", call::view_workerpool(address(0x33)), "0xbd8ab058",
         "0x6119f2d5a05989cbac43184c19595211953933f064b7b9e9b8210650de2c3753"},
        {"count_category", call::count_category(), "0xc140996f",
         "0x39dcd91e5aeee44b452802d75cee46fe110729e2ca155a87e51d48af40d26105"},
        {"frozen_of", call::frozen_of(address(0x44)), "0x1bf6e00d",
         "0xed9593e9925c0d550a4442c1940dea0a1f910699f6f5143abbef98ef1bbe5752"},
        {"result_for", call::result_for(kTask), "0xd09cc57e",
         "0x637aa80b72c4e1e807cdfd7068f42f4646eb9d6b8e9af2d7ca56d15ccff74b69"},
        {"domain", call::domain(), "0xc2fb26a6", "0xa9a61a90e0cf7348f88eafffbc69ddc830ab9c2db319264bb7f7432cc3f88975"},
        {"eip712domain_separator", call::eip712domain_separator(), "0x9910fd72",
         "0xc54e33326a205690e0bac61d2c9fc3f5355f4360fe88cf2da0a7042a61195675"},
        {"callbackgas", call::callbackgas(), "0xe63ec07d",
         "0xd6366ae5808e29bce1520dfd8b47c0f7fd8edea99643758f4542e29fb11a3cee"},
        {"teebroker", call::teebroker(), "0x5975b8fc", "0x159b5194e6919cf96c4044bf53814dad87c4851fd35c578181b031ba72aa74b3"},
        {"appregistry", call::appregistry(), "0x45b637a9",
         "0x09d597635c5b8f4a0f45e9c5a52ce26ea196c1dad1d8a3a7ae437766f27b0684"},
        {"datasetregistry", call::datasetregistry(), "0xb1b11d2c",
         "0xb89a195df03c459ef78ff512789f9e1fb183e74eb9c7f39f843469f0e18b0982"},
        {"workerpoolregistry", call::workerpoolregistry(), "0x90a0f546",
         "0x5143f31be0da76309472b34166708029ab92a84089902944ab5b290516a54554"},
        {"token", call::token(), "0xfc0c546a", "0xb22847c0d09a74d6f82e5ba28c6ab186eae89c2088edb563ce9189de50799c4b"},
        {"final_deadline_ratio", call::final_deadline_ratio(), "0xdb8aaa26",
         "0x074def8b9514101ca7d8edfef597a628efdd6ab9dfc117a2b59f33f2e40b4b74"},
        {"deposit", call::deposit(5U), "0xb6b55f25", "0x6a9383b202a69e0423e00287de485a2d2440ec240eb4b9ad8bbaab63ae1827c8"},
        {"deposit_for", call::deposit_for(5U, address(0x44)), "0x36efd16f",
         "0xbb9f26c08a22b194eda9a6627e9acd92348c2742fda6d94b2acb8a0628e77a17"},
        {"withdraw", call::withdraw(5U), "0x2e1a7d4d", "0xfea1a206b1c739ecd3f6460b455fe65cb1b356bebff4f8f504d5299ccd682fec"},
        {"withdraw_to", call::withdraw_to(5U, address(0x44)), "0xc86283c8",
         "0x87916b5a7ca41384ecfe1f3dad6b755fb763ea88740939eaf853de6495417eba"},
        {"configure",
         call::configure(
             {address(0x11), "Staked RLC", "SRLC", 9, address(0x22), address(0x33), address(0x44), Address::zero()}),
         "0xb5521817", "0xaa400b0822f611de33e33967611b092bb8f8962252d50d424ed5dfc72fb42aaa"},
        {"create_category", call::create_category("XS", "small", std::chrono::seconds(300)), "0x298503d9",
         "0xb31e9b04e509fc420fe64f0a547c76bc64ca03923b63de309ada3aeff5e3ff67"},
        {"set_callback_gas", call::set_callback_gas(200000U), "0x01d09a3c",
         "0x11668529a9482c2898d26f8134f07e1414ed15d441f17b5feae7db2bb824bce0"},
    };
    expect_rows(rows);
}

TEST(Calls, OfRegistriesEntriesAndTokensMatchEthers)
{
    const Row rows[] = {
        {"create_app", call::create_app(app_entry()), "0x3f7868ff",
         "0x0c3d18e82a8e48b352b015f0921234ae19cbaf835ebf5037f607fc8a2c157e43"},
        {"predict_app", call::predict_app(app_entry()), "0xe92118ed",
         "0x2f6ff4d576e74e82c93ac034211a87c332daa3f1c8637a0610b7043bafcd0219"},
        {"create_dataset", call::create_dataset(dataset_entry()), "0x3354bcdb",
         "0x134e2bc8cd36a4fef87e5b188e4d25d07009067fcf171023efd40263a6aa4c17"},
        {"predict_dataset", call::predict_dataset(dataset_entry()), "0xfe17fc7a",
         "0x3e3c400bf69914e6b24d428767a5a3879fe009b8d388d6f754619de2ac3df961"},
        {"create_workerpool", call::create_workerpool(workerpool_entry()), "0xe40238f4",
         "0xe7481810a4eb0bac83abbe4513bc87e9817fbb0b4776b45ff5eb3ecfb46e6046"},
        {"predict_workerpool", call::predict_workerpool(workerpool_entry()), "0x064a6c2a",
         "0x6005ca4bb9793c5eaf08f1fde86f57dae4cf8abd23f1504869857b52c332b409"},
        {"is_registered", call::is_registered(address(0x11)), "0xc3c5a547",
         "0xce05505ccd6bd59b48032d9990c196e8a25d8c5d4cadf3fb340dc31cc553a2f9"},
        {"proxy_code_hash", call::proxy_code_hash(), "0xeee39111",
         "0x330265a388551f68a99c64707648e3205baf75ab92fda615fec51c3c433a5616"},
        {"registry_initialize", call::registry_initialize(address(0x11)), "0xc4d66de8",
         "0x0febde808ad1a5848e3020945a528a417abeffbba56c358087e98bdb0f5a1d21"},
        {"set_base_uri", call::set_base_uri("https://x/"), "0x55f804b3",
         "0x91396d126b34de36cb5d5fe1c0ebff61b00b03d67f56c9d6215973e3fe332372"},
        {"owner_of", call::owner_of(address(0x11)), "0x6352211e",
         "0xa7842424a4343ae6feaabbf5ad948844297d0f2a2e4f599a37e2ec49c1a09edc"},
        {"transfer_from", call::transfer_from(address(0x44), address(0x55), address(0x11)), "0x23b872dd",
         "0xf78b84abd6abc267a14aa66ecd96a7df00e1fc3bff27b3bd3f0331123287a7bf"},
        {"safe_transfer_from", call::safe_transfer_from(address(0x44), address(0x55), address(0x11)), "0x42842e0e",
         "0xeca8df803ab2749f0c96f83ac079bc4910db27d686b92da8f52f9e294105f36c"},
        {"token_of_owner_by_index", call::token_of_owner_by_index(address(0x44), 3), "0x2f745c59",
         "0xba7074295e1f4fe0bf038c8b6d6fc60c3c4d1b155e2aaa75e5499671cd41a5b6"},
        {"owner", call::owner(), "0x8da5cb5b", "0xe29dd0d0fb6fba5ccf9b748bb30679974f8474b3e5bcf7e58d6238215be91ca5"},
        {"app_name", call::app_name(), "0x358982a3", "0xa3ef55f4be55cfdd4e0e387bac9d164ad36ea813e460546da476ecf9b8db2ab4"},
        {"app_type", call::app_type(), "0xf8c2ceb3", "0x928bd4f8839eb583e3c63e0c0475f5f2bb55d1836d445c15f748057c27400542"},
        {"app_multiaddr", call::app_multiaddr(), "0x39e75d45",
         "0x703e0ed35390b7cd232fd42453bf6a9e9335d8bab6009e15356d148e77cab595"},
        {"app_checksum", call::app_checksum(), "0x84aaf12e",
         "0x32e8f8f23748257a55db241d29d298d937da2393368d8fc987caf3247f852495"},
        {"app_mrenclave", call::app_mrenclave(), "0xe30d26a8",
         "0x96e86bd2225af3f8d6629469c4d69e23c9f0d6343f456b9ba1533d70a527063e"},
        {"dataset_name", call::dataset_name(), "0x0847c431",
         "0x13972928f4ad71dd829bf16c38ef99a7da3de122d9b358455a64262439aa358a"},
        {"dataset_multiaddr", call::dataset_multiaddr(), "0xa61ca6c5",
         "0x40caa696f20de81a3d8d7099d8dc7b0077b21c755a0ac465c115e7a26c74bf6f"},
        {"dataset_checksum", call::dataset_checksum(), "0x1ba99d7e",
         "0x5a217e0827cce2bd186c6265988c0923f1f1cb954523703e6dd06ead92474afa"},
        {"workerpool_description", call::workerpool_description(), "0x584feb3a",
         "0xbffc5a670ea649c5d3f5874da421a09a6fb581f789937da85684c8ed3d9d3288"},
        {"worker_stake_ratio_policy", call::worker_stake_ratio_policy(), "0xb55e75af",
         "0x25daa5de7d2983c20a0b655a397162fddbc0c4075516c063c58480b88243c5f3"},
        {"scheduler_reward_ratio_policy", call::scheduler_reward_ratio_policy(), "0x87639c68",
         "0xd82f2cd9521a95b118b8e4d913ea1db174231ad928a922041b1a7d5cd0834020"},
        {"change_policy", call::change_policy(35, 5), "0xf199413c",
         "0x658fcee56bc1e3287d420f80b9995f0f1b1133319c722efe8c1bf024ef98acde"},
        {"balance_of", call::balance_of(address(0x44)), "0x70a08231",
         "0x56abf80778f6e564b7503059f8412be13eb93f5629a7962632b7beaff29df4be"},
        {"transfer", call::transfer(address(0x44), 5U), "0xa9059cbb",
         "0x7e037cd3d305c3dc61918b0a97e2a05ef4c542c888afec819ae7035cfa56bcc8"},
        {"approve", call::approve(address(0x44), 5U), "0x095ea7b3",
         "0xf4f2c4deb5a42a345fa6fe234afd1fec43ab56d10b753e8b8aaed22f14926e85"},
        {"allowance", call::allowance(address(0x44), address(0x55)), "0xdd62ed3e",
         "0xa99eb42862c385ad5dff20d824105b18f5dad023a399d9882192b6bdea80a81f"},
        {"approve_and_call", call::approve_and_call(address(0x44), 5U, Bytes{1, 2}), "0xcae9ca51",
         "0xc4235f3400b3b03c4e4d4fc85be2821af320fd036a8b9961a45d529120e1a7e4"},
        {"create_dataset_with_schema", call::create_dataset_with_schema(dataset_entry(), "{}"), "0x167fbf5f",
         "0x2cf6d947e26f3fe509a3c4b4b7c36a582d60cf131db2c2b97ebf93dd1a045ece"},
        {"key_has_purpose", call::key_has_purpose(address(0x44)), "0xd202158d",
         "0xbf92e9a24769304242667f56e662be15873a67f6473aa64a98a2829ea55a1f1b"},
        {"is_valid_signature", call::is_valid_signature(hash(0xab), Bytes{1, 2}), "0x1626ba7e",
         "0x6f4955fea9bb2024b39e0fd71fb3431bb2fa5793c243cd52396f7918296ed9dc"},
    };
    expect_rows(rows);
}

}  // namespace
}  // namespace iapp::poco
