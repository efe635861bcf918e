#include "attest/internal/json_text.hpp"
#include "attest/tcb.hpp"
#include "codec/json.hpp"

namespace iapp::attest {
namespace {

// Members we do not know are accepted here: these documents are the vendor's, signed, and grow.

constexpr json::Limits kLimits{.max_bytes = 1U << 20U, .max_depth = 16};
constexpr std::size_t kMaxLevels = 256;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.collateral_format", std::move(detail));
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> raw(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::string_view text, in.text(name));
    using Raw = FixedBytes<N, struct RawTag>;
    TRY(const Raw bytes, parse_digits<Raw>(text));
    return bytes.array();
}

template <class Int, std::size_t N>
Int little_endian(const std::array<std::uint8_t, N>& bytes)
{
    static_assert(sizeof(Int) == N);
    Int out = 0;
    for (std::size_t i = N; i-- > 0;) out = static_cast<Int>(out << 8 | bytes[i]);
    return out;
}

Result<UnixSeconds> date(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::string_view text, in.text(name));
    return parse_iso8601(text);
}

Result<std::uint16_t> u16(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::uint64_t value, in.u64(name, 65535));
    return static_cast<std::uint16_t>(value);
}

Result<std::vector<std::string>> advisories(const json::ObjectReader& in)
{
    TRY(const std::optional<json::ArrayReader> array, in.find_array("advisoryIDs"));
    std::vector<std::string> out;
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        TRY(const std::string_view id, array->text(i));
        out.emplace_back(id);
    }
    std::ranges::sort(out);
    return out;
}

Result<std::array<std::uint8_t, 16>> components(const json::ObjectReader& in, std::string_view name)
{
    TRY(const json::ArrayReader array, in.array(name));
    if (array.size() != 16) return bad(array.path() + " has " + std::to_string(array.size()) + " components, not 16");
    std::array<std::uint8_t, 16> out{};
    for (std::size_t i = 0; i < 16; ++i) {
        TRY(const json::ObjectReader component, array.object(i));
        TRY(const std::uint64_t svn, component.u64("svn", 255));
        out[i] = static_cast<std::uint8_t>(svn);
    }
    return out;
}

Result<TcbStatus> status(const json::ObjectReader& in)
{
    TRY(const std::string_view text, in.text("tcbStatus"));
    return parse_tcb_status(text);
}

Result<PlatformTcbLevel> platform_level(const json::ObjectReader& in)
{
    TRY(const json::ObjectReader tcb, in.object("tcb"));
    TRY(const auto sgx, components(tcb, "sgxtcbcomponents"));
    TRY(const auto tdx, components(tcb, "tdxtcbcomponents"));
    TRY(const std::uint16_t pce_svn, u16(tcb, "pcesvn"));
    TRY(const UnixSeconds when, date(in, "tcbDate"));
    TRY(const TcbStatus what, status(in));
    TRY(std::vector<std::string> ids, advisories(in));
    return PlatformTcbLevel{sgx, tdx, pce_svn, when, what, std::move(ids)};
}

Result<SvnTcbLevel> svn_level(const json::ObjectReader& in)
{
    TRY(const json::ObjectReader tcb, in.object("tcb"));
    TRY(const std::uint16_t svn, u16(tcb, "isvsvn"));
    TRY(const UnixSeconds when, date(in, "tcbDate"));
    TRY(const TcbStatus what, status(in));
    TRY(std::vector<std::string> ids, advisories(in));
    return SvnTcbLevel{svn, when, what, std::move(ids)};
}

/// Reads "tcbLevels" with `read` and puts the best first: the order of the document decides nothing.
template <class Level, class Better>
Result<std::vector<Level>> levels(const json::ObjectReader& in, Result<Level> (*read)(const json::ObjectReader&),
                                  Better better)
{
    TRY(const json::ArrayReader array, in.array("tcbLevels"));
    if (array.size() > kMaxLevels) return bad(array.path() + " has more than 256 levels");
    std::vector<Level> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader entry, array.object(i));
        TRY(Level level, read(entry));
        const auto place = std::ranges::upper_bound(out, level, better);
        out.insert(place, std::move(level));
    }
    return out;
}

Result<std::vector<PlatformTcbLevel>> platform_levels(const json::ObjectReader& in)
{
    return levels<PlatformTcbLevel>(in, platform_level, [](const PlatformTcbLevel& a, const PlatformTcbLevel& b) {
        return std::tie(a.sgx, a.pce_svn, a.tdx) > std::tie(b.sgx, b.pce_svn, b.tdx);
    });
}

Result<std::vector<SvnTcbLevel>> svn_levels(const json::ObjectReader& in)
{
    return levels<SvnTcbLevel>(in, svn_level,
                               [](const SvnTcbLevel& a, const SvnTcbLevel& b) { return a.isv_svn > b.isv_svn; });
}

