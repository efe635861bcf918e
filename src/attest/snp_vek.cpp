#include "attest/snp_vek.hpp"

#include <algorithm>

namespace iapp::attest {
namespace {

using crypto::X509Extension;
using Extensions = std::span<const X509Extension>;

constexpr std::string_view kArc = "1.3.6.1.4.1.3704.1.";
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kIa5String = 0x16;
constexpr std::size_t kMostText = 127;  // one length byte

std::unexpected<Error> bad(std::string detail) { return fail(ErrorKind::invalid_input, "attest.vek", std::move(detail)); }

const X509Extension* find(Extensions extensions, std::string_view under_arc)
{
    for (const X509Extension& extension : extensions)
        if (extension.oid.size() == kArc.size() + under_arc.size() && extension.oid.starts_with(kArc) &&
            extension.oid.ends_with(under_arc))
            return &extension;
    return nullptr;
}

/// A minimal INTEGER from 0 to 255.
std::optional<std::uint8_t> read_byte(ByteView der)
{
    if (der.size() == 3 && der[0] == kInteger && der[1] == 1 && der[2] < 0x80) return der[2];
    if (der.size() == 4 && der[0] == kInteger && der[1] == 2 && der[2] == 0 && der[3] >= 0x80) return der[3];
    return std::nullopt;
}

std::optional<std::string> read_text(ByteView der)
{
    if (der.size() < 3 || der[0] != kIa5String || der[1] > kMostText || der[1] != der.size() - 2) return std::nullopt;
    const std::string_view text = as_text(der.subspan(2));
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c > 0x7e; })) return std::nullopt;
    return std::string(text);
}

/// AMD writes the id as bare bytes or, newer, as an OCTET STRING around them. The lengths cannot be confused.
std::optional<Bytes> read_hardware_id(ByteView value, std::size_t size)
{
    if (value.size() == size + 2 && value[0] == kOctetString && value[1] == size) value = value.subspan(2);
    if (value.size() != size) return std::nullopt;
    return to_bytes(value);
}

/// "Milan" or "Milan-B0".
std::optional<SnpProduct> product_named(std::string_view text) { return find_snp_product(text.substr(0, text.find('-'))); }

struct Component {
    std::string_view oid;
    std::uint8_t SnpTcb::*field;  ///< null for those that AMD reserves
};
constexpr std::array kComponents{
    Component{"3.1", &SnpTcb::boot_loader},
    Component{"3.2", &SnpTcb::tee},
    Component{"3.3", &SnpTcb::snp},
    Component{"3.4", nullptr},
    Component{"3.5", nullptr},
    Component{"3.6", nullptr},
    Component{"3.7", nullptr},
    Component{"3.8", &SnpTcb::microcode},
    Component{"3.9", &SnpTcb::fmc},
};

/// A component nobody here compares would be a TCB nobody here checks.
Status refuse_unknown_components(Extensions extensions)
{
    for (const X509Extension& extension : extensions) {
        const std::string_view oid = extension.oid;
        if (!oid.starts_with(kArc) || !oid.substr(kArc.size()).starts_with("3.")) continue;
        if (std::ranges::find(kComponents, oid.substr(kArc.size()), &Component::oid) == kComponents.end())
            return bad("the certificate names a firmware component that is not known here: " + extension.oid);
    }
    return {};
}

Result<SnpTcb> read_tcb(Extensions extensions, SnpProduct product)
{
    TRY_OK(refuse_unknown_components(extensions));
    SnpTcb out;
    for (const Component& component : kComponents) {
        const X509Extension* extension = find(extensions, component.oid);
        const bool fmc = component.field == &SnpTcb::fmc;
        const bool needed = component.field != nullptr && (!fmc || product == SnpProduct::turin);
        if (extension == nullptr) {
            if (needed) return bad("the firmware version " + std::string(component.oid) + " is missing");
            continue;
        }
        const auto value = read_byte(extension->value);
        if (!value) return bad("the firmware version " + std::string(component.oid) + " is not an INTEGER from 0 to 255");
        if (!needed && *value != 0) return bad("the reserved firmware version " + std::string(component.oid) + " is not 0");
        if (needed) out.*component.field = *value;
    }
    return out;
}

/// A VCEK names its chip and no provider, a VLEK its provider and no chip.
Status read_owner(Extensions extensions, VekKind kind, VekExtensions& out)
{
    const bool vcek = kind == VekKind::vcek;
    const X509Extension* owner = find(extensions, vcek ? "4" : "5");
    const X509Extension* other = find(extensions, vcek ? "5" : "4");
    if (owner == nullptr || other != nullptr)
        return bad("a VCEK names its hardware id and no provider, a VLEK its provider and no hardware id");
    if (vcek) out.hardware_id = read_hardware_id(owner->value, out.product == SnpProduct::turin ? 8 : 64);
    else out.csp_id = read_text(owner->value);
    if (vcek && !out.hardware_id) return bad("the hardware id has another length than this product's");
    if (!vcek && !out.csp_id) return bad("the provider's id is not text");
    return {};
}

}  // namespace

std::string_view common_name(VekKind kind) { return kind == VekKind::vcek ? "SEV-VCEK" : "SEV-VLEK"; }

std::string_view name(VekKind kind) { return kind == VekKind::vcek ? "VCEK" : "VLEK"; }

Result<VekExtensions> parse_vek_extensions(std::span<const crypto::X509Extension> extensions, VekKind kind)
{
    const X509Extension* version = find(extensions, "1");
    const X509Extension* product = find(extensions, "2");
    if (version == nullptr || product == nullptr) return bad("structure version or product name is missing");
    const auto struct_version = read_byte(version->value);
    if (!struct_version || *struct_version > 1) return bad("the structure version is not 0 or 1");
    auto product_name = read_text(product->value);
    const auto known = product_name ? product_named(*product_name) : std::nullopt;
    if (!known) return bad("the product name is not one that is known here");
    TRY(const SnpTcb tcb, read_tcb(extensions, *known));
    VekExtensions out{.product = *known,
                      .product_name = *std::move(product_name),
                      .struct_version = *struct_version,
                      .tcb = tcb,
                      .hardware_id = {},
                      .csp_id = {}};
    TRY_OK(read_owner(extensions, kind, out));
    return out;
}

}  // namespace iapp::attest
