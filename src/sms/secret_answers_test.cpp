// Every answer the npm clients can get from the secret routes, as one table: status, content type, exact body.
#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "eth/wallet.hpp"
#include "poco/legacy_message.hpp"
#include "simtee/authority.hpp"
#include "support/sms_world.hpp"

namespace iapp::sms {
namespace {

using test::must;

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::string_view kOwnerKey = "0x564a9db84969c8159f7aa3d5393c5ecd014fce6a375842a45b12af6677b12407";
constexpr std::string_view kOwner = "0x7bd4783FDCAD405A28052a0d1f11236A741da593";
constexpr std::string_view kContract = "0x00000000000000000000000000000000000000AA";

eth::Address owner() { return must(eth::Address::from_hex(kOwner)); }
eth::Address contract() { return must(eth::Address::from_hex(kContract)); }

// What each kind's writer signs, for the names used below.
using Message = Hash256 (*)(std::string_view value);
Hash256 web3(std::string_view value) { return poco::web3_secret_message(contract(), value); }
Hash256 web2(std::string_view value) { return poco::web2_secret_message(owner(), "my-Name", value); }
Hash256 app(std::string_view value) { return poco::app_secret_message(contract(), value); }
Hash256 requester(std::string_view value) { return poco::requester_secret_message(owner(), "my-Key_1", value); }
Hash256 web3_cut(std::string_view value) { return web3(value.substr(1, value.size() - 2)); }
Hash256 dotted(std::string_view value) { return poco::requester_secret_message(owner(), "a.b", value); }

constexpr std::string_view kWeb3 = "/secrets/web3?secretAddress=0x00000000000000000000000000000000000000AA";
constexpr std::string_view kWeb2 =
    "/secrets/web2?ownerAddress=0x7bd4783FDCAD405A28052a0d1f11236A741da593&secretName=my-Name";
constexpr std::string_view kApp = "/apps/0x00000000000000000000000000000000000000AA/secrets";
constexpr std::string_view kRequester = "/requesters/0x7bd4783FDCAD405A28052a0d1f11236A741da593/secrets/my-Key_1";
constexpr std::string_view kDotted = "/requesters/0x7bd4783FDCAD405A28052a0d1f11236A741da593/secrets/a.b";

enum class By : unsigned char { nobody, owner, stranger };

struct Row {
    const char* name;
    bool is_set;  ///< the four secrets are there already, with the value "old"
    const char* method;
    std::string target;
    std::string body;
    By by;
    Message message;
    int status;
    std::string answer;  ///< JSON; empty: no body, no content type
};

std::string errors(std::string_view message) { return R"({"error":[")" + std::string(message) + R"("]})"; }
const std::string kUnauthorized = errors("Invalid authorization");
const std::string kTooLarge = errors("Secret size should not exceed 4 Kb");
const std::string kExists = errors("Secret already exists");
const std::string kBadKey = errors("Secret key should contain at most 64 characters from [0-9A-Za-z-_]");
const std::string kNoAuthorization = errors("the Authorization header is missing");
const std::string kEmpty = errors("the body is empty");
const std::string kLargest(4096, 'x');
const std::string kLarger(4097, 'x');
const std::string kLargestInTwoBytes = [] {
    std::string out;
    for (int i = 0; i < 2048; ++i) out += "à";
    return out;
}();

class SecretAnswers : public testing::TestWithParam<Row> {
protected:
    SecretAnswers() : world(kNow, trust())
    {
        world.chain.owners.insert_or_assign(contract(), wallet.address());
        if (!GetParam().is_set) return;
        for (const auto& [target, message] :
             {std::pair<std::string_view, Message>{kWeb3, web3}, {kWeb2, web2}, {kApp, app}, {kRequester, requester}})
            EXPECT_EQ(
                world.send("POST", std::string(target), "old", {{"Authorization", sign(wallet, message("old"))}}).status,
                204);
    }

public:
    static const wire::NetworkTrust& trust()
    {
        static const wire::NetworkTrust value = [] {
            const auto authority = must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
            return wire::NetworkTrust{
                {test::filled<Hash384>(1)}, test::filled<eth::Address>(1), authority.root.to_pem(), false, "/nonexistent"};
        }();
        return value;
    }

protected:
    static std::string sign(const eth::Wallet& by, const Hash256& message) { return by.sign_personal(message).hex(); }

