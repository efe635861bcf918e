#include "resultproxy/result_model.hpp"

#include <gtest/gtest.h>

namespace iapp::resultproxy {
namespace {

const std::string kTask = "0x" + std::string(64, '4');
const std::string kHash = "0x" + std::string(64, '5');
const std::string kSignature = "0x" + std::string(128, '6') + "1b";

std::string with(const std::string& members) { return "{\"chainTaskId\":\"" + kTask + "\"," + members + "}"; }

TEST(ResultModel, ReadsBothFormsOfTheZip)
{
    for (const std::string zip : {R"("AQL/")", "[1,2,255]", " [ 1 , 2 , 255 ] "}) {
        const auto model = parse_result_model(with("\"zip\":" + zip + ",\"dealId\":\"0x1\",\"taskIndex\":0," +
                                                   "\"deterministHash\":\"" + kHash + "\",\"enclaveSignature\":\"" +
                                                   kSignature + "\",\"more\":{\"zip\":[7],\"x\":[null,true,1.5]}") +
                                              "\n");
        ASSERT_TRUE(model) << model.error().reason;
        EXPECT_EQ(model->task.hex(), kTask);
        EXPECT_EQ(model->zip, (Bytes{1, 2, 255}));
        EXPECT_EQ(model->digest->hex(), kHash);
        EXPECT_EQ(model->enclave_signature->hex(), kSignature);
    }
    const auto least = parse_result_model(with(R"("zip":"AA==","deterministHash":"","enclaveSignature":null)"));
    ASSERT_TRUE(least);
    EXPECT_FALSE(least->digest || least->enclave_signature);
}

struct Case {
    const char* name;
    std::string text;
    std::string_view reason;
};
class BadModel : public testing::TestWithParam<Case> {};
TEST_P(BadModel, IsRefused)
{
    const auto model = parse_result_model(GetParam().text);
    EXPECT_EQ(model ? "" : model.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Models, BadModel,
    testing::Values(Case{"empty", "", "result_model.json"}, Case{"array", "[]", "result_model.member"},
                    Case{"number", "7", "result_model.member"}, Case{"text", "\"x\"", "result_model.member"},
                    Case{"cut", with("\"zip\":[1,2").substr(0, 90), "result_model.json"},
                    Case{"more_behind", with("\"zip\":[1]") + "{}", "result_model.json"},
                    Case{"zip_twice", with("\"zip\":[1],\"zip\":[2]"), "result_model.json"},
                    Case{"too_deep", with("\"zip\":[1],\"x\":" + std::string(64, '[') + std::string(64, ']')),
                         "result_model.json"},
                    Case{"no_zip", with("\"taskIndex\":0"), "result_model.missing"},
                    Case{"empty_zip", with("\"zip\":[]"), "result_model.missing"},
                    Case{"empty_text_zip", with("\"zip\":\"\""), "result_model.missing"},
                    Case{"no_task", "{\"zip\":[1]}", "result_model.missing"},
                    Case{"byte_256", with("\"zip\":[256]"), "result_model.member"},
                    Case{"byte_minus_one", with("\"zip\":[-1]"), "result_model.member"},
                    Case{"byte_half", with("\"zip\":[0.5]"), "result_model.member"},
                    Case{"byte_text", with("\"zip\":[\"1\"]"), "result_model.member"},
                    Case{"byte_null", with("\"zip\":[null]"), "result_model.member"},
                    Case{"byte_array", with("\"zip\":[[]]"), "result_model.member"},
                    Case{"byte_object", with("\"zip\":[{}]"), "result_model.member"},
                    Case{"zip_object", with("\"zip\":{}"), "result_model.member"},
                    Case{"zip_number", with("\"zip\":1"), "result_model.member"},
                    Case{"bad_base64", with("\"zip\":\"A\""), "result_model.member"},
                    Case{"task_number", R"({"chainTaskId":1,"zip":[1]})", "result_model.member"},
                    Case{"task_short", R"({"chainTaskId":"0x12","zip":[1]})", "result_model.member"},
                    Case{"digest_array", with("\"zip\":[1],\"deterministHash\":[]"), "result_model.member"},
                    Case{"signature_short", with("\"zip\":[1],\"enclaveSignature\":\"0x12\""), "result_model.member"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::resultproxy
