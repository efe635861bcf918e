// Every document comes back as it went out, and a member too many, too few or of the wrong kind is refused.
#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "eth/wallet.hpp"
#include "support/sample_run.hpp"
#include "wire/agent_api.hpp"
#include "wire/env_names.hpp"
#include "wire/errors.hpp"
#include "wire/ledger_api.hpp"
#include "wire/scheduler_api.hpp"
#include "wire/sms_api.hpp"

namespace iapp::wire {
namespace {

using crypto::SecretAccess;

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};

template <class Id>
Id filled(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

std::string_view reason(const auto& result) { return result ? "" : result.error().reason; }

const test::SampleRun& sample()
{
    static const test::SampleRun run = test::make_sample_run(kNow);
    return run;
}

crypto::Signature65 signature() { return eth::Wallet::generate().sign(Hash256::zero()); }

ReleaseRequest release_request()
{
    return {421614,
            filled<eth::Address>(1),
            filled<poco::DealId>(2),
            filled<poco::TaskId>(3),
            4,
            filled<eth::Address>(5),
            filled<ReleaseNonce>(6),
            filled<crypto::HpkePublicKey>(7),
            filled<eth::Address>(8),
            sample().evidence(),
            sample().log};
}

ReleaseBundle release_bundle()
{
    ReleaseBundle bundle{.deal = {},
                         .category_time = std::chrono::seconds(300),
                         .task = filled<poco::TaskId>(1),
                         .index = 7,
                         .datasets = {},
                         .app_secret = crypto::SecretBytes::copy_of(as_bytes("app \"secret\"\n\xc3\xa0")),
                         .requester_secrets = {},
                         .result = SealToAge{"age1x"},
                         .decision = sample().decide(sample().leaf()),
                         .orders = {filled<Hash256>(1), filled<Hash256>(2), filled<Hash256>(3), filled<Hash256>(4)},
                         .collateral = sample().collateral,
                         .verdict = {{attest::CheckId::debug, attest::Outcome::passed, "fine"}}};
    bundle.deal.app = {filled<eth::Address>(9), filled<eth::Address>(10), eth::U256::max()};
    bundle.deal.tag = poco::tdx_tag();
    bundle.deal.params = R"({"iexec_args":"a \"b\""})";
    bundle.deal.start_time = kNow;
    bundle.deal.bot_size = 3;
    bundle.datasets.emplace_back(
        ReleasedDataset{1, filled<eth::Address>(11), "name", "/ipfs/Qm", filled<Hash256>(12), crypto::random_secret(32)});
    bundle.datasets.emplace_back(RefusedDataset{2, filled<eth::Address>(13), "policy.revoked", "revoked"});
    bundle.requester_secrets.emplace(3, crypto::SecretBytes::copy_of(as_bytes("three")));
    return bundle;
}

std::string text_of(const crypto::SecretBytes& secret) { return to_text(secret.reveal(SecretAccess{})); }

TEST(ReleaseDocuments, RequestComesBack)
{
    const std::string text = encode(release_request());
    const auto again = parse_release_request(text);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(encode(*again), text);
}

TEST(ReleaseDocuments, BundleComesBack)
{
    for (const ResultMode& mode :
         {ResultMode{SealToNobody{}}, ResultMode{SealToAge{"age1x"}}, ResultMode{SealToRsa{"-----BEGIN"}}}) {
        ReleaseBundle bundle = release_bundle();
        bundle.result = mode;
        const crypto::SecretBytes text = encode(bundle);
        const auto again = parse_release_bundle(text.reveal(SecretAccess{}));
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_EQ(text_of(encode(*again)), text_of(text));
        EXPECT_EQ(again->deal, bundle.deal);
        EXPECT_EQ(text_of(*again->app_secret), "app \"secret\"\n\xc3\xa0");
        EXPECT_EQ(again->result.index(), mode.index());
    }
}

