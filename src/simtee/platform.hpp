#pragma once
// One simulated machine: registers that only extend, and quotes over them, TDX v4 byte for byte.
// Not hardware: whoever reads the PKI directory can sign anything. See docs/adr/0003-simulated-tee-is-a-separate-binary.md
#include <filesystem>
#include <memory>

#include "attest/evidence.hpp"
#include "crypto/hash.hpp"

namespace iapp::simtee {

/// RTMR0..3 from zero. The firmware registers 0 and 1 stay zero: nothing here boots.
class RtmrBank {
public:
    /// Errors: invalid_input "simtee.register" unless index is 2 or 3.
    Status extend(int index, const Hash384& digest);
    const std::array<Hash384, 4>& values() const { return values_; }

private:
    std::array<Hash384, 4> values_{Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()};
};

/// The MRTD of a program: SHA-384 of its bytes.
Hash384 measure(ByteView program);

class Platform {
public:
    /// Reads the keys and the PCK chain of a PKI directory. Errors: corrupt "simtee.pki"; "simtee.io".
    static Result<Platform> load(const std::filesystem::path& dir);

    /// A signed quote of a TD with this measurement, these registers and this report data.
    Bytes quote(const Hash384& mr_td, const std::array<Hash384, 4>& rtmr, const attest::ReportData& report_data) const;

    Platform(Platform&&) noexcept;
    Platform& operator=(Platform&&) noexcept;
    ~Platform();

private:
    struct Keys;
    explicit Platform(std::unique_ptr<Keys> keys);
    std::unique_ptr<Keys> keys_;
};

}  // namespace iapp::simtee
