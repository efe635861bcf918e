#include "simtee/authority.hpp"

namespace iapp::simtee {
namespace {

using crypto::Certificate;
using crypto::CertificateProfile;
using crypto::P256Key;

constexpr std::string_view kOrganization = "IAPP simulation";
constexpr std::array<std::uint8_t, 9> kSgxOid{0x2a, 0x86, 0x48, 0x86, 0xf8,
                                              0x4d, 0x01, 0x0d, 0x01};  // 1.2.840.113741.1.13.1

// --- DER of the SGX extension
// ----------------------------------------------------------------------------------------------

enum Tag : std::uint8_t {
    kBoolean = 0x01,
    kInteger = 0x02,
    kOctets = 0x04,
    kObjectId = 0x06,
    kEnumerated = 0x0a,
    kSequence = 0x30
};

Bytes tlv(std::uint8_t tag, ByteView value)
{
    Bytes out{tag};
    if (value.size() >= 0x100) {
        out.insert(out.end(), {0x82, static_cast<std::uint8_t>(value.size() >> 8), static_cast<std::uint8_t>(value.size())});
    } else {
        if (value.size() >= 0x80) out.push_back(0x81);
        out.push_back(static_cast<std::uint8_t>(value.size()));
    }
    append(out, value);
    return out;
}

Bytes number(std::uint8_t tag, std::uint16_t value)
{
    Bytes magnitude;
    if (value > 0x7fff) magnitude.push_back(0);
    if (value > 0x7f) magnitude.push_back(static_cast<std::uint8_t>(value >> 8));
    magnitude.push_back(static_cast<std::uint8_t>(value));
    return tlv(tag, magnitude);
}

/// SEQUENCE { OID prefix.last, value }
Bytes field(std::initializer_list<std::uint8_t> last, ByteView value)
{
    Bytes oid(kSgxOid.begin(), kSgxOid.end());
    oid.insert(oid.end(), last);
    Bytes pair = tlv(kObjectId, oid);
    append(pair, value);
    return tlv(kSequence, pair);
}

Bytes encode_tcb(const attest::SgxExtension& platform)
{
    Bytes out;
    for (std::uint8_t i = 0; i < 16; ++i)
        append(out, field({2, static_cast<std::uint8_t>(i + 1)}, number(kInteger, platform.components[i])));
    append(out, field({2, 17}, number(kInteger, platform.pce_svn)));
    append(out, field({2, 18}, tlv(kOctets, platform.cpu_svn)));
    return tlv(kSequence, out);
}

/// dynamicPlatform, cachedKeys and SMT, all true.
Bytes encode_configuration()
{
    const Bytes yes = tlv(kBoolean, Bytes{0xff});
    Bytes out;
    for (std::uint8_t i = 1; i <= 3; ++i) append(out, field({7, i}, yes));
    return tlv(kSequence, out);
}

// --- certificates
// ----------------------------------------------------------------------------------------------------------

CertificateProfile profile(std::string_view name, const Window& window)
{
    CertificateProfile out{.common_name = std::string(name),
                           .organization = std::string(kOrganization),
                           .serial = {},
                           .not_before = window.from,
                           .not_after = window.to,
                           .ca = false,
                           .path_length = std::nullopt,
                           .extensions = {}};
    return out;
}

CertificateProfile ca_profile(std::string_view name, const Window& window, std::uint32_t path_length)
{
    CertificateProfile out = profile(name, window);
    out.ca = true;
    out.path_length = path_length;
    return out;
}

}  // namespace

CertificateWindows CertificateWindows::for_time(UnixSeconds now)
{
    using std::chrono::days;
    const UnixSeconds from = now - days(1);
    return {{from, now + days(20 * 365)},
            {from, now + days(10 * 365)},
            {from, now + days(7 * 365)},
            {from, now + days(7 * 365)}};
}

attest::SgxExtension simulated_platform(PckCa ca)
{
    const bool platform = ca == PckCa::platform;
    return {.ppid = attest::Ppid{std::array<std::uint8_t, 16>{'I', 'A', 'P', 'P', ' ', 'S', 'I', 'M', 'U', 'L', 'A', 'T',
                                                              'E', 'D', 0, 1}},
            .components = {2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0},
            .pce_svn = 13,
            .cpu_svn = {2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0},
            .pce_id = attest::PceId::zero(),
            .fmspc = attest::Fmspc{std::array<std::uint8_t, 6>{'S', 'I', 'M', 0, 0, 0}},
            .type = platform ? attest::SgxType::scalable : attest::SgxType::standard,
            .platform_instance_id = platform ? std::optional(std::array<std::uint8_t, 16>{}) : std::nullopt};
}

Bytes encode_sgx_extension(const attest::SgxExtension& platform)
{
    Bytes out;
    append(out, field({1}, tlv(kOctets, platform.ppid.bytes())));
    append(out, field({2}, encode_tcb(platform)));
    append(out, field({3}, tlv(kOctets, platform.pce_id.bytes())));
    append(out, field({4}, tlv(kOctets, platform.fmspc.bytes())));
    append(out, field({5}, number(kEnumerated, static_cast<std::uint16_t>(platform.type))));
    if (platform.platform_instance_id) {
        append(out, field({6}, tlv(kOctets, *platform.platform_instance_id)));
        append(out, field({7}, encode_configuration()));
    }
    return tlv(kSequence, out);
}

Result<Authority> create_authority(const CertificateWindows& windows, const Bytes& extension, PckCa kind)
{
    const std::string_view ca_name =
        kind == PckCa::platform ? "IAPP Simulated PCK Platform CA" : "IAPP Simulated PCK Processor CA";
    P256Key root_key = P256Key::generate();
    P256Key ca_key = P256Key::generate();
    P256Key pck_key = P256Key::generate();
    P256Key tcb_key = P256Key::generate();

    TRY(Certificate root, crypto::issue_root(ca_profile(kRootName, windows.root, 1), root_key));
    TRY(Certificate ca, crypto::issue_certificate(ca_profile(ca_name, windows.ca, 0), ca_key.public_key(), root, root_key));
    CertificateProfile pck_profile = profile("Intel SGX PCK Certificate", windows.pck);  // the name the PCK profile demands
    pck_profile.extensions.push_back({std::string(attest::kSgxExtensionOid), false, extension});
    TRY(Certificate pck, crypto::issue_certificate(pck_profile, pck_key.public_key(), ca, ca_key));
    TRY(Certificate tcb_signer, crypto::issue_certificate(profile("Intel SGX TCB Signing", windows.tcb_signer),
                                                          tcb_key.public_key(), root, root_key));
    return Authority{.root_key = std::move(root_key),
                     .ca_key = std::move(ca_key),
                     .pck_key = std::move(pck_key),
                     .tcb_key = std::move(tcb_key),
                     .attestation_key = P256Key::generate(),
                     .root = std::move(root),
                     .ca = std::move(ca),
                     .pck = std::move(pck),
                     .tcb_signer = std::move(tcb_signer)};
}

}  // namespace iapp::simtee