TEST(ReleaseDocuments, BundleOfALargeTaskComesBack)
{
    ReleaseBundle bundle = release_bundle();
    for (std::uint64_t i = 3; i < 103; ++i)
        bundle.datasets.emplace_back(ReleasedDataset{i, filled<eth::Address>(11), "name", "/ipfs/Qm", filled<Hash256>(12),
                                                     crypto::random_secret(32)});
    const crypto::SecretBytes text = encode(bundle);
    const auto again = parse_release_bundle(text.reveal(SecretAccess{}));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(text_of(encode(*again)), text_of(text));
}

/// Every way to bend one member: gone, doubled by a stranger, of another type.
template <class Parse>
void expect_strict(const std::string& good, Parse parse)
{
    ASSERT_EQ(reason(parse(good)), "") << good.substr(0, 200);
    const auto value = json::parse(good).value();
    for (const auto& member : value.as_object()) {
        auto without = value.as_object();
        without.erase(member.key());
        auto retyped = value.as_object();
        retyped[member.key()] = json::Array{nullptr};
        EXPECT_NE(reason(parse(json::print(retyped))), "") << member.key() << " as an array";
        if (member.key() != "appSecret" && member.key() != "fix" && member.key() != "leaf" && member.key() != "reason" &&
            member.key() != "detail" && member.key() != "txHash" && member.key() != "log") {
            EXPECT_NE(reason(parse(json::print(without))), "") << "without " << member.key();
        }
    }
    auto more = value.as_object();
    more["stranger"] = 1;
    EXPECT_EQ(reason(parse(json::print(more))), "json.unknown_member");
    EXPECT_NE(reason(parse(good + "x")), "");
    EXPECT_NE(reason(parse("")), "");
    EXPECT_NE(reason(parse("[]")), "");
}

TEST(ReleaseDocuments, AreStrict)
{
    expect_strict(encode(release_request()), [](const std::string& text) { return parse_release_request(text); });
    expect_strict(text_of(encode(release_bundle())),
                  [](const std::string& text) { return parse_release_bundle(as_bytes(text)); });
    expect_strict(encode(NonceRequest{filled<poco::TaskId>(1)}),
                  [](const std::string& text) { return parse_nonce_request(text); });
    expect_strict(encode(NonceReply{filled<ReleaseNonce>(1), kNow}),
                  [](const std::string& text) { return parse_nonce_reply(text); });
    expect_strict(encode(SealedReply{Bytes(32, 1), Bytes(64, 2), sample().ledger.sign(filled<Hash256>(3))}),
                  [](const std::string& text) { return parse_sealed_reply(text); });
}

TEST(ReleaseDocuments, OtherSchemasAreRefused)
{
    std::string request = encode(release_request());
    request.replace(request.find("request/1"), 9, "request/2");
    EXPECT_EQ(reason(parse_release_request(request)), "release.schema");
    std::string bundle = text_of(encode(release_bundle()));
    bundle.replace(bundle.find("iapp-release/1"), 14, "iapp-release/2");
    EXPECT_EQ(reason(parse_release_bundle(as_bytes(bundle))), "release.schema");
}

TEST(ReleaseDocuments, SizeIsLimited)
{
    std::string request = encode(release_request());
    request.insert(1, std::string(kMaxReleaseRequestBytes, ' '));
    EXPECT_EQ(reason(parse_release_request(request)), "json.size");
    const auto signature = sample().ledger.sign(filled<Hash256>(3));
    EXPECT_EQ(reason(parse_sealed_reply(encode(SealedReply{Bytes(31, 1), Bytes(64, 2), signature}))), "json.text");
}

/// A leaf of the ledger holds integers that JSON readers agree on; one that nobody can read would spoil every audit for
/// ever.
TEST(ReleaseDocuments, ChainIdFitsALeaf)
{
    ReleaseRequest request = release_request();
    request.chain_id = (1ULL << 53U) - 1;
    EXPECT_EQ(reason(parse_release_request(encode(request))), "");
    request.chain_id = 1ULL << 53U;
    EXPECT_EQ(reason(parse_release_request(encode(request))), "json.range");
}

