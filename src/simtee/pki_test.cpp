#include "simtee/pki.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "attest/run.hpp"
#include "crypto/x509.hpp"
#include "simtee/server.hpp"

namespace iapp::simtee {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

class Pki : public testing::Test {
protected:
    Pki()
    {
        std::string name = (fs::temp_directory_path() / "iapp-pki-XXXXXX").string();
        root_ = ::mkdtemp(name.data());
        dir_ = root_ / "pki";
    }
    ~Pki() override { fs::remove_all(root_); }

    std::string load(const char* name) const
    {
        std::ifstream in(dir_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    Result<attest::VerifiedQuote> verify(const Bytes& quote, UnixSeconds at) const
    {
        attest::CheckLog checks;
        return attest::verify_intel({attest::EvidenceKind::tdx, quote}, *attest::parse_collateral(load("collateral.json")),
                                    *attest::TrustAnchor::from_pem(load("root.pem")), at, checks);
    }

    fs::path root_, dir_;
};

Bytes quote_of(const Platform& platform)
{
    const Hash384 zero = Hash384::zero();
    return platform.quote(measure(as_bytes("agent")), {zero, zero, zero, zero}, attest::ReportData::zero());
}

TEST_F(Pki, MakesQuotesThatTheVerifierAccepts)
{
    ASSERT_TRUE(create_pki(dir_, kNow).has_value());
    const auto platform = Platform::load(dir_);
    ASSERT_TRUE(platform.has_value());
    const auto verified = verify(quote_of(*platform), kNow);
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_TRUE(verified->simulated());
    EXPECT_EQ(verified->td()->mr_td, crypto::sha384(as_bytes("agent")));
}

TEST_F(Pki, KeepsKeysToItself)
{
    ASSERT_TRUE(create_pki(dir_, kNow).has_value());
    EXPECT_EQ(fs::status(dir_).permissions(), fs::perms::owner_all);
    std::size_t keys = 0;
    for (const auto& entry : fs::directory_iterator(dir_)) {
        if (!entry.path().filename().string().ends_with(".key.pem")) continue;
        ++keys;
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write) << entry.path();
    }
    EXPECT_EQ(keys, 5U);
}

TEST_F(Pki, SaysThatItIsNotHardware)
{
    ASSERT_TRUE(create_pki(dir_, kNow).has_value());
    EXPECT_EQ(crypto::Certificate::from_pem(load("root.pem"))->subject_cn(), "IAPP SIMULATED ROOT - NOT HARDWARE");
    EXPECT_FALSE(attest::TrustAnchor::from_pem(load("root.pem"))->hardware());
}

TEST_F(Pki, IsNotOverwritten)
{
    ASSERT_TRUE(create_pki(dir_, kNow).has_value());
    EXPECT_EQ(create_pki(dir_, kNow).error().reason, "simtee.exists");
}

TEST_F(Pki, ReissuesCollateralInTheSecondHalfOfItsWindowOnly)
{
    ASSERT_TRUE(ensure_pki(dir_, kNow).has_value());
    const std::string root = load("root.pem"), first = load("collateral.json");
    ASSERT_TRUE(ensure_pki(dir_, kNow + days(14)).has_value());
    EXPECT_EQ(load("collateral.json"), first);

    const UnixSeconds later = kNow + days(200);
    const auto platform = Platform::load(dir_);
    EXPECT_EQ(verify(quote_of(*platform), later).error().reason, "attest.collateral_expired");
    ASSERT_TRUE(ensure_pki(dir_, later).has_value());
    EXPECT_NE(load("collateral.json"), first);
    EXPECT_EQ(load("root.pem"), root);
    EXPECT_TRUE(verify(quote_of(*platform), later).has_value());
}

TEST_F(Pki, ReissuesCollateralThatIsGoneOrFromTheFuture)
{
    ASSERT_TRUE(ensure_pki(dir_, kNow).has_value());
    const auto platform = Platform::load(dir_);
    fs::remove(dir_ / "collateral.json");
    ASSERT_TRUE(ensure_pki(dir_, kNow).has_value());
    EXPECT_TRUE(verify(quote_of(*platform), kNow).has_value());
    ASSERT_TRUE(ensure_pki(dir_, kNow - std::chrono::hours(5)).has_value());
    EXPECT_TRUE(verify(quote_of(*platform), kNow - std::chrono::hours(5)).has_value());
}

TEST_F(Pki, NamesADamagedFile)
{
    ASSERT_TRUE(create_pki(dir_, kNow).has_value());
    std::ofstream(dir_ / "pck.key.pem", std::ios::trunc) << "not a key";
    const auto platform = Platform::load(dir_);
    EXPECT_EQ(platform.error().reason, "simtee.pki");
    EXPECT_NE(platform.error().detail.find("pck.key.pem"), std::string::npos);
    EXPECT_EQ(Platform::load(root_ / "nothing").error().reason, "simtee.io");
}

class Requests : public Pki {
protected:
    Requests()
    {
        EXPECT_TRUE(create_pki(dir_, kNow).has_value());
        platform_ = std::make_unique<Platform>(*Platform::load(dir_));
        session_ = std::make_unique<Session>(*platform_, measure(as_bytes("agent")));
    }

    static Bytes extend(std::uint8_t index)
    {
        Bytes out{'E', index};
        out.resize(50, 0x11);
        return out;
    }
    static Bytes quote()
    {
        Bytes out{'Q'};
        out.resize(65, 0x22);
        return out;
    }

    std::unique_ptr<Platform> platform_;
    std::unique_ptr<Session> session_;
};

TEST_F(Requests, ExtendTheRegisterThatTheNextQuoteShows)
{
    EXPECT_EQ(session_->answer(extend(3)), Bytes{'k'});
    EXPECT_EQ(session_->answer(extend(2)), Bytes{'k'});
    EXPECT_EQ(session_->answer(extend(3)), Bytes{'k'});
    const Bytes reply = session_->answer(quote());
    ASSERT_EQ(reply[0], 'q');
    const auto verified = verify(Bytes(reply.begin() + 1, reply.end()), kNow);
    const attest::TdBody& body = *verified->td();
    Bytes digest(48, 0x11);
    const Hash384 once = attest::extend(Hash384::zero(), *Hash384::from_bytes(digest));
    EXPECT_EQ(body.rtmr[2], once);
    EXPECT_EQ(body.rtmr[3], attest::extend(once, *Hash384::from_bytes(digest)));
    EXPECT_TRUE(body.rtmr[0].is_zero() && body.rtmr[1].is_zero());
    EXPECT_EQ(body.report_data.bytes()[63], 0x22);
}

TEST_F(Requests, RefuseEverythingElse)
{
    Bytes long_extend = extend(3), short_quote = quote();
    long_extend.push_back(0);
    short_quote.pop_back();
    for (const Bytes& request : {Bytes{}, Bytes{'E'}, Bytes{'Q'}, Bytes{'Z'}, extend(0), extend(1), extend(4), extend(255),
                                 long_extend, short_quote, Bytes(128, 'Q')})
        EXPECT_EQ(session_->answer(request)[0], 'x');
}

}  // namespace
}  // namespace iapp::simtee
