// Simulated evidence with one thing changed and signed again, so that each check behind the signatures is reached.
#include "cases.hpp"

namespace iapp::differential {
namespace {

using attest::EvidenceKind;
using attest::TcbStatus;
using simtee::CollateralPlan;
using std::chrono::days;
using std::chrono::hours;
using test::IntelForm;
using test::SampleRun;

/// What a case bends, and writes down when it is done.
struct Scene {
    UnixSeconds now;
    IntelForm form;
    SampleRun run = test::make_sample_run(now, form);
    CollateralPlan plan = simtee::plan_collateral(kind(), window());
    bool planned = true;  ///< false: `run.collateral` was edited by hand

    EvidenceKind kind() const { return form > IntelForm::sgx5 ? EvidenceKind::tdx : EvidenceKind::sgx; }
    simtee::Window window() const { return {now - hours(1), now + days(30)}; }

    void rebuild(const simtee::CertificateWindows& windows,
                 const attest::SgxExtension& platform = simtee::simulated_platform(),
                 simtee::PckCa ca = simtee::PckCa::platform)
    {
        run.authority = *simtee::create_authority(windows, simtee::encode_sgx_extension(platform), ca);
        run.parts.qe_report = simtee::simulated_qe_report(run.authority.attestation_key.public_key(), run.parts.qe_auth);
        run.parts.pck_chain_pem = run.authority.pck_chain();
    }

