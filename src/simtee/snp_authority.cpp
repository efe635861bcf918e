#include "simtee/snp_authority.hpp"

#include <array>

namespace iapp::simtee {
namespace {

using attest::SnpProduct;
using attest::VekKind;
using crypto::Certificate;
using crypto::CertificateProfile;
using crypto::SigningKey;
using crypto::X509Extension;

constexpr std::string_view kArc = "1.3.6.1.4.1.3704.1.";

Bytes byte_der(std::uint8_t value)
{
    if (value < 0x80) return {0x02, 0x01, value};
    return {0x02, 0x02, 0x00, value};
}

Bytes text_der(std::string_view text)
{
    Bytes out;
    out.reserve(2 + text.size());  // also spares g++ 12 -O2 a false warning about the first two bytes
    out.push_back(0x16);
    out.push_back(static_cast<std::uint8_t>(text.size()));
    append(out, as_bytes(text));
    return out;
}

CertificateProfile profile(std::string name, const Window& window)
{
    return {.common_name = std::move(name),
            .organization = std::string(kSnpOrganization),
            .serial = {},
            .not_before = window.from,
            .not_after = window.to,
            .ca = false,
            .path_length = std::nullopt,
            .extensions = {}};
}

CertificateProfile ca_profile(std::string name, const Window& window, std::uint32_t path_length)
{
    CertificateProfile out = profile(std::move(name), window);
    out.ca = true;
    out.path_length = path_length;
    return out;
}

/// As AMD's: serial number zero and none of the standard extensions.
CertificateProfile vek_profile(VekKind kind, const Window& window, std::vector<X509Extension> extensions)
{
    CertificateProfile out = profile(std::string(common_name(kind)), window);
    out.serial = {0};
    out.bare = true;
    out.extensions = std::move(extensions);
    return out;
}

}  // namespace

SnpMachine simulated_machine(SnpProduct product)
{
    constexpr std::array kCpus{attest::SnpCpuId{0x19, 0x01, 0x01}, attest::SnpCpuId{0x19, 0x11, 0x01},
                               attest::SnpCpuId{0x1a, 0x02, 0x01}};
    const bool turin = product == SnpProduct::turin;
    Bytes id = to_bytes(std::string_view("SIMULATED - NOT HARDWARE"));
    id.resize(turin ? 8 : 64, 0x53);
    return {
        .product = product,
        .cpu = kCpus[static_cast<std::size_t>(product)],
        .tcb = {.fmc = static_cast<std::uint8_t>(turin ? 1 : 0), .boot_loader = 4, .tee = 1, .snp = 22, .microcode = 213},
        .hardware_id = std::move(id),
        .csp_id = "CN=simulated.invalid"};
}

attest::VekExtensions vek_extensions(const SnpMachine& machine, VekKind kind)
{
    attest::VekExtensions out{.product = machine.product,
                              .product_name = std::string(attest::name(machine.product)),
                              .struct_version = static_cast<std::uint8_t>(machine.product == SnpProduct::turin ? 1 : 0),
                              .tcb = machine.tcb,
                              .hardware_id = {},
                              .csp_id = {}};
    if (kind == VekKind::vcek) out.hardware_id = machine.hardware_id;
    else out.csp_id = machine.csp_id;
    return out;
}

std::vector<X509Extension> encode_vek_extensions(const attest::VekExtensions& extensions)
{
    std::vector<X509Extension> out;
    const auto add = [&](std::string_view under_arc, Bytes value) {
        out.push_back({std::string(kArc).append(under_arc), false, std::move(value)});
    };
    add("1", byte_der(extensions.struct_version));
    add("2", text_der(extensions.product_name));
    if (extensions.product == SnpProduct::turin) add("3.9", byte_der(extensions.tcb.fmc));
    add("3.1", byte_der(extensions.tcb.boot_loader));
    add("3.2", byte_der(extensions.tcb.tee));
    add("3.3", byte_der(extensions.tcb.snp));
    if (extensions.product != SnpProduct::turin) add("3.4", byte_der(0));
    for (const char* reserved : {"3.5", "3.6", "3.7"}) add(reserved, byte_der(0));
    add("3.8", byte_der(extensions.tcb.microcode));
    if (extensions.hardware_id) add("4", *extensions.hardware_id);
    if (extensions.csp_id) add("5", text_der(*extensions.csp_id));
    return out;
}

Result<std::shared_ptr<const SnpRootKeys>> create_snp_root_keys(int bits)
{
    TRY(SigningKey ark, SigningKey::generate_rsa(bits));
    TRY(SigningKey ask, SigningKey::generate_rsa(bits));
    TRY(SigningKey asvk, SigningKey::generate_rsa(bits));
    return std::make_shared<const SnpRootKeys>(SnpRootKeys{std::move(ark), std::move(ask), std::move(asvk)});
}

SnpWindows SnpWindows::for_time(UnixSeconds now)
{
    using std::chrono::days;
    const UnixSeconds from = now - days(1);
    return {
        {from, now + days(25 * 365)}, {from, now + days(25 * 365)}, {from, now + days(7 * 365)}, {from, now + days(365)}};
}

std::string SnpAuthority::chain(VekKind kind) const { return (kind == VekKind::vcek ? ask : asvk).to_pem() + ark.to_pem(); }

Result<SnpAuthority> create_snp_authority(const SnpMachine& machine, std::shared_ptr<const SnpRootKeys> keys,
                                          const SnpWindows& windows)
{
    const std::string product(attest::name(machine.product));
    SigningKey vek_key = SigningKey::generate(crypto::Curve::p384);
    TRY(const Certificate ark, crypto::issue_root(ca_profile("ARK-" + product, windows.ark, 1), keys->ark));
    TRY(const Certificate ask,
        crypto::issue_certificate(ca_profile("SEV-" + product, windows.ask, 0), keys->ask.public_key(), ark, keys->ark));
    TRY(const Certificate asvk, crypto::issue_certificate(ca_profile("SEV-VLEK-" + product, windows.ask, 0),
                                                          keys->asvk.public_key(), ark, keys->ark));
    const auto vek = [&](VekKind kind, const Window& window) {
        return crypto::issue_certificate(vek_profile(kind, window, encode_vek_extensions(vek_extensions(machine, kind))),
                                         vek_key.public_key(), kind == VekKind::vcek ? ask : asvk,
                                         kind == VekKind::vcek ? keys->ask : keys->asvk);
    };
    TRY(const Certificate vcek, vek(VekKind::vcek, windows.vcek));
    TRY(const Certificate vlek, vek(VekKind::vlek, windows.vlek));
    return SnpAuthority{.machine = machine,
                        .keys = std::move(keys),
                        .vek_key = std::move(vek_key),
                        .ark = ark,
                        .ask = ask,
                        .asvk = asvk,
                        .vcek = vcek,
                        .vlek = vlek};
}

Result<Certificate> issue_vek(const SnpAuthority& authority, VekKind kind, const Window& window,
                              std::vector<X509Extension> extensions)
{
    const bool vcek = kind == VekKind::vcek;
    return crypto::issue_certificate(vek_profile(kind, window, std::move(extensions)), authority.vek_key.public_key(),
                                     vcek ? authority.ask : authority.asvk,
                                     vcek ? authority.keys->ask : authority.keys->asvk);
}

Result<crypto::Crl> issue_snp_crl(const SnpAuthority& authority, const Window& window, std::vector<Bytes> revoked_serials,
                                  std::uint64_t number)
{
    return crypto::issue_crl({.this_update = window.from,
                              .next_update = window.to,
                              .number = number,
                              .revoked_serials = std::move(revoked_serials),
                              .extensions = {}},
                             authority.ark, authority.keys->ark);
}

Result<attest::SnpEndorsements> issue_snp_endorsements(const SnpAuthority& authority, VekKind kind, const Window& crl_window)
{
    TRY(const crypto::Crl crl, issue_snp_crl(authority, crl_window));
    return attest::SnpEndorsements{authority.vek(kind).der(), authority.chain(kind), crl.der()};
}

}  // namespace iapp::simtee
