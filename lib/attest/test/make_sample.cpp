// Writes one simulated run into a folder, for tests of the installed library: evidence, endorsements, log, policy, root.
// make_sample FOLDER
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sample_files.hpp"

namespace {

using namespace iapp;

constexpr std::size_t kInsideMrTd = 48 + 136;  ///< of a v4 quote: header, then the TD report up to MRTD

void write(const std::filesystem::path& path, std::string_view bytes)
{
    std::ofstream out(path, std::ios::binary);
    out << bytes;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

void write_sample(const std::filesystem::path& folder)
{
    const test::SampleFiles run = test::make_sample_files();
    std::string bent = run.evidence;
    bent.at(kInsideMrTd) ^= 1;
    std::string other = run.report_data;
    other.back() ^= 1;
    write(folder / "quote.bin", run.evidence);
    write(folder / "quote.hex", hex(as_bytes(run.evidence)));
    write(folder / "bent.bin", bent);
    write(folder / "garbage.bin", std::string(1000, 'Z'));
    write(folder / "report_data.bin", run.report_data);
    write(folder / "other_report_data.bin", other);
    write(folder / "collateral.json", run.collateral);
    write(folder / "log.json", run.log);
    write(folder / "policy.json", run.policy);
    write(folder / "root.pem", run.root);
    write(folder / "time", std::to_string(test::kSampleTime.time_since_epoch().count()));
}

}  // namespace

int main(int argc, char** argv)
try {
    if (argc != 2) return 2;
    std::filesystem::create_directories(argv[1]);
    write_sample(argv[1]);
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
}