/// Signer and attributes of a TDX module; levels and id are the caller's.
Result<TdxModuleIdentity> module_identity(const json::ObjectReader& in)
{
    TRY(const auto signer, raw<48>(in, "mrsigner"));
    TRY(const auto attributes, raw<8>(in, "attributes"));
    TRY(const auto mask, raw<8>(in, "attributesMask"));
    return TdxModuleIdentity{.id = {},
                             .mr_signer = Hash384{signer},
                             .attributes = little_endian<std::uint64_t>(attributes),
                             .attributes_mask = little_endian<std::uint64_t>(mask),
                             .levels = {}};
}

Result<std::vector<TdxModuleIdentity>> module_identities(const json::ObjectReader& in)
{
    TRY(const std::optional<json::ArrayReader> array, in.find_array("tdxModuleIdentities"));
    std::vector<TdxModuleIdentity> out;
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        TRY(const json::ObjectReader entry, array->object(i));
        TRY(TdxModuleIdentity identity, module_identity(entry));
        TRY(const std::string_view id, entry.text("id"));
        identity.id = id;
        TRY(identity.levels, svn_levels(entry));
        out.push_back(std::move(identity));
    }
    return out;
}

/// Both documents name what they are and in which version; another kind under the same signer is not this kind.
Result<json::ObjectReader> open_document(const json::Value& value, std::string_view id, std::uint64_t version)
{
    TRY(json::ObjectReader in, json::ObjectReader::of(value));
    TRY(const std::string_view seen_id, in.text("id"));
    TRY(const std::uint64_t seen_version, in.u64("version"));
    if (seen_id != id || seen_version != version)
        return bad("the document is not " + std::string(id) + " version " + std::to_string(version));
    return in;
}

Result<TcbInfo> read_tcb_info(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, open_document(value, "TDX", 3));
    TRY(const UnixSeconds issued, date(in, "issueDate"));
    TRY(const UnixSeconds next, date(in, "nextUpdate"));
    TRY(const std::uint64_t number, in.u64("tcbEvaluationDataNumber", UINT32_MAX));
    TRY(const std::uint64_t type, in.u64("tcbType"));
    if (type != 0) return bad("tcbType is not 0: components of this type have no defined order");
    TRY(const auto fmspc, raw<6>(in, "fmspc"));
    TRY(const auto pce_id, raw<2>(in, "pceId"));
    TRY(const json::ObjectReader module_in, in.object("tdxModule"));
    TRY(TdxModuleIdentity module, module_identity(module_in));
    TRY(std::vector<TdxModuleIdentity> identities, module_identities(in));
    TRY(std::vector<PlatformTcbLevel> all, platform_levels(in));
    return TcbInfo{issued,
                   next,
                   static_cast<std::uint32_t>(number),
                   Fmspc{fmspc},
                   PceId{pce_id},
                   std::move(module),
                   std::move(identities),
                   std::move(all)};
}

Result<QeIdentity> read_qe_identity(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, open_document(value, "TD_QE", 2));
    TRY(const UnixSeconds issued, date(in, "issueDate"));
    TRY(const UnixSeconds next, date(in, "nextUpdate"));
    TRY(const std::uint64_t number, in.u64("tcbEvaluationDataNumber", UINT32_MAX));
    TRY(const auto misc, raw<4>(in, "miscselect"));
    TRY(const auto misc_mask, raw<4>(in, "miscselectMask"));
    TRY(const auto attributes, raw<16>(in, "attributes"));
    TRY(const auto attributes_mask, raw<16>(in, "attributesMask"));
    TRY(const auto signer, raw<32>(in, "mrsigner"));
    TRY(const std::uint16_t product, u16(in, "isvprodid"));
    TRY(std::vector<SvnTcbLevel> all, svn_levels(in));
    return QeIdentity{issued,
                      next,
                      static_cast<std::uint32_t>(number),
                      little_endian<std::uint32_t>(misc),
                      little_endian<std::uint32_t>(misc_mask),
                      attributes,
                      attributes_mask,
                      Hash256{signer},
                      product,
                      std::move(all)};
}

}  // namespace

Result<TcbInfo> parse_tcb_info(std::string_view json)
{
    auto parsed = read_tcb_info(json);
    if (!parsed) return bad("TCB info: " + explain(parsed.error()));
    return parsed;
}

Result<QeIdentity> parse_qe_identity(std::string_view json)
{
    auto parsed = read_qe_identity(json);
    if (!parsed) return bad("QE identity: " + explain(parsed.error()));
    return parsed;
}

}  // namespace iapp::attest
