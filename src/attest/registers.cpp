#include "attest/internal/registers.hpp"

#include <algorithm>
#include <array>

namespace iapp::attest {
namespace {

constexpr std::array kTdx{
    RegisterInfo{"mrtd", 48},          RegisterInfo{"rtmr0", 48, true},         RegisterInfo{"rtmr1", 48, true},
    RegisterInfo{"rtmr2", 48, true},   RegisterInfo{"rtmr3", 48, true},         RegisterInfo{"mrconfigid", 48, true},
    RegisterInfo{"mrowner", 48, true}, RegisterInfo{"mrownerconfig", 48, true}, RegisterInfo{"mrseam", 48},
    RegisterInfo{"mrservicetd", 48},
};

constexpr std::array kSgx{
    RegisterInfo{"mrenclave", 32},    RegisterInfo{"mrsigner", 32},       RegisterInfo{"isvprodid", 2},
    RegisterInfo{"isvsvn", 2},        RegisterInfo{"configid", 64, true}, RegisterInfo{"configsvn", 2},
    RegisterInfo{"isvextprodid", 16}, RegisterInfo{"isvfamilyid", 16},
};

constexpr std::array kSnp{
    RegisterInfo{"measurement", 48},       RegisterInfo{"host_data", 32, true}, RegisterInfo{"id_key_digest", 48},
    RegisterInfo{"author_key_digest", 48}, RegisterInfo{"family_id", 16},       RegisterInfo{"image_id", 16},
    RegisterInfo{"report_id_ma", 32},
};

bool is_pcr(std::string_view name)
{
    if (name.size() != 5 || !name.starts_with("pcr")) return false;
    const auto digit = [&](std::size_t i) { return name[i] >= '0' && name[i] <= '9'; };
    return digit(3) && digit(4) && (name[3] - '0') * 10 + (name[4] - '0') < 24;
}

bool has_pcrs(EvidenceKind kind)
{
    return kind == EvidenceKind::tpm || kind == EvidenceKind::azure_snp || kind == EvidenceKind::azure_tdx;
}

bool names(const Registers& registers, std::string_view name) { return find_register(registers, name) != nullptr; }

bool names_pcr(const Registers& registers)
{
    return std::ranges::any_of(registers, [](const RegisterValue& value) { return is_pcr(value.name); });
}

}  // namespace

std::span<const RegisterInfo> registers_of(EvidenceKind kind)
{
    switch (kind) {
        case EvidenceKind::tdx:
        case EvidenceKind::azure_tdx:
            return kTdx;
        case EvidenceKind::sgx:
            return kSgx;
        case EvidenceKind::snp:
        case EvidenceKind::azure_snp:
            return kSnp;
        case EvidenceKind::tpm:
            break;
    }
    return {};
}

std::optional<std::size_t> register_size(EvidenceKind kind, std::string_view name)
{
    if (has_pcrs(kind) && is_pcr(name)) return 32;
    const auto all = registers_of(kind);
    const auto found = std::ranges::find(all, name, &RegisterInfo::name);
    if (found == all.end()) return std::nullopt;
    return found->size;
}

std::string pcr_name(unsigned index) { return std::string("pcr") + (index < 10 ? "0" : "") + std::to_string(index); }

std::string why_incomplete(EvidenceKind kind, const Registers& registers, bool has_least_isv_svn)
{
    switch (kind) {
        case EvidenceKind::tdx:
            return names(registers, "mrtd") ? "" : "a TD is identified by mrtd";
        case EvidenceKind::sgx:
            if (names(registers, "mrenclave")) return "";
            if (names(registers, "mrsigner") && names(registers, "isvprodid") && has_least_isv_svn) return "";
            return "an enclave is identified by mrenclave, or by mrsigner, isvprodid and leastIsvSvn together";
        case EvidenceKind::snp:
            return names(registers, "measurement") ? "" : "an SEV-SNP guest is identified by measurement";
        case EvidenceKind::tpm:
            return names_pcr(registers) ? "" : "a TPM quote is identified by the PCRs it covers";
        case EvidenceKind::azure_snp:
            if (names(registers, "measurement") && names_pcr(registers)) return "";
            return "an Azure SEV-SNP machine is identified by measurement (of the paravisor) and by PCRs (of the guest)";
        case EvidenceKind::azure_tdx:
            if (names(registers, "mrtd") && names_pcr(registers)) return "";
            return "an Azure TDX machine is identified by mrtd (of the paravisor) and by PCRs (of the guest)";
    }
    return "unknown kind";
}

}  // namespace iapp::attest