    void edit_tcb_info(std::string_view from, std::string_view to)
    {
        run.collateral = *simtee::sign_collateral(run.authority, plan);
        planned = false;
        std::string& text = run.collateral.tcb_info;
        const auto at = text.find(from);
        if (at == std::string::npos) throw std::runtime_error("no " + std::string(from));
        text.replace(at, from.size(), to);
        run.collateral.tcb_info_signature = to_bytes(run.authority.tcb_key.sign(as_bytes(text)).bytes());
    }
};

struct Case {
    const char* name;
    void (*bend)(Scene&);
};

simtee::CertificateWindows usual(const Scene& s) { return simtee::CertificateWindows::for_time(s.now); }
simtee::Window over(const Scene& s) { return {s.now - days(60), s.now - hours(1)}; }
simtee::Window ahead(const Scene& s) { return {s.now + hours(1), s.now + days(30)}; }

template <simtee::Window simtee::CertificateWindows::*Link>
void rewindow(Scene& s, const simtee::Window& window)
{
    auto windows = usual(s);
    windows.*Link = window;
    s.rebuild(windows);
}

template <class Bend>
void replatform(Scene& s, Bend bend)
{
    auto platform = simtee::simulated_platform();
    bend(platform);
    s.rebuild(usual(s), platform);
}

template <TcbStatus Status>
void platform_is(Scene& s)
{
    for (auto& level : s.plan.tcb.levels) level.status = Status;
    s.plan.tcb.levels.front().advisories = {"INTEL-SA-00001", "INTEL-SA-00002"};
}

template <TcbStatus Status>
void qe_is(Scene& s)
{
    for (auto& level : s.plan.qe.levels) level.status = Status;
    s.plan.qe.levels.front().advisories = {"INTEL-SA-00003"};
}

using W = simtee::CertificateWindows;
using enum TcbStatus;

// clang-format off
constexpr std::array kAnyTee{
    Case{"good", [](Scene&) {}},
    Case{"platform_sw_hardening", platform_is<sw_hardening_needed>},
    Case{"platform_configuration", platform_is<configuration_needed>},
    Case{"platform_configuration_and_sw_hardening", platform_is<configuration_and_sw_hardening_needed>},
    Case{"platform_out_of_date", platform_is<out_of_date>},
    Case{"platform_out_of_date_configuration", platform_is<out_of_date_configuration_needed>},
    Case{"platform_revoked", platform_is<revoked>},
    Case{"qe_out_of_date", qe_is<out_of_date>},
    Case{"qe_revoked", qe_is<revoked>},
    Case{"qe_and_platform_out_of_date", [](Scene& s) { qe_is<out_of_date>(s); platform_is<out_of_date>(s); }},
    Case{"qe_out_of_date_platform_sw_hardening", [](Scene& s) { qe_is<out_of_date>(s); platform_is<sw_hardening_needed>(s); }},
    Case{"qe_out_of_date_platform_configuration", [](Scene& s) { qe_is<out_of_date>(s); platform_is<configuration_needed>(s); }},
    Case{"qe_out_of_date_platform_both", [](Scene& s) { qe_is<out_of_date>(s); platform_is<configuration_and_sw_hardening_needed>(s); }},
    Case{"old_platform", [](Scene& s) { replatform(s, [](auto& p) { p.pce_svn = 7; }); }},
    Case{"platform_below_every_level", [](Scene& s) { replatform(s, [](auto& p) { p.pce_svn = 4; }); }},
    Case{"component_below_every_level", [](Scene& s) { replatform(s, [](auto& p) { p.components[7] = p.cpu_svn[7] = 4; }); }},
    Case{"components_are_not_the_cpu_svn", [](Scene& s) { replatform(s, [](auto& p) { p.cpu_svn[7] = 4; }); }},
    Case{"newer_platform", [](Scene& s) { replatform(s, [](auto& p) { p.components[7] = p.cpu_svn[7] = 200; p.pce_svn = 300; }); }},
    Case{"levels_worst_first", [](Scene& s) { std::ranges::reverse(s.plan.tcb.levels); }},
    Case{"no_levels", [](Scene& s) { s.plan.tcb.levels.clear(); }},
    Case{"other_fmspc", [](Scene& s) { s.plan.tcb.fmspc = attest::Fmspc::zero(); }},
    Case{"other_pce", [](Scene& s) { s.plan.tcb.pce_id = attest::PceId{std::array<std::uint8_t, 2>{1, 0}}; }},
    Case{"fifteen_components", [](Scene& s) { s.edit_tcb_info(R"([{"svn":2},)", "["); }},
    Case{"seventeen_components", [](Scene& s) { s.edit_tcb_info(R"([{"svn":2},)", R"([{"svn":2},{"svn":2},)"); }},
    Case{"status_twice", [](Scene& s) { s.edit_tcb_info(R"("tcbStatus":"UpToDate")", R"("tcbStatus":"OutOfDate","tcbStatus":"UpToDate")"); }},
    Case{"status_unknown", [](Scene& s) { s.edit_tcb_info(R"("tcbStatus":"UpToDate")", R"("tcbStatus":"Splendid")"); }},
    Case{"member_unknown", [](Scene& s) { s.edit_tcb_info(R"("tcbType":0)", R"("tcbType":0,"more":1)"); }},
    Case{"tcb_type_1", [](Scene& s) { s.edit_tcb_info(R"("tcbType":0)", R"("tcbType":1)"); }},
    Case{"tcb_version_4", [](Scene& s) { s.edit_tcb_info(R"("version":3)", R"("version":4)"); }},
    Case{"tcb_over", [](Scene& s) { s.plan.tcb.next_update = s.now - hours(1); }},
    Case{"tcb_ahead", [](Scene& s) { s.plan.tcb.issue_date = s.now + hours(1); }},
    Case{"qe_over", [](Scene& s) { s.plan.qe.next_update = s.now - hours(1); }},
    Case{"qe_ahead", [](Scene& s) { s.plan.qe.issue_date = s.now + hours(1); }},
    Case{"qe_identity_mrsigner", [](Scene& s) { s.plan.qe.mr_signer = Hash256::zero(); }},
    Case{"qe_mrsigner", [](Scene& s) { s.run.parts.qe_report.mr_signer = Hash256::zero(); }},
    Case{"qe_product", [](Scene& s) { s.run.parts.qe_report.isv_prod_id = 3; }},
    Case{"qe_misc_select", [](Scene& s) { s.run.parts.qe_report.misc_select = 1; }},
    Case{"qe_attributes", [](Scene& s) { s.run.parts.qe_report.flags |= 0x20; }},
    Case{"qe_debug_even_if_masked", [](Scene& s) { s.run.parts.qe_report.flags |= attest::kSgxDebug; s.plan.qe.flags_mask &= ~attest::kSgxDebug; }},
    Case{"qe_too_old", [](Scene& s) { s.run.parts.qe_report.isv_svn = 3; }},
    Case{"qe_newer", [](Scene& s) { s.run.parts.qe_report.isv_svn = 9; }},
    Case{"qe_report_tail", [](Scene& s) { auto d = s.run.parts.qe_report.report_data.array(); d.back() = 1; s.run.parts.qe_report.report_data = attest::ReportData{d}; }},
    Case{"qe_names_another_key", [](Scene& s) { s.run.parts.qe_report = simtee::simulated_qe_report(crypto::P256Key::generate().public_key(), s.run.parts.qe_auth); }},
    Case{"no_qe_auth", [](Scene& s) { s.run.parts.qe_auth.clear(); s.run.parts.qe_report = simtee::simulated_qe_report(s.run.authority.attestation_key.public_key(), {}); }},
    Case{"root_list_over", [](Scene& s) { s.plan.root_crl.next_update = s.now - hours(1); s.plan.root_crl.this_update = s.now - days(9); }},
    Case{"pck_list_over", [](Scene& s) { s.plan.pck_crl.next_update = s.now - hours(1); s.plan.pck_crl.this_update = s.now - days(9); }},
    Case{"root_list_ahead", [](Scene& s) { s.plan.root_crl.this_update = s.now + hours(1); }},
    Case{"pck_list_ahead", [](Scene& s) { s.plan.pck_crl.this_update = s.now + hours(1); }},
    Case{"pck_list_without_next_update", [](Scene& s) { s.plan.pck_crl.next_update.reset(); }},
    Case{"leaf_revoked", [](Scene& s) { s.plan.pck_crl.revoked_serials = {s.run.authority.pck.serial()}; }},
    Case{"ca_revoked", [](Scene& s) { s.plan.root_crl.revoked_serials = {s.run.authority.ca.serial()}; }},
    Case{"tcb_signer_revoked", [](Scene& s) { s.plan.root_crl.revoked_serials = {s.run.authority.tcb_signer.serial()}; }},
    Case{"others_revoked", [](Scene& s) { s.plan.pck_crl.revoked_serials = {Bytes{0x17}}; }},
    Case{"root_over", [](Scene& s) { rewindow<&W::root>(s, over(s)); }},
    Case{"root_ahead", [](Scene& s) { rewindow<&W::root>(s, ahead(s)); }},
    Case{"ca_over", [](Scene& s) { rewindow<&W::ca>(s, over(s)); }},
    Case{"ca_ahead", [](Scene& s) { rewindow<&W::ca>(s, ahead(s)); }},
    Case{"pck_over", [](Scene& s) { rewindow<&W::pck>(s, over(s)); }},
    Case{"pck_ahead", [](Scene& s) { rewindow<&W::pck>(s, ahead(s)); }},
    Case{"tcb_signer_over", [](Scene& s) { rewindow<&W::tcb_signer>(s, over(s)); }},
    Case{"tcb_signer_ahead", [](Scene& s) { rewindow<&W::tcb_signer>(s, ahead(s)); }},
};

constexpr std::array kTdOnly{
    Case{"debug", [](Scene& s) { s.run.parts.body.td_attributes |= 1; }},
    Case{"debug_group", [](Scene& s) { s.run.parts.body.td_attributes |= 0x80; }},
    Case{"no_sept_ve_disable", [](Scene& s) { s.run.parts.body.td_attributes = 0; }},
    Case{"migratable", [](Scene& s) { s.run.parts.body.td_attributes |= 1ULL << 29U; }},
    Case{"reserved_attribute", [](Scene& s) { s.run.parts.body.td_attributes |= 1ULL << 40U; }},
    Case{"performance_monitor", [](Scene& s) { s.run.parts.body.td_attributes |= 1ULL << 63U; }},
    Case{"protection_keys", [](Scene& s) { s.run.parts.body.td_attributes |= attest::kTdProtectionKeys; }},
    Case{"xfam_reserved", [](Scene& s) { s.run.parts.body.xfam |= 1ULL << 62U; }},
    Case{"seam_attributes", [](Scene& s) { s.run.parts.body.seam_attributes = 1; }},
    Case{"module_signer", [](Scene& s) { s.run.parts.body.mr_signer_seam = s.run.parts.body.mr_seam; }},
    Case{"module_unknown", [](Scene& s) { s.run.parts.body.tee_tcb_svn[1] = 2; }},
    Case{"module_too_old", [](Scene& s) { s.run.parts.body.tee_tcb_svn[0] = 2; }},
    Case{"module_out_of_date", [](Scene& s) { for (auto& i : s.plan.tcb.identities) for (auto& l : i.levels) l.status = out_of_date; }},
    Case{"module_revoked", [](Scene& s) { for (auto& i : s.plan.tcb.identities) for (auto& l : i.levels) l.status = revoked; }},
    Case{"tdx_component_too_old", [](Scene& s) { s.run.parts.body.tee_tcb_svn[2] = 1; }},
    Case{"tcb_of_sgx", [](Scene& s) { s.edit_tcb_info(R"("id":"TDX")", R"("id":"SGX")"); }},
    Case{"service_td", [](Scene& s) { if (s.run.parts.body.mr_service_td) s.run.parts.body.mr_service_td = s.run.parts.body.mr_td; }},
};

constexpr std::array kSgxOnly{
    Case{"debug", [](Scene& s) { s.run.parts.enclave->flags |= attest::kSgxDebug; }},
    Case{"not_initialised", [](Scene& s) { s.run.parts.enclave->flags &= ~attest::kSgxInit; }},
    Case{"provision_key", [](Scene& s) { s.run.parts.enclave->flags |= attest::kSgxProvisionKey; }},
    Case{"tcb_of_tdx", [](Scene& s) { s.edit_tcb_info(R"("id":"SGX")", R"("id":"TDX")"); }},
    Case{"tcb_version_2", [](Scene& s) { s.plan.tcb_version = 2; }},
    Case{"processor_ca", [](Scene& s) { s.rebuild(usual(s), simtee::simulated_platform(simtee::PckCa::processor), simtee::PckCa::processor); }},
};
// clang-format on

void refer(Scene& s, std::uint16_t type)
{
    const auto pck = simtee::simulated_platform();
    s.run.parts.reference = attest::PckReference{pck.ppid, pck.cpu_svn, pck.pce_svn, pck.pce_id};
    s.run.parts.reference_type = type;
}

std::string prefix(IntelForm form) { return "simulated_" + test::name(form); }

/// Every simulated case has a PKI of its own, and so a base of its own.
void write(Scene& scene, const std::string& name, bool chain_beside)
{
    if (scene.planned) scene.run.collateral = *simtee::sign_collateral(scene.run.authority, scene.plan);
    if (chain_beside) scene.run.collateral.pck_certificate_chain = scene.run.authority.pck_chain();
    const Base base{.name = prefix(scene.form),
                    .root_pem = scene.run.authority.root.to_pem(),
                    .kind = scene.kind(),
                    .quote = scene.run.evidence().bytes,
                    .collateral = scene.run.collateral,
                    .at = scene.now,
                    .from = scene.window().from,
                    .to = scene.window().to,
                    .flip_step = 0};
    write_alone(base, name);
}

}  // namespace

void write_signed_mutants(UnixSeconds now)
{
    for (const IntelForm form : test::kIntelForms) {
        const auto write_all = [&](std::span<const Case> cases) {
            for (const Case& one : cases) {
                Scene scene{now, form};
                one.bend(scene);
                write(scene, one.name, false);
            }
        };
        write_all(kAnyTee);
        if (form > IntelForm::sgx5) write_all(kTdOnly);
        else write_all(kSgxOnly);
        for (const std::uint16_t type : {1, 2, 3}) {
            Scene scene{now, form};
            refer(scene, type);
            write(scene, "reference_" + std::to_string(type), true);
        }
    }
}

}  // namespace iapp::differential
