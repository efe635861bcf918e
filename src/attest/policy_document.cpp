#include "attest/policy_document.hpp"

#include "attest/internal/json_text.hpp"
#include "attest/internal/registers.hpp"
#include "codec/json.hpp"

namespace iapp::attest {
namespace {

constexpr json::Limits kLimits{.max_bytes = kMaxPolicyBytes, .max_depth = 8};
constexpr std::size_t kMaxReferences = 4096;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.policy_format", std::move(detail));
}

/// Reads an optional member into `out`; an absent one leaves the default.
template <class Int>
Status read_integer(const json::ObjectReader& in, std::string_view name, Int& out)
{
    TRY(const auto value, in.find_u64(name, std::numeric_limits<Int>::max()));
    if (value) out = static_cast<Int>(*value);
    return {};
}

Status read_flag(const json::ObjectReader& in, std::string_view name, bool& out)
{
    TRY(const auto value, in.find_boolean(name));
    if (value) out = *value;
    return {};
}

/// A bit mask is "0x" and up to 16 digits: JSON numbers end at 2^53.
Status read_mask(const json::ObjectReader& in, std::string_view name, std::uint64_t& out)
{
    TRY(const auto text, in.find_text(name));
    if (!text) return {};
    if (!text->starts_with("0x") || text->size() < 3 || text->size() > 18)
        return bad(in.path() + "." + std::string(name) + ": a mask is \"0x\" and 1 to 16 hex digits");
    TRY(const Bytes bytes, parse_hex((text->size() % 2 != 0 ? "0" : "") + std::string(text->substr(2))));
    out = 0;
    for (const std::uint8_t byte : bytes) out = out << 8U | byte;
    return {};
}

Status read_days(const json::ObjectReader& in, std::string_view name, std::optional<std::chrono::days>& out)
{
    TRY(const auto value, in.find_u64(name, 36500));
    if (value) out = std::chrono::days(*value);
    return {};
}

/// Applies `read` to each text of an optional list; without the list the default stays.
template <class T, class Read>
Status read_list(const json::ObjectReader& in, std::string_view name, std::vector<T>& out, Read read)
{
    TRY(const auto array, in.find_array(name));
    if (!array) return {};
    out.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
        TRY(const std::string_view text, array->text(i));
        TRY(T value, read(text));
        if (std::ranges::find(out, value) != out.end())
            return bad(array->path() + " names \"" + std::string(text) + "\" twice");
        out.push_back(std::move(value));
    }
    return {};
}

Result<std::string> any_text(std::string_view text) { return std::string(text); }

Result<std::string> machine_id(std::string_view text)
{
    TRY(const Bytes bytes, parse_hex(text));
    if (bytes.size() < 8 || bytes.size() > 64) return bad("a machine id is 8 to 64 bytes in hex digits");
    return hex(bytes);
}

Result<SnpProduct> snp_product(std::string_view text)
{
    if (const auto product = find_snp_product(text)) return *product;
    return bad("\"" + std::string(text) + "\" is not one of: Milan, Genoa, Turin");
}

Status read_tcb(const json::ObjectReader& in, TcbRules& out)
{
    TRY_OK(in.only({"statuses", "advisories", "leastEvaluationNumber", "outOfDateGraceDays"}));
    TRY_OK(read_list(in, "statuses", out.statuses, parse_tcb_status));
    TRY_OK(read_list(in, "advisories", out.advisories, any_text));
    TRY_OK(read_integer(in, "leastEvaluationNumber", out.least_evaluation_number));
    return read_days(in, "outOfDateGraceDays", out.out_of_date_grace);
}

Status read_tdx(const json::ObjectReader& in, TdxRules& out)
{
    TRY_OK(in.only({"attributesRequired", "attributesAllowed", "xfamRequired", "xfamAllowed", "allowServiceTd"}));
    TRY_OK(read_mask(in, "attributesRequired", out.attributes_required));
    TRY_OK(read_mask(in, "attributesAllowed", out.attributes_allowed));
    TRY_OK(read_mask(in, "xfamRequired", out.xfam_required));
    TRY_OK(read_mask(in, "xfamAllowed", out.xfam_allowed));
    return read_flag(in, "allowServiceTd", out.allow_service_td);
}

Status read_sgx(const json::ObjectReader& in, SgxRules& out)
{
    TRY_OK(in.only({"flagsRequired", "flagsAllowed", "xfrmAllowed", "miscSelectAllowed"}));
    TRY_OK(read_mask(in, "flagsRequired", out.flags_required));
    TRY_OK(read_mask(in, "flagsAllowed", out.flags_allowed));
    TRY_OK(read_mask(in, "xfrmAllowed", out.xfrm_allowed));
    return read_integer(in, "miscSelectAllowed", out.misc_select_allowed);
}

