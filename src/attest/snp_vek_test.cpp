#include "attest/snp_vek.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using Extensions = std::vector<crypto::X509Extension>;

constexpr const char* kArc = "1.3.6.1.4.1.3704.1.";

Extensions good(SnpProduct product, VekKind kind)
{
    return simtee::encode_vek_extensions(simtee::vek_extensions(simtee::simulated_machine(product), kind));
}

Bytes& value(Extensions& extensions, const std::string& under_arc)
{
    const auto found = std::ranges::find(extensions, kArc + under_arc, &crypto::X509Extension::oid);
    if (found == extensions.end()) {
        extensions.push_back({kArc + under_arc, false, {}});
        return extensions.back().value;
    }
    return found->value;
}

void drop(Extensions& extensions, const std::string& under_arc)
{
    std::erase_if(extensions, [&](const auto& extension) { return extension.oid == kArc + under_arc; });
}

TEST(VekExtensions, ReadsEveryProductAndKind)
{
    for (const SnpProduct product : kSnpProducts)
        for (const VekKind kind : {VekKind::vcek, VekKind::vlek}) {
            const simtee::SnpMachine machine = simtee::simulated_machine(product);
            const VekExtensions read = parse_vek_extensions(good(product, kind), kind).value();
            EXPECT_EQ(read.product, product);
            EXPECT_EQ(read.tcb, machine.tcb);
            EXPECT_EQ(read.hardware_id.has_value(), kind == VekKind::vcek);
            EXPECT_EQ(read.csp_id.has_value(), kind == VekKind::vlek);
            EXPECT_EQ(read.struct_version, product == SnpProduct::turin ? 1 : 0);
        }
}

struct Case {
    const char* name;
    SnpProduct product;
    VekKind kind;
    bool good;
    void (*bend)(Extensions&);
};
class VekCase : public testing::TestWithParam<Case> {};

TEST_P(VekCase, FollowsTheRule)
{
    const Case& test = GetParam();
    Extensions extensions = good(test.product, test.kind);
    test.bend(extensions);
    const auto parsed = parse_vek_extensions(extensions, test.kind);
    EXPECT_EQ(parsed ? "" : parsed.error().reason, test.good ? "" : "attest.vek");
    if (!test.good) test::count_negative("attest.vek");
}

constexpr auto kMilan = SnpProduct::milan;
constexpr auto kTurin = SnpProduct::turin;
constexpr auto kVcek = VekKind::vcek;
constexpr auto kVlek = VekKind::vlek;

