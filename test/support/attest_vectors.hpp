#pragma once
// Genuine evidence for tests. It is not part of the tree: set IAPP_VECTORS, or keep it in ../shared/vectors.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/bytes.hpp"

namespace iapp::test {

inline std::filesystem::path vectors_path()
{
    constexpr std::string_view kName = "IAPP_VECTORS=";
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (std::string_view(*variable).starts_with(kName)) return std::string_view(*variable).substr(kName.size());
    return "../shared/vectors";
}

inline std::string load_vector(const std::filesystem::path& file)
{
    std::ifstream in(vectors_path() / file, std::ios::binary);
    EXPECT_TRUE(in.good()) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Tests under this fixture say SKIPPED, loudly, when the vectors are absent.
class WithVectors : public testing::Test {
protected:
    void SetUp() override
    {
        if (std::filesystem::exists(vectors_path() / "INDEX.md")) return;
        std::fprintf(stderr, "\n*** SKIPPED: no genuine attestation vectors at %s; set IAPP_VECTORS ***\n\n",
                     vectors_path().c_str());
        GTEST_SKIP();
    }
};

}  // namespace iapp::test