TEST(ReleaseDocuments, ReplyDigestNamesAllItsParts)
{
    const auto hub = filled<eth::Address>(1);
    const Hash256 digest = reply_digest(1, hub, "body", Bytes(32, 1), Bytes(64, 2));
    EXPECT_NE(reply_digest(2, hub, "body", Bytes(32, 1), Bytes(64, 2)), digest);
    EXPECT_NE(reply_digest(1, filled<eth::Address>(2), "body", Bytes(32, 1), Bytes(64, 2)), digest);
    EXPECT_NE(reply_digest(1, hub, "bodY", Bytes(32, 1), Bytes(64, 2)), digest);
    EXPECT_NE(reply_digest(1, hub, "body", Bytes(32, 3), Bytes(64, 2)), digest);
    EXPECT_NE(reply_digest(1, hub, "body", Bytes(32, 1), Bytes(64, 3)), digest);
}

TEST(ReleaseDocuments, InfoNamesTheTask)
{
    const Bytes info = key_release_info(filled<poco::TaskId>(9));
    EXPECT_EQ(as_text(ByteView(info).first(18)), "iapp/key-release/1");
    EXPECT_EQ(info.size(), 18U + 32U);
    EXPECT_EQ(info.back(), 9);
}

TEST(LedgerDocuments, ComeBackAndAreStrict)
{
    const auto head = sample().decide(sample().leaf()).tree_head;
    expect_strict(encode(head), [](const std::string& text) { return parse_tree_head(text); });
    EXPECT_EQ(encode(*parse_tree_head(encode(head))), encode(head));
    const LedgerLeaves page{5, {Bytes{1, 2}, Bytes{}}};
    expect_strict(encode(page), [](const std::string& text) { return parse_ledger_leaves(text); });
    EXPECT_EQ(parse_ledger_leaves(encode(page))->leaves, page.leaves);
    expect_strict(encode(InclusionProof{1, 2, {filled<Hash256>(1)}}),
                  [](const std::string& text) { return parse_inclusion_proof(text); });
    expect_strict(encode(ConsistencyProof{1, 2, {}}), [](const std::string& text) { return parse_consistency_proof(text); });
}

TEST(GrantDocuments, ComeBackAndAreStrict)
{
    const Signed<GrantPolicy> policy{{filled<Hash256>(1), filled<eth::Address>(2), kUnlimited, 3, 4}, signature()};
    expect_strict(encode(policy), [](const std::string& text) { return parse_grant_policy(text); });
    EXPECT_EQ(encode(*parse_grant_policy(encode(policy))), encode(policy));
    const Signed<RevokeGrant> revocation{{filled<Hash256>(1), filled<eth::Address>(2), 4}, signature()};
    expect_strict(encode(revocation), [](const std::string& text) { return parse_revoke_grant(text); });
    EXPECT_EQ(encode(*parse_revoke_grant(encode(revocation))), encode(revocation));
}

TEST(GrantDocuments, DigestCoversEveryMember)
{
    const GrantPolicy base{filled<Hash256>(1), filled<eth::Address>(2), 3, 4, 5};
    const Hash256 digest = signing_digest(base, 421614);
    EXPECT_NE(signing_digest(base, 1), digest);
    const auto bent = [&](auto bend) {
        GrantPolicy policy = base;
        bend(policy);
        return signing_digest(policy, 421614);
    };
    EXPECT_NE(bent([](GrantPolicy& p) { p.order_hash = Hash256::zero(); }), digest);
    EXPECT_NE(bent([](GrantPolicy& p) { p.dataset = eth::Address::zero(); }), digest);
    EXPECT_NE(bent([](GrantPolicy& p) { p.not_after = 0; }), digest);
    EXPECT_NE(bent([](GrantPolicy& p) { p.max_releases = 0; }), digest);
    EXPECT_NE(bent([](GrantPolicy& p) { p.issued_at = 0; }), digest);
    EXPECT_NE(signing_digest(RevokeGrant{base.order_hash, base.dataset, base.issued_at}, 421614), digest);
}