// clang-format off
INSTANTIATE_TEST_SUITE_P(Snp, VekCase, testing::Values(
    Case{"as_written",          kMilan, kVcek, true,  [](Extensions&) {}},
    Case{"no_version",          kMilan, kVcek, false, [](Extensions& e) { drop(e, "1"); }},
    Case{"no_product",          kMilan, kVcek, false, [](Extensions& e) { drop(e, "2"); }},
    Case{"no_boot_loader",      kMilan, kVcek, false, [](Extensions& e) { drop(e, "3.1"); }},
    Case{"no_tee",              kMilan, kVcek, false, [](Extensions& e) { drop(e, "3.2"); }},
    Case{"no_snp",              kMilan, kVcek, false, [](Extensions& e) { drop(e, "3.3"); }},
    Case{"no_microcode",        kMilan, kVcek, false, [](Extensions& e) { drop(e, "3.8"); }},
    Case{"no_fmc",              kTurin, kVcek, false, [](Extensions& e) { drop(e, "3.9"); }},
    Case{"no_reserved",         kMilan, kVcek, true,  [](Extensions& e) { for (const char* r : {"3.4", "3.5", "3.6", "3.7"}) drop(e, r); }},
    Case{"no_hardware_id",      kMilan, kVcek, false, [](Extensions& e) { drop(e, "4"); }},
    Case{"no_provider",         kMilan, kVlek, false, [](Extensions& e) { drop(e, "5"); }},
    Case{"vcek_with_provider",  kMilan, kVcek, false, [](Extensions& e) { value(e, "5") = {0x16, 0x01, 'x'}; }},
    Case{"vlek_with_chip",      kMilan, kVlek, false, [](Extensions& e) { value(e, "4") = Bytes(64); }},
    Case{"version_1",           kMilan, kVcek, true,  [](Extensions& e) { value(e, "1") = {0x02, 0x01, 0x01}; }},
    Case{"version_2",           kMilan, kVcek, false, [](Extensions& e) { value(e, "1") = {0x02, 0x01, 0x02}; }},
    Case{"version_text",        kMilan, kVcek, false, [](Extensions& e) { value(e, "1") = {0x16, 0x01, '0'}; }},
    Case{"product_stepping",    kMilan, kVcek, true,  [](Extensions& e) { value(e, "2") = {0x16, 0x08, 'M', 'i', 'l', 'a', 'n', '-', 'B', '0'}; }},
    Case{"product_lower_case",  kMilan, kVcek, false, [](Extensions& e) { value(e, "2")[2] = 'm'; }},
    Case{"product_longer",      kMilan, kVcek, false, [](Extensions& e) { value(e, "2") = {0x16, 0x06, 'M', 'i', 'l', 'a', 'n', 'o'}; }},
    Case{"product_utf8_string", kMilan, kVcek, false, [](Extensions& e) { value(e, "2")[0] = 0x0c; }},
    Case{"product_length_less", kMilan, kVcek, false, [](Extensions& e) { value(e, "2")[1] = 4; }},
    Case{"product_length_more", kMilan, kVcek, false, [](Extensions& e) { value(e, "2")[1] = 6; }},
    Case{"product_length_long", kMilan, kVcek, false, [](Extensions& e) { value(e, "2") = {0x16, 0x81, 0x05, 'M', 'i', 'l', 'a', 'n'}; }},
    Case{"product_empty",       kMilan, kVcek, false, [](Extensions& e) { value(e, "2") = {0x16, 0x00}; }},
    Case{"product_control",     kMilan, kVcek, false, [](Extensions& e) { value(e, "2") = {0x16, 0x07, 'M', 'i', 'l', 'a', 'n', '-', 0x0a}; }},
    Case{"value_127",           kMilan, kVcek, true,  [](Extensions& e) { value(e, "3.8") = {0x02, 0x01, 0x7f}; }},
    Case{"value_128",           kMilan, kVcek, true,  [](Extensions& e) { value(e, "3.8") = {0x02, 0x02, 0x00, 0x80}; }},
    Case{"value_256",           kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8") = {0x02, 0x02, 0x01, 0x00}; }},
    Case{"value_negative",      kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8") = {0x02, 0x01, 0x80}; }},
    Case{"value_padded",        kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8") = {0x02, 0x02, 0x00, 0x7f}; }},
    Case{"value_empty",         kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8") = {0x02, 0x00}; }},
    Case{"value_trailing",      kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8").push_back(0); }},
    Case{"value_long_length",   kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8") = {0x02, 0x81, 0x01, 0x05}; }},
    Case{"value_octets",        kMilan, kVcek, false, [](Extensions& e) { value(e, "3.8") = {0x04, 0x01, 0x05}; }},
    Case{"value_nothing",       kMilan, kVcek, false, [](Extensions& e) { value(e, "3.1").clear(); }},
    Case{"reserved_not_zero",   kMilan, kVcek, false, [](Extensions& e) { value(e, "3.5") = {0x02, 0x01, 0x01}; }},
    Case{"reserved_malformed",  kMilan, kVcek, false, [](Extensions& e) { value(e, "3.6") = {0x02, 0x00}; }},
    Case{"fmc_on_milan",        kMilan, kVcek, false, [](Extensions& e) { value(e, "3.9") = {0x02, 0x01, 0x01}; }},
    Case{"fmc_zero_on_milan",   kMilan, kVcek, true,  [](Extensions& e) { value(e, "3.9") = {0x02, 0x01, 0x00}; }},
    Case{"unknown_component",   kMilan, kVcek, false, [](Extensions& e) { value(e, "3.10") = {0x02, 0x01, 0x00}; }},
    Case{"component_under",     kMilan, kVcek, false, [](Extensions& e) { value(e, "3.1.1") = {0x02, 0x01, 0x00}; }},
    Case{"unknown_other",       kMilan, kVcek, true,  [](Extensions& e) { value(e, "6") = {0x05, 0x00}; }},
    Case{"prefix_is_no_match",  kMilan, kVcek, false, [](Extensions& e) { const Bytes id = value(e, "4"); drop(e, "4"); value(e, "4.1") = id; }},
    Case{"hardware_id_63",      kMilan, kVcek, false, [](Extensions& e) { value(e, "4").pop_back(); }},
    Case{"hardware_id_65",      kMilan, kVcek, false, [](Extensions& e) { value(e, "4").push_back(0); }},
    Case{"hardware_id_8",       kMilan, kVcek, false, [](Extensions& e) { value(e, "4").resize(8); }},
    Case{"hardware_id_wrapped", kMilan, kVcek, true,  [](Extensions& e) { Bytes& id = value(e, "4"); id.insert(id.begin(), {0x04, 0x40}); }},
    Case{"hardware_id_wrapped_tag", kMilan, kVcek, false, [](Extensions& e) { Bytes& id = value(e, "4"); id.insert(id.begin(), {0x03, 0x40}); }},
    Case{"hardware_id_wrapped_length", kMilan, kVcek, false, [](Extensions& e) { Bytes& id = value(e, "4"); id.insert(id.begin(), {0x04, 0x3f}); }},
    Case{"turin_wrapped",       kTurin, kVcek, true,  [](Extensions& e) { Bytes& id = value(e, "4"); id.insert(id.begin(), {0x04, 0x08}); }},
    Case{"turin_64",            kTurin, kVcek, false, [](Extensions& e) { value(e, "4").resize(64); }},
    Case{"turin_7",             kTurin, kVcek, false, [](Extensions& e) { value(e, "4").pop_back(); }},
    Case{"provider_empty",      kMilan, kVlek, false, [](Extensions& e) { value(e, "5") = {0x16, 0x00}; }},
    Case{"provider_not_text",   kMilan, kVlek, false, [](Extensions& e) { value(e, "5") = {0x16, 0x01, 0x80}; }},
    Case{"provider_number",     kMilan, kVlek, false, [](Extensions& e) { value(e, "5") = {0x02, 0x01, 0x01}; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

}  // namespace
}  // namespace iapp::attest
