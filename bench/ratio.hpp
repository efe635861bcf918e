#pragma once
// Ratios formed inside one run: every round runs every case once, in a rotated order, and ratios are taken per round.
// Two numbers from different minutes are never compared: on a shared machine only their ratio within a round means
// something.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace iapp::bench {

enum class Meter { process_cpu, thread_cpu, wall };  ///< thread_cpu: of the thread that calls run(), where others only help

struct Case {
    std::string name;
    std::function<void()> run;
    Meter meter = Meter::process_cpu;
    double work = 1;                  ///< units of work one run does; speed = work / seconds
    std::function<double()> clock{};  ///< seconds, instead of the meter: processor time of another process
    std::function<void()> prepare{};  ///< before each run, not measured
};

struct Ratio {
    std::string name;
    std::size_t numerator;               ///< index of the case that is ours
    std::size_t denominator;             ///< index of the case that is the limit or the peer
    double target;                       ///< the promise: at least this many times the speed of the denominator
    std::optional<std::size_t> after{};  ///< a second part of the limit: its time is added to the denominator's
};

inline double seconds(Meter meter)
{
    timespec time{};
    clock_gettime(meter == Meter::wall         ? CLOCK_MONOTONIC
                  : meter == Meter::thread_cpu ? CLOCK_THREAD_CPUTIME_ID
                                               : CLOCK_PROCESS_CPUTIME_ID,
                  &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

inline double quantile(std::vector<double> values, double q)
{
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(q * double(values.size() - 1) + 0.5)];
}

inline std::vector<double> speeds_of_round(const std::vector<Case>& cases, std::size_t round)
{
    std::vector<double> speed(cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const std::size_t at = (i + round) % cases.size();
        const Case& one = cases[at];
        const auto now = [&] { return one.clock ? one.clock() : seconds(one.meter); };
        if (one.prepare) one.prepare();
        const double start = now();
        one.run();
        speed[at] = one.work / (now() - start);
    }
    return speed;
}

/// Prints each case's median speed and each ratio's median and quartiles. Returns how many ratios missed their target.
inline int report(const std::vector<Case>& cases, const std::vector<Ratio>& ratios, const char* unit, std::size_t rounds = 7)
{
    std::vector<std::vector<double>> rows;
    for (std::size_t round = 0; round < rounds; ++round) rows.push_back(speeds_of_round(cases, round));
    const auto column = [&](auto&& pick) {
        std::vector<double> values;
        for (const auto& row : rows) values.push_back(pick(row));
        return values;
    };
    for (std::size_t i = 0; i < cases.size(); ++i)
        std::printf("  %-44s %12.1f %s\n", cases[i].name.c_str(), quantile(column([&](auto& row) { return row[i]; }), 0.5),
                    unit);
    int missed = 0;
    for (const Ratio& ratio : ratios) {
        const auto values = column([&](auto& row) {
            const double rest = ratio.after ? 1 / row[*ratio.after] : 0;
            return row[ratio.numerator] * (1 / row[ratio.denominator] + rest);
        });
        const double median = quantile(values, 0.5);
        const bool met = median >= ratio.target;
        missed += met ? 0 : 1;
        std::printf("  %-44s %6.3f [%.3f..%.3f]  target >= %.2f  %s\n", ratio.name.c_str(), median, quantile(values, 0.25),
                    quantile(values, 0.75), ratio.target, met ? "met" : "MISSED");
    }
    return missed;
}

}  // namespace iapp::bench
