// Is this evidence acceptable? Exit code 0 yes, 6 no, 2 cannot be asked like this. As verify.c, in C++17.
// verify POLICY EVIDENCE UNIX_TIME [-e ENDORSEMENT]... [-r REPORT_DATA] [-l LOG] [-d DANGEROUS_ROOTS]
#include <iapp/attest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

namespace {

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

iapp_attest::Bytes view(const std::multimap<std::string, std::string>& files, const std::string& option)
{
    const auto found = files.find(option);
    return found == files.end() ? iapp_attest::Bytes() : iapp_attest::Bytes(found->second);
}

int run(const std::vector<std::string>& words)
{
    const std::string policy = read_file(words[0]);
    const std::string evidence = read_file(words[1]);
    std::multimap<std::string, std::string> files;
    for (std::size_t i = 3; i + 1 < words.size(); i += 2) files.emplace(words[i], read_file(words[i + 1]));

    iapp_attest::Request request;
    request.now = std::stoll(words[2]);
    request.evidence = evidence;
    request.report_data = view(files, "-r");
    request.log = view(files, "-l");
    const auto endorsements = files.equal_range("-e");
    for (auto file = endorsements.first; file != endorsements.second; ++file)
        request.endorsements.emplace_back(file->second);

    iapp_attest::Options options;
    options.policy = policy;
    const auto roots = view(files, "-d");
    const auto verifier =
        roots.given() ? iapp_attest::Verifier::dangerous_roots(options, roots) : iapp_attest::Verifier(options);
    const iapp_attest::Result result = verifier.verify(request);
    std::cout << result.text();
    return result.status();
}

}  // namespace

int main(int argc, char** argv)
try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() >= 3) return run(words);
    std::cerr << "usage: verify POLICY EVIDENCE UNIX_TIME [-e FILE]... [-r FILE] [-l FILE] [-d FILE]\n";
    return IAPP_ATTEST_BAD_ARGUMENT;
} catch (const iapp_attest::Failure& failure) {
    std::cerr << failure.what() << "\n";
    return failure.status();
} catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return IAPP_ATTEST_BAD_ARGUMENT;
}
