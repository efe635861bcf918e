#include <boost/json/monotonic_resource.hpp>

#include "attest/intel_tcb.hpp"
#include "attest/internal/json_text.hpp"
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

/// One arena for the whole document: it is read once and dropped.
Result<json::Value> parse_document(std::string_view text)
{
    return json::parse(text, boost::json::make_shared_resource<boost::json::monotonic_resource>(), kLimits);
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> raw(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::string_view text, in.text(name));
    using Raw = FixedBytes<N, struct RawTag>;
    TRY(const Raw bytes, parse_digits<Raw>(text));
    return bytes.array();
}

template <class Int>
Int little_endian(std::span<const std::uint8_t, sizeof(Int)> bytes)
{
    Int out = 0;
    for (std::size_t i = sizeof(Int); i-- > 0;) out = static_cast<Int>(out << 8U | bytes[i]);
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
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
}

/// The member "svn" of one component, 0 to 255. Without a reader: a document has hundreds of these.
std::optional<std::uint8_t> svn_of(const json::Value& component)
{
    const json::Object* object = component.if_object();
    const json::Value* svn = object != nullptr ? object->if_contains("svn") : nullptr;
    const std::int64_t* number = svn != nullptr ? svn->if_int64() : nullptr;
    if (number == nullptr || *number < 0 || *number > 255) return std::nullopt;
    return static_cast<std::uint8_t>(*number);
}

Result<TcbComponents> components(const json::ObjectReader& in, std::string_view name)
{
    TRY(const json::ArrayReader array, in.array(name));
    if (array.size() != 16) return bad(array.path() + " has " + std::to_string(array.size()) + " components, not 16");
    TcbComponents out{};
    for (std::size_t i = 0; i < 16; ++i) {
        TRY(const json::Value* const component, array.value(i));
        const auto svn = svn_of(*component);
        if (!svn) return bad(array.path() + "[" + std::to_string(i) + "] has no svn between 0 and 255");
        out[i] = *svn;
    }
    return out;
}

/// Version 2 spells the components as members: "sgxtcbcomp01svn" to "sgxtcbcomp16svn".
Result<TcbComponents> named_components(const json::ObjectReader& in)
{
    TcbComponents out{};
    std::string member = "sgxtcbcomp00svn";
    for (unsigned i = 0; i < 16; ++i) {
        member[10] = static_cast<char>('0' + (i + 1) / 10);
        member[11] = static_cast<char>('0' + (i + 1) % 10);
        TRY(const std::uint64_t svn, in.u64(member, 255));
        out[i] = static_cast<std::uint8_t>(svn);
    }
    return out;
}

/// The advice to relaunch is a conclusion about one TD: no level can carry it.
Result<TcbStatus> status(const json::ObjectReader& in)
{
    TRY(const std::string_view text, in.text("tcbStatus"));
    TRY(const TcbStatus parsed, parse_tcb_status(text));
    using enum TcbStatus;
    if (parsed == td_relaunch_advised || parsed == td_relaunch_advised_configuration_needed)
        return bad(in.path() + ".tcbStatus is not the status of a level");
    return parsed;
}

/// Which of the three shapes of TCB info a document has.
struct TcbForm {
    EvidenceKind kind;
    std::uint64_t version;
};

Result<PlatformTcbLevel> platform_level(const json::ObjectReader& in, const TcbForm& form)
{
    TRY(const json::ObjectReader tcb, in.object("tcb"));
    TRY(const TcbComponents sgx, form.version == 2 ? named_components(tcb) : components(tcb, "sgxtcbcomponents"));
    TcbComponents tdx{};
    if (form.kind == EvidenceKind::tdx) {
        TRY(tdx, components(tcb, "tdxtcbcomponents"));
    }
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
template <class Level, class Read, class Better>
Result<std::vector<Level>> levels(const json::ObjectReader& in, Read read, Better better)
{
    TRY(const json::ArrayReader array, in.array("tcbLevels"));
    if (array.size() > kMaxLevels) return bad(array.path() + " has more than 256 levels");
    std::vector<Level> out;
    out.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader entry, array.object(i));
        TRY(Level level, read(entry));
        const auto place = std::ranges::upper_bound(out, level, better);
        out.insert(place, std::move(level));
    }
    return out;
}

