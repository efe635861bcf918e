#include "attest/pck.hpp"

#include <vector>

namespace iapp::attest {
namespace {

constexpr std::array<std::uint8_t, 9> kOid{0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};  // 1.2.840.113741.1.13.1

enum Tag : std::uint8_t {
    kBoolean = 0x01,
    kInteger = 0x02,
    kOctets = 0x04,
    kObjectId = 0x06,
    kEnumerated = 0x0a,
    kSequence = 0x30
};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.pck", "SGX extension: " + std::move(detail));
}

struct Tlv {
    std::uint8_t tag;
    ByteView value;
};

/// Reads one DER element off the front of `rest`: single-byte tags, definite minimal lengths below 64 KiB.
Result<Tlv> read_tlv(ByteView& rest)
{
    if (rest.size() < 2) return bad("an element is cut off");
    const std::uint8_t tag = rest[0];
    std::size_t length = rest[1];
    std::size_t head = 2;
    if (length >= 0x80) {
        const std::size_t extra = length - 0x80;
        if (extra < 1 || extra > 2 || rest.size() < 2 + extra) return bad("a length is not definite, or too long");
        length = extra == 1 ? rest[2] : static_cast<std::size_t>(rest[2] << 8 | rest[3]);
        if (length < (extra == 1 ? 0x80U : 0x100U)) return bad("a length is not minimal");
        head += extra;
    }
    if (length > rest.size() - head) return bad("a length is beyond its container");
    const Tlv out{tag, rest.subspan(head, length)};
    rest = rest.subspan(head + length);
    return out;
}

Result<ByteView> read_tagged(ByteView& rest, std::uint8_t tag)
{
    TRY(const Tlv tlv, read_tlv(rest));
    if (tlv.tag != tag) return bad("tag " + std::to_string(tlv.tag) + " where " + std::to_string(tag) + " belongs");
    return tlv.value;
}

struct Field {
    Tlv value;
    bool seen = false;
};

/// Reads SEQUENCE OF SEQUENCE{OID prefix.n, value} with 1 <= n <= most into fields[n], each at most once.
Result<std::vector<Field>> read_fields(ByteView sequence, ByteView prefix, std::size_t most)
{
    std::vector<Field> fields(most + 1);
    while (!sequence.empty()) {
        TRY(ByteView pair, read_tagged(sequence, kSequence));
        TRY(const ByteView oid, read_tagged(pair, kObjectId));
        if (oid.size() != prefix.size() + 1 || !std::ranges::equal(oid.first(prefix.size()), prefix))
            return bad("an object identifier does not belong here");
        const std::size_t n = oid.back();
        if (n < 1 || n > most) return bad("unknown field ." + std::to_string(n));
        if (fields[n].seen) return bad("field ." + std::to_string(n) + " appears twice");
        TRY(const Tlv value, read_tlv(pair));
        if (!pair.empty()) return bad("bytes follow the value of field ." + std::to_string(n));
        fields[n] = {value, true};
    }
    return fields;
}

Status require_all(const std::vector<Field>& fields, std::size_t least)
{
    for (std::size_t n = 1; n <= least; ++n)
        if (!fields[n].seen) return bad("field ." + std::to_string(n) + " is missing");
    return {};
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> octets(const Field& field)
{
    if (field.value.tag != kOctets || field.value.value.size() != N)
        return bad("a field is not an OCTET STRING of " + std::to_string(N) + " bytes");
    std::array<std::uint8_t, N> out{};
    std::ranges::copy(field.value.value, out.begin());
    return out;
}

/// A non-negative INTEGER or ENUMERATED of at most two significant bytes, minimally encoded.
Result<std::uint16_t> number(const Field& field, std::uint8_t tag, std::uint16_t most)
{
    ByteView bytes = field.value.value;
    if (field.value.tag != tag || bytes.empty() || bytes.size() > 3) return bad("a number has the wrong type or size");
    if ((bytes[0] & 0x80) != 0) return bad("a number is negative");
    if (bytes.size() > 1 && bytes[0] == 0) {
        if ((bytes[1] & 0x80) == 0) return bad("a number is not minimal");
        bytes = bytes.subspan(1);
    }
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    if (value > most) return bad("number " + std::to_string(value) + " is above " + std::to_string(most));
    return static_cast<std::uint16_t>(value);
}

struct Tcb {
    std::array<std::uint8_t, 16> components;
    std::uint16_t pce_svn;
    std::array<std::uint8_t, 16> cpu_svn;
};

Bytes oid_below(std::uint8_t last)
{
    Bytes oid(kOid.begin(), kOid.end());
    oid.push_back(last);
    return oid;
}

Result<Tcb> read_tcb(const Field& field)
{
    if (field.value.tag != kSequence) return bad("the TCB is not a SEQUENCE");
    TRY(const std::vector<Field> fields, read_fields(field.value.value, oid_below(2), 18));
    TRY_OK(require_all(fields, 18));
    Tcb tcb{};
    for (std::size_t i = 0; i < 16; ++i) {
        TRY(const std::uint16_t svn, number(fields[i + 1], kInteger, 255));
        tcb.components[i] = static_cast<std::uint8_t>(svn);
    }
    TRY(tcb.pce_svn, number(fields[17], kInteger, 65535));
    TRY(tcb.cpu_svn, octets<16>(fields[18]));
    return tcb;
}

/// Platform configuration: three optional booleans. Informative here; parsed so that a malformed one is refused.
Status check_configuration(const Field& field)
{
    if (field.value.tag != kSequence) return bad("the configuration is not a SEQUENCE");
    TRY(const std::vector<Field> fields, read_fields(field.value.value, oid_below(7), 3));
    for (const Field& flag : fields) {
        if (!flag.seen) continue;
        const ByteView value = flag.value.value;
        if (flag.value.tag != kBoolean || value.size() != 1 || (value[0] != 0x00 && value[0] != 0xff))
            return bad("a configuration flag is not a DER BOOLEAN");
    }
    return {};
}

}  // namespace

Result<SgxExtension> parse_sgx_extension(ByteView der)
{
    TRY(const ByteView sequence, read_tagged(der, kSequence));
    if (!der.empty()) return bad("bytes follow the extension");
    TRY(const std::vector<Field> fields, read_fields(sequence, kOid, 7));
    TRY_OK(require_all(fields, 5));

    TRY(const auto ppid, octets<16>(fields[1]));
    TRY(const Tcb tcb, read_tcb(fields[2]));
    TRY(const auto pce_id, octets<2>(fields[3]));
    TRY(const auto fmspc, octets<6>(fields[4]));
    TRY(const std::uint16_t type, number(fields[5], kEnumerated, 2));
    std::optional<std::array<std::uint8_t, 16>> instance;
    if (fields[6].seen) {
        TRY(instance, octets<16>(fields[6]));
    }
    if (fields[7].seen) TRY_OK(check_configuration(fields[7]));

    return SgxExtension{.ppid = Ppid{ppid},
                        .components = tcb.components,
                        .pce_svn = tcb.pce_svn,
                        .cpu_svn = tcb.cpu_svn,
                        .pce_id = PceId{pce_id},
                        .fmspc = Fmspc{fmspc},
                        .type = static_cast<SgxType>(type),
                        .platform_instance_id = instance};
}

}  // namespace iapp::attest
