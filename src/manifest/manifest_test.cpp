#include "manifest/manifest.hpp"

#include <gtest/gtest.h>

namespace iapp::manifest {
namespace {

const std::string kFull =
    R"({"schema":"iapp-manifest/1","datasets":{"require":"all"},"network":[{"host":"api.example.org","port":443}],)"
    R"("resources":{"memory_mib":2048,"pids":64,"cpus":2,"tmp_mib":0},"callback":true})";

AppManifest full() { return {DatasetRule::all, {{"api.example.org", 443}}, {2048, 64, 2, 0}, true}; }

TEST(Manifest, ReadsEveryMember)
{
    const auto manifest = parse(kFull);
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ(*manifest, full());
    EXPECT_EQ(encode(*manifest), kFull);
}

TEST(Manifest, AbsentMembersHaveDefaults)
{
    const auto manifest = parse(R"({"schema":"iapp-manifest/1"})");
    ASSERT_TRUE(manifest);
    EXPECT_EQ(*manifest, AppManifest{});
    EXPECT_EQ(*of_label(std::nullopt), AppManifest{});
    EXPECT_EQ(*of_label(kFull), full());
    EXPECT_EQ(*parse(encode(AppManifest{})), AppManifest{});
    EXPECT_TRUE(AppManifest{}.network.empty()) << "no manifest means no network";
    EXPECT_FALSE(AppManifest{}.callback) << "no manifest means that data stays in";
}

TEST(Manifest, AnEmptyLabelIsNotAnAbsentOne) { EXPECT_EQ(of_label("").error().reason, "manifest.json"); }

std::string with(std::string_view member) { return R"({"schema":"iapp-manifest/1",)" + std::string(member) + "}"; }
std::string host(std::string_view name) { return with(R"("network":[{"host":")" + std::string(name) + R"(","port":1}])"); }
std::string many_endpoints()
{
    std::string list;
    for (int i = 0; i <= 32; ++i) list += (i ? "," : "") + (R"({"host":"h","port":)" + std::to_string(i + 1) + "}");
    return with(R"("network":[)" + list + "]");
}

struct Case {
    const char* name;
    std::string text;
    std::string_view reason;
};
class ManifestRule : public testing::TestWithParam<Case> {};
TEST_P(ManifestRule, AnswersWithTheRuleThatWasBroken)
{
    const auto manifest = parse(GetParam().text);
    EXPECT_EQ(manifest ? "" : manifest.error().reason, GetParam().reason);
    if (!manifest) {
        EXPECT_FALSE(manifest.error().detail.empty());
    }
}
INSTANTIATE_TEST_SUITE_P(
    Manifest, ManifestRule,
    testing::Values(
        Case{"not_json", "{", "manifest.json"}, Case{"an_array", "[]", "manifest.json"},
        Case{"no_schema", "{}", "manifest.json"}, Case{"other_schema", R"({"schema":"iapp-manifest/2"})", "manifest.schema"},
        Case{"unknown_member", with(R"("egress":[])"), "manifest.member"},
        Case{"callback_text", with(R"("callback":"yes")"), "manifest.callback"},
        Case{"callback_off", with(R"("callback":false)"), ""},
        Case{"member_twice", with(R"("network":[],"network":[])"), "manifest.member"},
        Case{"unknown_in_endpoint", with(R"("network":[{"host":"a","port":1,"tls":true}])"), "manifest.member"},
        Case{"unknown_in_datasets", with(R"("datasets":{"require":"any","min":1})"), "manifest.member"},
        Case{"unknown_in_resources", with(R"("resources":{"gpu":1})"), "manifest.member"},
        Case{"datasets_rule", with(R"("datasets":{"require":"some"})"), "manifest.datasets"},
        Case{"datasets_without_rule", with(R"("datasets":{})"), "manifest.json"},
        Case{"network_not_a_list", with(R"("network":{})"), "manifest.json"},
        Case{"host_missing", with(R"("network":[{"port":1}])"), "manifest.json"},
        Case{"port_missing", with(R"("network":[{"host":"a"}])"), "manifest.json"},
        Case{"port_zero", with(R"("network":[{"host":"a","port":0}])"), "manifest.port"},
        Case{"port_too_large", with(R"("network":[{"host":"a","port":65536}])"), "manifest.port"},
        Case{"port_text", with(R"("network":[{"host":"a","port":"443"}])"), "manifest.json"},
        Case{"same_endpoint_twice", with(R"("network":[{"host":"a","port":1},{"host":"a","port":1}])"),
             "manifest.endpoint_twice"},
        Case{"same_host_two_ports", with(R"("network":[{"host":"a","port":1},{"host":"a","port":2}])"), ""},
        Case{"too_many_endpoints", many_endpoints(), "manifest.endpoints"},
        Case{"too_large", with(R"("network":[],"x":")" + std::string(kMaxBytes, 'x') + "\""), "manifest.size"},
        Case{"address", host("203.0.113.10"), ""}, Case{"wildcard", host("*.example.org"), "manifest.host"},
        Case{"upper_case", host("Example.org"), "manifest.host"}, Case{"empty_host", host(""), "manifest.host"},
        Case{"host_with_port", host("a:443"), "manifest.host"}, Case{"trailing_dot", host("a.org."), "manifest.host"},
        Case{"leading_hyphen", host("-a.org"), "manifest.host"}, Case{"underscore", host("a_b.org"), "manifest.host"},
        Case{"long_label", host(std::string(64, 'a')), "manifest.host"},
        Case{"octet_too_large", host("203.0.113.256"), "manifest.host"},
        Case{"short_address", host("127.1"), "manifest.host"}, Case{"number", host("2130706433"), "manifest.host"},
        Case{"octal_octet", host("0177.0.0.1"), "manifest.host"}, Case{"ipv6", host("::1"), "manifest.host"},
        Case{"too_little_memory", with(R"("resources":{"memory_mib":15})"), "manifest.resources"},
        Case{"too_much_memory", with(R"("resources":{"memory_mib":1048577})"), "manifest.resources"},
        Case{"no_pids", with(R"("resources":{"pids":0})"), "manifest.resources"},
        Case{"too_many_cpus", with(R"("resources":{"cpus":257})"), "manifest.resources"},
        Case{"too_much_tmp", with(R"("resources":{"tmp_mib":1048577})"), "manifest.resources"},
        Case{"fraction", with(R"("resources":{"cpus":1.5})"), "manifest.json"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::manifest
