#include "attest/pck.hpp"

#include <gtest/gtest.h>

#include "simtee/authority.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

Bytes sample() { return simtee::encode_sgx_extension(simtee::simulated_platform()); }

TEST(SgxExtension, ReadsEveryField)
{
    const SgxExtension wrote = simtee::simulated_platform();
    const auto read = parse_sgx_extension(sample());
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(read->ppid, wrote.ppid);
    EXPECT_EQ(read->components, wrote.components);
    EXPECT_EQ(read->pce_svn, wrote.pce_svn);
    EXPECT_EQ(read->cpu_svn, wrote.cpu_svn);
    EXPECT_EQ(read->pce_id, wrote.pce_id);
    EXPECT_EQ(read->fmspc, wrote.fmspc);
    EXPECT_EQ(read->type, wrote.type);
    EXPECT_EQ(read->platform_instance_id, wrote.platform_instance_id);
}

TEST(SgxExtension, ReadsNumbersThatNeedASignByte)
{
    SgxExtension wrote = simtee::simulated_platform();
    wrote.components[0] = 255;
    wrote.pce_svn = 0x8000;
    wrote.platform_instance_id.reset();
    const auto read = parse_sgx_extension(simtee::encode_sgx_extension(wrote));
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(read->components[0], 255);
    EXPECT_EQ(read->pce_svn, 0x8000);
    EXPECT_FALSE(read->platform_instance_id.has_value());
}

TEST(SgxExtension, RefusesEveryTruncationAndAnythingAfter)
{
    Bytes der = sample();
    for (std::size_t size = 0; size < der.size(); ++size) {
        ASSERT_EQ(parse_sgx_extension(ByteView(der).first(size)).error().reason, "attest.pck") << size;
        test::count_negative("attest.pck");
    }
    der.push_back(0);
    EXPECT_FALSE(parse_sgx_extension(der).has_value());
}

// A small DER writer of its own, so that a test can spell what the encoder never would.
Bytes tlv(std::uint8_t tag, const Bytes& value)
{
    Bytes out{tag, 0x82, static_cast<std::uint8_t>(value.size() >> 8), static_cast<std::uint8_t>(value.size())};
    if (value.size() < 0x80) out = {tag, static_cast<std::uint8_t>(value.size())};
    else if (value.size() < 0x100) out = {tag, 0x81, static_cast<std::uint8_t>(value.size())};
    append(out, value);
    return out;
}

Bytes field(const Bytes& last, const Bytes& value)
{
    Bytes oid{0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
    append(oid, last);
    Bytes pair = tlv(0x06, oid);
    append(pair, value);
    return tlv(0x30, pair);
}

/// The parts of an extension; tests change one and join them.
struct Parts {
    Bytes ppid = field({1}, tlv(0x04, Bytes(16)));
    std::vector<Bytes> tcb;
    Bytes pce_id = field({3}, tlv(0x04, Bytes(2)));
    Bytes fmspc = field({4}, tlv(0x04, Bytes(6)));
    Bytes type = field({5}, tlv(0x0a, {1}));
    Bytes more;

    Parts()
    {
        for (std::uint8_t i = 1; i <= 17; ++i) tcb.push_back(field({2, i}, tlv(0x02, {i})));
        tcb.push_back(field({2, 18}, tlv(0x04, Bytes(16))));
    }

    Bytes join() const
    {
        Bytes tcb_all, all = ppid;
        for (const Bytes& part : tcb) append(tcb_all, part);
        append(all, field({2}, tlv(0x30, tcb_all)));
        for (const Bytes* part : {&pce_id, &fmspc, &type, &more}) append(all, *part);
        return tlv(0x30, all);
    }
};

struct Case {
    const char* name;
    void (*bend)(Parts&);
};
class MalformedExtension : public testing::TestWithParam<Case> {};

TEST_P(MalformedExtension, IsRefused)
{
    Parts parts;
    ASSERT_TRUE(parse_sgx_extension(parts.join()).has_value());
    GetParam().bend(parts);
    const auto parsed = parse_sgx_extension(parts.join());
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().reason, "attest.pck");
    test::count_negative(parsed.error().reason);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Sgx, MalformedExtension, testing::Values(
    Case{"fmspc_twice",           [](Parts& p) { append(p.more, p.fmspc); }},
    Case{"no_fmspc",              [](Parts& p) { p.fmspc.clear(); }},
    Case{"fmspc_of_seven",        [](Parts& p) { p.fmspc = field({4}, tlv(0x04, Bytes(7))); }},
    Case{"fmspc_as_integer",      [](Parts& p) { p.fmspc = field({4}, tlv(0x02, Bytes{1, 2, 3, 4, 5, 6})); }},
    Case{"unknown_field",         [](Parts& p) { p.more = field({9}, tlv(0x04, {})); }},
    Case{"field_below_a_field",   [](Parts& p) { p.more = field({4, 1}, tlv(0x04, Bytes(6))); }},
    Case{"bytes_after_a_value",   [](Parts& p) { Bytes v = tlv(0x04, Bytes(2)); v.push_back(0); p.pce_id = field({3}, v); }},
    Case{"fifteen_components",    [](Parts& p) { p.tcb.erase(p.tcb.begin()); }},
    Case{"component_twice",       [](Parts& p) { p.tcb.push_back(p.tcb[0]); }},
    Case{"component_negative",    [](Parts& p) { p.tcb[0] = field({2, 1}, tlv(0x02, {0xff})); }},
    Case{"component_not_minimal", [](Parts& p) { p.tcb[0] = field({2, 1}, tlv(0x02, {0x00, 0x01})); }},
    Case{"component_above_255",   [](Parts& p) { p.tcb[0] = field({2, 1}, tlv(0x02, {0x01, 0x00})); }},
    Case{"component_empty",       [](Parts& p) { p.tcb[0] = field({2, 1}, tlv(0x02, {})); }},
    Case{"component_as_octets",   [](Parts& p) { p.tcb[0] = field({2, 1}, tlv(0x04, {1})); }},
    Case{"pce_svn_above_65535",   [](Parts& p) { p.tcb[16] = field({2, 17}, tlv(0x02, {0x01, 0x00, 0x00})); }},
    Case{"type_above_2",          [](Parts& p) { p.type = field({5}, tlv(0x0a, {3})); }},
    Case{"instance_of_15",        [](Parts& p) { p.more = field({6}, tlv(0x04, Bytes(15))); }},
    Case{"flag_not_boolean",      [](Parts& p) { p.more = field({7}, tlv(0x30, field({7, 1}, tlv(0x01, {0x01})))); }},
    Case{"indefinite_length",     [](Parts& p) { p.more = Bytes{0x30, 0x80, 0x00, 0x00}; }},
    Case{"long_form_short_value", [](Parts& p) { p.type = Bytes{0x30, 0x81, 0x0f}; append(p.type, ByteView(field({5}, tlv(0x0a, {1}))).subspan(2)); }},
    Case{"four_byte_length",      [](Parts& p) { p.more = Bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

}  // namespace
}  // namespace iapp::attest