TEST(WorkerDocuments, ComeBackAndAreStrict)
{
    const Lease lease{filled<poco::TaskId>(1),
                      filled<poco::DealId>(2),
                      3,
                      "lease",
                      kNow,
                      kNow,
                      300,
                      filled<Hash256>(4),
                      "host/app:1",
                      "sha256:" + std::string(64, 'a'),
                      "http://127.0.0.1:1"};
    expect_strict(encode(lease), [](const std::string& text) { return parse_lease(text); });
    EXPECT_EQ(encode(*parse_lease(encode(lease))), encode(lease));
    expect_strict(encode(RenewRequest{"x"}), [](const std::string& text) { return parse_renew_request(text); });
    expect_strict(encode(RenewReply{kNow}), [](const std::string& text) { return parse_renew_reply(text); });
    expect_strict(encode(AuthorizeRequest{"x", filled<eth::Address>(1)}),
                  [](const std::string& text) { return parse_authorize_request(text); });
    expect_strict(encode(AuthorizeReply{signature()}), [](const std::string& text) { return parse_authorize_reply(text); });
    const Report report{"x", ReportStatus::failed, "agent.x", "why", filled<Hash256>(1)};
    expect_strict(encode(report), [](const std::string& text) { return parse_report(text); });
    EXPECT_EQ(encode(*parse_report(encode(report))), encode(report));
    EXPECT_EQ(reason(parse_report(R"({"leaseId":"x","status":"DONE"})")), "json.text");
    Report logged = report;
    logged.log = RunLog{"said", "\x01 complained", 3};
    expect_strict(encode(logged), [](const std::string& text) { return parse_report(text); });
    EXPECT_EQ(encode(*parse_report(encode(logged))), encode(logged));
    logged.log->out = "cut" + std::string(kMaxLogCharacters, '\x01');
    logged.log->err = logged.log->out;
    EXPECT_EQ(parse_report(encode(logged))->log->out, std::string(kMaxLogCharacters, '\x01'));
    EXPECT_EQ(reason(parse_report(R"({"leaseId":"x","status":"FAILED","log":{"stdout":"","stderr":"","exitCode":256}})")),
              "json.range");
}

TEST(ErrorBodies, ComeBackAndHideWhatIsOurs)
{
    expect_strict(encode(ErrorBody{"a.b", "message", "fix", 7}),
                  [](const std::string& text) { return parse_error_body(text); });
    const auto shown = public_error(Error{ErrorKind::invalid_input, "a.b", "bad; do good"});
    EXPECT_EQ(shown.message, "bad");
    EXPECT_EQ(shown.fix, "do good");
    for (const ErrorKind kind : {ErrorKind::internal, ErrorKind::corrupt})
        EXPECT_EQ(public_error(Error{kind, "a.b", "file /secret"}).message.find("secret"), std::string::npos);
}

TEST(SecretNames, AndEnvironmentNames)
{
    EXPECT_TRUE(is_requester_secret_key("a-Z_9"));
    EXPECT_TRUE(is_requester_secret_key(std::string(64, 'a')));
    for (const std::string& bad :
         {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a.b"), std::string("\xc3\xa0")})
        EXPECT_FALSE(is_requester_secret_key(bad));
    EXPECT_EQ(env::dataset_filename(2), "IEXEC_DATASET_2_FILENAME");
    EXPECT_EQ(env::input_file_name(1), "IEXEC_INPUT_FILE_NAME_1");
    EXPECT_EQ(env::requester_secret(3), "IEXEC_REQUESTER_SECRET_3");
}

}  // namespace
}  // namespace iapp::wire
