#include "agent/internal/app_command.hpp"

#include <gtest/gtest.h>

namespace iapp::agent {
namespace {

using Words = std::vector<std::string>;

struct Split {
    const char* text;
    Words words;
};

TEST(SplitWords, SplitsAsAShellWithoutExpandingAnything)
{
    const Split cases[] = {{"", {}},
                           {"  \t\n", {}},
                           {"a b", {"a", "b"}},
                           {"  a\tb\n c ", {"a", "b", "c"}},
                           {"'a b' c", {"a b", "c"}},
                           {"\"a b\" c", {"a b", "c"}},
                           {"a'b'\"c\"d", {"abcd"}},
                           {"''", {""}},
                           {"'' \"\"", {"", ""}},
                           {"--name='x y' -v", {"--name=x y", "-v"}},
                           {R"(a\ b)", {"a b"}},
                           {R"(\'a)", {"'a"}},
                           {R"("say \"hi\" \\ \n")", {R"(say "hi" \ \n)"}},
                           {R"('a\b')", {R"(a\b)"}},
                           {"'a\"b' \"c'd\"", {"a\"b", "c'd"}},
                           {"$HOME `id` $(id) * ~ ; | & > x", {"$HOME", "`id`", "$(id)", "*", "~", ";", "|", "&", ">", "x"}},
                           {"{\"a\":1}", {"{a:1}"}}};
    for (const auto& one : cases) {
        const auto words = split_words(one.text);
        ASSERT_TRUE(words) << one.text;
        EXPECT_EQ(*words, one.words) << one.text;
    }
}

TEST(SplitWords, RefusesWhatNeverEnds)
{
    for (const char* text : {"'", "\"", "a 'b", "a \"b", "a\\", "\"a\\\""}) {
        const auto words = split_words(text);
        ASSERT_FALSE(words) << text;
        EXPECT_EQ(words.error().reason, "agent.args") << text;
    }
}

}  // namespace
}  // namespace iapp::agent
