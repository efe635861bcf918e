// The production file operations on a real directory tree, and the collectors on top of them as far as plain files go.
#include "tee/pseudo_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/tee_quotes.hpp"
#include "tee/configfs_tsm.hpp"
#include "tee/gramine.hpp"
#include "tee/source_choice.hpp"

namespace iapp::tee {
namespace {

namespace fs = std::filesystem;

class Tree : public testing::Test {
protected:
    Tree()
    {
        std::string name = (fs::temp_directory_path() / "iapp-tee-XXXXXX").string();
        root_ = ::mkdtemp(name.data());
    }
    ~Tree() override { fs::remove_all(root_); }

    std::string put(const std::string& name, ByteView bytes)
    {
        const auto path = root_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << as_text(bytes);
        return path.string();
    }

    fs::path root_;
    PseudoFiles& files_ = posix_files();
};

TEST_F(Tree, MakesADirectoryOnlyOnce)
{
    const std::string dir = root_ / "one";
    EXPECT_TRUE(files_.make_directory(dir).has_value());
    EXPECT_EQ(files_.make_directory(dir).error(), std::errc::file_exists);
    EXPECT_EQ(files_.make_directory(root_ / "no" / "parent").error(), std::errc::no_such_file_or_directory);
    EXPECT_TRUE(files_.remove_directory(dir).has_value());
    EXPECT_EQ(files_.remove_directory(dir).error(), std::errc::no_such_file_or_directory);
}

TEST_F(Tree, ReadsUpToItsLimitAndSaysWhenThereIsMore)
{
    const std::string path = put("file", Bytes(100, 'x'));
    EXPECT_EQ(files_.read(path, 100)->size(), 100U);
    EXPECT_EQ(files_.read(path, 99).error(), std::errc::file_too_large);
    EXPECT_EQ(files_.read(path, 0).error(), std::errc::file_too_large);
    EXPECT_TRUE(files_.read(put("empty", {}), 0)->empty());
    EXPECT_EQ(files_.read(root_ / "missing", 9).error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(files_.read(root_, 9).error(), std::errc::is_a_directory);
}

TEST_F(Tree, ReadsUntilTheEndWhenTheKernelGivesLittleAtATime)
{
    const std::string pipe = root_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread kernel([&] {
        const int fd = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
        for (int i = 0; i < 50; ++i) {
            EXPECT_EQ(::write(fd, "ab", 2), 2);
            ::usleep(500);
        }
        ::close(fd);
    });
    const auto bytes = files_.read(pipe, 4096);
    kernel.join();
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes->size(), 100U);
}

TEST_F(Tree, FollowsNoLink)
{
    const std::string target = put("target", as_bytes("secret"));
    fs::create_symlink(target, root_ / "link");
    EXPECT_EQ(files_.read(root_ / "link", 99).error(), std::errc::too_many_symbolic_link_levels);
    EXPECT_EQ(files_.write(root_ / "link", as_bytes("x")).error(), std::errc::too_many_symbolic_link_levels);
}

TEST_F(Tree, WritesWithoutCreating)
{
    const std::string path = put("file", as_bytes("------"));
    EXPECT_TRUE(files_.write(path, as_bytes("abc")).has_value());
    EXPECT_EQ(to_text(*files_.read(path, 99)), "abc---");
    EXPECT_EQ(files_.write(root_ / "missing", as_bytes("x")).error(), std::errc::no_such_file_or_directory);
}

TEST_F(Tree, HoldsNoConfigfs)
{
    // in an ordinary directory a new request has no attributes: the collector says so and takes its directory away
    const auto source = ConfigfsTsm::open({.report_root = root_.string()});
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().reason, "tee.transport");
    EXPECT_TRUE(fs::is_empty(root_));
    EXPECT_EQ(ConfigfsTsm::open({.report_root = root_ / "missing"}).error().reason, "tee.unavailable");
}

TEST_F(Tree, HoldsRegistersThatDoNotExtend)
{
    put("rtmr3:sha384", Bytes(48, 0));
    put("rtmr2:sha384", Bytes(47, 0));
    put("rtmr1:sha384", Bytes(49, 0));
    RuntimeRegisters registers(files_, root_);
    EXPECT_EQ(registers.extend(3, Hash384::zero()).error().reason, "tee.extend");
    EXPECT_EQ(registers.extend(2, Hash384::zero()).error().reason, "tee.register_size");
    EXPECT_EQ(registers.read(1).error().reason, "tee.register_size");
    EXPECT_EQ(registers.read(0).error().reason, "tee.no_runtime_registers");
}

TEST_F(Tree, IsGramineOnlyWithTheWholeType)
{
    EXPECT_EQ(GramineSource::open(files_, root_).error().reason, "tee.unavailable");
    for (const char* type : {"none", "epid", "dcap\n", "dcap2", "DCAP", "dca", ""}) {
        put("attestation_type", as_bytes(type));
        EXPECT_EQ(GramineSource::open(files_, root_).error().reason, "tee.provider") << type;
    }
    put("attestation_type", Bytes(65, 'd'));
    EXPECT_EQ(GramineSource::open(files_, root_).error().reason, "tee.too_large");
    put("attestation_type", as_bytes("dcap"));
    EXPECT_TRUE(GramineSource::open(files_, root_).has_value());
}

TEST_F(Tree, GivesGraminesQuoteOverOurReportDataOnly)
{
    put("attestation_type", as_bytes("dcap"));
    const auto source = *GramineSource::open(files_, root_);
    EXPECT_EQ(source->kind(), attest::EvidenceKind::sgx);
    EXPECT_FALSE(source->simulated());
    attest::ReportData asked{std::array<std::uint8_t, 64>{7}};
    EXPECT_EQ(source->quote(asked).error().reason, "tee.transport");

    const std::string data = put("user_report_data", Bytes(64, 0));
    const Bytes quote = test::sgx_quote(asked);
    put("quote", quote);
    EXPECT_EQ(*source->quote(asked), quote);
    EXPECT_EQ(*files_.read(data, 64), to_bytes(asked.bytes()));

    EXPECT_EQ(source->quote(attest::ReportData::zero()).error().reason, "tee.quote");
    put("quote", test::tdx_quote(attest::ReportData::zero()));
    EXPECT_EQ(source->quote(attest::ReportData::zero()).error().reason, "tee.quote");
    Bytes cut = quote;
    cut.pop_back();
    put("quote", cut);
    EXPECT_EQ(source->quote(asked).error().reason, "tee.quote");
    put("quote", Bytes(64 * 1024 + 1, 0));
    EXPECT_EQ(source->quote(asked).error().reason, "tee.too_large");
    EXPECT_EQ(source->extend(3, Hash384::zero()).error().reason, "tee.no_runtime_registers");
}

TEST(SourceChoice, KnowsFourNamesAndNoDefault)
{
    for (const auto kind : {SourceKind::simulated, SourceKind::configfs_tsm, SourceKind::gramine, SourceKind::tpm})
        EXPECT_EQ(*parse_source_kind(name(kind)), kind);
    for (const char* text : {"", "Simulated", "tdx", "configfs-tsm ", "tpm2", "/sys/kernel/config/tsm/report"})
        EXPECT_EQ(parse_source_kind(text).error().reason, "tee.source") << text;
    EXPECT_EQ(open_source(SourceKind::tpm).error().reason, "tee.source_not_linked");
}

/// Pitfall 28: configuration of the surroundings must not redirect a device path.
TEST(Pitfall28, NeitherEnvironmentNorConfigurationRedirectsADevice)
{
    ASSERT_EQ(::setenv("TSM_REPORT_ROOT", "/tmp", 1), 0);
    ASSERT_EQ(::setenv("TCTI", "swtpm:port=1", 1), 0);
    const auto source = open_source(SourceKind::gramine);
    if (!fs::exists(kGramineDir)) {
        EXPECT_EQ(source.error().reason, "tee.unavailable");
    }
    EXPECT_EQ(TsmOptions{}.report_root, "/sys/kernel/config/tsm/report");
    EXPECT_EQ(TsmOptions{}.measurements_dir, "/sys/devices/virtual/misc/tdx_guest/measurements");
}

}  // namespace
}  // namespace iapp::tee