    net::HeaderMap headers() const
    {
        net::HeaderMap out{{"Content-Type", "text/plain"}, {"Origin", "https://app.example"}};
        const Row& row = GetParam();
        if (row.by == By::owner) out.set("Authorization", sign(wallet, row.message(row.body)));
        if (row.by == By::stranger) out.set("Authorization", sign(eth::Wallet::generate(), row.message(row.body)));
        return out;
    }

    const eth::Wallet wallet = must(eth::Wallet::from_private_key_hex(kOwnerKey));
    test::World world;
};

TEST_P(SecretAnswers, AreWhatTheClientsKnow)
{
    const Row& row = GetParam();
    const net::Response answer = world.send(row.method, row.target, row.body, headers());
    EXPECT_EQ(answer.status, row.status);
    EXPECT_EQ(answer.body, std::string_view(row.method) == "HEAD" ? "" : row.answer);
    EXPECT_EQ(answer.headers.find("Content-Type").value_or(""), row.answer.empty() ? "" : "application/json");
    EXPECT_EQ(answer.headers.find("Access-Control-Allow-Origin"), "*");
}

/// The address in lower case; the names before it stay.
std::string lower(std::string_view text)
{
    std::string out(text);
    for (std::size_t i = out.find("0x"); i < out.size(); ++i)
        if (out[i] >= 'A' && out[i] <= 'F') out[i] = static_cast<char>(out[i] + 32);
    return out;
}

INSTANTIATE_TEST_SUITE_P(
    Web3, SecretAnswers,
    testing::Values(
        Row{"probe_absent", false, "HEAD", std::string(kWeb3), "", By::nobody, web3, 404, ""},
        Row{"probe_present", true, "HEAD", std::string(kWeb3), "", By::nobody, web3, 204, ""},
        Row{"probe_in_lower_case", true, "HEAD", lower(kWeb3), "", By::nobody, web3, 204, ""},
        Row{"probe_without_address", true, "HEAD", "/secrets/web3", "", By::nobody, web3, 400, ""},
        Row{"probe_of_no_address", true, "HEAD", "/secrets/web3?secretAddress=me.eth", "", By::nobody, web3, 400, ""},
        Row{"first", false, "POST", std::string(kWeb3), "value", By::owner, web3, 204, ""},
        Row{"first_in_lower_case", false, "POST", lower(kWeb3), "value", By::owner, web3, 204, ""},
        Row{"largest", false, "POST", std::string(kWeb3), kLargest, By::owner, web3, 204, ""},
        Row{"largest_in_two_bytes", false, "POST", std::string(kWeb3), kLargestInTwoBytes, By::owner, web3, 204, ""},
        Row{"too_large", false, "POST", std::string(kWeb3), kLarger, By::owner, web3, 413, ""},
        Row{"much_too_large", false, "POST", std::string(kWeb3), std::string(200'000, 'x'), By::owner, web3, 413, ""},
        Row{"too_large_of_a_stranger", false, "POST", std::string(kWeb3), kLarger, By::stranger, web3, 401, ""},
        Row{"too_large_again", true, "POST", std::string(kWeb3), kLarger, By::owner, web3, 413, ""},
        Row{"again", true, "POST", std::string(kWeb3), "new", By::owner, web3, 409, ""},
        Row{"same_again", true, "POST", std::string(kWeb3), "old", By::owner, web3, 409, ""},
        Row{"again_by_a_stranger", true, "POST", std::string(kWeb3), "new", By::stranger, web3, 401, ""},
        Row{"of_no_contract", false, "POST", "/secrets/web3?secretAddress=" + std::string(kOwner), "value", By::owner, web3,
            401, ""},
        Row{"with_spaces_around", false, "POST", std::string(kWeb3), " value\n", By::owner, web3, 204, ""},
        Row{"signed_without_its_spaces", false, "POST", std::string(kWeb3), " value\n", By::owner, web3_cut, 401, ""},
        Row{"a_json_text", false, "POST", std::string(kWeb3), "\"value\"", By::owner, web3, 204, ""},
        Row{"signed_as_the_text_in_json", false, "POST", std::string(kWeb3), "\"value\"", By::owner, web3_cut, 401, ""},
        Row{"signed_as_an_app_secret", false, "POST", std::string(kWeb3), "value", By::owner, app, 401, ""},
        Row{"unsigned", false, "POST", std::string(kWeb3), "value", By::nobody, web3, 400, kNoAuthorization},
        Row{"empty", false, "POST", std::string(kWeb3), "", By::owner, web3, 400, kEmpty},
        Row{"not_utf8", false, "POST", std::string(kWeb3), "\xff", By::owner, web3, 400, errors("the body is not UTF-8")},
        Row{"without_address", false, "POST", "/secrets/web3", "value", By::owner, web3, 400,
            errors("secretAddress is not an address")}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Web2, SecretAnswers,
    testing::Values(
        Row{"probe_absent", false, "HEAD", std::string(kWeb2), "", By::nobody, web2, 404, ""},
        Row{"probe_present", true, "HEAD", std::string(kWeb2), "", By::nobody, web2, 204, ""},
        Row{"probe_in_another_case", true, "HEAD", "/secrets/web2?secretName=MY-name&ownerAddress=" + lower(kOwner), "",
            By::nobody, web2, 204, ""},
        Row{"probe_without_name", true, "HEAD", "/secrets/web2?ownerAddress=" + std::string(kOwner), "", By::nobody, web2,
            400, ""},
        Row{"probe_without_owner", true, "HEAD", "/secrets/web2?secretName=my-Name", "", By::nobody, web2, 400, ""},
        Row{"first", false, "POST", std::string(kWeb2), "value", By::owner, web2, 204, ""},
        Row{"largest", false, "POST", std::string(kWeb2), kLargest, By::owner, web2, 204, ""},
        Row{"too_large", false, "POST", std::string(kWeb2), kLarger, By::owner, web2, 413, ""},
        Row{"again", true, "POST", std::string(kWeb2), "new", By::owner, web2, 409, ""},
        Row{"by_a_stranger", false, "POST", std::string(kWeb2), "value", By::stranger, web2, 401, ""},
        Row{"name_signed_in_another_case", false, "POST",
            "/secrets/web2?ownerAddress=" + std::string(kOwner) + "&secretName=MY-NAME", "value", By::owner, web2, 401, ""},
        Row{"update_of_nothing", false, "PUT", std::string(kWeb2), "value", By::owner, web2, 404, ""},
        Row{"update", true, "PUT", std::string(kWeb2), "new", By::owner, web2, 204, ""},
        Row{"update_with_the_same", true, "PUT", std::string(kWeb2), "old", By::owner, web2, 204, ""},
        Row{"update_too_large", true, "PUT", std::string(kWeb2), kLarger, By::owner, web2, 413, ""},
        Row{"update_by_a_stranger", true, "PUT", std::string(kWeb2), "new", By::stranger, web2, 401, ""},
        Row{"unsigned", false, "POST", std::string(kWeb2), "value", By::nobody, web2, 400, kNoAuthorization},
        Row{"unsigned_update", true, "PUT", std::string(kWeb2), "new", By::nobody, web2, 400, kNoAuthorization},
        Row{"empty", false, "POST", std::string(kWeb2), "", By::owner, web2, 400, kEmpty},
        Row{"empty_update", true, "PUT", std::string(kWeb2), "", By::owner, web2, 400, kEmpty},
        Row{"without_name", false, "POST", "/secrets/web2?ownerAddress=" + std::string(kOwner), "value", By::owner, web2,
            400, errors("ownerAddress or secretName is missing")}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    App, SecretAnswers,
    testing::Values(
        Row{"probe_absent", false, "HEAD", std::string(kApp), "", By::nobody, app, 404, "-"},
        Row{"probe_present", true, "HEAD", std::string(kApp), "", By::nobody, app, 204, ""},
        Row{"probe_of_no_address", true, "HEAD", "/apps/me/secrets", "", By::nobody, app, 400, ""},
        Row{"first", false, "POST", std::string(kApp), "value", By::owner, app, 204, ""},
        Row{"first_in_lower_case", false, "POST", lower(kApp), "value", By::owner, app, 204, ""},
        Row{"largest", false, "POST", std::string(kApp), kLargest, By::owner, app, 204, ""},
        Row{"too_large", false, "POST", std::string(kApp), kLarger, By::owner, app, 413, kTooLarge},
        Row{"again", true, "POST", std::string(kApp), "new", By::owner, app, 409, kExists},
        Row{"by_a_stranger", false, "POST", std::string(kApp), "value", By::stranger, app, 401, kUnauthorized},
        Row{"signed_as_a_web3_secret", false, "POST", std::string(kApp), "value", By::owner, web3, 401, kUnauthorized},
        Row{"unsigned", false, "POST", std::string(kApp), "value", By::nobody, app, 400, kNoAuthorization},
        Row{"empty", false, "POST", std::string(kApp), "", By::owner, app, 400, kEmpty},
        Row{"of_no_address", false, "POST", "/apps/me/secrets", "value", By::owner, app, 400, errors("not an app address")}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Requester, SecretAnswers,
    testing::Values(
        Row{"probe_absent", false, "HEAD", std::string(kRequester), "", By::nobody, requester, 404, "-"},
        Row{"probe_present", true, "HEAD", std::string(kRequester), "", By::nobody, requester, 204, ""},
        Row{"probe_in_another_case", true, "HEAD", "/requesters/" + std::string(kOwner) + "/secrets/my-key_1", "",
            By::nobody, requester, 404, "-"},
        Row{"probe_of_a_bad_key", true, "HEAD", std::string(kDotted), "", By::nobody, requester, 400, ""},
        Row{"probe_of_a_long_key", true, "HEAD", "/requesters/" + std::string(kOwner) + "/secrets/" + std::string(65, 'k'),
            "", By::nobody, requester, 400, ""},
        Row{"first", false, "POST", std::string(kRequester), "value", By::owner, requester, 204, ""},
        Row{"largest", false, "POST", std::string(kRequester), kLargest, By::owner, requester, 204, ""},
        Row{"too_large", false, "POST", std::string(kRequester), kLarger, By::owner, requester, 400, kTooLarge},
        Row{"much_too_large", false, "POST", std::string(kRequester), std::string(200'000, 'x'), By::owner, requester, 400,
            kTooLarge},
        Row{"again", true, "POST", std::string(kRequester), "new", By::owner, requester, 409, kExists},
        Row{"by_a_stranger", false, "POST", std::string(kRequester), "value", By::stranger, requester, 401, kUnauthorized},
        Row{"bad_key", false, "POST", std::string(kDotted), "value", By::owner, dotted, 400, kBadKey},
        Row{"bad_key_by_a_stranger", false, "POST", std::string(kDotted), "value", By::stranger, dotted, 401, kUnauthorized},
        Row{"bad_key_and_too_large", false, "POST", std::string(kDotted), kLarger, By::owner, dotted, 400, kBadKey},
        Row{"unsigned", false, "POST", std::string(kRequester), "value", By::nobody, requester, 400, kNoAuthorization},
        Row{"empty", false, "POST", std::string(kRequester), "", By::owner, requester, 400, kEmpty},
        Row{"of_no_address", false, "POST", "/requesters/me/secrets/my-Key_1", "value", By::owner, requester, 400,
            errors("not a requester address")}),
    [](const auto& test) { return std::string(test.param.name); });

// ---- what a table cannot say ---------------------------------------------------------------------------------------

class SecretWrites : public testing::Test {
protected:
    SecretWrites() { world.chain.owners.insert_or_assign(contract(), wallet.address()); }

    net::Response post(std::string_view target, const std::string& value, const std::string& authorization,
                       net::HeaderMap headers = {})
    {
        headers.set("Authorization", authorization);
        return world.send("POST", std::string(target), value, std::move(headers));
    }

    const eth::Wallet wallet = must(eth::Wallet::from_private_key_hex(kOwnerKey));
    test::World world{kNow, SecretAnswers::trust()};
};

TEST_F(SecretWrites, AreBytesWhateverTheirTypeSays)
{
    const std::string value = R"({"a":"vàlue"})";
    for (const char* type : {"application/json", "text/plain; charset=iso-8859-1", "application/x-www-form-urlencoded"}) {
        const eth::Wallet someone = eth::Wallet::generate();
        const auto answer =
            post("/requesters/" + someone.address().hex() + "/secrets/key", value,
                 someone.sign_personal(poco::requester_secret_message(someone.address(), "key", value)).hex(),
                 {{"Content-Type", type}});
        EXPECT_EQ(answer.status, 204) << type;
    }
}

TEST_F(SecretWrites, AreSignedOverTheBytesOfTheChallengeNotOverItsText)
{
    const std::string challenge = web3("value").hex(), prefix =
                                                           "\x19"
                                                           "Ethereum Signed Message:\n66";
    const auto over_text = wallet.sign(crypto::keccak256(as_bytes(prefix + challenge)));
    EXPECT_EQ(post(kWeb3, "value", over_text.hex()).status, 401);
    EXPECT_EQ(post(kWeb3, "value", wallet.sign(web3("value")).hex()).status, 401) << "without the prefix";
    EXPECT_EQ(post(kWeb3, "value", wallet.sign_personal(web3("value")).hex()).status, 204);
}

TEST_F(SecretWrites, OfAFormerOwnerStay)
{
    const eth::Wallet buyer = eth::Wallet::generate();
    for (const auto& [target, message] : {std::pair<std::string_view, Message>{kWeb3, web3}, {kApp, app}}) {
        world.chain.owners.insert_or_assign(contract(), wallet.address());
        EXPECT_EQ(post(target, "old", wallet.sign_personal(message("old")).hex()).status, 204);
        world.chain.owners.insert_or_assign(contract(), buyer.address());
        EXPECT_EQ(post(target, "new", buyer.sign_personal(message("new")).hex()).status, 409) << target;
        EXPECT_EQ(post(target, "new", wallet.sign_personal(message("new")).hex()).status, 401) << target;
    }
}

TEST_F(SecretWrites, TakeKeysAsTheClientsMakeThem)
{
    for (const std::string& key : {"0x" + std::string(32, 'a'), std::string("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
                                   std::string("_"), std::string(64, 'k')}) {
        const auto message = poco::requester_secret_message(owner(), key, "value");
        const std::string target = "/requesters/" + std::string(kOwner) + "/secrets/" + key;
        EXPECT_EQ(post(target, "value", wallet.sign_personal(message).hex()).status, 204) << key;
        EXPECT_EQ(world.send("HEAD", target).status, 204) << key;
    }
}

// ---- signatures the npm client made ------------------------------------------------------------------------------

struct Recorded {
    const char* name;
    std::string target;
    std::string value;
    std::string authorization;
};
class RecordedWrites : public testing::TestWithParam<Recorded> {};

TEST_P(RecordedWrites, AreTakenOnce)
{
    test::World world(
        kNow, wire::NetworkTrust{{test::filled<Hash384>(1)},
                                 test::filled<eth::Address>(1),
                                 must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow))).root.to_pem(),
                                 false,
                                 "/nonexistent"});
    world.chain.owners.insert_or_assign(contract(), owner());
    const auto post = [&](const std::string& value) {
        return world
            .send("POST", GetParam().target, value,
                  {{"Content-Type", "text/plain"}, {"Authorization", GetParam().authorization}})
            .status;
    };
    EXPECT_EQ(post(GetParam().value + "\n"), 401) << "exactly the bytes that were signed";
    EXPECT_EQ(post(GetParam().value), 204);
    EXPECT_EQ(post(GetParam().value), 409);
    EXPECT_EQ(world.send("HEAD", GetParam().target).status, 204);
}
INSTANTIATE_TEST_SUITE_P(
    Npm, RecordedWrites,
    testing::Values(
        Recorded{
            "web3", std::string(kWeb3), "SECRETvalue==",
            "0xd0a03b9250b7e3a6763762939fd281dd26f94197e8d1ee0ed4f630089ee3badc43b5d1d343a2927819cd9c604a6a62610faff15a9"
            "dc2d63eb087a8c37445643b1c"},
        Recorded{"web2",
                 "/secrets/web2?ownerAddress=" + std::string(kOwner) + "&secretName=iexec-result-encryption-public-key",
                 "vàlue",
                 "0x05ca0183f03a33eb15bf3704ff82dfb0c423371005729101e02f4f058b0f74cd6d803edeb244ead7077ff39cd376d6dbd5cea872"
                 "b62b444ef426c2aee031fb0d1c"},
        Recorded{"app", std::string(kApp), "app secret",
                 "0x18748fe9824b8cda975e41364a16fe9580b8d7eafd083133a9afafe7f140aa5252f8e7dfdc950e21f6dc149ffea74660ca3c65aa"
                 "4d1fcf01d57fc5c5fc4b4c2b1b"},
        Recorded{"requester", "/requesters/" + std::string(kOwner) + "/secrets/my-Secret_1", "requester secret",
                 "0x8d7855fb573d9c2125ec723a59f39c99adda6ddb041aa812e4e3fb6b8d1c8beb1c6effc7639098f74097acafcbd9ff238b9ee08b"
                 "f835e0afc2e73c3043dc0e8a1c"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::sms
