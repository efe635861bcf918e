#include "seal/age.hpp"

#include "seal/internal/age_header.hpp"
#include "seal/internal/test_support.hpp"

namespace iapp::seal {
namespace {

using namespace test;

crypto::SecretBytes secret_text(std::string_view text) { return crypto::SecretBytes::copy_of(as_bytes(text)); }

const std::string kIdentityText = "AGE-SECRET-KEY-185ZELA9CPC64P9P2FZ20EDU3LUSX730ZMCVZ08SAXPEGA3W68L2SJKWYCS";
constexpr std::string_view kRecipientText = "age1kzdky6xh2ycdhm5nlcrgtggscslwrz28ag506sna64whuvsfrd0qdvz09p";

AgeIdentity identity()
{
    auto parsed = AgeIdentity::parse(secret_text(kIdentityText));
    EXPECT_TRUE(parsed);
    return std::move(*parsed);
}

TEST(Age, KeysKeepTheirText)
{
    EXPECT_EQ(identity().recipient().text(), kRecipientText);
    EXPECT_EQ(as_text(identity().text().reveal(crypto::SecretAccess{})), kIdentityText);
    EXPECT_TRUE(AgeIdentity::parse(secret_text("# created: now\n# public key: age1\n\n" + kIdentityText + "\r\n")));
    const AgeIdentity fresh = AgeIdentity::generate();
    EXPECT_EQ(AgeIdentity::parse(fresh.text())->recipient().text(), fresh.recipient().text());
}

struct KeyCase {
    const char* name;
    std::string text;
};
class AgeIdentityRefuses : public testing::TestWithParam<KeyCase> {};
TEST_P(AgeIdentityRefuses, OtherTexts)
{
    EXPECT_EQ(AgeIdentity::parse(secret_text(GetParam().text)).error().reason, "seal.age_identity");
}
INSTANTIATE_TEST_SUITE_P(
    Seal, AgeIdentityRefuses,
    testing::Values(KeyCase{"empty", ""}, KeyCase{"only_comment", "# x\n"},
                    KeyCase{"two", kIdentityText + "\n" + kIdentityText},
                    KeyCase{"lower_case", "age-secret-key-185zela9cpc64p9p2fz20edu3lusx730zmcvz08saxpega3w68l2sjkwycs"},
                    KeyCase{"mistyped", kIdentityText.substr(0, kIdentityText.size() - 1) + "Q"},
                    KeyCase{"a_recipient", std::string(kRecipientText)}, KeyCase{"text_behind", kIdentityText + " x"}),
    [](const auto& test) { return std::string(test.param.name); });

class AgeRecipientRefuses : public testing::TestWithParam<KeyCase> {};
TEST_P(AgeRecipientRefuses, OtherTexts)
{
    EXPECT_EQ(AgeRecipient::parse(GetParam().text).error().reason, "seal.age_recipient");
}
INSTANTIATE_TEST_SUITE_P(Seal, AgeRecipientRefuses,
                         testing::Values(KeyCase{"empty", ""}, KeyCase{"identity", kIdentityText},
                                         KeyCase{"cut", std::string(kRecipientText.substr(0, 61))},
                                         KeyCase{"upper_case",
                                                 "AGE1KZDKY6XH2YCDHM5NLCRGTGGSCSLWRZ28AG506SNA64WHUVSFRD0QDVZ09P"},
                                         KeyCase{"too_few_bytes", "age1qpu0j2ex"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Age, OpensWhatDebiansAgeWrote)
{
    const Bytes sealed = worked_example("docs/formats/result.md", "age");
    Bytes out;
    const Status status = open_age(codec::byte_source(sealed), identity(), into(out));
    ASSERT_TRUE(status) << status.error().reason;
    EXPECT_EQ(to_text(out), kExampleText);
}

Bytes sealed_for(const std::vector<AgeRecipient>& recipients, ByteView plaintext)
{
    Bytes sealed;
    EXPECT_TRUE(seal_age(codec::byte_source(plaintext), recipients, into(sealed)));
    return sealed;
}

class AgeSize : public testing::TestWithParam<std::size_t> {};
TEST_P(AgeSize, RoundTrips)
{
    const Bytes plaintext = pattern(GetParam());
    const Bytes sealed = sealed_for({identity().recipient()}, plaintext);
    Bytes out;
    ASSERT_TRUE(open_age(codec::byte_source(sealed), identity(), into(out)));
    EXPECT_EQ(out, plaintext);
}
INSTANTIATE_TEST_SUITE_P(Seal, AgeSize, testing::Values(0, 1, 65'535, 65'536, 65'537, 131'072, 300'000));

TEST(Age, EveryRecipientOpensAndNobodyElse)
{
    const AgeIdentity other = AgeIdentity::generate();
    const Bytes sealed = sealed_for({other.recipient(), identity().recipient()}, as_bytes("for two"));
    for (const AgeIdentity* who : {&other}) {
        Bytes out;
        EXPECT_TRUE(open_age(codec::byte_source(sealed), *who, into(out)));
        EXPECT_EQ(to_text(out), "for two");
    }
    EXPECT_TRUE(open_age(codec::byte_source(sealed), identity(), nowhere()));
    EXPECT_EQ(open_age(codec::byte_source(sealed), AgeIdentity::generate(), nowhere()).error().reason,
              "seal.age_not_for_us");
}

TEST(Age, BadRecipientsAreRefused)
{
    EXPECT_EQ(seal_age(codec::byte_source(ByteView{}), {}, nowhere()).error().reason, "seal.age_no_recipient");
    EXPECT_EQ(
        seal_age(codec::byte_source(ByteView{}), {AgeRecipient(crypto::X25519PublicKey::zero())}, nowhere()).error().reason,
        "seal.age_recipient");
}

/// A file as header text and payload, so that a test can bend one of them.
struct Parts {
    std::string header;
    Bytes payload;
};
Parts parts_of(ByteView plaintext)
{
    const Bytes sealed = sealed_for({identity().recipient()}, plaintext);
    const std::string text = to_text(sealed);
    const std::size_t mac = text.find("\n--- ") + 1;
    const std::size_t end = text.find('\n', mac) + 1;
    return {text.substr(0, end), Bytes(sealed.begin() + static_cast<std::ptrdiff_t>(end), sealed.end())};
}
void replace(std::string& text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, from.size(), to);
}

/// Another letter of the base64 alphabet, so that the text still decodes and only its value is wrong.
void change_letter(char& letter) { letter = letter == 'A' ? 'B' : 'A'; }

struct Case {
    const char* name;
    void (*bend)(Parts&);
    std::string_view reason;
};
class OpenAge : public testing::TestWithParam<Case> {};
TEST_P(OpenAge, AnswersWithTheCheckThatFailed)
{
    Parts parts = parts_of(pattern(65'536 + 100));
    GetParam().bend(parts);
    Bytes sealed = to_bytes(parts.header);
    append(sealed, parts.payload);
    const Status status = open_age(codec::byte_source(sealed), identity(), nowhere());
    EXPECT_EQ(status ? "" : status.error().reason, GetParam().reason);
}
const std::string kGrease = "-> joe-grease x !y\n\n";
INSTANTIATE_TEST_SUITE_P(
    Seal, OpenAge,
    testing::Values(
        Case{"good", [](Parts&) {}, ""},
        Case{"version", [](Parts& p) { replace(p.header, "/v1", "/v2"); }, "seal.age_header"},
        Case{"carriage_return", [](Parts& p) { replace(p.header, "/v1\n", "/v1\r\n"); }, "seal.age_header"},
        Case{"no_stanza", [](Parts& p) { p.header = "age-encryption.org/v1\n" + p.header.substr(p.header.find("---")); },
             "seal.age_header"},
        Case{"stanza_added_later", [](Parts& p) { p.header.insert(p.header.find("->"), kGrease); }, "seal.age_mac"},
        Case{"two_spaces", [](Parts& p) { replace(p.header, "X25519 ", "X25519  "); }, "seal.age_header"},
        Case{"no_type", [](Parts& p) { replace(p.header, "-> X25519", "->"); }, "seal.age_not_for_us"},
        Case{"share_too_short", [](Parts& p) { p.header.erase(p.header.find("X25519 ") + 7, 4); }, "seal.age_header"},
        Case{"second_share", [](Parts& p) { replace(p.header, "X25519 ", "X25519 AAAA "); }, "seal.age_header"},
        Case{"share_of_low_order",
             [](Parts& p) { p.header.replace(p.header.find("X25519 ") + 7, 43, std::string(43, 'A')); }, "seal.age_header"},
        Case{"share_changed", [](Parts& p) { change_letter(p.header[p.header.find("X25519 ") + 9]); },
             "seal.age_not_for_us"},
        Case{"other_type", [](Parts& p) { replace(p.header, "X25519", "X25518"); }, "seal.age_not_for_us"},
        Case{"body_padded", [](Parts& p) { p.header.insert(p.header.find("\n---"), "="); }, "seal.age_header"},
        Case{"body_too_long", [](Parts& p) { p.header.insert(p.header.find("\n---"), "AAAA"); }, "seal.age_header"},
        Case{"line_over_64", [](Parts& p) { p.header.insert(p.header.find("\n---"), std::string(24, 'A')); },
             "seal.age_header"},
        Case{"mac_changed", [](Parts& p) { change_letter(p.header[p.header.find("--- ") + 4]); }, "seal.age_mac"},
        Case{"mac_short", [](Parts& p) { p.header.erase(p.header.size() - 2, 1); }, "seal.age_header"},
        Case{"neither_stanza_nor_mac", [](Parts& p) { replace(p.header, "---", "+++"); }, "seal.age_header"},
        Case{"cut_in_header",
             [](Parts& p) {
                 p.header.resize(30);
                 p.payload.clear();
             },
             "seal.age_header"},
        Case{"too_many_stanzas",
             [](Parts& p) {
                 for (int i = 0; i < 64; ++i) p.header.insert(p.header.find("->"), kGrease);
             },
             "seal.age_header"},
        Case{"header_too_long",
             [](Parts& p) {
                 std::string body;
                 for (int i = 0; i < 1100; ++i) body += std::string(64, 'A') + "\n";
                 p.header.insert(p.header.find("->"), "-> x\n" + body + "\n");
             },
             "seal.age_header"},
        Case{"no_payload", [](Parts& p) { p.payload.clear(); }, "seal.age_end"},
        Case{"nonce_only", [](Parts& p) { p.payload.resize(16); }, "seal.age_end"},
        Case{"nonce_changed", [](Parts& p) { p.payload[0] ^= 1; }, "seal.age_chunk"},
        Case{"cut_at_a_chunk", [](Parts& p) { p.payload.resize(16 + 65'552); }, "seal.age_chunk"},
        Case{"cut_by_a_byte", [](Parts& p) { p.payload.pop_back(); }, "seal.age_chunk"},
        Case{"one_byte_more", [](Parts& p) { p.payload.push_back(0); }, "seal.age_chunk"},
        Case{"cut_to_a_tag", [](Parts& p) { p.payload.resize(16 + 65'552 + 16); }, "seal.age_end"},
        Case{"first_chunk_changed", [](Parts& p) { p.payload[16] ^= 1; }, "seal.age_chunk"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Age, OtherStanzasAreSkipped)
{
    const std::vector<age::Stanza> stanzas = {{{"x", "y"}, Bytes(48, 1)}, {{"z"}, {}}, {{"long"}, Bytes(100, 2)}};
    const Bytes text = to_bytes(age::print_stanzas(stanzas) + " " + age::unpadded(Bytes(32, 3)) + "\n");
    const codec::ByteSource source = codec::byte_source(text);
    age::Reader reader(source);
    const auto header = age::read_header(reader);
    ASSERT_TRUE(header) << header.error().detail;
    ASSERT_EQ(header->stanzas.size(), 3u);
    EXPECT_EQ(header->stanzas[0].body, Bytes(48, 1));
    EXPECT_EQ(header->stanzas[2].body, Bytes(100, 2));
    EXPECT_EQ(as_text(header->authenticated), age::print_stanzas(stanzas));
}

TEST(Age, FailuresOfSinkAndSourceComeBack)
{
    const std::vector<AgeRecipient> to{identity().recipient()};
    const Bytes plaintext = pattern(200'000);
    for (const int calls : {0, 1, 3})
        EXPECT_EQ(seal_age(codec::byte_source(plaintext), to, failing_after(calls)).error().reason, "test.full");
    EXPECT_EQ(seal_age(failing_source(100'000), to, nowhere()).error().reason, "test.source");
    EXPECT_EQ(open_age(codec::byte_source(sealed_for(to, plaintext)), identity(), failing_after(1)).error().reason,
              "test.full");
}

}  // namespace
}  // namespace iapp::seal
