#include "attest/snp_product.hpp"

#include <algorithm>

namespace iapp::attest {
namespace {

constexpr std::array<std::string_view, 3> kNames{"Milan", "Genoa", "Turin"};  // as SnpProduct

struct ModelRange {
    std::uint8_t family;
    std::uint8_t first;
    std::uint8_t last;
    SnpProduct product;
};
constexpr std::array kModels{
    ModelRange{0x19, 0x00, 0x0f, SnpProduct::milan},
    ModelRange{0x19, 0x10, 0x1f, SnpProduct::genoa},
    ModelRange{0x19, 0xa0, 0xaf, SnpProduct::genoa},  // Siena and Bergamo
    ModelRange{0x1a, 0x00, 0x1f, SnpProduct::turin},
};

/// Where each component stands in TCB_VERSION.
struct Layout {
    std::size_t boot_loader;
    std::size_t tee;
    std::size_t snp;
    std::size_t microcode;
};
constexpr Layout kMilan{.boot_loader = 0, .tee = 1, .snp = 6, .microcode = 7};
constexpr Layout kTurin{.boot_loader = 1, .tee = 2, .snp = 3, .microcode = 7};  // FMC first

const Layout& layout_of(SnpProduct product) { return product == SnpProduct::turin ? kTurin : kMilan; }

}  // namespace

std::string_view name(SnpProduct product) { return kNames[static_cast<std::size_t>(product)]; }

std::optional<SnpProduct> find_snp_product(std::string_view text)
{
    for (const SnpProduct product : kSnpProducts)
        if (name(product) == text) return product;
    return std::nullopt;
}

std::optional<SnpProduct> product_of(const SnpCpuId& cpu)
{
    for (const ModelRange& range : kModels)
        if (cpu.family == range.family && range.first <= cpu.model && cpu.model <= range.last) return range.product;
    return std::nullopt;
}

bool SnpTcb::reaches(const SnpTcb& floor) const
{
    return fmc >= floor.fmc && boot_loader >= floor.boot_loader && tee >= floor.tee && snp >= floor.snp &&
           microcode >= floor.microcode;
}

SnpTcb decode_tcb(SnpProduct product, const SnpTcbBytes& bytes)
{
    const Layout& at = layout_of(product);
    return {.fmc = product == SnpProduct::turin ? bytes[0] : std::uint8_t{0},
            .boot_loader = bytes[at.boot_loader],
            .tee = bytes[at.tee],
            .snp = bytes[at.snp],
            .microcode = bytes[at.microcode]};
}

SnpTcbBytes encode_tcb(SnpProduct product, const SnpTcb& tcb)
{
    const Layout& at = layout_of(product);
    SnpTcbBytes out{};
    if (product == SnpProduct::turin) out[0] = tcb.fmc;
    out[at.boot_loader] = tcb.boot_loader;
    out[at.tee] = tcb.tee;
    out[at.snp] = tcb.snp;
    out[at.microcode] = tcb.microcode;
    return out;
}

bool reserved_zero(SnpProduct product, const SnpTcbBytes& bytes)
{
    return encode_tcb(product, decode_tcb(product, bytes)) == bytes;
}

std::string to_text(const SnpTcb& tcb)
{
    return "fmc " + std::to_string(tcb.fmc) + ", boot loader " + std::to_string(tcb.boot_loader) + ", tee " +
           std::to_string(tcb.tee) + ", snp " + std::to_string(tcb.snp) + ", microcode " + std::to_string(tcb.microcode);
}

}  // namespace iapp::attest