Status read_floor(const json::ObjectReader& in, SnpTcb& out)
{
    TRY_OK(in.only({"bootLoader", "tee", "snp", "microcode", "fmc"}));
    TRY_OK(read_integer(in, "bootLoader", out.boot_loader));
    TRY_OK(read_integer(in, "tee", out.tee));
    TRY_OK(read_integer(in, "snp", out.snp));
    TRY_OK(read_integer(in, "microcode", out.microcode));
    return read_integer(in, "fmc", out.fmc);
}

Status read_floors(const json::ObjectReader& in, std::map<SnpProduct, SnpTcb>& out)
{
    TRY(const auto floors, in.find_object("floors"));
    if (!floors) return {};
    for (const auto& member : floors->raw()) {
        TRY(const SnpProduct product, snp_product(member.key()));
        TRY(const json::ObjectReader rules, floors->object(member.key()));
        TRY_OK(read_floor(rules, out[product]));
    }
    return {};
}

Status read_snp(const json::ObjectReader& in, SnpRules& out)
{
    TRY_OK(in.only({"products", "floors", "mostVmpl", "leastAbiMajor", "leastAbiMinor", "leastGuestSvn", "allowSmt",
                    "allowMigrationAgent", "requireAliasCheck", "requireCiphertextHiding", "dangerousNoRevocationList"}));
    TRY_OK(read_list(in, "products", out.products, snp_product));
    TRY_OK(read_floors(in, out.floors));
    TRY_OK(read_integer(in, "mostVmpl", out.most_vmpl));
    if (out.most_vmpl > 3) return bad(in.path() + ".mostVmpl: VMPLs are 0 to 3");
    TRY_OK(read_integer(in, "leastAbiMajor", out.least_abi_major));
    TRY_OK(read_integer(in, "leastAbiMinor", out.least_abi_minor));
    TRY_OK(read_integer(in, "leastGuestSvn", out.least_guest_svn));
    TRY_OK(read_flag(in, "allowSmt", out.allow_smt));
    TRY_OK(read_flag(in, "allowMigrationAgent", out.allow_migration_agent));
    TRY_OK(read_flag(in, "requireAliasCheck", out.require_alias_check));
    TRY_OK(read_flag(in, "requireCiphertextHiding", out.require_ciphertext_hiding));
    return read_flag(in, "dangerousNoRevocationList", out.dangerous_no_revocation_list);
}

Status read_tpm(const json::ObjectReader& in, TpmRules& out)
{
    TRY_OK(in.only({"pcrs"}));
    TRY(const auto array, in.find_array("pcrs"));
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        TRY(const std::uint64_t pcr, array->u64(i, 23));
        if (!out.pcrs.empty() && out.pcrs.back() >= pcr) return bad(array->path() + " is not in ascending order");
        out.pcrs.push_back(static_cast<unsigned>(pcr));
    }
    return {};
}

Status read_registers(const json::ObjectReader& in, ReferenceValue& out)
{
    for (const auto& member : in.raw()) {
        const std::string name(member.key());
        const auto size = register_size(out.tee, name);
        if (!size)
            return bad(in.path() + ": " + std::string(attest::name(out.tee)) + " evidence has no register \"" + name + "\"");
        TRY(const std::string_view digits, in.text(name));
        TRY(Bytes value, parse_hex(digits));
        if (value.size() != *size) return bad(in.path() + "." + name + " is not " + std::to_string(*size) + " bytes");
        out.registers.push_back({name, std::move(value)});
    }
    return {};
}

/// Events of a measured log, by name; payloads in hex digits.
Status read_events(const json::ObjectReader& in, ReferenceValue& out)
{
    TRY(const auto events, in.find_object("events"));
    if (!events) return {};
    if (out.tee != EvidenceKind::tdx) return bad(events->path() + ": only TDs have a register for a measured log");
    if (events->raw().empty()) return bad(events->path() + " names no event");
    for (const auto& member : events->raw()) {
        const std::string name(member.key());
        TRY(const std::string_view digits, events->text(name));
        TRY(Bytes payload, parse_hex(digits));
        out.events.push_back({name, std::move(payload)});
    }
    return {};
}

