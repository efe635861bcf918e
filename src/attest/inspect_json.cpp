#include "attest/detect.hpp"
#include "attest/event_log.hpp"
#include "attest/intel_collateral.hpp"
#include "attest/intel_tcb.hpp"
#include "attest/internal/fields.hpp"
#include "attest/internal/json_text.hpp"
#include "attest/policy_document.hpp"
#include "attest/runtime_log.hpp"
#include "codec/json.hpp"

namespace iapp::attest::fields {
namespace {

std::string join(const std::vector<std::string>& words)
{
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

Field level(std::string name, TcbStatus status, UnixSeconds date, const std::vector<std::string>& advisories)
{
    Field out = text(std::move(name), attest::name(status));
    out.fields.push_back(time("date", date));
    if (!advisories.empty()) out.fields.push_back(text("advisories", join(advisories)));
    return out;
}

Result<Field> tcb_info(std::string_view json)
{
    TRY(const TcbInfo info, parse_tcb_info(json));
    Field out = group(std::string(name(info.kind)) + " tcb info",
                      {time("issue_date", info.issue_date), time("next_update", info.next_update),
                       number("tcb_evaluation_number", info.tcb_evaluation_number), digits("fmspc", info.fmspc),
                       digits("pce_id", info.pce_id)});
    for (const TdxModuleIdentity& module : info.identities) out.fields.push_back(text("module", module.id));
    for (const PlatformTcbLevel& one : info.levels) {
        Field below = level("level", one.status, one.date, one.advisories);
        below.fields.push_back(digits("sgx_components", one.sgx));
        if (info.kind == EvidenceKind::tdx) below.fields.push_back(digits("tdx_components", one.tdx));
        below.fields.push_back(number("pce_svn", one.pce_svn));
        out.fields.push_back(std::move(below));
    }
    return out;
}

Result<Field> qe_identity(std::string_view json)
{
    TRY(const QeIdentity identity, parse_qe_identity(json));
    Field out =
        group("quoting enclave identity",
              {text("of", name(identity.kind)), time("issue_date", identity.issue_date),
               time("next_update", identity.next_update), number("tcb_evaluation_number", identity.tcb_evaluation_number),
               digits("mrsigner", identity.mr_signer), number("isv_prod_id", identity.isv_prod_id)});
    for (const SvnTcbLevel& one : identity.levels) {
        Field below = level("level", one.status, one.date, one.advisories);
        below.fields.push_back(number("isv_svn", one.isv_svn));
        out.fields.push_back(std::move(below));
    }
    return out;
}

Result<Field> collateral(const Collateral& all)
{
    Field out = group("intel collateral", {});
    const auto add = [&](std::string_view as, Result<Field> part) {
        if (!part) return;
        part->name = as;
        out.fields.push_back(*std::move(part));
    };
    add("tcb_info", tcb_info(all.tcb_info));
    add("qe_identity", qe_identity(all.qe_identity));
    add("root_ca_crl", revocation_list(all.root_ca_crl));
    add("pck_crl", revocation_list(all.pck_crl));
    add("pck_crl_issuer_chain", certificates(as_bytes(all.pck_crl_issuer_chain)));
    add("tcb_info_issuer_chain", certificates(as_bytes(all.tcb_info_issuer_chain)));
    add("qe_identity_issuer_chain", certificates(as_bytes(all.qe_identity_issuer_chain)));
    return out;
}

Field own_log(const EventLog& log)
{
    Field out = group("measured log", {digits("rtmr3", replay(log))});
    for (const LogEntry& entry : log)
        out.fields.push_back(group(entry.domain + "/" + entry.op, {number("seq", entry.seq), digits("digest", entry.digest),
                                                                   number("payload_bytes", entry.payload.size())}));
    return out;
}

Field runtime_log(const RuntimeLog& log)
{
    Field out = group("runtime log", {number("events", log.size())});
    for (const RuntimeEvent& event : log) {
        Field below =
            group(event.name.empty() ? "event" : event.name, {number("rtmr", event.imr), mask("type", event.type)});
        if (event.digest) below.fields.push_back(digits("digest", *event.digest));
        if (!event.payload.empty()) below.fields.push_back(digits("payload", event.payload));
        out.fields.push_back(std::move(below));
    }
    return out;
}

Field policy(const PolicyDocument& document)
{
    Field out = group("appraisal policy", document.policy.name, {digits("sha256", document.sha256)});
    for (const ReferenceValue& reference : document.policy.accepted) {
        Field below = group("reference", reference.name, {text("tee", name(reference.tee))});
        for (const RegisterValue& value : reference.registers) below.fields.push_back(digits(value.name, value.value));
        out.fields.push_back(std::move(below));
    }
    return out;
}

}  // namespace

Result<Field> json_document(ByteView bytes)
{
    const std::string_view json = as_text(bytes);
    if (const auto info = slice_signed_object(json, "tcbInfo")) return tcb_info(info->bytes);
    if (const auto identity = slice_signed_object(json, "enclaveIdentity")) return qe_identity(identity->bytes);
    if (const auto all = parse_collateral(json)) return collateral(*all);
    if (const auto log = parse_event_log(json)) return own_log(*log);
    if (const auto log = parse_runtime_log(json)) return runtime_log(*log);
    if (const auto document = parse_policy(json)) return policy(*document);
    TRY(const Evidence evidence, read_evidence(bytes));
    return inspect(evidence.bytes);
}

}  // namespace iapp::attest::fields