Result<std::vector<PlatformTcbLevel>> platform_levels(const json::ObjectReader& in, const TcbForm& form)
{
    return levels<PlatformTcbLevel>(
        in, [&](const json::ObjectReader& entry) { return platform_level(entry, form); },
        [](const PlatformTcbLevel& a, const PlatformTcbLevel& b) {
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

Result<std::uint32_t> evaluation_number(const json::ObjectReader& in)
{
    TRY(const std::uint64_t number, in.u64("tcbEvaluationDataNumber", UINT32_MAX));
    return static_cast<std::uint32_t>(number);
}

/// "SGX" or "TDX" in version 3; version 2 knew SGX only and has no id.
Result<TcbForm> tcb_form(const json::ObjectReader& in)
{
    TRY(const std::uint64_t version, in.u64("version"));
    if (version == 2 && !in.has("id")) return TcbForm{EvidenceKind::sgx, 2};
    TRY(const std::string_view id, in.text("id"));
    if (version == 3 && id == "SGX") return TcbForm{EvidenceKind::sgx, 3};
    if (version == 3 && id == "TDX") return TcbForm{EvidenceKind::tdx, 3};
    return bad("the document is not SGX or TDX TCB info of version 3, nor SGX TCB info of version 2");
}

/// "QE" or "TD_QE", version 2; another kind under the same signer is not this kind.
Result<EvidenceKind> qe_kind(const json::ObjectReader& in)
{
    TRY(const std::string_view id, in.text("id"));
    TRY(const std::uint64_t version, in.u64("version"));
    if (version == 2 && id == "QE") return EvidenceKind::sgx;
    if (version == 2 && id == "TD_QE") return EvidenceKind::tdx;
    return bad("the document is not a QE or TD_QE identity of version 2");
}

Status read_modules(const json::ObjectReader& in, TcbInfo& out)
{
    TRY(const json::ObjectReader module, in.object("tdxModule"));
    TRY(out.module, module_identity(module));
    TRY(out.identities, module_identities(in));
    return {};
}

Result<TcbInfo> read_tcb_info(std::string_view text)
{
    TRY(const json::Value value, parse_document(text));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY(const TcbForm form, tcb_form(in));
    TRY(const UnixSeconds issued, date(in, "issueDate"));
    TRY(const UnixSeconds next, date(in, "nextUpdate"));
    TRY(const std::uint32_t number, evaluation_number(in));
    TRY(const std::uint64_t type, in.u64("tcbType"));
    if (type != 0) return bad("tcbType is not 0: components of this type have no defined order");
    TRY(const auto fmspc, raw<6>(in, "fmspc"));
    TRY(const auto pce_id, raw<2>(in, "pceId"));
    TRY(std::vector<PlatformTcbLevel> all, platform_levels(in, form));
    TcbInfo out{.kind = form.kind,
                .issue_date = issued,
                .next_update = next,
                .tcb_evaluation_number = number,
                .fmspc = Fmspc{fmspc},
                .pce_id = PceId{pce_id},
                .module = std::nullopt,
                .identities = {},
                .levels = std::move(all)};
    if (form.kind == EvidenceKind::tdx) TRY_OK(read_modules(in, out));
    return out;
}

Result<QeIdentity> read_qe_identity(std::string_view text)
{
    TRY(const json::Value value, parse_document(text));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY(const EvidenceKind kind, qe_kind(in));
    TRY(const UnixSeconds issued, date(in, "issueDate"));
    TRY(const UnixSeconds next, date(in, "nextUpdate"));
    TRY(const std::uint32_t number, evaluation_number(in));
    TRY(const auto misc, raw<4>(in, "miscselect"));
    TRY(const auto misc_mask, raw<4>(in, "miscselectMask"));
    TRY(const auto attributes, raw<16>(in, "attributes"));
    TRY(const auto mask, raw<16>(in, "attributesMask"));
    TRY(const auto signer, raw<32>(in, "mrsigner"));
    TRY(const std::uint16_t product, u16(in, "isvprodid"));
    TRY(std::vector<SvnTcbLevel> all, svn_levels(in));
    return QeIdentity{.kind = kind,
                      .issue_date = issued,
                      .next_update = next,
                      .tcb_evaluation_number = number,
                      .misc_select = little_endian<std::uint32_t>(misc),
                      .misc_select_mask = little_endian<std::uint32_t>(misc_mask),
                      .flags = little_endian<std::uint64_t>(ByteView(attributes).first<8>()),
                      .flags_mask = little_endian<std::uint64_t>(ByteView(mask).first<8>()),
                      .xfrm = little_endian<std::uint64_t>(ByteView(attributes).last<8>()),
                      .xfrm_mask = little_endian<std::uint64_t>(ByteView(mask).last<8>()),
                      .mr_signer = Hash256{signer},
                      .isv_prod_id = product,
                      .levels = std::move(all)};
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