Result<ReferenceValue> read_reference(const json::ObjectReader& in)
{
    TRY_OK(in.only({"name", "tee", "registers", "events", "leastIsvSvn"}));
    TRY(const std::string_view name, in.text("name"));
    TRY(const std::string_view tee, in.text("tee"));
    TRY(const EvidenceKind kind, parse_evidence_kind(tee));
    ReferenceValue out{.name = std::string(name), .tee = kind, .registers = {}, .least_isv_svn = std::nullopt};
    TRY(const auto svn, in.find_u64("leastIsvSvn", 65535));
    if (svn) out.least_isv_svn = static_cast<std::uint16_t>(*svn);
    if (svn && kind != EvidenceKind::sgx) return bad(in.path() + ".leastIsvSvn: only enclaves have an ISV SVN");
    TRY(const json::ObjectReader registers, in.object("registers"));
    TRY_OK(read_registers(registers, out));
    TRY_OK(read_events(in, out));
    const std::string why = why_incomplete(kind, out.registers, out.least_isv_svn.has_value());
    if (!why.empty()) return bad(registers.path() + ": " + why);
    return out;
}

Status read_references(const json::ObjectReader& in, std::vector<ReferenceValue>& out)
{
    TRY(const auto array, in.find_array("references"));
    if (array && array->size() > kMaxReferences) return bad("more than 4096 references");
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        TRY(const json::ObjectReader entry, array->object(i));
        TRY(ReferenceValue reference, read_reference(entry));
        out.push_back(std::move(reference));
    }
    return {};
}

/// Reads an optional object with the function of its rules.
template <class Rules>
Status read_rules(const json::ObjectReader& in, std::string_view name, Rules& out,
                  Status (*read)(const json::ObjectReader&, Rules&))
{
    TRY(const auto object, in.find_object(name));
    return object ? read(*object, out) : Status{};
}

Status read_limits(const json::ObjectReader& in, AppraisalPolicy& out)
{
    TRY(const auto age, in.find_u64("mostCollateralAgeHours", 24 * 3650));
    if (age) out.most_collateral_age = std::chrono::hours(*age);
    if (in.has("machines")) TRY_OK(read_list(in, "machines", out.machines.emplace(), machine_id));
    TRY_OK(read_flag(in, "dangerousAllowSimulated", out.dangerous_allow_simulated));
    TRY_OK(read_flag(in, "dangerousAnyMeasurement", out.dangerous_any_measurement));
    return read_flag(in, "dangerousAnyReportData", out.dangerous_any_report_data);
}

Result<AppraisalPolicy> read_policy(const json::ObjectReader& in)
{
    TRY_OK(in.only({"schema", "name", "tees", "tcb", "mostCollateralAgeHours", "machines", "references", "tdx", "sgx", "snp",
                    "tpm", "dangerousAllowSimulated", "dangerousAnyMeasurement", "dangerousAnyReportData"}));
    TRY(const std::string_view schema, in.text("schema"));
    if (schema != kPolicySchema) return bad("$.schema is not \"" + std::string(kPolicySchema) + "\"");
    AppraisalPolicy out;
    TRY(const std::string_view name, in.text("name"));
    out.name = name;
    TRY_OK(in.array("tees"));
    TRY_OK(read_list(in, "tees", out.tees, parse_evidence_kind));
    TRY_OK(read_rules(in, "tcb", out.tcb, read_tcb));
    TRY_OK(read_rules(in, "tdx", out.tdx, read_tdx));
    TRY_OK(read_rules(in, "sgx", out.sgx, read_sgx));
    TRY_OK(read_rules(in, "snp", out.snp, read_snp));
    TRY_OK(read_rules(in, "tpm", out.tpm, read_tpm));
    TRY_OK(read_references(in, out.accepted));
    TRY_OK(read_limits(in, out));
    return out;
}

/// Readers take null for absent, and absent means the default: a rule that somebody emptied must not turn into that.
bool has_null(const json::Value& value)
{
    if (const json::Array* array = value.if_array()) return std::ranges::any_of(*array, has_null);
    const json::Object* object = value.if_object();
    return value.is_null() ||
           (object != nullptr && std::ranges::any_of(*object, [](const auto& member) { return has_null(member.value()); }));
}

Result<AppraisalPolicy> parse(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    if (has_null(value)) return bad("null is no value of a policy: leave the member out");
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    return read_policy(in);
}

}  // namespace

Result<PolicyDocument> parse_policy(std::string_view json)
{
    auto policy = parse(json);
    if (!policy && policy.error().reason == info(CheckId::policy_format).reason) return std::unexpected(policy.error());
    if (!policy) return bad(explain(policy.error()));
    return PolicyDocument{*std::move(policy), crypto::sha256(as_bytes(json))};
}

}  // namespace iapp::attest
