// Writes a CSV of invented patients, the same for the same seed. Usage: make_cohort_data SEED ROWS
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

/// SplitMix64: the same numbers on every machine, which <random>'s distributions do not promise.
struct Dice {
    std::uint64_t state;

    std::uint64_t next()
    {
        std::uint64_t z = state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    int below(int limit) { return int(next() % std::uint64_t(limit)); }
    /// Roughly bell-shaped around `middle`, within +-3 * spread.
    int around(int middle, int spread)
    {
        return middle - 3 * spread + below(2 * spread + 1) + below(2 * spread + 1) + below(2 * spread + 1);
    }
};

struct Diagnosis {
    const char* name;
    int share, age, systolic, hba1c;
};
constexpr std::array<Diagnosis, 4> kDiagnoses{{{"none", 55, 47, 124, 36},
                                               {"hypertension", 20, 61, 148, 39},
                                               {"diabetes_type_1", 5, 38, 127, 62},
                                               {"diabetes_type_2", 20, 63, 139, 58}}};

const Diagnosis& pick(Dice& dice)
{
    int ticket = dice.below(100);
    for (const Diagnosis& diagnosis : kDiagnoses)
        if ((ticket -= diagnosis.share) < 0) return diagnosis;
    return kDiagnoses[0];
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fprintf(stderr, "usage: make_cohort_data SEED ROWS\n");
        return 2;
    }
    Dice dice{std::strtoull(argv[1], nullptr, 10)};
    const int rows = std::atoi(argv[2]);
    std::puts("patient,sex,age,systolic,hba1c,diagnosis");
    for (int row = 0; row < rows; ++row) {
        const Diagnosis& diagnosis = pick(dice);
        std::printf("P%08llx,%s,%d,%d,%d,%s\n", static_cast<unsigned long long>(dice.next() & 0xffffffff),
                    dice.below(2) ? "F" : "M", dice.around(diagnosis.age, 6), dice.around(diagnosis.systolic, 5),
                    dice.around(diagnosis.hba1c, 3), diagnosis.name);
    }
}
