#pragma once
// AMD EPYC product lines as attestation knows them: one root of trust each, and one layout of the TCB version.
// Siena and Bergamo are Genoa here: AMD endorses them under Genoa's keys.
// Source: AMD 56860 (SEV-SNP firmware ABI), 57230 (VCEK and KDS interface).
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iapp::attest {

enum class SnpProduct : unsigned char { milan, genoa, turin };

inline constexpr std::array kSnpProducts{SnpProduct::milan, SnpProduct::genoa, SnpProduct::turin};

/// "Milan", "Genoa", "Turin": the spelling of AMD's certificates and of its key distribution service.
std::string_view name(SnpProduct product);
std::optional<SnpProduct> find_snp_product(std::string_view text);

/// Combined family, combined model and stepping of CPUID Fn0000_0001_EAX, as report version 3 and later carry them.
struct SnpCpuId {
    std::uint8_t family;
    std::uint8_t model;
    std::uint8_t stepping;

    friend bool operator==(const SnpCpuId&, const SnpCpuId&) = default;
};

/// Nothing for a processor whose root keys are not known here.
std::optional<SnpProduct> product_of(const SnpCpuId& cpu);

/// TCB_VERSION as it stands in a report: eight bytes whose meaning depends on the product.
using SnpTcbBytes = std::array<std::uint8_t, 8>;

/// The security version of each firmware component. There is no order on the whole: compare component by component, never as
/// one number.
struct SnpTcb {
    std::uint8_t fmc = 0;  ///< Turin only
    std::uint8_t boot_loader = 0;
    std::uint8_t tee = 0;
    std::uint8_t snp = 0;
    std::uint8_t microcode = 0;

    friend bool operator==(const SnpTcb&, const SnpTcb&) = default;

    /// True when no component is below that of `floor`.
    bool reaches(const SnpTcb& floor) const;
};

SnpTcb decode_tcb(SnpProduct product, const SnpTcbBytes& bytes);
SnpTcbBytes encode_tcb(SnpProduct product, const SnpTcb& tcb);

/// True when the bytes that the product does not use are zero.
bool reserved_zero(SnpProduct product, const SnpTcbBytes& bytes);

/// "fmc 0, boot loader 3, tee 0, snp 8, microcode 115".
std::string to_text(const SnpTcb& tcb);

}  // namespace iapp::attest
