#include "resultproxy/upload_rule.hpp"

#include <gtest/gtest.h>

#include "codec/zip.hpp"
#include "poco/result.hpp"

namespace iapp::resultproxy {
namespace {

Bytes zip_with(const std::string& path)
{
    Bytes out;
    codec::ZipWriter writer(codec::append_to(out, 1 << 20));
    const std::string json = path.empty() ? "" : "{\"deterministic-output-path\":\"" + path + "\"}";
    if (!path.empty()) {
        EXPECT_TRUE(writer.add_stored("computed.json", as_bytes(json)));
    }
    EXPECT_TRUE(writer.add_stored("out.txt", as_bytes("text")));
    EXPECT_TRUE(writer.add_stored("dir/in.txt", as_bytes("inner")));
    EXPECT_TRUE(writer.finish());
    return out;
}

std::string_view reason(const Result<Hash256>& result) { return result ? std::string_view{} : result.error().reason; }

TEST(DigestOfZip, IsOfTheFileOrFolderThatComputedJsonNames)
{
    EXPECT_EQ(digest_of_zip(zip_with("/iexec_out/out.txt")).value(), poco::file_digest(as_bytes("text")));
    const std::array<poco::ChildHash, 1> inner{poco::file_digest(as_bytes("inner"))};
    EXPECT_EQ(digest_of_zip(zip_with("/iexec_out/dir/")).value(), poco::directory_digest(inner));
    const std::string json = R"({"deterministic-output-path":"/iexec_out"})";
    const std::array<poco::ChildHash, 2> root{poco::file_digest(as_bytes(json)), poco::file_digest(as_bytes("text"))};
    EXPECT_EQ(digest_of_zip(zip_with("/iexec_out")).value(), poco::directory_digest(root)) << "computed.json counts";
}

TEST(DigestOfZip, SaysWhatIsMissing)
{
    EXPECT_EQ(reason(digest_of_zip(zip_with(""))), "result_model.output");
    EXPECT_EQ(reason(digest_of_zip(zip_with("/etc/passwd"))), "result_model.output");
    EXPECT_EQ(reason(digest_of_zip(zip_with("/iexec_out/none"))), "result_model.output");
    EXPECT_EQ(reason(digest_of_zip(as_bytes("no zip"))), "zip.end");
}

}  // namespace
}  // namespace iapp::resultproxy
