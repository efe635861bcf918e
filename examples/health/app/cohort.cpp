// Cohort statistics over the patients of one or several hospitals. An ordinary program: it reads files, it writes files.
// Input: $IEXEC_IN/$IEXEC_DATASET_FILENAME, or $IEXEC_DATASET_<n>_FILENAME for n = 1..$IEXEC_BULK_SLICE_SIZE.
// Output: $IEXEC_OUT/statistics.csv and $IEXEC_OUT/computed.json. With file names as arguments it reads those in clear
// instead.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "stored_zip.hpp"

namespace {

/// Sums over one cohort; integers, so the order of the rows cannot change the answer.
struct Cohort {
    long long patients = 0;
    std::array<long long, 3> sum{};  // age, systolic, hba1c
    std::array<long long, 3> squares{};
};
using Cohorts = std::map<std::string, Cohort>;

std::string environment(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value ? value : "";
}

std::string read_file(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> split(const std::string& line)
{
    std::vector<std::string> fields(1);
    for (const char c : line) {
        if (c == ',') fields.emplace_back();
        else if (c != '\r') fields.back() += c;
    }
    return fields;
}

long long number(const std::string& text)
{
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) throw std::runtime_error("not a number: " + text);
    return value;
}

/// One row: patient,sex,age,systolic,hba1c,diagnosis
void add_row(Cohorts& cohorts, const std::string& line)
{
    const auto fields = split(line);
    if (fields.size() != 6) throw std::runtime_error("expected 6 columns");
    Cohort& cohort = cohorts[fields[5] + "," + fields[1]];
    ++cohort.patients;
    for (std::size_t i = 0; i < 3; ++i) {
        const long long value = number(fields[2 + i]);
        cohort.sum[i] += value;
        cohort.squares[i] += value * value;
    }
}

void add_csv(Cohorts& cohorts, std::string_view csv)
{
    bool heading = true;
    while (!csv.empty()) {
        const std::size_t end = csv.find('\n');
        const std::string line(csv.substr(0, end));
        csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
        if (!heading && !line.empty()) add_row(cohorts, line);
        heading = false;
    }
}

void add_dataset(Cohorts& cohorts, const std::string& path)
{
    const std::string bytes = read_file(path);
    const auto file = first_stored_file(bytes);
    if (!file) throw std::runtime_error(path + " is not a protected dataset");
    add_csv(cohorts, *file);
}

std::vector<std::string> dataset_files()
{
    const std::string in = environment("IEXEC_IN");
    const std::string slice = environment("IEXEC_BULK_SLICE_SIZE");
    if (slice.empty()) return {in + "/" + environment("IEXEC_DATASET_FILENAME")};
    std::vector<std::string> files;
    for (long long n = 1; n <= number(slice); ++n)
        files.push_back(in + "/" + environment("IEXEC_DATASET_" + std::to_string(n) + "_FILENAME"));
    return files;
}

void print(std::ostream& out, const Cohorts& cohorts)
{
    out << "diagnosis,sex,patients,age_mean,age_sd,systolic_mean,systolic_sd,hba1c_mean,hba1c_sd\n" << std::fixed;
    out.precision(3);
    for (const auto& [name, cohort] : cohorts) {
        out << name << ',' << cohort.patients;
        for (std::size_t i = 0; i < 3; ++i) {
            const double count = double(cohort.patients);
            const double mean = double(cohort.sum[i]) / count;
            const double variance = double(cohort.squares[i]) / count - mean * mean;
            out << ',' << mean << ',' << std::sqrt(variance < 0 ? 0 : variance);
        }
        out << '\n';
    }
}

void write_result(const Cohorts& cohorts)
{
    const std::string out = environment("IEXEC_OUT");
    std::ofstream statistics(out + "/statistics.csv");
    print(statistics, cohorts);
    std::ofstream(out + "/computed.json") << "{\"deterministic-output-path\":\"" << out << "/statistics.csv\"}\n";
}

void run(const std::vector<std::string>& clear_files)
{
    Cohorts cohorts;
    for (const auto& file : clear_files) add_csv(cohorts, read_file(file));
    if (!clear_files.empty()) return print(std::cout, cohorts);
    for (const auto& file : dataset_files()) add_dataset(cohorts, file);
    write_result(cohorts);
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        run({argv + 1, argv + argc});
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "cohort: " << error.what() << '\n';
        return 1;
    }
}
